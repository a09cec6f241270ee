//! Tells other instances how far topics have come, so that what is written at one is on every screen at once. The rows are the truth: a
//! notice that is lost costs one poll of the feed.

use std::sync::Arc;

use errand_core::{App, event::Topic};

use crate::{limits::Shared, relay::Relay};

const CHANNEL: &str = "errand:topics";
/// The most topics in one message.
const TOGETHER: usize = 500;

/// Tells and hears, until it is dropped.
pub(crate) async fn keep(app: App, shared: Arc<Shared>) {
    let relay = Relay::<Vec<(Topic, i64)>>::new(CHANNEL, shared);
    let mut moves = app.moves();
    let tell = async {
        loop {
            let topics: Vec<_> = moves.next().await.into_iter().collect();
            for topics in topics.chunks(TOGETHER) {
                relay.tell(topics.to_vec());
            }
        }
    };
    let hear = relay.listen(|topics| app.moved_elsewhere(topics));
    let ((), (), ()) = tokio::join!(tell, relay.carry(), hear);
}
