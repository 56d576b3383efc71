//! What vendors accepted is what we send: every recorded request, read into ours and written again.

mod normal;

use serde_json::{Value, json};

use self::normal::normal;
use super::{WIRE, encoded};
use crate::message::Signature;
use crate::protocol::replayed::{label, recorded};
use crate::vendor::vendor;
use crate::{
    Media, Message, OutputSchema, Part, ReasoningEffort, Request, Role, Settings, Tool, ToolCall, ToolChoice,
    ToolResult,
};

/// The request that a recorded body says; `None` where it says what is outside our vocabulary. Members that only one vendor
/// knows are `extra`, as our users would write them.
fn neutral(body: &Value) -> Option<Request> {
    let mut rest = body.as_object()?.clone();
    rest.retain(|name, value| {
        !value.is_null() && !matches!(&**name, "model" | "stream_options" | "reasoning_split")
    });
    let mut take = |name: &str| rest.remove(name).unwrap_or_default();
    let messages = take("messages").as_array()?.iter().map(message).collect::<Option<_>>()?;
    let mut request = Request::new(messages);
    request.streamed = take("stream") == true;
    let whole = |value: Value| value.as_u64().map(|number| number as u32);
    let mut settings = Settings {
        max_tokens: whole(take("max_tokens")).or(whole(take("max_completion_tokens"))),
        temperature: take("temperature").as_f64(),
        top_p: take("top_p").as_f64(),
        top_k: whole(take("top_k")),
        presence_penalty: take("presence_penalty").as_f64(),
        frequency_penalty: take("frequency_penalty").as_f64(),
        logprobs: (take("logprobs") == true).then_some(0),
        cache_key: take("prompt_cache_key").as_str().map(str::to_owned),
        stop: serde_json::from_value(take("stop")).unwrap_or_default(),
        seed: take("seed").as_i64().or(take("random_seed").as_i64()),
        ..Settings::default()
    };
    if let Some(most) = take("top_logprobs").as_u64() {
        settings.logprobs = Some(most as u8);
    }
    let reasoning = take("reasoning");
    settings.reasoning_budget = whole(reasoning["max_tokens"].clone());
    let effort = [take("reasoning_effort"), reasoning["effort"].clone()];
    settings.reasoning_effort = effort.into_iter().find_map(|word| serde_json::from_value(word).ok());
    if rest.get("thinking") == Some(&json!({"type": "disabled"})) {
        settings.reasoning_effort = Some(ReasoningEffort::None);
    }
    request.settings = settings;
    let mut take = |name: &str| rest.remove(name).unwrap_or_default();
    for tool in take("tools").as_array().into_iter().flatten() {
        request.tools.push(serde_json::from_value::<Tool>(tool.get("function")?.clone()).ok()?);
    }
    request.parallel_tool_calls = take("parallel_tool_calls").as_bool();
    request.tool_choice = match take("tool_choice") {
        Value::String(word) if word == "any" => Some(ToolChoice::Required),
        Value::String(word) => Some(serde_json::from_value(word.into()).ok()?),
        Value::Null => None,
        one => Some(ToolChoice::Tool(one["function"]["name"].as_str().or(one["name"].as_str())?.to_owned())),
    };
    let format = take("response_format");
    match format["type"].as_str() {
        Some("json_schema") => request.output = Some(schema(&format["json_schema"])?),
        Some(_) => _ = rest.insert("response_format".into(), format),
        None => {}
    }
    request.extra = rest;
    Some(request)
}

fn schema(said: &Value) -> Option<OutputSchema> {
    let mut output = OutputSchema::new(said.get("schema")?.clone());
    output.name = said["name"].as_str().unwrap_or("output").to_owned();
    output.strict = said["strict"].as_bool();
    Some(output)
}

