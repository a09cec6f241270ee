//! How often a contract may be asked, where its text says so.
//!
//! To add a way of counting: a variant of [`Pace`].

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName},
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Face, Refusal, extractors::Known};
use crate::{
    auth,
    limits::{Standing, TooMany, Windows},
    proxies,
    state::{Asker, Limits, State},
};

/// By what requests are counted.
pub enum Pace {
    /// By the address that they come from.
    Address(fn(&Limits) -> &Windows<IpAddr>),
    /// By user, and by address where there is none; each answer tells how the window stands.
    User {
        /// The windows.
        windows: fn(&Limits) -> &Windows<Asker>,
        /// Paths that are not counted: machines ask for them, and must not use up what people have. One that ends with a slash is all
        /// that begin with it.
        except: &'static [&'static str],
    },
}

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

impl Pace {
    /// The headers that answers have, and what they say.
    pub(super) fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Address(_) => &[],
            Self::User { .. } => &[
                ("X-RateLimit-Limit", "How many requests a window has."),
                ("X-RateLimit-Remaining", "How many of them are left."),
                ("X-RateLimit-Reset", "When the window ends, in seconds since the epoch."),
            ],
        }
    }
}

/// What `answer` answers, unless there were too many requests.
pub(super) async fn paced<A: Future<Output = Response>>(
    face: &Face,
    state: &State,
    peer: SocketAddr,
    mut request: Request,
    answer: impl FnOnce(Request) -> A,
) -> Response {
    let client = proxies::client(&state.proxies, peer.ip(), request.headers());
    match &face.pace {
        None => answer(request).await,
        Some(Pace::Address(windows)) => match windows(&state.limits).pass(client).await {
            Ok(()) => answer(request).await,
            Err(TooMany { retry_after }) => (face.refuse)(Refusal::TooMany { retry_after }),
        },
        Some(Pace::User { windows, except }) => {
            let untouched = Standing::from(state.limits.rooms_published);
            let standing = if is_one(except, request.uri().path()) {
                Ok(None)
            } else {
                let asker = asker(state, client, &mut request).await;
                windows(&state.limits).take(asker).await
            };
            let (mut response, standing) = match standing {
                Ok(standing) => (answer(request).await, standing.unwrap_or(untouched)),
                Err(TooMany { retry_after }) => (
                    (face.refuse)(Refusal::TooMany { retry_after }),
                    Standing { left: 0, ends_in: retry_after, ..untouched },
                ),
            };
            tell(response.headers_mut(), standing, state.app.clock.now());
            response
        }
    }
}

fn is_one(except: &[&str], path: &str) -> bool {
    except.iter().any(|except| path == *except || (except.ends_with('/') && path.starts_with(except)))
}

/// Who asks; what was found out about them goes on with the request.
async fn asker(state: &State, client: IpAddr, request: &mut Request) -> Asker {
    match auth::authenticate(state, auth::bearer(request.headers())).await {
        Ok((account, grant)) => {
            let user = account.id;
            request.extensions_mut().insert(Known(account, grant));
            Asker::User(user)
        }
        Err(_) => Asker::Address(client), // the handler says why, if it wants to know who asks
    }
}

fn tell(headers: &mut HeaderMap, Standing { max, left, ends_in }: Standing, now: DateTime<Utc>) {
    let ends = now + TimeDelta::from_std(ends_in).unwrap_or(TimeDelta::MAX) + TimeDelta::milliseconds(999);
    headers.insert(LIMIT, max.into());
    headers.insert(REMAINING, left.into());
    headers.insert(RESET, ends.timestamp().into());
}
