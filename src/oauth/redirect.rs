//! Where a person's browser may be sent back to. What is not exactly registered is never gone to.

use reqwest::Url;

use crate::public_url::is_loopback;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

/// Schemes of programs on the person's machine that have no dot, although RFC 8252 (7.1) asks for one: editors that cannot be
/// connected otherwise. To add one: its name here.
const WITHOUT_DOT: [&str; 6] = ["cursor", "vscode", "vscode-insiders", "warp", "windsurf", "zed"];

/// Why an address cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadRedirect {
    #[error("is no absolute address of visible ASCII with at most {LONGEST} bytes")]
    NotAnAddress,
    #[error("must not have a fragment")]
    Fragment,
    #[error("must not have a user or a password")]
    User,
    #[error("must begin with https://, with http:// and a name of the machine itself, or with a scheme that has a dot")]
    Scheme,
}

/// Whether a client may have people sent to `uri` (RFC 8252, 7; RFC 9700, 2.1).
pub(super) fn check(uri: &str) -> Result<(), BadRedirect> {
    if uri.len() > LONGEST || !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains('\\') {
        return Err(BadRedirect::NotAnAddress);
    }
    let url = Url::parse(uri).map_err(|_| BadRedirect::NotAnAddress)?;
    if uri.contains('#') {
        return Err(BadRedirect::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadRedirect::User);
    }
    let good = match (url.scheme(), url.host_str()) {
        ("https", host) => host.is_some(),
        ("http", Some(host)) => is_loopback(host),
        (scheme, _) => scheme.contains('.') || WITHOUT_DOT.contains(&scheme),
    };
    if good { Ok(()) } else { Err(BadRedirect::Scheme) }
}

/// Whether `asked` is `registered`: the same text, but for the port on the machine itself, which a program only knows when it runs
/// (RFC 8252, 7.3).
pub(super) fn is_registered(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match (on_this_machine(registered), on_this_machine(asked)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Whether a person is sent to a program on their own machine, which any program there can pretend to be.
pub(super) fn is_local(uri: &str) -> bool {
    on_this_machine(uri).is_some()
}

/// Name and path of an address on the machine itself, without the port. Nothing is decoded or resolved in it.
fn on_this_machine(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host_end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(host_end);
    let port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (port && matches!(host, "localhost" | "127.0.0.1" | "[::1]")).then_some((host, path))
}

/// `uri` with more parameters.
pub(super) fn with(uri: &str, parameters: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://client.example/callback", Ok(()))]
    #[case("https://client.example/callback?a=b", Ok(()))]
    #[case("http://localhost/callback", Ok(()))]
    #[case("http://127.0.0.1:4321/callback", Ok(()))]
    #[case("http://[::1]/callback", Ok(()))]
    #[case("com.example.app:/callback", Ok(()))]
    #[case("cursor://anysphere.cursor-mcp/oauth/callback", Ok(()))]
    #[case("http://client.example/callback", Err(BadRedirect::Scheme))]
    #[case("http://localhost.evil.example/", Err(BadRedirect::Scheme))]
    #[case("http://192.168.0.1/callback", Err(BadRedirect::Scheme))]
    #[case("javascript:alert(1)", Err(BadRedirect::Scheme))]
    #[case("JavaScript://a.b/%0aalert(1)", Err(BadRedirect::Scheme))]
    #[case("data:text/html,x", Err(BadRedirect::Scheme))]
    #[case("file:///etc/passwd", Err(BadRedirect::Scheme))]
    #[case("ftp://client.example/", Err(BadRedirect::Scheme))]
    #[case("https://client.example/callback#part", Err(BadRedirect::Fragment))]
    #[case("https://client.example/callback#", Err(BadRedirect::Fragment))]
    #[case("https://client.example@evil.example/", Err(BadRedirect::User))]
    #[case("https://a:b@evil.example/", Err(BadRedirect::User))]
    #[case("/callback", Err(BadRedirect::NotAnAddress))]
    #[case("https://client.example\\@evil.example/", Err(BadRedirect::NotAnAddress))]
    #[case("https://client.example/ callback", Err(BadRedirect::NotAnAddress))]
    #[case("", Err(BadRedirect::NotAnAddress))]
    fn what_can_be_registered(#[case] uri: &str, #[case] expected: Result<(), BadRedirect>) {
        assert_eq!(check(uri), expected);
    }

    #[rstest::rstest]
    #[case("https://client.example/callback", "https://client.example/callback", true)]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1:51004/callback", true)]
    #[case("http://localhost:3000/callback", "http://localhost:51004/callback", true)]
    #[case("http://[::1]/callback", "http://[::1]:51004/callback", true)]
    #[case("https://client.example/callback", "https://client.example/callback/more", false)]
    #[case("https://client.example/callback", "https://client.example/callback/../evil", false)]
    #[case("https://client.example/callback", "https://client.example/Callback", false)]
    #[case("https://client.example/callback", "https://CLIENT.example/callback", false)]
    #[case("https://client.example/callback", "https://client.example:444/callback", false)]
    #[case("https://client.example/callback", "https://client.example.evil.example/callback", false)]
    #[case("https://client.example/callback", "https://client.example@evil.example/callback", false)]
    #[case("https://client.example/callback", "https://client.example/callback?x=1", false)]
    #[case("http://localhost/callback", "http://127.0.0.1/callback", false)]
    #[case("http://localhost/callback", "http://localhost:3000/other", false)]
    #[case("http://localhost/callback", "http://localhost:3000@evil.example/callback", false)]
    #[case("http://localhost/callback", "http://localhost:99999/callback", false)]
    #[case("http://localhost/callback", "http://localhost:3000/callback/../other", false)]
    #[case("http://localhost/callback", "https://localhost:3000/callback", false)]
    fn what_is_registered(#[case] registered: &str, #[case] asked: &str, #[case] expected: bool) {
        assert_eq!(is_registered(registered, asked), expected);
    }

    #[test]
    fn parameters_are_added_to_those_that_are_there() {
        let uri = with("https://client.example/callback?a=b", &[("code", "x y"), ("state", "&=")]);
        assert_eq!(uri.unwrap(), "https://client.example/callback?a=b&code=x+y&state=%26%3D");
    }
}
