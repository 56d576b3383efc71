//! What is sent.

use super::*;
use crate::vendor::Wire;
use crate::{Media, OutputSchema, Part, ReasoningEffort, Role, Tool, ToolCall, ToolResult};

const BASE: &str = "https://generativelanguage.googleapis.com/v1beta";

fn plain(request: &Request) -> http::Request<Value> {
    sent(&to("gemini", BASE, "gemini-2.5-flash"), request).unwrap()
}

/// The body for a model.
fn body(model: &str, request: &Request) -> Value {
    sent(&to("gemini", BASE, model), request).unwrap().into_body()
}

fn refused(model: &str, request: &Request) -> String {
    let error = sent(&to("gemini", BASE, model), request).unwrap_err();
    assert_eq!(error.code().as_str(), "INVALID_INPUT");
    error.message().to_owned()
}

#[test]
fn a_plain_request_says_no_more_than_it_must() {
    let request = plain(&Request::prompt("hi"));
    assert_eq!(*request.uri(), *format!("{BASE}/models/gemini-2.5-flash:generateContent"));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.body(), &json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}));
}

#[test]
fn settings_streaming_and_extras_are_said() {
    let settings = Settings {
        max_tokens: Some(100),
        temperature: Some(0.7),
        top_p: Some(0.5),
        stop: vec!["END".into()],
        seed: Some(7),
        ..Settings::default()
    };
    let mut request = Request::new(vec![Message::user("hi"), Message::assistant("ho"), Message::user("he")]);
    request = request.system("be brief").settings(settings).streamed();
    request.messages.insert(2, Message::system("and kind"));
    request.extra.insert("generationConfig".into(), json!({"candidateCount": 1, "seed": 8}));
    let extra = json!({"safetySettings": []}).as_object().cloned().unwrap();
    let base_url = format!("{BASE}?key=1");
    let target = Target { extra: &extra, ..to("gemini", &base_url, "gemini-2.5-flash") };
    let encoded = sent(&target, &request).unwrap();
    let url = format!("{BASE}/models/gemini-2.5-flash:streamGenerateContent?key=1&alt=sse");
    assert_eq!(*encoded.uri(), *url);
    assert_eq!(encoded.headers()["accept"], "text/event-stream");
    assert_eq!(
        encoded.body(),
        &json!({
            "systemInstruction": {"parts": [{"text": "be brief"}, {"text": "and kind"}]},
            "contents": [
                {"role": "user", "parts": [{"text": "hi"}]},
                {"role": "model", "parts": [{"text": "ho"}]},
                {"role": "user", "parts": [{"text": "he"}]},
            ],
            "generationConfig": {"maxOutputTokens": 100, "temperature": 0.7, "topP": 0.5,
                                 "stopSequences": ["END"], "seed": 8, "candidateCount": 1},
            "safetySettings": [],
        })
    );
}

#[test]
fn models_may_be_resources() {
    let url = |model: &str| {
        let target = to("gemini", BASE, model);
        sent(&target, &Request::prompt("hi")).map(|request| request.uri().to_string())
    };
    assert_eq!(url("tunedModels/mine").unwrap(), format!("{BASE}/tunedModels/mine:generateContent"));
    assert_eq!(url("models/a b?").unwrap(), format!("{BASE}/models/a%20b%3F:generateContent"));
    for model in ["", "..", "models/../files"] {
        assert_eq!(url(model).unwrap_err().code().as_str(), "CONFIG", "{model}");
    }
}

#[test]
fn vertex_is_another_base_and_takes_no_ids_of_calls() {
    let row = vendor("vertex").unwrap();
    assert_eq!((row.name, row.wire), ("vertex-gemini", Wire::Gemini));
    for base in
        ["https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google", row.url_form]
    {
        let target = to("vertex-gemini", base, "gemini-2.5-pro");
        let request = sent(&target, &called("toolu_1", "{}")).unwrap();
        assert_eq!(*request.uri(), *format!("{base}/models/gemini-2.5-pro:generateContent"));
        let parts = |at: usize| &request.body()["contents"][at]["parts"][0];
        assert_eq!(parts(1), &json!({"functionCall": {"name": "f", "args": {}}}));
        assert_eq!(parts(2), &json!({"functionResponse": {"name": "f", "response": {"output": "done"}}}));
    }
}

