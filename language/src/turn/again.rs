//! Going on with what was done last: the same for other tasks, one more item, a change of what was just added.

use super::{Context, on_it};
use crate::intent::pieces::line_draft;
use crate::intent::{Draft, Edit, Intent, Shift, Talk, interpret};
use crate::lexicon::{is_event, is_other_command, is_task_verb, topic};
use crate::pattern::{has, leading, longest};
use crate::target::Target;
use crate::words::{Sentence, Token};

impl Context<'_> {
    /// "same for the other one", "the bank too", "and the first as done": what was done last, to other tasks.
    pub(super) fn likewise(
        &self,
        intent: &Intent,
        rest: &[&Token],
        before: &impl Fn() -> Option<Intent>,
    ) -> Option<Intent> {
        if !matches!(intent, Intent::Say(Talk::Other(_) | Talk::Perhaps) | Intent::Report(_) | Intent::Add(_)) {
            return None;
        }
        let same =
            longest(rest, &["[do] [the] same [thing] [again] [for|with|to]", "[do] so [for|with]", "likewise [for]"]);
        let too = [&["too"][..], &["also"], &["as", "well"]].into_iter().find_map(|end| {
            let from = rest.len().checked_sub(end.len()).filter(|from| *from > 0)?;
            rest[from..].iter().zip(end).all(|(t, w)| t.text == *w).then_some(from)
        });
        let all = self.sentence.all();
        let joined = leading(&all, "and|also|plus").is_some() && leading(rest, "the|my").is_some();
        let object = match (same, too) {
            (Some(n), too) => &rest[n..too.unwrap_or(rest.len()).max(n)],
            (None, Some(end)) => &rest[..end],
            (None, None) if joined => rest,
            (None, None) => return None,
        };
        let pointed = leading(object, "the|my|that|both|all|t_|it|this").is_some() || same.is_some() || too.is_some();
        if !pointed || object.is_empty() || object.len() > 8 || topic(object).is_some() {
            return None;
        }
        if same.is_none() && has(object, &["as", "done|finished|completed|urgent|important", "high|low priority"]) {
            let marked = interpret(&Sentence::new(&format!("mark {}", self.rest_of(object))));
            return matches!(marked, Intent::Change(..)).then_some(marked);
        }
        let target = Target::read(object);
        let named = !target.words.is_empty() || !target.kinds.is_empty();
        match before() {
            Some(Intent::Change(action, _) | Intent::Agreed(action)) if named && target.when.is_empty() => {
                Some(Intent::Change(action, target))
            }
            Some(Intent::Change(action, _) | Intent::Agreed(action)) if same.is_some() => {
                Some(Intent::Change(action, target))
            }
            _ => None,
        }
    }

    /// "and butter" after something was added; "make that dinner at eight", "buy it tomorrow" about what was added.
    pub(super) fn continued(&self, intent: &Intent, tokens: &[&Token], touched: bool) -> Option<Intent> {
        let all = self.sentence.all();
        let added = self.earlier.last().filter(|t| t.calls.iter().any(|c| c.name == "create_tasks"))?;
        if let Intent::Add(drafts) = intent
            && let [draft] = &drafts[..]
            && touched
            && self.memory.focus.len() == 1
        {
            let pronoun = tokens.get(1).is_some_and(|t| matches!(t.text.as_str(), "it" | "that" | "them"));
            let only = Sentence::new(&draft.title).tokens.len() == 2;
            if pronoun && only && !draft.when.is_empty() {
                return Some(on_it(Edit { due: Some(Shift::To(draft.when, draft.hint)), ..Edit::default() }));
            }
        }
        if touched
            && self.memory.focus.len() == 1
            && matches!(intent, Intent::Add(_) | Intent::Say(Talk::Other(None) | Talk::Perhaps))
            && let Some(n) = leading(tokens, "make|change that|it|this [a|an|to|the]")
            && tokens.get(n).is_some_and(|t| is_event(t) || is_task_verb(t))
            && let Some(draft) = line_draft(self.sentence, &tokens[n..])
        {
            let due = (!draft.when.is_empty()).then_some(Shift::To(draft.when, draft.hint));
            return Some(on_it(Edit { title: Some(draft.title), due, ..Edit::default() }));
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
}
