//! What a sentence means right after a question of ours.
//!
//! One more question: its arm in [`Context::answer`].

use super::{Context, it};
use crate::intent::adding::{hint, when_of};
use crate::intent::pieces::line_draft;
use crate::intent::{Action, Draft, Edit, Intent, Missing, Shift, Talk, polite};
use crate::pattern::{has, longest};
use crate::reference::Reference;
use crate::reply::Question;
use crate::target::Target;
use crate::when::{Hint, When, whole_clock};
use crate::words::Token;

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
    pub(super) fn answer(&self, question: Question, intent: Intent, before: impl Fn() -> Option<Intent>) -> Intent {
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
}

/// The time that an answer names; a bare number is an hour.
fn time_of(tokens: &[&Token]) -> When {
    whole_clock(tokens).map_or_else(|| when_of(tokens), |clock| When { clock: Some(clock), ..When::default() })
}

/// Whether a title that was shown has the words of an answer.
pub(super) fn fits(target: &Target, title: &str) -> bool {
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
