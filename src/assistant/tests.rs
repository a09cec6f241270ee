use std::sync::Arc;

use errand_core::{
    UserId,
    chatroom::{Envelope, HeldKey, Keys},
};

use super::*;
use crate::crypto::RoomKey;

fn keys(current: i64, held: &[(i64, String)]) -> Keys {
    let held = held.iter().map(|(version, wrapped_key)| HeldKey {
        version: *version,
        wrapped_key: wrapped_key.clone(),
        wrapped_by: UserId::fresh(),
    });
    Keys { current, needed: 1, holders: Vec::new(), held: held.collect() }
}

fn envelope(key: &RoomKey, text: &str, key_version: i64) -> Envelope {
    let sealed = key.seal(text).unwrap();
    Envelope { encrypted_data: sealed.encrypted_data(), iv: sealed.iv(), key_version }
}

#[test]
fn it_reads_under_each_version_that_it_holds_and_writes_under_the_newest() {
    let own = Arc::new(KeyPair::generate().unwrap());
    let (one, two) = (RoomKey::generate().unwrap(), RoomKey::generate().unwrap());
    let wrapped = [&one, &two].map(|key| own.public().wrap(key).unwrap());
    let held = HeldKeys::new(own, keys(3, &[(1, wrapped[0].clone()), (3, wrapped[1].clone())]));
    assert_eq!(held.missing(), None);
    let read = |envelope: &Envelope| held.open(envelope).map(|text| text.as_str().to_owned());
    assert_eq!(read(&envelope(&one, "first", 1)).unwrap(), "first");
    assert_eq!(read(&envelope(&two, "third", 3)).unwrap(), "third");
    assert_eq!(read(&envelope(&two, "second", 2)), Err(OpenError::NotHeld(2)));
    assert_eq!(read(&envelope(&one, "wrong", 3)), Err(OpenError::Crypto(CryptoError::NotAuthentic)));
    let broken = Envelope { iv: "AAAA".into(), ..envelope(&one, "x", 1) };
    assert_eq!(read(&broken), Err(OpenError::Crypto(CryptoError::Iv)));
    let (sealed, again) = (held.seal("Done.").unwrap().unwrap(), held.seal("Done.").unwrap().unwrap());
    assert_eq!((sealed.key_version, read(&sealed).unwrap().as_str()), (3, "Done."));
    assert_ne!(sealed.iv, again.iv);
}

#[test]
fn it_says_why_it_has_no_key() {
    let (own, other) = (Arc::new(KeyPair::generate().unwrap()), KeyPair::generate().unwrap());
    let key = RoomKey::generate().unwrap();
    let (good, foreign) = (own.public().wrap(&key).unwrap(), other.public().wrap(&key).unwrap());
    for (keys, missing) in [
        (keys(0, &[]), Missing::NoKeyYet),
        (keys(1, &[]), Missing::NotGiven),
        (keys(2, &[(1, good)]), Missing::NotGiven),
        (keys(1, &[(1, foreign)]), Missing::NotGood),
        (keys(1, &[(1, "AAAA".into())]), Missing::NotGood),
    ] {
        let held = HeldKeys::new(own.clone(), keys);
        assert_eq!((held.missing(), held.seal("x").unwrap()), (Some(missing), None));
    }
    let none = HeldKeys::none(Missing::OwnKeys);
    assert_eq!((none.missing(), none.seal("x").unwrap()), (Some(Missing::OwnKeys), None));
    assert_eq!(none.open(&envelope(&key, "x", 1)).unwrap_err(), OpenError::NotHeld(1));
}
