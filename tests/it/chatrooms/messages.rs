//! Writing: once, in one order for all, to those who are there, with a key that is good.

use std::collections::HashSet;

use errand_core::{
    Error, Noun, Slice,
    chatroom::{ChatEvent, Envelope, MessageKind, NewChatMessage, Posted, Refused, Role, Span},
    feed::Next,
    id::RoomMessageId,
};
use futures::future::join_all;
use rstest::rstest;

use super::{
    admit, follow, heard, is_new, make, opened, person, post, publish_key, refused, says, sealed, sealed_with,
    with_key, wrapped, wrong,
};
use crate::harness::{Backend, Database};

#[rstest]
#[tokio::test]
async fn what_was_written_is_what_is_told_and_read(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let mut ear = follow(&app, &bob, room, None).await;
    let first = is_new(app.post(&ann, room, says("hello")).await.unwrap());
    let reply = NewChatMessage {
        kind: MessageKind::Image,
        reply_to: Some(first.id),
        client_id: Some("c1".into()),
        ..says("a picture")
    };
    let second = is_new(app.post(&bob, room, reply).await.unwrap());
    assert_eq!((first.sender.id, first.sender.username.as_str(), opened(&first).as_str()), (ann.user, "ann", "hello"));
    assert_eq!(
        (second.reply_to, second.kind, second.client_id.as_deref()),
        (Some(first.id), MessageKind::Image, Some("c1"))
    );
    for message in [&first, &second] {
        let (seq, event) = heard(&mut ear).await;
        assert_eq!((seq, event), (message.seq, ChatEvent::MessageReceived { message: Box::new(message.clone()) }));
    }
    app.store.close().await;
    let app = database.app().await;
    let history = app.chat_history(&ann, room, Span::default(), Slice::new(10, 0).unwrap()).await.unwrap();
    assert_eq!((history.messages, history.total, history.has_more), (vec![first, second], 2, false));
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_written_is_not(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let elsewhere = make(&app, &bob, "Elsewhere").await;
    app.write_room_keys(&bob, elsewhere, 1, vec![wrapped(&bob)]).await.unwrap();
    let there = post(&app, &bob, elsewhere, "there").await;
    let mut ear = follow(&app, &bob, room, None).await;
    let long = "x".repeat(101);
    for (new, fields) in [
        (NewChatMessage { reply_to: Some(there), ..says("x") }, vec!["reply_to"]),
        (NewChatMessage { reply_to: Some(RoomMessageId::fresh()), ..says("x") }, vec!["reply_to"]),
        (
            NewChatMessage { kind: MessageKind::System, client_id: Some(String::new()), ..says("x") },
            vec!["message_type", "client_id"],
        ),
        (NewChatMessage { client_id: Some(long), ..says("x") }, vec!["client_id"]),
        (NewChatMessage { client_id: Some("a\0".into()), ..says("x") }, vec!["client_id"]),
        (
            NewChatMessage { content: Envelope { iv: "hello".into(), ..sealed_with("", 0) }, ..says("x") },
            vec!["iv", "key_version"],
        ),
    ] {
        assert_eq!(wrong(app.post(&ann, room, new).await), fields);
    }
    let large = NewChatMessage { content: sealed(&"x".repeat(64 * 1024 - 15)), ..says("") };
    assert_eq!(refused(app.post(&ann, room, large).await), Refused::MessageTooLong);
    let largest = "x".repeat(64 * 1024 - 16);
    let stored = is_new(app.post(&ann, room, says(&largest)).await.unwrap());
    assert_eq!(heard(&mut ear).await, (stored.seq, ChatEvent::MessageReceived { message: Box::new(stored) }));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_twenty_people_write_at_once_has_one_order_without_a_hole_or_a_double(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    const EACH: usize = 100;
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, ..]) = with_key(&database, &app).await;
    let code = super::code(&app, &ann, room, 20).await;
    let people = join_all((0..20).map(|number| {
        let (app, code) = (app.clone(), code.clone());
        async move {
            let who = person(&app, &format!("p{number}")).await;
            app.join_chatroom(&who, &code).await.unwrap();
            who
        }
    }))
    .await;
    let since = app.store.subscribe(errand_core::event::Topic::Room(room)).await.unwrap().seen();
    let ears = people.iter().map(|who| {
        let (app, who) = (app.clone(), who.clone());
        tokio::spawn(async move {
            let (mut ear, mut told) = (follow(&app, &who, room, Some(since)).await, Vec::new());
            while told.len() < 20 * EACH {
                match ear.next().await.unwrap() {
                    Next::Event(event) => told.push((event.seq, super::what(&event))),
                    // As a client does whose socket was closed: it goes on from where it is.
                    Next::TooSlow => {
                        ear = follow(&app, &who, room, Some(since + i64::try_from(told.len()).unwrap())).await
                    }
                }
            }
            told
        })
    });
    let ears: Vec<_> = ears.collect();
    let writes = people.iter().map(|who| {
        let (app, who) = (app.clone(), who.clone());
        tokio::spawn(async move {
            for number in 0..EACH {
                let new =
                    NewChatMessage { client_id: Some(number.to_string()), ..says(&format!("{} {number}", who.name)) };
                is_new(app.post(&who, room, new).await.unwrap());
            }
        })
    });
    join_all(writes).await.into_iter().for_each(Result::unwrap);
    let told: Vec<_> = join_all(ears).await.into_iter().map(Result::unwrap).collect();
    for other in &told[1..] {
        assert!(*other == told[0], "everybody hears the same in the same order");
    }
    let mut texts = HashSet::new();
    for (number, (seq, event)) in told[0].iter().enumerate() {
        let ChatEvent::MessageReceived { message } = event else { panic!("{event:?}") };
        assert_eq!((*seq, message.seq), (since + 1 + i64::try_from(number).unwrap(), *seq));
        assert!(texts.insert(opened(message)));
    }
    assert_eq!(texts.len(), 20 * EACH);
    let page = app.chat_history(&ann, room, Span::default(), Slice::new(100, 0).unwrap()).await.unwrap();
    let last: Vec<_> = told[0][19 * EACH..].iter().map(|(seq, _)| *seq).collect();
    assert_eq!(page.messages.iter().map(|message| message.seq).collect::<Vec<_>>(), last);
    assert!(page.messages.is_sorted_by(|one, two| one.created_at < two.created_at));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_twice_is_one_message(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let mut ear = follow(&app, &bob, room, None).await;
    let new = NewChatMessage { client_id: Some("once".into()), ..says("hello") };
    let sends = (0..12).map(|_| {
        let (app, ann, new) = (app.clone(), ann.clone(), new.clone());
        tokio::spawn(async move { app.post(&ann, room, new).await.unwrap() })
    });
    let answers: Vec<_> = join_all(sends).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Posted::New(_))).count(), 1);
    let ids: HashSet<_> = answers.iter().map(|(Posted::New(message) | Posted::There(message))| message.id).collect();
    assert_eq!(ids.len(), 1);
    // Another's message with the same id, and the same person's in another room, are others.
    let theirs = is_new(app.post(&bob, room, NewChatMessage { content: sealed("mine"), ..new.clone() }).await.unwrap());
    assert!(!ids.contains(&theirs.id));
    let elsewhere = make(&app, &ann, "Elsewhere").await;
    app.write_room_keys(&ann, elsewhere, 1, vec![wrapped(&ann)]).await.unwrap();
    is_new(app.post(&ann, elsewhere, new).await.unwrap());
    let (one, two) = (heard(&mut ear).await, heard(&mut ear).await);
    assert_eq!((two.0, two.1), (one.0 + 1, ChatEvent::MessageReceived { message: Box::new(theirs) }), "told once");
    let history = app.chat_history(&ann, room, Span::default(), Slice::new(10, 0).unwrap()).await.unwrap();
    assert_eq!(history.total, 2);
}

