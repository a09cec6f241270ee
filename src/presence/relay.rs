//! What instances tell each other, over Redis. Where it is away each goes on by itself.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::signal::{Audience, Signal};
use crate::limits::Shared;

const CHANNEL: &str = "errand:signals";
/// How many signals wait for Redis at most; further ones stay here.
const WAITING_MAX: usize = 4096;
/// How long Redis is left alone after the connection broke.
const PAUSE: Duration = Duration::from_secs(2);

/// The way to the other instances.
pub(super) struct Relay {
    shared: Arc<Shared>,
    instance: Uuid,
    outgoing: mpsc::Sender<Vec<u8>>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Vec<u8>>>,
}

/// A signal on its way.
#[derive(Serialize, Deserialize)]
struct Told {
    from: Uuid,
    audience: Audience,
    signal: Signal,
}

impl Relay {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (outgoing, waiting) = mpsc::channel(WAITING_MAX);
        Self { shared, instance: errand_core::id::fresh(), outgoing, waiting: tokio::sync::Mutex::new(waiting) }
    }

    /// Has the others hear of it too.
    pub(super) fn tell(&self, audience: Audience, signal: Signal) {
        let told = Told { from: self.instance, audience, signal };
        let told = serde_json::to_vec(&told).expect("a signal has only strings as keys");
        if self.outgoing.try_send(told).is_err() {
            tracing::debug!("presence.not_relayed");
        }
    }

    /// Carries what waits, one after the other.
    pub(super) async fn carry(&self) {
        let mut waiting = self.waiting.lock().await;
        while let Some(told) = waiting.recv().await {
            self.shared.publish(CHANNEL, &told).await;
        }
    }

    /// Hears what others tell, for ever.
    pub(super) async fn listen(&self, hear: impl Fn(&Audience, Signal)) {
        loop {
            match self.shared.listen(CHANNEL).await {
                Ok(mut messages) => {
                    while let Some(message) = messages.next().await {
                        match serde_json::from_slice::<Told>(message.get_payload_bytes()) {
                            Ok(told) if told.from == self.instance => {}
                            Ok(Told { audience, signal, .. }) => hear(&audience, signal),
                            Err(error) => tracing::debug!(%error, "presence.not_understood"), // a newer instance
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "presence.nothing_heard"), // said once by who counts
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
