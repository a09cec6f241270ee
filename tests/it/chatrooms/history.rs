//! History: whichever way it is paged through, nothing is skipped and nothing comes twice.

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    App, Caller, Clock, Door, RoomId, Slice,
    chatroom::{ChatMessage, History, Span},
};
use futures::future::BoxFuture;
use rstest::rstest;

use super::{called, is_new, make, person, publish_key, says, wrapped};
use crate::{
    harness::{Backend, Database},
    paging::{BEGAN, List, Place, account, check},
};

/// By what a client goes back.
#[derive(Clone, Copy, Debug)]
enum By {
    /// The time of the oldest message it has.
    Time,
    /// Its number.
    Seq,
    /// Pages of what was written before it began.
    Page,
    /// Pages of what has numbers up to where it began, and times too.
    Both,
}

struct Messages {
    app: App,
    caller: Caller,
    room: RoomId,
    by: By,
    /// The newest and the oldest that were read.
    seen: Option<(ChatMessage, ChatMessage)>,
    read: i64,
}

impl Messages {
    fn span(&self) -> Span {
        let Some((newest, oldest)) = &self.seen else { return Span::default() };
        let just_after = newest.created_at + TimeDelta::microseconds(1);
        match self.by {
            By::Time => Span { before: Some(oldest.created_at), ..Span::default() },
            By::Seq => Span { before_seq: Some(oldest.seq), ..Span::default() },
            By::Page => Span { before: Some(just_after), ..Span::default() },
            By::Both => Span {
                before: Some(just_after),
                before_seq: Some(newest.seq + 1),
                after: Some(BEGAN - TimeDelta::days(1)),
                after_seq: Some(0),
            },
        }
    }
}

impl List for Messages {
    fn add(&mut self, place: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            self.app.clock.advance(TimeDelta::microseconds(place.later));
            is_new(self.app.post(&self.caller, self.room, says("said")).await.unwrap()).seq
        })
    }

    fn delete(&mut self, number: i64) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let span = Span { after_seq: Some(number - 1), before_seq: Some(number + 1), ..Span::default() };
            let history =
                self.app.chat_history(&self.caller, self.room, span, Slice::new(1, 0).unwrap()).await.unwrap();
            self.app.delete_message(&self.caller, self.room, history.messages[0].id).await.is_ok()
        })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let offset = if matches!(self.by, By::Page | By::Both) { self.read } else { 0 };
            let slice = Slice::new(limit, offset).unwrap();
            let History { messages, has_more, total } =
                self.app.chat_history(&self.caller, self.room, self.span(), slice).await.unwrap();
            assert_eq!(has_more, offset + i64::try_from(messages.len()).unwrap() < total);
            assert!(messages.is_sorted_by(|one, two| one.seq < two.seq && one.created_at < two.created_at));
            self.read += i64::try_from(messages.len()).unwrap();
            if let (Some(oldest), Some(last)) = (messages.first(), messages.last()) {
                let newest = self.seen.take().map_or_else(|| last.clone(), |(newest, _)| newest);
                self.seen = Some((newest, oldest.clone()));
            }
            (messages.iter().map(|message| message.seq).collect(), has_more)
        })
    }
}

async fn room(database: &Database, app: &App, caller: &Caller) -> RoomId {
    let room = app.make_chatroom(caller, called("a room")).await.unwrap().id;
    publish_key(database, caller).await;
    app.write_room_keys(caller, room, 1, vec![wrapped(caller)]).await.unwrap();
    room
}

#[rstest]
fn pages_skip_nothing_and_repeat_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(By::Time, By::Seq, By::Page, By::Both)] by: By,
) {
    check(backend, async |database: &Database, app: &App| {
        let app = App::new(app.store.clone(), Clock::fixed(BEGAN));
        let caller = Caller::new(&account(&app).await, Door::Rest);
        let room = room(database, &app, &caller).await;
        Box::new(Messages { app, caller, room, by, seen: None, read: 0 }) as Box<dyn List>
    });
}

#[rstest]
#[tokio::test]
async fn a_stretch_has_what_lies_within_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let clock = Clock::fixed(BEGAN);
    let app = App::new(database.store().await, clock.clone());
    let ann = person(&app, "ann").await;
    let (room, other) = (room(&database, &app, &ann).await, make(&app, &ann, "Other").await);
    app.write_room_keys(&ann, other, 1, vec![wrapped(&ann)]).await.unwrap();
    let mut all = Vec::new();
    for number in 0..24 {
        // Some in the same moment, and some while the clock was put back.
        let by = [0, 0, 3, -2, 1_000_000, 1][number % 6];
        clock.advance(TimeDelta::microseconds(by));
        all.push(is_new(app.post(&ann, room, says("here")).await.unwrap()));
        app.post(&ann, other, says("elsewhere")).await.unwrap();
    }
    let times: Vec<DateTime<Utc>> = all.iter().map(|message| message.created_at).collect();
    assert!(times.is_sorted_by(|one, two| one < two));
    let spread = |time: DateTime<Utc>| [-1, 0, 1].map(|by| Some(time + TimeDelta::microseconds(by)));
    for after in [vec![None], spread(times[0]).to_vec(), spread(times[9]).to_vec()].concat() {
        for before in [vec![None], spread(times[9]).to_vec(), spread(times[23]).to_vec()].concat() {
            for (after_seq, before_seq) in
                [(None, None), (Some(all[5].seq), Some(all[20].seq)), (Some(i64::MAX), Some(i64::MIN))]
            {
                let span = Span { before, after, before_seq, after_seq };
                let within = |message: &&ChatMessage| {
                    before.is_none_or(|time| message.created_at < time)
                        && after.is_none_or(|time| message.created_at > time)
                        && before_seq.is_none_or(|seq| message.seq < seq)
                        && after_seq.is_none_or(|seq| message.seq > seq)
                };
                let expected: Vec<_> = all.iter().filter(within).cloned().collect();
                let history = app.chat_history(&ann, room, span, Slice::new(100, 0).unwrap()).await.unwrap();
                assert_eq!(
                    (history.total, history.messages),
                    (i64::try_from(expected.len()).unwrap(), expected),
                    "{span:?}"
                );
            }
        }
    }
}
