//! The words that the assistant knows something about: what people do as a task, what stands in a calendar, what is not its business.
//!
//! One more: put the word (lower case, singular) into the list it belongs to. A topic that is not about tasks: a row in [`TOPICS`].

use crate::words::Token;

/// Verbs that name a thing to do when a sentence starts with them ("buy milk").
const TASK_VERBS: &str = "\
    buy call pay pick drop renew fix repair finish write visit meet prepare submit review return \
    water feed walk wash take bring get collect mail post ship print sign file study learn \
    practice practise read clean cook bake paint build install update upgrade backup check contact \
    ask tell invite thank apply attend exercise work do go pack purchase replace reply respond \
    email phone ring text message send order book schedule reserve confirm organize plan research \
    measure mow trim cut hang move sell donate recycle sweep mop dust iron fold vacuum shop grab \
    fetch deliver draft proofread edit present discuss follow complete register enroll cancel \
    transfer withdraw deposit charge refill defrost marinate make have give change sort tidy wrap \
    decorate plant rake shovel see find claim test approve interview rehearse train run swim \
    stretch meditate pray vote stop leave arrive hire help borrow lend eat drink sleep wake watch \
    empty unpack lock unlock catch put hand talk speak";

/// Of those, the ones that are a wish for a task even without a date or a frame around them.
const PLAIN_TASK_VERBS: &str = "\
    buy pay pick drop renew fix repair finish write visit meet prepare submit review return water \
    feed walk wash collect mail ship print sign file study pack purchase replace confirm mow \
    donate draft register refill invite apply attend bring sell plant iron fold bake wrap research \
    proofread approve backup trim rake tidy";

/// Of those, the ones that a sentence may start with and be an errand even without a date: nobody asks a helper to do them at once.
const ERRAND_VERBS: &str = "\
    buy pay pick drop renew fix repair return water feed walk wash mail pack purchase replace mow \
    donate refill sell plant iron fold proofread backup rake tidy prepare submit print visit write \
    finish sign file research draft";

/// What stands in a calendar.
const EVENTS: &str = "\
    meeting appointment party birthday wedding lunch dinner brunch breakfast supper conference \
    interview flight trip class lesson exam test practice rehearsal match concert festival holiday \
    vacation anniversary date call session visit checkup check-up dentist doctor haircut training \
    workshop seminar webinar standup stand-up sync reservation reunion picnic barbecue bbq gym \
    yoga deadline presentation graduation funeral ceremony gathering celebration get-together \
    drinks screening recital tournament hike camping retreat lecture course surgery vet event \
    reminder game quiz payment bill rent assignment homework errand chore task catchup catch-up \
    kickoff demo sitter babysitter orientation audition shift launch physio therapy massage \
    manicure pedicure facial consultation tour play checkin check-in playdate fundraiser sleepover \
    carpool club fair signing doctors doctor's dentist's meetup meet bachelor baptism christening hearing inspection";

/// A subject that is not about tasks: what it is called in the answer, and the words that give it away.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    /// Separated by spaces.
    words: &'static str,
}

const TOPICS: &[Topic] = &[
    Topic {
        name: "the weather",
        words: "\
            weather forecast temperature rain raining rainy snow snowing sunny umbrella humidity \
            storm celsius fahrenheit windy cloudy sunrise sunset hail thunderstorm humid chilly",
    },
    Topic {
        name: "music and media",
        words: "\
            music song songs playlist playlists album artist band radio podcast podcasts audiobook \
            audiobooks tune track tracks volume speaker speakers spotify pandora lyrics singer \
            episode netflix youtube channel tv television jazz itunes audio station subtitles remix mix",
    },
    Topic {
        name: "devices at home",
        words: "\
            light lights lamp lamps bulb brightness hoover roomba robot thermostat plug socket \
            outlet heater heating espresso latte cappuccino coffee darker brighter colour color \
            fan dim wemo door doors blinds curtains dishwasher sprinklers oven microwave bass \
            cleaner ac vacuum",
    },
    Topic {
        name: "mail and contacts",
        words: "\
            email emails e-mail e-mails mails inbox contacts contact gmail outlook spam sms \
            attachment voicemail voicemails picture pictures photo photos messages texts",
    },
    Topic {
        name: "social networks",
        words: "\
            facebook twitter tweet tweets instagram reddit linkedin snapchat feed hashtag follower \
            followers tumblr",
    },
    Topic {
        name: "the news",
        words: "\
            news headline headlines cnn bbc article articles newspaper politics election",
    },
    Topic {
        name: "transport",
        words: "\
            taxi taxis cab uber lyft train trains bus buses traffic ticket tickets directions \
            route commute subway metro ride railway rail airfare",
    },
    Topic {
        name: "food orders and recipes",
        words: "\
            takeaway takeout takeouts delivery restaurant restaurants recipe recipes dominos \
            dominoes pizza pizzas burger burgers sushi curry mcdonalds ingredients ingredient \
            calories cuisine",
    },
    Topic {
        name: "facts and figures",
        words: "\
            stock stocks exchange president population capital definition dictionary meaning joke \
            jokes trivia dollar dollars euro euros yen currency wikipedia synonym shares",
    },
    Topic { name: "games", words: "chess pinball tictactoe solitaire poker hangman sudoku" },
];