#[test]
fn a_conversation_without_a_turn_is_refused() {
    refused("gemini-2.5-flash", &Request::default());
    refused("gemini-2.5-flash", &Request::default().system("be brief"));
}

/// A conversation with one call and its result.
fn called(id: &str, arguments: &str) -> Request {
    let mut call = ToolCall::new("f", arguments);
    call.id = (!id.is_empty()).then(|| id.to_owned());
    let mut result = ToolResult::new("", vec![Part::text("done")]);
    result.id = call.id.clone();
    Request::new(vec![
        Message::user("go"),
        Message::new(Role::Assistant, vec![Part::ToolCall(call)]),
        Message::new(Role::Tool, vec![Part::ToolResult(result)]),
    ])
}

#[test]
fn ids_go_back_unless_we_made_them_up() {
    for (id, back) in [
        ("toolu_1", json!("toolu_1")),
        ("call_1_x", json!("call_1_x")),
        ("call_1_0", json!(null)),
        ("", json!(null)),
    ] {
        let body = body("gemini-2.5-flash", &called(id, "{}"));
        assert_eq!(body["contents"][1]["parts"][0]["functionCall"]["id"], back, "{id:?}");
        assert_eq!(body["contents"][2]["parts"][0]["functionResponse"]["id"], back, "{id:?}");
    }
}

#[test]
fn arguments_must_be_an_object_and_are_sent_as_one() {
    let args = |arguments: &str| {
        let body = body("gemini-2.5-flash", &called("", arguments));
        body["contents"][1]["parts"][0]["functionCall"]["args"].clone()
    };
    assert_eq!(args(" {\"a\": [1, 2.50]}\n"), json!({"a": [1, 2.5]}));
    assert_eq!(args(""), json!({}));
    for cut in ["{\"a\": 1", "[1]", "\"a\"", "{} {}"] {
        assert!(refused("gemini-2.5-flash", &called("", cut)).contains("\"f\""), "{cut}");
    }
    let mut extra = called("", "{\"a\": 1.50}");
    extra.extra.insert("labels".into(), json!({"team": "a"}));
    assert_eq!(
        body("gemini-2.5-flash", &extra)["contents"][1]["parts"][0]["functionCall"]["args"],
        json!({"a": 1.5})
    );
}

#[test]
fn the_third_generation_wants_a_signature_on_the_first_call_of_a_step_and_takes_media_in_results() {
    let mut request = called("", "{}");
    request.messages[1].content.push(Part::ToolCall(ToolCall::new("g", "{}")));
    let picture = Part::image(Media::bytes("image/png", b"x"));
    let result = ToolResult::new("g", vec![picture.clone()]).failed();
    request.messages.push(Message::new(Role::Tool, vec![Part::ToolResult(result)]));
    let body = body("gemini-3.1-pro-preview", &request);
    assert_eq!(
        body["contents"][1]["parts"],
        json!([
            {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="},
            {"functionCall": {"name": "g", "args": {}}},
        ])
    );
    assert_eq!(
        body["contents"][2]["parts"][1],
        json!({"functionResponse": {"name": "g", "response": {"error": ""},
                                    "parts": [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}]}})
    );
    assert!(refused("gemini-2.5-pro", &request).contains("\"image\""));
    let Part::ToolResult(result) = &mut request.messages[3].content[0] else { panic!() };
    result.content = vec![Part::image(Media::url("https://example.com/a.png"))];
    assert!(refused("gemini-3.1-pro-preview", &request).contains("bytes"));
}

