//! The words of claims, by language: verbs with what they claim, and the patterns of the sentences that they stand in.

use std::sync::LazyLock;

use errand_core::change::Verb;
use regex::{Captures, Regex};

use super::{Claim, Kind, Sentence, regex};

/// The languages that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Spanish,
    German,
    French,
}

/// Verbs that claim the same.
struct Verbs {
    /// An alternation.
    words: &'static str,
    kind: Kind,
    /// The changes that bear it out.
    proof: &'static [Verb],
}

/// What a language needs: `{V}` stands for its verbs.
struct Words {
    language: Language,
    verbs: &'static [Verbs],
    /// Sentences that say that it was done.
    said: &'static [&'static str],
    /// Short forms, at the start of a sentence that is not an item of a list.
    short: &'static [&'static str],
    /// Sentences that say that it will be done.
    promised: &'static [&'static str],
    /// Before the claim, in its clause, these words undo it.
    before: &'static str,
    /// Anywhere in the sentence, these words undo it.
    anywhere: &'static str,
    /// Anywhere in the sentence, these words make a promise an offer.
    offers: &'static str,
}

/// What a short answer may begin with; `{O}` in the patterns.
const OPENING: &str = r"(?:(?:ok|okay|sure|sure thing|great|alright|all right|perfect|yes|got it|of course|certainly|no problem)[,!.: —-]+)?";

const MADE: &[Verb] = &[Verb::Created, Verb::Undone];
const SET: &[Verb] = &[Verb::Created, Verb::Changed, Verb::Undone];
const CHANGED: &[Verb] = &[Verb::Changed, Verb::Undone];
const DELETED: &[Verb] = &[Verb::Deleted, Verb::Undone];
const REMOVED: &[Verb] = &[Verb::Deleted, Verb::Changed, Verb::Undone];
const UNDONE: &[Verb] = &[Verb::Undone, Verb::Changed];
const ANY: &[Verb] = &[Verb::Created, Verb::Changed, Verb::Deleted, Verb::Undone];

