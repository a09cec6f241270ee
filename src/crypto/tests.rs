//! Against vectors that Node's `WebCrypto` made (`tests/crypto/webcrypto.json`), and against Node itself where there is one.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/crypto/webcrypto.json")).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn bytes(value: &Value, field: &str) -> Vec<u8> {
    from_base64("test", text(value, field)).unwrap()
}

/// What is decrypted, with nothing that overwrites it.
fn opened(key: &RoomKey, envelope: Envelope) -> Result<String, CryptoError> {
    key.open(envelope).map(|text| text.as_str().to_owned())
}

#[test]
fn what_webcrypto_made_is_read() {
    let vectors = vectors();
    for room in vectors["rooms"].as_array().unwrap() {
        let pair = KeyPair::from_pkcs8(&bytes(room, "private_key")).unwrap();
        assert_eq!(pair.public().to_pem().unwrap(), text(room, "public_key"));
        let public = PublicKey::from_pem(text(room, "public_key")).unwrap();
        assert_eq!(public.to_pem().unwrap(), text(room, "public_key"));
        let key = pair.unwrap(text(room, "wrapped_key")).unwrap();
        assert_eq!(key.bytes(), bytes(room, "room_key"));
        let envelope = Envelope::read(text(room, "encrypted_data"), text(room, "iv")).unwrap();
        assert_eq!(envelope.encrypted_data(), text(room, "encrypted_data"));
        assert_eq!(envelope.iv(), text(room, "iv"));
        assert_eq!(opened(&key, envelope).unwrap(), text(room, "text"));
        // And what we wrap for that key.
        let again = pair.unwrap(&public.wrap(&key).unwrap()).unwrap();
        assert_eq!(again.bytes(), key.bytes());
    }
}

#[test]
fn a_member_who_is_a_browser_and_the_assistant_understand_each_other() {
    let node = Command::new("node")
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crypto/webcrypto.mjs"), "answer"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = match node {
        Ok(node) => node,
        Err(error) => {
            let required = std::env::var("ERRAND_TEST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "node is required and cannot be run: {error}");
            let mut stderr = std::io::stderr();
            stderr.write_all(format!("SKIPPED a member who is a browser: no node ({error})\n").as_bytes()).unwrap();
            return;
        }
    };
    let (mut to_node, from_node) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
    let mut lines = BufReader::new(from_node).lines();
    let mut ask = |question: Value| -> Value {
        writeln!(to_node, "{question}").unwrap();
        serde_json::from_str(&lines.next().expect("an answer of node").unwrap()).unwrap()
    };
    let (assistant, said) = (KeyPair::generate().unwrap(), "Reserva la sala 🏛️ \"antes\" del viernes\n");
    let answer = ask(json!({"public_key": assistant.public().to_pem().unwrap(), "message": said}));
    let key = assistant.unwrap(text(&answer, "wrapped_key")).unwrap();
    let heard = Envelope::read(text(&answer, "encrypted_data"), text(&answer, "iv")).unwrap();
    assert_eq!(opened(&key, heard).unwrap(), said);
    let (member, own) = (PublicKey::from_pem(text(&answer, "public_key")).unwrap(), RoomKey::generate().unwrap());
    let sealed = own.seal("Hecho: 再见").unwrap();
    let wrapped_key = member.wrap(&own).unwrap();
    let answer = ask(json!({"wrapped_key": wrapped_key, "encrypted_data": sealed.encrypted_data(), "iv": sealed.iv()}));
    assert_eq!(answer, json!({"text": "Hecho: 再见"}));
    assert!(node.wait().unwrap().success());
}

#[test]
fn nothing_can_be_changed_unseen() {
    let (key, other) = (RoomKey::generate().unwrap(), RoomKey::generate().unwrap());
    let envelope = key.seal("meet at nine").unwrap();
    assert_eq!(opened(&key, envelope.clone()).unwrap(), "meet at nine");
    assert_eq!(opened(&other, envelope.clone()), Err(CryptoError::NotAuthentic));
    assert_ne!(key.seal("meet at nine").unwrap().iv(), envelope.iv());
    let data = from_base64("test", &envelope.encrypted_data()).unwrap();
    for at in 0..data.len() {
        let mut changed = data.clone();
        changed[at] ^= 1;
        let changed = Envelope::read(&to_base64(&changed), &envelope.iv()).unwrap();
        assert_eq!(opened(&key, changed), Err(CryptoError::NotAuthentic), "byte {at}");
    }
    let shorter = Envelope::read(&to_base64(&data[1..]), &envelope.iv()).unwrap();
    assert_eq!(opened(&key, shorter), Err(CryptoError::NotAuthentic));
    let elsewhere = Envelope::read(&envelope.encrypted_data(), &to_base64(&[0; IV_BYTES])).unwrap();
    assert_eq!(opened(&key, elsewhere), Err(CryptoError::NotAuthentic));
}

#[rstest]
#[case("AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAA", None)]
#[case("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA", Some(CryptoError::Base64("encrypted_data")))]
#[case("AAAAAAAAAAAAAAAAAAAAA_==", "AAAAAAAAAAAAAAAA", Some(CryptoError::Base64("encrypted_data")))]
#[case("AAAAAAAAAAAAAAAAAAAAAA==\n", "AAAAAAAAAAAAAAAA", Some(CryptoError::Base64("encrypted_data")))]
#[case("AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAA", Some(CryptoError::NoTag))]
#[case("", "AAAAAAAAAAAAAAAA", Some(CryptoError::NoTag))]
#[case("AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAA=", Some(CryptoError::Iv))]
#[case("AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAA", Some(CryptoError::Iv))]
#[case("AAAAAAAAAAAAAAAAAAAAAA==", "", Some(CryptoError::Iv))]
#[case("AAAAAAAAAAAAAAAAAAAAAA==", "no base64 !!!", Some(CryptoError::Iv))]
fn an_envelope_has_the_published_form(
    #[case] encrypted_data: &str,
    #[case] iv: &str,
    #[case] expected: Option<CryptoError>,
) {
    assert_eq!(Envelope::read(encrypted_data, iv).err(), expected);
}

