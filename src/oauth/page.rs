//! The pages that a person sees, made here because they must work without a script: templates in `pages/`, the styles of the web app.
//!
//! To add one: a file, its line in [`FILES`], a function here that names its variables.

use std::sync::LazyLock;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use errand_core::{Account, UserId};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use reqwest::Url;

use super::{
    client, redirect,
    ticket::{Request, Ticket},
};
use crate::{faces::Refusal, limits::TooMany, state::State};

/// Where the forms are sent.
pub(super) const LOG_IN: &str = "/oauth/login";
pub(super) const CONSENT: &str = "/oauth/consent";

const FILES: [(&str, &str); 5] = [
    ("frame.html", include_str!("pages/frame.html")),
    ("who.html", include_str!("pages/who.html")),
    ("login.html", include_str!("pages/login.html")),
    ("consent.html", include_str!("pages/consent.html")),
    ("stop.html", include_str!("pages/stop.html")),
];

/// Strict, and what others wrote is escaped: the names end in `.html`.
static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, text) in FILES {
        pages.add_template(name, text).expect("the pages are part of the program and rendered in tests");
    }
    pages
});

/// The cookie that marks a browser, so that a form is only good in the one that it was made for.
const COOKIE: &str = "errand_consent";

/// A browser that asks.
pub(super) struct Visitor {
    mark: Option<String>,
    secure: bool,
}

impl Visitor {
    /// Who sent `headers` to us at `base`.
    pub(super) fn of(headers: &HeaderMap, base: &str) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mark = pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned());
        Self { mark, secure: base.starts_with("https://") }
    }

    /// The mark that it has.
    pub(super) fn mark(&self) -> Option<&str> {
        self.mark.as_deref()
    }

    /// The mark that it has from now on. Pages that are open in other tabs stay good.
    fn marked(&self) -> Result<String, getrandom::Error> {
        if let Some(mark) = &self.mark {
            return Ok(mark.clone());
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The cookie comes along when another site leads here, and not when it sends a form.
    fn cookie(&self, mark: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{COOKIE}={mark}; Path=/oauth; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Asks who somebody is.
pub(super) fn log_in(
    state: &State,
    visitor: &Visitor,
    request: Request,
    wrong: Option<&str>,
    status: StatusCode,
) -> Response {
    let (shown, target) = (asked(&request), target(&request));
    let Some((ticket, cookie)) = sealed(state, visitor, request, None) else { return failed() };
    let variables = context! { ticket, wrong, action => LOG_IN, deny => CONSENT, ..shown };
    with_cookie(page(status, "login.html", &variables, &target), &cookie)
}

/// Asks for a yes.
pub(super) fn consent(
    state: &State,
    visitor: &Visitor,
    request: Request,
    account: &Account,
    wrong: Option<&str>,
) -> Response {
    let (shown, target) = (asked(&request), target(&request));
    let scopes: Vec<_> =
        request.scopes().iter().map(|scope| context! { name => scope.name(), words => scope.in_words() }).collect();
    let Some((ticket, cookie)) = sealed(state, visitor, request, Some(account.id)) else { return failed() };
    let variables = context! { ticket, wrong, scopes, action => CONSENT, account => account.username.clone(), ..shown };
    with_cookie(page(StatusCode::OK, "consent.html", &variables, &target), &cookie)
}

/// What a person is told of who asks.
fn asked(request: &Request) -> Value {
    let url = Url::parse(&request.redirect_uri).ok();
    let place = url.as_ref().map(|url| match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) => host.to_owned(),
        (scheme, _) => format!("the program for {scheme}:"),
    });
    context! {
        name => request.name.clone(),
        host => client::host(&request.client),
        local => redirect::is_local(&request.redirect_uri),
        place,
    }
}

/// The ticket for the next form, and the cookie of the browser that it is for.
fn sealed(state: &State, visitor: &Visitor, request: Request, user: Option<UserId>) -> Option<(String, String)> {
    let mark = visitor.marked().inspect_err(|error| tracing::error!(%error, "oauth.no_random_bytes")).ok()?;
    let ticket = state.oauth.seal.close(&Ticket::new(request, user, &mark, state.app.clock.now()))?;
    Some((ticket, visitor.cookie(&mark)))
}

/// Nobody is sent anywhere, and why.
pub(super) fn stop(title: &str, why: Option<&str>) -> Response {
    page(StatusCode::BAD_REQUEST, "stop.html", &context! { title, why }, "")
}

/// Something went wrong here.
pub(super) fn failed() -> Response {
    let variables = context! { title => "Something went wrong.", why => "Try again in a moment." };
    page(StatusCode::INTERNAL_SERVER_ERROR, "stop.html", &variables, "")
}

/// There were too many tries.
pub(super) fn too_many(TooMany { retry_after }: TooMany) -> Response {
    let seconds = Refusal::seconds(retry_after);
    let why = format!("Try again in {seconds} seconds.");
    let variables = context! { title => "There were too many tries from your address.", why };
    let page = page(StatusCode::TOO_MANY_REQUESTS, "stop.html", &variables, "");
    ([(header::RETRY_AFTER, seconds)], page).into_response()
}

/// Back to the client with an answer: what it sent along, and who answers (RFC 6749, 4.1.2; RFC 9207).
pub(super) fn back(redirect_uri: &str, state: Option<&str>, issuer: &str, told: &[(&str, &str)]) -> Response {
    let mut parameters = told.to_vec();
    parameters.extend(state.map(|state| ("state", state)));
    parameters.push(("iss", issuer));
    let location = redirect::with(redirect_uri, &parameters).and_then(|uri| HeaderValue::try_from(uri).ok());
    let Some(location) = location else { return failed() };
    let no_traces = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)], no_traces).into_response()
}

/// Where the forms of this page may lead: browsers count the way back to the client too, and on to wherever it leads from there.
fn target(request: &Request) -> String {
    let scheme = request.redirect_uri.split(':').next().unwrap_or_default();
    format!(" https: {scheme}:")
}

fn page(status: StatusCode, name: &str, variables: &Value, target: &str) -> Response {
    let rendered = PAGES.get_template(name).and_then(|page| page.render(variables));
    let html = rendered.expect("each page is rendered with these variables in a test");
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{target}"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(html)).into_response()
}

fn with_cookie(page: Response, cookie: &str) -> Response {
    ([(header::SET_COOKIE, cookie)], page).into_response()
}
