//! The store: durable, gapless, one text of SQL for both databases.

use std::{collections::HashSet, ops::ControlFlow};

use chrono::TimeDelta;
use errand_core::{
    Account, App, Caller, Clock, Door, Error,
    account::Registration,
    app::{Idempotency, RefusalCode, Work},
    event::Topic,
    feed::Next,
    task::{Due, NewTask, Priority, Status, TaskEdit, TaskFilter, TaskOrder, TaskRef},
};
use futures::future::join_all;
use rstest::rstest;

use crate::harness::{Backend, Database};

pub(crate) async fn account(app: &App, name: &str) -> Account {
    let registration =
        Registration { username: name.into(), email: format!("{name}@example.com"), password: "correct horse".into() };
    app.register(registration).await.unwrap()
}

pub(crate) fn titled(title: impl Into<String>) -> NewTask {
    NewTask { title: title.into(), ..NewTask::default() }
}

#[rstest]
#[tokio::test]
async fn several_that_start_at_once_migrate_once(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let stores = join_all((0..6).map(|_| database.store())).await;
    assert_eq!(stores.len(), 6);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writes_at_once_are_all_there_numbered_without_holes(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let mut heard = app.store.subscribe(Topic::User(caller.user)).await.unwrap();
    let writes = (0..200).map(|number| {
        let (app, caller) = (app.clone(), caller.clone());
        // Every tenth breaks a rule: nothing of it stays, and the others do not mind.
        let title = if number % 10 == 9 { String::new() } else { format!("task {number}") };
        tokio::spawn(async move { app.add_task(&caller, titled(title)).await })
    });
    let results: Vec<_> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 180);
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(Error::Invalid(_)))));
    assert_eq!(app.board(&caller).await.unwrap().len(), 180);
    for seq in 1..=180 {
        let Next::Event(event) = heard.next().await.unwrap() else { panic!("too slow") };
        assert_eq!(event.seq, seq);
    }
}

#[rstest]
#[tokio::test]
async fn a_write_that_panics_takes_nothing_with_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let panicking = app.store.write(|_| Box::pin(async { panic!("a bug") }));
    let error: Result<(), Error> = panicking.await;
    assert!(matches!(error, Err(Error::Internal(_))), "{error:?}");
    app.add_task(&caller, titled("after it")).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn foreign_rows_are_forbidden_and_stay_as_they_are(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let ann = Caller::new(&account(&app, "ann").await, Door::Rest);
    let bob = Caller::new(&account(&app, "bob").await, Door::Rest);
    let task = app.add_task(&ann, titled("ann's")).await.unwrap();
    for wanted in [TaskRef::Id(task.id), TaskRef::Number(task.number)] {
        assert!(matches!(app.task(&bob, &wanted).await, Err(Error::Forbidden(_))));
        let edit = TaskEdit { title: Some("mine".into()), ..TaskEdit::default() };
        assert!(matches!(app.edit_task(&bob, wanted.clone(), edit).await, Err(Error::Forbidden(_))));
        assert!(matches!(app.delete_task(&bob, wanted).await, Err(Error::Forbidden(_))));
    }
    assert!(
        matches!(app.task(&bob, &TaskRef::Title("ann's".into())).await, Err(Error::Unclear { candidates, .. }) if candidates.is_empty())
    );
    assert!(matches!(app.undo(&bob).await, Err(Error::NothingToUndo)), "bob cannot undo what ann did");
    assert_eq!(app.board(&ann).await.unwrap(), [task]);
}

