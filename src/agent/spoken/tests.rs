use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn tools() -> Vec<ToolSpec> {
    ["list_tasks", "create_tasks", "undo"]
        .map(|name| ToolSpec { name: name.into(), description: String::new(), schema: json!({}) })
        .to_vec()
}

fn heard(pieces: &[&str], tools: &[ToolSpec]) -> (String, Vec<Spoken>) {
    let mut ear = Ear::new(tools);
    let mut text: String = pieces.iter().map(|piece| ear.hear(piece)).collect();
    let (rest, calls) = ear.end();
    text.push_str(&rest);
    (text, calls)
}

fn whole(text: &str) -> (String, Vec<(String, Value)>) {
    let (text, calls) = heard(&[text], &tools());
    (text, calls.into_iter().map(|call| (call.name, call.arguments)).collect())
}

const MILK: &str = r#"{"name": "create_tasks", "arguments": {"tasks": [{"title": "Milk {2 l}"}]}}"#;

#[rstest]
#[case("```json\n{MILK}\n```", "")]
#[case("```json {MILK}```", "")]
#[case("```\n{MILK}\n```", "")]
#[case("{MILK}", "")]
#[case("[{MILK}]", "")]
#[case("  \n{MILK}\n", "")]
#[case("Sure, I'll add it.\n\n```json\n{MILK}\n```\n\nThe task was created with the id t_1.", "Sure, I'll add it.")]
#[case("Sure.\n{MILK}\nDone!", "Sure.")]
#[case("<tool_call>\n{MILK}\n</tool_call>", "")]
#[case("<tool_call>{MILK}", "")]
#[case("Right away: <tool_call>{MILK}</tool_call>", "Right away:")]
#[case("<tool_call>```json\n{MILK}\n```</tool_call>", "")]
#[case("```xml\n<tool_call>{MILK}</tool_call>\n```", "")]
#[case("{MILK}}\n</tool_call>", "")]
#[case("[TOOL_CALL]{MILK}[/TOOL_CALL]", "")]
#[case("[TOOL_CALLS] [{MILK}]", "")]
#[case("<|python_tag|>{MILK}", "")]
#[case(r#"{"tool_calls": [{MILK}]}"#, "")]
#[case(r#"{"tool_call": {MILK}}"#, "")]
#[case(r#"{"id": "c1", "type": "function", "function": {MILK}}"#, "")]
#[case(r#"{"function":{"name":"create_tasks","arguments":"{\"tasks\":[{\"title\":\"Milk {2 l}\"}]}"}}"#, "")]
#[case(r#"{"name":"create_tasks","parameters":{"tasks":[{"title":"Milk {2 l}"}]}}"#, "")]
#[case(r#"{"tool":"create_tasks","args":{"tasks":[{"title":"Milk {2 l}"}]}}"#, "")]
#[case(r#"<function=create_tasks>{"tasks":[{"title":"Milk {2 l}"}]}</function>"#, "")]
#[case(
    "<tool_call>\n<function=create_tasks>\n<parameter=tasks>\n[{\"title\":\"Milk {2 l}\"}]\n</parameter>\n</function>\n</tool_call>",
    ""
)]
#[case(
    "<tools>\n  <function name=\"create_tasks\" arguments='{\"tasks\":[{\"title\":\"Milk {2 l}\"}]}'/>\n</tools>",
    ""
)]
#[case("<function name='create_tasks' arguments={\"tasks\":[{\"title\":\"Milk {2 l}\"}]}></function>", "")]
#[case("<tools>\n  <create_tasks tasks='[{\"title\":\"Milk {2 l}\"}]' />\n</tools>", "")]
#[case("<tool_call><create_tasks tasks='[{\"title\":\"Milk {2 l}\"}]'></create_tasks></tool_call>", "")]
#[case("```tool_code\ncreate_tasks(tasks=[{\"title\": \"Milk {2 l}\"}])\n```", "")]
#[case("```tool_code\nprint(default_api.create_tasks({\"tasks\": [{\"title\": \"Milk {2 l}\"}]}))\n```", "")]
#[case("```tool_code\n{MILK}\n```", "")]
#[case(r#"[TOOL_CALLS]create_tasks[ARGS]{"tasks":[{"title":"Milk {2 l}"}]}"#, "")]
#[case("<think>The user wants {\"milk\"}.\n```\n</think>\n\n<tool_call>{MILK}</tool_call>", "")]
fn a_written_call_is_found_and_taken_out(#[case] text: &str, #[case] words: &str) {
    let expected = ("create_tasks".to_owned(), json!({"tasks": [{"title": "Milk {2 l}"}]}));
    let text = text.replace("{MILK}", MILK);
    assert_eq!(whole(&text), (words.to_owned(), vec![expected]), "{text}");
}

#[rstest]
#[case("<tool_call>{MILK}</tool_call>\n<tool_call>{LIST}</tool_call>")]
#[case("```json\n{MILK}\n{LIST}\n```")]
#[case("```json\n{MILK}\n```\n```json\n{LIST}\n```")]
#[case("```json\n{MILK}\n```\n\n```json {LIST}\n```")]
#[case("[{MILK}, {LIST}]")]
#[case("{MILK}\n{LIST}")]
#[case("Both:\n{\"tool_calls\":[{MILK},{LIST}]}")]
#[case("<tool_call>{MILK}\n{LIST}\n</tool_call>")]
#[case("<tool_call>{MILK}</tool_call><tool_call>{LIST}")]
#[case("{MILK}\n{LIST}\nI created it, and now:\n{MILK}")]
fn several_calls_are_found(#[case] text: &str) {
    let text = text.replace("{MILK}", MILK).replace("{LIST}", r#"{"name":"list_tasks"}"#);
    let names: Vec<String> = whole(&text).1.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["create_tasks", "list_tasks"], "{text}");
}

