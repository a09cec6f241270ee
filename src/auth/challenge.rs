//! `WWW-Authenticate` at `/mcp`: what an agent's client has to do to be let in (RFC 6750, 3; RFC 9728, 5.1).

use axum::http::HeaderValue;
use errand_core::Scopes;

/// Where the description of `/mcp` as a protected resource is, after the service's address (RFC 9728, 3.1).
pub const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

/// With 401, when there was no token: where to find out whom to ask for one, and for which scopes.
#[must_use]
pub fn missing(base: &str, scopes: Scopes) -> HeaderValue {
    value(base, scopes, None)
}

/// With 401, when there was a token that is not, or no longer, good (RFC 6750, 3.1).
#[must_use]
pub fn unauthorized(base: &str, scopes: Scopes) -> HeaderValue {
    value(base, scopes, Some("invalid_token"))
}

/// With 403: the token is good, and `scopes` (all that is needed, not only what lacks) were not granted with it.
#[must_use]
pub fn insufficient(base: &str, scopes: Scopes) -> HeaderValue {
    value(base, scopes, Some("insufficient_scope"))
}

fn value(base: &str, scopes: Scopes, error: Option<&str>) -> HeaderValue {
    let error = error.map(|error| format!("error=\"{error}\", ")).unwrap_or_default();
    let text = format!("Bearer {error}resource_metadata=\"{base}{METADATA}\", scope=\"{scopes}\"");
    HeaderValue::try_from(text).expect("an address of ours and names of scopes are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://errand.example";

    #[test]
    fn without_a_token_no_error_is_named() {
        assert_eq!(
            missing(BASE, Scopes::ALL),
            "Bearer resource_metadata=\"https://errand.example/.well-known/oauth-protected-resource/mcp\", \
             scope=\"tasks:read tasks:write\""
        );
    }

    #[test]
    fn a_token_is_refused_with_the_reason() {
        let starts = |value: HeaderValue, start: &str| assert!(value.to_str().unwrap().starts_with(start), "{value:?}");
        starts(unauthorized(BASE, Scopes::ALL), "Bearer error=\"invalid_token\", resource_metadata=\"https://");
        starts(insufficient(BASE, Scopes::ALL), "Bearer error=\"insufficient_scope\", resource_metadata=\"https://");
    }
}
