//! Paging never skips and never repeats: whatever is added meanwhile, and whatever is deleted that was seen already.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use errand_core::{
    Account, App, Caller, Clock, Door,
    app::ConversationRef,
    conversation::{self, Author, Body},
    id::{RoomId, RoomMessageId},
    identity::{Identity, Subject},
    room::PersonRef,
    task::{self, Due, NewTask, Priority, TaskFilter, TaskOrder, TaskRef},
};
use futures::future::BoxFuture;
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};
use rstest::rstest;
use tokio::runtime::Runtime;

use crate::harness::{Backend, Database};

pub(crate) const BEGAN: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).unwrap();

/// What happens between two pages.
#[derive(Clone, Debug)]
enum Step {
    Add(Place),
    /// Deletes one of those that were seen, if there are any.
    Delete(prop::sample::Index),
    /// Reads a page of so many rows.
    Read(i64),
}

/// What decides where a row comes in a list. Few different values, so that many rows tie.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    due: Option<i64>,
    priority: Priority,
    /// By how much the clock moves on before it is added.
    pub(crate) later: i64,
}

fn place() -> impl Strategy<Value = Place> {
    // Microseconds: text and numbers must sort these alike.
    let times = select(vec![0, 1, 500, 123_456, 500_000, 999_999, 1_000_000, 60_000_000]);
    let priority = select(vec![Priority::Low, Priority::Medium, Priority::High, Priority::Urgent]);
    let place = (option::weighted(0.7, times), priority, select(vec![0, 0, 1, 1000, 1_000_000]));
    place.prop_map(|(due, priority, later)| Place { due, priority, later })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => place().prop_map(Step::Add),
        1 => any::<prop::sample::Index>().prop_map(Step::Delete),
        3 => (1..8_i64).prop_map(Step::Read),
    ]
}

/// A list that is read page by page.
pub(crate) trait List: Send {
    /// Adds a row; its number.
    fn add(&mut self, place: Place) -> BoxFuture<'_, i64>;
    /// Deletes a row, where rows can be deleted; whether it did.
    fn delete(&mut self, number: i64) -> BoxFuture<'_, bool>;
    /// The next page, and whether there is one after it.
    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)>;
}

struct Tasks {
    app: App,
    caller: Caller,
    filter: TaskFilter,
    cursor: Option<task::Cursor>,
}

impl List for Tasks {
    fn add(&mut self, place: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            let due = place.due.map(|micros| Due::at(BEGAN + TimeDelta::microseconds(micros)));
            let task = NewTask { title: "a task".into(), priority: place.priority, due, ..NewTask::default() };
            self.app.add_task(&self.caller, task).await.unwrap().number
        })
    }

    fn delete(&mut self, number: i64) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.app.delete_task(&self.caller, TaskRef::Number(number)).await.is_ok() })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let page = self.app.tasks(&self.caller, &self.filter, limit, self.cursor).await.unwrap();
            // As it travels: a cursor that loses something on the way would skip.
            self.cursor = page.next.map(|cursor| cursor.to_string().parse().unwrap());
            (page.tasks.iter().map(|task| task.number).collect(), self.cursor.is_some())
        })
    }
}

struct Rooms {
    app: App,
    caller: Caller,
    other: PersonRef,
    cursor: Option<RoomId>,
}

impl List for Rooms {
    fn add(&mut self, _: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            self.app.make_group(&self.caller, None, std::slice::from_ref(&self.other)).await.unwrap().number
        })
    }

    fn delete(&mut self, _: i64) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let (page, next) = self.app.room_page(&self.caller, limit, self.cursor).await.unwrap();
            assert!(page.iter().all(|room| room.participants.len() == 2));
            self.cursor = next;
            (page.iter().map(|room| room.number).collect(), next.is_some())
        })
    }
}

struct ByAge {
    app: App,
    caller: Caller,
    newest_first: bool,
    cursor: Option<i64>,
}

impl List for ByAge {
    fn add(&mut self, _: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            let task = NewTask { title: "a task".into(), ..NewTask::default() };
            self.app.add_task(&self.caller, task).await.unwrap().number
        })
    }

    fn delete(&mut self, number: i64) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.app.delete_task(&self.caller, TaskRef::Number(number)).await.is_ok() })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let (page, next) = if self.newest_first {
                self.app.task_page(&self.caller, limit, self.cursor).await.unwrap()
            } else {
                self.app.board_page(&self.caller, limit, self.cursor).await.unwrap()
            };
            self.cursor = next;
            (page.iter().map(|task| task.number).collect(), next.is_some())
        })
    }
}

struct RoomMessages {
    app: App,
    caller: Caller,
    room: RoomId,
    before: Option<RoomMessageId>,
}

impl List for RoomMessages {
    fn add(&mut self, _: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move { self.app.say_in_room(&self.caller, self.room, "said").await.unwrap().number })
    }

    fn delete(&mut self, _: i64) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let page = self.app.room_messages(&self.caller, self.room, self.before, limit).await.unwrap();
            // This contract does not say whether there are more: an empty page is the last.
            self.before = page.first().map(|message| message.id).or(self.before);
            (page.iter().map(|message| message.number).collect(), !page.is_empty())
        })
    }
}

struct Conversations {
    app: App,
    caller: Caller,
    cursor: Option<conversation::Cursor>,
}

