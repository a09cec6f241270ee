//! Summaries in the core: what they are about, where they go with their messages, and that each room is summarised once.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    App, Caller, Error, RoomId,
    chatroom::{ChatroomEdit, Dates, NewSummary, Refused, SummaryKind},
};
use futures::future::join_all;
use rstest::rstest;

use super::{new_summary, post, publish_key, refused, sealed_with, three, with_key, wrapped, wrong};
use crate::harness::{Backend, Database};

async fn threshold(app: &App, owner: &Caller, room: RoomId, many: i64) {
    let edit = ChatroomEdit { summary_threshold: Some(many), ..ChatroomEdit::default() };
    app.edit_chatroom(owner, room, edit).await.unwrap();
}

fn until(to: DateTime<Utc>) -> Dates {
    Dates { from: None, to: Some(to) }
}

#[rstest]
#[tokio::test]
async fn the_newest_that_fits_is_found(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    assert_eq!(app.newest_summary(&bob, room, Dates::default(), None).await.unwrap(), None);
    let day = |number: i64| DateTime::UNIX_EPOCH + TimeDelta::days(number);
    let of = |start, end| NewSummary { start_at: day(start), end_at: day(end), ..new_summary(1) };
    let one = app.add_summary(&ann, room, of(1, 3)).await.unwrap();
    let two = app.add_summary(&bob, room, of(2, 5)).await.unwrap();
    assert_eq!((two.kind, two.asked_by), (SummaryKind::Manual, Some(bob.user)));
    let find = async |from: Option<i64>, to: Option<i64>, kind| {
        let dates = Dates { from: from.map(day), to: to.map(day) };
        app.newest_summary(&ann, room, dates, kind).await.unwrap().map(|found| found.id)
    };
    assert_eq!(find(None, None, None).await, Some(two.id));
    assert_eq!(find(None, Some(4), None).await, Some(one.id));
    assert_eq!(find(Some(1), Some(3), Some(SummaryKind::Manual)).await, Some(one.id));
    assert_eq!(find(Some(2), Some(5), None).await, Some(two.id));
    assert_eq!(find(Some(2), Some(4), None).await, None);
    assert_eq!(find(None, None, Some(SummaryKind::Automatic)).await, None);
    let found = app.newest_summary(&ann, room, Dates::default(), None).await.unwrap();
    assert_eq!(found, Some(two), "as it was stored");
    let backwards = Dates { from: Some(day(2)), to: Some(day(1)) };
    assert_eq!(wrong(app.newest_summary(&ann, room, backwards, None).await), ["date_to"]);
    assert_eq!(wrong(app.numbers_of(&ann, room, backwards).await), ["date_to"]);
}

#[rstest]
#[tokio::test]
async fn a_summary_is_encrypted_as_a_message_is(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let new = new_summary(1);
    app.add_summary(&ann, room, new.clone()).await.unwrap();
    assert_eq!(refused(app.add_summary(&ann, room, new.clone()).await), Refused::IvReused);
    let message = super::NewChatMessage { content: new.content, ..super::says("") };
    assert_eq!(refused(app.post(&ann, room, message).await), Refused::IvReused);
    let under = |version| NewSummary { content: sealed_with("in short", version), ..new_summary(1) };
    assert_eq!(refused(app.add_summary(&ann, room, under(2)).await), Refused::KeyVersion { current: 1, needed: 1 });
    app.kick(&ann, room, bob.user).await.unwrap();
    assert_eq!(refused(app.add_summary(&ann, room, under(1)).await), Refused::KeyVersion { current: 1, needed: 2 });
}

#[rstest]
#[tokio::test]
async fn it_is_about_words_of_its_dates_and_goes_with_them(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three", "four"] {
        ids.push(post(&app, &bob, room, text).await);
    }
    let all = app.remarks(&ann, room, (0, i64::MAX), 10).await.unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted_by_key(|remark| -remark.seq) && all[0].sender == bob.user);
    let within = async |dates: Dates| {
        let between = app.numbers_of(&ann, room, dates).await.unwrap();
        let found = app.remarks(&ann, room, between, 10).await.unwrap();
        assert_eq!(app.count_remarks(&ann, room, between).await.unwrap(), i64::try_from(found.len()).unwrap());
        found.into_iter().map(|remark| remark.seq).collect::<Vec<_>>()
    };
    let (two, three) = (&all[2], &all[1]);
    let middle = Dates { from: Some(two.created_at), to: Some(three.created_at) };
    assert_eq!(within(middle).await, [three.seq, two.seq], "both ends are within");
    assert_eq!(within(until(DateTime::UNIX_EPOCH)).await, [0_i64; 0]);
    assert_eq!(within(Dates { from: Some(all[0].created_at + TimeDelta::days(1)), to: None }).await, [0_i64; 0]);
    assert_eq!(app.remarks(&ann, room, (0, i64::MAX), 3).await.unwrap(), all[..3], "the newest");
    // What was taken away is not read, and not left in a summary either.
    app.add_summary(&ann, room, NewSummary { first_seq: all[3].seq, ..new_summary(two.seq) }).await.unwrap();
    let later = NewSummary { first_seq: three.seq, ..new_summary(all[0].seq) };
    let kept = app.add_summary(&ann, room, later).await.unwrap();
    app.delete_message(&bob, room, ids[1]).await.unwrap();
    let late = NewSummary { first_seq: all[3].seq, read: 4, ..new_summary(all[0].seq) };
    assert!(matches!(app.add_summary(&ann, room, late).await, Err(Error::Stale { current: 3 })), "it has its words");
    assert_eq!(app.remarks(&ann, room, (0, i64::MAX), 10).await.unwrap().len(), 3);
    assert_eq!(app.newest_summary(&ann, room, Dates::default(), None).await.unwrap(), Some(kept));
    app.delete_message(&bob, room, ids[3]).await.unwrap();
    assert_eq!(app.newest_summary(&ann, room, Dates::default(), None).await.unwrap(), None);
    app.add_summary(&ann, room, new_summary(1)).await.unwrap();
    app.delete_chatroom(&ann, room).await.unwrap();
}

