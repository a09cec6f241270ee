//! Programs that people let act in their name: what a client, a browser and a person do, over HTTP.

mod account;
mod documents;
mod flow;
mod forms;
mod hostile;
mod metadata;
mod outside;
mod register;
mod tokens;

use std::sync::Arc;

use errand::auth::{self, Principal};
use errand_core::{Clock, grant::challenge_of};
use reqwest::{Url, header, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Backend, Database, Server, answer, config},
    script::Script,
};

pub(crate) const CALLBACK: &str = "https://client.example/callback";
const VERIFIER: &str = "a verifier of at least forty-three characters, as is asked for";
const PASSWORD: &str = "correct horse";

/// A server; none where the database is missing.
async fn server(backend: Backend) -> Option<Server> {
    Server::start(backend, Script::of([])).await
}

/// A server whose clock stands still until it is moved.
async fn server_at_a_fixed_time(backend: Backend) -> Option<Server> {
    let database = Database::new(backend).await?;
    let config = config(&database);
    Some(Server::at(Clock::fixed(Clock::System.now()), database, config, Arc::new(Script::of([]))).await)
}

/// Who stands behind a token at `/mcp`.
async fn principal(server: &Server, token: &str) -> errand_core::Result<Principal> {
    auth::principal(&server.state, Some(token)).await
}

/// A client that has registered itself.
pub(crate) async fn registered(server: &Server, redirect_uris: &[&str]) -> String {
    let answer = server.post("/oauth/register", &json!({"client_name": "Probe", "redirect_uris": redirect_uris})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["client_id"].as_str().unwrap().to_owned()
}

/// What a good client sends people here with; `other` replaces, an empty value takes away.
fn asking(client: &str, other: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = challenge_of(VERIFIER);
    let good = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("state", "a state & more"),
        ("scope", "tasks:read tasks:write"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    with(&good, other)
}

fn with(good: &[(&str, &str)], other: &[(&str, &str)]) -> Vec<(String, String)> {
    let kept = good.iter().filter(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
    let pairs = kept.chain(other.iter().filter(|(_, value)| !value.is_empty()));
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Somebody's browser: it keeps the cookie, and shows where it is sent instead of going there.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    http: reqwest::Client,
    cookie: Option<String>,
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Page {
    status: u16,
    headers: header::HeaderMap,
    html: String,
}

impl Page {
    /// What the form carries.
    fn ticket(&self) -> String {
        let (_, rest) = self.html.split_once("name=\"ticket\" value=\"").unwrap_or_else(|| panic!("{self:?}"));
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, 303, "{self:?}");
        self.headers[header::LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// A parameter of the address to which it is sent.
    fn told(&self, name: &str) -> Option<String> {
        self.location().query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
    }

    /// Nobody is sent anywhere.
    fn is_a_stop(&self) -> bool {
        self.status == 400 && !self.headers.contains_key(header::LOCATION)
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { server, http, cookie: None }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let request = self.cookie.iter().fold(request, |request, cookie| request.header(header::COOKIE, cookie));
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            self.cookie = Some(cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, headers, html: response.text().await.unwrap() }
    }

    async fn open(&mut self, parameters: &[(String, String)]) -> Page {
        let url = format!("{}/oauth/authorize", self.server.base);
        let url = Url::parse_with_params(&url, parameters).unwrap();
        let request = self.http.get(url);
        self.send(request).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let body = Url::parse_with_params("x:", form).unwrap().query().unwrap_or_default().to_owned();
        let request = self.http.post(format!("{}{path}", self.server.base)).body(body);
        self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")).await
    }

    async fn log_in(&mut self, ticket: &str, name: &str, password: &str) -> Page {
        self.post("/oauth/login", &[("ticket", ticket), ("username", name), ("password", password)]).await
    }

    async fn decide(&mut self, ticket: &str, decision: &str, scopes: &[&str]) -> Page {
        let mut form = vec![("ticket", ticket), ("decision", decision)];
        form.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.post("/oauth/consent", &form).await
    }

    /// From a client's wish to a person's yes.
    pub(crate) async fn allow(&mut self, parameters: &[(String, String)], name: &str, scopes: &[&str]) -> Page {
        let first = self.open(parameters).await;
        assert_eq!(first.status, 200, "{first:?}");
        let second = self.log_in(&first.ticket(), name, PASSWORD).await;
        assert_eq!(second.status, 200, "{second:?}");
        self.decide(&second.ticket(), "allow", scopes).await
    }
}

/// The code that a client gets when this person says yes.
async fn code(server: &Server, client: &str, name: &str) -> String {
    let page = Browser::new(server).allow(&asking(client, &[]), name, &["tasks:read", "tasks:write"]).await;
    page.told("code").unwrap()
}

async fn form(server: &Server, path: &str, form: &[(String, String)]) -> Answer {
    let body = Url::parse_with_params("x:", form).unwrap().query().unwrap_or_default().to_owned();
    let request = server.http.post(format!("{}{path}", server.base)).body(body);
    answer(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")).await
}

/// A client fetches its tokens; `other` replaces, an empty value takes away.
async fn redeem(server: &Server, client: &str, code: &str, other: &[(&str, &str)]) -> Answer {
    let good = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    form(server, "/oauth/token", &with(&good, other)).await
}

async fn refresh(server: &Server, client: &str, token: &str, other: &[(&str, &str)]) -> Answer {
    let good = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
    form(server, "/oauth/token", &with(&good, other)).await
}

/// Tokens of a client that this person has allowed everything.
pub(crate) async fn connected(server: &Server, client: &str, name: &str) -> Value {
    let code = code(server, client, name).await;
    let answer = redeem(server, client, &code, &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}"))
}

/// Refused with this word of the standards.
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{answer:?}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}
