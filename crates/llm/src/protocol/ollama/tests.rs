mod requests;

use serde_json::json;

use super::Ollama;
use crate::protocol::replayed::*;
use crate::{Message, Request, Settings};

const BASE: &str = "http://127.0.0.1:11434";

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    successes_agree(&Ollama, &recorded("ollama"), 20, |_, _, _| {});
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    cut_streams_are_truncated(&Ollama, &recorded("ollama"));
}

#[test]
fn damaged_replies_never_panic() {
    damage_is_survived(&Ollama, &recorded("ollama"));
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    errors_agree(&Ollama, &recorded("ollama"));
}

#[test]
fn all_settings_are_options_and_extras_join_them() {
    let settings = Settings {
        max_tokens: Some(9),
        temperature: Some(0.5),
        top_p: Some(0.25),
        stop: vec!["END".into()],
        seed: Some(-1),
        ..Settings::default()
    };
    let mut request =
        Request::new(vec![Message::assistant("before"), Message::user("hi")]).system("be brief");
    request = request.settings(settings).streamed();
    request.extra.insert("think".into(), json!(true));
    request.extra.insert("options".into(), json!({"num_ctx": 8192, "seed": 3}));
    let (url, headers, body) = encoded(&Ollama, BASE, "qwen3:4b", &request);
    assert_eq!(url, "http://127.0.0.1:11434/api/chat");
    assert_eq!(headers["accept"], "application/x-ndjson");
    assert_eq!(
        body,
        json!({
            "model": "qwen3:4b", "stream": true, "think": true,
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "assistant", "content": "before"},
                {"role": "user", "content": "hi"},
            ],
            "options": {"num_predict": 9, "temperature": 0.5, "top_p": 0.25, "stop": ["END"], "seed": 3, "num_ctx": 8192},
        })
    );
    let (_, _, plain) = encoded(&Ollama, BASE, "m", &Request::prompt("hi"));
    assert_eq!(
        plain,
        json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": false})
    );
}

#[test]
fn an_error_in_the_middle_of_a_stream_comes_after_the_text_before_it() {
    for case in shapes("ollama") {
        let (response, end) = streamed(&Ollama, [&case.response[..]]);
        assert_eq!(response.text, case.expected["text"].as_str().unwrap());
        let error = end.unwrap_err();
        assert_eq!(error.code().as_str(), "UNAVAILABLE", "the server's own failure");
        assert!(error.message().contains(case.expected["error"]["message"].as_str().unwrap()));
    }
}

#[test]
fn calls_of_old_servers_have_neither_ids_nor_numbers() {
    let call = |name: &str| json!({"function": {"name": name, "arguments": {"x": 1}}});
    let body = json!({"message": {"content": "", "tool_calls": [call("f"), call("f"), {"function": null}]}, "done": true});
    let reply = whole(&Ollama, &body).unwrap();
    let calls: Vec<_> = reply.tool_calls.iter().map(|call| (&call.name[..], &call.arguments[..])).collect();
    assert_eq!(calls, [("f", "{\"x\":1}"), ("f", "{\"x\":1}")]);
    assert_eq!(reply.finish_reason.unwrap().as_str(), "tool_calls");
    assert!(reply.usage.is_none());
}

#[test]
fn other_shapes_are_passed_over_and_other_servers_refused() {
    let odd = json!({"message": {"content": 5, "thinking": [], "tool_calls": "no"}, "model": null,
                     "eval_count": "many", "prompt_eval_count": 3, "done": true, "done_reason": 5});
    let reply = whole(&Ollama, &odd).unwrap();
    assert_eq!((reply.text.as_str(), reply.usage.unwrap().input), ("", Some(3)));
    for body in [json!({}), json!([1]), json!({"choices": [{"message": {}}]}), json!("text")] {
        assert_eq!(whole(&Ollama, &body).unwrap_err().code().as_str(), "PROTOCOL", "{body}");
    }
    let (response, end) =
        streamed(&Ollama, [&b"{\"status\":\"pulling\"}\n{\"message\":{\"content\":\"a\"}}\noops\n"[..]]);
    assert_eq!(response.text, "a");
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
}

#[test]
fn an_error_in_a_whole_reply_and_words_about_the_context_are_understood() {
    let inside = whole(&Ollama, &json!({"error": "llama runner process has terminated"})).unwrap_err();
    assert_eq!(inside.code().as_str(), "UNAVAILABLE");
    let code = |status, body: &str| explained(&Ollama, status, body).code().as_str();
    assert_eq!(code(400, r#"{"error":"the input length exceeds the context length"}"#), "CONTEXT_LENGTH");
    assert_eq!(code(503, r#"{"error":"server busy, please try again"}"#), "UNAVAILABLE");
    assert_eq!(code(401, r#"{"error":{"message":"unauthorized"}}"#), "AUTH");
    assert_eq!(code(502, "<html>Bad gateway</html>"), "UNAVAILABLE");
}
