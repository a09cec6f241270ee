//! One step of a turn: what the user wants, given what was said before, and what to do next about it.

mod again;
mod answer;
mod follow;

use crate::act::{Scene, act};
use crate::intent::{Action, Edit, Intent, Talk, interpret};
use crate::reference::Reference;
use crate::reply::Question;
use crate::target::Target;
use crate::transcript::{Memory, Turn, turns};
use crate::words::Sentence;
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

fn on_it(edit: Edit) -> Intent {
    Intent::Change(Action::Edit(edit), it())
}

/// What was mentioned last.
fn it() -> Target {
    Target { references: vec![Reference::It], said: "it".to_owned(), ..Target::default() }
}
