//! How tasks are named: `t_12`, and what models make of it.

use errand_core::{
    TaskId,
    task::{Task, TaskRef},
};

/// The id that a task is shown with.
pub(crate) fn show(number: i64) -> String {
    format!("t_{number}")
}

/// The id that `task` is shown with.
pub(crate) fn of(task: &Task) -> String {
    show(task.number)
}

/// The task that `text` names: `t_12`, `#12`, `12`, a UUID, or else its exact title, which the core never matches by guess.
///
/// # Errors
/// A text, when there is nothing to look for.
pub(crate) fn read(text: &str) -> Result<TaskRef, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("an id must not be empty; call list_tasks for the ids".into());
    }
    let digits = ["t_", "T_", "#"].iter().find_map(|sign| text.strip_prefix(sign)).unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = digits.parse()
    {
        return Ok(TaskRef::Number(number));
    }
    Ok(text.parse::<TaskId>().map_or_else(|_| TaskRef::Title(text.to_owned()), TaskRef::Id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_all_their_forms() {
        for text in ["t_12", "T_12", "#12", "12", " t_12 "] {
            assert_eq!(read(text), Ok(TaskRef::Number(12)), "{text}");
        }
        let uuid = TaskId::fresh();
        assert_eq!(read(&uuid.to_string()), Ok(TaskRef::Id(uuid)));
        for title in ["Call the dentist", "t_", "t_1x", "t_-1", "99999999999999999999"] {
            assert_eq!(read(title), Ok(TaskRef::Title(title.into())), "{title}");
        }
        assert!(read("  ").is_err());
    }
}
