use std::collections::HashMap;

use regex::Regex;

use super::*;

/// The document of these files, with a page that runs `a.js`.
fn of(files: &[(&str, &str)]) -> Result<String, BoardError> {
    let mut files: HashMap<_, _> = files.iter().copied().collect();
    files.entry(PAGE).or_insert("<script type=\"module\" src=\"/a.js\"></script>");
    put_together(&|path| files.get(path).map(|text| (*text).to_owned()))
}

#[test]
fn the_document_needs_nothing_else() {
    let document = document().unwrap();
    assert!(document.starts_with("<!doctype html>"));
    for (what, pattern) in [
        ("a reference", r#"(src|href)="[^#"]"#),
        ("a module of its own", r"(?m)^(import|export)\b|import\("),
        ("a request", r"\bfetch\(|XMLHttpRequest|WebSocket|localStorage"),
        ("a style sheet's reference", r"@import|url\("),
    ] {
        let found = Regex::new(pattern).unwrap().find(&document).map(|found| found.as_str());
        assert_eq!(found, None, "{what}");
    }
    assert_eq!((document.matches("<script").count(), document.matches("</script>").count()), (1, 1));
    assert!(document.len() < 64 * 1024, "{} bytes", document.len());
    assert_eq!(document, super::document().unwrap(), "it is the same each time, so hosts can keep it");
}

#[test]
fn every_icon_that_is_used_is_in_it() {
    let document = document().unwrap();
    for used in Regex::new(r"icon(?:Button)?\('([a-z]+)'|<use href=.#([a-z]+)").unwrap().captures_iter(&document) {
        let name = used.get(1).or(used.get(2)).unwrap().as_str();
        assert!(document.contains(&format!("<symbol id=\"{name}\"")), "{name}");
    }
}

#[test]
fn a_module_comes_once_and_after_what_it_imports() {
    let document = of(&[
        ("a.js", "import { b } from './x/b.js';\nimport { c as d } from './x/c.js';\nd(b);\n"),
        ("x/b.js", "import {\n  c,\n} from './c.js';\nexport const b = c();\n"),
        ("x/c.js", "const b = 1;\nexport async function c() {}\nexport class E {}\n"),
    ])
    .unwrap();
    let c = "modules['x/c.js'] = (() => {\nconst b = 1;\nasync function c() {}\nclass E {}\nreturn { c, E };\n})();\n";
    let b =
        "modules['x/b.js'] = (() => {\nconst {\n  c,\n} = modules['x/c.js'];\nconst b = c();\nreturn { b };\n})();\n";
    let a = "modules['a.js'] = (() => {\nconst { b } = modules['x/b.js'];\nconst { c: d } = modules['x/c.js'];\nd(b);\nreturn {  };\n})();\n";
    assert_eq!(document, format!("<script type=\"module\">\nconst modules = {{}};\n{c}{b}{a}</script>"));
}

#[rstest::rstest]
#[case::itself("import { a } from './a.js';\n", BoardError::Circle("a.js".into()))]
#[case::nothing("import { b } from './b.js';\n", BoardError::Missing("b.js".into()))]
#[case::everything("import * as a from './a.js';\n", form("import * as a from './a.js';"))]
#[case::the_default("export default 1;\n", form("export default 1;"))]
#[case::a_list("const a = 1;\nexport { a };\n", form("export { a };"))]
#[case::the_end("const a = '</SCRIPT>';\n", BoardError::Ends("a.js".into()))]
#[case::a_comment("const a = '<!--';\n", BoardError::Ends("a.js".into()))]
fn what_cannot_be_put_together_is_said(#[case] module: &str, #[case] error: BoardError) {
    assert_eq!(of(&[("a.js", module)]), Err(error));
}

fn form(line: &str) -> BoardError {
    BoardError::Form { file: "a.js".into(), line: line.into() }
}
