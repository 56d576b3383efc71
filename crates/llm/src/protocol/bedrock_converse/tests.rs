mod echo;
mod requests;

use serde_json::{Value, json};

use super::BedrockConverse;
use crate::framing::Frame;
use crate::protocol::replayed::*;
use crate::protocol::{Emitter, Protocol, Target};
use crate::vendor::vendor;
use crate::{Message, Request, Settings};

const BASE: &str = "https://bedrock-runtime.us-east-1.amazonaws.com";

#[test]
fn recorded_replies_decode_to_what_they_say_however_they_are_cut() {
    successes_agree(&BedrockConverse, &recorded("converse"), 20, |_, _, _| {});
}

#[test]
fn recorded_streams_that_end_at_any_byte_are_truncated_or_complete_but_never_corrupt() {
    cut_streams_are_truncated(&BedrockConverse, &recorded("converse"));
}

#[test]
fn damaged_replies_never_panic() {
    damage_is_survived(&BedrockConverse, &recorded("converse"));
}

#[test]
fn recorded_errors_get_their_code_and_their_advice() {
    errors_agree(&BedrockConverse, &recorded("converse"));
}

#[test]
fn what_one_side_says_in_a_row_is_one_turn_and_instructions_stand_apart() {
    let messages = vec![
        Message::system("be brief"),
        Message::user("a"),
        Message::user("b"),
        Message::assistant("c"),
        Message::system("be kind"),
        Message::user("d"),
    ];
    let settings =
        Settings { max_tokens: Some(5), stop: vec!["END".into()], seed: Some(1), ..Settings::default() };
    let mut request = Request::new(messages).settings(settings).streamed();
    request.extra.insert("inferenceConfig".into(), json!({"topP": 0.5}));
    request.extra.insert("additionalModelRequestFields".into(), json!({"top_k": 7}));
    let profile = "arn:aws:bedrock:us-east-1:1:inference-profile/us.x-v1:0";
    let (url, headers, body) = encoded(&BedrockConverse, BASE, profile, &request);
    assert_eq!(
        url,
        format!(
            "{BASE}/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x-v1%3A0/converse-stream"
        )
    );
    assert_eq!(headers["accept"], "application/vnd.amazon.eventstream");
    assert_eq!(
        body,
        json!({
            "system": [{"text": "be brief"}, {"text": "be kind"}],
            "messages": [
                {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
                {"role": "assistant", "content": [{"text": "c"}]},
                {"role": "user", "content": [{"text": "d"}]},
            ],
            "inferenceConfig": {"maxTokens": 5, "stopSequences": ["END"], "topP": 0.5},
            "additionalModelRequestFields": {"top_k": 7},
        })
    );
    let (_, _, body) = encoded(&BedrockConverse, BASE, "m", &Request::prompt("hi"));
    assert_eq!(body, json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}));
}

#[test]
fn what_cannot_be_asked_is_refused_before_it_is_sent() {
    let code = |model, request: &Request| {
        let (extra, quirks) = (serde_json::Map::new(), &vendor("openai").unwrap().quirks);
        let target = Target::new(BASE, model, quirks, &extra);
        BedrockConverse.encode(&target, request).unwrap_err().code().as_str()
    };
    assert_eq!(code("m", &Request::new(vec![Message::system("only")])), "INVALID_INPUT");
    assert_eq!(code("", &Request::prompt("hi")), "CONFIG");
}

/// What a decoder makes of these events.
fn events(events: &[(&str, Value)]) -> (crate::Response, graphbit_core::Result<()>, bool) {
    let (mut out, mut decoder) = (Emitter::default(), BedrockConverse.decoder());
    let mut end = Ok(());
    for (name, data) in events {
        let name = Some((*name).to_owned().into());
        end = decoder.frame(&Frame { name, data: data.to_string().into(), terminated: true }, &mut out);
        if end.is_err() {
            break;
        }
    }
    out.close();
    (fold(out.drain().collect()), end, out.is_closed())
}