static ENGLISH: Words = Words {
    language: Language::English,
    verbs: &[
        Verbs { words: "created?|creating|duplicated?", kind: Kind::Created, proof: MADE },
        Verbs {
            words: "add(?:ed|ing)?|schedul(?:ed|e|ing)|set(?:ting)?|put(?:ting)?|saved?|saving|logged|recorded|remind(?:ing)?|notify",
            kind: Kind::Created,
            proof: SET,
        },
        Verbs {
            words: "updat(?:ed|e|ing)|mark(?:ed|ing)?|prioriti[sz]ed?|flag(?:ged)?|assigned|made (?:the|that|those|these|your|all) changes?",
            kind: Kind::Changed,
            proof: SET,
        },
        Verbs {
            words: "chang(?:ed|e|ing)|complet(?:ed|e|ing)|finished|closed?|reopen(?:ed|ing)?|reschedul(?:ed|e|ing)|mov(?:ed|e|ing)|postponed?|postponing|push(?:ed)? back|renam(?:ed|e|ing)|modified|edited|adjusted|archived?|extended|corrected|(?:checked|ticked) (?:\\w+ ){0,4}off",
            kind: Kind::Changed,
            proof: CHANGED,
        },
        Verbs { words: "delet(?:ed|e|ing)|erased?|wiped", kind: Kind::Deleted, proof: DELETED },
        Verbs {
            words: "remov(?:ed|e|ing)|cancell?ed|cancel|clear(?:ed|ing)?|dropped",
            kind: Kind::Deleted,
            proof: REMOVED,
        },
        Verbs {
            words: "undone|undid|undo|restored?|restoring|revert(?:ed|ing)?|recovered|brought back",
            kind: Kind::Undone,
            proof: UNDONE,
        },
    ],
    said: &[
        r"\b(?:i|we)(?:'ve| have)?(?: just| now| also| then| successfully| only| all| gone ahead and| went ahead and)* (?P<verb>{V})\b",
        r"\b(?:i|we)(?:'ve| have) got (?:it|that|this|them|those|x) (?P<verb>{V})\b",
        r"\b(?:reminder|alarm)s? (?:is|are)(?: now| all)* (?P<verb>set|scheduled)\b",
        r"(?:\bthat's|\bit's|\bhas|\bhave)(?: now| also| just| all| both| successfully)* been(?: now| also| just| successfully)* (?P<verb>{V})\b",
        r"\b(?:was|were|is now|are now|is being|are being|got)(?: now| also| all| both| successfully)* (?P<verb>{V})\b",
        r"(?:\bthat's|\bit's|\bis|\bare)(?: now| all)* (?:on your (?:task |to-?do )?list now|taken care of|good to go)\b",
        r"\bis now on your (?:task |to-?do )?list\b",
        r"\b(?:i|we)(?:'ve| have)? (?:taken|took) care of (?:it|that|this|everything)\b",
    ],
    short: &[
        r"^{O}(?:done|all done|all set|(?:that's|it's|everything is|everything's|you're) (?:all )?(?:done|set)|consider it done)(?:[.!,;—-]|: *[^\d\s]| -|$| for you| i(?:'ve)?\b)",
        r"^{O}(?:successfully |just )*(?P<verb>added|marked|scheduled|rescheduled|moved|deleted|removed|renamed|reopened|restored|undone|cancell?ed)(?: successfully)?(?:[.!]|: *\S| \S)",
        r"^{O}(?:successfully |just )*(?P<verb>created|updated|completed|changed)(?: successfully)?(?:!| (?:the|a|an|your|new|x|it|that|this|task|t_\d+|one|two|three|\d+)\b)",
        r"^{O}(?:(?:the|your|a|an|both|all|one|two|three|\d+) )?(?:new )?(?:tasks?|reminders?|to-?dos?|items?|due dates?|priority)(?: x| t_\d+)? (?:successfully )?(?P<verb>added|created|marked|scheduled|set|rescheduled|moved|deleted|removed|renamed|reopened|restored|updated|completed|changed|cancell?ed)(?:[.!:]|$| successfully| for | to | as | from )",
    ],
    promised: &[
        r"\b(?:i'll|i will|i'm going to|i am going to|i shall|let me)(?: just| now| also| then| go ahead and| make sure to| be sure to)* (?P<verb>{V})\b",
        r"\b(?:i'm|i am)(?: just| now| also)* (?P<verb>{V})\b",
    ],
    before: r"\b(?:nothing|no|none|neither|nor|never|not|without|cannot|unable|fail(?:ed|s)?|until|unless|if|whether|once|should|would|could|might|may|can|must|that|which|who|what|when|where|how|because|like|as|says?|said|claims?|think|believe|assume|before|after)\b|n't\b|\b(?:i|\d+)\s*$",
    anywhere: r"\b(?:yesterday(?:[^']|$)|previously|earlier|already|ago|last (?:time|night|week|month|year)|if i(?:'ve| have)?|would have|by you)\b|^\w+ed (?:tasks|items|to-?dos|entries|reminders)\b|^scheduled for .*:$|\b(?:created|added|completed|changed|updated|deleted|removed|finished)(?: back)? (?:(?:on|at|in|since|between|before|by) (?:the )?(?:\d|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:this|last) |you\b)",
    offers: r"\b(?:if|once|when|after|before|until|unless|as soon as|would you|do you|want me|need|please|which|whether|can|could)\b",
};

static SPANISH: Words = Words {
    language: Language::Spanish,
    verbs: &[
        Verbs { words: "cread[oa]s?|creé", kind: Kind::Created, proof: MADE },
        Verbs {
            words: "añadid[oa]s?|añadí|agregad[oa]s?|agregué|programad[oa]s?|programé|puesto|guardad[oa]s?|apuntad[oa]s?|anotad[oa]s?|recordaré|avisaré",
            kind: Kind::Created,
            proof: SET,
        },
        Verbs { words: "actualizad[oa]s?|actualicé|marcad[oa]s?|marqué", kind: Kind::Changed, proof: SET },
        Verbs {
            words: "cambiad[oa]s?|cambié|completad[oa]s?|completé|modificad[oa]s?|movid[oa]s?|moví|pospuest[oa]s?|renombrad[oa]s?|reabiert[oa]s?",
            kind: Kind::Changed,
            proof: CHANGED,
        },
        Verbs { words: "eliminad[oa]s?|eliminé|borrad[oa]s?|borré", kind: Kind::Deleted, proof: DELETED },
        Verbs { words: "quitad[oa]s?|quité|cancelad[oa]s?|cancelé", kind: Kind::Deleted, proof: REMOVED },
        Verbs { words: "deshecho|restaurad[oa]s?|revertid[oa]s?", kind: Kind::Undone, proof: UNDONE },
    ],
    said: &[
        r"\b(?:he|hemos)(?: también| ahora)* (?P<verb>{V})\b",
        r"\b(?:ha|han) (?:sido|quedado) (?P<verb>{V})\b",
        r"\b(?:fue|fueron|se ha|se han) (?P<verb>{V})\b",
        r"\b(?P<verb>añadí|agregué|creé|programé|actualicé|marqué|cambié|completé|moví|eliminé|borré|quité|cancelé)\b",
    ],
    short: &[
        r"^(?:¡)?(?:(?:ok|vale|claro|perfecto|de acuerdo)[,!. ]+)?(?:¡)?(?:listo|hecho)(?:[.!,:]|$)",
        r"^(?:la |tu |el )?(?:tareas?|recordatorios?)(?: x)? (?P<verb>{V})\b",
    ],
    promised: &[r"\b(?:te|le|os)(?: lo)? (?P<verb>recordaré|avisaré)\b"],
    before: r"\b(?:no|nada|ningun[oa]?|ningún|nunca|sin|que|si|cuando)\b",
    anywhere: r"\b(?:ayer|antes|anteriormente|ya|la semana pasada|hace)\b",
    offers: r"\b(?:si|cuando|quieres|puedo)\b",
};

