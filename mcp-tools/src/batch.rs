//! Calls with several items, each with its own result: what is wrong with one does not keep the others from going through.

use errand_core::{
    Error,
    app::{Refusal, RefusalCode, Work},
    task::{Task, TaskRef},
};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    arguments, id, schema,
    tool::{Ask, Failure},
    view::{TaskName, TaskView},
};

/// The items of a call, each understood or not. Its schema is that of `Vec<T>`.
#[derive(Debug)]
pub(crate) struct Batch<T> {
    items: Vec<Result<T, Misread>>,
}

/// An item that could not be understood.
#[derive(Debug)]
struct Misread {
    /// The id it gave, if it did.
    id: Option<String>,
    message: String,
}

/// What a batch may have for items.
pub(crate) trait Item: DeserializeOwned + JsonSchema {
    /// The schema of one, made once.
    fn schema() -> &'static JsonObject;
}

/// `item!(NewTask)`: the type is one of a batch's items.
macro_rules! item {
    ($item:ty) => {
        impl $crate::batch::Item for $item {
            fn schema() -> &'static rmcp::model::JsonObject {
                static SCHEMA: std::sync::LazyLock<rmcp::model::JsonObject> =
                    std::sync::LazyLock::new($crate::schema::input::<$item>);
                &SCHEMA
            }
        }
    };
}
pub(crate) use item;

impl<'de, T: Item> Deserialize<'de> for Batch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<Value>::deserialize(deserializer)?.into_iter().map(|item| {
            let id = item.get("id").and_then(Value::as_str).map(str::to_owned);
            let (_, item) = arguments::read(T::schema(), item).map_err(|message| Misread { id, message })?;
            Ok(item)
        });
        Ok(Self { items: items.collect() })
    }
}

/// An item that is understood, with the name that its result goes by; or why it is not.
pub(crate) type Wanted<T> = Result<(String, T), ItemError>;

impl<T> Batch<T> {
    /// Turns each item into what the core wants. `field` is the batch's name: an item without an id goes by `field[n]`.
    pub(crate) fn wanted<U>(
        self,
        field: &str,
        read: impl Fn(T) -> (Option<String>, Result<U, String>),
    ) -> Vec<Wanted<U>> {
        let items = self.items.into_iter().enumerate().map(|(at, item)| {
            let (id, wanted) = match item {
                Ok(item) => read(item),
                Err(misread) => (misread.id, Err(misread.message)),
            };
            let name = id.unwrap_or_else(|| format!("{field}[{at}]"));
            match wanted {
                Ok(wanted) => Ok((name, wanted)),
                Err(message) => Err(ItemError::invalid(name, message)),
            }
        });
        items.collect()
    }
}

/// The tasks that `ids` name.
pub(crate) fn named(ids: Vec<String>) -> Vec<Wanted<TaskRef>> {
    let read = |name: String| match id::read(&name) {
        Ok(task) => Ok((name, task)),
        Err(message) => Err(ItemError::invalid(name, message)),
    };
    ids.into_iter().map(read).collect()
}

/// Does what is understood of `items` in one transaction; the results stand in the items' order. Whoever watches the call hears how
/// far it is; when they stop it, the items that are left are not begun, and what was done stays done.
pub(crate) async fn change<T>(
    ask: &Ask<'_>,
    items: Vec<Wanted<T>>,
    work: impl FnOnce(Vec<T>) -> Work,
    key: Option<String>,
) -> Result<Vec<Result<Task, ItemError>>, Failure> {
    let (names, wanted) = parted(items);
    let done = if wanted.is_empty() {
        Vec::new()
    } else {
        let between = ask.watch.between(names.len() - wanted.len(), names.len());
        ask.app.change_tasks_watched(ask.caller, work(wanted), ask.once(key), between).await?
    };
    ask.watch.finished(names.len());
    joined(names, done)
}

