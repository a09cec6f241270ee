//! Grants: what a person lets a program do in their name, and the secrets with which the program shows it.
//!
//! A program asks, the person allows it (a [`Grant`]), the program gets a code that is good once, for it an access token and a
//! refresh token, and for each refresh token the next two. A token that a person makes for their own scripts is a grant too, one
//! without a client. Whoever takes a grant back takes everything back that was given for it.
//!
//! To add a kind of secret: a variant of [`Kind`] with its prefix, and the verb in [`crate::app`] that gives it away.

mod secret;

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use self::secret::random;
pub use self::secret::{Hash, Kind, Secret, challenge_of};
use crate::{
    error::Problem,
    id::{GrantId, UserId},
    scope::Scopes,
    text,
};

/// The longest name of a client, in characters; what is longer is cut.
const CLIENT_NAME_MAX: usize = 100;
/// The longest name of a person's own token, in characters.
pub const TOKEN_NAME_MAX: usize = 100;
/// The most days that a person's own token can be good for: ten years.
pub const TOKEN_DAYS_MAX: i64 = 3_650;

/// A program that has registered itself (RFC 7591).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it calls itself by when it asks.
    pub id: String,
    /// Its name for people, as it wrote it: nobody has checked it.
    pub name: String,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
}

/// A client's name as it can be shown: what it wrote, cleaned and cut; `otherwise` when nothing is left.
#[must_use]
pub fn client_name(written: &str, otherwise: &str) -> String {
    let name: String = text::clean(written, false).chars().take(CLIENT_NAME_MAX).collect();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

/// A name for a person's own token.
pub(crate) fn token_name(written: &str) -> Result<String, Problem> {
    let name = text::clean(written, false);
    text::length("name", &name, 1, TOKEN_NAME_MAX).map(|()| name)
}

/// What somebody allowed, as they see it in the list of clients, or of their own tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The id that travels.
    pub id: GrantId,
    /// The client; none for a person's own token.
    pub client: Option<String>,
    /// The client's name at that time, or the token's.
    pub name: String,
    /// What was allowed.
    pub scopes: Scopes,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself; none if it does not, or is renewed by being used.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a person allowed a client just now.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The client's id.
    pub client: String,
    /// The client's name.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// At which service: the address of `/mcp` (RFC 8707).
    pub resource: String,
    /// Where the code is sent to.
    pub redirect_uri: String,
    /// Whose SHA-256 this is, in base64url, has the right to the code (RFC 7636, method S256).
    pub challenge: String,
}

/// A code, and what has to be shown with it (RFC 6749, 4.1.3; RFC 7636, 4.5).
#[derive(Clone, Debug)]
pub struct Redemption {
    /// The code.
    pub code: String,
    /// The client's id.
    pub client: String,
    /// Where the code was sent to. OAuth 2.1 leaves it out; when it is there, it must be the same.
    pub redirect_uri: Option<String>,
    /// What the challenge was made of.
    pub verifier: String,
    /// The service that is meant; the grant's when there is none.
    pub resource: Option<String>,
}

/// A refresh token, and what is shown with it (RFC 6749, 6).
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The refresh token.
    pub token: String,
    /// The client's id.
    pub client: String,
    /// Fewer scopes than were allowed, for this access token only.
    pub scopes: Option<Scopes>,
    /// The service that is meant; the grant's when there is none.
    pub resource: Option<String>,
}

/// How long secrets are good.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token.
    pub access: TimeDelta,
    /// A refresh token.
    pub refresh: TimeDelta,
}

/// Tokens for a client.
#[derive(Debug)]
pub struct Issued {
    /// The access token.
    pub access: Secret,
    /// What the next ones are asked for with.
    pub refresh: Secret,
    /// What they may do.
    pub scopes: Scopes,
    /// How long the access token is good.
    pub expires_in: TimeDelta,
}

/// Why a client gets no tokens. Not in [`crate::Error`]: only OAuth's token endpoint can say it, and what was found out (a secret
/// that was shown twice) stays stored although the client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The code or the refresh token is wrong, ended, spent, or another client's; or what was shown with it does not fit.
    Grant,
    /// More scopes than were allowed.
    Scope,
    /// Another service than it was allowed for.
    Target,
}

/// Who shows an access token or a personal one, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Whose rows it is about.
    pub user: UserId,
    /// What was granted.
    pub scopes: Scopes,
    /// The client's name; none for a person's own token.
    pub client: Option<String>,
    /// For which service; none for a person's own token.
    pub resource: Option<String>,
    /// When the token ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Bearer {
    /// Whether the token is not good any more.
    #[must_use]
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
