//! The table of who may do what, walked: each thing is done by everybody who may, and by nobody else.

use errand_core::{
    App, Caller, Error, Noun, Result, RoomId,
    chatroom::{ChatroomEdit, Dates, NewChatroom, NewInvite, Refused, Role, Span, Verb},
    feed::Subscriptions,
    id::{RoomMessageId, UserId},
};
use futures::future::join_all;
use rstest::rstest;

use super::{called, is_new, new_summary, person, publish_key, says, sealed, wrapped};
use crate::harness::{Backend, Database};

const ROLES: [Role; 3] = [Role::Member, Role::Moderator, Role::Owner];
const VERBS: [Verb; 21] = [
    Verb::Read,
    Verb::Follow,
    Verb::Write,
    Verb::MarkRead,
    Verb::React,
    Verb::EditMessage { own: true },
    Verb::EditMessage { own: false },
    Verb::DeleteMessage { own: true },
    Verb::DeleteMessage { own: false },
    Verb::ReadKeys,
    Verb::WriteKeys,
    Verb::Summarise,
    Verb::Leave,
    Verb::Invite { private: false },
    Verb::Invite { private: true },
    Verb::Kick { of: Role::Member },
    Verb::Kick { of: Role::Moderator },
    Verb::Kick { of: Role::Owner },
    Verb::Update,
    Verb::SetRole,
    Verb::Delete,
];

/// Two of each role, in the order of the roles, and a stranger.
struct People {
    pairs: [[Caller; 2]; 3],
    eve: Caller,
}

impl People {
    async fn new(database: &Database, app: &App) -> Self {
        let names = ["bob", "bill", "mod", "moa", "ann", "amy", "eve"];
        let all = join_all(names.map(async |name| {
            let who = person(app, name).await;
            publish_key(database, &who).await;
            who
        }))
        .await;
        let Ok([bob, bill, moderator, moa, ann, amy, eve]) = <[Caller; 7]>::try_from(all) else { panic!() };
        Self { pairs: [[bob, bill], [moderator, moa], [ann, amy]], eve }
    }

    fn other(&self, role: Role) -> &Caller {
        &self.pairs[role as usize][1]
    }

    fn members(&self) -> impl Iterator<Item = &Caller> {
        self.pairs.iter().flatten()
    }

    /// A room with all of them but the stranger, a key, and a message of each.
    async fn room(&self, app: &App, is_private: bool) -> (RoomId, Vec<(UserId, RoomMessageId)>) {
        let owner = &self.pairs[2][0];
        let room = app.make_chatroom(owner, NewChatroom { is_private, ..called("a room") }).await.unwrap().id;
        let code = super::code(app, owner, room, 5).await;
        for (pair, role) in self.pairs.iter().zip(ROLES) {
            for who in pair {
                app.join_chatroom(who, &code).await.unwrap();
                app.set_role(owner, room, who.user, role).await.unwrap();
            }
        }
        app.write_room_keys(owner, room, 1, self.members().map(wrapped).collect()).await.unwrap();
        let mut messages = Vec::new();
        for who in self.members() {
            messages.push((who.user, is_new(app.post(who, room, says("hello")).await.unwrap()).id));
        }
        (room, messages)
    }
}

/// Does it, in a room of its own.
async fn attempt(app: &App, people: &People, who: &Caller, verb: Verb) -> Result<()> {
    let (room, messages) = people.room(app, matches!(verb, Verb::Invite { private: true })).await;
    let message =
        |own: bool| messages.iter().find(|(writer, _)| (*writer == who.user) == own).unwrap_or(&messages[0]).1;
    match verb {
        Verb::Read => {
            let slice = errand_core::Slice::new(1, 0).unwrap();
            let (one, two) = (app.chatroom(who, room).await, app.chat_history(who, room, Span::default(), slice).await);
            assert_eq!(one.is_ok(), two.is_ok());
            one.map(|_| ())
        }
        Verb::Follow => {
            let mut ear = Subscriptions::default();
            let answer = app.follow_chatroom(who, &mut ear, room, None).await;
            assert_eq!(answer.is_ok(), !ear.is_empty());
            answer.map(|_| ())
        }
        Verb::Write => app.post(who, room, says("hello")).await.map(|_| ()),
        Verb::MarkRead => app.mark_read(who, room, message(false)).await,
        Verb::React => {
            app.react(who, room, message(false), "👍").await?;
            app.take_reaction_back(who, room, message(false), "👍").await
        }
        Verb::EditMessage { own } => app.edit_message(who, room, message(own), sealed("again")).await.map(|_| ()),
        Verb::DeleteMessage { own } => app.delete_message(who, room, message(own)).await,
        Verb::ReadKeys => app.room_keys(who, room).await.map(|_| ()),
        Verb::WriteKeys => app.write_room_keys(who, room, 2, people.members().map(wrapped).collect()).await,
        Verb::Summarise => {
            app.newest_summary(who, room, Dates::default(), None).await?;
            app.add_summary(who, room, new_summary(1)).await.map(|_| ())
        }
        Verb::Leave => app.leave_chatroom(who, room).await,
        Verb::Invite { .. } => app.invite(who, room, NewInvite::default()).await.map(|_| ()),
        Verb::Kick { of } => app.kick(who, room, people.other(of).user).await,
        Verb::Update => {
            let edit = ChatroomEdit { name: Some("another".into()), ..ChatroomEdit::default() };
            app.edit_chatroom(who, room, edit).await.map(|_| ())
        }
        Verb::SetRole => app.set_role(who, room, people.other(Role::Member).user, Role::Moderator).await.map(|_| ()),
        Verb::Delete => app.delete_chatroom(who, room).await,
    }
}

#[rstest]
#[tokio::test]
async fn each_may_do_what_the_table_says_and_nothing_else(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let people = People::new(&database, &app).await;
    for verb in VERBS {
        for role in ROLES {
            let answer = attempt(&app, &people, &people.pairs[role as usize][0], verb).await;
            match answer {
                Ok(()) => assert!(role.may(verb), "{role:?} did {verb:?}"),
                Err(Error::Chatroom(Refused::Denied(why))) => {
                    assert!(!role.may(verb), "{role:?} could not do {verb:?}");
                    let unsaid = matches!(verb, Verb::Kick { .. }) && role == Role::Member;
                    assert!(why == verb || unsaid, "{why:?} is not {verb:?}");
                }
                Err(other) => panic!("{role:?} {verb:?}: {other}"),
            }
        }
        let answer = attempt(&app, &people, &people.eve, verb).await;
        assert!(matches!(answer, Err(Error::Forbidden(Noun::Chatroom))), "a stranger, {verb:?}: {answer:?}");
    }
}

#[test]
fn the_table() {
    let table = VERBS.map(|verb| (verb, verb.least()));
    let may = |role| table.iter().filter(|(_, least)| *least == Some(role)).count();
    assert_eq!((may(Role::Member), may(Role::Moderator), may(Role::Owner)), (12, 4, 3));
    let nobody: Vec<_> = table.iter().filter(|(_, least)| least.is_none()).map(|(verb, _)| *verb).collect();
    assert_eq!(nobody, [Verb::EditMessage { own: false }, Verb::Kick { of: Role::Owner }]);
}
