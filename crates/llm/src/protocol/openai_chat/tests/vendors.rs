//! What is said differently to different vendors.

use serde_json::{Map, Value, json};

use super::{OpenAiChat, encoded};
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{
    Media, Message, OutputSchema, Part, ReasoningEffort, Request, Role, Settings, Tool, ToolCall, ToolChoice,
    ToolResult,
};

fn body(name: &str, request: &Request) -> Value {
    let mut request = request.clone();
    request.settle("").unwrap();
    encoded(name, None, "m", &request).1
}

fn refused(name: &str, request: &Request) -> String {
    let (row, extra) = (vendor(name).unwrap(), Map::new());
    let target = Target::new("http://unit", "m", &row.quirks, &extra);
    let error = OpenAiChat.encode(&target, request).unwrap_err();
    assert_eq!(error.code().as_str(), "INVALID_INPUT");
    error.message().to_owned()
}

#[test]
fn thinking_is_set_in_the_vendors_own_words() {
    let said = |name: &str, effort: Option<ReasoningEffort>, budget: Option<u32>| {
        let settings = Settings { reasoning_effort: effort, reasoning_budget: budget, ..Settings::default() };
        let Value::Object(mut body) = body(name, &Request::prompt("hi").settings(settings)) else { panic!() };
        body.retain(|name, _| {
            name.contains("reasoning_effort") || name.contains("think") || name == "reasoning"
        });
        Value::Object(body)
    };
    use ReasoningEffort::{High, Low, Minimal, None as Not};
    for (name, effort, budget, wanted) in [
        ("openai", Some(Minimal), Some(100), json!({"reasoning_effort": "minimal"})),
        ("mistral", Some(Low), None, json!({"reasoning_effort": "high"})),
        ("mistral", Some(Not), None, json!({"reasoning_effort": "none"})),
        ("zai", Some(High), None, json!({"thinking": {"type": "enabled"}})),
        ("moonshot", Some(Not), None, json!({"thinking": {"type": "disabled"}})),
        (
            "deepseek",
            Some(Minimal),
            None,
            json!({"thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        ),
        ("deepseek", Some(Not), None, json!({"thinking": {"type": "disabled"}})),
        ("alibaba", Some(Low), None, json!({"enable_thinking": true, "thinking_budget": 2048})),
        ("alibaba", None, Some(100), json!({"enable_thinking": true, "thinking_budget": 100})),
        ("alibaba", Some(Not), Some(100), json!({"enable_thinking": false})),
        ("openrouter", Some(Not), None, json!({"reasoning": {"effort": "none"}})),
        ("openrouter", Some(High), Some(100), json!({"reasoning": {"max_tokens": 100}})),
        ("minimax", Some(High), Some(100), json!({})),
        ("openai", None, None, json!({})),
    ] {
        assert_eq!(said(name, effort, budget), wanted, "{name}");
    }
}

#[test]
fn a_schema_goes_where_it_is_taken_and_else_into_the_instructions() {
    let person = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let asked = |name: &str, model: &str, request: Request| {
        let body = encoded(name, None, model, &request).1;
        let system = body["messages"][0]["content"].as_str().unwrap().to_owned();
        (body["response_format"]["type"].clone(), system)
    };
    let request = || Request::prompt("hi").system("Be brief.").output(OutputSchema::new(person.clone()));
    let instruction = OutputSchema::new(person.clone()).instruction();
    let told = format!("Be brief.\n\n{instruction}");
    let schema = (json!("json_schema"), "Be brief.".to_owned());
    let object = (json!("json_object"), told.clone());
    let nothing = (Value::Null, told);
    assert_eq!(asked("openai", "m", request()), schema);
    assert_eq!(asked("groq", "openai/gpt-oss-20b", request()), schema);
    assert_eq!(asked("groq", "llama-3.3-70b-versatile", request()), object);
    assert_eq!(asked("deepseek", "m", request()), object);
    assert_eq!(asked("minimax", "m", request()), nothing);
    assert_eq!(asked("groq", "openai/gpt-oss-20b", request().tools([Tool::new("f", "")])), nothing);
    let list = OutputSchema::new(json!({"type": "array"}));
    let told = list.instruction();
    assert_eq!(asked("deepseek", "m", Request::prompt("hi").output(list)), (Value::Null, told));
}

#[test]
fn settings_are_left_out_where_the_vendor_has_no_word_for_them() {
    let settings = Settings {
        top_k: Some(40),
        logprobs: Some(0),
        presence_penalty: Some(0.5),
        frequency_penalty: Some(0.5),
        cache_key: Some("k".into()),
        ..Settings::default()
    };
    let request = Request::prompt("hi").settings(settings);
    let names = |name: &str| {
        let Value::Object(mut body) = body(name, &request) else { panic!() };
        body.retain(|name, _| !matches!(&**name, "model" | "messages" | "frequency_penalty"));
        body.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("openai"), "logprobs presence_penalty prompt_cache_key");
    assert_eq!(names("openrouter"), "logprobs presence_penalty top_k");
    assert_eq!(names("mistral"), "presence_penalty prompt_cache_key");
    assert_eq!(names("zai"), "");
    let mut toolless = Request::prompt("hi");
    (toolless.tool_choice, toolless.parallel_tool_calls) = (Some(ToolChoice::Auto), Some(false));
    assert_eq!(body("openai", &toolless).as_object().unwrap().len(), 2);
}

fn looped(id: &str) -> Request {
    Request::new(vec![
        Message::user("hi"),
        Message::new(Role::Assistant, vec![Part::ToolCall(ToolCall::new("f", "{}").with_id(id))]),
        Message::tool_result(id, "f", "done"),
    ])
    .tools([Tool::new("f", "")])
}

#[test]
fn ids_of_other_vendors_take_the_vendors_form_and_stay_tied() {
    let id = |name: &str, id: &str| {
        let body = body(name, &looped(id));
        let ids = [&body["messages"][1]["tool_calls"][0]["id"], &body["messages"][2]["tool_call_id"]];
        assert_eq!(ids[0], ids[1]);
        ids[0].as_str().unwrap().to_owned()
    };
    assert_eq!(id("mistral", "AbC123xyz"), "AbC123xyz");
    let mapped = ["call_1", "call_2", "toolu_01VmA9jmWpws4HgPqjhtGo6i"].map(|foreign| id("mistral", foreign));
    assert!(mapped.iter().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    assert!(mapped[0] != mapped[1] && mapped[1] != mapped[2]);
    assert_eq!(mapped[0], id("mistral", "call_1"));
    let long = "x".repeat(64);
    assert!(id("openai", &long).len() <= 40);
    assert_eq!(id("groq", &long), long);
}

#[test]
fn the_last_four_marks_are_set_where_marks_are_known() {
    let said = ["a", "b", "c", "d", "e"].map(|text| Message::user(text).cached());
    let mut request = Request::new(said.to_vec());
    request.messages.push(Message::user("f"));
    let contents = |name: &str| {
        let body = body(name, &request);
        let marked = |message: &Value| message["content"][0]["cache_control"]["type"] == "ephemeral";
        body["messages"].as_array().unwrap().iter().map(marked).collect::<Vec<_>>()
    };
    assert_eq!(contents("openrouter"), [false, true, true, true, true, false]);
    assert_eq!(contents("openai"), [false; 6]);
}

#[test]
fn files_are_sent_as_the_vendor_takes_them() {
    let sent = |name: &str, media: Media, named: &str| {
        let body = body(name, &Request::new(vec![Message::user("?").with(Part::file(media, named))]));
        body["messages"][0]["content"][1].clone()
    };
    let pdf = || Media::bytes("application/pdf", b"%PDF");
    let data = "data:application/pdf;base64,JVBERg==";
    let url = |url: &str, kind: &str| Media::Url { url: url.into(), media_type: Some(kind.into()) };
    assert_eq!(
        sent("openai", pdf(), "a.pdf"),
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": data}})
    );
    assert_eq!(
        sent("mistral", pdf(), "a.pdf"),
        json!({"type": "document_url", "document_url": data, "document_name": "a.pdf"})
    );
    assert_eq!(
        sent("openrouter", url("https://unit/a.pdf", "application/pdf"), "a.pdf"),
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "https://unit/a.pdf"}})
    );
    assert_eq!(
        sent("mistral", Media::Uploaded { file_id: "f".into() }, "a"),
        json!({"type": "file", "file_id": "f"})
    );
    assert_eq!(
        sent("openai", Media::bytes("audio/mpeg", b"ID3"), "a.mp3"),
        json!({"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}})
    );
    assert_eq!(
        sent("mistral", Media::bytes("audio/mpeg", b"ID3"), "a.mp3"),
        json!({"type": "input_audio", "input_audio": "SUQz"})
    );
    assert_eq!(
        sent("llamacpp", url("https://unit/a.mp4", "video/mp4"), "a.mp4"),
        json!({"type": "video_url", "video_url": {"url": "https://unit/a.mp4"}})
    );
    assert_eq!(sent("openai", Media::bytes("image/png", b"x"), "a.png")["type"], "image_url");
}

#[test]
fn what_the_wire_cannot_say_is_refused_with_what_to_do_instead() {
    let asked = |part: Part| Request::new(vec![Message::user("?").with(part)]);
    let uploaded = || Media::Uploaded { file_id: "f".into() };
    let told = refused("openai", &asked(Part::image(uploaded())));
    assert!(told.contains("an image by its fileId") && told.contains("url"), "{told}");
    let told = refused("openai", &asked(Part::file(Media::url("https://unit/a.pdf"), "a.pdf")));
    assert!(told.contains("a file by its url"), "{told}");
    let media = Media::Url { url: "https://unit/a.wav".into(), media_type: Some("audio/wav".into()) };
    assert!(refused("openai", &asked(Part::file(media, "a.wav"))).contains("sound by its url"));
    let image = Part::image(Media::url("https://unit/a.png"));
    let drew = Request::new(vec![Message::user("draw"), Message::new(Role::Assistant, vec![image.clone()])]);
    assert!(refused("openai", &drew).contains("message of the assistant"));
    let mut request = looped("a");
    request.messages[2] =
        Message::new(Role::Tool, vec![Part::ToolResult(ToolResult::new("f", vec![image]).with_id("a"))]);
    assert!(refused("openai", &request).contains("a tool result with a part of type \"image\""));
}

#[test]
fn any_tool_and_refusals_have_the_vendors_words() {
    let mut request = Request::prompt("hi").tools([Tool::new("f", "")]);
    request.tool_choice = Some(ToolChoice::Required);
    assert_eq!(body("mistral", &request)["tool_choice"], "any");
    let refusal = Message::new(Role::Assistant, vec![Part::Refusal { text: "No.".into() }]);
    let request = Request::new(vec![Message::user("hi"), refusal, Message::user("?")]);
    assert_eq!(body("groq", &request)["messages"][1], json!({"role": "assistant", "content": "No."}));
}
