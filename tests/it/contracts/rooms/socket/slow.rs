//! A reader that does not read.

use serde_json::json;

use super::{Wire, hall, message};
use crate::{
    harness::{Backend, Server, Socket},
    script::Script,
};

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_with_4508_and_resumes_without_loss() {
    let server = Server::start(Backend::Sqlite, Script::of([])).await.unwrap();
    let (room, ann, bob) = hall(&server).await;
    let mut stuck = Wire(Socket::narrow(&server.base, &format!("/ws?token={}", bob.token)).await);
    let mut anns = Wire::within(&ann, &room).await;
    let began = stuck.join(&room, None).await["seq"].as_i64().unwrap();
    // Far more than the buffers of the system and our queue hold together.
    let writes = 1200;
    let mut last = 0;
    for number in 0..writes {
        let mut sent = message(&room, &format!("{number}"));
        sent["content"]["encrypted_data"] = json!("A".repeat(8000));
        anns.say("send_message", sent).await;
        last = anns.hears("message_received").await["seq"].as_i64().unwrap();
    }
    assert_eq!(last, began + writes);
    let mut seen = began;
    let code = loop {
        match stuck.0.receive().await {
            Ok(frame) if frame["event"] == "message_received" => {
                seen += 1;
                assert_eq!(frame["data"]["seq"], seen);
            }
            Ok(other) => assert_eq!(other["event"], "user_online", "{other}"),
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(4508), "closed after {seen}");
    assert!(seen < last);
    let mut again = Wire::open(&bob).await;
    assert_eq!(again.join(&room, Some(seen)).await["seq"], seen);
    for seq in seen + 1..=last {
        assert_eq!(again.hears("message_received").await["seq"], seq);
    }
    again.heard_nothing().await;
}
