//! The HTTP below async-openai: one request, one response, each failure in our words. No retries here.

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError, middleware::HttpRequestFactory};
use errand_core::Clock;
use reqwest::{
    Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect,
};
use serde_json::Value;
use tower::{BoxError, service_fn};

use super::{
    provider::{Provider, SetupError},
    retry,
};
use crate::agent::model::ModelError;

/// How much of a provider's error is read, in bytes.
const ERROR_READ: usize = 16 * 1024;
/// How much of it is logged, in characters.
const ERROR_LOGGED: usize = 300;

/// A client for `provider` that tries once and keeps the key out of what can be printed.
pub(super) fn client(provider: &Provider) -> Result<Client<OpenAIConfig>, SetupError> {
    let base = provider.base_url.trim().trim_end_matches('/');
    let url = Url::parse(base).map_err(|_| SetupError::BaseUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SetupError::BaseUrl);
    }
    let authorization = provider.api_key.as_ref().map(|key| bearer(key.expose().trim())).transpose()?;
    // A redirect would turn the POST into a GET, or carry the conversation to somebody else.
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build()?;
    let provider = provider.clone();
    let service = service_fn(move |request: HttpRequestFactory| {
        let (http, authorization, provider) = (http.clone(), authorization.clone(), provider.clone());
        async move {
            let mut request = request.build().await?;
            request.headers_mut().remove(AUTHORIZATION);
            if let Some(value) = authorization {
                request.headers_mut().insert(AUTHORIZATION, value);
            }
            let response = http.execute(request).await.map_err(|error| unreachable(error, &provider))?;
            Ok::<_, BoxError>(accepted(response, &provider).await?)
        }
    });
    // The key is set above: async-openai would panic for one that is not a header, and send an empty one.
    Ok(Client::with_config(OpenAIConfig::new().with_api_base(base).with_api_key("")).with_http_service(service))
}

fn bearer(key: &str) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| SetupError::ApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

/// `response`, if it is a stream of events.
async fn accepted(response: Response, provider: &Provider) -> Result<Response, ModelError> {
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(response, provider).await);
    }
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.contains("html") || kind.contains("json") {
        let body = excerpt(&read(response).await, provider);
        return Err(ModelError::Nonsense { detail: format!("{kind} instead of an event stream: {body}") });
    }
    Ok(response)
}

async fn refusal(response: Response, provider: &Provider) -> ModelError {
    let status = response.status();
    let retry_after = retry::after(response.headers(), Clock::System.now());
    let body = read(response).await;
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    let detail = message(&json).map_or_else(|| excerpt(&body, provider), |message| excerpt(message, provider));
    // An empty account answers 429 too, and will not be fuller in a second.
    let spent = json.pointer("/error/code").and_then(Value::as_str) == Some("insufficient_quota");
    match status {
        StatusCode::TOO_MANY_REQUESTS if !spent => ModelError::RateLimited { retry_after },
        _ if passing(status.as_u16()) => ModelError::Unavailable { status: Some(status.as_u16()), retry_after, detail },
        _ => ModelError::Refused { status: status.as_u16(), message: detail },
    }
}

/// Statuses after which the same request may succeed.
fn passing(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 500..=599)
}

/// An error that came inside a stream, after its 200.
pub(super) fn in_stream(error: &Value, provider: &Provider) -> ModelError {
    let code = ["code", "status", "status_code"].iter().find_map(|key| error.get(*key)?.as_u64());
    let status = code.and_then(|code| u16::try_from(code).ok());
    let json = error.to_string();
    let detail = excerpt(error.get("message").and_then(Value::as_str).unwrap_or(&json), provider);
    match status {
        Some(429) => ModelError::RateLimited { retry_after: None },
        Some(status @ 400..=499) if !passing(status) => ModelError::Refused { status, message: detail },
        Some(_) | None => ModelError::Unavailable { status, retry_after: None, detail },
    }
}

/// What went wrong in our words; [`client`]'s own errors come back as they were.
pub(super) fn cause(error: OpenAIError, provider: &Provider) -> ModelError {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<ModelError>() {
            Ok(error) => *error,
            Err(error) => ModelError::Nonsense { detail: excerpt(&error.to_string(), provider) },
        },
        OpenAIError::StreamError(error) => ModelError::BrokenOff { detail: excerpt(&error.to_string(), provider) },
        OpenAIError::Reqwest(error) => unreachable(error, provider),
        OpenAIError::JSONDeserialize(error, content) => {
            ModelError::Nonsense { detail: excerpt(&format!("{error} in {content}"), provider) }
        }
        error @ (OpenAIError::ApiError(_)
        | OpenAIError::FileSaveError(_)
        | OpenAIError::FileReadError(_)
        | OpenAIError::InvalidArgument(_)) => ModelError::Nonsense { detail: excerpt(&error.to_string(), provider) },
    }
}

fn unreachable(error: reqwest::Error, provider: &Provider) -> ModelError {
    // The address is in the configuration; in the log it could carry a key in its query.
    let error = error.without_url();
    let mut detail = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        detail = format!("{detail}: {error}");
        source = error.source();
    }
    ModelError::Unavailable { status: None, retry_after: None, detail: excerpt(&detail, provider) }
}

/// The beginning of the body, as far as it comes.
async fn read(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < ERROR_READ
        && let Ok(Some(piece)) = response.chunk().await
    {
        body.extend_from_slice(&piece);
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// Where different servers put the text of an error.
fn message(json: &Value) -> Option<&str> {
    ["/error/message", "/error", "/message", "/detail"].iter().find_map(|path| json.pointer(path)?.as_str())
}

/// The beginning of `text` for the log: one line, without the key.
fn excerpt(text: &str, provider: &Provider) -> String {
    let key = provider.api_key.as_ref().map(|key| key.expose().trim()).filter(|key| !key.is_empty());
    let text = key.map_or_else(|| text.to_owned(), |key| text.replace(key, "***"));
    let line = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    line.collect::<Vec<_>>().join(" ").chars().take(ERROR_LOGGED).collect()
}