/// Commands to other helpers: whatever follows, nothing is added or changed because of them.
const OTHER_COMMANDS: &str = "\
    play sing email tweet dim increase decrease raise lower mute unmute pause resume shuffle \
    search google describe define calculate convert translate spell publish share like rate \
    forward download brew recommend suggest order explain skip rewind listen hear turn switch post \
    reply vacuum browse navigate compose shut activate deactivate repeat continue enable disable \
    hoover send open fetch respond notify alert text message complain retweet restart reset boost \
    roll flip stream queue replay adjust make dial locate analyze blend prepare";

/// Words that tell of the past: what is over is not a new task.
const PAST: &str = "was were went had did ate saw heard loved liked enjoyed yesterday ago last";

/// Whether the word is one of a list's, which are separated by spaces.
fn among(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|w| w == word)
}

fn word_in(list: &str, token: &Token) -> bool {
    !token.quoted && among(list, &token.text)
}

pub(crate) fn is_task_verb(token: &Token) -> bool {
    token.quoted || word_in(TASK_VERBS, token)
}

pub(crate) fn is_plain_task_verb(token: &Token) -> bool {
    word_in(PLAIN_TASK_VERBS, token)
}

pub(crate) fn is_errand_verb(token: &Token) -> bool {
    word_in(ERRAND_VERBS, token)
}

/// A word for something that stands in a calendar, in the singular or plural.
pub(crate) fn is_event(token: &Token) -> bool {
    let word = token.base();
    let one = word
        .strip_suffix("es")
        .filter(|w| w.ends_with("ss") || w.ends_with("ch"))
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(word);
    let birthday = word.strip_suffix("ies").map(|w| format!("{w}y"));
    !token.quoted && (among(EVENTS, word) || among(EVENTS, one) || birthday.is_some_and(|b| among(EVENTS, &b)))
}

pub(crate) fn is_other_command(token: &Token) -> bool {
    word_in(OTHER_COMMANDS, token)
}

pub(crate) fn is_past(token: &Token) -> bool {
    word_in(PAST, token)
}

/// What the sentence is about when it is not about tasks.
pub(crate) fn topic(tokens: &[&Token]) -> Option<&'static Topic> {
    let call = |t: &Token| TOPICS.iter().find(|topic| among(topic.words, t.base()));
    tokens.iter().filter(|t| !t.quoted).find_map(|t| call(t))
}

/// Words that say nothing about which task is meant.
const FILLERS: &str = "\
    the a an my our your this that these those i me we us you have has had with for of on in at to \
    from about is are was were be been am do does did will scheduled set booked planned called \
    named titled labelled due please which who what when where how and or it its it's one ones \
    there any some all every each off out up coming upcoming now right just so if then else also \
    too again can could would should going got get gets by into as them they both happening happen \
    haven't hasn't didn't planning anything something everything everyone nothing left remaining still yet currently \
    available today tomorrow time day date's not no next first last new whole entire whatever i'm \
    i've i'd we're we've that's what's there's don't via full list lists calendar schedule \
    scheduling agenda planner diary current start starts starting begin begins look looks like \
    supposed need needs want task's mine olly here exactly name title completely clean anymore \
    more longer long much many information details detail upcomming placed made happens take place \
    took taking 's s being between than already ever saved added created stuff month year week \
    only open";

/// Words for tasks of any sort.
const GENERIC: &str = "\
    event events reminder reminders task tasks item items thing things entry entries notification \
    notifications todo notes plan plans alert alerts errand errands commitment commitments \
    activity activities engagement engagements chore chores slot slots plate";

