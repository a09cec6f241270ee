//! The settings: defaults < file < environment, read once at the start into types that say what they mean.
//!
//! The defaults, with what each setting is for, are in `config.default.toml`, which is inside the binary; the fields here repeat only
//! units and bounds. `sources` reads and merges, `values` has the types, `rules` says what makes no sense, `print` shows what holds.
//!
//! To add a setting: a line with its comment in `config.default.toml`, a field here, its bounds in `Config::problems`.
//! The environment variable `ERRAND_SECTION__KEY` is there by itself.

mod error;
mod networks;
mod origins;
mod print;
mod rules;
mod sources;
mod values;

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    error::ConfigError,
    networks::Networks,
    origins::{Origins, same_origin},
    sources::{Settings, Sources},
    values::{Anonymous, DatabaseUrl, FilesUrl, Limit, Listen, LogFormat, Secret},
};

/// Every setting.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How it is served.
    pub server: Server,
    /// Where it is kept.
    pub database: Database,
    /// What people upload.
    pub files: Files,
    /// What instances share beside the database.
    pub redis: Redis,
    /// Access tokens.
    pub auth: Auth,
    /// The endpoint for people's agents.
    pub mcp: Mcp,
    /// The contract `rooms`.
    pub rooms: Rooms,
    /// Programs that people let act in their name.
    pub oauth: Oauth,
    /// How often people may ask.
    pub limits: Limits,
    /// The assistant.
    pub agent: Agent,
    /// The log.
    pub telemetry: Telemetry,
}

/// How it is served.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    #[serde(deserialize_with = "values::address")]
    pub listen: SocketAddr,
    /// The same for the contract `chasqui`, which has a listener of its own.
    pub listen_chasqui: Listen,
    /// What people type to come here, `http://` or `https://`, when that is not `listen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Proxies that may say for whom they ask, in `Forwarded` or `X-Forwarded-For`.
    pub trusted_proxies: Networks,
    /// Bytes, 1 KiB to 64 MiB.
    #[serde(with = "values::bytes")]
    pub max_body: usize,
    /// From the signal to the end.
    #[serde(with = "values::duration")]
    pub shutdown_grace: Duration,
}

/// Where it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: DatabaseUrl,
    /// 1 to 1000.
    pub connections: u32,
    /// Events of a topic that can be asked for again, at least 1.
    pub replay: i64,
}

impl Database {
    /// How the store is opened.
    #[must_use]
    pub fn options(&self) -> errand_core::store::Options {
        let Self { url, connections, replay } = self;
        errand_core::store::Options { url: url.expose().to_owned(), connections: *connections, replay: *replay }
    }

    /// The file, when it is `SQLite`.
    #[must_use]
    pub fn file(&self) -> Option<&std::path::Path> {
        self.url.sqlite_path()
    }

    /// Which kind it is, for the log: the address may have a password in it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.file().is_some() { "SQLite" } else { "PostgreSQL" }
    }
}

/// What people upload.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// `file:PATH` or `s3://bucket/prefix`; a folder beside the database when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<FilesUrl>,
}

/// What instances share beside the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://…` or `rediss://…`. A secret, because there may be a password in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
}

/// Access tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// One second to ten years.
    #[serde(with = "values::duration")]
    pub token_lifetime: Duration,
    /// At least 32 bytes; [`crate::secret`] makes one when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// `http://` or `https://`: where an outside identity service publishes its keys. Its tokens are accepted when this is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// What `iss` must be in its tokens; anything when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What `aud` must be, or have, in its tokens; anything when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

/// The endpoint for people's agents.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mcp {
    /// Names by which it may be asked, besides those that always may.
    #[serde(deserialize_with = "values::texts")]
    pub allowed_hosts: Vec<String>,
    /// Web pages that may ask it: scheme, host, and a port, `*` for any, or none for the scheme's own.
    pub allowed_origins: Origins,
    /// How long an unused session lives.
    #[serde(with = "values::duration")]
    pub session_idle: Duration,
    /// 1 to 1000.
    pub sessions_per_user: u32,
    /// Who may come in without a token: nobody, when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<Anonymous>,
}

/// The contract `rooms`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rooms {
    /// Up to a year.
    #[serde(with = "values::duration")]
    pub access_token_lifetime: Duration,
    /// From its last use, up to a year.
    #[serde(with = "values::duration")]
    pub refresh_token_lifetime: Duration,
}

/// Programs that people let act in their name.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// Up to a year.
    #[serde(with = "values::duration")]
    pub access_token_lifetime: Duration,
    /// From its last use, up to a year.
    #[serde(with = "values::duration")]
    pub refresh_token_lifetime: Duration,
    /// Whether clients' documents may be on this machine, at `http://`.
    #[serde(deserialize_with = "values::switch")]
    pub loopback_documents: bool,
}

/// How often people may ask.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether anybody is limited at all.
    #[serde(deserialize_with = "values::switch")]
    pub enabled: bool,
    /// Chat turns over HTTP, for each user.
    pub chat: Limit,
    /// Requests of agents, for each user.
    pub mcp: Limit,
    /// Requests to `/api/v1`, for each address.
    pub v1: Limit,
    /// Requests to the endpoints of `rooms`, for each user, or address.
    pub rooms: Limit,
    /// Sockets at `/ws` that each user may have open at a time.
    pub sockets: usize,
    /// Files and pictures that are uploaded, for each user.
    pub uploads: Limit,
    /// Failed logins of one account from one address.
    pub login: Limit,
    /// Failed logins from one address.
    pub login_address: Limit,
    /// Failed logins of one account.
    pub login_account: Limit,
    /// Logins on the consent page, for each address.
    pub oauth_login: Limit,
    /// Clients that register, or whose document is fetched, for each address.
    pub oauth_clients: Limit,
}

/// The assistant.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// In one turn, at least 1.
    pub model_calls: u32,
    /// In one turn, at least 1.
    pub tool_calls: u32,
    /// For one answer of the model.
    #[serde(with = "values::duration")]
    pub model_call_timeout: Duration,
    /// For all of a turn.
    #[serde(with = "values::duration")]
    pub turn_timeout: Duration,
    /// Tokens of history in a prompt, 500 to 2,000,000.
    pub context_tokens: usize,
    /// The language model.
    pub provider: Provider,
}

impl Agent {
    /// The language model to ask: there is one as soon as a key or an address is set. Without, the built-in assistant answers.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        let Provider { api_key, base_url, .. } = &self.provider;
        (api_key.is_some() || base_url.is_some()).then_some(&self.provider)
    }
}

/// A language model, at a service that speaks like `OpenAI`'s.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What the service asks for; servers of one's own often ask for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// `http://` or `https://`, up to and with `/v1`; `OpenAI`'s when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The model's name there.
    pub model: String,
    /// After the first try, 0 to 10.
    pub retries: u32,
    /// 0 to 2; the provider's own when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "values::decimal")]
    pub temperature: Option<f32>,
}

/// The log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// A filter as `tracing` knows them: `info,errand::agent=debug`.
    pub log: String,
    /// How a line looks.
    pub format: LogFormat,
    /// Whether `/metrics` tells what was counted.
    pub metrics: bool,
    /// Who may read `/metrics`: everybody who can reach it, or whoever shows this as a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_token: Option<Secret>,
}

#[cfg(test)]
mod tests;
