//! One corpus of neutral requests, written by every wire and compared with what is kept in `snapshots/`. After a change that
//! is meant, `UPDATE_SNAPSHOTS=1 cargo test -p graphbit-llm corpus` writes them anew; read the difference.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Target;
use crate::message::Signature;
use crate::vendor::{Wire, vendor};
use crate::{
    Media, Message, OutputSchema, Part, ReasoningEffort, Request, Role, Tool, ToolCall, ToolChoice,
    ToolResult,
};

/// A wire's requests as it writes them, by the name of the case.
fn compare(file: &str, wire: Wire, vendor_name: &str, base_url: &str, model: &str) {
    let row = vendor(vendor_name).unwrap();
    assert_eq!(row.api(wire.api()).unwrap(), wire);
    let mut written = Map::new();
    for (name, mut request) in requests(file) {
        let extra = Map::new();
        let target = Target::new(base_url, model, &row.quirks, &extra);
        let outcome = request.settle("").and_then(|()| wire.protocol().encode(&target, &request));
        let outcome = match outcome {
            Ok(request) => {
                let headers: Map<String, Value> = request
                    .headers()
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
                    .collect();
                let body: Value = serde_json::from_slice(request.body()).unwrap();
                json!({ "url": request.uri().to_string(), "headers": headers, "body": body })
            }
            Err(error) => json!({ "error": format!("{}: {}", error.code().as_str(), error.message()) }),
        };
        written.insert(name.to_owned(), outcome);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(format!("{file}.json"));
    let written = Value::Object(written);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{written:#}\n")).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let kept: Value = serde_json::from_str(&kept).unwrap();
    for (name, outcome) in written.as_object().unwrap() {
        assert_eq!(Some(outcome), kept.get(name), "{file}: {name}");
    }
    assert_eq!(written, kept, "{file}: cases that are gone");
}

macro_rules! corpus {
    ($($name:ident: $wire:expr, $vendor:literal, $url:literal, $model:literal;)*) => {$(
        #[test]
        fn $name() {
            compare(stringify!($name), $wire, $vendor, $url, $model);
        }
    )*};
}

corpus! {
    openai_chat: Wire::OpenAiChat, "openai", "https://api.openai.com/v1", "gpt-4.1-mini";
    openai_responses: Wire::OpenAiResponses, "openai", "https://api.openai.com/v1", "gpt-5-mini";
    anthropic: Wire::AnthropicMessages, "anthropic", "https://api.anthropic.com", "claude-haiku-4-5";
    gemini: Wire::Gemini, "gemini", "https://generativelanguage.googleapis.com/v1beta", "gemini-2.5-flash";
    ollama: Wire::Ollama, "ollama", "http://127.0.0.1:11434", "qwen3:4b";
    cohere: Wire::Cohere, "cohere", "https://api.cohere.com", "command-a-03-2025";
    bedrock_converse: Wire::BedrockConverse, "bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com", "us.amazon.nova-2-lite-v1:0";
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot really";
const PDF: &[u8] = b"%PDF-1.4 not really";

/// The corpus. Signatures are those of the wire that is written.
fn requests(wire: &str) -> Vec<(&'static str, Request)> {
    let wire: &'static str = String::from(wire).leak();
    let hello = || Request::prompt("Hello");
    let with = |change: fn(&mut Request)| {
        let mut request = hello();
        change(&mut request);
        request
    };
    let asked = || Message::user("What is the weather in Paris and in Rome?");
    let call = |id: &str, city: &str| {
        Part::ToolCall(ToolCall::new("get_weather", json!({ "city": city }).to_string()).with_id(id))
    };
    let round_trip = || {
        Request::new(vec![
            asked(),
            Message::new(Role::Assistant, vec![Part::text("I look."), call("call_paris", "Paris")]),
            Message::tool_result("call_paris", "get_weather", "18 °C"),
        ])
        .tools([weather()])
    };
    // Of most wires a mark, of Responses the whole item.
    let item = |text: &str, value: &str| {
        json!({
            "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": text }],
            "encrypted_content": value,
        })
    };
    let signed = |text: &str, value: &str| Part::Reasoning {
        text: text.to_owned(),
        signature: Some(match wire {
            "openai_responses" => Signature::new(wire, item(text, value).to_string()),
            _ => Signature::new(wire, value),
        }),
    };
    let look = |part: Part| Request::new(vec![Message::user("What is this?").with(part)]);
    vec![
        ("prompt", hello()),
        ("system", hello().system("Be brief.")),
        ("two systems", hello().system("Be brief.").system("Be kind.")),
        (
            "conversation",
            Request::new(vec![Message::user("Hi"), Message::assistant("Hello!"), Message::user("And now?")]),
        ),
        ("two user turns in a row", Request::new(vec![Message::user("First."), Message::user("Second.")])),
        ("escapes", Request::prompt("\"quotes\" \\ \n\t caf\u{e9} \u{1f980} \u{2028}")),
        ("streamed", hello().streamed()),
        (
            "sampling",
            with(|request| {
                let settings = &mut request.settings;
                (settings.max_tokens, settings.temperature) = (Some(64), Some(0.5));
                (settings.top_p, settings.seed) = (Some(0.9), Some(7));
            }),
        ),
        ("stop", with(|request| request.settings.stop = vec!["END".into(), "\n\n".into()])),
        (
            "penalties",
            with(|request| {
                let settings = &mut request.settings;
                (settings.presence_penalty, settings.frequency_penalty) = (Some(0.5), Some(-0.5));
                settings.top_k = Some(40);
            }),
        ),
        ("logprobs", with(|request| request.settings.logprobs = Some(2))),
        ("effort", with(|request| request.settings.reasoning_effort = Some(ReasoningEffort::High))),
        ("no thinking", with(|request| request.settings.reasoning_effort = Some(ReasoningEffort::None))),
        ("thinking budget", with(|request| request.settings.reasoning_budget = Some(2_000))),
        ("cache key", with(|request| request.settings.cache_key = Some("tenant-7".into()))),
        (
            "cache",
            Request::new(vec![
                Message::system("A long instruction.").cached(),
                Message::user("A long document.").cached(),
                Message::user("A question."),
            ]),
        ),
        ("image by address", look(Part::image(Media::url("https://example.com/cat.png")))),
        (
            "image by bytes",
            look(Part::Image { media: Media::bytes("image/png", PNG), detail: Some("low".into()) }),
        ),
        ("document by bytes", look(Part::file(Media::bytes("application/pdf", PDF), "paper.pdf"))),
        (
            "document by address",
            look(Part::file(
                Media::Url {
                    url: "https://example.com/paper.pdf".into(),
                    media_type: Some("application/pdf".into()),
                },
                "paper.pdf",
            )),
        ),
        (
            "document by id",
            look(Part::File { media: Media::Uploaded { file_id: "file-1".into() }, name: None }),
        ),
        ("sound", look(Part::file(Media::bytes("audio/wav", b"RIFF not really"), "voice.wav"))),
        ("tools", Request::new(vec![asked()]).tools([weather(), now()])),
        (
            "tool required",
            Request {
                tool_choice: Some(ToolChoice::Required),
                ..Request::new(vec![asked()]).tools([weather()])
            },
        ),
        (
            "tools forbidden",
            Request { tool_choice: Some(ToolChoice::None), ..Request::new(vec![asked()]).tools([weather()]) },
        ),
        (
            "one tool, one call",
            Request {
                tool_choice: Some(ToolChoice::Tool("get_weather".into())),
                parallel_tool_calls: Some(false),
                ..Request::new(vec![asked()]).tools([weather(), now()])
            },
        ),
        ("tool result", round_trip()),
        ("a question after the tool result", {
            let mut request = round_trip();
            request.messages.push(Message::user("In Fahrenheit, please."));
            request
        }),
        (
            "parallel calls, one failed",
            Request::new(vec![
                asked(),
                Message::new(Role::Assistant, vec![call("call_paris", "Paris"), call("call_rome", "Rome")]),
                Message::tool_result("call_paris", "get_weather", "18 °C"),
                Message::new(
                    Role::Tool,
                    vec![Part::ToolResult(
                        ToolResult::new("get_weather", vec![Part::text("no such city")])
                            .with_id("call_rome")
                            .failed(),
                    )],
                ),
            ])
            .tools([weather()]),
        ),
        (
            "calls without ids or arguments",
            Request::new(vec![
                Message::user("What time is it?"),
                Message::new(Role::Assistant, vec![Part::ToolCall(ToolCall::new("now", ""))]),
                Message::new(
                    Role::Tool,
                    vec![Part::ToolResult(ToolResult::new("", vec![Part::text("{\"hour\":9}")]))],
                ),
            ])
            .tools([now()]),
        ),
        (
            "tool result with an image",
            Request::new(vec![
                Message::user("Take a picture."),
                Message::new(
                    Role::Assistant,
                    vec![Part::ToolCall(ToolCall::new("camera", "{}").with_id("call_1"))],
                ),
                Message::new(
                    Role::Tool,
                    vec![Part::ToolResult(
                        ToolResult::new(
                            "camera",
                            vec![Part::text("a picture:"), Part::image(Media::bytes("image/png", PNG))],
                        )
                        .with_id("call_1"),
                    )],
                ),
            ]),
        ),
        (
            "thinking sent back",
            Request::new(vec![
                asked(),
                Message::new(
                    Role::Assistant,
                    vec![signed("I should look.", "c2lnbmF0dXJl"), call("call_paris", "Paris")],
                ),
                Message::tool_result("call_paris", "get_weather", "18 °C"),
            ])
            .tools([weather()]),
        ),
        (
            "thinking of another wire",
            Request::new(vec![
                Message::user("Hi"),
                Message::new(
                    Role::Assistant,
                    vec![
                        Part::Reasoning {
                            text: "A greeting.".into(),
                            signature: Some(Signature::new("elsewhere", "c2lnbmF0dXJl")),
                        },
                        Part::text("Hello!"),
                    ],
                ),
                Message::user("And now?"),
            ]),
        ),
        (
            "a refusal before",
            Request::new(vec![
                Message::user("Do harm."),
                Message::new(Role::Assistant, vec![Part::Refusal { text: "No.".into() }]),
                Message::user("Do good."),
            ]),
        ),
        ("schema", hello().output(OutputSchema::new(person()).named("person"))),
        ("strict schema and tools", {
            let mut schema = OutputSchema::new(person()).named("person");
            schema.strict = Some(true);
            schema.description = "A person.".into();
            let mut tool = weather();
            tool.strict = Some(true);
            Request::new(vec![asked()]).tools([tool]).output(schema)
        }),
        (
            "extra",
            with(|request| {
                request.settings.temperature = Some(0.5);
                let extra = json!({ "temperature": null, "custom": { "a": 1, "b": null }, "user": "u-1" });
                request.extra = extra.as_object().unwrap().clone();
            }),
        ),
    ]
}

fn weather() -> Tool {
    Tool::new("get_weather", "The weather of a city.").parameters(json!({
        "type": "object",
        "properties": { "city": { "type": "string" } },
        "required": ["city"],
        "additionalProperties": false,
    }))
}

fn now() -> Tool {
    Tool::new("now", "The time.")
}

fn person() -> Value {
    json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "age": { "type": "integer", "minimum": 0 } },
        "required": ["name", "age"],
        "additionalProperties": false,
    })
}
