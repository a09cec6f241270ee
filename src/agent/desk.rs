//! The turns that are running in this process: one at a time in a conversation, watched by whoever wants to, stopped by their user.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use errand_core::{
    ConversationId, Error, MessageId, TurnId, UserId,
    conversation::Turn,
    mailbox::{self, Mailbox},
};
use tokio::sync::{OwnedMutexGuard, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use super::{model::Heard, turn::Run};

/// How many requests may wait for one conversation.
const QUEUE: usize = 16;
/// How many pieces of text a slow watcher may be behind before it misses some; the stored answer has them all.
const BEHIND: usize = 256;

/// What happens in a turn before anything of it is stored.
#[derive(Clone, Debug)]
pub enum Live {
    /// It began.
    Started {
        /// Where.
        conversation: ConversationId,
        /// Which.
        turn: TurnId,
    },
    /// The model wrote this.
    Text {
        /// Where.
        conversation: ConversationId,
        /// The id that the message will have.
        message: MessageId,
        /// What came to it.
        text: Arc<str>,
    },
    /// What the model wrote so far is void.
    Again {
        /// Where.
        conversation: ConversationId,
        /// The message that begins again.
        message: MessageId,
    },
}

/// The turns of this process.
#[derive(Default)]
pub(super) struct Desk {
    /// Cancelled when the process is about to end.
    pub(super) shutdown: CancellationToken,
    /// Cancelled when it cannot wait any longer.
    pub(super) late: CancellationToken,
    tasks: TaskTracker,
    places: Mutex<HashMap<ConversationId, Arc<tokio::sync::Mutex<()>>>>,
    board: Arc<Mutex<Board>>,
}

#[derive(Default)]
struct Board {
    running: HashMap<TurnId, Running>,
    watchers: HashMap<UserId, Vec<Arc<Pieces>>>,
}

/// What a watcher has not seen yet.
type Pieces = Mailbox<VecDeque<Live>>;

struct Running {
    user: UserId,
    conversation: ConversationId,
    cancel: CancellationToken,
    over: watch::Receiver<bool>,
    /// What is being written: the message and its text so far.
    writing: Option<(MessageId, String)>,
}

/// A conversation's only place: whoever has it may run a turn there.
pub(super) struct Place {
    _guard: OwnedMutexGuard<()>,
}

impl Desk {
    /// Waits for the conversation's place, first come first served.
    pub(super) async fn queue(&self, conversation: ConversationId) -> Result<Place, Error> {
        let place = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            places.retain(|_, place| Arc::strong_count(place) > 1); // nobody has it, nobody waits for it
            let place = Arc::clone(places.entry(conversation).or_default());
            if Arc::strong_count(&place) > QUEUE {
                return Err(Error::TurnRunning);
            }
            place
        };
        Ok(Place { _guard: place.lock_owned().await })
    }

    /// Runs a turn by itself; the place is free again when it is over.
    pub(super) fn start(&self, run: Run, place: Option<Place>) -> Turn {
        let turn = run.turn.clone();
        let (over, is_over) = watch::channel(false);
        let cancel = self.late.child_token();
        let (user, conversation) = (run.caller.user, turn.conversation);
        let running = Running { user, conversation, cancel: cancel.clone(), over: is_over, writing: None };
        lock(&self.board).running.insert(turn.id, running);
        let pen = Pen { board: Arc::clone(&self.board), user, conversation, turn: turn.id };
        pen.tell(&Live::Started { conversation, turn: turn.id });
        let work = async move {
            let id = run.turn.id;
            let board = Arc::clone(&pen.board);
            run.run(pen, cancel).await;
            lock(&board).running.remove(&id);
            drop(place);
            let _ = over.send(true); // nobody may be waiting
        };
        self.spawn(work);
        turn
    }

    /// Runs something that is waited for before the process ends.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work.in_current_span());
    }

    /// Tells when a turn of this process is over.
    pub(super) fn over(&self, turn: TurnId) -> Option<watch::Receiver<bool>> {
        lock(&self.board).running.get(&turn).map(|running| running.over.clone())
    }

    pub(super) fn cancel(&self, user: UserId, conversation: ConversationId) {
        for running in lock(&self.board).running.values() {
            if running.user == user && running.conversation == conversation {
                running.cancel.cancel();
            }
        }
    }

    pub(super) fn watch(&self, user: UserId) -> LiveTurns {
        let mut board = lock(&self.board);
        let mut backlog = VecDeque::new();
        for (turn, running) in board.running.iter().filter(|(_, running)| running.user == user) {
            let conversation = running.conversation;
            backlog.push_back(Live::Started { conversation, turn: *turn });
            if let Some((message, text)) = &running.writing {
                backlog.push_back(Live::Text { conversation, message: *message, text: text.as_str().into() });
            }
        }
        let pieces = Arc::new(Mailbox::new(backlog));
        board.watchers.entry(user).or_default().push(Arc::clone(&pieces));
        LiveTurns { board: Arc::clone(&self.board), user, pieces }
    }

    pub(super) async fn drain(&self, grace: Duration) {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            self.late.cancel();
            // What is left are writes to the database, which are quick; a process that must end ends anyway.
            let _ = tokio::time::timeout(Duration::from_secs(2), self.tasks.wait()).await;
        }
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the assistant writes for a user, as it is written.
pub struct LiveTurns {
    board: Arc<Mutex<Board>>,
    user: UserId,
    pieces: Arc<Pieces>,
}

