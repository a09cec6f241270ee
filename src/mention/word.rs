//! Whether somebody speaks to the assistant, and what they say then.

/// What is asked of whoever is called `name` by somebody who says this; none when they are not mentioned. The name stands by itself, after
/// an `@` and in whatever case; in lines that quote somebody else (`> …`) nobody is mentioned.
pub(super) fn request(said: &str, name: &str) -> Option<String> {
    let own = said.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n");
    let (before, after) =
        own.match_indices('@').find_map(|(at, _)| Some((&own[..at], rest(&own[..at], &own[at + 1..], name)?)))?;
    let after = after.trim_start_matches([',', ':', ';']).trim();
    let before = before.trim();
    let request = [before, after].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    Some(if request.is_empty() { own.trim().to_owned() } else { request })
}

/// What comes after the name, if `after` begins with it and it stands by itself.
fn rest<'a>(before: &str, after: &'a str, name: &str) -> Option<&'a str> {
    let (here, rest) = after.split_at_checked(name.len())?;
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let joined = |c: char| matches!(c, '-' | '.');
    let mut following = rest.chars();
    let ends = match following.next() {
        Some(c) if in_name(c) || c == '@' => false,
        Some(c) if joined(c) => !following.next().is_some_and(in_name), // a longer name, or an address
        Some(_) | None => true,
    };
    let begins = !before.ends_with(|c: char| in_name(c) || joined(c) || c == '@');
    (begins && ends && here.eq_ignore_ascii_case(name)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::request;

    #[rstest]
    #[case("@errand remind us to book the hall", "remind us to book the hall")]
    #[case("@Errand, remind me", "remind me")]
    #[case("@ERRAND: what is left?", "what is left?")]
    #[case("hey @errand what is left?", "hey what is left?")]
    #[case("add milk please @errand.", "add milk please .")]
    #[case("@errand\nadd milk\nadd bread", "add milk\nadd bread")]
    #[case("(@errand) yes", "( ) yes")]
    #[case("> call Ann\n@errand add that", "add that")]
    #[case("@anna, @errand add ü", "@anna, add ü")]
    #[case("  @errand  ", "@errand")]
    fn spoken_to(#[case] said: &str, #[case] asked: &str) {
        assert_eq!(request(said, "errand").as_deref(), Some(asked));
    }

    #[rstest]
    #[case("errand, remind me")]
    #[case("write to me@errand")]
    #[case("write to me@errand.com or @errand.com")]
    #[case("@errands")]
    #[case("@errand_two")]
    #[case("@errand-assistant add milk")]
    #[case("@@errand")]
    #[case("@errand@example.com")]
    #[case("> @errand add milk\nshe said")]
    #[case("@erränd")]
    #[case("@erran")]
    #[case("@")]
    #[case("")]
    fn not_spoken_to(#[case] said: &str) {
        assert_eq!(request(said, "errand"), None);
    }

    #[test]
    fn another_name() {
        assert_eq!(request("@errand-assistant: hi", "errand-assistant").as_deref(), Some("hi"));
        assert_eq!(request("@errand hi", "errand-assistant"), None);
    }
}
