//! What a token lets its holder do: OAuth's scopes, as the consent page names them.
//!
//! To add one: a variant, its name and its sentence; then a [`Caller::may`](crate::Caller::may) in the verbs that it guards.

use std::{fmt, str::FromStr};

/// One thing that a person can allow a client to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `tasks:read`: see the tasks.
    TasksRead,
    /// `tasks:write`: change them; who may do that may see them too.
    TasksWrite,
}

impl Scope {
    /// Every scope, the smallest first.
    pub const ALL: [Self; 2] = [Self::TasksRead, Self::TasksWrite];

    /// What it is called on the wire (RFC 6749, 3.3).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TasksRead => "tasks:read",
            Self::TasksWrite => "tasks:write",
        }
    }

    /// What a person allows with it, to be read after "It may".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::TasksRead => "see your tasks",
            Self::TasksWrite => "see, add, change, complete and delete your tasks",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::TasksRead => 1,
            Self::TasksWrite => 2,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of scopes; written with a space between them, as OAuth does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// None: nothing may be done.
    pub const NONE: Self = Self(0);
    /// What a person who is logged in may do: everything.
    pub const ALL: Self = Self(u8::MAX);

    /// Whether `scope` is in the set, by itself or in a larger one.
    #[must_use]
    pub fn permit(self, scope: Scope) -> bool {
        match scope {
            Scope::TasksRead => self.0 & (Scope::TasksRead.bit() | Scope::TasksWrite.bit()) != 0,
            Scope::TasksWrite => self.0 & Scope::TasksWrite.bit() != 0,
        }
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The scopes that are in the set by themselves.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

/// Scopes that are not known are left out: a client may ask for what another service has (RFC 6749, 3.3).
impl FromStr for Scopes {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .split_ascii_whitespace()
            .filter_map(|name| Scope::ALL.into_iter().find(|scope| scope.name() == name))
            .collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("", "", false, false)]
    #[case("tasks:read", "tasks:read", true, false)]
    #[case("tasks:write", "tasks:write", true, true)]
    #[case("  tasks:write openid tasks:read ", "tasks:read tasks:write", true, true)]
    #[case("tasks:*", "", false, false)]
    fn as_they_are_written(#[case] asked: &str, #[case] is: &str, #[case] reads: bool, #[case] writes: bool) {
        let Ok(scopes) = asked.parse::<Scopes>();
        assert_eq!(scopes.to_string(), is);
        assert_eq!((scopes.permit(Scope::TasksRead), scopes.permit(Scope::TasksWrite)), (reads, writes));
    }

    #[test]
    fn a_person_may_do_everything() {
        assert!(Scope::ALL.into_iter().all(|scope| Scopes::ALL.permit(scope)));
        assert_eq!(Scopes::ALL.to_string(), "tasks:read tasks:write");
    }
}
