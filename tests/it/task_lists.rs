//! Lists of tasks: every combination of filters gives what a plain look at each task gives, in lines and whole, on all pages.

use chrono::{NaiveDate, NaiveTime};
use errand_core::{
    App, Caller, Clock, Door,
    task::{Due, NewTask, Priority, Status, Task, TaskFilter, TaskLine, TaskOrder, TaskRef},
};
use rstest::rstest;

use crate::{
    harness::{Backend, Database},
    paging::BEGAN,
    store::account,
};

const STATUSES: [Status; 4] = [Status::Pending, Status::InProgress, Status::Completed, Status::Archived];
const PRIORITIES: [Priority; 4] = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];

/// The day so many days after the beginning.
fn day(later: u64) -> NaiveDate {
    BEGAN.date_naive() + chrono::Days::new(later)
}

/// Tasks of all kinds, some of them deleted.
async fn fill(app: &App, caller: &Caller) {
    for n in 0..37_u8 {
        let due = match n % 4 {
            0 => None,
            1 => Some(Due::on(day(u64::from(n % 9)), caller.zone)),
            _ => Some(Due::at(day(u64::from(n % 7)).and_time(NaiveTime::MIN).and_utc() + chrono::TimeDelta::hours(9))),
        };
        let description = if n % 3 == 0 { "and bread".into() } else { String::new() };
        let (status, priority) = (STATUSES[usize::from(n * 7 % 4)], PRIORITIES[usize::from(n / 4 % 4)]);
        let new = NewTask { title: format!("Milk {n}"), description, status, priority, due };
        let made = app.add_task(caller, new).await.unwrap();
        if n % 9 == 5 {
            app.delete_task(caller, TaskRef::Number(made.number)).await.unwrap();
        }
    }
}

/// Whether a task is wanted, for somebody whose days are those of UTC.
fn wanted(filter: &TaskFilter, task: &Task) -> bool {
    let on = task.due.map(|due| due.day.unwrap_or_else(|| due.at.date_naive()));
    let words = filter.query.as_deref().unwrap_or_default().to_lowercase();
    let text = format!("{} {}", task.title, task.description).to_lowercase();
    (filter.statuses.is_empty() || filter.statuses.contains(&task.status))
        && filter.priority.is_none_or(|priority| priority == task.priority)
        && words.split_whitespace().all(|word| text.contains(word))
        && filter.due_from.is_none_or(|from| on.is_some_and(|on| on >= from))
        && filter.due_to.is_none_or(|to| on.is_some_and(|on| on <= to))
        && (!filter.overdue || task.due.is_some_and(|due| due.at < BEGAN))
}

/// All there are: sets that have an index of their own, and others.
fn filters() -> Vec<TaskFilter> {
    let [pending, in_progress, completed, archived] = STATUSES;
    let sets = [
        vec![],
        vec![pending],
        vec![in_progress],
        vec![completed],
        vec![archived],
        vec![pending, in_progress],
        vec![in_progress, pending],
        vec![pending, completed],
        STATUSES.to_vec(),
    ];
    let mut filters = Vec::new();
    for statuses in sets {
        for (priority, query) in
            [(None, None), (Some(Priority::High), None), (None, Some(" ")), (None, Some("BREAD 1"))]
        {
            for (due_from, due_to) in
                [(None, None), (Some(day(1)), None), (None, Some(day(4))), (Some(day(2)), Some(day(3)))]
            {
                for overdue in [false, true] {
                    let (statuses, query) = (statuses.clone(), query.map(str::to_owned));
                    let order = TaskOrder::Due;
                    filters.push(TaskFilter { statuses, priority, query, due_from, due_to, overdue, order });
                }
            }
        }
    }
    filters
}

#[rstest]
#[tokio::test]
async fn a_list_has_what_its_filter_wants_and_counts_it(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
) {
    let Some(database) = Database::new(backend).await else { return };
    let app = App::new(database.store().await, Clock::fixed(BEGAN));
    let [ann, bob] = [account(&app, "ann").await, account(&app, "bob").await];
    let [ann, bob] = [Caller::new(&ann, Door::Rest), Caller::new(&bob, Door::Rest)];
    for caller in [&ann, &bob] {
        fill(&app, caller).await;
    }
    let all = app.all_tasks(&ann).await.unwrap();
    for filter in filters() {
        let mut expected: Vec<&Task> = all.iter().filter(|task| wanted(&filter, task)).collect();
        expected.sort_by_key(|task| (task.due.is_none(), task.due.map(|due| due.at), task.number));
        let expected: Vec<_> = expected.into_iter().map(|task| task.number).collect();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let lines = app.task_lines(&ann, &filter, 9, cursor).await.unwrap();
            let whole = app.tasks(&ann, &filter, 9, cursor).await.unwrap();
            assert_eq!(whole.tasks.iter().map(TaskLine::from).collect::<Vec<_>>(), lines.tasks, "{filter:?}");
            assert_eq!((whole.total, whole.next), (lines.total, lines.next), "{filter:?}");
            assert_eq!(usize::try_from(lines.total), Ok(expected.len()), "{filter:?}");
            seen.extend(lines.tasks.iter().map(|line| line.number));
            cursor = lines.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{filter:?}");
        assert_eq!(usize::try_from(app.count_tasks(&ann, &filter).await.unwrap()), Ok(expected.len()), "{filter:?}");
    }
}
