//! Text that people and models write: trimmed, bounded, without control characters.

use crate::error::{Problem, Rule};

/// `text` without surrounding white space and without control characters; those that part words become a space.
/// Line breaks stay when `lines` is true.
pub(crate) fn clean(text: &str, lines: bool) -> String {
    let kept: String = text
        .chars()
        .map(|c| if lines && c == '\r' { '\n' } else { c })
        .filter_map(|c| match c {
            '\n' if lines => Some(c),
            '\t' | '\n' | '\r' => Some(' '),
            c if c.is_control() || invisible(c) => None,
            c => Some(c),
        })
        .collect();
    kept.trim_matches(|c: char| c.is_whitespace() || joins(c)).to_owned()
}

/// Characters that change how text around them is shown, and show nothing themselves: used to disguise, never to write.
/// The joiners stay inside: emoji and Persian need them.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Tells its neighbours to join, or not to; by itself it is nothing.
fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Checks that `text` has from `min` to `max` characters.
pub(crate) fn length(field: &'static str, text: &str, min: usize, max: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length < min {
        return Err(Problem::new(
            field,
            if length == 0 { "must not be empty".into() } else { format!("must have at least {min} characters") },
        ));
    }
    if length > max {
        let problem = Problem::new(field, format!("must have at most {max} characters, this has {length}"));
        return Err(problem.of(Rule::Length));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_emoji_stay() {
        assert_eq!(clean(" a\u{0}b\u{7}\tc\r\n ", false), "ab c");
        assert_eq!(clean("one\r\ntwo\u{202e}", true), "one\n\ntwo");
        assert_eq!(clean("\u{200b} \u{200d}\u{2060}", false), "", "nobody sees it");
        assert_eq!(clean("👩\u{200d}🚀 launch", false), "👩\u{200d}🚀 launch");
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(length("title", &"é".repeat(200), 1, 200).is_ok());
        assert_eq!(
            length("title", &"é".repeat(201), 1, 200).unwrap_err().message,
            "must have at most 200 characters, this has 201"
        );
        assert_eq!(length("title", "", 1, 200).unwrap_err().message, "must not be empty");
    }
}
