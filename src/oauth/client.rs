//! Who asks a person for something: a client by its document, or one that registered itself.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use errand_core::{Error, grant};
use reqwest::Url;

use super::document::NoDocument;
use crate::{limits::TooMany, state::State};

/// A client, as far as a person can be told who it is.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: String,
    /// As it calls itself.
    pub(super) name: String,
    pub(super) redirect_uris: Vec<String>,
}

/// Why nobody can be told who asks.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoClient {
    #[error("It is not known here, or not any more. Have it connect anew.")]
    Unknown,
    #[error("It says that its description is at {id}, but {why}.")]
    Document {
        /// The address.
        id: String,
        /// What is wrong with it.
        why: NoDocument,
    },
    #[error("There were too many tries from your address. Try again later.")]
    TooMany(TooMany),
    #[error("Something went wrong here. Try again later.")]
    Core(#[from] Error),
}

/// The client with this id.
pub(super) async fn find(state: &State, id: &str, peer: SocketAddr, headers: &HeaderMap) -> Result<Client, NoClient> {
    if !id.contains("://") {
        let grant::Client { id, name, redirect_uris } =
            state.app.registered_client(id).await?.ok_or(NoClient::Unknown)?;
        return Ok(Client { id, name, redirect_uris });
    }
    let outcome = if let Some(known) = state.oauth.documents.known(id) {
        known
    } else {
        super::count(state, &state.oauth.clients, peer, headers).await.map_err(NoClient::TooMany)?;
        state.oauth.documents.fetch(id).await
    };
    let document = outcome.map_err(|why| NoClient::Document { id: id.to_owned(), why })?;
    let name = document.client_name.as_deref().unwrap_or_default();
    let name = grant::client_name(name, &host(id).unwrap_or_default());
    Ok(Client { id: id.to_owned(), name, redirect_uris: document.redirect_uris.clone() })
}

/// The host that vouches for a client whose id is its document's address; none for one that registered itself.
pub(super) fn host(id: &str) -> Option<String> {
    let url = Url::parse(id).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
