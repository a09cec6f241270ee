//! A set of public keys, and which of them may check which token.

use std::time::Instant;

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::{Deserialize, de::DeserializeOwned};

/// What tokens may be signed with.
pub(super) const ALGORITHMS: [Algorithm; 3] = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];

/// The keys that an identity service published.
#[derive(Default)]
pub(super) struct KeySet {
    keys: Vec<Key>,
    /// When; never for the empty set at the start.
    pub(super) fetched: Option<Instant>,
}

struct Key {
    id: Option<String>,
    /// The one algorithm that it is for: a token does not choose how its key is used.
    algorithm: Algorithm,
    checking: DecodingKey,
}

/// Why a token was not found good.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unchecked {
    /// The key that it needs is not here: there may be newer ones.
    NoKey,
    /// It is not good.
    Refused,
}

/// A set as it travels. Each key is read by itself: one of a new kind must not lock out those who use the others.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Reads a published set; keys that are of no use here are left out.
    pub(super) fn read(json: &[u8], fetched: Instant) -> serde_json::Result<Self> {
        let Published { keys } = serde_json::from_slice(json)?;
        let keys = keys.into_iter().filter_map(|key| Key::read(&serde_json::from_value(key).ok()?)).collect();
        Ok(Self { keys, fetched: Some(fetched) })
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What `token`, whose header is `header`, says, if one of these keys signed it and `validation` holds.
    pub(super) fn check<T: DeserializeOwned>(
        &self,
        token: &str,
        header: &Header,
        validation: &Validation,
    ) -> Result<T, Unchecked> {
        let key = self.key_for(header)?;
        let checked = jsonwebtoken::decode(token, &key.checking, validation);
        checked.map(|token| token.claims).map_err(|error| match error.kind() {
            // Nobody says that it was this key, only that there was no other: it may have been replaced.
            ErrorKind::InvalidSignature if header.kid.is_none() => Unchecked::NoKey,
            _ => Unchecked::Refused,
        })
    }

    fn key_for(&self, header: &Header) -> Result<&Key, Unchecked> {
        let fits = |key: &&Key| key.algorithm == header.alg;
        if let Some(id) = &header.kid {
            let mut named = self.keys.iter().filter(|key| key.id.as_ref() == Some(id)).peekable();
            named.peek().ok_or(Unchecked::NoKey)?;
            return named.find(fits).ok_or(Unchecked::Refused);
        }
        let mut fitting = self.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(Unchecked::NoKey),
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(Unchecked::Refused), // trying them in turn would be work for whoever sends nonsense
        }
    }
}

impl Key {
    /// The key, if it is one that signs tokens with an algorithm we know.
    fn read(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
            && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        let algorithm = algorithm(&jwk.algorithm).filter(|_| signs)?;
        let agrees = common.key_algorithm.is_none_or(|stated| stated == algorithm.into());
        let checking = DecodingKey::from_jwk(jwk).ok().filter(|_| agrees)?;
        Some(Self { id: common.key_id.clone(), algorithm, checking })
    }
}

/// What a key of this type and curve is used for.
fn algorithm(key: &AlgorithmParameters) -> Option<Algorithm> {
    match key {
        AlgorithmParameters::OctetKeyPair(key) => (key.curve == EllipticCurve::Ed25519).then_some(Algorithm::EdDSA),
        AlgorithmParameters::EllipticCurve(key) => (key.curve == EllipticCurve::P256).then_some(Algorithm::ES256),
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        _ => None, // above all not `oct`: a secret that everybody can read is none
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn ed() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuVLvAXyk"})
    }

    fn ec() -> Value {
        let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    }

    fn with(mut key: Value, field: &str, value: impl Into<Value>) -> Value {
        key[field] = value.into();
        key
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::read(json!({"keys": keys}).to_string().as_bytes(), Instant::now()).unwrap()
    }

    #[rstest]
    #[case(ed(), true)]
    #[case(ec(), true)]
    #[case(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), true)]
    #[case(with(ed(), "use", "sig"), true)]
    #[case(with(ed(), "use", "enc"), false)]
    #[case(with(ed(), "key_ops", vec!["verify"]), true)]
    #[case(with(ed(), "key_ops", vec!["sign"]), false)]
    #[case(with(ed(), "alg", "EdDSA"), true)]
    #[case(with(ed(), "alg", "ES256"), false)]
    #[case(with(ed(), "alg", "HS256"), false)]
    #[case(with(ed(), "crv", "X25519"), false)]
    #[case(with(ec(), "alg", "RS256"), false)]
    #[case(with(ec(), "crv", "P-384"), false)]
    #[case(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "PS256"}), false)]
    #[case(json!({"kty": "oct", "k": "c2VjcmV0"}), false)]
    #[case(json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "c2VjcmV0"}), false)]
    #[case(json!({"kty": "OKP", "crv": "Ed25519", "x": "%"}), false)]
    #[case(json!("nonsense"), false)]
    fn keys_of_use(#[case] key: Value, #[case] used: bool) {
        assert_eq!(set(&[key]).len(), usize::from(used));
    }

    #[rstest]
    #[case::by_its_id(&[with(ed(), "kid", "1"), with(ed(), "kid", "2")], Some("2"), Ok(()))]
    #[case::another_id(&[with(ed(), "kid", "1")], Some("2"), Err(Unchecked::NoKey))]
    #[case::no_ids_in_the_set(&[ed()], Some("2"), Err(Unchecked::NoKey))]
    #[case::an_id_of_another_kind(&[with(ec(), "kid", "1"), ed()], Some("1"), Err(Unchecked::Refused))]
    #[case::the_only_one(&[with(ed(), "kid", "1")], None, Ok(()))]
    #[case::the_only_one_of_its_kind(&[ec(), ed()], None, Ok(()))]
    #[case::one_of_two(&[with(ed(), "kid", "1"), ed()], None, Err(Unchecked::Refused))]
    #[case::none_of_its_kind(&[ec()], None, Err(Unchecked::NoKey))]
    fn which_key(#[case] keys: &[Value], #[case] kid: Option<&str>, #[case] expected: Result<(), Unchecked>) {
        let header = Header { kid: kid.map(Into::into), ..Header::new(Algorithm::EdDSA) };
        let keys = set(keys);
        assert_eq!(keys.key_for(&header).map(|key| assert_eq!(key.algorithm, Algorithm::EdDSA)), expected);
    }
}
