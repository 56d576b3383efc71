mod echo;
mod recorded;
mod requests;
mod vendors;

use graphbit_core::Error;
use serde_json::{Map, Value, json};

use super::{OpenAiChat, WIRE};
use crate::protocol::replayed::{self, explained, fold};
use crate::protocol::{Protocol, Target, decode_whole};
use crate::vendor::vendor;
use crate::{Message, ReasoningEffort, Request, Response, Settings};

fn streamed(pieces: &[&[u8]]) -> (Response, Result<(), Error>) {
    replayed::streamed(&OpenAiChat, pieces.iter().copied())
}

fn encoded(name: &str, base_url: Option<&str>, model: &str, request: &Request) -> (String, Value) {
    let row = vendor(name).unwrap();
    let (base_url, extra) = (base_url.unwrap_or(row.base_url), Map::new());
    let target = Target::new(base_url, model, &row.quirks, &extra);
    let encoded = OpenAiChat.encode(&target, request).unwrap();
    assert_eq!(encoded.headers()["content-type"], "application/json");
    (encoded.uri().to_string(), serde_json::from_slice(encoded.body()).unwrap())
}

fn body(model: &str, request: &Request) -> Value {
    let (url, body) = encoded("openai", None, model, request);
    assert_eq!(url, "https://api.openai.com/v1/chat/completions");
    body
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let body = body("gpt-4.1-mini", &Request::prompt("hi"));
    assert_eq!(body, json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}));
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let settings = Settings {
        max_tokens: Some(100),
        temperature: Some(0.7),
        stop: vec!["END".into()],
        ..Settings::default()
    };
    let mut request = Request::new(vec![Message::assistant("before"), Message::user("hi")]);
    request = request.system("be brief").settings(settings).streamed();
    request.extra.insert("logprobs".into(), json!(true));
    let body = body("gpt-4.1", &request);
    assert_eq!(
        body,
        json!({
            "model": "gpt-4.1",
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "assistant", "content": "before"},
                {"role": "user", "content": "hi"},
            ],
            "max_tokens": 100, "temperature": 0.7, "stop": ["END"],
            "stream": true, "stream_options": {"include_usage": true}, "logprobs": true,
        })
    );
}

#[test]
fn reasoning_models_are_told_their_limit_by_its_newer_name() {
    let settings = Settings { max_tokens: Some(7), ..Settings::default() };
    let request = Request::prompt("hi").settings(settings);
    for model in ["o3-mini", "gpt-5-nano", "openai/o4-mini"] {
        assert_eq!(body(model, &request)["max_completion_tokens"], json!(7), "{model}");
    }
    for model in ["gpt-4o", "olmo-2", "llama"] {
        assert_eq!(body(model, &request)["max_tokens"], json!(7), "{model}");
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_comes_after_the_text_before_it() {
    let stream = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"so far\"}}]}\n\n\
                   data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":500}}\n\n";
    let (response, end) = streamed(&[stream]);
    assert_eq!(response.text, "so far");
    assert_eq!(end.unwrap_err().code().as_str(), "UNAVAILABLE");
}

#[test]
fn a_null_error_is_none_and_a_corrupt_frame_is_one() {
    let good = b"data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
    assert!(streamed(&[good]).1.is_ok());
    let (_, end) = streamed(&[b"data: {\"choices\": oops}\n\n"]);
    assert_eq!(end.unwrap_err().code().as_str(), "PROTOCOL");
}

#[test]
fn fragments_of_parallel_calls_interleave_and_reused_slots_are_new_calls() {
    let chunk =
        |call: Value| format!("data: {}\n\n", json!({"choices": [{"delta": {"tool_calls": [call]}}]}));
    let stream = [
        chunk(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}})),
        chunk(json!({"index": 1, "id": "b", "function": {"name": "g", "arguments": "{\"x\":"}})),
        chunk(json!({"index": 0, "function": {"arguments": "{}"}})),
        chunk(json!({"index": 1, "function": {"arguments": "1}"}})),
        chunk(json!({"index": 1, "id": "c", "function": {"name": "h", "arguments": {"y": 2}}})),
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n".to_owned(),
    ]
    .concat();
    let (response, end) = streamed(&[stream.as_bytes()]);
    end.unwrap();
    let calls: Vec<(&str, &str)> =
        response.tool_calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(calls, [("f", "{}"), ("g", "{\"x\":1}"), ("h", "{\"y\":2}")], "in the order they began");
    assert_eq!(response.finish_reason.unwrap().as_str(), "tool_calls");
}

