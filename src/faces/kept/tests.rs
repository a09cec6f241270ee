use std::{
    cell::Cell,
    future::pending,
    sync::atomic::{AtomicU32, Ordering},
};

use errand_core::{Account, Clock, Door};

use super::*;

fn caller() -> Caller {
    let account = Account {
        id: UserId::fresh(),
        number: 1,
        username: "ann".into(),
        email: "ann@example.com".into(),
        time_zone: None,
        created_at: Clock::System.now(),
    };
    Caller::new(&account, Door::Rest)
}

fn key(caller: &Caller) -> Key {
    Key::new::<Vec<u32>>(caller, Encoding::Plain)
}

/// What comes of reading `value`, and whether it was read.
async fn read(lists: &Lists, key: &Key, seq: i64, value: u32) -> (String, i64, bool) {
    let was_read = Cell::new(false);
    let reading = async {
        was_read.set(true);
        Ok::<_, Error>(vec![value])
    };
    let list = lists.since(key, seq, reading).await.unwrap();
    (String::from_utf8_lossy(&list.body).into_owned(), list.seq, was_read.get())
}

#[tokio::test]
async fn a_list_is_read_again_after_an_event_and_only_then() {
    let (lists, ann) = (Lists::new(), key(&caller()));
    assert_eq!(read(&lists, &ann, 3, 1).await, ("[1]".into(), 3, true));
    assert_eq!(read(&lists, &ann, 3, 2).await, ("[1]".into(), 3, false));
    assert_eq!(read(&lists, &ann, 4, 3).await, ("[3]".into(), 4, true));
    assert_eq!(read(&lists, &ann, 3, 4).await, ("[3]".into(), 4, false), "who looked earlier gets the newer one");
}

#[tokio::test]
async fn nobody_gets_what_was_read_for_others_or_with_other_rights() {
    let (lists, ann) = (Lists::new(), caller());
    assert!(read(&lists, &key(&ann), 1, 1).await.2);
    for other in [
        key(&caller()),
        key(&ann.clone().limited(Scopes::NONE)),
        Key::new::<Vec<u64>>(&ann, Encoding::Plain),
        Key::new::<Vec<u32>>(&ann, Encoding::Gzip),
    ] {
        assert!(read(&lists, &other, 1, 2).await.2);
    }
    assert_eq!(read(&lists, &key(&ann), 1, 3).await.0, "[1]");
}

#[tokio::test]
async fn who_asks_at_once_reads_once() {
    let (lists, ann, reads) = (Lists::new(), key(&caller()), AtomicU32::new(0));
    for seq in [1, 2] {
        let one = async || {
            let reading = async {
                reads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok::<_, Error>(vec![seq])
            };
            lists.since(&ann, seq, reading).await.unwrap()
        };
        let (first, second, third) = tokio::join!(one(), one(), one());
        assert!(first == second && second == third);
    }
    assert_eq!(reads.into_inner(), 2);
}

#[tokio::test]
async fn a_reading_that_fails_or_is_given_up_is_nobody_elses() {
    let (lists, ann) = (Lists::new(), key(&caller()));
    let failed = lists.since(&ann, 1, async { Err::<Vec<u32>, _>(Error::Unauthenticated) }).await;
    assert!(matches!(failed, Err(Error::Unauthenticated)));
    tokio::select! {
        biased;
        _ = lists.since(&ann, 1, pending::<Result<Vec<u32>, Error>>()) => unreachable!("it never ends"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(read(&lists, &ann, 1, 5).await, ("[5]".into(), 1, true));
}

#[tokio::test]
async fn the_bytes_are_bounded() {
    let lists = Lists::new();
    for _ in 0..40 {
        let large = async { Ok::<_, Error>("x".repeat(1 << 20)) };
        lists.since(&key(&caller()), 1, large).await.unwrap();
    }
    assert!(lists.0.weight() <= MOST && lists.0.len() > 20, "{} bytes in {} lists", lists.0.weight(), lists.0.len());
}

#[rstest::rstest]
#[case(&[], Encoding::Plain)]
#[case(&["gzip"], Encoding::Gzip)]
#[case(&["deflate, GZIP;q=0.5", "br"], Encoding::Gzip)]
#[case(&["br", "gzip"], Encoding::Gzip)]
#[case(&["gzip;q=0, br"], Encoding::Plain)]
#[case(&["gzip; q=0.0"], Encoding::Plain)]
#[case(&["identity", "x-gzipped"], Encoding::Plain)]
fn compressed_for_those_who_take_it(#[case] accepted: &[&str], #[case] expected: Encoding) {
    let headers = accepted.iter().map(|list| (header::ACCEPT_ENCODING, list.parse().unwrap())).collect();
    assert_eq!(Encoding::accepted(&headers), expected);
}
