//! Profiles: what people show of themselves to those they share a room with.

use aws_lc_rs::rsa::PublicEncryptingKey;
use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    error::{Error, Problem, Result, Rule},
    text,
};

/// The longest name that is shown, in characters.
const NAME_MAX: usize = 100;
/// The longest address of a picture, in characters.
const AVATAR_MAX: usize = 2048;
/// With what the names of pictures in the store of files begin.
pub const AVATARS: &str = "avatars/";
/// The longest key, in bytes: RSA with 8192 bits takes about 1,500.
const KEY_MAX: usize = 4096;
/// What an RSA key begins with (RFC 7468, 13).
const KEY_TAG: &str = "PUBLIC KEY";

/// An account with what its person shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Profile {
    /// The account.
    #[sqlx(flatten)]
    pub account: Account,
    /// How they want to be called, 1-100 characters.
    pub display_name: String,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// With which room keys are wrapped for them: RSA, 2048-8192 bits, PEM of a `SubjectPublicKeyInfo`.
    pub public_key: Option<String>,
    /// Whether the e-mail address is known to be theirs.
    pub is_verified: bool,
    /// When they last logged in; registering counts.
    pub last_login: DateTime<Utc>,
}

impl Profile {
    /// What the picture is called in the store of files, if it is there.
    pub(crate) fn stored_avatar(&self) -> Option<&str> {
        self.avatar.as_deref()?.strip_prefix('/').filter(|name| name.starts_with(AVATARS))
    }
}

/// What a newcomer may say of themselves.
#[derive(Clone, Debug, Default)]
pub struct Introduction {
    /// The username when there is none.
    pub display_name: Option<String>,
    /// None until they have one.
    pub public_key: Option<String>,
}

impl Introduction {
    pub(crate) fn checked(self) -> Result<Self, Vec<Problem>> {
        let name = self.display_name.as_deref().map(display_name);
        let key = self.public_key.as_deref().map(public_key);
        match (name.transpose(), key.transpose()) {
            (Ok(display_name), Ok(public_key)) => Ok(Self { display_name, public_key }),
            (name, key) => Err([name.err(), key.err()].into_iter().flatten().collect()),
        }
    }
}

/// What changes of a profile; what is `None` stays, and `Some(None)` clears.
#[derive(Clone, Debug, Default)]
pub struct ProfileEdit {
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The address of a picture: `https://`, `http://`, or a path of this service.
    pub avatar: Option<Option<String>>,
    /// The key.
    pub public_key: Option<Option<String>>,
}

impl ProfileEdit {
    /// The profile with the changes.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that breaks a rule.
    pub(crate) fn applied(self, to: Profile) -> Result<Profile> {
        let mut problems = Vec::new();
        let mut or = |checked: Result<Option<String>, Problem>| checked.map_err(|problem| problems.push(problem)).ok();
        let name = self.display_name.map(|name| or(display_name(&name).map(Some)).flatten());
        let avatar = self.avatar.map(|url| or(url.as_deref().map(avatar).transpose()));
        let key = self.public_key.map(|key| or(key.as_deref().map(public_key).transpose()));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Profile {
            display_name: name.flatten().unwrap_or(to.display_name),
            avatar: avatar.flatten().unwrap_or(to.avatar),
            public_key: key.flatten().unwrap_or(to.public_key),
            ..to
        })
    }
}

fn display_name(name: &str) -> Result<String, Problem> {
    let name = text::clean(name, false);
    text::length("display_name", &name, 1, NAME_MAX).map(|()| name)
}

fn avatar(url: &str) -> Result<String, Problem> {
    let url = url.trim().to_owned();
    text::length("avatar_url", &url, 1, AVATAR_MAX)?;
    let somewhere =
        ["https://", "http://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    let here = url.starts_with('/') && !url.starts_with("//");
    let plain = !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '"' | '<' | '>'));
    if plain && (somewhere || here) {
        Ok(url)
    } else {
        Err(Problem::new("avatar_url", "must be an address that begins with https:// or http://").of(Rule::Format))
    }
}

/// Checks that it is an RSA key of a size that can be computed with.
fn public_key(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_owned();
    let wrong = |message: &str| Problem::new("public_key", message).of(Rule::Format);
    if text.len() > KEY_MAX {
        return Err(Problem::new("public_key", format!("must have at most {KEY_MAX} bytes")).of(Rule::Length));
    }
    let block = pem::parse(&text).ok().filter(|block| block.tag() == KEY_TAG);
    let block = block.ok_or_else(|| wrong("must be PEM that begins with -----BEGIN PUBLIC KEY-----"))?;
    PublicEncryptingKey::from_der(block.contents())
        .map(|_| text)
        .map_err(|_| wrong("must be an RSA key with 2048 to 8192 bits, as a SubjectPublicKeyInfo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://example.com/a.png", true)]
    #[case("/users/1/avatar", true)]
    #[case("//example.com/a.png", false)]
    #[case("javascript:alert(1)", false)]
    #[case("data:image/png;base64,AAAA", false)]
    #[case("https://", false)]
    #[case("https://example.com/\"onload", false)]
    #[case("", false)]
    fn pictures_are_at_addresses(#[case] url: &str, #[case] good: bool) {
        assert_eq!(avatar(url).is_ok(), good);
    }

    #[rstest::rstest]
    #[case("")]
    #[case("ssh-rsa AAAA")]
    #[case("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    #[case("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----")]
    #[case(&"x".repeat(4097))]
    fn what_is_no_key(#[case] text: &str) {
        assert_eq!(public_key(text).unwrap_err().field, "public_key");
    }
}