#[test]
fn what_was_encrypted_must_be_text() {
    let key = RoomKey::generate().unwrap();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.bytes()).unwrap());
    let (mut data, nonce) = (vec![0xff, 0xfe], Nonce::assume_unique_for_key([0; IV_BYTES]));
    cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut data).unwrap();
    let envelope = Envelope::read(&to_base64(&data), &to_base64(&[0; IV_BYTES])).unwrap();
    assert_eq!(opened(&key, envelope), Err(CryptoError::NotText));
}

#[test]
fn what_is_no_public_key_for_this_is_refused() {
    let vectors = vectors();
    let good = text(&vectors["rooms"][0], "public_key");
    let label = |other: &str| good.replace("PUBLIC KEY", other);
    let windows = good.replace('\n', "\r\n");
    assert!(PublicKey::from_pem(&windows).is_ok());
    let der = good.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let trailing = [from_base64("test", &der).unwrap(), vec![0]].concat();
    for wrong in [
        "",
        "hello",
        &der,
        text(&vectors["refused"], "small"),
        text(&vectors["refused"], "elliptic"),
        text(&vectors["refused"], "private"),
        &label("RSA PUBLIC KEY"),
        &label("CERTIFICATE"),
        &good[..good.len() / 2],
        &format!("{good}{good}"),
        &format!("{good}{}", " ".repeat(4096)),
        &pem::encode(&pem::Pem::new("PUBLIC KEY", trailing)),
    ] {
        assert_eq!(PublicKey::from_pem(wrong).err(), Some(CryptoError::PublicKey), "{wrong}");
    }
}

#[test]
fn what_is_no_wrapped_key_is_refused() {
    let vectors = vectors();
    let [one, other] = [0, 1].map(|at| &vectors["rooms"][at]);
    let pair = KeyPair::from_pkcs8(&bytes(one, "private_key")).unwrap();
    for (wrapped, expected) in [
        (text(other, "wrapped_key"), CryptoError::NotAuthentic),
        ("", CryptoError::NotAuthentic),
        ("AAAA", CryptoError::NotAuthentic),
        (text(one, "wrapped_key").trim_end_matches('='), CryptoError::Base64("wrapped_key")),
    ] {
        assert_eq!(pair.unwrap(wrapped).unwrap_err(), expected);
    }
    let short = &vectors["short_key"];
    let pair = KeyPair::from_pkcs8(&bytes(short, "private_key")).unwrap();
    assert_eq!(pair.unwrap(text(short, "wrapped_key")).unwrap_err(), CryptoError::NotARoomKey);
}

#[test]
fn a_private_key_is_stored_for_one_owner_under_one_secret() {
    let secret = [7; 32];
    let (rest, other) = (RestKey::of(&secret).unwrap(), RestKey::of(&[8; 32]).unwrap());
    let pair = KeyPair::from_pkcs8(&bytes(&vectors()["rooms"][0], "private_key")).unwrap();
    let sealed = pair.seal(&rest, "room 1").unwrap();
    let again = KeyPair::open(&RestKey::of(&secret).unwrap(), "room 1", &sealed).unwrap();
    assert_eq!(again.public().to_pem(), pair.public().to_pem());
    assert_ne!(pair.seal(&rest, "room 1").unwrap(), sealed, "another iv each time");
    let der = bytes(&vectors()["rooms"][0], "private_key");
    assert!(!sealed.windows(16).any(|part| der.windows(16).any(|secret| secret == part)));
    let (mut changed, mut form) = (sealed.clone(), sealed.clone());
    *changed.last_mut().unwrap() ^= 1;
    form[0] = 2;
    for (under, owner, sealed) in [
        (&other, "room 1", &sealed[..]),
        (&rest, "room 2", &sealed),
        (&rest, "room 1", &changed),
        (&rest, "room 1", &form),
        (&rest, "room 1", &sealed[..12]),
        (&rest, "room 1", &sealed[..20]),
        (&rest, "room 1", &[]),
    ] {
        assert_eq!(KeyPair::open(under, owner, sealed).unwrap_err(), CryptoError::NotAuthentic);
    }
}

#[test]
fn what_was_stored_earlier_can_be_opened() {
    let stored = &vectors()["at_rest"];
    let rest = RestKey::of(text(stored, "secret").as_bytes()).unwrap();
    let pair = KeyPair::open(&rest, text(stored, "owner"), &bytes(stored, "sealed")).unwrap();
    assert_eq!(pair.public().to_pem().unwrap(), text(stored, "public_key"));
}

#[test]
fn keys_do_not_show_themselves() {
    let pair = KeyPair::from_pkcs8(&bytes(&vectors()["rooms"][0], "private_key")).unwrap();
    assert_eq!(format!("{:?}", RoomKey::from_bytes(&[42; 32]).unwrap()), "RoomKey(********)");
    assert_eq!(format!("{:?}", RestKey::of(&[42; 32]).unwrap()), "RestKey(********)");
    assert_eq!(format!("{pair:?} {:?}", pair.public()), "KeyPair(2048 bits, ********) PublicKey(2048 bits)");
    assert_eq!(RoomKey::from_bytes(&[42; 31]).unwrap_err(), CryptoError::NotARoomKey);
}