impl List for Conversations {
    fn add(&mut self, place: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            self.app.clock.advance(TimeDelta::microseconds(place.later));
            self.app.begin_conversation(&self.caller, "a conversation").await.unwrap().number
        })
    }

    fn delete(&mut self, number: i64) -> BoxFuture<'_, bool> {
        let wanted = ConversationRef::Number(number);
        Box::pin(async move { self.app.delete_conversation(&self.caller, wanted).await.is_ok() })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let page = self.app.conversation_page(&self.caller, limit, self.cursor).await.unwrap();
            self.cursor = page.next.map(|cursor| cursor.to_string().parse().unwrap());
            (page.conversations.iter().map(|conversation| conversation.number).collect(), self.cursor.is_some())
        })
    }
}

struct Messages {
    app: App,
    caller: Caller,
    conversation: ConversationRef,
    before: Option<i64>,
}

impl List for Messages {
    fn add(&mut self, _: Place) -> BoxFuture<'_, i64> {
        Box::pin(async move {
            let said = self.app.add_message(&self.caller, self.conversation, Author::User, "said", Body::TEXT);
            said.await.unwrap().number
        })
    }

    fn delete(&mut self, _: i64) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }

    fn read(&mut self, limit: i64) -> BoxFuture<'_, (Vec<i64>, bool)> {
        Box::pin(async move {
            let (page, more) =
                self.app.message_page(&self.caller, self.conversation, limit, self.before).await.unwrap();
            self.before = page.first().map(|message| message.number);
            (page.iter().map(|message| message.number).collect(), more)
        })
    }
}

/// Which list.
#[derive(Clone, Copy, Debug)]
enum Which {
    Tasks(TaskOrder),
    All,
    Board,
    Rooms,
    Conversations,
    Messages,
    Room,
}

/// An account for one case; without a password, which would take longer than the case.
pub(crate) async fn account(app: &App) -> Account {
    let subject = Subject { issuer: "paging".into(), subject: errand_core::id::fresh().to_string() };
    app.account_of(Identity { subject, names: vec![], email: None }).await.unwrap()
}

async fn list(app: &App, which: Which) -> Box<dyn List> {
    let app = App::new(app.store.clone(), Clock::fixed(BEGAN));
    let caller = Caller::new(&account(&app).await, Door::Rest);
    match which {
        Which::Tasks(order) => {
            Box::new(Tasks { app, caller, filter: TaskFilter { order, ..TaskFilter::default() }, cursor: None })
        }
        Which::All => Box::new(ByAge { app, caller, newest_first: true, cursor: None }),
        Which::Board => Box::new(ByAge { app, caller, newest_first: false, cursor: None }),
        Which::Rooms => {
            let other = PersonRef::Id(account(&app).await.id);
            Box::new(Rooms { app, caller, other, cursor: None })
        }
        Which::Room => {
            let room =
                app.make_group(&caller, Some("a room"), &[PersonRef::Id(account(&app).await.id)]).await.unwrap().id;
            Box::new(RoomMessages { app, caller, room, before: None })
        }
        Which::Conversations => Box::new(Conversations { app, caller, cursor: None }),
        Which::Messages => {
            let conversation = app.begin_conversation(&caller, "a conversation").await.unwrap();
            Box::new(Messages { app, caller, conversation: ConversationRef::Id(conversation.id), before: None })
        }
    }
}

/// Does the steps, then reads to the end. Each row that was there from the beginning to its being read is read once, no row twice.
async fn walk(list: &mut dyn List, first: Vec<Place>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut there = BTreeSet::new();
    for place in first {
        there.insert(list.add(place).await);
    }
    let (mut seen, mut deleted) = (Vec::new(), BTreeSet::new());
    let mut goes_on = true;
    for step in steps.into_iter().chain(std::iter::repeat(Step::Read(3))) {
        match step {
            Step::Add(place) => {
                list.add(place).await;
            }
            Step::Delete(which) if !seen.is_empty() => {
                let number = *which.get(&seen);
                if deleted.insert(number) {
                    list.delete(number).await;
                }
            }
            Step::Delete(_) => {}
            Step::Read(limit) => {
                let (page, more) = list.read(limit).await;
                prop_assert!(i64::try_from(page.len()).unwrap() <= limit);
                for number in page {
                    prop_assert!(!seen.contains(&number), "{} came twice: {:?}", number, seen);
                    seen.push(number);
                }
                goes_on = more;
            }
        }
        if !goes_on {
            break;
        }
    }
    let unique: BTreeSet<_> = seen.iter().copied().collect();
    prop_assert!(there.is_subset(&unique), "rows were skipped: {:?}", there.difference(&unique));
    Ok(())
}

#[rstest]
fn pages_skip_nothing_and_repeat_nothing(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values(
        Which::Tasks(TaskOrder::Due),
        Which::Tasks(TaskOrder::Newest),
        Which::Tasks(TaskOrder::Priority),
        Which::All,
        Which::Board,
        Which::Rooms,
        Which::Conversations,
        Which::Messages,
        Which::Room
    )]
    which: Which,
) {
    check(backend, async |_: &Database, app: &App| list(app, which).await);
}

/// Walks the list that `begin` makes, many times.
pub(crate) fn check(backend: Backend, begin: impl AsyncFn(&Database, &App) -> Box<dyn List>) {
    let runtime = Arc::new(Runtime::new().unwrap());
    let Some(database) = runtime.block_on(Database::new(backend)) else { return };
    let app = runtime.block_on(database.app());
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() });
    let checked = runner.run(&(vec(place(), 0..30), vec(step(), 0..30)), |(first, steps)| {
        runtime.block_on(async {
            let mut list = begin(&database, &app).await;
            walk(list.as_mut(), first, steps).await
        })
    });
    runtime.block_on(app.store.close());
    if let Err(failed) = checked {
        panic!("{failed}");
    }
}
