//! Two orders in one sentence: "add milk and delete eggs", "move the gym to friday and the dentist to monday".
//!
//! One more order that may follow another: a verb in [`ORDERS`].

use super::moving::amendment;
use super::{Action, Edit, Intent, read};
use crate::lexicon::is_task_verb;
use crate::pattern::{find, has, leading, longest};
use crate::reference::Reference;
use crate::when::{Lead, mentions};
use crate::words::{Sentence, Token};

/// Verbs that start an order of their own, whatever comes before.
const ORDERS: &str = "delete|remove|erase|mark|tick|reschedule|postpone|rename|reopen|archive|prioritize|unarchive";

/// Verbs that start an order of their own when they say which task.
const POINTED: &str = "cancel|move|complete|finish|push|clear|start|close|cross|drop|change|set|make|snooze|delay|check [off] the|my|that|t_|everything|all|both";

/// Verbs of adding; they start an order of their own after a change.
const ADDS: [&str; 2] = ["add|create|schedule|remind", "set [up] a|an"];

/// The most words in which several orders are looked for, and the most orders after the first: both bound the work.
const WORDS: usize = 50;
const MORE: usize = 2;

/// Both orders, if the sentence has two.
pub(crate) fn compound(sentence: &Sentence, tokens: &[&Token]) -> Option<Intent> {
    let several = leading(tokens, "remind|remember|don't|if|when|what|do|note|why|how|alert|notify").is_none();
    if several && tokens.len() <= WORDS { orders(sentence, tokens, MORE) } else { None }
}

fn orders(sentence: &Sentence, tokens: &[&Token], more: usize) -> Option<Intent> {
    if more == 0 {
        return None;
    }
    (1..tokens.len()).find_map(|i| {
        let n = leading(&tokens[i..], "and|then|,|;|.|but [and|then|also|please|,] [then|also|please]")?;
        let (head, tail) = (&tokens[..i], &tokens[i + n..]);
        let first = read(sentence, head);
        if let Intent::Change(Action::Edit(edit), target) = &first
            && let Some(more) = amendment(sentence, tail)
            && let Some(edit) = merged(edit, more)
        {
            return Some(Intent::Change(Action::Edit(edit), target.clone()));
        }
        let shared = shares_verb(head, tail);
        let second = if shared {
            let whole: Vec<&Token> = head[..1].iter().chain(tail).copied().collect();
            read(sentence, &whole)
        } else if starts_order(tail, &first) {
            orders(sentence, tail, more - 1).unwrap_or_else(|| read(sentence, tail))
        } else {
            return None;
        };
        both(first, second, head)
    })
}

/// "set the rent to high priority and due on the first": one change of one task.
fn merged(edit: &Edit, more: Edit) -> Option<Edit> {
    let clash = edit.due.is_some() && more.due.is_some()
        || edit.priority.is_some() && more.priority.is_some()
        || edit.status.is_some() && more.status.is_some()
        || edit.title.is_some()
        || more.title.is_some()
        || edit.description.is_some();
    (!clash && *edit != Edit::default()).then(|| Edit {
        due: edit.due.or(more.due),
        priority: edit.priority.or(more.priority),
        status: edit.status.or(more.status),
        description: more.description,
        clear_description: edit.clear_description || more.clear_description,
        title: None,
    })
}

fn starts_order(tail: &[&Token], first: &Intent) -> bool {
    leading(tail, ORDERS).is_some()
        || leading(tail, POINTED).is_some()
        || matches!(first, Intent::Change(..)) && longest(tail, &ADDS).is_some()
}

/// "move the gym to friday and the dentist to monday": the verb counts for both.
fn shares_verb(head: &[&Token], tail: &[&Token]) -> bool {
    let to_time = |part: &[&Token]| mentions(part).iter().any(|m| m.lead == Lead::To);
    let becomes = |part: &[&Token]| find(part, "as|to").is_some_and(|(from, to)| from > 0 && to < part.len());
    let moves = leading(head, "move|reschedule|push|postpone|change|shift").is_some();
    let marks = leading(head, "mark|set|make").is_some();
    let own = leading(tail, ORDERS).or_else(|| longest(tail, &ADDS)).is_some();
    !own && (moves && to_time(head) && to_time(tail) || marks && becomes(head) && becomes(tail))
}

fn both(first: Intent, second: Intent, head: &[&Token]) -> Option<Intent> {
    let second = match (&first, second) {
        // "move the gym to friday and mark it as urgent"
        (Intent::Change(_, target), Intent::Change(action, it)) if it.references == [Reference::It] => {
            Intent::Change(action, target.clone())
        }
        (Intent::Change(_, target), Intent::Amend(edit)) => Intent::Change(Action::Edit(edit), target.clone()),
        (_, second) => second,
    };
    let fits = match (&first, &second) {
        (Intent::Change(_, a), Intent::Change(_, b)) => !a.is_empty() && !b.is_empty(),
        (Intent::Change(_, a), Intent::Add(_) | Intent::Both(..)) => !a.is_empty(),
        // What is named, or said to be done, goes on to the end: "add a task called …", "add a task to … and delete …".
        (Intent::Add(_), Intent::Change(_, b)) => {
            !b.is_empty()
                && !b.everything
                && b.references != [Reference::It]
                && has(head, &["add|put|create|schedule|insert|book|new"])
                && !has(head, &["called|named|titled|saying|says|:"])
                && !find(head, "to").is_some_and(|(_, to)| head.get(to).is_some_and(|t| is_task_verb(t)))
        }
        _ => false,
    };
    fits.then(|| Intent::Both(Box::new(first), Box::new(second)))
}