#[test]
fn exceptions_in_a_stream_are_the_vendors_errors_after_the_text_before_them() {
    let code = |case: &str| match case {
        // A limit of tokens a minute, not a prompt too long: the words ask to wait.
        "bedrock-midstream-throttling-exception" => "RATE_LIMITED",
        _ => "UNAVAILABLE",
    };
    for case in shapes("converse") {
        let (response, end) = streamed(&BedrockConverse, [&case.response[..]]);
        assert_eq!(response.text, case.expected["text"].as_str().unwrap());
        let error = end.unwrap_err();
        assert_eq!(error.code().as_str(), code(&case.case), "{error}");
        assert!(error.is_retryable());
        assert!(error.message().contains(case.expected["error"]["message"].as_str().unwrap()));
    }
    let failed = |name: &str, data: Value| events(&[(name, data)]).1.unwrap_err();
    for (name, status, code) in [
        ("validationException", 400, "REJECTED"),
        ("accessDeniedException", 403, "AUTH"),
        ("serviceQuotaExceededException", 400, "QUOTA"),
        ("modelStreamErrorException", 424, "UNAVAILABLE"),
        ("modelTimeoutException", 408, "UNAVAILABLE"),
        ("internalServerException", 500, "UNAVAILABLE"),
        ("throttlingException", 429, "RATE_LIMITED"),
    ] {
        let error = failed(name, json!({"message": "said"}));
        assert_eq!((error.code().as_str(), error.context().status), (code, Some(status)), "{name}");
    }
    let unknown = failed("newKindOfException", json!("?"));
    assert_eq!((unknown.code().as_str(), unknown.context().status), ("UNAVAILABLE", None));
}

#[test]
fn an_error_that_the_service_did_not_model_has_its_code() {
    let frame = Frame { name: Some("error".into()), data: "InternalFailure: boom".into(), terminated: true };
    let error = BedrockConverse.decoder().frame(&frame, &mut Emitter::default()).unwrap_err();
    assert_eq!(error.code().as_str(), "UNAVAILABLE");
    assert!(error.message().contains("boom"));
}

#[test]
fn the_usage_may_come_before_or_after_the_end_and_only_after_it_is_all_said() {
    let stop = || ("messageStop", json!({"stopReason": "end_turn"}));
    let usage = || ("metadata", json!({"usage": {"inputTokens": 3}, "p": "abc"}));
    for order in [[stop(), usage()], [usage(), stop()]] {
        let (response, end, closed) = events(&order);
        assert!(end.is_ok() && closed);
        assert_eq!(response.usage.unwrap().input, Some(3));
    }
    let without = events(&[stop()]);
    assert!(without.2 && without.0.usage.is_none());
    assert!(!events(&[usage()]).2);
}

#[test]
fn what_the_cache_had_a_part_in_was_read_too() {
    let counts =
        json!({"inputTokens": 3, "outputTokens": 2, "cacheReadInputTokens": 5, "cacheWriteInputTokens": 7});
    let usage = events(&[("metadata", json!({"usage": counts}))]).0.usage.unwrap();
    assert_eq!((usage.input, usage.output, usage.vendor_input()), (Some(15), Some(2), Some(3)));
    assert_eq!((usage.cached, usage.cache_write), (Some(5), Some(7)));
}

#[test]
fn calls_that_bedrock_makes_itself_say_so_even_between_others() {
    let start = |index: u64, call: Value| {
        ("contentBlockStart", json!({"contentBlockIndex": index, "start": {"toolUse": call}}))
    };
    let delta = |index: u64, text: &str| {
        ("contentBlockDelta", json!({"contentBlockIndex": index, "delta": {"toolUse": {"input": text}}}))
    };
    let (response, end, _) = events(&[
        start(0, json!({"toolUseId": "s", "name": "served", "type": "server_tool_use"})),
        start(1, json!({"toolUseId": "a", "name": "f"})),
        delta(0, "{\"hidden\":"),
        delta(1, "{\"x\":"),
        delta(0, "1}"),
        delta(1, "1}"),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("somethingNew", json!({"a": 1})),
        ("messageStop", json!({"stopReason": "end_turn"})),
    ]);
    end.unwrap();
    let calls: Vec<_> = response
        .tool_calls
        .iter()
        .map(|call| (&call.name[..], &call.arguments[..], call.provider_executed))
        .collect();
    assert_eq!(calls, [("served", "{\"hidden\":1}", true), ("f", "{\"x\":1}", false)]);
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
}

