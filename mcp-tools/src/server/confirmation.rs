//! Asking a person before somebody else's agent takes something away.
//!
//! Clients of the newer protocol get an answer that says what is missing (`input_required`), with a sealed note of what was asked;
//! they bring both back with the same call, perhaps to another instance. Clients of the older one are asked in the middle of the
//! call (`elicitation/create`). Which tools ask, and about what, is [`Tool::question`](crate::Tool::question)'s.
//!
//! The seal binds the note to the person, the tool and the arguments, for a while; the note has what makes the answer good for one
//! call only, and the tasks that were named in the question: no others may be touched.

use std::{collections::BTreeSet, time::Duration};

use errand_core::{Caller, Door};
use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, ProtocolVersion, RequestStateError,
        SealOptions,
    },
    service::RequestContext,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TaskServer, tools::refused};
use crate::{
    assent::{Assent, Question},
    tool::fingerprint,
    toolbox::Context,
    watch::Watch,
};

/// How long a person may think about it.
const PATIENCE: Duration = Duration::from_mins(10);
/// The name of the question, and of the one field of its form.
const CONFIRM: &str = "confirm";

/// Whether a call may run, or what its client is told instead.
pub(super) enum Asked {
    May(Assent),
    Told(CallToolResponse),
}

/// What the client brings back with the answer.
#[derive(Serialize, Deserialize)]
struct Note {
    /// Tells this question from others.
    question: String,
    /// The numbers of the tasks that it named.
    tasks: BTreeSet<i64>,
}

/// A call that a person may have to be asked about.
struct Pending<'a> {
    server: &'a TaskServer,
    caller: &'a Caller,
    request: &'a CallToolRequestParams,
    context: &'a RequestContext<RoleServer>,
}

impl TaskServer {
    /// Asks, where somebody has to be asked.
    ///
    /// # Errors
    /// Invalid parameters, when what the client brought back is not what it was given for this call.
    pub(super) async fn ask_first(
        &self,
        caller: &Caller,
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Asked, ErrorData> {
        let Door::Mcp { .. } = caller.door else { return Ok(Asked::May(Assent::Unneeded)) };
        let pending = Pending { server: self, caller, request, context };
        let Some(question) = pending.question().await else { return Ok(Asked::May(Assent::Unneeded)) };
        if context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28) {
            return pending.in_rounds(&question);
        }
        Ok(pending.at_once(question).await)
    }
}

