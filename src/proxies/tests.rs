use axum::http::HeaderValue;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

const PEER: &str = "10.0.0.1";

fn seen(trusted: &str, peer: &str, lines: &[(&'static str, &str)]) -> String {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    client(&trusted.parse().unwrap(), peer.parse().unwrap(), &headers).to_string()
}

#[rstest]
#[case::one("192.0.2.7", "192.0.2.7")]
#[case::what_the_client_wrote_does_not_count("1.1.1.1, 192.0.2.7", "192.0.2.7")]
#[case::nor_when_it_is_nonsense("no address, \", 192.0.2.7", PEER)]
#[case::left_of_the_client_nothing_is_read("no address, 192.0.2.7", "192.0.2.7")]
#[case::other_proxies_of_ours_are_passed_over("1.1.1.1, 192.0.2.7, 10.0.0.3 ,10.9.9.9", "192.0.2.7")]
#[case::with_a_port("192.0.2.7:4711", "192.0.2.7")]
#[case::version_six("2001:db8::7", "2001:db8::7")]
#[case::version_six_with_a_port("[2001:db8::7]:4711", "2001:db8::7")]
#[case::version_six_in_brackets("[2001:db8::7]", "2001:db8::7")]
#[case::four_written_as_six("::ffff:192.0.2.7", "192.0.2.7")]
#[case::empty("", PEER)]
#[case::only_proxies("10.0.0.2, 10.0.0.3", PEER)]
#[case::nonsense("unknown", PEER)]
#[case::nonsense_last("192.0.2.7, unknown", PEER)]
#[case::an_empty_element_last("192.0.2.7,", PEER)]
#[case::not_quite_an_address("192.0.2", PEER)]
#[case::a_name("example.com", PEER)]
fn x_forwarded_for(#[case] value: &str, #[case] expected: &str) {
    assert_eq!(seen("10.0.0.0/8", PEER, &[("x-forwarded-for", value)]), expected);
    assert_eq!(seen("", PEER, &[("x-forwarded-for", value)]), PEER, "nobody is trusted");
    assert_eq!(seen("10.0.0.0/8", "11.0.0.1", &[("x-forwarded-for", value)]), "11.0.0.1", "this one is not");
}

#[rstest]
#[case::one("for=192.0.2.7", "192.0.2.7")]
#[case::with_more("proto=https; For=192.0.2.7;by=10.0.0.1", "192.0.2.7")]
#[case::quoted("for=\"192.0.2.7:80\"", "192.0.2.7")]
#[case::version_six("for=\"[2001:db8::7]:80\"", "2001:db8::7")]
#[case::several("for=1.1.1.1, for=192.0.2.7;by=x, for=10.0.0.2", "192.0.2.7")]
#[case::separators_in_quotes("for=192.0.2.7;host=\"a,for=1.1.1.1;b\\\",\"", "192.0.2.7")]
#[case::hidden("for=_secret", PEER)]
#[case::unknown("for=unknown", PEER)]
#[case::without("proto=https", PEER)]
#[case::twice("for=192.0.2.7;for=1.1.1.1", PEER)]
#[case::an_open_quote("for=\"192.0.2.7", PEER)]
#[case::an_open_quote_before("for=\"x, for=192.0.2.7", PEER)]
#[case::empty("", PEER)]
fn forwarded_headers(#[case] value: &str, #[case] expected: &str) {
    assert_eq!(seen("10.0.0.0/8", PEER, &[("forwarded", value)]), expected);
    assert_eq!(seen("10.0.0.2", PEER, &[("forwarded", value)]), PEER, "this one is not trusted");
}

#[test]
fn lines_of_a_header_are_one_list() {
    let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.2")];
    assert_eq!(seen("10.0.0.0/8", PEER, &lines), "192.0.2.7");
}

#[test]
fn two_headers_have_to_agree() {
    let both = |other| [("forwarded", "for=192.0.2.7"), ("x-forwarded-for", other)];
    assert_eq!(seen("10.0.0.0/8", PEER, &both("192.0.2.7")), "192.0.2.7");
    assert_eq!(seen("10.0.0.0/8", PEER, &both("192.0.2.8")), PEER);
    assert_eq!(seen("10.0.0.0/8", PEER, &both("nonsense")), PEER);
}

#[test]
fn a_peer_of_version_four_on_a_socket_for_both_is_known() {
    assert_eq!(seen("10.0.0.0/8", "::ffff:10.0.0.1", &[("x-forwarded-for", "192.0.2.7")]), "192.0.2.7");
    assert_eq!(seen("", "::ffff:10.0.0.1", &[]), "10.0.0.1", "and it is the same client on either socket");
}

proptest! {
    /// Whatever a client writes in front, the address that our proxy adds is the client's.
    #[test]
    fn nothing_in_front_matters(junk in "[ -!#-~]{0,60}", address: std::net::Ipv4Addr) {
        prop_assume!(address.octets()[0] != 10);
        let value = format!("{junk},{address}");
        prop_assert_eq!(seen("10.0.0.0/8", PEER, &[("x-forwarded-for", &value)]), address.to_string());
        let value = format!("{junk},for={address}");
        prop_assert_eq!(seen("10.0.0.0/8", PEER, &[("forwarded", &value)]), address.to_string());
    }

    /// Whatever stands in a header, somebody who is not trusted is who he is.
    #[test]
    fn strangers_are_not_believed(text in "[ -~]{0,60}") {
        prop_assert_eq!(seen("10.0.0.0/8", "192.0.2.1", &[("x-forwarded-for", &text), ("forwarded", &text)]), "192.0.2.1");
    }

    #[test]
    fn addresses_are_read_as_they_are_written(address: IpAddr, port: u16) {
        let plain = address.to_canonical();
        prop_assert_eq!(node(&address.to_string()), Some(plain));
        prop_assert_eq!(node(&SocketAddr::new(address, port).to_string()), Some(plain));
    }
}
