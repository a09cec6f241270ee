//! Adding, changing, deleting and finding tasks. All changes run through [`Work`].

use super::{
    ALL, App, Refusal, cut, page_size,
    work::{ANSWERS_KEPT, Between, Idempotency, Work, batch_size, change_once, change_one, straight_on},
};
use crate::{
    account::Caller,
    error::{Error, Noun, Problem, Result},
    scope::Scope,
    slice::Slice,
    store::{
        Conn, changes, names,
        pages::{self, Listed},
        tasks,
    },
    task::{Cursor, NewTask, QUERY_WORDS, TITLE_MAX, Task, TaskEdit, TaskFilter, TaskLine, TaskPage, TaskRef, TaskSet},
};

impl App {
    /// Does `work`; each item has its own result. With a key, the same request again is answered what it was answered before,
    /// and does nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty batch or one of more than 50; [`Error::KeyReused`].
    pub async fn change_tasks(
        &self,
        caller: &Caller,
        work: Work,
        once: Option<Idempotency>,
    ) -> Result<Vec<Result<Task, Refusal>>> {
        self.change_tasks_watched(caller, work, once, straight_on()).await
    }

    /// The same, asking `between` before each item whether to go on; what is left then is refused as
    /// [`RefusalCode::Cancelled`](super::RefusalCode::Cancelled). What is asked for is kept for the key as soon as anything was begun.
    ///
    /// # Errors
    /// As [`App::change_tasks`].
    pub async fn change_tasks_watched(
        &self,
        caller: &Caller,
        work: Work,
        once: Option<Idempotency>,
        between: Between,
    ) -> Result<Vec<Result<Task, Refusal>>> {
        caller.may(Scope::TasksWrite)?;
        if let Some(once) = &once {
            crate::text::length("idempotency_key", &once.key, 1, 128)?;
        }
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store.write(move |tx| Box::pin(change_once(tx, caller, now, (work, between), once))).await
    }

