//! Addresses that may be asked for a document that a stranger names: public ones. Everything else could be a machine that only this
//! one reaches, or this one itself (RFC 6890; OAuth Client ID Metadata Document, 8.6).

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What is not public of IPv4 (RFC 6890 and the registry that it began): this network, private, shared between providers and their
/// customers, loopback, link-local, documentation, benchmarks, relays, multicast, reserved.
const V4: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// All of IPv6 that is given out (RFC 4291, 2.4). Mapped, translated, unique local, link-local, multicast addresses lie outside.
const V6_GIVEN_OUT: &str = "2000::/3";
/// What is not public of that: protocols (Teredo, which has another address inside), documentation, 6to4 (the same).
const V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

struct Special {
    v4: Vec<IpNet>,
    v6: Vec<IpNet>,
    v6_given_out: IpNet,
}

static SPECIAL: LazyLock<Special> = LazyLock::new(|| {
    let network = |text: &str| text.parse::<IpNet>().expect("these are networks, and read in a test");
    let networks = |texts: &[&str]| texts.iter().map(|text| network(text)).collect();
    Special { v4: networks(&V4), v6: networks(&V6), v6_given_out: network(V6_GIVEN_OUT) }
});

/// Whether anybody on the internet can reach the address.
fn is_public(address: IpAddr) -> bool {
    let among = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
    match address {
        IpAddr::V4(_) => !among(&SPECIAL.v4),
        IpAddr::V6(_) => SPECIAL.v6_given_out.contains(&address) && !among(&SPECIAL.v6),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name has an address that is not public")]
struct NotPublic;

/// Resolves names, and refuses those that have any address which is not public. The connection goes to what is answered here, so a
/// name cannot have another address a moment later.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if addresses.iter().all(|address| is_public(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    #[rstest::rstest]
    #[case("1.1.1.1", true)]
    #[case("172.15.255.255", true)]
    #[case("2606:4700:4700::1111", true)]
    #[case("0.0.0.0", false)]
    #[case("10.1.2.3", false)]
    #[case("100.64.0.1", false)]
    #[case("100.127.255.255", false)]
    #[case("127.0.0.1", false)]
    #[case("127.9.9.9", false)]
    #[case("169.254.169.254", false)]
    #[case("172.31.0.1", false)]
    #[case("192.168.1.1", false)]
    #[case("198.19.0.1", false)]
    #[case("224.0.0.1", false)]
    #[case("255.255.255.255", false)]
    #[case("::", false)]
    #[case("::1", false)]
    #[case("::ffff:127.0.0.1", false)]
    #[case("::ffff:1.1.1.1", false)]
    #[case("64:ff9b::7f00:1", false)]
    #[case("2001::1", false)]
    #[case("2002:7f00:1::", false)]
    #[case("fc00::1", false)]
    #[case("fd12:3456::1", false)]
    #[case("fe80::1", false)]
    #[case("fec0::1", false)]
    #[case("ff02::1", false)]
    fn addresses(#[case] address: &str, #[case] public: bool) {
        assert_eq!(is_public(address.parse().unwrap()), public);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_resolved() {
        let refused = PublicOnly.resolve(Name::from_str("localhost").unwrap()).await.err().unwrap();
        assert!(refused.is::<NotPublic>(), "{refused}");
    }
}
