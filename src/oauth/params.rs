//! Parameters of a request, as OAuth reads them: one without a value is not there, and none may be there twice (RFC 6749, 3.1, 3.2).

use serde::Deserialize;

/// The parameters of a query or of a form.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Params(Vec<(String, String)>);

/// The parameter that is there twice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Twice(pub(super) &'static str);

impl Params {
    /// The value of `name`.
    ///
    /// # Errors
    /// [`Twice`].
    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, Twice> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Twice(name)),
        }
    }

    /// Every value of `name`.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.0.iter().filter(move |(other, value)| other == name && !value.is_empty());
        values.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_oauth_reads_them() {
        let pairs = [("a", "1"), ("b", ""), ("c", "2"), ("c", "3"), ("d", "4"), ("d", "")];
        let params = Params(pairs.map(|(name, value)| (name.into(), value.into())).to_vec());
        assert_eq!(params.one("a"), Ok(Some("1")));
        assert_eq!((params.one("b"), params.one("none")), (Ok(None), Ok(None)));
        assert_eq!(params.one("c"), Err(Twice("c")));
        assert_eq!(params.one("d"), Ok(Some("4")));
    }
}