    /// Forgets what requests with a key were answered longer than [`ANSWERS_KEPT`] ago; answers how many. The keys are free then.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn forget_answers(&self) -> Result<usize> {
        let before = self.clock.now() - ANSWERS_KEPT;
        self.store.write(move |tx| Box::pin(changes::forget_answers(tx, before))).await
    }

    /// Makes one task.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn add_task(&self, caller: &Caller, task: NewTask) -> Result<Task> {
        self.change_task(caller, Work::Add(vec![task])).await
    }

    /// Changes one task.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`].
    pub async fn edit_task(&self, caller: &Caller, task: TaskRef, edit: TaskEdit) -> Result<Task> {
        self.change_task(caller, Work::Edit(vec![(task, edit)])).await
    }

    /// Takes one task away.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_task(&self, caller: &Caller, task: TaskRef) -> Result<Task> {
        self.change_task(caller, Work::Delete(vec![task])).await
    }

    async fn change_task(&self, caller: &Caller, work: Work) -> Result<Task> {
        caller.may(Scope::TasksWrite)?;
        let (caller, now) = (caller.clone(), self.clock.now());
        self.store.write(move |tx| Box::pin(change_one(tx, caller, now, work))).await
    }

    /// A page of the caller's tasks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100 or a reversed range of dates.
    pub async fn tasks(
        &self,
        caller: &Caller,
        filter: &TaskFilter,
        limit: i64,
        cursor: Option<Cursor>,
    ) -> Result<TaskPage> {
        self.page(caller, filter, limit, cursor).await
    }

    /// The same page, with what a list shows of each task.
    ///
    /// # Errors
    /// As [`App::tasks`].
    pub async fn task_lines(
        &self,
        caller: &Caller,
        filter: &TaskFilter,
        limit: i64,
        cursor: Option<Cursor>,
    ) -> Result<TaskPage<TaskLine>> {
        self.page(caller, filter, limit, cursor).await
    }

    async fn page<T: Listed>(
        &self,
        caller: &Caller,
        filter: &TaskFilter,
        limit: i64,
        cursor: Option<Cursor>,
    ) -> Result<TaskPage<T>> {
        caller.may(Scope::TasksRead)?;
        page_size(limit)?;
        if let (Some(from), Some(to)) = (filter.due_from, filter.due_to)
            && from > to
        {
            return Err(Problem::new("due_from", "must not lie after due_to").into());
        }
        check_query(filter)?;
        let when = (caller.zone, self.clock.now());
        let mut conn = self.store.read().await?;
        let (mut page, total) = pages::list(&mut conn, caller.user, when, filter, limit + 1, cursor).await?;
        let more = cut(&mut page, limit);
        let next = page.last().filter(|_| more).map(T::cursor);
        Ok(TaskPage { tasks: page, total, next })
    }

    /// A stretch of the caller's tasks, the newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn newest_tasks(&self, caller: &Caller, set: TaskSet, slice: Slice) -> Result<Vec<Task>> {
        caller.may(Scope::TasksRead)?;
        tasks::newest(&mut self.store.read().await?, caller.user, set, slice).await
    }

    /// How many of the caller's tasks match.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn count_tasks(&self, caller: &Caller, filter: &TaskFilter) -> Result<i64> {
        caller.may(Scope::TasksRead)?;
        check_query(filter)?;
        let mut conn = self.store.read().await?;
        pages::count(&mut conn, caller.user, (caller.zone, self.clock.now()), filter).await
    }

    /// All of the caller's tasks, the newest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn all_tasks(&self, caller: &Caller) -> Result<Vec<Task>> {
        caller.may(Scope::TasksRead)?;
        tasks::all(&mut self.store.read().await?, caller.user, ALL, i64::MAX).await
    }

    /// A page of the same, before the task with the number `before`; where the next page begins, when there is one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100.
    pub async fn task_page(
        &self,
        caller: &Caller,
        limit: i64,
        before: Option<i64>,
    ) -> Result<(Vec<Task>, Option<i64>)> {
        caller.may(Scope::TasksRead)?;
        page_size(limit)?;
        let before = before.unwrap_or(i64::MAX);
        let mut page = tasks::all(&mut self.store.read().await?, caller.user, limit + 1, before).await?;
        let more = cut(&mut page, limit);
        let next = page.last().filter(|_| more).map(|task| task.number);
        Ok((page, next))
    }

    /// All of the caller's tasks that are not archived, the oldest first.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn board(&self, caller: &Caller) -> Result<Vec<Task>> {
        caller.may(Scope::TasksRead)?;
        tasks::board(&mut self.store.read().await?, caller.user, ALL, 0).await
    }

    /// A page of the same, after the task with the number `after`; where the next page begins, when there is one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100.
    pub async fn board_page(
        &self,
        caller: &Caller,
        limit: i64,
        after: Option<i64>,
    ) -> Result<(Vec<Task>, Option<i64>)> {
        caller.may(Scope::TasksRead)?;
        page_size(limit)?;
        let after = after.unwrap_or(0);
        let mut page = tasks::board(&mut self.store.read().await?, caller.user, limit + 1, after).await?;
        let more = cut(&mut page, limit);
        let next = page.last().filter(|_| more).map(|task| task.number);
        Ok((page, next))
    }

    /// The caller's tasks that somebody may mean who has begun to write: those whose number begins with `digits` (of which there may
    /// be none yet) or whose title begins with `title`, the newest first; and whether there are more.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit outside 1-100 or digits that are none.
    pub async fn tasks_beginning(
        &self,
        caller: &Caller,
        digits: Option<&str>,
        title: &str,
        limit: i64,
    ) -> Result<(Vec<Task>, bool)> {
        caller.may(Scope::TasksRead)?;
        page_size(limit)?;
        if digits.is_some_and(|digits| !digits.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(Problem::new("digits", "must be digits").into());
        }
        let mut conn = self.store.read().await?;
        let mut found = names::beginning(&mut conn, caller.user, (digits, title), limit + 1).await?;
        let more = cut(&mut found, limit);
        Ok((found, more))
    }

    /// One task.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Unclear`].
    pub async fn task(&self, caller: &Caller, task: &TaskRef) -> Result<Task> {
        caller.may(Scope::TasksRead)?;
        find(&mut self.store.read().await?, caller, task).await
    }

    /// Several tasks, each found or not.
    ///
    /// # Errors
    /// [`Error::Invalid`] for none or more than 50.
    pub async fn find_tasks(&self, caller: &Caller, wanted: &[TaskRef]) -> Result<Vec<Result<Task, Refusal>>> {
        caller.may(Scope::TasksRead)?;
        batch_size("ids", wanted.len())?;
        let mut conn = self.store.read().await?;
        let mut found = Vec::with_capacity(wanted.len());
        for task in wanted {
            found.push(
                find(&mut conn, caller, task)
                    .await
                    .map_or_else(|error| Refusal::of(error).map(Err), |task| Ok(Ok(task)))?,
            );
        }
        Ok(found)
    }
}

fn check_query(filter: &TaskFilter) -> Result<()> {
    let words = filter.query.as_deref().map_or(0, |query| query.split_whitespace().count());
    if words <= QUERY_WORDS {
        return Ok(());
    }
    Err(Problem::new("query", format!("must have at most {QUERY_WORDS} words, this has {words}")).into())
}

/// The task that is meant, if it is the caller's.
pub(super) async fn find(conn: &mut Conn, caller: &Caller, task: &TaskRef) -> Result<Task> {
    let found = match task {
        TaskRef::Id(id) => tasks::by_id(conn, *id).await?,
        TaskRef::Number(number) => tasks::by_number(conn, *number).await?,
        TaskRef::Title(title) => return titled(conn, caller, title).await,
    };
    let found = found.ok_or(Error::NotFound(Noun::Task))?;
    if found.user == caller.user { Ok(found) } else { Err(Error::Forbidden(Noun::Task)) }
}

/// The one task with exactly this title; an open one goes before those that are done.
async fn titled(conn: &mut Conn, caller: &Caller, title: &str) -> Result<Task> {
    if title.trim().chars().count() > TITLE_MAX {
        return Err(Error::Unclear { title: title.to_owned(), candidates: Vec::new() }); // the database need not look for it
    }
    let mut found = names::titled(conn, caller.user, title.trim()).await?;
    if found.iter().any(Task::is_open) {
        found.retain(Task::is_open);
    }
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    if found.is_empty() {
        found = names::alike(conn, caller.user, title.trim()).await?;
    }
    let candidates = found.into_iter().take(5).map(|task| (task.number, task.title)).collect();
    Err(Error::Unclear { title: title.to_owned(), candidates })
}
