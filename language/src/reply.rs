//! What the assistant says. Short, with the title in bold and the date in words; a question mark only where it asks.
//!
//! One more question: a variant of [`Question`], its fixed ending in [`ENDINGS`] (so that it can be read back from the
//! transcript), and what an answer means in [`crate::turn`].

use crate::intent::{Missing, Talk};
use crate::task::Task;
use crate::when::{Day, Due, Lead, Part, Period, When, range};
use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;

/// A question that the last answer asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Which of the numbered tasks.
    Which,
    /// Whether to go on with the numbered tasks.
    Confirm,
    /// Whether the named task was meant.
    Meant,
    Title,
    Time,
    Date,
}

const WHICH: &str = "Which one do you mean?";
const CONFIRM: &str = "Shall I go ahead?";
const MEANT: &str = "Did you mean this one?";
const TITLE: &str = "What should I add?";
const TIME: &str = "At what time?";
const DATE: &str = "To when?";

const ENDINGS: [(&str, Question); 6] = [
    (WHICH, Question::Which),
    (CONFIRM, Question::Confirm),
    (MEANT, Question::Meant),
    (TITLE, Question::Title),
    (TIME, Question::Time),
    (DATE, Question::Date),
];

/// The most tasks that are listed in one answer.
const LINES: usize = 30;

/// The question that a text of ours ends with.
pub(crate) fn question(text: &str) -> Option<Question> {
    ENDINGS.iter().find(|(ending, _)| text.trim_end().ends_with(ending)).map(|&(_, q)| q)
}

/// Whether a text of ours only says that the sentence was about something else, so that what was asked before still stands.
pub(crate) fn is_aside(text: &str) -> bool {
    ["I can't ", "I did not understand", "You're welcome", "It is "].iter().any(|start| text.starts_with(start))
}

/// A title in bold; asterisks in it lose their meaning.
pub(crate) fn bold(title: &str) -> String {
    format!("**{}**", title.replace('*', "\\*").replace('\n', " "))
}

/// `tomorrow, Sun 22 Nov, 09:00`
pub(crate) fn due_words(due: Due, now: DateTime<Tz>) -> String {
    match due {
        Due::Day(date) => date_words(date, now.date_naive()),
        Due::At(at) => {
            let local = at.with_timezone(&now.timezone());
            format!("{}, {}", date_words(local.date_naive(), now.date_naive()), local.format("%H:%M"))
        }
    }
}

fn date_words(date: NaiveDate, today: NaiveDate) -> String {
    let named = match (date - today).num_days() {
        -1 => "yesterday, ",
        0 => "today, ",
        1 => "tomorrow, ",
        _ => "",
    };
    let form = if date.year() == today.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    format!("{named}{}", date.format(form))
}

/// `**Call the dentist** - tomorrow, Sun 22 Nov, 09:00 - urgent`
pub(crate) fn line(task: &Task, now: DateTime<Tz>) -> String {
    let mut text = bold(&task.title);
    if let Some(due) = task.due {
        text = format!("{text} - {}", due_words(due, now));
    }
    match task.priority.as_str() {
        "urgent" => text.push_str(" - urgent"),
        "high" => text.push_str(" - high priority"),
        "low" => text.push_str(" - low priority"),
        _ => {}
    }
    match task.status.as_str() {
        "in_progress" => text.push_str(" - in progress"),
        "completed" => text.push_str(" - done"),
        "archived" => text.push_str(" - archived"),
        _ => {}
    }
    if task.is_overdue(now) {
        text.push_str(" - overdue");
    }
    text
}

/// A numbered list.
pub(crate) fn numbered(tasks: &[&Task], now: DateTime<Tz>) -> String {
    let mut lines: Vec<String> =
        tasks.iter().take(LINES).enumerate().map(|(i, t)| format!("{}. {}", i + 1, line(t, now))).collect();
    if tasks.len() > LINES {
        lines.push(format!("\n… and {} more.", tasks.len() - LINES));
    }
    lines.join("\n")
}

