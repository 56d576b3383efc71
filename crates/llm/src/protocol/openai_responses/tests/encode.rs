//! What is sent.

use serde_json::{Map, Value, json};

use super::super::OpenAiResponses;
use super::recorded;
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{Message, Request, Settings};

fn encoded(base_url: &str, model: &str, request: &Request) -> http::Request<bytes::Bytes> {
    let (row, extra) = (vendor("openai").unwrap(), Map::new());
    let target = Target { base_url, model, quirks: &row.quirks, extra: &extra };
    OpenAiResponses.encode(&target, request).unwrap()
}

fn body(model: &str, request: &Request) -> Value {
    let encoded = encoded("https://api.openai.com/v1", model, request);
    assert_eq!(encoded.uri(), "https://api.openai.com/v1/responses");
    serde_json::from_slice(encoded.body()).unwrap()
}

/// A recorded request of text alone, and its items as role and text.
fn neutral(recorded: &Value) -> Option<(Request, Vec<Value>)> {
    let mut items = Vec::new();
    for item in recorded["input"].as_array()? {
        let content = match &item["content"] {
            Value::Array(parts) => match parts.as_slice() {
                [part] if part["type"] == "input_text" => &part["text"],
                _ => return None,
            },
            content => content,
        };
        items.push(json!({"role": item["role"].as_str()?, "content": content.as_str()?}));
    }
    let messages =
        items.iter().map(|item| serde_json::from_value::<Message>(item.clone()).unwrap()).collect();
    let settings = Settings {
        max_tokens: recorded["max_output_tokens"].as_u64().map(|most| most as u32),
        temperature: recorded["temperature"].as_f64(),
        ..Settings::default()
    };
    let request = Request::new(messages).settings(settings);
    Some((if recorded["stream"] == true { request.streamed() } else { request }, items))
}

#[test]
fn recorded_requests_of_text_are_said_the_same() {
    let mut said = Vec::new();
    for case in recorded() {
        let Some(wire) = &case.request else { continue };
        let Some((request, items)) = neutral(wire) else { continue };
        let url = case.meta["url"].as_str().unwrap().replace(['<', '>'], ""); // the mark of a name taken out
        let Some((base, query)) = url.split_once("/responses") else { continue };
        let encoded = encoded(&format!("{base}{query}"), wire["model"].as_str().unwrap(), &request);
        assert_eq!(encoded.uri(), url.as_str(), "{}", case.case);
        for (name, value) in encoded.headers() {
            let was = &case.meta["request_headers"][name.as_str()];
            // Some clients accept anything.
            let any = name == "accept" && (was == "*/*" || was == "application/json");
            assert!(was.is_null() || any || was == value.to_str().unwrap(), "{}: {name}", case.case);
        }
        let ours: Map<String, Value> = serde_json::from_slice(encoded.body()).unwrap();
        for (name, value) in &ours {
            let was = if name == "input" { json!(items) } else { wire[name].clone() };
            assert_eq!(*value, was, "{}: {name}", case.case);
        }
        for name in ["model", "input", "max_output_tokens", "temperature"] {
            assert_eq!(wire.get(name).is_some(), ours.contains_key(name), "{}: {name}", case.case);
        }
        said.push(&case.provider);
    }
    said.dedup();
    assert!(said.is_empty() || said.len() >= 7, "{said:?}");
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let body = body("gpt-4.1-mini", &Request::prompt("hi"));
    assert_eq!(body, json!({"model": "gpt-4.1-mini", "input": [{"role": "user", "content": "hi"}]}));
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let settings =
        Settings { max_tokens: Some(100), temperature: Some(0.7), seed: Some(1), ..Settings::default() };
    let mut request = Request::new(vec![Message::assistant("before"), Message::user("hi")]);
    request = request.system("be brief").settings(settings).streamed();
    request.extra.insert("store".into(), json!(false));
    assert_eq!(
        body("gpt-4.1", &request),
        json!({
            "model": "gpt-4.1",
            "input": [
                {"role": "system", "content": "be brief"},
                {"role": "assistant", "content": "before"},
                {"role": "user", "content": "hi"},
            ],
            "max_output_tokens": 100, "temperature": 0.7, "stream": true, "store": false,
        })
    );
}

#[test]
fn what_the_wire_cannot_say_is_refused() {
    let (row, extra) = (vendor("openai").unwrap(), Map::new());
    let target = Target { base_url: row.base_url, model: "m", quirks: &row.quirks, extra: &extra };
    let stop = Settings { stop: vec!["END".into()], ..Settings::default() };
    let request = Request::prompt("hi").settings(stop);
    assert_eq!(OpenAiResponses.encode(&target, &request).unwrap_err().code().as_str(), "INVALID_INPUT");
}

#[test]
fn the_version_that_azure_asks_for_stays_in_the_query() {
    let base = "https://r.openai.azure.com/openai?api-version=2025-04-01-preview";
    let encoded = encoded(base, "deployment", &Request::prompt("hi"));
    assert_eq!(encoded.uri(), "https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview");
}