#[test]
fn content_comes_as_text_or_as_parts_and_other_shapes_are_passed_over() {
    let read = |turn: Value| {
        let body = json!({"choices": [{"index": 1}, {"message": turn, "finish_reason": "stop"}]}).to_string();
        let reply = fold(decode_whole(&OpenAiChat, body.as_bytes()).unwrap());
        (reply.text, reply.reasoning)
    };
    let pair = |text: &str, reasoning: &str| (text.to_owned(), reasoning.to_owned());
    assert_eq!(read(json!({"content": "a \"quote\" \u{e9}"})), pair("a \"quote\" \u{e9}", ""));
    assert_eq!(
        read(json!({"content": [{"type": "text", "text": "a"}, "b", 5, null, ["c"]]})),
        pair("ab", "")
    );
    assert_eq!(read(json!({"content": {"type": "output_text", "text": "a"}})), pair("a", ""));
    let thinking = json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                                      {"type": "thinking", "thinking": "m"}, {"type": "text", "text": "a"}]});
    assert_eq!(read(thinking), pair("a", "hmm"));
    assert_eq!(read(json!({"content": "a", "reasoning": "why"})), pair("a", "why"));
    assert_eq!(read(json!({"content": "a", "reasoning": {"effort": "low"}, "refusal": null})), pair("a", ""));
    assert_eq!(
        read(json!({"content": "a", "reasoning_content": "why", "reasoning": "why"})),
        pair("a", "why")
    );
    assert_eq!(read(json!({"content": 5, "tool_calls": null})), pair("", ""));
}

#[test]
fn vendors_call_settings_by_their_own_names() {
    let settings = Settings { max_tokens: Some(7), seed: Some(3), ..Settings::default() };
    let request = Request::prompt("hi").settings(settings).streamed();
    let members = |name: &str| {
        let (_, Value::Object(body)) = encoded(name, None, "m", &request) else { panic!("{name}") };
        body.into_iter().filter(|(name, _)| !matches!(&**name, "model" | "messages")).collect::<Map<_, _>>()
    };
    let usage = json!({"include_usage": true});
    assert_eq!(Value::Object(members("mistral")), json!({"max_tokens": 7, "random_seed": 3, "stream": true}));
    assert_eq!(members("minimax")["reasoning_split"], json!(true));
    assert_eq!(
        Value::Object(members("xai")),
        json!({"max_completion_tokens": 7, "seed": 3, "stream": true, "stream_options": usage})
    );
}

#[test]
fn azures_deployments_have_a_path_and_a_version() {
    let url = |base: &str, model: &str| encoded("azure", Some(base), model, &Request::prompt("hi")).0;
    let host = "https://unit.openai.azure.com";
    let deployed = format!("{host}/openai/deployments/gpt-4o/chat/completions");
    assert_eq!(url(host, "gpt-4o"), format!("{deployed}?api-version=2024-10-21"));
    assert_eq!(
        url(&format!("{host}/?api-version=2025-01-01"), "gpt-4o"),
        format!("{deployed}?api-version=2025-01-01")
    );
    assert_eq!(url(&format!("{host}?a=b"), "gpt-4o"), format!("{deployed}?a=b&api-version=2024-10-21"));
    assert!(url(host, "my/gpt 4").contains("/deployments/my%2Fgpt%204/chat/"));
    assert_eq!(url(&format!("{host}/openai/v1"), "gpt-4o"), format!("{host}/openai/v1/chat/completions"));
    assert_eq!(
        url("https://unit.services.ai.azure.com/models?api-version=2024-05-01-preview", "m"),
        "https://unit.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview"
    );
}

