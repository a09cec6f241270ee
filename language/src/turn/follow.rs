//! What a sentence means when nothing was asked: corrections and continuations of the last turn.
//!
//! One more way to correct: a branch in [`Context::corrected`]; to go on with what was done: in `again`.

use super::answer::fits;
use super::{Context, it, on_it};
use crate::intent::adding::hint;
use crate::intent::moving::amendment;
use crate::intent::naming::naming;
use crate::intent::pieces::line_draft;
use crate::intent::smalltalk::{small, starts_with_no};
use crate::intent::{Action, Edit, Intent, Shape, Shift, Talk, interpret, polite};
use crate::pattern::{has, leading, longest};
use crate::reply;
use crate::target::Target;
use crate::transcript::changes;
use crate::when::{When, mentions};
use crate::words::{Sentence, Token};

impl Context<'_> {
    /// What a sentence means when nothing was asked: corrections and continuations of the last turn.
    pub(super) fn follow(&self, intent: Intent, before: impl Fn() -> Option<Intent>) -> Intent {
        let all = self.sentence.all();
        let tokens = polite::stripped(&all);
        // A word about something else in between changes nothing about what "at five instead" corrects.
        let last = self.earlier.iter().rfind(|t| {
            let looked = !t.calls.is_empty() && t.calls.iter().all(|c| c.name == "get_tasks");
            !(looked || t.calls.is_empty() && t.said.is_some_and(reply::is_aside))
        });
        let touched =
            last.is_some_and(|t| t.calls.iter().any(|c| changes(c.name) && c.outcome.is_some_and(|(_, e)| !e)));
        match intent {
            // "reopen", "done" right after a change of one task.
            Intent::Change(action, target)
                if action != Action::Delete && target.is_empty() && touched && self.memory.focus.len() == 1 =>
            {
                Intent::Change(action, it())
            }
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
            Intent::Say(Talk::Other(_) | Talk::Perhaps) if self.restores(tokens) => Intent::Undo,
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

    /// "restore the report" when that was deleted by the last change.
    fn restores(&self, tokens: &[&Token]) -> bool {
        let Some(n) = longest(tokens, &["restore|undelete|recover", "bring|get back"]) else { return false };
        let last = self.earlier.iter().rfind(|t| t.calls.iter().any(|c| changes(c.name)));
        let target = Target::read(&tokens[n..]);
        last.filter(|t| t.calls.iter().any(|c| c.name == "delete_tasks"))
            .and_then(|t| t.said)
            .is_some_and(|said| !target.words.is_empty() && fits(&target, said))
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
        before: impl Fn() -> Option<Intent>,
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
        if no > 0 && matches!(small(rest), Some(Intent::Undo)) {
            return Intent::Undo;
        }
        if touched && let Some(again) = self.likewise(&intent, rest, &before) {
            return again;
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

    /// The text from these tokens on.
    pub(super) fn rest_of(&self, rest: &[&Token]) -> String {
        rest.first().map_or(String::new(), |t| self.sentence.raw[t.start..].to_owned())
    }
}

fn is_nameless(focus: &[crate::transcript::Shown]) -> bool {
    matches!(focus, [one] if matches!(one.title.as_str(), "Reminder" | "Event" | "Task"))
}