#[rstest]
#[tokio::test]
async fn lists_are_filtered_ordered_and_paged_without_a_skip(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let mut caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    caller.zone = chrono_tz::Tz::Europe__Madrid;
    let today = app.clock.now().with_timezone(&caller.zone).date_naive();
    let day = |offset: i64| today + chrono::TimeDelta::days(offset);
    let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];
    let statuses = [Status::Pending, Status::InProgress, Status::Completed, Status::Archived];
    for number in 0..45_i64 {
        let place = usize::try_from(number).unwrap();
        let task = NewTask {
            title: format!("Task {number} 100% Ünder_line"),
            due: (number % 3 != 0).then(|| Due::on(day(number % 7 - 3), caller.zone)),
            priority: priorities[place % 4],
            status: statuses[place % 4],
            ..NewTask::default()
        };
        app.add_task(&caller, task).await.unwrap();
    }
    for order in [TaskOrder::Due, TaskOrder::Newest, TaskOrder::Priority] {
        let filter = TaskFilter { order, ..TaskFilter::default() };
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = app.tasks(&caller, &filter, 7, cursor).await.unwrap();
            seen.extend(page.tasks);
            // What is added meanwhile is neither skipped over nor makes a task come twice.
            app.add_task(
                &caller,
                NewTask { title: "meanwhile".into(), due: Some(Due::on(day(400), caller.zone)), ..NewTask::default() },
            )
            .await
            .unwrap();
            let Some(next) = page.next else { break };
            cursor = Some(next.to_string().parse().unwrap());
            assert!(seen.len() <= 300, "the list never ends");
        }
        let first: Vec<_> = seen.iter().filter(|task| task.title != "meanwhile").collect();
        let ids: HashSet<_> = seen.iter().map(|task| task.id).collect();
        assert_eq!((first.len(), ids.len()), (45, seen.len()), "{order:?}");
        let ordered = match order {
            TaskOrder::Due => first.is_sorted_by_key(|task| (task.due.is_none(), task.due.map(|due| due.at))),
            TaskOrder::Newest => first.is_sorted_by_key(|task| -task.number),
            TaskOrder::Priority => first.is_sorted_by_key(|task| {
                (std::cmp::Reverse(task.priority), task.due.is_none(), task.due.map(|due| due.at))
            }),
        };
        assert!(ordered, "{order:?}");
    }
    let count = async |filter: TaskFilter| {
        let page = app.tasks(&caller, &filter, 100, None).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.tasks.len()).unwrap());
        page.tasks.iter().filter(|task| task.title != "meanwhile").count()
    };
    let filter = TaskFilter::default;
    assert_eq!(count(TaskFilter { statuses: vec![Status::Completed], ..filter() }).await, 11);
    assert_eq!(count(TaskFilter { statuses: vec![Status::Pending, Status::InProgress], ..filter() }).await, 23);
    assert_eq!(count(TaskFilter { priority: Some(Priority::Urgent), ..filter() }).await, 11);
    assert_eq!(count(TaskFilter { query: Some("100% ÜNDER_".into()), ..filter() }).await, 45);
    assert_eq!(count(TaskFilter { query: Some("100_ unknown".into()), ..filter() }).await, 0);
    assert_eq!(count(TaskFilter { query: Some("task  44 line  under_ 100% ünder".into()), ..filter() }).await, 0);
    assert_eq!(count(TaskFilter { query: Some("task  44 line  der_l 100% ünder".into()), ..filter() }).await, 1);
    let long = TaskFilter { query: Some("a b c d e f g h i".into()), ..filter() };
    assert!(matches!(app.tasks(&caller, &long, 10, None).await, Err(Error::Invalid(_))));
    let on = |from, to| TaskFilter { due_from: from, due_to: to, ..filter() };
    let due_today = count(on(Some(day(0)), Some(day(0)))).await;
    let overdue = count(TaskFilter { overdue: true, ..filter() }).await;
    let later = count(on(Some(day(1)), Some(day(10)))).await;
    assert_eq!(due_today + overdue + later, 30, "each due task is past, today or later");
    assert!(due_today > 0 && overdue > 0 && later > 0);
}

#[rstest]
#[tokio::test]
async fn undo_goes_back_change_by_change(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let made = app.change_tasks(&caller, Work::Add(vec![titled("a"), titled("b")]), None).await.unwrap();
    let a = made[0].clone().unwrap();
    let edit = TaskEdit { title: Some("A".into()), status: Some(Status::Completed), ..TaskEdit::default() };
    app.edit_task(&caller, TaskRef::Number(a.number), edit).await.unwrap();
    app.delete_task(&caller, TaskRef::Id(a.id)).await.unwrap();
    assert_eq!(app.board(&caller).await.unwrap().len(), 1);
    app.undo(&caller).await.unwrap();
    assert_eq!(app.task(&caller, &TaskRef::Id(a.id)).await.unwrap().title, "A");
    app.undo(&caller).await.unwrap();
    let back = app.task(&caller, &TaskRef::Id(a.id)).await.unwrap();
    assert_eq!((back.title.as_str(), back.status), ("a", Status::Pending));
    assert!(back.version > a.version, "a version never comes twice");
    app.undo(&caller).await.unwrap();
    assert!(app.board(&caller).await.unwrap().is_empty());
    assert!(matches!(app.undo(&caller).await, Err(Error::NothingToUndo)));
}

#[rstest]
#[tokio::test]
async fn a_key_is_known_for_a_day(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = App::new(database.store().await, Clock::fixed(Clock::System.now()));
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let make = async |title: &str| {
        let once = Idempotency { key: "k".into(), fingerprint: title.into() };
        app.change_tasks(&caller, Work::Add(vec![titled(title)]), Some(once)).await
    };
    let made = make("a").await.unwrap();
    app.clock.advance(TimeDelta::hours(23));
    assert_eq!(app.forget_answers().await.unwrap(), 0);
    assert_eq!(make("a").await.unwrap(), made);
    assert!(matches!(make("b").await, Err(Error::KeyReused)));
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(app.forget_answers().await.unwrap(), 1);
    make("b").await.unwrap()[0].as_ref().unwrap();
    assert_eq!(app.board(&caller).await.unwrap().len(), 2);
}

#[rstest]
#[tokio::test]
async fn what_was_done_before_a_call_was_stopped_stays(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let Some(database) = Database::new(backend).await else { return };
    let app = database.app().await;
    let caller = Caller::new(&account(&app, "ann").await, Door::Rest);
    let work = Work::Add(["a", "b", "c", "d"].map(titled).into());
    let stop = Box::new(|done| if done == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
    let results = app.change_tasks_watched(&caller, work, None, stop).await.unwrap();
    let codes: Vec<_> = results.into_iter().map(|result| result.err().map(|refusal| refusal.code)).collect();
    assert_eq!(codes, [None, None, None, Some(RefusalCode::Cancelled)]);
    assert_eq!(app.board(&caller).await.unwrap().len(), 3);
    app.undo(&caller).await.unwrap();
    assert!(app.board(&caller).await.unwrap().is_empty());
}
