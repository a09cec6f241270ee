//! Rules that the types of the settings cannot tell.
//!
//! To add one: a line in [`Config::problems`].

use std::time::Duration;

use super::{Anonymous, Auth, Config, Listen, Server};

/// A value that is of the right type and still makes no sense: the setting, and the rule that it breaks.
type Problem = (&'static str, String);

impl Config {
    /// Every rule that types alone cannot tell.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let Self { server, database, files: _, redis, auth, mcp, rooms, oauth, limits, agent, telemetry } = self;
        let durations = [
            ("server.shutdown_grace", server.shutdown_grace),
            ("auth.token_lifetime", auth.token_lifetime),
            ("mcp.session_idle", mcp.session_idle),
            ("rooms.access_token_lifetime", rooms.access_token_lifetime),
            ("rooms.refresh_token_lifetime", rooms.refresh_token_lifetime),
            ("oauth.access_token_lifetime", oauth.access_token_lifetime),
            ("oauth.refresh_token_lifetime", oauth.refresh_token_lifetime),
            ("limits.chat.per", limits.chat.per),
            ("limits.mcp.per", limits.mcp.per),
            ("limits.v1.per", limits.v1.per),
            ("limits.rooms.per", limits.rooms.per),
            ("limits.uploads.per", limits.uploads.per),
            ("limits.login.per", limits.login.per),
            ("limits.login_address.per", limits.login_address.per),
            ("limits.login_account.per", limits.login_account.per),
            ("limits.oauth_login.per", limits.oauth_login.per),
            ("limits.oauth_clients.per", limits.oauth_clients.per),
            ("agent.model_call_timeout", agent.model_call_timeout),
            ("agent.turn_timeout", agent.turn_timeout),
        ];
        let durations = durations.into_iter().filter_map(|(key, value)| within_a_year(key, value));
        let addresses = [
            ("server.public_url", server.public_url.as_deref()),
            ("auth.jwks_url", auth.jwks_url.as_deref()),
            ("agent.provider.base_url", agent.provider.base_url.as_deref()),
        ];
        let addresses = addresses.into_iter().filter_map(|(key, value)| web_address(key, value?));
        let provider = &agent.provider;
        let others = [
            same_listener(server).then(|| ("server.listen_chasqui", "must not be server.listen".to_owned())),
            between("server.max_body", server.max_body, 1 << 10, 64 << 20, " bytes"),
            between("database.connections", database.connections, 1, 1_000, ""),
            between("database.replay", database.replay, 1, 1_000_000, ""),
            between("mcp.sessions_per_user", mcp.sessions_per_user, 1, 1_000, ""),
            mcp.anonymous.and_then(|Anonymous::Loopback| strangers_on(server)),
            redis.url.as_ref().and_then(|url| redis_address(url.expose())),
            without_keys(auth, "auth.issuer", auth.issuer.as_ref()),
            without_keys(auth, "auth.audience", auth.audience.as_ref()),
            between("limits.chat.max", limits.chat.max, 1, u32::MAX, ""),
            between("limits.mcp.max", limits.mcp.max, 1, u32::MAX, ""),
            between("limits.v1.max", limits.v1.max, 1, u32::MAX, ""),
            between("limits.rooms.max", limits.rooms.max, 1, u32::MAX, ""),
            between("limits.uploads.max", limits.uploads.max, 1, u32::MAX, ""),
            between("limits.login.max", limits.login.max, 1, u32::MAX, ""),
            between("limits.login_address.max", limits.login_address.max, 1, u32::MAX, ""),
            between("limits.login_account.max", limits.login_account.max, 1, u32::MAX, ""),
            between("limits.oauth_login.max", limits.oauth_login.max, 1, u32::MAX, ""),
            between("limits.sockets", limits.sockets, 1, 100_000, ""),
            between("limits.oauth_clients.max", limits.oauth_clients.max, 1, u32::MAX, ""),
            between("agent.model_calls", agent.model_calls, 1, 100, ""),
            between("agent.tool_calls", agent.tool_calls, 1, 1_000, ""),
            between("agent.context_tokens", agent.context_tokens, 500, 2_000_000, ""),
            between("agent.provider.retries", provider.retries, 0, 10, ""),
            provider.temperature.and_then(|degree| between("agent.provider.temperature", degree, 0.0, 2.0, "")),
            provider.model.trim().is_empty().then(|| ("agent.provider.model", "must name a model".to_owned())),
            telemetry.metrics_token.as_ref().and_then(|token| short("telemetry.metrics_token", token.expose())),
            crate::telemetry::problem(&telemetry.log).map(|why| ("telemetry.log", why)),
        ];
        durations.chain(addresses).chain(others.into_iter().flatten()).collect()
    }
}

/// Port 0 is another free one each time.
fn same_listener(server: &Server) -> bool {
    server.listen.port() != 0 && server.listen_chasqui == Listen::At(server.listen)
}

/// Whoever comes without a token would be let in: only where nobody but this machine can come, and only in a build that is for that.
fn strangers_on(server: &Server) -> Option<Problem> {
    let rule = if !cfg!(feature = "conformance-fixtures") {
        "is only for builds with the feature conformance-fixtures"
    } else if !server.listen.ip().is_loopback() {
        "is only for a server.listen that is this machine's own address, such as 127.0.0.1"
    } else {
        return None;
    };
    Some(("mcp.anonymous", rule.to_owned()))
}

/// Whoever says what an outside service's tokens must say, and not where its keys are, would have none of them accepted.
fn without_keys(auth: &Auth, key: &'static str, value: Option<&String>) -> Option<Problem> {
    let rule = "is about the tokens of an identity service, which auth.jwks_url (JWKS_URL) has to name";
    (value.is_some() && auth.jwks_url.is_none()).then(|| (key, rule.to_owned()))
}

/// What nobody should guess.
fn short(key: &'static str, secret: &str) -> Option<Problem> {
    (secret.len() < 16).then(|| (key, "must have at least 16 bytes".to_owned()))
}

fn within_a_year(key: &'static str, value: Duration) -> Option<Problem> {
    let year = Duration::from_hours(366 * 24);
    let sensible = (Duration::from_millis(1)..=year).contains(&value);
    (!sensible).then(|| (key, "must be longer than nothing and at most a year".to_owned()))
}

fn between<T: Copy + PartialOrd + std::fmt::Display>(
    key: &'static str,
    value: T,
    least: T,
    most: T,
    unit: &str,
) -> Option<Problem> {
    let sensible = (&least..=&most).contains(&&value);
    (!sensible).then(|| (key, format!("must be between {least} and {most}{unit}, not {value}")))
}

/// Without the value: there may be a password in it.
fn redis_address(url: &str) -> Option<Problem> {
    let sensible = url.starts_with("redis://") || url.starts_with("rediss://");
    (!sensible).then(|| ("redis.url", "must begin with redis:// or rediss://".to_owned()))
}

fn web_address(key: &'static str, value: &str) -> Option<Problem> {
    let sensible = reqwest::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    (!sensible).then(|| (key, format!("must begin with http:// or https://, not be {value:?}")))
}
