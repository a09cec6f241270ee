//! What instances tell each other, over Redis. Where it is away each goes on by itself: nothing is told this way that is not found out
//! otherwise, or that matters later.
//!
//! To tell something else: a channel's name, and a type that serde knows.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use futures::StreamExt as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::limits::Shared;

/// How many messages wait for Redis at most; further ones stay here.
const WAITING_MAX: usize = 4096;
/// How long Redis is left alone after the connection broke.
const PAUSE: Duration = Duration::from_secs(2);

/// The way to the other instances, on one channel.
pub(crate) struct Relay<T> {
    shared: Arc<Shared>,
    channel: &'static str,
    instance: Uuid,
    outgoing: mpsc::Sender<Vec<u8>>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Vec<u8>>>,
    tells: PhantomData<fn(T)>,
}

/// A message on its way.
#[derive(Serialize, Deserialize)]
struct Told<T> {
    from: Uuid,
    told: T,
}

impl<T: Serialize + DeserializeOwned> Relay<T> {
    /// To all that have the same channel. Its name is this crate's own.
    pub(crate) fn new(channel: &'static str, shared: Arc<Shared>) -> Self {
        let (outgoing, waiting) = mpsc::channel(WAITING_MAX);
        let (instance, waiting) = (errand_core::id::fresh(), tokio::sync::Mutex::new(waiting));
        Self { shared, channel, instance, outgoing, waiting, tells: PhantomData }
    }

    /// Has the others hear of it too.
    pub(crate) fn tell(&self, told: T) {
        let told = Told { from: self.instance, told };
        let told = serde_json::to_vec(&told).expect("what is told has only strings as keys");
        if self.outgoing.try_send(told).is_err() {
            tracing::debug!(self.channel, "relay.full");
        }
    }

    /// Carries what waits, one after the other.
    pub(crate) async fn carry(&self) {
        let mut waiting = self.waiting.lock().await;
        while let Some(told) = waiting.recv().await {
            self.shared.publish(self.channel, &told).await;
        }
    }

    /// Hears what others tell, for ever.
    pub(crate) async fn listen(&self, hear: impl Fn(T)) {
        loop {
            match self.shared.listen(self.channel).await {
                Ok(mut messages) => {
                    while let Some(message) = messages.next().await {
                        match serde_json::from_slice::<Told<T>>(message.get_payload_bytes()) {
                            Ok(told) if told.from == self.instance => {}
                            Ok(Told { told, .. }) => hear(told),
                            Err(error) => tracing::debug!(%error, "relay.not_understood"), // a newer instance
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "relay.nothing_heard"), // said once by who counts
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
