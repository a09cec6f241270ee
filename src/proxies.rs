//! Who is at the other end when proxies stand between: the peer of the connection, unless it is a proxy that we trust to say for whom
//! it asks. Whoever else sends `Forwarded` or `X-Forwarded-For` is not believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

use crate::config::Networks;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address. Each proxy adds whom it was asked by at the end of the header, so the last address that is no proxy of
/// ours is the client's; what stands before it the client may have written itself. A header that cannot be read up to there says
/// nothing, and neither do two headers that disagree: a proxy that writes one of them may pass on the other as it came.
pub(crate) fn client(trusted: &Networks, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contain(peer) {
        return peer;
    }
    let named = |header: HeaderName, node: fn(&str) -> Option<IpAddr>| {
        headers.contains_key(&header).then(|| last(trusted, headers, &header, node))
    };
    match (named(header::FORWARDED, forwarded), named(X_FORWARDED_FOR, node)) {
        (Some(one), None) | (None, Some(one)) => one,
        (Some(one), Some(other)) if one == other => one,
        (None, None) | (Some(_), Some(_)) => None,
    }
    .unwrap_or(peer)
}

/// The last address in all lines of a header that is no proxy of ours.
fn last(
    trusted: &Networks,
    headers: &HeaderMap,
    name: &HeaderName,
    read: fn(&str) -> Option<IpAddr>,
) -> Option<IpAddr> {
    let lines: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    for element in split(&lines?.join(","), ',').iter().rev() {
        let address = read(element.trim())?;
        if !trusted.contain(address) {
            return Some(address);
        }
    }
    None
}

/// `for=192.0.2.60;proto=http` (RFC 7239).
fn forwarded(element: &str) -> Option<IpAddr> {
    let pairs = split(element, ';');
    let mut fors = pairs.iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    });
    let (value, None) = (fors.next()?, fors.next()) else { return None };
    let quoted = value.strip_prefix('"').map(|value| value.strip_suffix('"'));
    node(quoted.unwrap_or(Some(value))?)
}

/// An address, with or without a port: `192.0.2.60`, `192.0.2.60:80`, `2001:db8::1`, `[2001:db8::1]:80`. Names hide somebody.
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bracketed.unwrap_or(text).parse().or_else(|_| text.parse().map(|node: SocketAddr| node.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// The parts between separators that are not inside quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let parts = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        parts
    })
    .collect()
}

#[cfg(test)]
mod tests;