#[test]
fn a_turn_in_which_bedrock_alone_called_tools_has_said_all() {
    let call = json!({"toolUseId": "s", "name": "served", "type": "server_tool_use", "input": {"q": 1}});
    let body = json!({"output": {"message": {"content": [{"toolUse": call}, {"text": "a"}]}}, "stopReason": "end_turn"});
    let reply = whole(&BedrockConverse, &body).unwrap();
    assert_eq!(reply.finish_reason.unwrap().as_str(), "stop");
    assert!(reply.message().tool_calls().all(|call| call.provider_executed));
}

#[test]
fn open_calls_of_bedrocks_own_tools_are_bounded() {
    let mut decoder = BedrockConverse.decoder();
    let mut out = Emitter::default();
    let refused = (0..5000_u64).any(|index| {
        let data = json!({"contentBlockIndex": index, "start": {"toolUse": {"type": "server_tool_use"}}});
        let frame =
            Frame { name: Some("contentBlockStart".into()), data: data.to_string().into(), terminated: true };
        decoder.frame(&frame, &mut out).and_then(|()| out.check(LIMIT)).is_err()
    });
    assert!(refused);
}

#[test]
fn other_shapes_are_passed_over_and_other_servers_refused() {
    let odd = json!({"output": {"message": {"content": [5, null, {"text": 5}, {"reasoningContent": "x"}, {"video": {}},
        {"toolUse": {"name": "f", "input": null}}, {"text": "a"}]}}, "stopReason": 5, "usage": "many"});
    let reply = whole(&BedrockConverse, &odd).unwrap();
    assert_eq!((reply.text.as_str(), reply.tool_calls.len()), ("a", 1));
    assert_eq!(reply.finish_reason.unwrap().as_str(), "other");
    for body in [json!({}), json!([1]), json!({"choices": []}), json!("text")] {
        assert_eq!(whole(&BedrockConverse, &body).unwrap_err().code().as_str(), "PROTOCOL", "{body}");
    }
    let (_, end) = streamed(&BedrockConverse, [&b"{\"message\":\"not an event stream\"}"[..]]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
    let corrupt = events(&[("messageStop", json!(["no object"]))]).1.unwrap_err();
    assert_eq!(corrupt.code().as_str(), "PROTOCOL");
}

#[test]
fn an_error_is_known_by_its_status_its_type_and_its_words() {
    let body =
        json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"});
    assert_eq!(whole(&BedrockConverse, &body).unwrap_err().code().as_str(), "REJECTED");
    let code = |status, body: &str| explained(&BedrockConverse, status, body).code().as_str();
    assert_eq!(code(400, r#"{"message":"Input is too long for requested model."}"#), "CONTEXT_LENGTH");
    assert_eq!(
        code(
            400,
            r#"{"message":"The model returned the following errors: prompt is too long: 9 tokens > 8 maximum"}"#
        ),
        "CONTEXT_LENGTH"
    );
    assert_eq!(code(400, r#"{"__type":"x#ServiceQuotaExceededException","message":"too much"}"#), "QUOTA");
    assert_eq!(code(424, r#"{"message":"An error occurred while processing"}"#), "UNAVAILABLE");
    assert_eq!(code(429, r#"{"Message":"Rate exceeded"}"#), "RATE_LIMITED");
    assert_eq!(code(502, "<html>Bad gateway</html>"), "UNAVAILABLE");
    assert_eq!(explained(&BedrockConverse, 424, "{}").context().status, Some(424));
    assert_eq!(code(424, r#"{"message":"bad input","originalStatusCode":400}"#), "REJECTED");
    let throttled =
        explained(&BedrockConverse, 400, r#"{"__type":"ThrottlingException","message":"slow down"}"#);
    assert_eq!((throttled.code().as_str(), throttled.context().status), ("RATE_LIMITED", Some(400)));
}