/// Words for a sort of task, which its title may leave out.
const KINDS: &str = "\
    meeting meetings appointment appointments alarm alarms timer timers date dates call calls \
    deadline deadlines session booking";

pub(crate) fn is_filler(word: &str) -> bool {
    among(FILLERS, word)
}

pub(crate) fn is_generic(word: &str) -> bool {
    among(GENERIC, word)
}

pub(crate) fn is_kind(word: &str) -> bool {
    among(KINDS, word)
}

/// Irregular past forms, so that "I paid the rent" finds "Pay rent".
const IRREGULAR: &str = "\
    bought:buy paid:pay sent:send wrote:write written:write made:make met:meet took:take got:get \
    found:find gave:give told:tell spoke:speak ran:run fed:feed went:go did:do brought:bring \
    built:build sold:sell saw:see swept:sweep hung:hang mowed:mow drew:draw ate:eat read:read \
    cut:cut put:put children:child people:person";

/// The form in which words are compared.
pub(crate) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')).unwrap_or(word);
    let mut irregular = IRREGULAR.split_ascii_whitespace().filter_map(|pair| pair.split_once(':'));
    if let Some((_, base)) = irregular.find(|(past, _)| *past == word) {
        return base.to_owned();
    }
    let mut stem = word.to_owned();
    let length = word.chars().count();
    for (ending, instead, least) in [
        ("ies", "y", 4),
        ("ing", "", 6),
        ("ed", "", 5),
        ("sses", "ss", 5),
        ("ches", "ch", 5),
        ("shes", "sh", 5),
        ("xes", "x", 4),
    ] {
        if length >= least
            && let Some(start) = word.strip_suffix(ending)
        {
            stem = format!("{start}{instead}");
            if matches!(ending, "ing" | "ed") {
                stem = undoubled(stem);
            }
            return stem.strip_suffix('e').map_or(stem.clone(), str::to_owned);
        }
    }
    if length >= 4
        && !word.ends_with("ss")
        && let Some(start) = word.strip_suffix('s')
    {
        start.clone_into(&mut stem);
    }
    if length >= 4
        && let Some(start) = stem.strip_suffix('e')
    {
        return start.to_owned();
    }
    stem
}

/// `planned` without its ending is `plann`: the doubled consonant goes.
fn undoubled(mut stem: String) -> String {
    let bytes = stem.as_bytes();
    let doubled = bytes.len() > 3
        && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
        && matches!(bytes[bytes.len() - 1], b'n' | b'p' | b't' | b'g' | b'd' | b'b' | b'm');
    if doubled {
        stem.pop();
    }
    stem
}

/// Whether two stems are the same word, allowing for endings and one slip of a finger.
pub(crate) fn same_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.chars().count() >= 4 && long.starts_with(short) && long.len() - short.len() <= 4 {
        return true;
    }
    short.chars().count() >= 5 && one_slip(short, long)
}

/// One letter wrong, missing, added or swapped; `short` is not longer than `long`.
fn one_slip(short: &str, long: &str) -> bool {
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    let same = short.iter().zip(&long).take_while(|(left, right)| left == right).count();
    match (&short[same..], &long[same..]) {
        ([], []) => true,
        ([left, left_rest @ ..], [right, right_rest @ ..]) if short.len() == long.len() => {
            let swapped = left_rest.first() == Some(right) && right_rest.first() == Some(left);
            left_rest == right_rest || (swapped && left_rest[1..] == right_rest[1..])
        }
        (rest, [_, longer @ ..]) => short.len() + 1 == long.len() && rest == longer,
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("paid", "pay")]
    #[case("groceries", "grocery")]
    #[case("planned", "planning")]
    #[case("finlee's", "finlee")]
    #[case("alarms", "alarm")]
    #[case("calling", "called")]
    #[case("dentsit", "dentist")]
    fn same_words(#[case] a: &str, #[case] b: &str) {
        assert!(same_word(&stem(a), &stem(b)), "{} {}", stem(a), stem(b));
    }

    #[rstest]
    #[case("milk", "silk")]
    #[case("mom", "tom")]
    #[case("bread", "butter")]
    fn other_words(#[case] a: &str, #[case] b: &str) {
        assert!(!same_word(&stem(a), &stem(b)));
    }
}
