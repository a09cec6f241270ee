//! Who is what, and who comes after whom.

use errand_core::{
    Caller, Error, Noun, Slice,
    chatroom::{ChatEvent, Refused, Role, Verb},
};
use rstest::rstest;

use super::{admit, follow, heard, make, own, person, refused, roles, three, wrong};
use crate::harness::{Backend, Database};

fn named(list: &[(&str, Role)]) -> Vec<(String, Role)> {
    list.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect()
}

#[rstest]
#[tokio::test]
async fn a_room_is_inherited_by_moderators_then_by_members_and_ends_with_the_last(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    use Role::{Member, Moderator, Owner};
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let room = make(&app, &ann, "The hall").await;
    let mut people: Vec<Caller> = Vec::new();
    for (name, role) in [("old", Member), ("young", Member), ("mod", Moderator), ("late", Moderator), ("second", Owner)]
    {
        let who = person(&app, name).await;
        admit(&app, &ann, room, &who, role).await;
        people.push(who);
    }
    let [old, young, moderator, late, second] = &people[..] else { panic!() };
    app.leave_chatroom(&ann, room).await.unwrap();
    let rest = [("old", Member), ("young", Member), ("mod", Moderator), ("late", Moderator), ("second", Owner)];
    assert_eq!(roles(&app, old, room).await, named(&rest), "there is an owner still");
    assert_eq!(app.chatroom(old, room).await.unwrap().chatroom.owner, second.user);
    let mut ear = follow(&app, young, room, None).await;
    app.leave_chatroom(second, room).await.unwrap();
    let (one, two) = (heard(&mut ear).await, heard(&mut ear).await);
    assert_eq!(one.1, ChatEvent::Left { user: second.user, by: None, needed_key_version: 1 });
    assert_eq!(two, (one.0 + 1, ChatEvent::RoleChanged { user: moderator.user, role: Owner }));
    assert_eq!(own(&app, moderator).await.last(), Some(&two.1));
    app.leave_chatroom(late, room).await.unwrap();
    app.leave_chatroom(moderator, room).await.unwrap();
    assert_eq!(roles(&app, old, room).await, named(&[("old", Owner), ("young", Member)]));
    app.leave_chatroom(old, room).await.unwrap();
    assert_eq!(roles(&app, young, room).await, named(&[("young", Owner)]));
    app.leave_chatroom(young, room).await.unwrap();
    assert!(matches!(app.chatroom(young, room).await, Err(Error::NotFound(Noun::Chatroom))));
    assert_eq!(own(&app, young).await.last(), Some(&ChatEvent::Deleted));
}

#[rstest]
#[tokio::test]
async fn there_is_always_an_owner(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    let eve = person(&app, "eve").await;
    assert_eq!(wrong(app.set_role(&ann, room, ann.user, Role::Member).await), ["role"]);
    assert_eq!(app.set_role(&ann, room, ann.user, Role::Owner).await.unwrap().role, Role::Owner, "as it is");
    let answer = app.set_role(&ann, room, eve.user, Role::Member).await;
    assert!(matches!(answer, Err(Error::NotFound(Noun::Member))));
    assert_eq!(app.set_role(&ann, room, moderator.user, Role::Owner).await.unwrap().role, Role::Owner);
    app.set_role(&moderator, room, ann.user, Role::Member).await.unwrap();
    assert_eq!(app.chatroom(&bob, room).await.unwrap().chatroom.owner, moderator.user);
    assert_eq!(refused(app.set_role(&ann, room, bob.user, Role::Owner).await), Refused::Denied(Verb::SetRole));
    assert_eq!(wrong(app.set_role(&moderator, room, moderator.user, Role::Moderator).await), ["role"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_owners_who_take_the_role_from_each_other_at_once_leave_one(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    app.set_role(&ann, room, moderator.user, Role::Owner).await.unwrap();
    let (one, two) = tokio::join!(
        app.set_role(&ann, room, moderator.user, Role::Member),
        app.set_role(&moderator, room, ann.user, Role::Member)
    );
    assert_eq!([&one, &two].iter().filter(|answer| answer.is_ok()).count(), 1, "{one:?} {two:?}");
    let owners = roles(&app, &bob, room).await.into_iter().filter(|(_, role)| *role == Role::Owner).count();
    assert_eq!(owners, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_leave_at_once_leave_nothing_behind(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, people) = three(&app).await;
    let leave = |who: &Caller| {
        let (app, who) = (app.clone(), who.clone());
        async move { app.leave_chatroom(&who, room).await }
    };
    let answers = tokio::join!(leave(&people[0]), leave(&people[1]), leave(&people[2]));
    assert!(matches!(answers, (Ok(()), Ok(()), Ok(()))), "{answers:?}");
    for who in &people {
        assert!(matches!(app.chatroom(who, room).await, Err(Error::NotFound(Noun::Chatroom))));
        assert_eq!(app.chatrooms(who, None, Slice::new(9, 0).unwrap()).await.unwrap().total, 0);
    }
}