impl LiveTurns {
    /// The next piece. Safe to cancel. A watcher that is too slow misses pieces.
    pub async fn next(&mut self) -> Live {
        self.pieces.next(mailbox::oldest).await
    }
}

impl Drop for LiveTurns {
    fn drop(&mut self) {
        let mut board = lock(&self.board);
        let Some(watchers) = board.watchers.get_mut(&self.user) else { return };
        watchers.retain(|watcher| !Arc::ptr_eq(watcher, &self.pieces));
        if watchers.is_empty() {
            board.watchers.remove(&self.user);
        }
    }
}

/// What a turn writes with while it runs.
pub(super) struct Pen {
    board: Arc<Mutex<Board>>,
    user: UserId,
    conversation: ConversationId,
    turn: TurnId,
}

impl Pen {
    /// Passes on what the model says.
    pub(super) fn write(&self, message: MessageId, heard: &Heard<'_>) {
        let conversation = self.conversation;
        let mut board = lock(&self.board);
        let Some(running) = board.running.get_mut(&self.turn) else { return };
        let live = match heard {
            Heard::Text(text) => {
                match &mut running.writing {
                    Some((writing, so_far)) if *writing == message => so_far.push_str(text),
                    writing => *writing = Some((message, (*text).to_owned())),
                }
                Live::Text { conversation, message, text: (*text).into() }
            }
            Heard::Again => {
                running.writing = None;
                Live::Again { conversation, message }
            }
        };
        send(&board, self.user, &live);
    }

    /// What was being written is stored now.
    pub(super) fn stored(&self) {
        if let Some(running) = lock(&self.board).running.get_mut(&self.turn) {
            running.writing = None;
        }
    }

    fn tell(&self, live: &Live) {
        send(&lock(&self.board), self.user, live);
    }
}

fn send(board: &Board, user: UserId, live: &Live) {
    for watcher in board.watchers.get(&user).into_iter().flatten() {
        watcher.put(|pieces| {
            if pieces.len() < BEHIND {
                pieces.push_back(live.clone());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_watcher_misses_pieces_and_one_that_is_gone_is_forgotten() {
        let (desk, user, conversation) = (Desk::default(), UserId::fresh(), ConversationId::fresh());
        let piece =
            |number: usize| Live::Text { conversation, message: MessageId::fresh(), text: number.to_string().into() };
        let (mut watcher, gone) = (desk.watch(user), desk.watch(user));
        drop(gone);
        for number in 0..BEHIND + 5 {
            send(&lock(&desk.board), user, &piece(number));
        }
        for number in 0..BEHIND {
            let Live::Text { text, .. } = watcher.next().await else { panic!("it is text") };
            assert_eq!(*text, *number.to_string());
        }
        assert!(futures::poll!(std::pin::pin!(watcher.next())).is_pending());
        drop(watcher);
        assert!(lock(&desk.board).watchers.is_empty());
    }
}
