//! A stretch of a list for contracts that count rows: so many, after so many.

use crate::error::{Error, Problem, Result};

/// So many rows, after so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

impl Slice {
    /// The most rows at once.
    pub const LIMIT_MAX: i64 = 100;
    /// How many rows there are when nobody says.
    pub const LIMIT: i64 = 50;

    /// `limit` rows after the first `offset`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100 or an offset below 0.
    pub fn new(limit: i64, offset: i64) -> Result<Self> {
        let mut problems = Vec::new();
        if !(1..=Self::LIMIT_MAX).contains(&limit) {
            problems.push(Problem::new("limit", format!("must lie between 1 and {}", Self::LIMIT_MAX)));
        }
        if offset < 0 {
            problems.push(Problem::new("offset", "must not be negative"));
        }
        if problems.is_empty() { Ok(Self { limit, offset }) } else { Err(Error::Invalid(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(1, 0, Ok((1, 0)))]
    #[case(100, i64::MAX, Ok((100, i64::MAX)))]
    #[case(0, 0, Err(vec!["limit"]))]
    #[case(1, -1, Err(vec!["offset"]))]
    #[case(101, -1, Err(vec!["limit", "offset"]))]
    fn bounds(#[case] limit: i64, #[case] offset: i64, #[case] expected: Result<(i64, i64), Vec<&str>>) {
        let slice = Slice::new(limit, offset).map(|slice| (slice.limit, slice.offset)).map_err(|error| match error {
            Error::Invalid(problems) => problems.iter().map(|problem| problem.field).collect(),
            other => panic!("{other}"),
        });
        assert_eq!(slice, expected);
    }
}
