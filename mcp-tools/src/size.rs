//! Keeps results small enough to be read: hosts cut longer ones off, or refuse them.
//!
//! Counted is what goes out: a result's data stands in it twice, as itself and once more as a text, in which its quotes are escaped.
//! When that is too much, the long texts lose their middle, all of them down to one length, the longest that fits; ids, dates and words of
//! a list are shorter than that. `get_tasks` with one id always has room for the whole.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value};

/// The most bytes that a result's data has as it goes out. What is said of the shortening and what stands around the data need less than
/// a thousand more.
const MOST: usize = 39_000;
/// The most that a page of tasks is filled with, so that it has room for its cursor and is never shortened.
pub(crate) const PAGE: usize = 38_000;
/// The most bytes that one byte of JSON goes out as: itself, and escaped.
const ESCAPED: usize = 1 + 2;
/// The least that a text is shortened to: more than an id, a date or a word of a list has.
const LEAST: usize = 100;
/// The most that the text of a refusal has.
const REFUSAL: usize = 4_000;
/// Stands for what was left out.
const CUT: &str = "[…]";
/// Said in a result that was shortened.
const NOTE: &str = "[…] stands for text that was left out; get_tasks with one id gives the whole";

/// A result's data and their text, which both go out.
#[derive(Clone)]
pub struct Fitted {
    /// The data.
    pub data: Value,
    /// The same in JSON.
    pub text: String,
}

impl From<Value> for Fitted {
    fn from(data: Value) -> Self {
        // `to_string` of the value itself takes three times as long.
        Self { text: serde_json::to_string(&data).expect("what is JSON already can be written as JSON"), data }
    }
}

/// Counts JSON instead of keeping it.
#[derive(Default)]
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.0 += twice(json);
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many bytes JSON has as itself and as a text.
fn twice(json: &[u8]) -> usize {
    2 * json.len() + json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// How many bytes `data` has as it goes out.
pub(crate) fn of<T: Serialize>(data: &T) -> usize {
    let mut count = Count::default();
    // What cannot be written does not go out.
    if serde_json::to_writer(&mut count, data).is_ok() { count.0 } else { 0 }
}

/// `output`, shortened if it is too long.
pub(crate) fn fitted(output: Value) -> Fitted {
    let whole = Fitted::from(output);
    let fits = whole.text.len() <= MOST / ESCAPED || twice(whole.text.as_bytes()) <= MOST; // most are short
    if fits { whole } else { shortened(whole.data).into() }
}

fn shortened(mut output: Value) -> Value {
    for candidates in [usize::MAX, 2, 0] {
        keep_candidates(&mut output, candidates);
        let longest = share(&mut output);
        if longest >= LEAST || candidates == 0 {
            each_text(&mut output, &mut |text| cut(text, longest.max(LEAST)));
            break;
        }
    }
    if let Value::Object(fields) = &mut output {
        fields.insert("shortened".into(), NOTE.into());
    }
    output
}

/// `why`, without its middle if it is too long: it may repeat what it was sent.
pub(crate) fn refusal(mut why: String) -> String {
    cut(&mut why, REFUSAL);
    why
}

/// Leaves of each refused item's candidates only so many.
fn keep_candidates(output: &mut Value, most: usize) {
    for error in output.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(candidates) = error.get_mut("candidates").and_then(Value::as_array_mut) {
            candidates.truncate(most);
        }
    }
}

/// How long each text may be: what the shorter ones leave over is shared among the longer ones.
fn share(output: &mut Value) -> usize {
    let mut weights = Vec::new();
    each_text(output, &mut |text| weights.push(weigh(text)));
    let around = of(output) - weights.iter().sum::<usize>();
    let mut room = MOST.saturating_sub(around);
    weights.sort_unstable();
    let mut sharing = weights.len();
    for weight in weights {
        if weight > room / sharing {
            return room / sharing;
        }
        room -= weight;
        sharing -= 1;
    }
    MOST
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => Map::values_mut(fields).for_each(|field| each_text(field, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes the middle out of `text` when it has more than `longest` bytes as it goes out. Both ends stay: an error says at its end what
/// to do about it.
fn cut(text: &mut String, longest: usize) {
    if weigh(text) <= longest {
        return;
    }
    let room = longest.saturating_sub(weigh(CUT));
    let head = fitting(text.chars(), room * 2 / 3);
    let tail = fitting(text[head..].chars().rev(), room / 3);
    text.replace_range(head..text.len() - tail, CUT);
}

/// How many bytes of a text the first characters have that weigh `room` together.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> usize {
    let mut weighed = 0;
    let fits = |c: &char| {
        weighed += weight(*c);
        weighed <= room
    };
    characters.take_while(fits).map(char::len_utf8).sum()
}

/// How many bytes a text has as it goes out, without its quotes.
pub(crate) fn weigh(text: &str) -> usize {
    text.chars().map(weight).sum()
}

/// How many bytes a character has as it goes out: in JSON, and in JSON inside a string.
fn weight(c: char) -> usize {
    match c {
        '"' | '\\' => r#"\""#.len() + r#"\\\""#.len(),
        '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => r"\n".len() + r"\\n".len(),
        c if c < ' ' => r"\u0000".len() + r"\\u0000".len(),
        c => 2 * c.len_utf8(),
    }
}

#[cfg(test)]
mod tests;
