//! The model, played by a script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use errand::agent::model::{Heard, Line, Model, ModelError, Reply, Request, Usage};
use errand_core::conversation::ToolCall;
use futures::future::BoxFuture;
use serde_json::{Value, json};

/// What the model does when it is asked.
#[derive(Clone)]
pub(crate) enum Act {
    /// Says something.
    Say(&'static str),
    /// Calls tools.
    Call(Vec<(&'static str, Value)>),
    /// Fails.
    Fail(ModelError),
    /// Thinks for a while, then does the rest.
    Think(Duration, Box<Act>),
    /// Panics.
    Panic,
}

/// A model that does what a function of the request says.
pub(crate) struct Script {
    act: Box<dyn Fn(&Request) -> Act + Send + Sync>,
    pub(crate) asked: Arc<Mutex<Vec<Request>>>,
}

impl Script {
    pub(crate) fn by(act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Self { act: Box::new(act), asked: Arc::default() }
    }

    /// Does these one after the other, whoever asks; then says "Done."
    pub(crate) fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        let acts = Mutex::new(acts.into_iter().collect::<VecDeque<_>>());
        Self::by(move |_| acts.lock().unwrap().pop_front().unwrap_or(Act::Say("That is all.")))
    }

    /// Makes a task of what the user says, then tells so.
    pub(crate) fn adding() -> Self {
        Self::by(|request| match request.lines.last() {
            Some(Line::User(text)) => create(text),
            _ => Act::Say("It is on your list."),
        })
    }
}

/// A call that makes one task.
pub(crate) fn create(title: &str) -> Act {
    Act::Call(vec![("create_tasks", json!({"tasks": [{"title": title}]}))])
}

impl Model for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        heard: &'a (dyn Fn(Heard<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(request.clone());
            let mut act = (self.act)(request);
            while let Act::Think(time, then) = act {
                tokio::time::sleep(time).await;
                act = *then;
            }
            match act {
                Act::Say(text) => {
                    for piece in text.split_inclusive(' ') {
                        heard(Heard::Text(piece));
                    }
                    Ok(Reply { text: text.into(), calls: Vec::new(), usage: Usage::default() })
                }
                Act::Call(calls) => {
                    let call =
                        |(name, arguments): (&str, Value)| ToolCall { id: String::new(), name: name.into(), arguments };
                    Ok(Reply {
                        text: String::new(),
                        calls: calls.into_iter().map(call).collect(),
                        usage: Usage::default(),
                    })
                }
                Act::Fail(error) => Err(error),
                Act::Think(..) => unreachable!("thought through above"),
                Act::Panic => panic!("the model panics"),
            }
        })
    }
}
