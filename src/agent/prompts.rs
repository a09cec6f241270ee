//! What the model is told: text files in `prompts/`, one purpose each, with a few variables.
//!
//! To add one: the file, its line in [`FILES`], a function here that names its variables, and a line in the test.

use std::sync::LazyLock;

use chrono::DateTime;
use chrono_tz::Tz;
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// Every prompt by its file's name.
const FILES: [(&str, &str); 7] = [
    ("system", include_str!("../../prompts/system.j2")),
    ("claim", include_str!("../../prompts/claim.j2")),
    ("limit", include_str!("../../prompts/limit.j2")),
    ("repeat", include_str!("../../prompts/repeat.j2")),
    ("silent", include_str!("../../prompts/silent.j2")),
    ("summariser", include_str!("../../prompts/summariser.j2")),
    ("summary", include_str!("../../prompts/summary.j2")),
];

/// The prompts, compiled once. Strict: a variable that is not given is an error and not an empty place.
static PROMPTS: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut prompts = Environment::new();
    prompts.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, text) in FILES {
        prompts.add_template(name, text).expect("the prompts are part of the program and compiled in a test");
    }
    prompts
});

/// Which limit of a turn was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Calls of the model.
    Steps,
    /// Calls of tools.
    Calls,
    /// Wall time.
    Time,
}

/// Who the assistant is, how to use the tools, and last, because a provider reuses its work on a prompt up to the first difference,
/// what time it is for the user. Nothing in it differs between users of one zone.
#[must_use]
pub(crate) fn system(now: DateTime<Tz>) -> String {
    render(
        "system",
        &context! {
            weekday => now.format("%A").to_string(),
            date => now.format("%Y-%m-%d").to_string(),
            time => now.format("%H:%M").to_string(),
            offset => now.format("%:z").to_string(),
            zone => now.timezone().name(),
        },
    )
}

/// Told once to a model whose answer claims what no tool did; `claim` is what it claims (see [`super::claims::Claim`]).
#[must_use]
pub(crate) fn claim(claim: &str) -> String {
    render("claim", &context! { claim })
}

/// Told to a model that has reached a limit of the turn and must now answer in words.
#[must_use]
pub(crate) fn limit(limit: Limit) -> String {
    let limit = match limit {
        Limit::Steps => "steps",
        Limit::Calls => "tool calls",
        Limit::Time => "time",
    };
    render("limit", &context! { limit })
}

/// Told to a model that makes the same call again in one turn: the outcome that it already has is repeated beside this.
#[must_use]
pub(crate) fn repeat(tool: &str) -> String {
    render("repeat", &context! { tool => one_line(tool) })
}

/// Told once to a model that answered nothing at all; `request` is what it was asked, as long as no tool was called for it.
/// Small models that write empty marks instead of a call do write the call when they are asked for it in these words.
#[must_use]
pub(crate) fn silent(request: Option<&str>) -> String {
    render("silent", &context! { request })
}

/// Who a model is that is to summarise.
#[must_use]
pub(crate) fn summariser() -> String {
    render("summariser", &context! {})
}

/// Told to a model that is to summarise what was said in a room: `messages` and `wish` as lines of JSON, how many messages are not among
/// them, and the most characters of the answer.
#[must_use]
pub(crate) fn summary(messages: &str, more: usize, wish: Option<&str>, most: usize) -> String {
    render("summary", &context! { messages, more, wish, most })
}

fn render(name: &str, variables: &Value) -> String {
    let rendered = PROMPTS.get_template(name).and_then(|prompt| prompt.render(variables));
    rendered.expect("each prompt is rendered with these variables in a test").trim().to_owned()
}

/// A value that others chose, without the line breaks with which it could pose as a paragraph of the prompt.
fn one_line(value: &str) -> String {
    value
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn the_system_prompt_tells_the_users_day_and_zone() {
        let now = chrono_tz::Europe::Madrid.with_ymd_and_hms(2026, 11, 21, 23, 30, 0).unwrap();
        let prompt = system(now);
        for part in ["Saturday", "2026-11-21", "23:30", "+01:00", "Europe/Madrid"] {
            assert!(prompt.contains(part), "{part} is not in:\n{prompt}");
        }
        assert!(!prompt.contains("{{") && !prompt.contains("{%"), "{prompt}");
        assert!(prompt.len() < 4000, "{} bytes are read at every step", prompt.len());
    }

    #[test]
    fn every_prompt_renders() {
        assert!(claim("that a task was created").contains("that a task was created"));
        assert!(limit(Limit::Steps).contains("steps"));
        assert!(limit(Limit::Calls).contains("tool calls"));
        assert!(limit(Limit::Time).contains("time"));
        assert!(repeat("list_tasks").contains("list_tasks"));
        assert!(silent(Some("call Ann")).ends_with("\"call Ann\""));
        assert!(silent(None).contains("what the tools returned"));
        assert!(summariser().contains("no tools"));
        assert!(summary("{}", 3, Some("\"short\""), 500).contains("3 earlier messages"));
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        let rendered = PROMPTS.get_template("claim").and_then(|prompt| prompt.render(context! {}));
        assert_eq!(rendered.unwrap_err().kind(), minijinja::ErrorKind::UndefinedError);
    }
}