#[rstest]
#[tokio::test]
async fn an_iv_is_used_once_with_a_key(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, people) = with_key(&database, &app).await;
    let [ann, _, bob] = &people;
    let (used, other) = (sealed("one"), sealed("two"));
    let message = is_new(app.post(ann, room, NewChatMessage { content: used.clone(), ..says("") }).await.unwrap());
    let again = Envelope { encrypted_data: other.encrypted_data.clone(), ..used.clone() };
    let new = NewChatMessage { content: again.clone(), ..says("") };
    assert_eq!(refused(app.post(bob, room, new.clone()).await), Refused::IvReused);
    assert_eq!(refused(app.edit_message(ann, room, message.id, again.clone()).await), Refused::IvReused);
    app.edit_message(ann, room, message.id, other.clone()).await.unwrap();
    // What was edited or taken away has used its iv all the same.
    assert_eq!(refused(app.post(bob, room, new.clone()).await), Refused::IvReused);
    app.delete_message(ann, room, message.id).await.unwrap();
    let edit = NewChatMessage { content: other, ..says("") };
    assert_eq!(refused(app.post(bob, room, edit).await), Refused::IvReused);
    // With another key it is another iv.
    app.write_room_keys(bob, room, 2, people.iter().map(wrapped).collect()).await.unwrap();
    let new = NewChatMessage { content: Envelope { key_version: 2, ..again }, ..says("") };
    is_new(app.post(bob, room, new).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn an_edit_is_told_and_a_deletion_leaves_nothing_of_what_was_said(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let (before, message, after) = (
        post(&app, &ann, room, "before").await,
        post(&app, &bob, room, "canary").await,
        post(&app, &ann, room, "after").await,
    );
    let mut ear = follow(&app, &ann, room, None).await;
    app.react(&ann, room, message, "👍").await.unwrap();
    let edited = app.edit_message(&bob, room, message, sealed("second canary")).await.unwrap();
    assert_eq!((opened(&edited).as_str(), edited.reactions.len()), ("second canary", 1));
    assert!(edited.edited_at.is_some());
    heard(&mut ear).await;
    assert_eq!(heard(&mut ear).await.1, ChatEvent::MessageEdited { message: Box::new(edited.clone()) });
    app.delete_message(&ann, room, message).await.unwrap();
    let gone = ChatEvent::MessageDeleted { message, message_seq: edited.seq, by: ann.user };
    assert_eq!(heard(&mut ear).await.1, gone);
    let history = app.chat_history(&bob, room, Span::default(), Slice::new(10, 0).unwrap()).await.unwrap();
    assert_eq!(history.messages.iter().map(|message| message.id).collect::<Vec<_>>(), [before, message, after]);
    let tombstone = &history.messages[1];
    assert_eq!((&tombstone.content, tombstone.seq, tombstone.reactions.len()), (&None, edited.seq, 0));
    assert!(tombstone.deleted_at.is_some());
    // Whoever comes later hears that it is gone, where it was said, edited and reacted to.
    let mut late = follow(&app, &bob, room, Some(edited.seq - 1)).await;
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(heard(&mut late).await.1);
    }
    assert_eq!(told.iter().filter(|event| **event == gone).count(), 4, "{told:?}");
    for answer in [
        app.edit_message(&bob, room, message, sealed("x")).await.map(|_| ()),
        app.delete_message(&bob, room, message).await,
        app.react(&bob, room, message, "👍").await,
        app.edit_message(&bob, room, RoomMessageId::fresh(), sealed("x")).await.map(|_| ()),
    ] {
        assert!(matches!(answer, Err(Error::NotFound(Noun::ChatMessage))));
    }
}

#[rstest]
#[tokio::test]
async fn who_came_later_than_the_key_can_write_with_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, ..]) = with_key(&database, &app).await;
    let eve = person(&app, "eve").await;
    publish_key(&database, &eve).await;
    admit(&app, &ann, room, &eve, Role::Member).await;
    post(&app, &ann, room, "as before").await;
    let keys = app.room_keys(&eve, room).await.unwrap();
    assert_eq!((keys.current, keys.needed, keys.held), (1, 1, vec![]), "but reads nothing before the next key");
}
