use chrono::DateTime;
use tokio::sync::oneshot;

use super::*;
use crate::{
    account::{Account, Caller, Door, Origin},
    app::App,
    change::{Item, Verb},
    clock::Clock,
    event::{Event, Topic},
    id::{TaskId, UserId},
    profile::Profile,
    store::{Options, Store, accounts, changes, events, tasks, writing},
    task::{Priority, Status, Task},
};

struct Fixture {
    store: Store,
    caller: Caller,
    _folder: tempfile::TempDir,
}

const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("errand.db").display());
    let store = Store::open(&Options { url, connections: 2, replay: 100 }).await.unwrap();
    let account = Account {
        id: UserId::fresh(),
        number: 0,
        username: "ann".into(),
        email: "ann@example.com".into(),
        time_zone: None,
        created_at: NOW,
    };
    let profile = Profile {
        account,
        display_name: "Ann".into(),
        avatar: None,
        public_key: None,
        is_verified: false,
        last_login: NOW,
    };
    let added = store.write(move |tx| Box::pin(accounts::add(tx, profile, "no hash"))).await.unwrap();
    Fixture { store, caller: Caller::new(&added.account, Door::Rest), _folder: folder }
}

fn task(caller: &Caller, title: &str) -> Task {
    Task {
        id: TaskId::fresh(),
        number: 0,
        user: caller.user,
        title: title.into(),
        description: String::new(),
        status: Status::Pending,
        priority: Priority::Medium,
        due: None,
        room: None,
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A row, its line in the journal and its event, as every change leaves them.
async fn create(tx: &mut Tx, caller: &Caller, title: &str) -> Result<()> {
    let task = tasks::add(tx, task(caller, title)).await?;
    changes::add(tx, caller, Verb::Created, vec![Item { before: None, after: Some(task.clone()) }], NOW);
    tx.tell(Topic::User(caller.user), NOW, vec![Event::TaskCreated { task, origin: Origin::from(&caller.door) }]);
    Ok(())
}

/// What a job of the group does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Play {
    Creates,
    /// Writes, and is refused afterwards.
    CreatesAndFails,
    /// Writes, and then nothing is sent to the database although a statement was asked for.
    FailsBeforeItsStatement,
    Fails,
    Panics,
    /// Reads the journal, in which the lines of the jobs before it have to be.
    Reads,
    ReadsAndFails,
}

async fn run_job(tx: &mut Tx, caller: &Caller, job: Play, title: &str) -> Result<()> {
    let refused = || Err(Error::NothingToUndo);
    match job {
        Play::Creates => create(tx, caller, title).await,
        Play::CreatesAndFails => {
            create(tx, caller, title).await?;
            create(tx, caller, title).await?;
            refused()
        }
        Play::FailsBeforeItsStatement => {
            let _ = tx.sql(&writing!("DELETE FROM tasks"));
            refused()
        }
        Play::Fails => refused(),
        Play::Panics => {
            create(tx, caller, title).await?;
            panic!("a bug")
        }
        Play::Reads | Play::ReadsAndFails => {
            let last = changes::last(tx, caller.user).await?.expect("a change before this one");
            create(tx, caller, &format!("{title} after {}", last.items[0].task().unwrap().title)).await?;
            if job == Play::Reads { Ok(()) } else { refused() }
        }
    }
}

/// Runs the jobs in one group: they queue while the writer is held up.
async fn in_one_group(fixture: &Fixture, jobs: &[Play]) -> Vec<Result<()>> {
    let (go, wait) = oneshot::channel::<()>();
    let (tell, running) = oneshot::channel::<()>();
    let store = fixture.store.clone();
    let held = tokio::spawn(async move {
        let hold = store.write(move |_| {
            Box::pin(async move {
                let _ = tell.send(());
                let _ = wait.await;
                Ok(())
            })
        });
        hold.await
    });
    running.await.unwrap();
    let mut waiting = Vec::new();
    for (number, &job) in jobs.iter().enumerate() {
        let (store, caller) = (fixture.store.clone(), fixture.caller.clone());
        waiting.push(tokio::spawn(async move {
            let title = number.to_string();
            store.write(move |tx| Box::pin(async move { run_job(tx, &caller, job, &title).await })).await
        }));
        tokio::task::yield_now().await; // one after the other into the queue
    }
    let _ = go.send(());
    held.await.unwrap().unwrap();
    let mut results = Vec::new();
    for job in waiting {
        results.push(job.await.unwrap());
    }
    results
}

async fn titles(fixture: &Fixture) -> Vec<String> {
    let tasks = App::new(fixture.store.clone(), Clock::System).board(&fixture.caller).await.unwrap();
    tasks.into_iter().map(|task| task.title).collect()
}

#[tokio::test]
async fn a_job_that_fails_takes_only_its_own_writes_with_it() {
    use Play::{Creates, CreatesAndFails, Fails, Panics, Reads, ReadsAndFails};
    let fixture = fixture().await;
    let jobs =
        [CreatesAndFails, Creates, Fails, Creates, Panics, Creates, CreatesAndFails, Reads, ReadsAndFails, Reads];
    let results = in_one_group(&fixture, &jobs).await;
    let kept: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [false, true, false, true, false, true, false, true, false, true]);
    assert_eq!(titles(&fixture).await, ["1", "3", "5", "7 after 5", "9 after 7 after 5"]);

    let mut conn = fixture.store.read().await.unwrap();
    let topic = Topic::User(fixture.caller.user);
    let seqs: Vec<i64> =
        events::between(&mut conn, topic, (0, 100), 100).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
    let lines: i64 = super::super::on!(conn, c =>
        sqlx::query_scalar("SELECT COUNT(*) FROM changes").fetch_one(c).await.unwrap());
    assert_eq!(lines, 5, "a line of the journal for each change that stayed, and no other");
}

#[tokio::test]
async fn a_statement_that_was_never_run_does_not_undo_what_others_did() {
    let fixture = fixture().await;
    let results = in_one_group(&fixture, &[Play::Creates, Play::FailsBeforeItsStatement, Play::Creates]).await;
    // There is no savepoint to go back to: nobody is told that the work was done, and it was not.
    assert!(results.iter().all(Result::is_err), "{results:?}");
    assert_eq!(titles(&fixture).await, [""; 0]);
    assert_eq!(in_one_group(&fixture, &[Play::Creates]).await.len(), 1);
    assert_eq!(titles(&fixture).await, ["0"], "the writer goes on");
}

/// `SQLite` would plan the statement anew each time it runs.
#[test]
fn no_limit_and_no_pattern_is_a_parameter_alone() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for place in ["LIMIT $", "LIKE $"].iter().flat_map(|place| line.match_indices(place)) {
                let rest = &line[place.0 + place.1.len()..];
                let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
                assert!(rest.starts_with(" + 0") || rest.starts_with(" || "), "{}: {line}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "only {seen} were found in {folder}");
}