fn message(said: &Value) -> Option<Message> {
    let role: Role = serde_json::from_value(said["role"].clone()).ok()?;
    let mut parts = Vec::new();
    if said["reasoning_details"].is_array() {
        let signature = Some(Signature::new(WIRE, said["reasoning_details"].to_string()));
        parts.push(Part::Reasoning { text: String::new(), signature });
    } else if let Some(text) = said["reasoning_content"].as_str() {
        parts.push(Part::Reasoning { text: text.to_owned(), signature: None });
    }
    let mut cached = false;
    match &said["content"] {
        Value::String(text) if !text.is_empty() => parts.push(Part::text(text)),
        Value::Array(pieces) => {
            for piece in pieces {
                parts.push(part(piece)?);
                cached = piece.get("cache_control").is_some();
            }
        }
        _ => {}
    }
    for call in said["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        let call_of = ToolCall::new(function["name"].as_str()?, function["arguments"].as_str()?);
        parts.push(Part::ToolCall(call_of.with_id(call["id"].as_str()?)));
    }
    if role == Role::Tool {
        let result = ToolResult::new("", std::mem::take(&mut parts));
        parts.push(Part::ToolResult(result.with_id(said["tool_call_id"].as_str()?)));
    }
    let message = Message::new(role, parts);
    Some(if cached { message.cached() } else { message })
}

fn part(piece: &Value) -> Option<Part> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match piece["type"].as_str()? {
        "text" => Some(Part::text(piece["text"].as_str()?)),
        "image_url" => {
            let image = &piece["image_url"];
            let url = image.as_str().or(image["url"].as_str())?;
            Some(Part::Image { media: Media::url(url), detail: text(&image["detail"]) })
        }
        "file" => {
            let file = &piece["file"];
            let media = match file["file_id"].as_str() {
                Some(id) => Media::Uploaded { file_id: id.to_owned() },
                None => Media::url(file["file_data"].as_str()?),
            };
            Some(Part::File { media, name: text(&file["filename"]) })
        }
        "thinking" => {
            let thoughts = piece["thinking"].as_array()?.iter().map(|thought| thought["text"].as_str());
            Some(Part::Reasoning { text: thoughts.collect::<Option<String>>()?, signature: None })
        }
        _ => None,
    }
}

/// The base URL and the model that lead to a recorded URL of a vendor without a URL of its own.
fn customer(url: &str) -> Option<(String, Option<&str>)> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let base = path.strip_suffix("/chat/completions").filter(|base| base.starts_with("https:"))?;
    match base.split_once("/openai/deployments/") {
        Some((host, deployment)) => Some((format!("{host}{query}"), Some(deployment))),
        None => Some((format!("{base}{query}"), None)),
    }
}

#[test]
fn requests_are_encoded_as_vendors_accepted_them() {
    let (cases, mut same, mut outside, mut urls) = (recorded("chat"), 0, Vec::new(), 0);
    let mut different = Vec::new();
    for case in cases.iter().filter(|case| case.http_status < 400) {
        let name = match &*case.provider {
            "openai-chat" => "openai",
            "ollama-openai" => "ollama",
            name => name,
        };
        let (Ok(row), Some(body)) = (vendor(name), &case.request) else { continue };
        let Some(mut request) = neutral(body).filter(|request| request.clone().settle("").is_ok()) else {
            outside.push(label(case));
            continue;
        };
        request.settle("").unwrap();
        let url = case.meta["url"].as_str().unwrap().replace(".com//", ".com/");
        let url = url.split('#').next().unwrap();
        let (base, deployment) = match customer(url) {
            Some((base, deployment)) if row.base_url.is_empty() => (Some(base), deployment),
            _ => (None, None),
        };
        let model = deployment.or(body["model"].as_str()).unwrap_or_default();
        let (ours, written) = encoded(name, base.as_deref(), model, &request);
        let (ours_is, theirs_is) = (normal(written, row), normal(body.clone(), row));
        if ours_is == theirs_is {
            same += 1;
        } else {
            let names = [&ours_is, &theirs_is].map(|body| body.as_object().unwrap().keys());
            let differs = |name: &&String| ours_is.get(*name) != theirs_is.get(*name);
            let member = names.into_iter().flatten().find(differs).unwrap();
            let [ours, theirs] = [&ours_is, &theirs_is].map(|body| body.get(member).unwrap_or(&Value::Null));
            different.push(format!("{}: {member}:\n  {ours}\n  {theirs}", label(case)));
        }
        // Some were recorded at a proxy, or at another base of the same vendor.
        let same_base = base.is_some()
            || (!row.base_url.is_empty() && url.starts_with(&format!("{}/chat", row.base_url)));
        if same_base {
            let unversioned = ours.split_once('?').filter(|_| !url.contains('?')).map(|(path, _)| path);
            assert!(unversioned.unwrap_or(&ours).ends_with(url), "{}: {ours}, not {url}", label(case));
            urls += 1;
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(cases.is_empty() || (same > 420 && urls > 270), "{same} {urls}, outside: {outside:?}");
}
