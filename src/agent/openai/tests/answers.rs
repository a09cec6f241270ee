//! What a provider may answer.

use super::*;

#[tokio::test]
async fn text_is_heard_as_it_comes() {
    let usage =
        data(&json!({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}));
    let events = vec![
        delta(&json!({"role": "assistant", "content": ""})),
        said("You have "),
        said("2 tasks."),
        finish("stop"),
        usage,
        done(),
    ];
    let seen = ask(vec![Play::Events(events)]).await;
    assert_eq!(seen.heard, ["You have", " 2 tasks."]);
    let expected = Reply { text: "You have 2 tasks.".into(), calls: vec![], usage: Usage { input: 12, output: 3 } };
    assert_eq!(seen.result.as_ref().unwrap(), &expected);
    let (headers, body) = &seen.requests[0];
    assert_eq!(headers["authorization"], "Bearer sk-very-secret");
    assert_eq!(body["model"], "small");
    assert_eq!(body["stream"], true);
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "You are Errand."}));
    assert_eq!(body["tools"][1]["function"]["name"], "list_tasks");
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let seen = ask_with(vec![hello()], request(), |provider| provider.api_key = None).await;
    assert_eq!(seen.text(), "Hello.");
    assert!(!seen.requests[0].0.contains_key("authorization"));
}

#[tokio::test]
async fn calls_come_in_pieces_and_side_by_side() {
    let seen = ask(vec![pieces(&[
        json!({"index": 0, "id": "a", "type": "function", "function": {"name": "create_tasks", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "{\"tasks\": [{\"ti"}}),
        json!({"index": 1, "id": "b", "type": "function", "function": {"name": "list_tasks", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "tle\": \"Milk\"}]}"}}),
        json!({"index": 1, "function": {"arguments": "{}"}}),
    ])])
    .await;
    assert_eq!(seen.calls(), [("create_tasks", &json!({"tasks": [{"title": "Milk"}]})), ("list_tasks", &json!({}))]);
    let ids: Vec<_> = seen.result.unwrap().calls.into_iter().map(|call| call.id).collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(seen.heard.is_empty());
}

#[rstest]
// No ids and no indexes; the arguments an object (Ollama).
#[case(vec![
    json!({"function": {"name": "list_tasks", "arguments": {"status": "all"}}}),
    json!({"function": {"name": "list_tasks", "arguments": {"status": "open"}}}),
])]
// All calls numbered 0, whole, with ids of their own (Gemini).
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 0, "id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// All calls numbered 0, without ids.
#[case(vec![
    json!({"index": 0, "id": "", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 0, "id": null, "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// The same id twice.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"all\"}"}}),
    json!({"index": 1, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":\"open\"}"}}),
])]
// The id and the name in every piece.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "\"all\"}"}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": "\"open\"}"}}),
    json!({"index": 1, "function": {"name": "list_tasks", "arguments": ""}}),
])]
// No indexes; pieces follow their ids.
#[case(vec![
    json!({"id": "a", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"function": {"arguments": "\"all\"}"}}),
    json!({"id": "b", "function": {"name": "list_tasks", "arguments": "{\"status\":"}}),
    json!({"function": {"arguments": "\"open\"}"}}),
])]
// JSON in a string in a string.
#[case(vec![
    json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "\"{\\\"status\\\":\\\"all\\\"}\""}}),
    json!({"index": 1, "id": "b", "function": {"name": "list_tasks", "arguments": {"status": "open"}}}),
])]
#[tokio::test]
async fn servers_have_their_ways(#[case] sent: Vec<Value>) {
    let seen = ask(vec![pieces(&sent)]).await;
    assert_eq!(seen.calls(), [("list_tasks", &json!({"status": "all"})), ("list_tasks", &json!({"status": "open"}))]);
    let calls = seen.result.unwrap().calls;
    assert!(!calls[0].id.is_empty() && !calls[1].id.is_empty() && calls[0].id != calls[1].id, "{calls:?}");
}

#[tokio::test]
async fn an_id_of_the_conversation_is_not_used_again() {
    let mut request = request();
    let before = ToolCall { id: "call_0".into(), name: "list_tasks".into(), arguments: json!({}) };
    request.lines.insert(0, Line::Assistant { text: String::new(), calls: vec![before] });
    let sent = json!({"index": 0, "id": "call_0", "function": {"name": "list_tasks", "arguments": "{}"}});
    let seen = ask_with(vec![pieces(&[sent])], request, |_| ()).await;
    assert_ne!(seen.result.unwrap().calls[0].id, "call_0");
}

#[tokio::test]
async fn broken_arguments_are_kept_as_they_came() {
    let sent = json!({"index": 0, "id": "a", "function": {"name": "create_tasks", "arguments": "{\"tasks\": [}"}});
    assert_eq!(ask(vec![pieces(&[sent])]).await.calls(), [("create_tasks", &json!("{\"tasks\": [}"))]);
    let sent = json!({"index": 0, "id": "a", "function": {"name": "list_tasks"}});
    assert_eq!(ask(vec![pieces(&[sent])]).await.calls(), [("list_tasks", &json!({}))]);
}

#[tokio::test]
async fn a_call_written_as_text_is_a_call() {
    let text = ["Sure.\n```js", "on\n{\"name\": \"list_tasks\", \"argum", "ents\": {}}\n``", "`\nHere they are: none."];
    let mut events: Vec<Event> = text.map(said).to_vec();
    events.push(finish("stop"));
    let seen = ask(vec![Play::Events(events)]).await;
    assert_eq!((seen.text(), seen.calls()), ("Sure.", vec![("list_tasks", &json!({}))]));
    assert_eq!(seen.on_screen(), "Sure.");
}

#[tokio::test]
async fn a_model_that_must_answer_in_words_makes_no_calls() {
    let sent = || pieces(&[json!({"index": 0, "id": "a", "function": {"name": "list_tasks", "arguments": "{}"}})]);
    let written = || Play::Events(vec![said("Stopped.\n{\"name\": \"list_tasks\"}"), finish("stop")]);
    for (scene, text) in [(sent(), ""), (written(), "Stopped.")] {
        let request = Request { may_call: false, ..request() };
        let seen = ask_with(vec![scene], request, |_| ()).await;
        assert_eq!((seen.text(), seen.calls()), (text, vec![]));
        assert_eq!(seen.requests[0].1.get("tools"), None);
    }
}

#[tokio::test]
async fn what_the_model_thinks_and_odd_fields_are_let_pass() {
    let seen = ask(vec![Play::Events(vec![
        delta(&json!({"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": null})),
        Event::Data(r#"{"choices":null,"usage":null}"#.into()),
        Event::Data(r#"{"choices":[{"delta":{"content":[{"type":"text","text":"Hello"}]},"index":"0","finish_reason":""}]}"#.into()),
        Event::Data(r#"{"choices":[{"delta":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":null,"completion_tokens":1}}"#.into()),
    ])])
    .await;
    assert_eq!(seen.text(), "Hello");
    assert_eq!(seen.result.unwrap().usage, Usage { input: 0, output: 1 });
}

#[tokio::test]
async fn an_empty_answer_without_usage_is_an_empty_answer() {
    let seen = ask(vec![Play::Events(vec![finish("stop"), done()])]).await;
    assert_eq!(seen.result.unwrap(), Reply::default());
}
