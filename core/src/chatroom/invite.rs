//! Invitations: a code that lets so many people in for so long. It is shown once and kept as a hash, like every secret.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};

use super::settings::within;
use crate::{
    error::{Error, Result},
    grant::{Hash, random},
    id::{InviteId, RoomId},
};

/// How often an invitation may be allowed to be used.
pub const USES: RangeInclusive<i64> = 1..=1000;
/// How many hours it may be good: up to a year.
pub const HOURS: RangeInclusive<i64> = 1..=8760;
/// Random bytes in a code.
const BYTES: usize = 16;

/// An invitation to be made.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewInvite {
    /// How many people may use it, 1-1,000; one when nobody says.
    pub max_uses: Option<i64>,
    /// For how many hours it is good, 1-8,760; 24 when nobody says.
    pub hours: Option<i64>,
}

impl NewInvite {
    /// How many people may use it, and for how long.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn checked(self) -> Result<(i64, TimeDelta)> {
        let (uses, hours) = (self.max_uses.unwrap_or(1), self.hours.unwrap_or(24));
        let checks = [within("max_uses", uses, &USES), within("expires_in_hours", hours, &HOURS)];
        let problems: Vec<_> = checks.into_iter().filter_map(Result::err).collect();
        if problems.is_empty() { Ok((uses, TimeDelta::hours(hours))) } else { Err(Error::Invalid(problems)) }
    }
}

/// An invitation that was made.
#[derive(Debug)]
pub struct Invite {
    /// The id that travels.
    pub id: InviteId,
    /// Where it leads.
    pub room: RoomId,
    /// What lets in.
    pub code: Code,
    /// How many people may use it.
    pub max_uses: i64,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The code of an invitation. Does not show itself.
pub struct Code(String);

impl Code {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Error::Internal`] when the operating system gives no random bytes.
    pub(crate) fn fresh() -> Result<Self> {
        random::<BYTES>().map(Self)
    }

    /// The text itself, for the one who gets it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(None, None, &[])]
    #[case(Some(1), Some(8760), &[])]
    #[case(Some(0), Some(0), &["max_uses", "expires_in_hours"])]
    #[case(Some(1001), Some(i64::MAX), &["max_uses", "expires_in_hours"])]
    fn bounds(#[case] max_uses: Option<i64>, #[case] hours: Option<i64>, #[case] wrong: &[&str]) {
        let fields: Vec<_> = match (NewInvite { max_uses, hours }).checked() {
            Ok(_) => vec![],
            Err(Error::Invalid(problems)) => problems.iter().map(|problem| problem.field).collect(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(fields, wrong);
    }

    #[test]
    fn a_code_does_not_show_itself() {
        let code = Code::fresh().unwrap();
        assert_eq!(code.expose().len(), 22);
        assert!(!format!("{code:?}").contains(code.expose()));
    }
}
