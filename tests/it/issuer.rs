//! An identity service: keys made for the test, tokens signed with them, and a real endpoint that publishes them and counts.

use std::{
    future::IntoFuture,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use errand::config::Config;
use errand_core::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Who the service says it is, as Better Auth does: its address, in `iss` and in `aud`.
pub(crate) const NAME: &str = "https://app.example.com";

/// A key pair.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) secret: EncodingKey,
}

impl Key {
    pub(crate) fn new(algorithm: Algorithm, id: &str) -> Self {
        let secret = match algorithm {
            Algorithm::EdDSA => {
                EncodingKey::from_ed_der(Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap().as_ref())
            }
            Algorithm::ES256 => {
                let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
                EncodingKey::from_ec_der(EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new()).unwrap().as_ref())
            }
            Algorithm::RS256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der().unwrap();
                EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..]) // what PKCS#8 wraps begins there, for 2048 bits
            }
            other => panic!("there are no keys for {other:?}"),
        };
        Self { id: Some(id.into()), algorithm, secret }
    }

    pub(crate) fn without_id(self) -> Self {
        Self { id: None, ..self }
    }

    /// The public half, as it is published.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.secret, self.algorithm).unwrap();
        jwk.common.key_id.clone_from(&self.id);
        serde_json::to_value(jwk).unwrap()
    }

    pub(crate) fn header(&self) -> Header {
        Header { kid: self.id.clone(), ..Header::new(self.algorithm) }
    }

    /// A token that says this.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&self.header(), claims, &self.secret).unwrap()
    }
}

/// A good token's claims, as Better Auth's JWT plugin makes them; good for a quarter of an hour.
pub(crate) fn claims(subject: &str) -> Value {
    let now = Clock::System.now().timestamp();
    json!({
        "iat": now, "exp": now + 900, "iss": NAME, "aud": NAME, "sub": subject, "id": subject,
        "name": format!("Ann {subject}"), "email": format!("ann.{subject}@example.com"), "emailVerified": false,
    })
}

/// `claims` with other values; `null` takes one away.
pub(crate) fn but(mut claims: Value, other: &Value) -> Value {
    for (name, value) in other.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// How the endpoint behaves.
#[derive(Clone)]
pub(crate) enum Mood {
    Publishes(Vec<Value>),
    Fails,
    Hangs,
}

/// The endpoint.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) url: String,
    mood: Arc<Mutex<Mood>>,
    fetched: Arc<AtomicUsize>,
}

impl Service {
    pub(crate) async fn publishing(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/auth/jwks", listener.local_addr().unwrap());
        let mood = Mood::Publishes(keys.iter().map(|key| key.jwk()).collect());
        let service = Self { url, mood: Arc::new(Mutex::new(mood)), fetched: Arc::default() };
        let router = Router::new().route("/api/auth/jwks", get(answer)).with_state(service.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        service
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn publishes(&self, keys: &[&Key]) {
        self.becomes(Mood::Publishes(keys.iter().map(|key| key.jwk()).collect()));
    }

    pub(crate) fn fetched(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }

    /// Settings that name this service.
    pub(crate) fn configured(&self) -> impl FnOnce(&mut Config) + use<> {
        let url = self.url.clone();
        move |config| {
            config.auth.jwks_url = Some(url);
            config.auth.issuer = Some(NAME.into());
            config.auth.audience = Some(NAME.into());
        }
    }
}

async fn answer(State(service): State<Service>) -> impl IntoResponse {
    service.fetched.fetch_add(1, Ordering::SeqCst);
    let mood = service.mood.lock().unwrap().clone();
    match mood {
        Mood::Publishes(keys) => (StatusCode::OK, json!({"keys": keys}).to_string()),
        Mood::Fails => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        Mood::Hangs => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            (StatusCode::OK, String::new())
        }
    }
}
