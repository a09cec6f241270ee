//! `completion/complete`: the caller's own tasks, as they begin to name one.

use errand_core::{Caller, task::Task};
use rmcp::{
    ErrorData,
    model::{ArgumentInfo, CompleteResult, CompletionInfo, Reference},
};

use super::{TaskServer, meta::fault, prompts, resources};
use crate::id;

/// The most values in one answer (MCP, "Completion").
const MOST: i64 = 100;

impl TaskServer {
    /// What `argument` may become.
    ///
    /// # Errors
    /// Invalid parameters, for a prompt or a template that is not there.
    pub(super) async fn completed(
        &self,
        caller: &Caller,
        reference: &Reference,
        argument: &ArgumentInfo,
    ) -> Result<CompleteResult, ErrorData> {
        let is = |name| argument.name == name;
        let (found, more) = match reference {
            Reference::Resource(template) if template.uri == resources::TASK && is("id") => {
                let (tasks, more) = self.begun(caller, &argument.value).await?;
                (tasks.iter().map(id::of).collect(), more)
            }
            Reference::Prompt(prompt) if prompt.name == prompts::BREAK_DOWN && is("task") => {
                let (tasks, more) = self.begun(caller, &argument.value).await?;
                (named(&tasks, &argument.value), more)
            }
            Reference::Prompt(prompt) if prompts::is_one(&prompt.name) => (Vec::new(), false),
            Reference::Resource(template) if resources::Address::of(&template.uri).is_some() => (Vec::new(), false),
            Reference::Resource(template) if template.uri == resources::TASK => (Vec::new(), false),
            _ => return Err(ErrorData::invalid_params("there is no such prompt or template", None)),
        };
        let completion = CompletionInfo::with_pagination(found, None, more);
        completion.map(CompleteResult::new).map_err(|error| ErrorData::internal_error(error, None))
    }

    async fn begun(&self, caller: &Caller, written: &str) -> Result<(Vec<Task>, bool), ErrorData> {
        let written = written.trim();
        self.app.tasks_beginning(caller, digits(written), written, MOST).await.map_err(fault)
    }
}

/// The digits of an id that somebody has begun to write.
fn digits(written: &str) -> Option<&str> {
    if "t_".starts_with(written) {
        return Some("");
    }
    let rest = written.strip_prefix("t_").unwrap_or(written);
    rest.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}

/// For people to choose from: by title, where that names one task, unless they have begun to write an id.
fn named(tasks: &[Task], written: &str) -> Vec<String> {
    let by_id = !written.trim().is_empty() && digits(written.trim()).is_some();
    let key = |task: &Task| task.title.to_lowercase();
    let alone = |task: &Task| tasks.iter().filter(|other| key(other) == key(task)).count() == 1;
    let name = |task: &Task| if !by_id && alone(task) { task.title.clone() } else { id::of(task) };
    tasks.iter().map(name).collect()
}