/// Here bob is the assistant: what he is called, only those who start it know.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_is_summarised_once_each_time_enough_was_written(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    threshold(&app, &ann, room, 3).await;
    let minute = TimeDelta::minutes(1);
    for text in ["one", "two"] {
        post(&app, &ann, room, text).await;
    }
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty());
    assert_eq!(app.claim_summary(&bob, room, minute).await.unwrap(), None);
    post(&app, &ann, room, "three").await;
    assert_eq!(app.rooms_to_summarise(&bob).await.unwrap(), [room]);
    let eve = super::person(&app, "eve").await;
    assert!(app.rooms_to_summarise(&eve).await.unwrap().is_empty(), "she is not there");
    let claims = join_all((0..8).map(|_| app.claim_summary(&bob, room, minute))).await;
    let claims: Vec<_> = claims.into_iter().filter_map(Result::unwrap).collect();
    let [claim] = claims[..] else { panic!("{} have claimed it", claims.len()) };
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty());
    post(&app, &ann, room, "four").await;
    let last_seq = claim.up_to_seq;
    let stored = app.finish_summary(&bob, claim, Some(new_summary(last_seq))).await.unwrap().unwrap();
    assert_eq!((stored.kind, stored.asked_by), (SummaryKind::Automatic, None));
    assert_eq!(app.finish_summary(&bob, claim, Some(new_summary(last_seq))).await.unwrap(), None, "once");
    for text in ["five", "six"] {
        assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty());
        post(&app, &ann, room, text).await;
    }
    let next = app.claim_summary(&bob, room, minute).await.unwrap().unwrap();
    assert_eq!(next.after_seq, claim.up_to_seq, "with what came meanwhile");
    assert_eq!(app.finish_summary(&bob, next, None).await.unwrap(), None);
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty(), "nothing could be made of it");
}

#[rstest]
#[tokio::test]
async fn what_somebody_dead_has_claimed_others_claim(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, _, bob]) = with_key(&database, &app).await;
    threshold(&app, &ann, room, 1).await;
    post(&app, &ann, room, "one").await;
    let dead = app.claim_summary(&bob, room, TimeDelta::zero()).await.unwrap().unwrap();
    let alive = app.claim_summary(&bob, room, TimeDelta::minutes(1)).await.unwrap().unwrap();
    assert_eq!((dead.after_seq, dead.up_to_seq), (alive.after_seq, alive.up_to_seq));
    // The dead one was only slow.
    assert_eq!(app.finish_summary(&bob, dead, Some(new_summary(dead.up_to_seq))).await.unwrap(), None);
    assert_eq!(app.newest_summary(&ann, room, Dates::default(), None).await.unwrap(), None);
    assert!(app.finish_summary(&bob, alive, Some(new_summary(alive.up_to_seq))).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn only_rooms_that_want_it_and_have_given_their_key_are_due(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let (room, [ann, moderator, bob]) = three(&app).await;
    publish_key(&database, &ann).await;
    threshold(&app, &ann, room, 1).await;
    app.write_room_keys(&ann, room, 1, vec![wrapped(&ann)]).await.unwrap();
    post(&app, &ann, room, "one").await;
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty(), "he was not given the key");
    publish_key(&database, &bob).await;
    app.write_room_keys(&ann, room, 2, vec![wrapped(&ann), wrapped(&bob)]).await.unwrap();
    assert_eq!(app.rooms_to_summarise(&bob).await.unwrap(), [room]);
    app.leave_chatroom(&moderator, room).await.unwrap();
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty(), "the key is no longer good");
    app.write_room_keys(&ann, room, 3, vec![wrapped(&ann), wrapped(&bob)]).await.unwrap();
    assert_eq!(app.rooms_to_summarise(&bob).await.unwrap(), [room]);
    let off = ChatroomEdit { auto_summary_enabled: Some(false), ..ChatroomEdit::default() };
    app.edit_chatroom(&ann, room, off).await.unwrap();
    assert!(app.rooms_to_summarise(&bob).await.unwrap().is_empty());
}