#[test]
fn efforts_become_what_the_model_has() {
    use ReasoningEffort::{High, Low, Medium, Minimal, None, XHigh};
    let thinking = |model: &str, effort: Option<ReasoningEffort>, budget: Option<u32>| {
        let mut request = Request::prompt("hi");
        (request.settings.reasoning_effort, request.settings.reasoning_budget) = (effort, budget);
        let config = &body(model, &request)["generationConfig"]["thinkingConfig"];
        let how = config.get("thinkingBudget").or(config.get("thinkingLevel")).cloned();
        (how.unwrap_or_default(), config["includeThoughts"] == true)
    };
    for (model, effort, how) in [
        ("gemini-2.5-flash", XHigh, json!(24_576)),
        ("gemini-2.5-flash-lite", None, json!(0)),
        ("models/gemini-2.5-pro", None, json!(128)),
        ("gemini-2.5-pro", XHigh, json!(32_768)),
        ("tunedModels/mine", Low, json!(2_048)),
        ("gemini-2.0-flash", High, json!(null)),
        ("gemini-3-pro-preview", Medium, json!("high")),
        ("gemini-3.1-pro-preview", Medium, json!("medium")),
        ("gemini-3.1-pro-preview", Minimal, json!("low")),
        ("gemini-3-flash-preview", None, json!("minimal")),
        ("gemini-3.6-flash", XHigh, json!("high")),
        ("gemini-pro-latest", None, json!("low")),
    ] {
        let shown = effort != None && !how.is_null();
        assert_eq!(thinking(model, Some(effort), Option::None), (how, shown), "{model} {effort:?}");
    }
    assert_eq!(thinking("gemini-2.5-flash", Some(Low), Some(100)), (json!(100), true));
    assert_eq!(thinking("gemini-2.5-flash", Option::None, Some(0)), (json!(0), false));
    assert_eq!(thinking("gemini-3.1-pro-preview", Option::None, Some(100)), (json!(100), true));
    assert_eq!(thinking("gemini-3.1-pro-preview", Some(Low), Some(100)), (json!("low"), true));
}

#[test]
fn a_schema_beside_tools_is_native_where_the_model_takes_it() {
    let mut schema = OutputSchema::new(json!({"type": "object"}));
    schema.description = "A person.".into();
    let request = Request::prompt("hi").tools([Tool::new("f", "")]).output(schema);
    let third = body("gemini-3-flash-preview", &request);
    assert_eq!(
        third["generationConfig"],
        json!({"responseMimeType": "application/json",
               "responseJsonSchema": {"type": "object", "description": "A person."}})
    );
    assert_eq!(third.get("systemInstruction"), None);
    let second = body("gemini-2.5-flash", &request);
    assert_eq!(second.get("generationConfig"), None);
    assert!(second["systemInstruction"]["parts"][0]["text"].as_str().unwrap().contains("A person."));
}

#[test]
fn an_address_says_what_is_there_where_that_can_be_told() {
    let data = |media: Media| {
        let request = Request::new(vec![Message::user("?").with(Part::image(media))]);
        body("gemini-2.5-flash", &request)["contents"][0]["parts"][1]["fileData"].clone()
    };
    let uri = "https://generativelanguage.googleapis.com/v1beta/files/abc";
    assert_eq!(data(Media::Uploaded { file_id: uri.into() }), json!({"fileUri": uri}));
    let uri = "https://example.com/a/cat.JPG?size=2.png#x";
    assert_eq!(data(Media::url(uri)), json!({"fileUri": uri, "mimeType": "image/jpeg"}));
    let told = Media::Url { url: "gs://bucket/a.png".into(), media_type: Some("image/webp".into()) };
    assert_eq!(data(told), json!({"fileUri": "gs://bucket/a.png", "mimeType": "image/webp"}));
    assert_eq!(data(Media::url("https://example.png/cat")), json!({"fileUri": "https://example.png/cat"}));
}
