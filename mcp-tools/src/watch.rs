//! A long call, seen from outside: how far it is, and that it shall stop.

use std::ops::ControlFlow;

use errand_core::app::Between;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Only a batch of more items than this tells how far it is: a smaller one is done before anybody reads it.
const OVER: usize = 10;
/// It tells after so many items.
const EVERY: usize = 5;

/// How far a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// So many items have had their turn.
    pub done: usize,
    /// Of so many.
    pub total: usize,
}

/// Who watches a call. By default nobody does, and it runs to its end.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    stop: CancellationToken,
    told: Option<mpsc::UnboundedSender<Progress>>,
}

impl Watch {
    /// A call that begins no further item once `stop` is cancelled.
    #[must_use]
    pub fn until(stop: CancellationToken) -> Self {
        Self { stop, told: None }
    }

    /// The same, telling `told` how far it is. There are never more than a few words for one call, so they need no bound.
    #[must_use]
    pub fn telling(self, told: mpsc::UnboundedSender<Progress>) -> Self {
        Self { told: Some(told), ..self }
    }

    /// What the core asks between the items; `before` of the `total` have had their turn already.
    pub(crate) fn between(&self, before: usize, total: usize) -> Between {
        let watch = self.clone();
        Box::new(move |done| {
            if watch.stop.is_cancelled() {
                return ControlFlow::Break(());
            }
            if done > 0 && done.is_multiple_of(EVERY) {
                watch.tell(before + done, total);
            }
            ControlFlow::Continue(())
        })
    }

    /// All items have had their turn, and what was done is stored.
    pub(crate) fn finished(&self, total: usize) {
        if !self.stop.is_cancelled() {
            self.tell(total, total);
        }
    }

    fn tell(&self, done: usize, total: usize) {
        if let Some(told) = self.told.as_ref().filter(|_| total > OVER) {
            let _ = told.send(Progress { done, total }); // nobody may listen any more
        }
    }
}