static GERMAN: Words = Words {
    language: Language::German,
    verbs: &[
        Verbs { words: "erstellt|angelegt", kind: Kind::Created, proof: MADE },
        Verbs {
            words: "hinzugefügt|eingetragen|eingeplant|notiert|gespeichert|gesetzt|erinnern?e?",
            kind: Kind::Created,
            proof: SET,
        },
        Verbs { words: "aktualisiert|markiert", kind: Kind::Changed, proof: SET },
        Verbs {
            words: "geändert|erledigt|abgehakt|abgeschlossen|verschoben|umbenannt|wieder geöffnet",
            kind: Kind::Changed,
            proof: CHANGED,
        },
        Verbs { words: "gelöscht", kind: Kind::Deleted, proof: DELETED },
        Verbs { words: "entfernt|gestrichen|storniert|abgesagt", kind: Kind::Deleted, proof: REMOVED },
        Verbs { words: "rückgängig gemacht|wiederhergestellt", kind: Kind::Undone, proof: UNDONE },
    ],
    said: &[
        r"\b(?:ich habe|habe ich|ich hab|hab ich)\b[^;?]*?\b(?P<verb>{V})\b",
        r"\b(?:wurde|wurden|ist jetzt|ist nun|sind jetzt|sind nun)\b[^;?]*?\b(?P<verb>{V})\b",
    ],
    short: &[
        r"^(?:(?:ok|okay|gut|klar|alles klar|gerne|ja)[,!. ]+)?(?:erledigt|fertig|geschafft|schon passiert)(?:[.!,]|$)",
        r"^(?:die |deine |neue )?(?:aufgaben?|erinnerung(?:en)?)(?: x)? (?P<verb>{V})\b",
    ],
    promised: &[
        r"\bich werde (?:dich|sie|euch)\b.*\b(?P<verb>erinnern)\b",
        r"\bich (?P<verb>erinnere) (?:dich|sie|euch)\b",
    ],
    before: r"\b(?:nicht|nichts|keine?[nrms]?|nie|ohne|dass|wenn|falls)\b",
    anywhere: r"\b(?:nicht|nichts|keine?[nrms]?|gestern|bereits|schon (?:am|vor)|zuvor|früher|vorhin|letzte[nr]?|hätte|könnte|soll)\b",
    offers: r"\b(?:wenn|falls|sobald|möchtest|soll|kann)\b",
};

static FRENCH: Words = Words {
    language: Language::French,
    verbs: &[
        Verbs { words: "créée?s?", kind: Kind::Created, proof: MADE },
        Verbs {
            words: "ajoutée?s?|programmée?s?|planifiée?s?|notée?s?|enregistrée?s?|rappellerai",
            kind: Kind::Created,
            proof: SET,
        },
        Verbs { words: "mis(?:es?)? à jour|marquée?s?", kind: Kind::Changed, proof: SET },
        Verbs {
            words: "modifiée?s?|changée?s?|terminée?s?|complétée?s?|déplacée?s?|reportée?s?|renommée?s?|rouverte?s?",
            kind: Kind::Changed,
            proof: CHANGED,
        },
        Verbs { words: "supprimée?s?|effacée?s?", kind: Kind::Deleted, proof: DELETED },
        Verbs { words: "retirée?s?|enlevée?s?|annulée?s?", kind: Kind::Deleted, proof: REMOVED },
        Verbs { words: "rétablie?s?|restaurée?s?", kind: Kind::Undone, proof: UNDONE },
    ],
    said: &[
        r"\b(?:j'ai|nous avons|je l'ai|je les ai)(?: bien| également| aussi| donc| maintenant)* (?P<verb>{V})(?:\W|$)",
        r"\b(?:a|ont)(?: bien)? été(?: bien)? (?P<verb>{V})(?:\W|$)",
    ],
    short: &[
        r"^(?:(?:ok|d'accord|voilà|parfait|très bien)[,!. ]+)?(?:c'est fait|fait|voilà)(?: ?[.!,]|$)",
        r"^(?:la |ta |votre |le )?(?:nouvelle )?(?:tâches?|rappels?)(?: x)? (?P<verb>{V})(?:\W|$)",
    ],
    promised: &[r"\bje (?:te|vous|t'|vous )(?:le |l')?(?: ?)(?P<verb>rappellerai)\b"],
    before: r"\b(?:ne|pas|rien|aucune?|jamais|sans|que|si|quand)\b|\bn'",
    anywhere: r"\b(?:hier|déjà|précédemment|auparavant|il y a|la semaine dernière)(?:\W|$)",
    offers: r"\b(?:si|quand|dès que|voulez|veux)\b",
};

