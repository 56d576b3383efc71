//! What was not recorded.

use super::*;

/// A stream of these replies as events.
fn events(replies: &[Value]) -> String {
    replies.iter().map(|reply| format!("data: {reply}\r\n\r\n")).collect()
}

fn parts(parts: impl Into<Value>) -> Value {
    json!({"candidates": [{"content": {"parts": parts.into()}}]})
}

fn ended(reason: impl Into<Value>) -> Value {
    json!({"candidates": [{"finishReason": reason.into()}]})
}

fn calls(response: &Response) -> Vec<(&str, &str)> {
    response.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect()
}

/// What an error of this status says, alone in a 200 and as an error reply.
fn explained(status: u16, error: &Value) -> Error {
    let body = json!({"error": error}).to_string();
    let found = whole(body.as_bytes()).unwrap_err();
    let (status, headers) = (StatusCode::from_u16(status).unwrap(), HeaderMap::new());
    let error = Gemini.explain(&ErrorReply { status, headers: &headers, body: body.as_bytes() });
    assert_eq!(
        (error.code(), error.message(), error.retry_after()),
        (found.code(), found.message(), found.retry_after())
    );
    error
}

#[test]
fn quotas_that_fill_up_are_waited_for_and_others_are_not() {
    let quota = |id: &str, value: &str| {
        json!({"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota", "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
                {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}, {"quotaId": id, "quotaValue": value}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}]})
    };
    let told = |error: &Value| {
        let error = explained(429, error);
        (error.code().as_str(), error.retry_after().map(|wait| wait.as_millis()))
    };
    assert_eq!(told(&quota("TokensPerMinute", "250000")), ("RATE_LIMITED", Some(1500)));
    assert_eq!(told(&quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "50")), ("QUOTA", None));
    assert_eq!(told(&quota("TokensPerMinute", "0")), ("QUOTA", None));
    let bare = |message: &str| json!({"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message});
    assert_eq!(told(&bare("You exceeded your current quota")), ("RATE_LIMITED", None));
    assert_eq!(told(&bare("Your prepayment credits are depleted.")), ("QUOTA", None));
    assert_eq!(told(&bare("Quota exceeded for metric: m, limit: 0, model: gemini-3-pro")), ("QUOTA", None));
    assert_eq!(told(&bare("Quota exceeded for metric: m, limit: 05")), ("RATE_LIMITED", None));
}

#[test]
fn other_errors_are_told_by_status_reason_and_words() {
    let told = |status: u16, error: Value| explained(status, &error).code().as_str();
    let reason = json!([{"@type": "x/google.rpc.ErrorInfo", "reason": "API_KEY_EXPIRED"}]);
    assert_eq!(told(400, json!({"code": 400, "message": "API key expired", "details": reason})), "AUTH");
    let long = "Unable to submit request because the input token count is 33000 but model only supports up to 32767.";
    assert_eq!(told(400, json!({"code": 400, "message": long})), "CONTEXT_LENGTH");
    let large = "Request payload size exceeds the limit: 20971520 bytes.";
    assert_eq!(told(400, json!({"code": 400, "message": large})), "CONTEXT_LENGTH");
    assert_eq!(told(401, json!({"status": "UNAUTHENTICATED", "message": "no"})), "AUTH");
    assert_eq!(told(503, json!({"status": "UNAVAILABLE"})), "UNAVAILABLE");
    assert_eq!(told(504, json!({"code": 504, "status": "DEADLINE_EXCEEDED", "details": "?"})), "UNAVAILABLE");
    let html =
        ErrorReply { status: StatusCode::BAD_GATEWAY, headers: &HeaderMap::new(), body: b"<p>down</p>" };
    assert!(Gemini.explain(&html).message().contains("<p>down</p>"));
}

#[test]
fn an_error_ends_a_stream_in_every_form() {
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    let before = events(&[parts(json!([{"text": "so far"}]))]);
    let pretty = format!("{error:#}");
    let first = parts(json!([{"text": "so far"}]));
    for body in [
        format!("{before}{pretty}"),
        format!("{before}{pretty}\n"),
        format!("{before}[{pretty}\r\n]"),
        format!("{before}data: {error}\n\n"),
        format!("{before}data: [{error}]\n\n"),
        format!("data: {first}\n{pretty}"),
        format!("[{first}\n,\r\n{pretty}]"),
        format!("\u{feff}[{first},{pretty}"),
        format!("{first}{error}"),
    ] {
        for pieces in [vec![body.as_bytes()], cut(body.as_bytes(), || 1)] {
            let (response, end) = streamed(pieces);
            let error = end.unwrap_err();
            assert_eq!((error.code().as_str(), error.is_retryable()), ("UNAVAILABLE", true), "{body}");
            assert_eq!((response.text.as_str(), response.finish_reason), ("so far", None), "{body}");
        }
    }
    let (_, end) = streamed([&b"event: error\ndata: {\"message\":\"boom\",\"status\":\"INTERNAL\"}\n\n"[..]]);
    assert_eq!(end.unwrap_err().code().as_str(), "UNAVAILABLE");
}

#[test]
fn ends_are_words_or_numbers() {
    let told = |reason: Value| {
        let body = events(&[parts(json!([{"text": "a"}])), ended(reason)]);
        streamed([body.as_bytes()]).0.finish_reason.map(|reason| reason.as_str())
    };
    for (reason, unified) in [
        (json!("STOP"), "stop"),
        (json!(1), "stop"),
        (json!(2), "length"),
        (json!("SPII"), "content_filter"),
        (json!(3), "content_filter"),
        (json!("MALFORMED_FUNCTION_CALL"), "other"),
        (json!(9), "other"),
    ] {
        assert_eq!(told(reason.clone()), Some(unified), "{reason}");
    }
    for none in [json!(null), json!(""), json!(0), json!("FINISH_REASON_UNSPECIFIED"), json!({}), json!([1])]
    {
        assert_eq!(told(none.clone()), None, "{none}");
    }
}

#[test]
fn a_call_after_the_end_counts_and_calls_of_one_name_stay_apart() {
    let call = |city: &str| json!({"functionCall": {"name": "f", "args": {"city": city}}});
    let body =
        events(&[ended("STOP"), parts(json!([call("a"), call("b"), {"functionCall": {"name": "g"}}]))]);
    let (response, end) = streamed([body.as_bytes()]);
    end.unwrap();
    assert_eq!(calls(&response), [("f", "{\"city\":\"a\"}"), ("f", "{\"city\":\"b\"}"), ("g", "{}")]);
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
}

#[test]
fn arguments_that_come_value_by_value_are_put_together() {
    let piece =
        |pieces: Value| parts(json!([{"functionCall": {"partialArgs": pieces, "willContinue": true}}]));
    let begin = parts(json!([{"functionCall": {"name": "f", "id": "1", "willContinue": true}}]));
    let values = piece(json!([
        {"jsonPath": "$.who.name", "stringValue": "A", "willContinue": true},
        {"jsonPath": "$.who.name", "stringValue": "da\""},
        {"jsonPath": "$.list[0]", "numberValue": 30}, {"jsonPath": "$.list[1].x", "boolValue": true},
        {"jsonPath": "$['odd \\'name.']", "stringValue": ""}, {"jsonPath": "$.none", "nullValue": "NULL_VALUE"},
    ]));
    let body = events(&[begin.clone(), values, parts(json!([{"functionCall": {}}])), ended("STOP")]);
    let (response, end) = streamed([body.as_bytes()]);
    end.unwrap();
    assert_eq!(response.tool_calls[0].id.as_deref(), Some("1"));
    assert_eq!(
        arguments(&response.tool_calls[0].arguments),
        json!({"who": {"name": "Ada\""}, "list": [30, {"x": true}], "odd 'name.": "", "none": null})
    );

    let some = piece(json!([{"jsonPath": "$.a", "numberValue": 1}]));
    let body = events(&[begin.clone(), some, ended("MAX_TOKENS")]);
    let (response, end) = streamed([body.as_bytes()]);
    end.unwrap();
    assert_eq!(calls(&response), [("f", "{\"a\":1")], "what was cut off is no JSON");
    assert_eq!(response.finish_reason.unwrap().as_str(), "length");

    for path in ["", "$", "$.a[1]", "$.a[x]", "$..a", "$['a", &"$.a".repeat(9999), &".a".repeat(9999)] {
        let body = events(&[begin.clone(), piece(json!([{"jsonPath": path, "stringValue": "x"}]))]);
        assert_eq!(streamed([body.as_bytes()]).1.unwrap_err().code().as_str(), "PROTOCOL", "{path:.20}");
    }
}

#[test]
fn endless_calls_and_arguments_are_refused() {
    let call = parts(json!([{"functionCall": {"name": "f", "args": {}}}]));
    let body = events(&vec![call; 2000]);
    assert_eq!(streamed([body.as_bytes()]).1.unwrap_err().code().as_str(), "PROTOCOL");

    let part = json!({"functionCall": {"name": "f"}});
    for count in [2000, 20_000] {
        let body = parts(vec![part.clone(); count]).to_string();
        assert_eq!(whole(body.as_bytes()).unwrap_err().code().as_str(), "PROTOCOL");
    }

    let text = "x".repeat(100_000);
    let more = json!({"name": null, "partialArgs": [{"jsonPath": "$.a", "stringValue": text}], "willContinue": true});
    let mut replies = vec![parts(json!([{"functionCall": {"name": "f", "willContinue": true}}]))];
    replies.extend(vec![parts(json!([{"functionCall": more}])); 50]);
    let body = events(&replies);
    assert_eq!(streamed([body.as_bytes()]).1.unwrap_err().code().as_str(), "PROTOCOL");

    let deep = "[".repeat(500_000);
    assert_eq!(whole(deep.as_bytes()).unwrap_err().code().as_str(), "TRUNCATED");
    assert_eq!(streamed([deep.as_bytes()]).1.unwrap_err().code().as_str(), "TRUNCATED");
}

#[test]
fn thoughts_and_what_tools_gave_to_read_are_counted() {
    let usage = |counts: Value| {
        let body = json!({"candidates": [], "usageMetadata": counts}).to_string();
        whole(body.as_bytes()).unwrap().usage.unwrap()
    };
    let all =
        usage(json!({"promptTokenCount": 10, "cachedContentTokenCount": 4, "toolUsePromptTokenCount": 7,
        "candidatesTokenCount": 5, "thoughtsTokenCount": 3}));
    assert_eq!((all.input, all.output, all.cached, all.reasoning), (Some(17), Some(8), Some(4), Some(3)));
    assert_eq!((all.vendor_input(), all.vendor_output()), (Some(10), Some(5)));
    let thought = usage(json!({"promptTokenCount": 10, "thoughtsTokenCount": 3}));
    assert_eq!((thought.output, thought.vendor_output()), (Some(3), None));
}

#[test]
fn other_types_than_documented_are_passed_over() {
    let body = json!({
        "responseId": 5, "modelVersion": ["m"], "usageMetadata": "none", "promptFeedback": [1], "error": null,
        "candidates": [7, null, {"index": 1, "content": 3}, {"index": "0", "finishReason": "STOP", "content": {"parts": [
            null, "a", ["b"], {"text": null}, {"text": {"a": [1]}, "thought": "x"}, {"text": "caf\u{e9} \"q\"\n"},
            {"thought": true, "text": "hm"}, {"functionCall": "f"}, {"functionCall": {"name": 3.5, "args": null}},
        ]}}],
    });
    let reply = whole(body.to_string().as_bytes()).unwrap();
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("caf\u{e9} \"q\"\n", "hm"));
    assert_eq!((reply.id.as_deref(), reply.model, reply.usage), (Some("5"), None, None));
    assert!(reply.tool_calls.is_empty());
    assert_eq!(reply.finish_reason.unwrap().as_str(), "stop");
}

#[test]
fn what_is_no_reply_is_unknown_in_a_stream_and_an_error_alone() {
    let body = format!("data: {{\"ping\":1}}\n\ndata: 5\n\ndata: [DONE]\n\n{}", events(&[ended("STOP")]));
    let (found, end) = decode_streamed(&Gemini, LIMIT, [body.as_bytes()]);
    end.unwrap();
    let unknown = |event: &crate::Event| matches!(event, crate::Event::Unknown(_));
    assert_eq!(found.iter().filter(|event| unknown(event)).count(), 2);
    for body in ["{}", "[]", "5", "<html>", "", "{\"choices\":[]}"] {
        assert_eq!(whole(body.as_bytes()).unwrap_err().code().as_str(), "PROTOCOL", "{body}");
    }
    let (_, end) = streamed([&b"data: {\"candidates\": oops}\n\n"[..]]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    assert_eq!(streamed([&b"{\"candidates\": oops}"[..]]).1.unwrap_err().code().as_str(), "PROTOCOL");
}
