//! One step of a turn: what the user wants, given what was said before, and what to do next about it.

use crate::act::{Scene, act};
use crate::intent::adding::{hint, when_of};
use crate::intent::moving::amendment;
use crate::intent::naming::naming;
use crate::intent::pieces::line_draft;
use crate::intent::smalltalk::starts_with_no;
use crate::intent::{Action, Draft, Edit, Intent, Missing, Shape, Shift, Talk, interpret, polite};
use crate::lexicon::{is_other_command, topic};
use crate::pattern::{has, leading, longest};
use crate::reference::Reference;
use crate::reply::Question;
use crate::target::Target;
use crate::transcript::{Memory, Turn, changes, turns};
use crate::when::{Hint, When, mentions, whole_clock};
use crate::words::{Sentence, Token};
use crate::{Line, Step, reply};
use chrono::DateTime;
use chrono_tz::Tz;

/// How far questions are followed back to the sentence that led to them.
const DEPTH: usize = 6;

/// The longest text that is read; what follows is not understood, only kept as a title or note.
const READ: usize = 4_000;

pub(crate) fn next_step(lines: &[Line], now: DateTime<Tz>) -> Step {
    let turns = turns(lines);
    let Some((current, _)) = turns.split_last() else { return Step::Say(reply::talk(Talk::Hello, now)) };
    let (intent, memory) = understand(&turns, now.timezone(), DEPTH);
    act(intent, &Scene { calls: &current.calls, memory: &memory, now })
}

/// What the last of these turns wants.
fn understand(turns: &[Turn<'_>], zone: Tz, depth: usize) -> (Intent, Memory) {
    let Some((current, earlier)) = turns.split_last() else { return (Intent::Say(Talk::Hello), Memory::default()) };
    let memory = Memory::after(earlier, zone);
    let text: String = current.user.chars().take(READ).collect();
    let sentence = Sentence::new(&text);
    let intent = interpret(&sentence);
    let before = || if depth == 0 || earlier.is_empty() { None } else { Some(understand(earlier, zone, depth - 1).0) };
    let context = Context { sentence: &sentence, memory: &memory, earlier };
    if let Some(late) = answered_late(&sentence, &intent, earlier, zone, depth) {
        return late;
    }
    let intent = match memory.question {
        Some(question) => context.answer(question, intent, before),
        None => context.follow(intent, before),
    };
    (intent, memory)
}

/// "the budget one" after "Which one" and then a word about something else: the question still stands. A question whether to
/// go ahead does not: a late "yes" must not delete.
fn answered_late(
    sentence: &Sentence,
    intent: &Intent,
    earlier: &[Turn<'_>],
    zone: Tz,
    depth: usize,
) -> Option<(Intent, Memory)> {
    let asides = earlier.iter().rev().take_while(|t| t.calls.is_empty() && t.said.is_some_and(reply::is_aside)).count();
    let asked = &earlier[..earlier.len() - asides];
    if asides == 0 || asked.is_empty() || depth == 0 || !matches!(intent, Intent::Say(Talk::Other(_) | Talk::Perhaps)) {
        return None;
    }
    let memory = Memory::after(asked, zone);
    if memory.question != Some(Question::Which) {
        return None;
    }
    let context = Context { sentence, memory: &memory, earlier: asked };
    let before = || Some(understand(asked, zone, depth - 1).0);
    match context.answer(Question::Which, intent.clone(), before) {
        answer @ Intent::Change(..) => Some((answer, memory)),
        _ => None,
    }
}

struct Context<'a> {
    sentence: &'a Sentence,
    memory: &'a Memory,
    earlier: &'a [Turn<'a>],
}

/// A command of its own, even when a question is open.
fn is_command(intent: &Intent, tokens: &[&Token]) -> bool {
    match intent {
        Intent::Show(..) | Intent::Undo | Intent::Both(..) => true,
        Intent::Change(_, target) => !target.is_empty(),
        Intent::Add(_) | Intent::Ask(_) => {
            longest(tokens, &["remind|add|set|create|schedule|new|make", "put|book|wake|alert|notify"]).is_some()
        }
        Intent::Instead(..) | Intent::Agreed(_) | Intent::Report(_) | Intent::Amend(_) | Intent::Yes | Intent::No => {
            false
        }
        Intent::Say(talk) => !matches!(talk, Talk::Other(_) | Talk::Perhaps | Talk::Nothing | Talk::Hello),
    }
}

