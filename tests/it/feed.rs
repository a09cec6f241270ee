//! The feed: at once, in order, and nobody waits for the slow.

use std::time::{Duration, Instant};

use errand_core::{
    Caller, Clock, Door, Store,
    app::Work,
    event::Topic,
    feed::{Next, QUEUE_EVENTS},
    store::Options,
    task::NewTask,
};
use futures::future::join_all;
use rstest::rstest;
use serde_json::json;

use crate::{
    harness::{Backend, Database, Server, Socket},
    script::Script,
    store::{account, titled},
};

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_commit_to_the_frame(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(server) = Server::start(backend, Script::adding()).await else { return };
    let ann = server.user("ann").await;
    let (mut one, mut two) = (ann.socket().await, ann.socket().await);
    one.sync(None).await;
    two.sync(None).await;
    let caller = Caller::new(&server.app.account_named("ann").await.unwrap(), Door::Rest);
    let mut times = Vec::new();
    for number in 0..60 {
        server.app.add_task(&caller, titled(format!("task {number}"))).await.unwrap();
        let committed = Instant::now();
        one.next_of("task_created").await;
        two.next_of("task_created").await;
        times.push(committed.elapsed());
    }
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "from the commit to the frame on both sockets, {backend:?}: median {median:?}, worst {:?}",
        times.last().unwrap()
    );
    assert!(median < Duration::from_millis(5), "{median:?}");
}

#[rstest]
#[tokio::test]
async fn more_who_resume_at_once_than_there_are_connections_do_not_wait_for_each_other(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let topic = Topic::User(caller.user);
    app.add_task(&caller, titled("a task")).await.unwrap();
    let mut subscriptions = Vec::new();
    for _ in 0..40 {
        subscriptions.push(app.store.subscribe(topic).await.unwrap());
    }
    let began = Instant::now();
    let resumed = join_all(subscriptions.iter_mut().map(|subscription| subscription.rewind(0))).await;
    assert!(resumed.into_iter().all(Result::unwrap));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(subscriptions.iter_mut().all(|subscription| subscription.take_ready().is_some()));
}

#[rstest]
#[tokio::test]
async fn a_slow_subscriber_is_let_go_and_resumes_without_a_loss(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let topic = Topic::User(caller.user);
    let (mut slow, mut quick) = (app.store.subscribe(topic).await.unwrap(), app.store.subscribe(topic).await.unwrap());
    let writes = i64::try_from(QUEUE_EVENTS).unwrap() + 40;
    for number in 1..=writes {
        app.add_task(&caller, titled(format!("task {number}"))).await.unwrap();
        let Next::Event(event) = quick.next().await.unwrap() else { panic!("the quick one was let go") };
        assert_eq!(event.seq, number);
    }
    let mut last = 0;
    while let Next::Event(event) = slow.next().await.unwrap() {
        assert_eq!(event.seq, last + 1);
        last = event.seq;
    }
    assert!(last < writes, "its queue is bounded");
    let mut again = app.store.subscribe(topic).await.unwrap();
    assert!(again.rewind(last).await.unwrap());
    while let Some(event) = again.take_ready() {
        assert_eq!(event.seq, last + 1);
        last = event.seq;
    }
    assert_eq!(last, writes);
}

#[tokio::test]
async fn what_another_instance_writes_is_heard() {
    let Some(database) = Database::new(Backend::Postgres).await else { return };
    let (here, there) = (database.app().await, database.app().await);
    let caller = Caller::new(&account(&here, "ann").await, Door::Rest);
    let mut heard = here.store.subscribe(Topic::User(caller.user)).await.unwrap();
    for number in 1..=3 {
        there.add_task(&caller, titled(format!("task {number}"))).await.unwrap();
    }
    for seq in 1..=3 {
        let next = tokio::time::timeout(Duration::from_secs(3), heard.next()).await.expect("heard within a poll");
        let Next::Event(event) = next.unwrap() else { panic!("too slow") };
        assert_eq!(event.seq, seq);
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_closed_and_the_others_go_on() {
    let server = Server::start(Backend::Sqlite, Script::adding()).await.unwrap();
    let ann = server.user("ann").await;
    let (mut stuck, mut quick) =
        (Socket::narrow(&server.base, &format!("/ws?token={}", ann.token)).await, ann.socket().await);
    stuck.sync(None).await;
    quick.sync(None).await;
    let caller = Caller::new(&server.app.account_named("ann").await.unwrap(), Door::Rest);
    // Far more than the buffers of the system and our queue hold together; quicker than the server waits for the stuck one to read
    // why it is closed.
    let (writes, description) = (6000, "x".repeat(1000));
    let task = |number| NewTask { description: description.clone(), ..titled(format!("task {number}")) };
    for first in (1..=writes).step_by(50) {
        let numbers = first..=first + 49;
        let tasks = numbers.clone().map(task).collect();
        server.app.change_tasks(&caller, Work::Add(tasks), None).await.unwrap();
        for number in numbers {
            assert_eq!(quick.next_of("task_created").await["seq"], json!(number));
        }
    }
    let mut last = 0;
    let code = loop {
        match stuck.receive().await {
            Ok(frame) => last = frame["seq"].as_i64().unwrap(),
            Err(code) => break code,
        }
    };
    assert_eq!(code, Some(4508), "closed after {last}");
    assert!(last < writes);
}

#[test]
fn a_store_of_another_kind_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { url: "mysql://localhost".into(), connections: 1, replay: 1 };
    let refused = runtime.block_on(Store::open(&options));
    assert!(refused.is_err_and(|error| error.to_string().contains("sqlite:")));
    let _ = Clock::System.now();
}

#[tokio::test]
async fn a_subscriber_that_is_cancelled_while_it_reads_loses_nothing() {
    let Some(database) = Database::new(Backend::Postgres).await else { return };
    let (here, there) = (database.app().await, database.app().await);
    let caller = Caller::new(&account(&here, "ann").await, Door::Rest);
    let mut heard = here.store.subscribe(Topic::User(caller.user)).await.unwrap();
    for number in 1..=20 {
        there.add_task(&caller, titled(format!("task {number}"))).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1100)).await; // the notice of the other instance's events is there now
    // Takes the notice, begins to read, and is dropped; unless it is so quick that it has read already.
    let polled = futures::poll!(std::pin::pin!(heard.next()));
    let seen = i64::from(polled.is_ready());
    for seq in seen + 1..=20 {
        let next =
            tokio::time::timeout(Duration::from_millis(300), heard.next()).await.expect("before the next notice");
        let Next::Event(event) = next.unwrap() else { panic!("too slow") };
        assert_eq!(event.seq, seq);
    }
}
