//! Whole lists as they went out last. One that has not changed since is neither read nor encoded again.
//!
//! What is kept knows the number of its owner's newest event before it was read. Whoever asks has looked that number up in the
//! database, so a change makes what is kept too old, whichever face, agent or other instance made it.

use std::{any::TypeId, io::Write as _};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use errand_core::{Caller, Error, Scopes, UserId};
use flate2::{Compression, write::GzEncoder};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle, EntryAction, EntryResult},
};
use serde::Serialize;

/// The most bytes that are kept, of all lists together.
const MOST: u64 = 32 << 20;

/// Lists of everybody who asked lately.
pub(crate) struct Lists(Cache<Key, Encoded, Bytewise>);

/// Which list. Nobody gets a list that was read for somebody else, nor one that was read with more rights.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    user: UserId,
    scopes: Scopes,
    /// What it is made of: a type of its own for each list.
    list: TypeId,
    encoding: Encoding,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Plain,
    Gzip,
}

/// A list as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// Its owner's newest event before it was read.
    pub(crate) seq: i64,
    pub(crate) encoding: Encoding,
    pub(crate) body: Bytes,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Key, Encoded> for Bytewise {
    fn weight(&self, _: &Key, list: &Encoded) -> u64 {
        const REST: u64 = 256;
        REST + list.body.len() as u64
    }
}

impl Key {
    /// The caller's list of `T`.
    pub(crate) fn new<T: 'static>(caller: &Caller, encoding: Encoding) -> Self {
        Self { user: caller.user, scopes: caller.scopes, list: TypeId::of::<T>(), encoding }
    }
}

impl Lists {
    pub(crate) fn new() -> Self {
        // One shard: each has its part of the bytes, and a list of many megabytes would fit into none.
        let options = OptionsBuilder::new().shards(1).estimated_items_capacity(1000).weight_capacity(MOST).build();
        let options = options.expect("both capacities are given");
        Self(Cache::with_options(options, Bytewise, DefaultHashBuilder::default(), DefaultLifecycle::default()))
    }

    /// The list, at least as new as event `seq`; `read` reads it unless it is here. Who asks meanwhile waits for the one reading.
    pub(crate) async fn since<T: Serialize, E: From<Error>>(
        &self,
        key: &Key,
        seq: i64,
        read: impl Future<Output = Result<T, E>>,
    ) -> Result<Encoded, E> {
        let fresh = |_: &Key, kept: &mut Encoded| {
            if kept.seq >= seq { EntryAction::Retain(kept.clone()) } else { EntryAction::ReplaceWithGuard }
        };
        let place = match self.0.entry_async(key, fresh).await {
            EntryResult::Retained(kept) => return Ok(kept),
            EntryResult::Vacant(place) | EntryResult::Replaced(place, _) => place,
            EntryResult::Removed(..) | EntryResult::Timeout => unreachable!("neither is asked for"),
        };
        let made = Encoded { seq, encoding: key.encoding, body: key.encoding.of(&read.await?).await? };
        let _ = place.insert(made.clone()); // one that is too large for all of the cache is not kept
        Ok(made)
    }
}

impl Encoding {
    /// What the client takes (RFC 9110, 12.5.3).
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
        let mut codings = lists.flat_map(|list| list.split(','));
        let refused =
            |weight: &str| weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()) == Some(0.0);
        let gzip = codings.any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip") && !refused(weight)
        });
        if gzip { Self::Gzip } else { Self::Plain }
    }

    async fn of<T: Serialize>(self, list: &T) -> Result<Bytes, Error> {
        let internal = |error: &dyn std::error::Error| Error::Internal(format!("a list cannot be written: {error}"));
        let json = serde_json::to_vec(list).map_err(|error| internal(&error))?;
        match self {
            Self::Plain => Ok(json.into()),
            Self::Gzip => {
                let zipped = tokio::task::spawn_blocking(move || gzip(&json)).await;
                zipped.map_err(|error| internal(&error))?.map_err(|error| internal(&error))
            }
        }
    }
}

impl IntoResponse for Encoded {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        match self.encoding {
            Encoding::Plain => (kind, self.body).into_response(),
            Encoding::Gzip => (kind, [(header::CONTENT_ENCODING, "gzip")], self.body).into_response(),
        }
    }
}

fn gzip(json: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json)?;
    Ok(encoder.finish()?.into())
}

#[cfg(test)]
mod tests;
