//! Which of a person's tasks have changed, from the feed: gathered for a moment, so that a batch is one piece of news.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use errand_core::{
    Result, Store, UserId,
    event::{Event, Topic},
    feed::{Next, Subscription},
};
use tokio::time::{Instant, sleep, timeout_at};

use super::resources::Address;

/// How long changes are gathered after the first.
const MOMENT: Duration = Duration::from_millis(50);
/// How long to wait after the database has failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How many events are looked back at, for what happened while the subscription began.
const BACK: i64 = 64;

/// What has changed.
#[derive(Default)]
pub(super) struct Changed {
    tasks: BTreeSet<i64>,
    /// Something was missed: anything may have changed.
    anything: bool,
}

impl Changed {
    /// Whether it shows at `uri`.
    pub(super) fn touches(&self, uri: &str) -> bool {
        match Address::of(uri) {
            Some(Address::Board) => self.anything || !self.tasks.is_empty(),
            Some(Address::Task(number)) => self.anything || self.tasks.contains(&number),
            Some(Address::App) | None => false,
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::TaskCreated { task, .. }
            | Event::TaskUpdated { task, .. }
            | Event::TaskStatusChanged { task, .. } => {
                self.tasks.insert(task.number);
            }
            Event::TaskDeleted { number, .. } => {
                self.tasks.insert(*number);
            }
            Event::MessageCreated { .. }
            | Event::ConversationCreated { .. }
            | Event::ConversationUpdated { .. }
            | Event::ConversationDeleted { .. }
            | Event::TurnCompleted { .. }
            | Event::TurnFailed { .. }
            | Event::RoomEntered { .. }
            | Event::RoomMessageCreated { .. }
            | Event::Chatroom { .. } => {}
        }
    }

    fn is_nothing(&self) -> bool {
        self.tasks.is_empty() && !self.anything
    }
}

/// Hears what happens to one person's tasks.
pub(super) struct Ear {
    store: Store,
    topic: Topic,
    events: Subscription,
    /// What was heard already.
    heard: Changed,
}

impl Ear {
    /// From now on.
    pub(super) async fn new(store: &Store, user: UserId) -> Result<Self> {
        let topic = Topic::User(user);
        let events = store.subscribe(topic).await?;
        Ok(Self { store: store.clone(), topic, events, heard: Changed::default() })
    }

    /// From now on, after a time in which anything may have changed.
    pub(super) async fn again(store: &Store, user: UserId) -> Result<Self> {
        let mut ear = Self::new(store, user).await?;
        ear.heard.anything = true;
        Ok(ear)
    }

    /// From a moment on that has just passed.
    pub(super) async fn since(store: &Store, user: UserId, moment: DateTime<Utc>) -> Result<Self> {
        let mut ear = Self::new(store, user).await?;
        let newest = ear.events.seen();
        if ear.events.rewind((newest - BACK).max(0)).await? {
            while let Some(event) = ear.events.next_stored().await? {
                if event.at >= moment {
                    ear.heard.note(&event.event);
                }
            }
        }
        Ok(ear)
    }

    /// What has changed next. Safe to cancel.
    pub(super) async fn changed(&mut self) -> Changed {
        while self.heard.is_nothing() {
            self.listen().await;
        }
        let end = Instant::now() + MOMENT;
        while timeout_at(end, self.listen()).await.is_ok() {}
        std::mem::take(&mut self.heard)
    }

    async fn listen(&mut self) {
        let next = match self.events.next().await {
            Ok(Next::Event(event)) => return self.heard.note(&event.event),
            Ok(Next::TooSlow) => self.store.subscribe(self.topic).await,
            Err(error) => Err(error),
        };
        match next {
            Ok(events) => {
                self.events = events;
                self.heard.anything = true;
            }
            Err(error) => {
                tracing::warn!(%error, "mcp.changes_not_heard");
                sleep(PAUSE).await;
            }
        }
    }
}
