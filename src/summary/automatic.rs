//! Summaries that nobody asks for: of rooms in which enough was written since the last one.
//!
//! The rooms themselves tell which are due, so nothing is lost with a process: they are asked at the start and now and then, and one in
//! which something was written is asked soon after. A room is claimed before it is summarised, so that of several instances one does it;
//! the claim of one that died ends by itself.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use errand_core::{RoomId, app::Where, chatroom::SummaryClaim};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{Summaries, SummaryError};

/// How often all rooms are asked.
const LOOKS: Duration = Duration::from_secs(30);
/// How long after something was written its room is asked: much is written together.
const SOON: Duration = Duration::from_secs(1);
/// How many rooms are summarised at once.
const AT_ONCE: usize = 2;
/// How much longer than the model a summary may take until others take it for dead.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

impl Summaries {
    /// Summarises rooms that are due, for as long as it is run.
    pub async fn keep_up(self) {
        let (mut looks, mut running) = (interval(LOOKS), JoinSet::new());
        let mut written = self.app().rooms_written();
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let rooms = tokio::select! {
                _ = looks.tick() => self.due().await,
                place = written.next() => {
                    sleep(SOON).await;
                    match place {
                        Where::These(rooms) => rooms,
                        Where::Anywhere => self.due().await,
                    }
                }
            };
            for room in rooms {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                if let Some(claim) = self.claim(room).await {
                    let summaries = self.clone();
                    running.spawn(async move {
                        summaries.summarise(claim).await;
                        drop(place);
                    });
                }
            }
            while running.try_join_next().is_some() {}
        }
    }

    async fn due(&self) -> HashSet<RoomId> {
        let rooms = self.app().rooms_to_summarise(self.assistant().caller()).await;
        rooms.map_or_else(
            |error| {
                tracing::warn!(%error, "summaries.not_looked_for");
                HashSet::new()
            },
            |rooms| rooms.into_iter().collect(),
        )
    }

    async fn claim(&self, room: RoomId) -> Option<SummaryClaim> {
        let lasts = TimeDelta::from_std(self.model_time()).map_or(MARGIN, |model| model + MARGIN);
        self.app().claim_summary(self.assistant().caller(), room, lasts).await.unwrap_or_else(|error| {
            tracing::warn!(%room, %error, "summary.not_claimed");
            None
        })
    }

    /// Makes the summary that was claimed. When it fails it is tried again once the claim has ended.
    async fn summarise(&self, claim: SummaryClaim) {
        let room = claim.room;
        match self.try_summarise(claim).await {
            Ok(stored) => tracing::debug!(%room, stored, "summary.ended"),
            Err(error) => tracing::warn!(%room, %error, "summary.failed"),
        }
    }

    async fn try_summarise(&self, claim: SummaryClaim) -> Result<bool, SummaryError> {
        let assistant = self.assistant().caller();
        let between = (claim.after_seq, claim.up_to_seq + 1);
        let made = self.write(assistant, claim.room, between, None).await?;
        let stored = self.app().finish_summary(assistant, claim, made.map(|(new, _)| new)).await?;
        Ok(stored.is_some())
    }
}