impl Pending<'_> {
    /// What there is to ask. A call that cannot be understood says so when it runs.
    async fn question(&self) -> Option<Question> {
        let (watch, assent) = (Watch::default(), Assent::default());
        let context = Context { app: &self.server.app, caller: self.caller, watch: &watch, assent: &assent };
        let arguments = self.request.arguments.clone().unwrap_or_default();
        self.server.toolbox.question(context, &self.request.name, arguments).await?.ok()?
    }

    /// In the newer protocol: the first round asks, the second has the answer.
    fn in_rounds(&self, question: &Question) -> Result<Asked, ErrorData> {
        let tasks: BTreeSet<_> = question.tasks.iter().map(|task| task.number).collect();
        let Some(sealed) = &self.request.request_state else {
            return Ok(match self.without_asking(question) {
                Some(assent) => Asked::May(assent),
                None => Asked::Told(self.first_round(question, tasks)),
            });
        };
        let note: Note = self.server.seal.open_json_with(sealed, self.bound().as_bytes()).map_err(|error| {
            let why = match error {
                RequestStateError::Expired => "the question was asked too long ago; call the tool again",
                _ => "the requestState was not given for this call; call the tool again without it",
            };
            ErrorData::invalid_params(why, None)
        })?;
        if !tasks.is_subset(&note.tasks) {
            return Ok(Asked::Told(refused(
                "nothing was done: the ids now mean other tasks than those that were asked about",
            )));
        }
        let answer = self.request.input_responses.as_ref().and_then(|answers| answers.get(CONFIRM));
        let Some(answer) = answer else { return Ok(Asked::Told(self.first_round(question, tasks))) };
        Ok(read(answer)
            .map_or_else(|| Asked::Told(declined()), |()| Asked::May(Assent::Given { answer: note.question })))
    }

    fn first_round(&self, question: &Question, tasks: BTreeSet<i64>) -> CallToolResponse {
        let note = Note { question: errand_core::id::fresh().simple().to_string(), tasks };
        let bound = self.bound();
        let options = SealOptions::new().associated_data(bound.as_bytes()).ttl(PATIENCE);
        let Ok(sealed) = self.server.seal.seal_json_with(&note, &options) else {
            return refused("nothing was done: the question could not be asked");
        };
        let ask = InputRequest::Elicitation(ElicitRequest::new(form(question)));
        InputRequiredResult::new(Some(InputRequests::from([(CONFIRM.to_owned(), ask)])), Some(sealed)).into()
    }

    /// In the older protocol: the person is asked while the call waits.
    async fn at_once(&self, question: Question) -> Asked {
        if let Some(assent) = self.without_asking(&question) {
            return Asked::May(assent);
        }
        let asked = self.context.peer.create_elicitation_with_timeout(form(&question), Some(PATIENCE));
        let answer = tokio::select! {
            () = self.context.ct.cancelled() => return Asked::Told(refused("the call was cancelled; nothing was done")),
            answer = asked => answer,
        };
        match answer {
            Ok(answer) if agreed(&answer) => self.still(&question).await,
            Ok(_) => Asked::Told(declined()),
            Err(error) => Asked::Told(refused(format!("nothing was done: the person could not be asked ({error})"))),
        }
    }

    /// Whether the call is still about the tasks that were named.
    async fn still(&self, asked: &Question) -> Asked {
        let now = self.question().await.map_or_else(Vec::new, |question| question.tasks);
        if now.iter().all(|task| asked.tasks.iter().any(|before| before.number == task.number)) {
            Asked::May(Assent::Given { answer: errand_core::id::fresh().simple().to_string() })
        } else {
            Asked::Told(refused("nothing was done: the ids now mean other tasks than those that were asked about"))
        }
    }

    /// What holds when there is nothing to ask about, or nobody who can be.
    fn without_asking(&self, question: &Question) -> Option<Assent> {
        let capabilities = self.context.client_capabilities();
        let forms = capabilities.and_then(|can| can.elicitation).is_some_and(|modes| {
            modes.form.is_some() || modes.url.is_none() // a client from before there were modes has forms
        });
        match (question.tasks.is_empty(), forms) {
            (true, _) => Some(Assent::Unneeded),
            (false, false) => Some(Assent::Unavailable),
            (false, true) => None,
        }
    }

    /// What a seal is good for: this person, this tool, these arguments.
    fn bound(&self) -> String {
        let arguments = Value::Object(self.request.arguments.clone().unwrap_or_default());
        format!("{} {}", self.caller.user, fingerprint(&self.request.name, arguments))
    }
}

/// Nothing, when the person agreed.
fn read(answer: &Value) -> Option<()> {
    serde_json::from_value(answer.clone()).is_ok_and(|answer| agreed(&answer)).then_some(())
}

fn agreed(answer: &ElicitResult) -> bool {
    let ticked = answer.content.as_ref().is_some_and(|form| form[CONFIRM] == true);
    answer.action == ElicitationAction::Accept && ticked
}

fn declined() -> CallToolResponse {
    refused("nothing was done: the person did not agree. Do not try again unless they ask for it.")
}

fn form(question: &Question) -> ElicitRequestParams {
    let schema = ElicitationSchema::builder()
        .required_bool_property(CONFIRM, |field| field.title(format!("{} them", question.verb)))
        .build_unchecked();
    ElicitRequestParams::FormElicitationParams { meta: None, message: words(question), requested_schema: schema }
}

/// The question. Titles are what somebody wrote, so they stand in quotes that they cannot end, and are cut.
fn words(question: &Question) -> String {
    const NAMED: usize = 10;
    const TITLE: usize = 60;
    let named = question.tasks.iter().take(NAMED).map(|task| {
        let cut: String = task.title.chars().take(TITLE).collect();
        let more = if cut.len() < task.title.len() { "…" } else { "" };
        format!("\n- {} (t_{})", Value::String(cut + more), task.number)
    });
    let named: String = named.collect();
    let count = question.tasks.len();
    let (noun, them) = if count == 1 { ("task", "it") } else { ("tasks", "them") };
    let rest = count.saturating_sub(NAMED);
    let rest = if rest == 0 { String::new() } else { format!("\n- and {rest} more") };
    format!("{} {count} {noun}? An undo brings {them} back.{named}{rest}", question.verb)
}
