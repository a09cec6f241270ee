//! ECMAScript modules as one script: each is a function that is called once, after those that it imports, and answers what it exports.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{BoardError, Files, read};

static IMPORT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^import \{([^}]*)\} from '([^']+)';$"));
static EXPORT: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^export ((?:const|class|(?:async )?function) (\w+))"));
/// What is left when the two above are gone.
static OTHER: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^(?:import|export)\b.*$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns stand in this file")
}

/// The module at `path` and all that it imports.
pub(super) fn bundle(files: &Files<'_>, path: &str) -> Result<String, BoardError> {
    let mut bundle = Bundle { files, open: Vec::new(), done: Vec::new(), code: "const modules = {};\n".into() };
    bundle.add(path)?;
    Ok(bundle.code)
}

struct Bundle<'a> {
    files: &'a Files<'a>,
    /// The modules whose imports are being added.
    open: Vec<String>,
    done: Vec<String>,
    code: String,
}

impl Bundle<'_> {
    fn add(&mut self, path: &str) -> Result<(), BoardError> {
        if self.done.iter().any(|done| done == path) {
            return Ok(());
        }
        if self.open.iter().any(|open| open == path) {
            return Err(BoardError::Circle(path.to_owned()));
        }
        let source = read(self.files, path)?;
        self.open.push(path.to_owned());
        for import in IMPORT.captures_iter(&source) {
            self.add(&resolved(path, &import[2]))?;
        }
        self.open.pop();
        self.code.push_str(&function(path, &source)?);
        self.done.push(path.to_owned());
        Ok(())
    }
}

/// A module as a function.
fn function(path: &str, source: &str) -> Result<String, BoardError> {
    let exports: Vec<_> = EXPORT.captures_iter(source).map(|export| export[2].to_owned()).collect();
    let import = |import: &Captures<'_>| {
        let names = import[1].replace(" as ", ": ");
        format!("const {{{names}}} = modules['{}'];", resolved(path, &import[2]))
    };
    let body = IMPORT.replace_all(source, import);
    let body = EXPORT.replace_all(&body, "$1");
    if let Some(line) = OTHER.find(&body) {
        return Err(BoardError::Form { file: path.to_owned(), line: line.as_str().to_owned() });
    }
    let exports = exports.join(", ");
    Ok(format!("modules['{path}'] = (() => {{\n{body}return {{ {exports} }};\n}})();\n"))
}

/// The path in `web/` of what the module at `from` calls `name`: `./…` and `../…`.
fn resolved(from: &str, name: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
