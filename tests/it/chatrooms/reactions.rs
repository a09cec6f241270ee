//! Reacting, reading, and how much there is to read.

use errand_core::{
    App, Caller, Error, Noun, RoomId, Slice,
    chatroom::{ChatEvent, Entry, Role, Span},
    id::RoomMessageId,
};
use rstest::rstest;

use super::{admit, follow, heard, person, post, with_key, wrong};
use crate::harness::{Backend, Database};

async fn listed(app: &App, who: &Caller, room: RoomId) -> Entry {
    let listed = app.chatrooms(who, None, Slice::new(100, 0).unwrap()).await.unwrap();
    listed.entries.into_iter().find(|entry| entry.chatroom.id == room).unwrap()
}

#[rstest]
#[tokio::test]
async fn a_reaction_is_there_once_and_told_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let message = post(&app, &ann, room, "hello").await;
    let mut ear = follow(&app, &ann, room, None).await;
    for emoji in ["👍", "👍", "🎉"] {
        app.react(&bob, room, message, emoji).await.unwrap();
    }
    app.react(&ann, room, message, "👍").await.unwrap();
    app.take_reaction_back(&bob, room, message, "👍").await.unwrap();
    app.take_reaction_back(&bob, room, message, "👍").await.unwrap();
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(match heard(&mut ear).await.1 {
            ChatEvent::ReactionAdded { message: of, reaction } if of == message => {
                (true, reaction.user, reaction.emoji)
            }
            ChatEvent::ReactionRemoved { message: of, user, emoji } if of == message => (false, user, emoji),
            other => panic!("{other:?}"),
        });
    }
    let expected = [(true, bob.user, "👍"), (true, bob.user, "🎉"), (true, ann.user, "👍"), (false, bob.user, "👍")];
    assert_eq!(told, expected.map(|(added, user, emoji)| (added, user, emoji.to_owned())));
    let history = app.chat_history(&ann, room, Span::default(), Slice::new(1, 0).unwrap()).await.unwrap();
    let there: Vec<_> =
        history.messages[0].reactions.iter().map(|one| (one.username.as_str(), one.emoji.as_str())).collect();
    assert_eq!(there, [("bob", "🎉"), ("ann", "👍")]);
    for emoji in ["", " ", "a b", "\u{0}", &"x".repeat(65)] {
        assert_eq!(wrong(app.react(&bob, room, message, emoji).await), ["emoji"]);
    }
    for number in 0..19 {
        app.react(&bob, room, message, &format!("n{number}")).await.unwrap();
    }
    assert_eq!(wrong(app.react(&bob, room, message, "one-too-many").await), ["emoji"]);
    app.react(&bob, room, message, "n0").await.unwrap();
    let answer = app.react(&bob, room, RoomMessageId::fresh(), "👍").await;
    assert!(matches!(answer, Err(Error::NotFound(Noun::ChatMessage))));
}

#[rstest]
#[tokio::test]
async fn what_others_wrote_after_one_came_is_unread_until_it_is_read(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    assert_eq!(listed(&app, &ann, room).await.last, None);
    let (one, two, own, three) = (
        post(&app, &ann, room, "one").await,
        post(&app, &ann, room, "two").await,
        post(&app, &bob, room, "own").await,
        post(&app, &ann, room, "three").await,
    );
    let eve = person(&app, "eve").await;
    admit(&app, &ann, room, &eve, Role::Member).await;
    let four = post(&app, &bob, room, "four").await;
    let unread = async |who: &Caller| listed(&app, who, room).await.unread;
    assert_eq!((unread(&ann).await, unread(&bob).await, unread(&eve).await), (2, 3, 1));
    let mut ear = follow(&app, &ann, room, None).await;
    app.mark_read(&bob, room, two).await.unwrap();
    let ChatEvent::MessageReadBy { message, message_seq, user } = heard(&mut ear).await.1 else { panic!() };
    assert_eq!((message, user, unread(&bob).await), (two, bob.user, 1));
    let history = app.chat_history(&ann, room, Span::default(), Slice::new(9, 0).unwrap()).await.unwrap();
    assert_eq!(history.messages.iter().find(|message| message.id == two).unwrap().seq, message_seq);
    // Back it does not go, and nothing is told of that.
    app.mark_read(&bob, room, one).await.unwrap();
    app.mark_read(&bob, room, two).await.unwrap();
    assert_eq!(unread(&bob).await, 1);
    app.delete_message(&ann, room, three).await.unwrap();
    assert!(matches!(heard(&mut ear).await.1, ChatEvent::MessageDeleted { .. }), "nothing before it");
    assert_eq!(unread(&bob).await, 0, "what was taken away need not be read");
    app.mark_read(&ann, room, four).await.unwrap();
    assert_eq!((unread(&ann).await, unread(&eve).await), (0, 1));
    let last = listed(&app, &eve, room).await.last.unwrap();
    assert_eq!((last.id, last.sender, last.username.as_str()), (four, bob.user, "bob"));
    app.delete_message(&bob, room, four).await.unwrap();
    assert_eq!(listed(&app, &eve, room).await.last.unwrap().id, own, "the newest that is there");
    let before = app.chatroom(&ann, room).await.unwrap();
    let member = before.members.iter().find(|member| member.person.id == bob.user).unwrap();
    assert!(member.last_read_at > member.joined_at);
    let answer = app.mark_read(&bob, room, RoomMessageId::fresh()).await;
    assert!(matches!(answer, Err(Error::NotFound(Noun::ChatMessage))));
}

#[rstest]
#[tokio::test]
async fn who_comes_back_begins_anew(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    post(&app, &ann, room, "unread").await;
    assert_eq!(listed(&app, &bob, room).await.unread, 1);
    app.leave_chatroom(&bob, room).await.unwrap();
    admit(&app, &ann, room, &bob, Role::Member).await;
    assert_eq!(listed(&app, &bob, room).await.unread, 0);
}
