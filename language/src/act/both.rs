//! Two orders of one sentence, one after the other; what is said about both is put together, a question last.

use super::{Scene, act};
use crate::intent::Intent;
use crate::{Step, reply};

pub(super) fn both(first: &Intent, second: Intent, scene: &Scene<'_>) -> Step {
    // The first order has as many of the turn's calls as it took to come to an answer; the rest belong to the second.
    for used in 0..=scene.calls.len() {
        let part = Scene { calls: &scene.calls[..used], memory: scene.memory, now: scene.now };
        match act(first.clone(), &part) {
            Step::Call(calls) if used == scene.calls.len() => return Step::Call(calls),
            Step::Call(_) => {}
            Step::Say(said) => {
                let rest = Scene { calls: &scene.calls[used..], memory: scene.memory, now: scene.now };
                return match act(second, &rest) {
                    Step::Call(calls) => Step::Call(calls),
                    Step::Say(next) => Step::Say(together(&said, &next)),
                };
            }
        }
    }
    Step::Say(reply::none_fits(""))
}

fn together(first: &str, second: &str) -> String {
    match (reply::question(first), reply::question(second)) {
        (Some(_), Some(_)) => format!("One thing at a time; nothing was done yet about the second order.\n\n{first}"),
        (Some(_), None) => format!("{second}\n\n{first}"),
        (None, _) => format!("{first}\n\n{second}"),
    }
}