/// Finds the tasks that `items` name; the results stand in the items' order.
pub(crate) async fn find(
    ask: &Ask<'_>,
    items: Vec<Wanted<TaskRef>>,
) -> Result<Vec<Result<(String, Task), ItemError>>, Failure> {
    let (names, wanted) = parted(items);
    let found = if wanted.is_empty() { Vec::new() } else { ask.app.find_tasks(ask.caller, &wanted).await? };
    let labels: Vec<_> = names.iter().map(|name| name.clone().unwrap_or_default()).collect();
    let found = joined(names, found)?;
    Ok(labels.into_iter().zip(found).map(|(name, found)| found.map(|task| (name, task))).collect())
}

/// The names of all items, and what is wanted of those that are understood.
fn parted<T>(items: Vec<Wanted<T>>) -> (Vec<Result<String, ItemError>>, Vec<T>) {
    let mut wanted = Vec::with_capacity(items.len());
    let names = items.into_iter().map(|item| {
        let (name, item) = item?;
        wanted.push(item);
        Ok(name)
    });
    (names.collect(), wanted)
}

/// Puts the core's results back in the places of the items they belong to.
fn joined(
    names: Vec<Result<String, ItemError>>,
    done: Vec<Result<Task, Refusal>>,
) -> Result<Vec<Result<Task, ItemError>>, Failure> {
    let mut done = done.into_iter();
    let mut results = Vec::with_capacity(names.len());
    for name in names {
        results.push(match name {
            Err(error) => Err(error),
            Ok(name) => {
                let result = done.next().ok_or_else(|| Error::Internal("an item has no result".into()))?;
                result.map_err(|refusal| ItemError::refused(name, refusal))
            }
        });
    }
    Ok(results)
}

/// What came of a batch: the tasks as they are now, and what did not go through.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TaskBatch<V = TaskView> {
    tasks: Vec<V>,
    #[schemars(schema_with = "schema::objects")]
    errors: Vec<ItemError>,
}

impl<V: Serialize> TaskBatch<V> {
    /// Told with `view`; a failure when nothing went through.
    pub(crate) fn told(results: Vec<Result<Task, ItemError>>, view: impl Fn(&Task) -> V) -> Result<Self, Failure> {
        let (tasks, errors) = sorted(results);
        something(Self { tasks: tasks.iter().map(view).collect(), errors }, tasks.is_empty())
    }
}

/// What went through, and what did not.
pub(crate) fn sorted<T>(results: Vec<Result<T, ItemError>>) -> (Vec<T>, Vec<ItemError>) {
    let (mut done, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(item) => done.push(item),
            Err(error) => errors.push(error),
        }
    }
    (done, errors)
}

/// `output`, as a failure when `nothing` of it went through.
pub(crate) fn something<T: Serialize>(output: T, nothing: bool) -> Result<T, Failure> {
    if !nothing {
        return Ok(output);
    }
    let output = serde_json::to_value(output).map_err(|error| Error::Internal(error.to_string()))?;
    Err(Failure::Nothing(output))
}

/// Why an item did not go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ItemError {
    id: String,
    code: Code,
    message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<TaskName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Code {
    NotFound,
    Ambiguous,
    Conflict,
    Invalid,
    Cancelled,
}

impl ItemError {
    fn invalid(id: String, message: String) -> Self {
        Self { id, code: Code::Invalid, message, candidates: Vec::new() }
    }

    fn refused(id: String, refusal: Refusal) -> Self {
        let code = match refusal.code {
            RefusalCode::NotFound => Code::NotFound,
            RefusalCode::Ambiguous if refusal.candidates.is_empty() => Code::NotFound,
            RefusalCode::Ambiguous => Code::Ambiguous,
            RefusalCode::Conflict => Code::Conflict,
            RefusalCode::Invalid => Code::Invalid,
            RefusalCode::Cancelled => Code::Cancelled,
        };
        let message = match code {
            Code::Ambiguous => "this does not name exactly one task; use an id, perhaps that of a candidate".to_owned(),
            Code::NotFound | Code::Conflict | Code::Invalid | Code::Cancelled => refusal.message,
        };
        let candidates = refusal.candidates.into_iter().map(|(number, title)| TaskName { id: id::show(number), title });
        Self { id, code, message, candidates: candidates.collect() }
    }
}
