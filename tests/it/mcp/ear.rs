//! What an agent is told besides answers.

use std::time::Duration;

use rmcp::{
    ClientHandler, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, Implementation, ProgressNotificationParam, ResourceUpdatedNotificationParam,
        ServerNotification, SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
    },
    service::{NotificationContext, Subscription},
};
use tokio::sync::mpsc;

use super::{Agent, Era};
use crate::harness::User;

/// What the agent says it is called.
pub(super) const NAME: &str = "An IDE";

/// Notes what it hears.
pub(super) struct Ear {
    progress: mpsc::UnboundedSender<(f64, f64)>,
    changed: mpsc::UnboundedSender<String>,
}

/// What was heard.
pub(super) struct Heard {
    pub(super) progress: mpsc::UnboundedReceiver<(f64, f64)>,
    changed: mpsc::UnboundedReceiver<String>,
}

impl Ear {
    pub(super) fn new() -> (Self, Heard) {
        let ((progress, steps), (changed, uris)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        (Self { progress, changed }, Heard { progress: steps, changed: uris })
    }
}

impl ClientHandler for Ear {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(ClientCapabilities::default(), Implementation::new(NAME, "1"))
    }

    async fn on_progress(&self, news: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progress.send((news.progress, news.total.unwrap())).unwrap();
    }

    async fn on_resource_updated(&self, news: ResourceUpdatedNotificationParam, _: NotificationContext<RoleClient>) {
        self.changed.send(news.uri).unwrap();
    }
}

/// An agent that has subscribed to resources, in the way of its era.
pub(super) struct Subscriber {
    agent: Agent<Ear>,
    heard: Heard,
    /// In the newer era the request that listens.
    listening: Option<Subscription>,
}

#[expect(deprecated, reason = "it is what older clients send")]
impl Subscriber {
    pub(super) async fn to(uris: &[String], user: &User<'_>, era: Era) -> Self {
        let (ear, heard) = Ear::new();
        let agent = Agent::with(ear, user, era).await;
        let listening = match era {
            Era::Sessions => {
                for uri in uris {
                    agent.0.subscribe(SubscribeRequestParams::new(uri)).await.unwrap();
                }
                None
            }
            Era::Requests => {
                let filter = SubscriptionFilter::builder().resource_subscriptions(uris.iter().cloned()).build();
                Some(agent.0.listen(filter).await.unwrap())
            }
        };
        Self { agent, heard, listening }
    }

    /// Shows that it is still there.
    pub(super) async fn ping(&self) {
        self.agent.titles().await;
    }

    /// What has changed next; none when nothing does in time.
    pub(super) async fn next(&mut self, time: Duration) -> Option<String> {
        let next = async {
            match &mut self.listening {
                None => self.heard.changed.recv().await,
                Some(listening) => match listening.next().await.unwrap()? {
                    ServerNotification::ResourceUpdatedNotification(news) => Some(news.params.uri),
                    other => panic!("{other:?}"),
                },
            }
        };
        tokio::time::timeout(time, next).await.ok().flatten()
    }

    /// Does not want to hear of it any more; in the newer era, of nothing.
    pub(super) async fn leave(&mut self, uri: &str) {
        match &mut self.listening {
            None => self.agent.0.unsubscribe(UnsubscribeRequestParams::new(uri)).await.unwrap(),
            Some(listening) => listening.cancel().await.unwrap(),
        }
    }
}
