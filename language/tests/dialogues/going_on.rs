//! Going on with what was done or shown: more of the same, for other tasks, corrected, and after a word about something else.

use crate::MEETINGS;
use crate::talk::Talk;

#[test]
fn the_same_for_others() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("list my tasks");
    talk.say("move the second one to friday at 3pm");
    talk.say("and the first one to saturday");
    assert_eq!(talk.state(), "Design meeting | 2026-03-07T10:00; Budget meeting | 2026-03-06T15:00; Buy bread");
    talk.say("mark the last one as in progress");
    talk.say("and the first as done");
    assert_eq!(
        talk.state(),
        "Design meeting | 2026-03-07T10:00 | completed; Budget meeting | 2026-03-06T15:00; Buy bread | in_progress"
    );
}

#[test]
fn one_more_by_name() {
    let mut talk = Talk::about(&["Call the bank", "Call the school"]);
    talk.say("mark the call as done");
    talk.say("the school one");
    talk.say("the bank too");
    assert_eq!(talk.state(), "Call the bank | completed; Call the school | completed");
}

#[test]
fn one_more_item() {
    let mut talk = Talk::about(&[]);
    talk.say("add milk to my shopping list");
    talk.say("and butter");
    assert_eq!(talk.state(), "Milk; Butter");
    talk.say("and play some music");
    assert_eq!(talk.state(), "Milk; Butter");
}

#[test]
fn what_was_just_added_is_changed_not_added_again() {
    let mut talk = Talk::about(&[]);
    talk.say("put lunch with Ana on friday at 1");
    talk.say("make that dinner at 8");
    assert_eq!(talk.state(), "Dinner | 2026-03-06T20:00");
    talk.say("not friday, sunday");
    assert_eq!(talk.state(), "Dinner | 2026-03-08T20:00");
}

#[test]
fn which_one_still_stands_after_an_aside() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("delete the meeting");
    talk.say("what's the weather like");
    talk.say("the budget one");
    assert_eq!(talk.state(), "Design meeting | 2026-03-05T10:00; Buy bread");
}

#[test]
fn a_late_yes_deletes_nothing() {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    talk.say("delete everything");
    talk.say("what's the weather like");
    talk.say("yes");
    assert_eq!(talk.state(), before);
}

#[test]
fn what_was_deleted_by_a_slip_comes_back() {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    talk.say("delete the bread");
    talk.say("wait, bring that back");
    assert_eq!(talk.state(), before);
}

#[test]
fn a_question_about_what_was_counted() {
    let mut talk = Talk::about(&MEETINGS);
    talk.say("how many are due tomorrow");
    assert!(talk.say("which one").contains("**Design meeting**"));
    let undated = talk.say("which tasks have no date");
    assert!(undated.contains("**Buy bread**") && !undated.contains("Design"), "{undated}");
}

#[test]
fn a_deleted_task_is_restored_by_its_name() {
    let mut talk = Talk::about(&MEETINGS);
    let before = talk.state();
    talk.say("delete the bread");
    talk.say("what's the weather like");
    talk.say("restore the bread");
    assert_eq!(talk.state(), before);
}

#[test]
fn all_that_was_added_is_moved() {
    let mut talk = Talk::about(&[]);
    talk.say("i need to do a few things: call the plumber and clean the oven");
    talk.say("set them all for saturday");
    assert_eq!(talk.state(), "Call the plumber | 2026-03-07; Clean the oven | 2026-03-07");
}
