//! Several tools, by name, in a fixed order.

use std::sync::Arc;

use errand_core::{App, Caller, Door, Scope, measure::TOOL_CALLS};
use futures::future::BoxFuture;
use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;

use crate::{
    arguments,
    assent::{Assent, Question},
    kept::{Kept, Key},
    schema,
    size::{self, Fitted},
    tool::{Ask, Effect, Failure, Tool},
    watch::Watch,
};

/// Several tools, by name, in the order in which they were put in.
#[derive(Default)]
pub struct Toolbox {
    definitions: Vec<Definition>,
    entries: Vec<Entry>,
    kept: Kept,
}

/// A tool without its types.
struct Entry {
    name: &'static str,
    effect: Effect,
    lasts: fn(&JsonObject) -> bool,
    run: Erased<Value>,
    question: Erased<Option<Question>>,
}

/// A tool's [`Tool::call`] or [`Tool::question`] with its types taken away: arguments in, output out.
type Erased<T> = for<'a> fn(Context<'a>, &'a JsonObject, Value) -> BoxFuture<'a, Result<T, Failure>>;

/// What stands around a call.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The service.
    pub app: &'a App,
    /// Who calls.
    pub caller: &'a Caller,
    /// Who watches.
    pub watch: &'a Watch,
    /// Whether a person has agreed to it.
    pub assent: &'a Assent,
}

impl Toolbox {
    /// The toolbox with one tool more.
    #[must_use]
    pub fn with<T: Tool>(mut self) -> Self {
        let definition = Definition::new(T::NAME, T::DESCRIPTION, Arc::new(schema::input::<T::Input>()))
            .with_title(T::TITLE)
            .with_raw_output_schema(Arc::new(schema::output::<T::Output>()))
            .with_annotations(T::EFFECT.annotations());
        self.definitions.push(definition);
        self.entries.push(Entry {
            name: T::NAME,
            effect: T::EFFECT,
            lasts: T::lasts,
            run: run::<T>,
            question: question::<T>,
        });
        self
    }

    /// What the tools are, for models and hosts.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// What has to be granted to whoever calls the tool called `name`; `None` when there is no such tool.
    #[must_use]
    pub fn scope(&self, name: &str) -> Option<Scope> {
        Some(self.find(name)?.1.effect.scope())
    }

    fn find(&self, name: &str) -> Option<(&Definition, &Entry)> {
        self.definitions.iter().zip(&self.entries).find(|(definition, _)| definition.name == name)
    }

    /// Runs the tool called `name`; `None` when there is no such tool. What it answers is as long as hosts take it.
    ///
    /// # Errors
    /// [`Failure`] inside, for arguments that cannot be understood or when nothing of the call went through.
    pub async fn call(
        &self,
        context: Context<'_>,
        name: &str,
        arguments: JsonObject,
    ) -> Option<Result<Fitted, Failure>> {
        let (definition, entry) = self.find(name)?;
        let result = self.answer(context, definition, entry, arguments).await;
        let outcome = if result.is_ok() { "done" } else { "refused" };
        let labels =
            [("tool", definition.name.clone()), ("door", door(context.caller).into()), ("outcome", outcome.into())];
        metrics::counter!(TOOL_CALLS.name, &labels).increment(1);
        Some(result.map_err(|failure| match failure {
            Failure::Refused(why) => Failure::Refused(size::refusal(why)),
            Failure::Nothing(output) => Failure::Nothing(size::fitted(output).data),
        }))
    }

    /// What was answered last, where that is still the answer; else runs the tool.
    async fn answer(
        &self,
        context: Context<'_>,
        definition: &Definition,
        entry: &Entry,
        arguments: JsonObject,
    ) -> Result<Fitted, Failure> {
        let mut place = None;
        if (entry.lasts)(&arguments) {
            context.caller.may(entry.effect.scope())?;
            match self.kept.find(context, Key::new(context.caller, entry.name, &arguments)).await? {
                Ok(kept) => return Ok(kept),
                Err(to_keep) => place = Some(to_keep),
            }
        }
        let output = (entry.run)(context, &definition.input_schema, Value::Object(arguments)).await?;
        let fitted = size::fitted(output);
        if let Some(place) = place {
            self.kept.keep(place, &fitted);
        }
        Ok(fitted)
    }

    /// What a person has to agree to before the tool called `name` may run; `None` inside when there is nothing to ask.
    ///
    /// # Errors
    /// [`Failure`] inside, as for the call.
    pub async fn question(
        &self,
        context: Context<'_>,
        name: &str,
        arguments: JsonObject,
    ) -> Option<Result<Option<Question>, Failure>> {
        let (definition, entry) = self.find(name)?;
        if !entry.effect.takes_away() {
            return Some(Ok(None));
        }
        Some((entry.question)(context, &definition.input_schema, Value::Object(arguments)).await)
    }
}

/// Where calls come from.
fn door(caller: &Caller) -> &'static str {
    match caller.door {
        Door::Chat(_) => "chat",
        Door::Mcp { .. } => "mcp",
        Door::Rest => "rest",
        Door::System => "system",
    }
}

impl<'a> Context<'a> {
    fn ask<T: Tool>(self, arguments: &'a Value) -> Ask<'a> {
        let Self { app, caller, watch, assent } = self;
        Ask { app, caller, tool: T::NAME, arguments, watch, assent }
    }
}

fn run<'a, T: Tool>(
    context: Context<'a>,
    schema: &'a JsonObject,
    arguments: Value,
) -> BoxFuture<'a, Result<Value, Failure>> {
    Box::pin(async move {
        let (arguments, input) = arguments::read(schema, arguments).map_err(Failure::Refused)?;
        let output = T::call(&context.ask::<T>(&arguments), input).await?;
        serde_json::to_value(output)
            .map_err(|error| errand_core::Error::Internal(format!("{} cannot say its output: {error}", T::NAME)).into())
    })
}

fn question<'a, T: Tool>(
    context: Context<'a>,
    schema: &'a JsonObject,
    arguments: Value,
) -> BoxFuture<'a, Result<Option<Question>, Failure>> {
    Box::pin(async move {
        let (arguments, input) = arguments::read(schema, arguments).map_err(Failure::Refused)?;
        T::question(&context.ask::<T>(&arguments), input).await
    })
}
