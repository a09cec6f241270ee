//! "@errand …" in a chatroom that let the assistant in: a turn for whoever wrote it, with the same loop and tools as in a conversation,
//! and an answer in the room.
//!
//! - `word`: whether a message mentions the assistant, and what it asks;
//! - here: hearing. What was written is decrypted, in memory only, and what mentions the assistant is taken down as a turn before it runs;
//! - `answer`: the turn, and its answer, which is encrypted like all that is said there.
//!
//! Of what is said, nothing is stored in plain but what becomes of the sender's tasks. What a later turn needs to know of this one (a
//! question that waits for "@errand yes") is kept encrypted with the room's key. Who asks is answered for themselves: what one member asks,
//! another cannot confirm.
//!
//! A room's mentions are answered one after the other, in their order. Those whose process died are answered, too: with what had happened
//! by then, according to the journal, and without doing anything again.

mod answer;
mod word;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use errand_core::{
    App, Error, RoomId,
    app::Where,
    chatroom::{Mention, MessageKind, SealedMessage, Unheard},
};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use crate::{
    agent::Agent,
    assistant::{Assistant, HeldKeys},
    presence::Presence,
    state::{Limits, State},
};

/// How often all rooms are asked; in the ones where this process wrote something, it is heard at once.
const LOOKS: Duration = Duration::from_secs(10);

/// Who hears and answers mentions. Cheap to clone.
#[derive(Clone)]
pub struct Mentions(Arc<Inner>);

struct Inner {
    app: App,
    assistant: Assistant,
    agent: Agent,
    presence: Presence,
    limits: Arc<Limits>,
    /// What is to be answered after what is being answered now, in the rooms where something is.
    waiting: Mutex<HashMap<RoomId, VecDeque<Asked>>>,
}

/// What somebody asks.
struct Asked {
    mention: Mention,
    request: String,
}

impl Mentions {
    /// Hears with what `state` has.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let State { app, assistant, agent, presence, limits, .. } = state.clone();
        Self(Arc::new(Inner { app, assistant, agent, presence, limits, waiting: Mutex::default() }))
    }

    /// Hears and answers, for as long as it is run.
    pub async fn keep_up(self) {
        let (mut looks, mut written) = (interval(LOOKS), self.0.app.rooms_written());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.0.agent.shutdown().is_cancelled() {
            let place = tokio::select! {
                _ = looks.tick() => Where::Anywhere,
                place = written.next() => place,
            };
            match place {
                Where::These(rooms) => {
                    for room in rooms {
                        self.hear(room).await;
                    }
                }
                Where::Anywhere => self.look().await,
            }
        }
    }

    /// Hears in all rooms, and answers what others left.
    async fn look(&self) {
        match self.0.app.rooms_unheard(self.0.assistant.caller()).await {
            Ok(rooms) => {
                for room in rooms {
                    self.hear(room).await;
                }
            }
            Err(error) => tracing::warn!(%error, "mentions.not_looked_for"),
        }
        self.answer_left().await;
    }

    async fn hear(&self, room: RoomId) {
        if let Err(error) = self.try_hear(room).await {
            tracing::warn!(%room, %error, "mentions.not_heard"); // at the next look
        }
    }

    async fn try_hear(&self, room: RoomId) -> Result<(), Error> {
        let Inner { app, assistant, .. } = &*self.0;
        loop {
            let unheard = app.unheard(assistant.caller(), room).await?;
            if unheard.messages.is_empty() {
                return Ok(());
            }
            let keys = assistant.keys(room).await?;
            let name = assistant.caller().name.clone();
            let read = move || {
                let asked = asked(room, &unheard.messages, &keys, &name);
                (unheard, asked)
            };
            let (unheard, asked): (Unheard, Vec<Asked>) =
                spawn_blocking(read).await.map_err(|error| Error::Internal(error.to_string()))?;
            let mentions = asked.iter().map(|asked| asked.mention).collect();
            if app.hear(assistant.caller(), room, &unheard, mentions).await? {
                for asked in asked {
                    self.begin(asked);
                }
            }
        }
    }

    /// Answers, after what is being answered in that room.
    fn begin(&self, asked: Asked) {
        let room = asked.mention.room;
        if let Some(waiting) = self.waiting().get_mut(&room) {
            waiting.push_back(asked);
            return;
        }
        self.waiting().insert(room, VecDeque::new());
        let mentions = self.clone();
        self.0.agent.spawn(async move {
            let mut next = Some(asked);
            while let Some(asked) = next {
                mentions.answer(asked).await;
                next = mentions.next(room);
            }
        });
    }

    /// What is to be answered next in a room; none: nothing is answered there any more.
    fn next(&self, room: RoomId) -> Option<Asked> {
        let mut waiting = self.waiting();
        let next = waiting.get_mut(&room).and_then(VecDeque::pop_front);
        if next.is_none() {
            waiting.remove(&room);
        }
        next
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<RoomId, VecDeque<Asked>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked in these messages. To open them takes computing.
fn asked(room: RoomId, messages: &[SealedMessage], keys: &HeldKeys, name: &str) -> Vec<Asked> {
    let asked = |message: &SealedMessage| {
        let said = keys.open(&message.content).ok()?; // what the assistant has no key for, it does not hear
        let request = word::request(&said, name)?;
        Some(Asked { mention: Mention::of(room, message), request })
    };
    messages.iter().filter(|message| message.kind == MessageKind::Text).filter_map(asked).collect()
}
