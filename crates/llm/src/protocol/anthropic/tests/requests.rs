//! What the vendor accepted is what we send: every recorded request, read into the neutral vocabulary and written again.
//!
//! Left out of the comparison, because it means the same to the vendor:
//! - one text as a string or as a list of one block;
//! - `stream`, `is_error` that are false, descriptions that are empty: what is not said;
//! - `output_format`, the beta's place of what is now `output_config.format`;
//! - whole numbers written with a fraction.

use graphbit_testkit::recorded::Recording;
use serde_json::{Map, Value, json};

use super::replayed;
use crate::protocol::anthropic::{Anthropic, HIDDEN, WIRE};
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{
    Media, Message, OutputSchema, Part, ReasoningEffort, Request, Role, Signature, Tool, ToolCall,
    ToolChoice, ToolResult,
};

#[test]
fn recorded_requests_are_written_as_their_clients_wrote_them() {
    let cases = replayed::recorded(WIRE);
    let accepted = cases.iter().filter(|case| case.http_status != 400);
    let asked = accepted.filter_map(|case| Some((*case, case.request.clone()?)));
    let (mut same, mut outside) = (0, Vec::new());
    for (case, wanted) in asked {
        let Some(mut request) = read(&wanted) else {
            outside.push(replayed::label(case));
            continue;
        };
        request.settle("").unwrap();
        let (base_url, model) = target(case, &wanted);
        let quirks = &vendor(&case.provider).unwrap().quirks;
        let extra = Map::new();
        let target = Target::new(&base_url, &model, quirks, &extra);
        let (head, body) = Anthropic.encode(&target, &request).unwrap().into_parts();
        let url = case.meta["url"].as_str().unwrap();
        assert!(url.starts_with('/') || head.uri == url, "{}: {}", replayed::label(case), head.uri);
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        if let Some(thinking) = body.get_mut("thinking").and_then(Value::as_object_mut) {
            thinking.remove("display"); // the clients took thinking without its text
        }
        assert_eq!(plainly(body), plainly(wanted), "{}", replayed::label(case));
        same += 1;
    }
    assert!(cases.is_empty() || same >= 90, "{same} are the same, outside the vocabulary are {outside:?}");
}

/// The base URL and the model that a case asked.
fn target(case: &Recording, request: &Value) -> (String, String) {
    let url = case.meta["url"].as_str().unwrap();
    if let Some((base, path)) = url.split_once("/publishers/anthropic/models/") {
        return (base.to_owned(), path.split(':').next().unwrap().to_owned());
    }
    let base = if url.starts_with('/') { "http://host".to_owned() } else { url.replace("/v1/messages", "") };
    (base, request["model"].as_str().unwrap().to_owned())
}

fn read(body: &Value) -> Option<Request> {
    let mut request = Request { streamed: body["stream"] == true, ..Request::default() };
    for (name, value) in body.as_object()? {
        let settings = &mut request.settings;
        match name.as_str() {
            "model" | "anthropic_version" | "stream" | "messages" | "system" => {}
            "max_tokens" => settings.max_tokens = Some(value.as_u64()?.try_into().ok()?),
            "temperature" => settings.temperature = value.as_f64(),
            "top_p" => settings.top_p = value.as_f64(),
            "stop_sequences" => settings.stop = serde_json::from_value(value.clone()).ok()?,
            "thinking" => match value["type"].as_str()? {
                "enabled" => {
                    settings.reasoning_budget = Some(value["budget_tokens"].as_u64()?.try_into().ok()?);
                }
                "disabled" => settings.reasoning_budget = Some(0),
                _ if body["output_config"].get("effort").is_some() => {}
                _ => _ = request.extra.insert(name.clone(), value.clone()),
            },
            "output_config" => {
                for (name, value) in value.as_object()? {
                    match name.as_str() {
                        "effort" if body["thinking"]["type"] == "adaptive" => {
                            request.settings.reasoning_effort = Some(effort(value)?);
                        }
                        "format" => request.output = Some(OutputSchema::new(value["schema"].clone())),
                        _ => return None,
                    }
                }
            }
            "output_format" => request.output = Some(OutputSchema::new(value.get("schema")?.clone())),
            "tools" => request.tools = value.as_array()?.iter().map(tool).collect::<Option<_>>()?,
            "tool_choice" => {
                request.tool_choice = Some(match value["type"].as_str()? {
                    "auto" => ToolChoice::Auto,
                    "any" => ToolChoice::Required,
                    "none" => ToolChoice::None,
                    _ => ToolChoice::Tool(value["name"].as_str()?.to_owned()),
                });
            }
            // Features of this vendor alone, which users say by `extra` too.
            "metadata" | "context_management" => _ = request.extra.insert(name.clone(), value.clone()),
            _ => return None,
        }
    }
    for (block, cached) in blocks(body.get("system"))? {
        let message = Message::system(block["text"].as_str()?);
        request.messages.push(if cached { message.cached() } else { message });
    }
    for turn in body["messages"].as_array()? {
        read_turn(turn, &mut request.messages)?;
    }
    Some(request)
}

