//! Who may open a socket, and how it is opened.

use std::marker::PhantomData;

use axum::{
    extract::{
        FromRequestParts, Query,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::request::Parts,
    response::{IntoResponse, Response},
};
use errand_core::{
    Account, Error,
    app::LoginWatch,
    login::Pass,
    measure::{OneMore, SOCKETS},
};
use futures::{
    FutureExt as _,
    future::{self, BoxFuture},
};
use metrics::gauge;
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::{
    End, Link,
    link::{deadline, watch},
};
use crate::{auth, faces::Refusal, state::State};

/// The largest that is read at all: the longest message of `rooms` with what is around it.
const FRAME_MOST: usize = 128 * 1024;
/// tungstenite's own buffer, for each socket; its default of 128 KiB is too much for thousands of them. It grows with a frame.
const BUFFER: usize = 1024;

/// A request to open a socket; `F` is the face's failure, with which anything else is refused.
pub(crate) struct Handshake<F> {
    token: Option<String>,
    path: String,
    upgrade: WebSocketUpgrade,
    face: PhantomData<F>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl<F: From<Refusal> + IntoResponse> FromRequestParts<State> for Handshake<F> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let upgrade = upgrade.map_err(|_| F::from(Refusal::NotASocket).into_response())?;
        let asked = Query::<Token>::try_from_uri(&parts.uri).ok().and_then(|Query(Token { token })| token);
        let token = asked.or_else(|| auth::bearer(&parts.headers).map(str::to_owned));
        let path = parts.uri.path().to_owned(); // a route without parameters
        Ok(Self { token, path, upgrade, face: PhantomData })
    }
}

/// Opens a socket for whoever the token speaks for. What `ready` makes is there before the client hears that the socket is open, so
/// that nothing is missed of what happens from then on; `talk` then holds the conversation. Without a valid token the upgrade
/// succeeds and is closed with 1008, as the contracts say.
pub(crate) async fn upgrade<R, P, T, O, F>(state: State, handshake: Handshake<F>, ready: R, talk: T) -> Response
where
    R: AsyncFnOnce(&State, &Account) -> Result<P, Error>,
    P: Send + 'static,
    T: FnOnce(State, Account, P, Box<Link>) -> O + Send + 'static,
    O: Future<Output = ()> + Send + 'static,
{
    let Handshake { token, path, upgrade, .. } = handshake;
    let who = match auth::authenticate(&state, token.as_deref()).await {
        Ok((account, grant)) => Ok((prepare(&state, &account, grant.pass, ready).await, account, grant)),
        Err(error) => Err(error),
    };
    // What is only needed to begin is not kept beside the conversation, as it would be in one future with it.
    let begin = move |stream| -> BoxFuture<'static, ()> {
        let (shutdown, now) = (state.agent.shutdown(), state.app.clock.now());
        match who {
            Ok((Ok((prepared, login)), account, grant)) => {
                tracing::debug!(user = %account.id, "socket.opened");
                // Futures have a place for each move: what is moved is a pointer.
                let link = Box::new(Link::new(stream, shutdown, deadline(grant.exp, now)).hangs_on(login));
                talk(state, account, prepared, link).boxed()
            }
            Ok((Err(error), ..)) => refuse(stream, shutdown, End::failed(&error)).boxed(),
            Err(_) => refuse(stream, shutdown, End::NO_TOKEN).boxed(),
        }
    };
    let talked = move |stream| {
        let (open, conversation) = (OneMore::of(gauge!(SOCKETS.name, "path" => path)), begin(stream));
        async move {
            let _open = open;
            conversation.await;
            tracing::debug!("socket.closed");
        }
    };
    let span = Span::current();
    upgrade
        .max_message_size(FRAME_MOST)
        .max_frame_size(FRAME_MOST)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |stream| {
            // In a task of its own: the one that opened it would keep, as long as it lives, the room that it took to do so.
            tokio::spawn(span.in_scope(|| talked(stream)).instrument(span));
            future::ready(())
        })
}

/// Ends it before it has begun.
async fn refuse(stream: WebSocket, shutdown: CancellationToken, end: End) {
    Link::new(stream, shutdown, Instant::now()).end(end).await;
}

/// What `ready` makes, and what tells when the login ends.
async fn prepare<P>(
    state: &State,
    account: &Account,
    pass: Option<Pass>,
    ready: impl AsyncFnOnce(&State, &Account) -> Result<P, Error>,
) -> Result<(P, Option<LoginWatch>), Error> {
    let prepared = ready(state, account).await?;
    Ok((prepared, watch(state, pass).await?))
}
