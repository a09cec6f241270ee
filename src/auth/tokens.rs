//! Access tokens: JWTs signed with the service's own secret (HS256). No leeway: an expired token is expired.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{Account, Error, LoginId, Result, UserId, id, login::Pass};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    pub sub: UserId,
    /// Its name, for clients to show.
    pub name: String,
    /// This token's own id.
    pub jti: Uuid,
    /// The login that it belongs to; none in those that who holds the secret made for themselves.
    #[serde(default)]
    pub sid: Option<LoginId>,
    /// How often the login had been renewed.
    #[serde(default, rename = "gen")]
    pub generation: i64,
    /// When it was made, in seconds since the epoch.
    pub iat: i64,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
}

impl Claims {
    /// The login that the token belongs to.
    #[must_use]
    pub fn pass(&self) -> Option<Pass> {
        self.sid.map(|login| Pass { login, generation: self.generation })
    }
}

/// The keys that sign and check tokens.
pub struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    lifetime: TimeDelta,
}

impl Keys {
    /// Keys from the service's secret; tokens live for `lifetime`.
    #[must_use]
    pub fn new(secret: &[u8], lifetime: std::time::Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["sub", "exp"]);
        validation.validate_exp = false; // checked below, against our own clock
        Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            lifetime: TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX),
        }
    }

    /// How long tokens live where a contract does not say.
    #[must_use]
    pub fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// A token for `account`, of a login of theirs, good for `lifetime`. Without a login nobody can take it back: that is for programs
    /// that hold the secret and make one for each request.
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed.
    pub fn issue(
        &self,
        account: &Account,
        pass: impl Into<Option<Pass>>,
        lifetime: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let pass = pass.into();
        let claims = Claims {
            sub: account.id,
            name: account.username.clone(),
            jti: id::fresh(),
            sid: pass.map(|pass| pass.login),
            generation: pass.map_or(0, |pass| pass.generation),
            iat: now.timestamp(),
            exp: now.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC).timestamp(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| Error::Internal(format!("a token could not be signed: {error}")))
    }

    /// What a good token says.
    ///
    /// # Errors
    /// [`Error::Expired`] for one that was good; [`Error::Unauthenticated`].
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation);
        let claims = token.map_err(|_| Error::Unauthenticated)?.claims;
        if claims.exp > now.timestamp() { Ok(claims) } else { Err(Error::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn account() -> Account {
        Account {
            id: UserId::fresh(),
            number: 1,
            username: "ann".into(),
            email: "ann@example.com".into(),
            time_zone: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn pass() -> Pass {
        Pass { login: LoginId::fresh(), generation: 0 }
    }

    #[test]
    fn a_token_is_good_until_the_second_it_expires() {
        let keys = Keys::new(&[7; 32], Duration::from_mins(1));
        let (account, now) = (account(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let token = keys.issue(&account, pass(), keys.lifetime(), now).unwrap();
        assert_eq!(keys.verify(&token, now + TimeDelta::seconds(59)).unwrap().sub, account.id);
        let expired = keys.verify(&token, now + TimeDelta::seconds(60));
        assert!(matches!(expired, Err(Error::Expired)), "{expired:?}");
    }

    #[test]
    fn other_keys_and_other_algorithms_are_refused() {
        let (ours, theirs) = (Keys::new(&[7; 32], Duration::from_mins(1)), Keys::new(&[8; 32], Duration::from_mins(1)));
        let (account, now) = (account(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let issued = |keys: &Keys| keys.issue(&account, pass(), keys.lifetime(), now).unwrap();
        assert!(matches!(ours.verify(&issued(&theirs), now), Err(Error::Unauthenticated)));
        let claims = ours.verify(&issued(&ours), now).unwrap();
        let other = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims, &ours.signing).unwrap();
        assert!(ours.verify(&other, now).is_err());
        // {"alg":"none"}
        assert!(ours.verify("eyJhbGciOiJub25lIn0.e30.", now).is_err());
    }
}
