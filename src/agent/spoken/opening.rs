//! The marks at which a written call may begin, and those that may stand between two calls.

/// The beginning and the end of a code block.
pub(super) const FENCE: &str = "```";

/// The beginning of a call that is written as an element, its name and arguments being attributes.
pub(super) const ELEMENT: &str = "<function ";

/// Marks that different models put before a call.
const MARKS: [&str; 12] = [
    "<tool_call>",
    "<tool_calls>",
    "<tools>",
    "<function_call>",
    "<function_calls>",
    "<|tool_call|>",
    "<|python_tag|>",
    "[TOOL_CALL]",
    "[TOOL_CALLS]",
    "[TOOL_REQUEST]",
    "<function=",
    ELEMENT,
];

/// What may stand behind a call, or between two.
const BETWEEN: [&str; 14] = [
    "</tool_call>",
    "</tool_calls>",
    "</tools>",
    "</function_call>",
    "</function_calls>",
    "</function>",
    "<|/tool_call|>",
    "[/TOOL_CALL]",
    "[/TOOL_CALLS]",
    "[END_TOOL_REQUEST]",
    "<|im_end|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "</s>",
];

/// How a written call begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// With a code block.
    Fence,
    /// With a mark, of that many bytes.
    Mark(usize),
    /// With `<function=`, the name following.
    Function,
    /// With [`ELEMENT`], the name following as an attribute.
    Element,
    /// With its JSON.
    Json,
}

/// Whether a text starts with an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It does not.
    No,
    /// It is too short to tell.
    Maybe,
    /// It does.
    Here(Opening),
}

/// Does `text` start with an opening? `line_start`: whether it stands at the start of a line, as code blocks and bare JSON must.
pub(super) fn at(text: &str, line_start: bool) -> Start {
    match text.as_bytes().first() {
        Some(b'`') if line_start && text.starts_with(FENCE) => Start::Here(Opening::Fence),
        Some(b'`') if line_start && FENCE.starts_with(text) => Start::Maybe,
        Some(b'<' | b'[') => match mark(text) {
            Start::No if line_start && text.starts_with('[') => Start::Here(Opening::Json),
            start => start,
        },
        Some(b'{') if line_start => Start::Here(Opening::Json),
        Some(_) | None => Start::No,
    }
}

fn mark(text: &str) -> Start {
    if let Some(mark) = MARKS.iter().find(|mark| text.starts_with(**mark)) {
        return Start::Here(match mark.as_bytes().last() {
            Some(b'=') => Opening::Function,
            Some(b' ') => Opening::Element,
            Some(_) | None => Opening::Mark(mark.len()),
        });
    }
    if MARKS.iter().any(|mark| mark.starts_with(text)) { Start::Maybe } else { Start::No }
}

/// What stands right behind a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// Something of its own.
    Other,
    /// It is too short to tell.
    Maybe,
    /// That many bytes only close the call, or separate it from the next.
    Nothing(usize),
}

/// What `text`, which follows a call, starts with. `end`: whether nothing will follow.
pub(super) fn between_calls(text: &str, end: bool) -> Between {
    let space = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || ",;})]".contains(c)).len();
    if space > 0 {
        return Between::Nothing(space);
    }
    if let Some(mark) = BETWEEN.iter().find(|mark| text.starts_with(**mark)) {
        return Between::Nothing(mark.len());
    }
    if !end && BETWEEN.iter().any(|mark| mark.starts_with(text)) {
        return Between::Maybe;
    }
    // A code block's end, but not the beginning of the next: that one is followed by a call, or by its language.
    let Some(behind) = text.strip_prefix(FENCE) else { return Between::Other };
    match behind.trim_start_matches([' ', '\t']).chars().next() {
        None if !end => Between::Maybe,
        None | Some('\n' | '\r' | '`' | '<') => Between::Nothing(FENCE.len()),
        Some(_) => Between::Other,
    }
}

/// The language that a code block names, maybe an empty one: ```` ```json ````; `None` when it is too short to tell.
pub(super) fn language(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(FENCE)?;
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_+-.".contains(c)))?;
    Some(&rest[..length])
}