#[test]
fn values_of_another_type_are_as_good_as_absent() {
    let turn = json!({"content": "a", "reasoning_content": [1], "reasoning_details": "x", "refusal": false,
                      "tool_calls": {"index": 0}, "function_call": "f"});
    let choice = json!({"index": "0", "delta": turn, "finish_reason": {"a": 1}});
    let odd = json!({"id": 7, "model": null, "object": 1, "choices": [5, choice], "usage": [], "x_groq": "x", "error": {}});
    let rest = "data: 3\n\ndata: \n\ndata: {\"choices\": {}}\n\ndata: {\"choices\": [{\"delta\": \"x\", \"message\": 1, \"finish_reason\": \"stop\"}]}\n\n";
    let (response, end) = streamed(&[format!("data: {odd}\n\n{rest}").as_bytes()]);
    end.unwrap();
    assert_eq!((response.text.as_str(), response.id.as_deref()), ("a", Some("7")));
    assert!(response.tool_calls.is_empty() && response.reasoning.is_empty());
}

#[test]
fn whatever_an_error_looks_like_inside_a_stream_it_is_one() {
    let code = |frame: &str| streamed(&[frame.as_bytes()]).1.unwrap_err().code().as_str();
    assert_eq!(code("data: {\"object\":\"error\",\"message\":\"no\",\"code\":400}\n\n"), "REJECTED");
    assert_eq!(code("event: error\ndata: {\"detail\":\"down\"}\n\n"), "UNAVAILABLE");
    assert_eq!(code("event: error\ndata: Too many requests\n\n"), "RATE_LIMITED");
    assert_eq!(code("error: {\"error\":{\"message\":\"down\",\"code\":\"503\"}}\n\n"), "UNAVAILABLE");
    assert_eq!(code("data: {\"error\":\"words\"}\n\n"), "UNAVAILABLE");
    let base_resp = |code: u64| json!({"choices": null, "usage": {"total_tokens": 0}, "base_resp": {"status_code": code, "status_msg": "m"}});
    for (said, wanted) in
        [(1004, "AUTH"), (1008, "QUOTA"), (1002, "RATE_LIMITED"), (1027, "REFUSED"), (1000, "UNAVAILABLE")]
    {
        let body = base_resp(said);
        assert_eq!(code(&format!("data: {body}\n\n")), wanted);
        let error = decode_whole(&OpenAiChat, body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), wanted);
        assert!(error.message().contains("answered: m"), "{error}");
    }
}

#[test]
fn a_model_of_openais_that_reasons_is_told_no_sampling_that_it_would_refuse() {
    let sampled = |vendor: &str, model: &str, effort: Option<ReasoningEffort>, heat: f64| {
        let settings = Settings { temperature: Some(heat), top_p: Some(0.9), ..Settings::default() };
        let mut request = Request::prompt("hi").settings(settings);
        request.settings.reasoning_effort = effort;
        let body = encoded(vendor, Some("http://host/v1"), model, &request).1;
        json!([body["temperature"], body["top_p"]])
    };
    assert_eq!(sampled("openai", "gpt-4.1-mini", None, 0.5), json!([0.5, 0.9]));
    assert_eq!(sampled("openai", "gpt-6-luna", None, 0.5), json!([null, null]));
    assert_eq!(sampled("openai", "gpt-5-mini", Some(ReasoningEffort::Low), 1.0), json!([1.0, null]));
    assert_eq!(sampled("openai", "gpt-6-luna", Some(ReasoningEffort::None), 0.5), json!([0.5, 0.9]));
    assert_eq!(sampled("vllm", "gpt-5-like", None, 0.5), json!([0.5, 0.9]), "whose server it is not");
}

#[test]
fn lists_within_lists_hold_nothing() {
    let thinking =
        json!({"type": "thinking", "thinking": [{"type": "text", "text": "hm"}, [{"text": "no"}], "no", {}]});
    let content =
        json!(["a", [["no"]], {"type": "text", "text": "b"}, [{"type": "text", "text": "no"}], thinking]);
    let body = json!({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}).to_string();
    let reply = fold(decode_whole(&OpenAiChat, body.as_bytes()).unwrap());
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("ab", "hm"));
}

#[test]
fn a_tier_without_room_is_asked_again() {
    let body = json!({"error": {"message": "capacity exceeded", "type": "capacity_exceeded"}}).to_string();
    let error = explained(&OpenAiChat, 498, &body);
    assert_eq!((error.code().as_str(), error.is_retryable()), ("RATE_LIMITED", true));
}

