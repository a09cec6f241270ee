//! Any provider that speaks OpenAI's chat completions, streamed: OpenAI itself, llama.cpp, Ollama, vLLM and their like.
//!
//! The client is async-openai with types of our own ([`chunk`]), because local servers leave out, repeat or retype what OpenAI's own always has.
//! Its retries are replaced by ours ([`retry`]): they do not know our deadline, and do not see an answer that breaks off in the middle.
//!
//! To support one more server's quirk: in [`chunk`] what it sends, in [`wire`] what it wants to be sent, and a script of it in the tests.

mod assembly;
mod chunk;
mod provider;
mod retry;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

use async_openai::{Client, config::OpenAIConfig};
use futures::{StreamExt, future::BoxFuture};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use self::{assembly::Assembly, chunk::Chunk};
use super::{
    model::{Heard, Model, ModelError, Reply, Request},
    spoken::Ear,
};

pub(crate) use self::provider::{Provider, SetupError};

/// A model behind an OpenAI-compatible provider.
pub(crate) struct OpenAi {
    provider: Provider,
    client: Client<OpenAIConfig>,
}

/// To whom a reply is told while it comes, and whether anything was.
struct Listener<'a> {
    heard: &'a (dyn Fn(Heard<'_>) + Send + Sync),
    told: bool,
}

impl OpenAi {
    /// A client for `provider`; nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`] if the address or the key cannot be used at all.
    pub(crate) fn new(provider: Provider) -> Result<Self, SetupError> {
        let client = transport::client(&provider)?;
        Ok(Self { provider, client })
    }

    /// Asks, and asks again while that may help: see [`retry`].
    async fn ask(&self, request: &Request, mut listener: Listener<'_>) -> Result<Reply, ModelError> {
        let body = wire::body(&self.provider, request);
        let mut attempt = 0;
        loop {
            let limit = self.provider.timeout.min(request.deadline.saturating_duration_since(Instant::now()));
            let late = || ModelError::TimedOut { after: limit };
            let answered = timeout(limit, self.once(&body, request, &mut listener)).await;
            let error = match answered.unwrap_or_else(|_| Err(late())) {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let pause = retry::pause(attempt, &error);
            let left = request.deadline.saturating_duration_since(Instant::now());
            if attempt >= self.provider.retries || !error.is_passing() || pause >= left {
                return Err(error);
            }
            attempt += 1;
            let pause_ms = pause.as_millis();
            tracing::warn!(
                model = self.provider.model,
                error = request.shown(&error),
                attempt,
                pause_ms,
                "model.retry"
            );
            sleep(pause).await;
            if std::mem::take(&mut listener.told) {
                (listener.heard)(Heard::Again);
            }
        }
    }

    async fn once(&self, body: &Value, request: &Request, listener: &mut Listener<'_>) -> Result<Reply, ModelError> {
        let chunks = self.client.chat().create_stream_byot::<_, Chunk>(body).await;
        let mut chunks = chunks.map_err(|error| transport::cause(error, &self.provider))?;
        let mut assembly = Assembly::default();
        let mut ear = Ear::new(&request.tools);
        let mut text = String::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| transport::cause(error, &self.provider))?;
            if let Some(error) = &chunk.error {
                return Err(transport::in_stream(error, &self.provider));
            }
            let words = ear.hear(&assembly.add(chunk)?);
            listener.tell(&words);
            text.push_str(&words);
        }
        if !assembly.is_finished() {
            return Err(ModelError::BrokenOff { detail: "the stream ended without a finish_reason".into() });
        }
        let (words, spoken) = ear.end();
        listener.tell(&words);
        text.push_str(&words);
        let (calls, usage) = assembly.end(spoken, request);
        Ok(Reply { text, calls, usage })
    }
}

impl Listener<'_> {
    fn tell(&mut self, words: &str) {
        if !words.is_empty() {
            self.told = true;
            (self.heard)(Heard::Text(words));
        }
    }
}

impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.provider.model
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        heard: &'a (dyn Fn(Heard<'_>) + Send + Sync),
    ) -> BoxFuture<'a, Result<Reply, ModelError>> {
        Box::pin(self.ask(request, Listener { heard, told: false }))
    }
}
