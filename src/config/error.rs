//! What can be wrong with the settings, said so that the reader knows which one, where it stands and what is expected.

use std::{fmt, io, path::PathBuf};

use figment::{Figment, error::Kind};

use super::sources;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was asked for cannot be read.
    #[error("the settings in {} cannot be read: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Settings that are unknown or make no sense.
    #[error("{}", Wrong::list(.0))]
    Wrong(Vec<Wrong>),
}

/// One setting that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// `section.key`; empty when the text is not even TOML.
    pub key: String,
    /// The file or the environment variable.
    pub origin: String,
    /// What is wrong, as a sentence without the key.
    pub what: String,
}

impl Wrong {
    fn list(all: &[Self]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

/// `key` breaks `rule`.
pub(super) fn wrong(merged: &Figment, key: &str, rule: &str) -> Wrong {
    let origin = sources::origin(merged, key).unwrap_or_else(|| sources::BUILT_IN.to_owned());
    Wrong { key: key.to_owned(), origin, what: rule.to_owned() }
}

impl ConfigError {
    pub(super) fn from_figment(error: figment::Error) -> Self {
        Self::Wrong(error.into_iter().map(one).collect())
    }
}

fn one(error: figment::Error) -> Wrong {
    let mut path = error.path;
    if let Kind::UnknownField(name, _) = &error.kind
        && path.last() != Some(name)
    {
        path.push(name.clone());
    }
    let origin = error.metadata.map_or_else(|| sources::BUILT_IN.to_owned(), |metadata| metadata.name.into_owned());
    Wrong { key: path.join("."), origin, what: what(error.kind) }
}

fn what(kind: Kind) -> String {
    match kind {
        Kind::Message(message) => message,
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("must be {expected}, not {found}")
        }
        Kind::InvalidLength(length, expected) => format!("must have the length {expected}, not {length}"),
        Kind::UnknownVariant(found, known) => format!("cannot be {found:?}, only {}", known.join(" or ")),
        Kind::UnknownField(_, known) => format!("is no setting; there are {} here", known.join(", ")),
        Kind::MissingField(name) => format!("lacks {name:?}"),
        Kind::DuplicateField(name) => format!("has {name:?} twice"),
        Kind::ISizeOutOfRange(number) => format!("cannot be {number}, which is too far from zero"),
        Kind::USizeOutOfRange(number) => format!("cannot be {number}, which is too large"),
        Kind::Unsupported(found) | Kind::UnsupportedKey(found, _) => format!("cannot be {found}"),
    }
}
