use super::*;

fn parse(line: &str) -> Result<Cli, clap::error::ErrorKind> {
    Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.kind())
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_command_it_serves() {
    assert!(parse("errand").unwrap().command.is_none());
    assert!(
        matches!(parse("errand serve --config x.toml").unwrap().config, Some(file) if file.as_os_str() == "x.toml")
    );
}

#[rstest::rstest]
#[case("errand fly")]
#[case("errand serve --fast")]
#[case("errand user add ann")]
#[case("errand chat --server nowhere")]
#[case("errand completions pigeon")]
fn what_it_does_not_know_is_wrong_usage(#[case] line: &str) {
    let error = Cli::try_parse_from(line.split_whitespace()).unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
}

#[rstest::rstest]
#[case("errand --list-api serve")]
#[case("errand --list-ws user list")]
#[case("errand --list-api --config x.toml config")]
#[case("errand --list-api --list-ws")]
fn a_list_is_printed_alone(#[case] line: &str) {
    let refused = parse(line).and_then(|cli| cli.checked().map_err(|error| error.kind()));
    assert_eq!(refused.err(), Some(ErrorKind::ArgumentConflict));
}

#[rstest::rstest]
#[case("errand --list-api")]
#[case("errand --list-ws")]
#[case("errand serve")]
fn a_list_or_a_command_is_enough(#[case] line: &str) {
    assert!(parse(line).unwrap().checked().is_ok());
}

#[test]
fn a_token_does_not_show_itself() {
    let cli = parse("errand chat --token eyJhbGciOiJIUzI1NiJ9.x.y").unwrap();
    assert!(!format!("{cli:?}").contains("eyJ"));
}

#[test]
fn the_help_teaches_and_names_every_command() {
    let help = Cli::command().render_long_help().to_string();
    for word in ["serve", "config", "migrate", "user", "chat", "completions", "Examples:", "OPENAI_API_KEY"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[rstest::rstest]
#[case("a task\x1b[2J\x07", "a task[2J")]
#[case("two\nlines\tand é", "two\nlines\tand é")]
fn a_terminal_is_not_steered_by_what_people_wrote(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(print::harmless(text), shown);
}

#[test]
fn the_lists_have_a_line_for_every_operation_and_every_event() {
    let (api, sockets) = (list::api(), list::sockets());
    let mut lines = api.lines();
    for face in &crate::faces::ALL {
        for route in (face.routes)() {
            let line: Vec<_> = lines.next().unwrap().split_whitespace().collect();
            let listener = format!(":{}", face.listener.port());
            assert_eq!(line, [route.method.as_str(), &face.path(&route), face.name, &listener]);
        }
    }
    assert_eq!(lines.next(), None);

    let mut lines = sockets.lines();
    for event in
        crate::faces::ALL.iter().filter_map(|face| face.socket.as_ref()).flat_map(crate::faces::event::Socket::events)
    {
        let line = lines.next().unwrap();
        assert!(line.contains(&event.direction.to_string()) && line.contains(&event.name), "{line}");
        let example: serde_json::Value = serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap();
        assert_eq!(example, event.example);
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn the_lists_stand_alone() {
    assert!(parse("errand --list-api").unwrap().list_api);
    assert!(parse("errand --list-ws").unwrap().list_ws);
    assert_eq!(parse("errand --list-api --list-ws").unwrap_err(), clap::error::ErrorKind::ArgumentConflict);
}
