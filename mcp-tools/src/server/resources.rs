//! `resources/*`: each task as `task://t_12`, the open tasks as `errand://board`, and the board that hosts can show.
//!
//! To add one: a variant of [`Address`], its line in `list_all` and its contents in `read`.

use errand_core::{Caller, Error, task::TaskRef};
use rmcp::{
    ErrorData,
    model::{
        CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents,
        ResourceTemplate,
    },
};
use serde::Serialize;
use serde_json::json;

use super::{TaskServer, app, meta::fault};
use crate::{id, tools, view::DatedView};

/// The open tasks, as `list_tasks` gives them.
pub(super) const BOARD: &str = "errand://board";
/// One task.
pub(super) const TASK: &str = "task://{id}";
/// How long a client may take a list for right, in milliseconds; what is read changes at any time.
const FRESH: u64 = 60_000;

/// What a URI names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Board,
    Task(i64),
    App,
}

impl Address {
    /// What `uri` names, in the one form in which it is given out.
    pub(super) fn of(uri: &str) -> Option<Self> {
        match uri {
            BOARD => Some(Self::Board),
            app::URI => Some(Self::App),
            _ => {
                let number = uri.strip_prefix("task://t_")?.parse().ok()?;
                (uri == format!("task://{}", id::show(number))).then_some(Self::Task(number))
            }
        }
    }
}

impl TaskServer {
    pub(super) fn list_all(&self) -> ListResourcesResult {
        let board = Resource::new(BOARD, "board")
            .with_title("Open tasks")
            .with_description("The open tasks, what is due first comes first")
            .with_mime_type("application/json");
        let resources = std::iter::once(board).chain(self.board.is_some().then(app::resource)).collect();
        ListResourcesResult::with_all_items(resources).with_ttl_ms(FRESH).with_cache_scope(CacheScope::Private)
    }

    pub(super) fn templates() -> ListResourceTemplatesResult {
        let task = ResourceTemplate::new(TASK, "task")
            .with_title("Task")
            .with_description("One task with all that is known of it; ids look like t_12")
            .with_mime_type("application/json");
        ListResourceTemplatesResult::with_all_items(vec![task]).with_ttl_ms(FRESH).with_cache_scope(CacheScope::Private)
    }

    /// What `uri` has.
    ///
    /// # Errors
    /// Not found, for what does not exist and for what is somebody else's, which is not told apart.
    pub(super) async fn read(&self, caller: &Caller, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        let contents = match (Address::of(uri), &self.board) {
            (Some(Address::Board), _) => text(uri, &tools::open_tasks(&self.app, caller).await.map_err(fault)?)?,
            (Some(Address::Task(number)), _) => {
                let task = self.app.task(caller, &TaskRef::Number(number)).await.map_err(|error| match error {
                    Error::NotFound(_) | Error::Forbidden(_) => missing(uri),
                    other => fault(other),
                })?;
                text(uri, &DatedView::of(&task, caller.zone))?
            }
            (Some(Address::App), Some(html)) => app::document(html),
            (Some(Address::App), None) | (None, _) => return Err(missing(uri)),
        };
        Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(0).with_cache_scope(CacheScope::Private))
    }
}

fn missing(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("there is no such resource", Some(json!({"uri": uri})))
}

fn text<T: Serialize>(uri: &str, value: &T) -> Result<ResourceContents, ErrorData> {
    let json = serde_json::to_string(value).map_err(|error| fault(Error::Internal(error.to_string())))?;
    Ok(ResourceContents::text(json, uri).with_mime_type("application/json"))
}
