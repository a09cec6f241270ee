//! Coming in: counted exactly, however many come at once.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    App, Clock,
    chatroom::{ChatEvent, NewInvite, Refused, Role},
};
use futures::future::join_all;
use rstest::rstest;

use super::{admit, code, follow, heard, make, own, person, refused, resized, three, wrong};
use crate::harness::{Backend, Database};

const BEGAN: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_on_an_invitation_for_one_one_gets_in(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let room = make(&app, &ann, "The hall").await;
    let code = code(&app, &ann, room, 1).await;
    let people = join_all((0..50).map(|number| {
        let app = app.clone();
        async move { person(&app, &format!("p{number}")).await }
    }))
    .await;
    let joins = people.iter().map(|who| {
        let (app, who, code) = (app.clone(), who.clone(), code.clone());
        tokio::spawn(async move { app.join_chatroom(&who, &code).await })
    });
    let mut joined = 0;
    for answer in join_all(joins).await {
        match answer.unwrap() {
            Ok((chatroom, role)) => {
                assert_eq!((chatroom.member_count, role), (2, Role::Member));
                joined += 1;
            }
            other => assert_eq!(refused(other), Refused::InviteInvalid),
        }
    }
    assert_eq!((joined, app.chatroom(&ann, room).await.unwrap().members.len()), (1, 2));
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_as_many_get_in_as_there_is_place(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let room = make(&app, &ann, "The hall").await;
    resized(&app, &ann, room, 5).await.unwrap();
    let code = code(&app, &ann, room, 20).await;
    let people = join_all((0..20).map(|number| {
        let app = app.clone();
        async move { person(&app, &format!("p{number}")).await }
    }))
    .await;
    let joins = people.iter().map(|who| {
        let (app, who, code) = (app.clone(), who.clone(), code.clone());
        tokio::spawn(async move { app.join_chatroom(&who, &code).await })
    });
    let (mut joined, mut out) = (0, None);
    for (answer, who) in join_all(joins).await.into_iter().zip(&people) {
        match answer.unwrap() {
            Ok(_) => joined += 1,
            other => {
                assert_eq!(refused(other), Refused::Full);
                out = Some(who.clone());
            }
        }
    }
    assert_eq!((joined, app.chatroom(&ann, room).await.unwrap().chatroom.member_count), (4, 5));
    // Those who found it full have spent nothing: 16 uses are left when there is place again.
    resized(&app, &ann, room, 1000).await.unwrap();
    app.join_chatroom(&out.unwrap(), &code).await.unwrap();
    for number in 20..35 {
        app.join_chatroom(&person(&app, &format!("p{number}")).await, &code).await.unwrap();
    }
    assert_eq!(refused(app.join_chatroom(&person(&app, "late").await, &code).await), Refused::InviteInvalid);
}

#[rstest]
#[tokio::test]
async fn who_is_in_it_costs_an_invitation_no_use(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let clock = Clock::fixed(BEGAN);
    let app = App::new(database.store().await, clock.clone());
    let (room, [ann, moderator, bob]) = three(&app).await;
    let eve = person(&app, "eve").await;
    let (once, full) = (code(&app, &bob, room, 1).await, code(&app, &bob, room, 9).await);
    for (who, role) in [(&ann, Role::Owner), (&moderator, Role::Moderator), (&bob, Role::Member), (&eve, Role::Member)]
    {
        let (chatroom, is) = app.join_chatroom(who, &once).await.unwrap();
        assert_eq!((chatroom.id, is), (room, role));
    }
    let events = own(&app, &eve).await;
    assert!(matches!(&events[..], [ChatEvent::Joined { member }] if member.person.id == eve.user));
    // Whose answer was lost asks again: the invitation is used up, has ended, or leads into a room that is full by now.
    resized(&app, &ann, room, 4).await.unwrap();
    clock.advance(TimeDelta::days(2));
    for code in [&once, &full] {
        assert_eq!(app.join_chatroom(&eve, code).await.unwrap().0.member_count, 4);
    }
    assert_eq!(own(&app, &eve).await.len(), 1, "and nothing was told twice");
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_is_not_good_lets_nobody_in(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let clock = Clock::fixed(BEGAN);
    let app = App::new(database.store().await, clock.clone());
    let (ann, eve) = (person(&app, "ann").await, person(&app, "eve").await);
    let (room, gone) = (make(&app, &ann, "The hall").await, make(&app, &ann, "Gone").await);
    let (old, good) =
        (code(&app, &ann, room, 1).await, app.invite(&ann, room, NewInvite { hours: Some(25), max_uses: None }));
    let (good, gone_code) = (good.await.unwrap(), code(&app, &ann, gone, 1).await);
    assert_eq!((good.max_uses, good.expires_at, good.created_at), (1, BEGAN + TimeDelta::hours(25), BEGAN));
    app.delete_chatroom(&ann, gone).await.unwrap();
    clock.advance(TimeDelta::hours(24));
    for code in ["", "nonsense", &old, &gone_code, &format!("{} ", good.code.expose())] {
        assert_eq!(refused(app.join_chatroom(&eve, code).await), Refused::InviteInvalid, "{code}");
    }
    resized(&app, &ann, room, 2).await.unwrap();
    admit(&app, &ann, room, &person(&app, "bob").await, Role::Member).await;
    assert_eq!(refused(app.join_chatroom(&eve, good.code.expose()).await), Refused::Full);
    assert_eq!(
        refused(app.join_chatroom(&eve, &old).await),
        Refused::InviteInvalid,
        "that it is full is not said then"
    );
    for (max_uses, hours, fields) in
        [(Some(0), Some(0), vec!["max_uses", "expires_in_hours"]), (Some(1001), None, vec!["max_uses"])]
    {
        assert_eq!(wrong(app.invite(&ann, room, NewInvite { max_uses, hours }).await), fields);
    }
}

#[rstest]
#[tokio::test]
async fn who_comes_is_told_to_those_who_are_there(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (ann, bob) = (person(&app, "ann").await, person(&app, "bob").await);
    let room = make(&app, &ann, "The hall").await;
    let mut ear = follow(&app, &ann, room, None).await;
    app.join_chatroom(&bob, &code(&app, &ann, room, 1).await).await.unwrap();
    let (seq, ChatEvent::Joined { member }) = heard(&mut ear).await else { panic!() };
    assert_eq!((seq, member.person.id, member.role), (2, bob.user, Role::Member));
    assert_eq!(app.chatroom(&bob, room).await.unwrap().members[1], member);
}

#[rstest]
#[tokio::test]
async fn a_code_is_nowhere_in_the_database(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = person(&app, "ann").await;
    let room = make(&app, &ann, "The hall").await;
    let code = code(&app, &ann, room, 3).await;
    app.join_chatroom(&person(&app, "bob").await, &code).await.unwrap();
    app.store.close().await;
    if backend == Backend::Sqlite {
        for file in std::fs::read_dir(database.folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()));
        }
    }
}