#[test]
fn the_tokens_that_are_counted_behind_an_error_are_taken() {
    let body = [
        json!({"id": "a", "choices": [{"delta": {"content": "x"}}]}),
        json!({"choices": [{"delta": {}, "finish_reason": "error"}], "error": {"message": "no", "code": 502}}),
        json!({"choices": [{"delta": {"content": "late"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}),
    ]
    .map(|chunk| format!("data: {chunk}\n\n"))
    .concat();
    let (response, end) = streamed(&[body.as_bytes()]);
    assert_eq!((response.text.as_str(), response.usage.unwrap().output), ("x", Some(2)));
    assert_eq!(end.unwrap_err().context().status, Some(502));
}

#[test]
fn older_and_rarer_ways_to_call_a_tool_are_read() {
    let call = |turn: Value| {
        let body = json!({"choices": [{"message": turn, "finish_reason": "stop"}]}).to_string();
        let mut reply = fold(decode_whole(&OpenAiChat, body.as_bytes()).unwrap());
        reply.tool_calls.pop().map(|call| (call.name, call.arguments))
    };
    let called = |name: &str, arguments: &str| Some((name.to_owned(), arguments.to_owned()));
    assert_eq!(call(json!({"function_call": {"name": "f", "arguments": "{}"}})), called("f", "{}"));
    assert_eq!(call(json!({"function_call": {"name": "", "arguments": ""}})), None);
    let custom = json!({"id": "a", "type": "custom", "custom": {"name": "f", "input": "free text"}});
    assert_eq!(call(json!({"tool_calls": [custom]})), called("f", "free text"));
    let stream =
        ["{\"name\":\"f\",\"arguments\":\"\"}", "{\"arguments\":\"{\\\"a\\\":\"}", "{\"arguments\":\"1}\"}"]
            .map(|call| format!("data: {{\"choices\":[{{\"delta\":{{\"function_call\":{call}}}}}]}}\n\n"))
            .concat();
    let (response, _) = streamed(&[stream.as_bytes()]);
    assert_eq!(response.tool_calls.iter().map(|call| &*call.arguments).collect::<Vec<_>>(), ["{\"a\":1}"]);
}

#[test]
fn a_reply_without_a_reason_to_end_is_complete_but_has_none() {
    for (reason, wanted) in [(Value::Null, "stop"), (json!(""), "other")] {
        let body = json!({"choices": [{"message": {"content": "a"}, "finish_reason": reason}]}).to_string();
        let reply = fold(decode_whole(&OpenAiChat, body.as_bytes()).unwrap());
        assert_eq!(reply.finish_reason.unwrap().as_str(), wanted);
        assert_eq!(reply.finish_raw.as_deref(), Some(""));
    }
}

#[test]
fn usage_is_found_where_groq_puts_it_and_the_last_one_holds() {
    let chunk = |usage: Value| format!("data: {usage}\n\n");
    let usage = |tokens: u64| json!({"prompt_tokens": tokens, "completion_tokens": 1.0});
    let stream = [
        chunk(json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": usage(5)}})),
        chunk(json!({"choices": [], "usage": null})),
    ]
    .concat();
    let (response, _) = streamed(&[stream.as_bytes()]);
    let found = response.usage.unwrap();
    assert_eq!((found.input, found.output), (Some(5), Some(1)));
}

#[test]
fn thinking_and_what_was_cached_are_parts_of_the_tokens_whatever_the_vendor_counts() {
    let read = |total: u64| {
        let usage = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": total,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}, "completion_tokens_details": {"reasoning_tokens": 3}});
        let body = json!({"choices": [{"message": {"content": "a"}}], "usage": usage});
        replayed::whole(&OpenAiChat, &body).unwrap().usage.unwrap()
    };
    let (within, beside) = (read(14), read(17));
    assert_eq!((within.input, within.output, within.reasoning), (Some(9), Some(5), Some(3)));
    assert_eq!((within.cached, within.cache_write), (Some(4), Some(2)));
    assert_eq!((beside.input, beside.output, beside.vendor_output()), (Some(9), Some(8), Some(5)));
}

#[test]
fn an_upstream_providers_words_are_passed_on() {
    let metadata = json!({"raw": "{\"error\":\"no images, please\"}", "provider_name": "P"});
    let error = json!({"code": 400, "message": "Provider returned error", "metadata": metadata});
    let body = json!({"error": error}).to_string();
    let error = explained(&OpenAiChat, 400, &body);
    assert!(error.message().contains("no images, please"), "{error}");
    assert_eq!(error.code().as_str(), "REJECTED");
}
