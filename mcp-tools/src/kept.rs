//! Answers as they went out last. Agents look at the same list again and again; one that has not changed since is neither read nor
//! written again.
//!
//! What is kept knows the number of its owner's newest event before it was read. Each call looks that number up in the database, so a
//! change makes what is kept too old, whichever face, agent or other instance made it.

use chrono_tz::Tz;
use errand_core::{Caller, Result, UserId, event::Topic};
use quick_cache::{
    DefaultHashBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use rmcp::model::JsonObject;

use crate::{size::Fitted, toolbox::Context};

/// The most bytes that are kept, of all answers together.
const MOST: u64 = 16 << 20;

/// Answers to everybody who asked lately.
pub(crate) struct Kept(Cache<Key, Answer, Bytewise>);

/// What was asked. Nobody gets what was read for somebody else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    user: UserId,
    /// Times are told in it.
    zone: Tz,
    tool: &'static str,
    arguments: String,
}

#[derive(Clone)]
struct Answer {
    /// Its owner's newest event before it was read.
    seq: i64,
    fitted: Fitted,
}

/// Where an answer is kept once it is made.
pub(crate) struct Place {
    key: Key,
    seq: i64,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Key, Answer> for Bytewise {
    fn weight(&self, _: &Key, answer: &Answer) -> u64 {
        /// About how much larger data are than their text.
        const DATA: u64 = 6;
        const REST: u64 = 512;
        REST + (1 + DATA) * answer.fitted.text.len() as u64
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with(1000, MOST, Bytewise, DefaultHashBuilder::default(), DefaultLifecycle::default()))
    }
}

impl Key {
    pub(crate) fn new(caller: &Caller, tool: &'static str, arguments: &JsonObject) -> Self {
        // The keys of an object are sorted: equal arguments have equal text.
        let arguments = serde_json::to_string(arguments).expect("what is JSON already can be written as JSON");
        Self { user: caller.user, zone: caller.zone, tool, arguments }
    }
}

impl Kept {
    /// The answer, if nothing of the caller's has changed since; else its place.
    pub(crate) async fn find(&self, context: Context<'_>, key: Key) -> Result<std::result::Result<Fitted, Place>> {
        let seq = context.app.newest_event(context.caller, Topic::User).await?;
        let kept = self.0.get(&key).filter(|answer| answer.seq == seq);
        Ok(kept.map(|answer| answer.fitted).ok_or(Place { key, seq }))
    }

    /// Keeps an answer that was made after its place was found.
    pub(crate) fn keep(&self, Place { key, seq }: Place, fitted: &Fitted) {
        self.0.insert(key, Answer { seq, fitted: fitted.clone() });
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::{assent::Assent, bench::Bench, watch::Watch};

    fn object(value: Value) -> JsonObject {
        let Value::Object(object) = value else { panic!("{value}") };
        object
    }

    #[tokio::test]
    async fn an_answer_is_good_until_something_of_the_callers_changes() {
        for bench in Bench::each().await {
            let bob = bench.caller("bob", "Europe/Madrid").await;
            let (watch, assent, kept) = (Watch::default(), Assent::default(), Kept::default());
            let context = |caller| Context { app: &bench.app, caller, watch: &watch, assent: &assent };
            let find = async |caller| {
                let key = Key::new(caller, "list_tasks", &object(json!({"limit": 3})));
                kept.find(context(caller), key).await.unwrap()
            };
            let Err(place) = find(&bench.ann).await else { panic!("nothing was kept") };
            kept.keep(place, &Fitted::from(json!({"tasks": []})));
            assert_eq!(find(&bench.ann).await.ok().map(|fitted| fitted.data), Some(json!({"tasks": []})));
            let elsewhere = Caller { zone: Tz::Asia__Kathmandu, ..bench.ann.clone() };
            assert!(find(&elsewhere).await.is_err() && find(&bob).await.is_err(), "it was read for ann, in Madrid");
            bench.call_as(&bob, "create_tasks", json!({"tasks": [{"title": "Bob's"}]})).await;
            assert!(find(&bench.ann).await.is_ok(), "that is no change of hers");
            bench.call("create_tasks", json!({"tasks": [{"title": "Ann's"}]})).await;
            assert!(find(&bench.ann).await.is_err());
            bench.end().await;
        }
    }

    #[rstest]
    #[case(json!({}))]
    #[case(json!({"overdue": true}))]
    #[case(json!({"query": "milk", "detail": "full", "overdue": "false"}))]
    #[tokio::test]
    async fn a_list_is_as_new_as_the_last_change(#[case] arguments: Value) {
        let bench = Bench::new().await;
        let due = "2026-11-20";
        let list = async || bench.call("list_tasks", arguments.clone()).await.0;
        for count in 1..=3 {
            for _ in 0..2 {
                assert_eq!(list().await["total"], count - 1);
            }
            bench.call("create_tasks", json!({"tasks": [{"title": "milk", "due": due}]})).await;
        }
        bench.call("update_tasks", json!({"updates": [{"id": "t_1", "title": "milk and bread"}]})).await;
        assert!(list().await.to_string().contains("milk and bread"));
    }
}
