//! Several tools, by name, in a fixed order.

use std::sync::Arc;

use errand_core::{App, Caller};
use futures::future::BoxFuture;
use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;

use crate::{
    arguments, schema,
    tool::{Ask, Failure, Tool},
};

/// Several tools, by name, in the order in which they were put in.
#[derive(Default)]
pub struct Toolbox {
    definitions: Vec<Definition>,
    runs: Vec<Run>,
}

/// A tool's [`Tool::call`] with its types taken away: arguments in, output out.
type Run = for<'a> fn(&'a App, &'a Caller, &'a JsonObject, Value) -> BoxFuture<'a, Result<Value, Failure>>;

impl Toolbox {
    /// The toolbox with one tool more.
    #[must_use]
    pub fn with<T: Tool>(mut self) -> Self {
        let definition = Definition::new(T::NAME, T::DESCRIPTION, Arc::new(schema::input::<T::Input>()))
            .with_title(T::TITLE)
            .with_raw_output_schema(Arc::new(schema::output::<T::Output>()))
            .with_annotations(T::EFFECT.annotations());
        self.definitions.push(definition);
        self.runs.push(run::<T>);
        self
    }

    /// What the tools are, for models and hosts.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Runs the tool called `name`; `None` when there is no such tool.
    ///
    /// # Errors
    /// [`Failure`] inside, for arguments that cannot be understood or when nothing of the call went through.
    pub async fn call(
        &self,
        app: &App,
        caller: &Caller,
        name: &str,
        arguments: JsonObject,
    ) -> Option<Result<Value, Failure>> {
        let place = self.definitions.iter().position(|definition| definition.name == name)?;
        let (definition, run) = (self.definitions.get(place)?, self.runs.get(place)?);
        Some(run(app, caller, &definition.input_schema, Value::Object(arguments)).await)
    }
}

fn run<'a, T: Tool>(
    app: &'a App,
    caller: &'a Caller,
    schema: &'a JsonObject,
    arguments: Value,
) -> BoxFuture<'a, Result<Value, Failure>> {
    Box::pin(async move {
        let (arguments, input) = arguments::read(schema, arguments).map_err(Failure::Refused)?;
        let ask = Ask { app, caller, tool: T::NAME, arguments: &arguments };
        let output = T::call(&ask, input).await?;
        serde_json::to_value(output)
            .map_err(|error| errand_core::Error::Internal(format!("{} cannot say its output: {error}", T::NAME)).into())
    })
}
