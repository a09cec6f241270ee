//! Access tokens: JWTs signed with the service's own secret (HS256). No leeway: an expired token is expired.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{Account, Error, Result, UserId, id};
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
    /// When it was made, in seconds since the epoch.
    pub iat: i64,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
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

    /// A token for `account`.
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed.
    pub fn issue(&self, account: &Account, now: DateTime<Utc>) -> Result<String> {
        let claims = Claims {
            sub: account.id,
            name: account.username.clone(),
            jti: id::fresh(),
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| Error::Internal(format!("a token could not be signed: {error}")))
    }

    /// What a good token says.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation);
        let claims = token.map_err(|_| Error::Unauthenticated)?.claims;
        if claims.exp > now.timestamp() { Ok(claims) } else { Err(Error::Unauthenticated) }
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

    #[test]
    fn a_token_is_good_until_the_second_it_expires() {
        let keys = Keys::new(&[7; 32], Duration::from_mins(1));
        let (account, now) = (account(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let token = keys.issue(&account, now).unwrap();
        assert_eq!(keys.verify(&token, now + TimeDelta::seconds(59)).unwrap().sub, account.id);
        assert!(keys.verify(&token, now + TimeDelta::seconds(60)).is_err());
    }

    #[test]
    fn other_keys_and_other_algorithms_are_refused() {
        let (ours, theirs) = (Keys::new(&[7; 32], Duration::from_mins(1)), Keys::new(&[8; 32], Duration::from_mins(1)));
        let (account, now) = (account(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        assert!(ours.verify(&theirs.issue(&account, now).unwrap(), now).is_err());
        let claims = ours.verify(&ours.issue(&account, now).unwrap(), now).unwrap();
        let other = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &claims, &ours.signing).unwrap();
        assert!(ours.verify(&other, now).is_err());
        // {"alg":"none"}
        assert!(ours.verify("eyJhbGciOiJub25lIn0.e30.", now).is_err());
    }
}