fn effort(word: &Value) -> Option<ReasoningEffort> {
    serde_json::from_value(word.clone()).ok()
}

fn tool(tool: &Value) -> Option<Tool> {
    let mut read = Tool::new(tool["name"].as_str()?, tool["description"].as_str().unwrap_or(""))
        .parameters(tool.get("input_schema")?.clone());
    read.strict = tool["strict"].as_bool();
    Some(read)
}

/// Blocks of content without their marks, and whether they had one.
fn blocks(content: Option<&Value>) -> Option<Vec<(Value, bool)>> {
    let blocks = match content {
        None => return Some(Vec::new()),
        Some(Value::String(text)) => return Some(vec![(json!({"type": "text", "text": text}), false)]),
        Some(blocks) => blocks.as_array()?,
    };
    let unmarked = |block: &Value| {
        let mut block = block.clone();
        match block.as_object_mut()?.remove("cache_control") {
            None => Some((block, false)),
            Some(mark) => (mark == json!({"type": "ephemeral"})).then_some((block, true)),
        }
    };
    blocks.iter().map(unmarked).collect()
}

/// A turn as messages: one for each tool's result, and one for the rest, of which only the last block may be marked.
fn read_turn(turn: &Value, into: &mut Vec<Message>) -> Option<()> {
    let role = if turn["role"] == "assistant" { Role::Assistant } else { Role::User };
    let mut rest = Message::new(role, Vec::new());
    for (block, cached) in blocks(turn.get("content"))? {
        let part = part(&block)?;
        if matches!(part, Part::ToolResult(_)) {
            let message = Message::new(Role::Tool, vec![part]);
            into.push(if cached { message.cached() } else { message });
            continue;
        }
        if rest.cache {
            return None;
        }
        rest.content.push(part);
        rest.cache = cached;
    }
    if !rest.content.is_empty() {
        into.push(rest);
    }
    Some(())
}

fn part(block: &Value) -> Option<Part> {
    let text = |name: &str| block[name].as_str().map(str::to_owned);
    let signed = |value: String| Some(Signature::new(WIRE, value));
    Some(match block["type"].as_str()? {
        "text" => Part::text(text("text")?),
        "thinking" => Part::Reasoning { text: text("thinking")?, signature: signed(text("signature")?) },
        "redacted_thinking" => {
            Part::Reasoning { text: String::new(), signature: signed(format!("{HIDDEN}{}", text("data")?)) }
        }
        "image" => Part::image(media(&block["source"])?),
        "document" if block.get("citations").is_none() => {
            Part::File { media: media(&block["source"])?, name: text("title") }
        }
        "tool_use" => {
            Part::ToolCall(ToolCall::new(text("name")?, block["input"].to_string()).with_id(text("id")?))
        }
        "tool_result" => {
            let content =
                blocks(block.get("content"))?.iter().map(|(block, _)| part(block)).collect::<Option<_>>()?;
            let mut result = ToolResult::new("", content).with_id(text("tool_use_id")?);
            result.is_error = block["is_error"] == true;
            Part::ToolResult(result)
        }
        _ => return None,
    })
}

fn media(source: &Value) -> Option<Media> {
    let text = |name: &str| source[name].as_str().map(str::to_owned);
    Some(match source["type"].as_str()? {
        "base64" if text("data")?.contains("[abridged") => return None, // by the recorder
        "base64" => Media::Base64 { media_type: text("media_type")?, data: text("data")? },
        "url" => Media::Url { url: text("url")?, media_type: None },
        "file" => Media::Uploaded { file_id: text("file_id")? },
        "text" => Media::bytes("text/plain", source["data"].as_str()?.as_bytes()),
        _ => return None,
    })
}

/// A body in the form that is compared.
fn plainly(mut body: Value) -> Value {
    if let Some(format) = body.as_object_mut().unwrap().remove("output_format") {
        body["output_config"]["format"] = format;
    }
    said(body)
}

fn said(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, said(value)));
            let unsaid = |name: &str, value: &Value| match name {
                "stream" | "is_error" => *value == false,
                "description" => *value == "",
                _ => false,
            };
            let members = members.filter(|(name, value)| !unsaid(name, value));
            Value::Object(members.map(|(name, value)| (name.clone(), one_text(&name, value))).collect())
        }
        Value::Array(values) => values.into_iter().map(said).collect(),
        Value::Number(number) => number.as_f64().into(),
        value => value,
    }
}

fn one_text(name: &str, value: Value) -> Value {
    match value.as_array().map(Vec::as_slice) {
        Some([block]) if matches!(name, "content" | "system") => match block.as_object() {
            Some(block) if block.len() == 2 && block["type"] == "text" => block["text"].clone(),
            _ => value,
        },
        _ => value,
    }
}
