//! The board as an MCP App (`ui://errand/board.html`): one document that needs nothing else, because hosts show it in a frame whose
//! policy is `script-src 'self' 'unsafe-inline'` and no connections.
//!
//! It is `web/mcp-app/board.html` with what it refers to put in its place: style sheets, icons, and the modules it runs with all that
//! they import. A module becomes a function that is called once, in the order of the imports; there is no build step besides.
//! The modules may be written with `import { … } from '…'` and `export` before a declaration, and in no other way.
//!
//! To change the board: `web/mcp-app/`; what it shares with the web page it imports from there.

use std::sync::Arc;

use regex::Regex;

use crate::faces::web;

mod modules;

/// The page that is filled.
const PAGE: &str = "mcp-app/board.html";

/// Why the document cannot be put together: a fault in the files of `web/`, which a test finds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// A file that is referred to is not there.
    #[error("there is no {0}")]
    Missing(String),
    /// A module imports itself, by whatever way.
    #[error("{0} imports itself")]
    Circle(String),
    /// An import or export in a form that is not understood.
    #[error("{file} has a line that is not understood: {line}")]
    Form {
        /// Where.
        file: String,
        /// What.
        line: String,
    },
    /// A text that would end the element it is put into.
    #[error("{0} has a text that ends its element in the document")]
    Ends(String),
}

/// The document.
///
/// # Errors
/// [`BoardError`].
pub fn document() -> Result<Arc<str>, BoardError> {
    put_together(&web::text).map(Into::into)
}

/// Where files come from: their text, by their path in `web/`.
type Files<'a> = dyn Fn(&str) -> Option<String> + 'a;

fn read(files: &Files<'_>, path: &str) -> Result<String, BoardError> {
    files(path).ok_or_else(|| BoardError::Missing(path.to_owned()))
}

fn put_together(files: &Files<'_>) -> Result<String, BoardError> {
    const ROOT: &str = "<svg xmlns";
    let style = |path: &str| {
        let css = unended(read(files, path)?, "</style", path)?;
        Ok(format!("<style>\n{css}</style>"))
    };
    let icons = |path: &str| {
        let svg = read(files, path)?;
        let from = svg.find(ROOT).ok_or_else(|| BoardError::Missing(format!("{ROOT} in {path}")))?; // after its comments
        Ok(svg[from..].replacen(ROOT, "<svg hidden xmlns", 1))
    };
    let script = |path: &str| {
        let code = unended(modules::bundle(files, path)?, "</script", path)?;
        Ok(format!("<script type=\"module\">\n{code}</script>"))
    };
    let page = read(files, PAGE)?;
    let page = replace(&page, r#"<link rel="stylesheet" href="/([^"]+)">"#, style)?;
    let page = replace(&page, r#"<img src="/([^"]+)" alt="" hidden>"#, icons)?;
    replace(&page, r#"<script type="module" src="/([^"]+)"></script>"#, script)
}

/// Replaces each place where `pattern` names a file by what `with` makes of the file.
fn replace(page: &str, pattern: &str, with: impl Fn(&str) -> Result<String, BoardError>) -> Result<String, BoardError> {
    let pattern = Regex::new(pattern).expect("the patterns stand in this file");
    let (mut whole, mut rest) = (String::new(), page);
    while let Some(found) = pattern.captures(rest) {
        let (all, [path]) = found.extract();
        let at = rest.find(all).unwrap_or_default();
        whole.push_str(&rest[..at]);
        whole.push_str(&with(path)?);
        rest = &rest[at + all.len()..];
    }
    whole.push_str(rest);
    Ok(whole)
}

/// The text, if it does not end the element around it. `<!--` makes a browser read a script differently.
fn unended(text: String, end: &str, path: &str) -> Result<String, BoardError> {
    let ends = text.to_ascii_lowercase().contains(end) || text.contains("<!--");
    if ends { Err(BoardError::Ends(path.to_owned())) } else { Ok(text) }
}

#[cfg(test)]
mod tests;