struct Compiled {
    language: Language,
    verbs: Vec<(Regex, Kind, &'static [Verb])>,
    said: Vec<Regex>,
    short: Vec<Regex>,
    promised: Vec<Regex>,
    before: Regex,
    anywhere: Regex,
    offers: Regex,
}

static LANGUAGES: LazyLock<Vec<Compiled>> =
    LazyLock::new(|| [&ENGLISH, &SPANISH, &GERMAN, &FRENCH].map(compile).into());
/// What begins a new clause, for the words before a claim.
static CLAUSE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"[,;:—–]|\b(?:but|so|and|pero|así que|y|aber|und|mais|et|donc)\b"));

fn compile(words: &Words) -> Compiled {
    let all = words.verbs.iter().map(|verbs| verbs.words).collect::<Vec<_>>().join("|");
    let patterns = |list: &[&str]| {
        list.iter().map(|pattern| regex(&pattern.replace("{V}", &all).replace("{O}", OPENING))).collect()
    };
    Compiled {
        language: words.language,
        verbs: words
            .verbs
            .iter()
            .map(|verbs| (regex(&format!("^(?:{})$", verbs.words)), verbs.kind, verbs.proof))
            .collect(),
        said: patterns(words.said),
        short: patterns(words.short),
        promised: patterns(words.promised),
        before: regex(words.before),
        anywhere: regex(words.anywhere),
        offers: regex(words.offers),
    }
}

/// What `sentence` claims and `done` does not bear out.
pub(super) fn claim(sentence: &Sentence, done: &[Verb]) -> Option<Claim> {
    if sentence.is_question {
        return None;
    }
    LANGUAGES.iter().find_map(|language| language.claim(sentence, done))
}

impl Compiled {
    fn claim(&self, sentence: &Sentence, done: &[Verb]) -> Option<Claim> {
        let text = sentence.text.as_str();
        let short = if sentence.is_item { &[][..] } else { &self.short[..] };
        let said = self.said.iter().chain(short).map(|pattern| (pattern, false));
        let promised = self.promised.iter().map(|pattern| (pattern, true));
        for (pattern, promised) in said.chain(promised) {
            let excused = if promised { self.offers.is_match(text) } else { self.anywhere.is_match(text) };
            if excused {
                continue;
            }
            let mut found = pattern.captures_iter(text).filter(|found| !self.is_undone(text, found));
            let unproven = found.find_map(|found| self.unproven(&found, done));
            if let Some(kind) = unproven {
                return Some(Claim { kind, promised, sentence: text.to_owned(), language: self.language });
            }
        }
        None
    }

    /// Whether the words before a claim, in its clause, say the opposite or make it a description.
    fn is_undone(&self, text: &str, found: &Captures<'_>) -> bool {
        let before = &text[..found.get(0).map_or(0, |all| all.start())];
        let clause = CLAUSE.find_iter(before).last().map_or(0, |clause| clause.end());
        self.before.is_match(&before[clause..])
    }

    /// What is claimed, if none of `done` is a proof of it.
    fn unproven(&self, found: &Captures<'_>, done: &[Verb]) -> Option<Kind> {
        let (kind, proof) = match found.name("verb") {
            None => (Kind::Something, ANY),
            Some(verb) => {
                let row = self.verbs.iter().find(|(words, ..)| words.is_match(verb.as_str()));
                row.map(|(_, kind, proof)| (*kind, *proof))?
            }
        };
        (!done.iter().any(|verb| proof.contains(verb))).then_some(kind)
    }
}