impl Context<'_> {
    /// What a sentence means right after a question.
    fn answer(&self, question: Question, intent: Intent, before: impl FnOnce() -> Option<Intent>) -> Intent {
        let all = self.sentence.all();
        let tokens = polite::stripped(&all);
        if intent == Intent::No {
            return Intent::Say(Talk::Nothing);
        }
        if matches!(intent, Intent::Both(..)) {
            return intent;
        }
        match question {
            Question::Which | Question::Confirm | Question::Meant => self.chosen(question, intent, tokens, before),
            Question::Title if is_command(&intent, tokens) => intent,
            Question::Title => self.titled(intent, tokens, before),
            Question::Time => match time_of(tokens) {
                when if when.is_empty() || is_command(&intent, tokens) => self.follow(intent, before),
                when => match before() {
                    Some(Intent::Ask(Missing::Time)) | None => Intent::Add(vec![Draft {
                        title: self.bell(),
                        when,
                        hint: if self.bell() == "Wake up" { Hint::Wake } else { Hint::Ring },
                        ..Draft::default()
                    }]),
                    Some(_) => intent,
                },
            },
            Question::Date => match (time_of(tokens), before()) {
                (when, Some(Intent::Change(Action::Edit(_), target))) if !when.is_empty() => Intent::Change(
                    Action::Edit(Edit { due: Some(Shift::To(when, hint(tokens))), ..Edit::default() }),
                    target,
                ),
                _ => intent,
            },
        }
    }

    /// What rings: said in the sentence that the question was about.
    fn bell(&self) -> String {
        let said = self.earlier.last().map_or("", |t| t.user).to_lowercase();
        match () {
            () if said.contains("timer") => "Timer",
            () if said.contains("wake") => "Wake up",
            () => "Alarm",
        }
        .to_owned()
    }

    /// The answer to "Which one?", "Shall I go ahead?" or "Did you mean this one?".
    fn chosen(
        &self,
        question: Question,
        intent: Intent,
        tokens: &[&Token],
        before: impl FnOnce() -> Option<Intent>,
    ) -> Intent {
        let origin = before();
        let action = match &origin {
            Some(Intent::Change(action, _) | Intent::Agreed(action) | Intent::Instead(action, _)) => action.clone(),
            Some(Intent::Report(_)) => Action::Complete,
            _ => self.action_of_question(),
        };
        if intent == Intent::Yes {
            return if question == Question::Which { again(action) } else { Intent::Agreed(action) };
        }
        if matches!(intent, Intent::Show(..) | Intent::Undo) {
            return intent;
        }
        let start = longest(
            tokens,
            &[
                "[no] [,] [just|only|rather|the] [delete|remove|cancel] [just|only]",
                "i mean|meant [just|only]",
                "it's|it [is]",
                "yes [,] [just|only]",
                "delete|remove|cancel|complete|move|mark [just|only]",
            ],
        )
        .unwrap_or(0);
        let start = if start > 0 && tokens.get(start - 1).is_some_and(|t| t.text == "the") { start - 1 } else { start };
        let target = Target::read(&tokens[start..]);
        let pool = &self.memory.focus;
        let everything = target.references == [Reference::Them]
            || target.references == [Reference::Both]
            || target.everything && target.words.is_empty() && target.kinds.is_empty() && target.when.is_empty();
        if everything
            && matches!(intent, Intent::Say(_) | Intent::Change(..) | Intent::Add(_) | Intent::Report(_))
            && !matches!(&intent, Intent::Change(a, _) if *a != action)
        {
            return Intent::Agreed(action);
        }
        if !target.references.is_empty() {
            return match intent {
                Intent::Change(own, _) => Intent::Change(own, target),
                _ => Intent::Change(action, target),
            };
        }
        let named: Vec<Reference> = pool
            .iter()
            .enumerate()
            .filter(|(_, s)| fits(&target, &s.title))
            .filter_map(|(i, _)| i32::try_from(i + 1).ok())
            .map(Reference::Nth)
            .collect();
        let described = !target.words.is_empty() || !target.kinds.is_empty();
        if described && !named.is_empty() && !matches!(&intent, Intent::Change(a, _) if *a != action) {
            let except = has(tokens, &["except|but|keep|not"]);
            let references = if except {
                (1..=pool.len())
                    .filter_map(|i| i32::try_from(i).ok())
                    .map(Reference::Nth)
                    .filter(|r| !named.contains(r))
                    .collect()
            } else {
                named
            };
            return Intent::Change(action, Target { references, ..target });
        }
        if !described && !target.when.is_empty() && !matches!(intent, Intent::Change(..)) {
            // "the one on friday": the date tells, among those that fitted before.
            let words = match origin {
                Some(Intent::Change(_, first)) => Target { when: target.when, group: false, ..first },
                _ => target,
            };
            return Intent::Change(action, words);
        }
        if is_command(&intent, tokens) { intent } else { self.follow(intent, || None) }
    }

    /// The verb of our own question, for when the history was cut before the sentence that led to it.
    fn action_of_question(&self) -> Action {
        let said = self.earlier.last().and_then(|t| t.said).unwrap_or("");
        match () {
            () if said.contains("marked as done") => Action::Complete,
            () if said.contains("reopened") => Action::Reopen,
            () if said.contains("delete") => Action::Delete,
            () => Action::Edit(Edit::default()),
        }
    }

    /// The answer to "What should I add?".
    fn titled(&self, intent: Intent, tokens: &[&Token], before: impl FnOnce() -> Option<Intent>) -> Intent {
        if matches!(intent, Intent::Say(Talk::Hello | Talk::Thanks | Talk::Help) | Intent::Yes) {
            return if intent == Intent::Yes { Intent::Ask(Missing::Title(When::default())) } else { intent };
        }
        let when = match before() {
            Some(Intent::Ask(Missing::Title(when))) => when,
            _ => When::default(),
        };
        let mut drafts = match intent {
            Intent::Add(drafts) => drafts,
            _ => line_draft(self.sentence, tokens).into_iter().collect(),
        };
        for draft in &mut drafts {
            draft.when = draft.when.merged(when).unwrap_or(draft.when);
        }
        if drafts.is_empty() {
            Intent::Ask(Missing::Title(when_of(tokens).merged(when).unwrap_or(when)))
        } else {
            Intent::Add(drafts)
        }
    }

    /// What a sentence means when nothing was asked: corrections and continuations of the last turn.
    fn follow(&self, intent: Intent, before: impl FnOnce() -> Option<Intent>) -> Intent {
        let all = self.sentence.all();
        let tokens = polite::stripped(&all);
        let last = self.earlier.last();
        let touched =
            last.is_some_and(|t| t.calls.iter().any(|c| changes(c.name) && c.outcome.is_some_and(|(_, e)| !e)));
        match intent {
            Intent::No if self.earlier.is_empty() && leading(tokens, "cancel|stop|forget it|that").is_some() => {
                Intent::Change(Action::Delete, it())
            }
            Intent::No if !touched && !self.memory.focus.is_empty() && leading(tokens, "cancel it|that").is_some() => {
                Intent::Change(Action::Delete, it())
            }
            Intent::No
                if touched
                    && leading(tokens, "cancel|forget|no").is_some()
                    && tokens.len() <= 2
                    && tokens[0].text != "no" =>
            {
                Intent::Undo
            }
            Intent::Amend(edit) if !self.memory.focus.is_empty() => on_it(edit),
            Intent::Amend(_) => Intent::Say(Talk::Other(None)),
            Intent::Add(_)
            | Intent::Say(Talk::Other(_) | Talk::Perhaps)
            | Intent::Report(_)
            | Intent::Change(..)
            | Intent::Show(..)
                if self.memory.question.is_none() && (touched || matches!(intent, Intent::Say(_))) =>
            {
                self.corrected(intent, tokens, touched, before)
            }
            other => other,
        }
    }

    /// Whether the last turn made one task.
    fn added_one(&self) -> bool {
        self.memory.focus.len() == 1
            && self.earlier.last().is_some_and(|t| t.calls.iter().any(|c| c.name == "create_tasks"))
    }

    fn corrected(
        &self,
        intent: Intent,
        tokens: &[&Token],
        touched: bool,
        before: impl FnOnce() -> Option<Intent>,
    ) -> Intent {
        let no = starts_with_no(tokens).unwrap_or(0);
        let comma = usize::from(tokens.get(no).is_some_and(|t| t.text == ","));
        let rest = &tokens[(no + comma).min(tokens.len())..];
        let other = matches!(intent, Intent::Say(_) | Intent::Add(_) | Intent::Report(_));
        if touched
            && (no > 0 || other || matches!(intent, Intent::Show(..)))
            && let Some(edit) = amendment(self.sentence, rest)
            && !matches!(&intent, Intent::Change(..))
        {
            return on_it(edit);
        }
        if touched
            && is_nameless(&self.memory.focus)
            && other
            && let Some(title) = naming(self.sentence, rest)
        {
            return on_it(Edit { title: Some(title), ..Edit::default() });
        }
        let target = Target::read(rest);
        let all_taken = !target.references.is_empty() && target.words.is_empty();
        if let Some(continued) = self.continued(&intent, tokens, touched) {
            return continued;
        }
        if no > 0 && touched {
            let action = match before() {
                Some(Intent::Change(action, _) | Intent::Instead(action, _) | Intent::Agreed(action)) => Some(action),
                _ => None,
            };
            let meant = Sentence::new(&self.rest_of(rest));
            if has(&tokens[..no], &["meant|mean"])
                && self.added_one()
                && let Some(draft) = line_draft(&meant, &meant.all())
            {
                let due = (!draft.when.is_empty()).then_some(Shift::To(draft.when, draft.hint));
                return on_it(Edit { title: Some(draft.title.clone()), due, ..Edit::default() });
            }
            if let Some(action) = action
                && (all_taken || !target.words.is_empty() && other)
            {
                return Intent::Instead(action, target);
            }
            return interpret(&Sentence::new(&self.rest_of(rest)));
        }
        if all_taken
            && other
            && touched
            && let Some(Intent::Change(action, _)) = before()
        {
            return match action {
                // "and the first one to saturday": the same change, to another time.
                Action::Edit(edit) if edit.due.is_some() && !target.when.is_empty() => {
                    let due = Some(Shift::To(target.when, hint(tokens)));
                    Intent::Change(Action::Edit(Edit { due, ..edit }), Target { when: When::default(), ..target })
                }
                action => Intent::Change(action, target),
            };
        }
        let listed = self.earlier.last().is_some_and(|t| t.calls.iter().any(|c| c.name == "list_tasks")) && !touched;
        if listed
            && matches!(intent, Intent::Say(_))
            && !target.when.is_empty()
            && target.words.is_empty()
            && target.references.is_empty()
            && !mentions(rest).is_empty()
        {
            return Intent::Show(Shape::All, target);
        }
        intent
    }

    /// "and butter" after something was added; "make that dinner at eight", "buy it tomorrow" about what was added.
    fn continued(&self, intent: &Intent, tokens: &[&Token], touched: bool) -> Option<Intent> {
        let all = self.sentence.all();
        let added = self.earlier.last().filter(|t| t.calls.iter().any(|c| c.name == "create_tasks"))?;
        if let Intent::Add(drafts) = intent
            && let [draft] = &drafts[..]
            && touched
            && self.memory.focus.len() == 1
        {
            if leading(tokens, "make|change that|it|this").is_some() {
                let due = (!draft.when.is_empty()).then_some(Shift::To(draft.when, draft.hint));
                return Some(on_it(Edit { title: Some(draft.title.clone()), due, ..Edit::default() }));
            }
            let pronoun = tokens.get(1).is_some_and(|t| matches!(t.text.as_str(), "it" | "that" | "them"));
            let only = Sentence::new(&draft.title).tokens.len() == 2;
            if pronoun && only && !draft.when.is_empty() {
                return Some(on_it(Edit { due: Some(Shift::To(draft.when, draft.hint)), ..Edit::default() }));
            }
        }
        let joined = leading(&all, "and|also|plus|oh [and|also|,]").is_some();
        let listed = Sentence::new(added.user).tokens.iter().any(|t| t.text == "list");
        let plain = !tokens.is_empty()
            && tokens.len() <= 6
            && (listed || topic(tokens).is_none())
            && !is_other_command(tokens[0])
            && !has(tokens, &["you|i|i'm|is|are|was|do|does|can|what|how|when|where|who|why|it|that|this|me"]);
        if !joined || !plain || !matches!(intent, Intent::Say(Talk::Other(_) | Talk::Perhaps)) {
            return None;
        }
        let drafts: Vec<Draft> = tokens
            .split(|t| !t.quoted && matches!(t.text.as_str(), "and" | ","))
            .filter_map(|part| line_draft(self.sentence, part))
            .collect();
        (!drafts.is_empty()).then_some(Intent::Add(drafts))
    }

    /// The text from these tokens on.
    fn rest_of(&self, rest: &[&Token]) -> String {
        rest.first().map_or(String::new(), |t| self.sentence.raw[t.start..].to_owned())
    }
}

fn on_it(edit: Edit) -> Intent {
    Intent::Change(Action::Edit(edit), it())
}

/// The time that an answer names; a bare number is an hour.
fn time_of(tokens: &[&Token]) -> When {
    whole_clock(tokens).map_or_else(|| when_of(tokens), |clock| When { clock: Some(clock), ..When::default() })
}

/// What was mentioned last.
fn it() -> Target {
    Target { references: vec![Reference::It], said: "it".to_owned(), ..Target::default() }
}

fn is_nameless(focus: &[crate::transcript::Shown]) -> bool {
    matches!(focus, [one] if matches!(one.title.as_str(), "Reminder" | "Event" | "Task"))
}

/// Whether a title that was shown has the words of an answer.
fn fits(target: &Target, title: &str) -> bool {
    let task = crate::task::Task {
        id: String::new(),
        title: title.to_owned(),
        status: String::new(),
        priority: String::new(),
        due: None,
    };
    !target.named(&[&task], true).is_empty()
}

/// "yes" to "Which one": asks again, by describing what was listed.
fn again(action: Action) -> Intent {
    Intent::Change(action, it())
}
