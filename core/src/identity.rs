//! Identities: people whom an outside identity service vouches for, and the account that each gets when first seen.

use chrono::{DateTime, Utc};

use crate::{
    account::{self, Account},
    error::{Error, Result},
    id::UserId,
};

/// The longest issuer or subject, in characters: what `OpenID` Connect allows for a subject, and what fits into an index.
const KEY_MAX: usize = 255;
/// How many characters of a name are kept in front of a suffix that tells it from others.
const NAME_MAX: usize = 50;
/// Where addresses are that we make up. RFC 2606 keeps `.invalid` from ever being a real one.
const NOWHERE: &str = "users.invalid";

/// Somebody as an identity service describes them.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who they are.
    pub subject: Subject,
    /// What they would like to be called, best first; none of these has to be a good name.
    pub names: Vec<String>,
    /// Their e-mail address, as the service says.
    pub email: Option<String>,
}

/// Who somebody is at an identity service: the pair never changes, and no two people share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The service.
    pub issuer: String,
    /// The service's id for the person, any text.
    pub subject: String,
}

impl Subject {
    /// Checks that both can be stored.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub fn checked(self) -> Result<Self> {
        let good = |key: &str| !key.is_empty() && key.chars().count() <= KEY_MAX && !key.contains('\0');
        if good(&self.issuer) && good(&self.subject) { Ok(self) } else { Err(Error::Unauthenticated) }
    }
}

impl Identity {
    /// The username they would like: the first name of which something is left that may be one.
    pub(crate) fn username(&self) -> String {
        let local = self.email.as_deref().and_then(|email| email.split_once('@')).map(|(local, _)| local);
        let wishes = self.names.iter().map(String::as_str).chain(local);
        wishes.map(usable).find(|name| !name.is_empty()).unwrap_or_else(|| "user".to_owned())
    }

    /// Their address, if it is one.
    pub(crate) fn address(&self) -> Option<&str> {
        self.email.as_deref().map(str::trim).filter(|email| account::email(email).is_ok())
    }
}

/// A new account with these; where one is missing, something readable that nobody has is made.
pub(crate) fn account(
    identity: &Identity,
    username: Option<String>,
    email: Option<String>,
    now: DateTime<Utc>,
) -> Account {
    let id = UserId::fresh();
    let random = id.0.simple().to_string().split_off(26); // its end is random, its beginning is the time
    let unique = || format!("{}-{random}", identity.username().chars().take(NAME_MAX).collect::<String>());
    let username = username.unwrap_or_else(unique);
    let email = email.unwrap_or_else(|| format!("{}@{NOWHERE}", unique()));
    Account { id, number: 0, username, email, time_zone: None, created_at: now }
}

/// What of `name` may be in a username; words are joined by dots.
fn usable(name: &str) -> String {
    let words =
        name.split_whitespace().map(|word| word.chars().filter(|c| account::in_usernames(*c)).collect::<String>());
    let name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(".");
    name.chars().take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(names: &[&str], email: Option<&str>) -> Identity {
        let subject = Subject { issuer: "https://id.example.com".into(), subject: "1".into() };
        Identity { subject, names: names.iter().map(|&name| name.into()).collect(), email: email.map(Into::into) }
    }

    #[rstest::rstest]
    #[case(&["ann"], None, "ann")]
    #[case(&["Ann Smith", "ignored"], None, "Ann.Smith")]
    #[case(&[" ", "<Ünal> \t O'Neil\u{0}"], None, "Ünal.ONeil")]
    #[case(&["ann@example.com"], None, "annexample.com")]
    #[case(&[], Some("ann.s+x@example.com"), "ann.sx")]
    #[case(&["🙂"], Some("no address"), "user")]
    fn usernames(#[case] names: &[&str], #[case] email: Option<&str>, #[case] expected: &str) {
        assert_eq!(identity(names, email).username(), expected);
    }

    #[test]
    fn what_is_made_up_keeps_the_rules_of_registration() {
        let identity = identity(&["x".repeat(300).as_str()], Some("not an address"));
        assert_eq!(identity.address(), None);
        let made = account(&identity, None, None, DateTime::UNIX_EPOCH);
        let registration = account::Registration {
            username: made.username.clone(),
            email: made.email.clone(),
            password: "correct horse".into(),
        };
        let registration = registration.checked().unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!((registration.username, registration.email), (made.username, made.email));
    }

    #[rstest::rstest]
    #[case("", "1", false)]
    #[case("https://id.example.com", "", false)]
    #[case("https://id.example.com", "a\0b", false)]
    #[case("https://id.example.com", &"x".repeat(256), false)]
    #[case("https://id.example.com", &"é".repeat(255), true)]
    #[case("https://id.example.com", "auth0|ann smith 🙂", true)]
    fn subjects(#[case] issuer: &str, #[case] subject: &str, #[case] good: bool) {
        let subject = Subject { issuer: issuer.into(), subject: subject.into() };
        assert_eq!(subject.checked().is_ok(), good);
    }
}
