//! What can be set of a chatroom, and its bounds.

use std::ops::RangeInclusive;

use crate::{
    error::{Error, Problem, Result},
    text,
};

/// The longest name, in characters.
pub const NAME_MAX: usize = 100;
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 500;
/// How many people there may be allowed to be in a chatroom.
pub const MEMBERS: RangeInclusive<i64> = 2..=1000;
/// After how many messages a summary may be made.
pub const THRESHOLD: RangeInclusive<i64> = 1..=10_000;

/// A chatroom to be made.
#[derive(Clone, Debug)]
pub struct NewChatroom {
    /// 1-100 characters after cleaning.
    pub name: String,
    /// At most 500 characters; empty is none.
    pub description: String,
    /// Whether only moderators and owners may invite.
    pub is_private: bool,
    /// How many people there may be in it, 2-1,000; 100 when nobody says.
    pub max_members: Option<i64>,
    /// Whether the assistant may be let in; it may when nobody says.
    pub auto_summary_enabled: Option<bool>,
    /// After how many messages a summary is made, 1-10,000; 50 when nobody says.
    pub summary_threshold: Option<i64>,
}

/// What is to change of a chatroom; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ChatroomEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new description; empty clears it.
    pub description: Option<String>,
    /// How many people there may be in it; not fewer than there are.
    pub max_members: Option<i64>,
    /// Whether the assistant may be let in.
    pub auto_summary_enabled: Option<bool>,
    /// After how many messages a summary is made.
    pub summary_threshold: Option<i64>,
}

/// The settings of a chatroom, within their bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) max_members: i64,
    pub(crate) auto_summary_enabled: bool,
    pub(crate) summary_threshold: i64,
}

impl NewChatroom {
    /// The settings, with what nobody said filled in.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn settings(self) -> Result<Settings> {
        let unsaid = Settings {
            name: String::new(),
            description: None,
            max_members: 100,
            auto_summary_enabled: true,
            summary_threshold: 50,
        };
        let edit = ChatroomEdit {
            name: Some(self.name),
            description: Some(self.description),
            max_members: self.max_members,
            auto_summary_enabled: self.auto_summary_enabled,
            summary_threshold: self.summary_threshold,
        };
        Ok(edit.checked()?.applied(unsaid))
    }
}

impl ChatroomEdit {
    /// Checks the rules and cleans name and description.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn checked(mut self) -> Result<Self> {
        self.name = self.name.map(|name| text::clean(&name, false));
        self.description = self.description.map(|description| text::clean(&description, true));
        let mut problems = Vec::new();
        if let Some(name) = &self.name {
            problems.extend(text::length("name", name, 1, NAME_MAX).err());
        }
        if let Some(description) = &self.description {
            problems.extend(text::length("description", description, 0, DESCRIPTION_MAX).err());
        }
        problems.extend(self.max_members.and_then(|most| within("max_members", most, &MEMBERS).err()));
        problems.extend(self.summary_threshold.and_then(|many| within("summary_threshold", many, &THRESHOLD).err()));
        if problems.is_empty() { Ok(self) } else { Err(Error::Invalid(problems)) }
    }

    /// `settings` as they are after this edit.
    pub(crate) fn applied(self, settings: Settings) -> Settings {
        Settings {
            name: self.name.unwrap_or(settings.name),
            description: match self.description {
                Some(description) => Some(description).filter(|description| !description.is_empty()),
                None => settings.description,
            },
            max_members: self.max_members.unwrap_or(settings.max_members),
            auto_summary_enabled: self.auto_summary_enabled.unwrap_or(settings.auto_summary_enabled),
            summary_threshold: self.summary_threshold.unwrap_or(settings.summary_threshold),
        }
    }
}

/// Checks that `number` lies within `bounds`.
pub(super) fn within(field: &'static str, number: i64, bounds: &RangeInclusive<i64>) -> Result<(), Problem> {
    if bounds.contains(&number) {
        return Ok(());
    }
    Err(Problem::new(field, format!("must lie between {} and {}", bounds.start(), bounds.end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, max_members: Option<i64>, summary_threshold: Option<i64>) -> NewChatroom {
        let (name, description) = (name.to_owned(), String::new());
        let (is_private, auto_summary_enabled) = (false, None);
        NewChatroom { name, description, is_private, max_members, auto_summary_enabled, summary_threshold }
    }

    #[rstest::rstest]
    #[case("The\nhall", None, None, &[])]
    #[case("é", Some(2), Some(1), &[])]
    #[case("x", Some(1000), Some(10_000), &[])]
    #[case(" \u{200b}", Some(1), Some(0), &["name", "max_members", "summary_threshold"])]
    #[case("x", Some(1001), Some(-1), &["max_members", "summary_threshold"])]
    fn bounds(#[case] name: &str, #[case] most: Option<i64>, #[case] threshold: Option<i64>, #[case] wrong: &[&str]) {
        let fields: Vec<_> = match room(name, most, threshold).settings() {
            Ok(_) => vec![],
            Err(Error::Invalid(problems)) => problems.iter().map(|problem| problem.field).collect(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(fields, wrong);
    }

    #[test]
    fn an_empty_description_is_none_and_a_missing_one_stays() {
        let settings = NewChatroom { description: " plans ".into(), ..room("x", None, None) }.settings().unwrap();
        assert_eq!(settings.description.as_deref(), Some("plans"));
        let stays = ChatroomEdit::default().applied(settings.clone());
        assert_eq!(stays, settings);
        let cleared = ChatroomEdit { description: Some(String::new()), ..ChatroomEdit::default() }.applied(settings);
        assert_eq!(cleared.description, None);
    }
}