#[rstest]
#[case("You have no tasks for today.")]
#[case(
    r#"```json
{"name": "Ann", "arguments": "none"}
```
That is it."#
)]
#[case(r#"{"name": "unknown_tool", "arguments": {}}"#)]
#[case(r#"<tool_call>{"name": "unknown_tool", "arguments": {}}</tool_call>"#)]
#[case("<tool_call> is the mark of a call")]
#[case(r#"{"name": "undo", "age": 3}"#)]
#[case(r#"{"tasks": [{"title": "Milk"}]}"#)]
#[case(r#"{"name": "create_tasks", "arguments": {"tasks": ["#)]
#[case("{\"name\": \"create_tasks\", 'arguments': {}}")]
#[case("```rust\nfn main() { let list_tasks = 1; }\n```\nand more")]
#[case("```\nlist_tasks()\n```")]
#[case("- [ ] Milk\n- [x] Bread\n[1] see [here](#t_12)\n[a](b)")]
#[case("1 < 2 and `x` and ``` in the middle")]
#[case("```json\n[\n  1,\n  2\n]\n```")]
#[case("a <b")]
#[case("[TOOL")]
#[case("``")]
#[case("```json")]
#[case("I use `{\"name\":\"undo\"}` for that.")]
#[case("<function=unknown>{}</function>")]
#[case("<function=undo")]
fn what_is_no_call_stays_text(#[case] text: &str) {
    assert_eq!(whole(text), (text.to_owned(), vec![]));
}

#[test]
fn broken_arguments_are_kept_so_that_the_model_can_be_told() {
    let text = r#"{"name": "create_tasks", "arguments": "{\"tasks\": ["}"#;
    assert_eq!(whole(text).1, [("create_tasks".to_owned(), json!("{\"tasks\": ["))]);
}

#[test]
fn thoughts_are_not_said() {
    assert_eq!(whole("<think>\nHm <tool_call> hm\n</think>\n\nHello <think> you").0, "Hello <think> you");
    assert_eq!(whole("<think>for ever").0, "");
}

#[test]
fn prose_is_heard_at_once_and_a_code_block_when_it_is_clear() {
    let mut ear = Ear::new(&tools());
    assert_eq!(ear.hear("You have"), "You have");
    assert_eq!(ear.hear(" two tasks:\n"), " two tasks:");
    assert_eq!(ear.hear("```py"), "");
    assert_eq!(ear.hear("thon\npr"), "\n```python\npr");
    assert_eq!(ear.hear("int(1)\n```\n{\"a\""), "int(1)\n```");
    assert_eq!(ear.hear(": 1}"), "\n{\"a\": 1}");
    assert_eq!(ear.hear(" or [milk](#t_1) <b"), " or [milk](#t_1) <b");
}

#[test]
fn what_is_held_back_is_bounded() {
    let mut ear = Ear::new(&tools());
    let begun = ear.hear(&format!("{{\"a\": \"{}", "x".repeat(HOLD)));
    assert!(begun.starts_with("{\"a\""), "{} bytes held", ear.held.len());
}

fn fragment() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "```",
        "```json\n",
        "```tool_code\n",
        "\n",
        " ",
        "<tool_call>",
        "</tool_call>",
        "[TOOL_CALL]",
        "[TOOL_CALLS]",
        "[ARGS]",
        "<function=undo>",
        "</function>",
        "<parameter=a>",
        "</parameter>",
        "{",
        "}",
        "[",
        "]",
        "<",
        "`",
        "\"",
        "{}",
        "undo(",
        "a=1",
        ")",
        r#"{"name":"undo","arguments":{}}"#,
        r#"{"name":"list_tasks"}"#,
        r#"{"name":"other"}"#,
        "Done, I did.",
        "é雨",
        ",",
        "<think>",
        "</think>",
        "undo",
    ]);
    prop_oneof![4 => marks.prop_map(str::to_owned), 1 => ".{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn it_does_not_matter_how_the_text_is_cut(
        parts in prop::collection::vec(fragment(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text = parts.concat();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        ends.extend([0, text.len()]);
        ends.sort_unstable();
        let pieces: Vec<&str> = ends.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect();
        prop_assert_eq!(heard(&pieces, &tools()), heard(&[&text], &tools()));
    }

    #[test]
    fn without_tools_nothing_is_lost(parts in prop::collection::vec(fragment(), 0..12)) {
        let text = parts.concat().replace("think>", "");
        prop_assert_eq!(heard(&[&text], &[]), (text.trim().to_owned(), vec![]));
    }

    #[test]
    fn plain_prose_is_not_delayed(pieces in prop::collection::vec("[a-zA-Zäß雨.,!?*#\n -]{1,8}", 1..8)) {
        let mut ear = Ear::new(&tools());
        let mut heard = String::new();
        let mut text = String::new();
        for piece in &pieces {
            text.push_str(piece);
            heard.push_str(&ear.hear(piece));
            prop_assert_eq!(&heard, text.trim());
        }
    }
}

#[test]
fn marks_without_a_call_say_nothing() {
    assert_eq!(whole("<tools></tools>"), (String::new(), Vec::new()));
    assert_eq!(whole("<tool_call>\n</tool_call>"), (String::new(), Vec::new()));
    assert_eq!(whole("<tools><fly to=\"Rome\"/></tools>").1, Vec::new());
    let prose = "Write <function name> in angle brackets, or <function name=\"fly\" arguments='{}'/>.";
    assert_eq!(whole(prose), (prose.to_owned(), Vec::new()));
}
