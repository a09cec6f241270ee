//! `v1`: every line of its text, a file a section.

mod auth;
mod limits;
mod messages;
mod tasks;

use super::{each, is_time};
use crate::harness::Answer;

/// Every error of this contract is a `detail` and nothing else.
fn is_error(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    assert_eq!(answer.body.as_object().unwrap().len(), 1, "{answer:?}");
}
