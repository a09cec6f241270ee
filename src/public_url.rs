//! Where people and their programs find this service: what stands before the path in every address that it hands out.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header, uri::Authority};

use crate::config::Server;

/// The address by which the service is known.
///
/// With `server.public_url` set it is always that. Without, the service is for this machine, which has several names for itself:
/// whoever came by one of them is answered with the same one, because clients compare what they typed with what they are told.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    configured: Option<String>,
    listen: SocketAddr,
}

impl PublicUrl {
    /// As the settings say.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        let configured = server.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        Self { configured, listen: server.listen }
    }

    /// For whoever sent `headers`; without a slash at the end.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap) -> String {
        match (&self.configured, host(headers)) {
            (Some(url), _) => url.clone(),
            (None, Some(host)) if is_loopback(host.host()) && !host.as_str().contains('@') => format!("http://{host}"),
            (None, _) => format!("http://{}", self.listen),
        }
    }

    /// Whether `url` is a name of this service followed by `path`.
    #[must_use]
    pub fn is_ours(&self, url: &str, path: &str, headers: &HeaderMap) -> bool {
        url.strip_prefix(&self.of(headers)).is_some_and(|rest| rest == path)
    }

    /// Whether `url` is some name of this service followed by `path`, whoever asked by which.
    #[must_use]
    pub fn has_been(&self, url: &str, path: &str) -> bool {
        let Some(base) = url.strip_suffix(path) else { return false };
        if let Some(configured) = &self.configured {
            return base == configured;
        }
        let authority = base.strip_prefix("http://").and_then(|authority| authority.parse::<Authority>().ok());
        authority.is_some_and(|name| is_loopback(name.host()) || name.as_str() == self.listen.to_string())
    }

    /// The one name that is configured, if one is.
    #[must_use]
    pub fn configured(&self) -> Option<&str> {
        self.configured.as_deref()
    }
}

/// The host that a request was sent to, with its port.
fn host(headers: &HeaderMap) -> Option<Authority> {
    headers.get(header::HOST)?.to_str().ok()?.parse().ok()
}

/// Whether a host is this machine's own name for itself: `localhost`, `127.0.0.1`, `[::1]`.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(configured: Option<&str>, host: &str) -> String {
        let url = PublicUrl { configured: configured.map(Into::into), listen: ([127, 0, 0, 1], 8000).into() };
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        url.of(&headers)
    }

    #[test]
    fn this_machine_by_the_name_that_was_used() {
        assert_eq!(known(None, "localhost:8000"), "http://localhost:8000");
        assert_eq!(known(None, "[::1]:9"), "http://[::1]:9");
        assert_eq!(known(None, "evil.example"), "http://127.0.0.1:8000");
        assert_eq!(known(None, "localhost.evil.example"), "http://127.0.0.1:8000");
        assert_eq!(known(None, "user@localhost"), "http://127.0.0.1:8000");
    }

    #[rstest::rstest]
    #[case(None, "http://localhost:8000/mcp", true)]
    #[case(None, "http://127.0.0.1:8000/mcp", true)]
    #[case(None, "http://localhost:8000/other", false)]
    #[case(None, "http://errand.example/mcp", false)]
    #[case(None, "http://localhost.evil.example/mcp", false)]
    #[case(Some("https://errand.example"), "https://errand.example/mcp", true)]
    #[case(Some("https://errand.example"), "http://localhost:8000/mcp", false)]
    #[case(Some("https://errand.example"), "https://errand.example.evil/mcp", false)]
    fn names_that_it_has(#[case] configured: Option<&str>, #[case] url: &str, #[case] known: bool) {
        let name = PublicUrl { configured: configured.map(Into::into), listen: ([127, 0, 0, 1], 8000).into() };
        assert_eq!(name.has_been(url, "/mcp"), known);
    }

    #[test]
    fn the_configured_name_whatever_was_used() {
        assert_eq!(known(Some("https://errand.example"), "localhost:8000"), "https://errand.example");
    }
}