/// `1 task`, `3 meetings`
pub(crate) fn counted(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// ` today`, ` next week`, ` on Fri 27 Nov`: when the tasks are that were asked for, with a space in front.
pub(crate) fn span_words(when: &When, now: DateTime<Tz>) -> String {
    let part = match when.part {
        Some(Part::Morning) => " in the morning",
        Some(Part::Afternoon) => " in the afternoon",
        Some(Part::Evening | Part::Night) => " in the evening",
        None => "",
    };
    let Some(day) = when.day else { return part.to_owned() };
    let (from, to) = range(day, now.date_naive());
    let days = match day {
        Day::Period(Period::Week(0)) => " this week".to_owned(),
        Day::Period(Period::Week(1)) => " next week".to_owned(),
        Day::Period(Period::Weekend(0)) => " this weekend".to_owned(),
        Day::Period(Period::Month(0)) => " this month".to_owned(),
        Day::Period(Period::Month(1)) => " next month".to_owned(),
        Day::Ahead(0) => " today".to_owned(),
        Day::Ahead(1) => " tomorrow".to_owned(),
        Day::Period(_) => format!(" from {} to {}", from.format("%a %-d %b"), to.format("%a %-d %b")),
        _ if when.bound == Some(Lead::Before) => format!(" by {}", to.format("%a %-d %b")),
        _ if when.bound == Some(Lead::After) => format!(" after {}", to.format("%a %-d %b")),
        _ => format!(" on {}", from.format("%a %-d %b")),
    };
    format!("{days}{part}")
}

/// Asks which of several is meant.
pub(crate) fn which(verb: &str, tasks: &[&Task], now: DateTime<Tz>) -> String {
    format!("{} could be meant to be {verb}:\n\n{}\n\n{WHICH}", counted(tasks.len(), "task"), numbered(tasks, now))
}

/// Asks before many tasks go.
pub(crate) fn confirm(tasks: &[&Task], now: DateTime<Tz>) -> String {
    format!("This would delete {}:\n\n{}\n\n{CONFIRM}", counted(tasks.len(), "task"), numbered(tasks, now))
}

/// Asks whether a task that nearly fits was meant.
pub(crate) fn meant(said: &str, task: &Task, now: DateTime<Tz>) -> String {
    format!("No task fits “{}” exactly. The nearest is {}. {MEANT}", short(said), line(task, now))
}

/// Says that nothing fits.
pub(crate) fn none_fits(said: &str) -> String {
    if said.trim().is_empty() {
        return "I found no such task, so nothing was changed.".to_owned();
    }
    format!("I found no task for “{}”, so nothing was changed.", short(said))
}

fn short(said: &str) -> String {
    crate::title::shortened(&said.replace(['*', '?'], ""), 60)
}

/// Asks for what is missing.
pub(crate) fn missing(missing: Missing, now: DateTime<Tz>) -> String {
    match missing {
        Missing::Title(when) if !when.is_empty() => format!("Noted the time{}. {TITLE}", span_words(&when, now)),
        Missing::Title(_) => TITLE.to_owned(),
        Missing::Time => TIME.to_owned(),
        Missing::Date => DATE.to_owned(),
    }
}

/// What is said without any tool.
pub(crate) fn talk(talk: Talk, now: DateTime<Tz>) -> String {
    match talk {
        Talk::Hello => "Hello. I keep your tasks: say for example “remind me to call the dentist tomorrow at nine”.".to_owned(),
        Talk::Thanks => "You're welcome.".to_owned(),
        Talk::Bye => "Goodbye.".to_owned(),
        Talk::Nothing => "All right, nothing was changed.".to_owned(),
        Talk::Clock => format!("It is {}.", now.format("%A, %-d %B %Y, %H:%M")),
        Talk::Help => HELP.to_owned(),
        Talk::Perhaps => "I can't do that myself; I only keep tasks and reminders. Say “remind me to …” and it goes on your list. Nothing was changed.".to_owned(),
        Talk::Other(Some(topic)) => format!("I can't help with {topic}; I only keep tasks and reminders. Nothing was changed."),
        Talk::Other(None) => "I did not understand that as something about your tasks, so nothing was changed. Say “help” for examples.".to_owned(),
    }
}

const HELP: &str = "I keep your tasks. For example:\n\n\
- “Remind me to call the dentist tomorrow at nine, it's urgent”\n\
- “Buy milk and call mom on Friday”\n\
- “What's due this week”, “overdue tasks”, “how many tasks do I have”\n\
- “Move the dentist to Monday”, “push it back an hour”, “rename it to …”\n\
- “I'm done with the report”, “start the report”, “reopen it”\n\
- “Delete the second one”, “undo”\n\n\
Repeating tasks are not supported yet.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read_back() {
        for (ending, question) in ENDINGS {
            assert_eq!(super::question(&format!("Something. {ending}\n")), Some(question));
        }
        assert_eq!(super::question("Added **What should I add?** - today"), None);
    }
}
