//! Whole conversations against a small toolbox in memory: what is done, what is asked, what is left alone.
//!
//! One more: a case of [`single`] (one sentence and the tasks after it) or a test of its own with [`Talk`].

mod going_on;
mod orders;
mod talk;

use errand_language::{Line, Step, next_step};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;
use talk::{Talk, now, text};

pub(crate) const MEETINGS: [&str; 3] =
    ["Design meeting @ 2026-03-05T10:00:00+01:00", "Budget meeting @ 2026-03-06T10:00:00+01:00", "Buy bread"];

#[rstest]
#[case("remind me to call the dentist tomorrow at 9, it's urgent", "Call the dentist | 2026-03-05T09:00 | urgent")]
#[case("buy milk and call mom tomorrow", "Buy milk | 2026-03-05; Call mom | 2026-03-05")]
#[case("dinner with tom and ann on friday at 8", "Dinner with tom and ann | 2026-03-06T20:00")]
#[case("add \"tomorrow never dies\" to my list", "Tomorrow never dies")]
#[case("olly please set an alarm for five thirty", "Alarm | 2026-03-04T17:30")]
#[case("put milk, eggs and bread on my shopping list", "Milk; Eggs; Bread")]
#[case("set a low priority reminder to clean the attic", "Clean the attic | low")]
#[case("play some music", "")]
#[case("email george about the meeting tomorrow", "")]
#[case("set the volume to low", "")]
#[case("add this song to my playlist", "")]
#[case("add this to my list", "")]
#[case("i went to walmart today", "")]
#[case("what's the weather tomorrow", "")]
#[case("???", "")]
fn single(#[case] sentence: &str, #[case] tasks: &str) {
    let mut talk = Talk::about(&[]);
    let answer = talk.say(sentence);
    assert_eq!(talk.state(), tasks, "{answer}");
}

#[rstest]
#[case("the second one", "Design meeting | 2026-03-05T10:00; Buy bread")]
#[case("the design one", "Budget meeting | 2026-03-06T10:00; Buy bread")]
#[case("both", "Buy bread")]
#[case("the one tomorrow", "Budget meeting | 2026-03-06T10:00; Buy bread")]
#[case("never mind", "Design meeting | 2026-03-05T10:00; Budget meeting | 2026-03-06T10:00; Buy bread")]
fn several_that_fit_are_asked_about(#[case] answer: &str, #[case] left: &str) {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    assert!(talk.say("delete the meeting").contains("Which one"));
    assert_eq!(talk.state(), before);
    talk.say(answer);
    assert_eq!(talk.state(), left);
}

#[test]
fn a_group_goes_only_after_a_yes() {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    assert!(talk.say("clear my calendar").contains("Shall I go ahead?"));
    talk.say("no");
    assert_eq!(talk.state(), before);
    talk.say("delete everything");
    talk.say("yes please");
    assert_eq!(talk.state(), "");
    talk.say("undo");
    assert_eq!(talk.state(), before);
}

#[test]
fn what_was_shown_can_be_pointed_at() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("show my tasks");
    talk.say("mark the first and third as done");
    assert_eq!(
        talk.state(),
        "Design meeting | 2026-03-05T10:00 | completed; Budget meeting | 2026-03-06T10:00; Buy bread | completed"
    );
}

#[test]
fn a_task_is_changed_step_by_step() {
    let mut talk = Talk::about(&[]);
    talk.say("add call sam tomorrow at 3pm");
    talk.say("make that friday");
    assert_eq!(talk.state(), "Call sam | 2026-03-06T15:00");
    talk.say("push it back an hour");
    assert_eq!(talk.state(), "Call sam | 2026-03-06T16:00");
    talk.say("call it Call Samira instead");
    talk.say("it's urgent");
    assert_eq!(talk.state(), "Call Samira | 2026-03-06T16:00 | urgent");
    talk.say("remove its due date");
    talk.say("start working on it");
    assert_eq!(talk.state(), "Call Samira | urgent | in_progress");
    talk.say("i'm done with it");
    assert_eq!(talk.state(), "Call Samira | urgent | completed");
}

#[test]
fn the_other_one_takes_the_first_back() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("delete the meeting");
    talk.say("the first one");
    assert_eq!(talk.state(), "Budget meeting | 2026-03-06T10:00; Buy bread");
    talk.say("no, the other one");
    assert_eq!(talk.state(), "Design meeting | 2026-03-05T10:00; Buy bread");
}

#[test]
fn a_vague_wish_is_asked_about_and_then_done() {
    let mut talk = Talk::about(&[]);
    assert!(talk.say("set reminder").ends_with('?'));
    assert_eq!(talk.state(), "");
    talk.say("buy milk tomorrow");
    assert_eq!(talk.state(), "Buy milk | 2026-03-05");
}

#[test]
fn nothing_that_fits_means_nothing_done() {
    let mut talk = Talk::about(&["Buy bread"]);
    for sentence in ["delete the elephant", "complete the spaceship", "move the unicorn to friday", "i sold the boat"] {
        let answer = talk.say(sentence);
        assert!(answer.contains("nothing was changed"), "{sentence}: {answer}");
        assert_eq!(talk.state(), "Buy bread");
    }
}

#[test]
fn a_refusal_of_a_tool_is_told() {
    let lines = [
        Line::User("add buy milk".to_owned()),
        Line::Call { id: "1".to_owned(), name: "create_tasks".to_owned(), arguments: json!({}) },
        Line::Outcome { call_id: "1".to_owned(), content: json!("the store is full"), is_error: true },
    ];
    let Step::Say(text) = next_step(&lines, now()) else { panic!("an answer was due") };
    assert!(text.contains("the store is full") && !text.contains("Added"), "{text}");
}

#[test]
fn a_very_long_wish_keeps_its_text() {
    let mut talk = Talk::about(&[]);
    talk.say(&format!("remind me to {}", "read the long text ".repeat(420)));
    let made = &talk.tasks[0];
    assert!(text(made, "title").chars().count() <= 200 && text(made, "description").chars().count() == 1000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_conversation_ends(sentences in proptest::collection::vec("\\PC{0,40}|((delete|move|the|second|one|it|to|friday|yes|no|undo|all|meeting|add|remind|me|and|show|done|at|five|make|that|call|urgent|, |\\?|\"|\\*\\*|t_812) ?){1,9}", 1..6)) {
        let mut talk = Talk::about(&MEETINGS);
        for sentence in sentences {
            prop_assert!(!talk.say(&sentence).trim().is_empty());
        }
    }

    #[test]
    fn a_history_cut_at_the_front_is_survived(cut in 0usize..12) {
        let mut talk = Talk::about(&MEETINGS);
        for sentence in ["show my tasks", "delete the meeting", "the first one", "no, the other one"] {
            talk.say(sentence);
        }
        let lines = talk.lines.split_off(cut.min(talk.lines.len()));
        talk.lines = lines;
        prop_assert!(!talk.say("delete all of them").is_empty());
    }
}

#[rstest]
#[case("buy milk and ")]
#[case("delete a, ")]
#[case("add milk and delete eggs, ")]
#[case("tomorrow at nine ")]
#[case("move it to friday and ")]
#[case("\"")]
fn the_longest_messages_take_no_time_to_speak_of(#[case] piece: &str) {
    let sentence: String = piece.chars().cycle().take(8000).collect();
    let began = std::time::Instant::now();
    let _ = next_step(&[Line::User(sentence)], now());
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
}
