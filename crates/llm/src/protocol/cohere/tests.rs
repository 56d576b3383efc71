mod requests;

use serde_json::json;

use super::Cohere;
use crate::protocol::replayed::*;
use crate::{Message, Request, Settings};

const BASE: &str = "https://api.cohere.com";

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    successes_agree(&Cohere, &recorded("cohere2"), 20, |_, _, _| {});
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    cut_streams_are_truncated(&Cohere, &recorded("cohere2"));
}

#[test]
fn damaged_replies_never_panic() {
    damage_is_survived(&Cohere, &recorded("cohere2"));
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    errors_agree(&Cohere, &recorded("cohere2"));
    for case in shapes("cohere2") {
        let error = explain(&Cohere, case);
        assert_eq!(error.code().as_str(), "RATE_LIMITED");
    }
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let settings = Settings {
        max_tokens: Some(9),
        temperature: Some(0.5),
        top_p: Some(0.25),
        stop: vec!["END".into()],
        seed: Some(7),
        ..Settings::default()
    };
    let mut request =
        Request::new(vec![Message::assistant("before"), Message::user("hi")]).system("be brief");
    request = request.settings(settings).streamed();
    request.extra.insert("thinking".into(), json!({"type": "enabled"}));
    let (url, _, body) = encoded(&Cohere, BASE, "command-a-03-2025", &request);
    assert_eq!(url, "https://api.cohere.com/v2/chat");
    assert_eq!(
        body,
        json!({
            "model": "command-a-03-2025", "stream": true, "max_tokens": 9, "temperature": 0.5, "p": 0.25,
            "stop_sequences": ["END"], "seed": 7, "thinking": {"type": "enabled"},
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "assistant", "content": "before"},
                {"role": "user", "content": "hi"},
            ],
        })
    );
}

#[test]
fn an_end_with_an_error_is_one_after_the_text_before_it() {
    let stream = "event: content-delta\ndata: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"so far\"}}}}\n\n\
                  data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"boom\",\"usage\":null}}\n\n";
    let (response, end) = streamed(&Cohere, [stream.as_bytes()]);
    assert_eq!(response.text, "so far");
    let error = end.unwrap_err();
    assert_eq!(error.code().as_str(), "UNAVAILABLE");
    assert!(error.message().contains("boom"));
    let (_, end) =
        streamed(&Cohere, [&b"data: {\"id\":\"x\",\"message\":\"too many tokens: say less\"}\n\n"[..]]);
    let error = end.unwrap_err();
    assert_eq!((error.code().as_str(), error.context().request_id.as_deref()), ("CONTEXT_LENGTH", Some("x")));
}

#[test]
fn events_are_known_by_their_type_or_their_name_and_others_pass_through() {
    let stream = "event: content-delta\ndata: {\"delta\":{\"message\":{\"content\":{\"text\":\"a\"}}}}\n\n\
                  event: debug\ndata: {\"type\":\"debug\",\"prompt\":\"p\"}\n\n\
                  event: tool-call-start\ndata: {\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"1\",\"function\":{\"name\":\"f\"}}}}}\n\n\
                  event: message-end\ndata: {\"delta\":{\"finish_reason\":\"COMPLETE\",\"usage\":{\"tokens\":{\"input_tokens\":3.0,\"output_tokens\":-1}}}}\n\n\
                  data: [DONE]\n\n";
    let (response, end) = streamed(&Cohere, [stream.as_bytes()]);
    end.unwrap();
    assert_eq!((response.text.as_str(), response.tool_calls.len()), ("a", 1));
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
    let usage = response.usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(3), None));
    let (events, _) = crate::protocol::decode_streamed(&Cohere, 1000, [stream.as_bytes()]);
    assert!(
        events.iter().any(|event| matches!(event, crate::Event::Unknown(text) if text.contains("debug")))
    );
}

#[test]
fn other_shapes_are_passed_over_and_other_servers_refused() {
    let odd = json!({"id": 5, "message": {"content": [null, "x", {"text": 5}, {"type": "text", "text": "a"}],
                     "tool_calls": "no", "citations": {}}, "finish_reason": null, "usage": []});
    let reply = whole(&Cohere, &odd).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish_reason.unwrap().as_str()), ("a", "other"));
    for body in [json!({}), json!([1]), json!({"choices": []}), json!("text")] {
        assert_eq!(whole(&Cohere, &body).unwrap_err().code().as_str(), "PROTOCOL", "{body}");
    }
    let (_, end) = streamed(&Cohere, [&b"data: oops\n\n"[..]]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    let (_, end) = streamed(&Cohere, [&b"data: [DONE]\n\n"[..]]);
    assert_eq!(end.unwrap_err().code().as_str(), "TRUNCATED");
}

#[test]
fn an_error_is_known_by_its_status_its_type_and_its_words() {
    let code = |status, body: &str| explained(&Cohere, status, body).code().as_str();
    assert_eq!(code(400, r#"{"message":"invalid request"}"#), "REJECTED");
    assert_eq!(code(400, r#"{"error_type":"TOO_MANY_TOKENS","message":"no"}"#), "CONTEXT_LENGTH");
    assert_eq!(code(402, r#"{"message":"add a payment method"}"#), "QUOTA");
    assert_eq!(
        code(429, r#"{"message":"a Trial key, which is limited to 1000 API calls / month"}"#),
        "QUOTA"
    );
    assert_eq!(
        code(429, r#"{"message":"a Trial key, which is limited to 20 API calls / minute"}"#),
        "RATE_LIMITED"
    );
    assert_eq!(code(498, r#"{"message":"blocked"}"#), "REFUSED");
    assert_eq!(code(503, "upstream"), "UNAVAILABLE");
    let inside = whole(&Cohere, &json!({"message": "internal server error"})).unwrap_err();
    assert_eq!(inside.code().as_str(), "UNAVAILABLE");
}
