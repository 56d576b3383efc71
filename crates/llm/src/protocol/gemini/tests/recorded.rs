//! What the vendor accepted is what we send: every recorded request, said in our words and written again.

use super::*;
use crate::message::Signature;
use crate::{Media, OutputSchema, Part, ReasoningEffort, Role, Tool, ToolCall, ToolChoice, ToolResult};

/// Members that are not in our vocabulary and that users give as `extra`.
const EXTRA: [&str; 3] = ["safetySettings", "cachedContent", "modelArmorConfig"];
/// The same within `generationConfig`.
const EXTRA_CONFIG: [&str; 2] = ["candidateCount", "responseModalities"];

/// A recorded request in the spelling that we use. It takes in what the vendor takes for the same.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter_map(|(name, value)| {
                let name = match &**name {
                    // Protobuf's JSON takes names in either spelling.
                    "inline_data" => "inlineData",
                    "mime_type" => "mimeType",
                    "response_mime_type" => "responseMimeType",
                    // We always send JSON Schema, under the name that takes all of it.
                    "parameters" | "parameters_json_schema" => "parametersJsonSchema",
                    "responseSchema" | "response_schema" => "responseJsonSchema",
                    name => name,
                };
                let value = match name {
                    "parametersJsonSchema" | "responseJsonSchema" | "args" | "response" => value.clone(),
                    "data" if value.as_str().is_some_and(|data| data.contains('[')) => json!("AAAA"), // abridged
                    _ => normal(value),
                };
                let says_nothing = match name {
                    "thought" => value == false,
                    "description" => value == "",
                    "generationConfig" => value == json!({}),
                    _ => false,
                };
                (!value.is_null() && !says_nothing).then(|| (name.to_owned(), value))
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        value => value.clone(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Whether an object has no other members than these.
fn only(value: &Value, names: &[&str]) -> Option<()> {
    value.as_object()?.keys().all(|name| names.contains(&&**name)).then_some(())
}

/// A request in our words; `None` where it holds what we have none for.
fn read(body: &Value) -> Option<Request> {
    let known = ["systemInstruction", "contents", "tools", "toolConfig", "generationConfig"];
    only(body, &[&known[..], &EXTRA].concat())?;
    let mut request = Request::new(Vec::new());
    for part in body["systemInstruction"]["parts"].as_array().into_iter().flatten() {
        only(part, &["text"])?;
        request.messages.push(Message::system(text(&part["text"])?));
    }
    for content in body["contents"].as_array()? {
        let model = content["role"] == "model";
        let parts = content["parts"].as_array()?.iter().map(read_part).collect::<Option<Vec<_>>>()?;
        let (results, said): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| matches!(part, Part::ToolResult(_)));
        for (role, parts) in [(Role::Tool, results), (if model { Role::Assistant } else { Role::User }, said)]
        {
            if !parts.is_empty() {
                request.messages.push(Message::new(role, parts));
            }
        }
    }
    for tools in body["tools"].as_array().into_iter().flatten() {
        match tools["functionDeclarations"].as_array() {
            Some(declared) => {
                only(tools, &["functionDeclarations"])?;
                request.tools = declared.iter().map(read_tool).collect::<Option<_>>()?;
            }
            None => _ = request.extra.insert("tools".into(), body["tools"].clone()), // the vendor's own
        }
    }
    if let Some(calling) = body["toolConfig"].get("functionCallingConfig") {
        only(calling, &["mode"])?;
        match calling["mode"].as_str()? {
            "ANY" => request.tool_choice = Some(ToolChoice::Required),
            "VALIDATED" => request.tools.iter_mut().for_each(|tool| tool.strict = Some(true)),
            _ => return None,
        }
    }
    read_config(&body["generationConfig"], &mut request)?;
    for name in EXTRA {
        request.extra.extend(body.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    Some(request)
}

fn read_part(part: &Value) -> Option<Part> {
    only(part, &["text", "inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature"])?;
    let signature =
        text(&part["thoughtSignature"]).map(|value| Signature::new(crate::protocol::gemini::WIRE, value));
    if let Some(said) = text(&part["text"]) {
        return Some(Part::Text { text: said, signature });
    }
    if let Some(call) = part.get("functionCall") {
        let mut ours = ToolCall::new(text(&call["name"])?, call["args"].to_string());
        (ours.id, ours.signature) = (text(&call["id"]), signature);
        return Some(Part::ToolCall(ours));
    }
    if let Some(result) = part.get("functionResponse") {
        let held = result["parts"].as_array().into_iter().flatten().map(read_part);
        let said = Some(Part::text(result["response"].to_string()));
        let content = std::iter::once(said).chain(held).collect::<Option<_>>()?;
        let mut ours = ToolResult::new(text(&result["name"])?, content);
        ours.id = text(&result["id"]);
        return Some(Part::ToolResult(ours));
    }
    let media = match part.get("inlineData") {
        Some(blob) => Media::Base64 { media_type: text(&blob["mimeType"])?, data: text(&blob["data"])? },
        None => Media::Url {
            url: text(&part["fileData"]["fileUri"])?,
            media_type: text(&part["fileData"]["mimeType"]),
        },
    };
    Some(Part::File { media, name: None })
}

fn read_tool(declared: &Value) -> Option<Tool> {
    only(declared, &["name", "description", "parametersJsonSchema"])?;
    let tool = Tool::new(text(&declared["name"])?, text(&declared["description"]).unwrap_or_default());
    Some(tool.parameters(declared["parametersJsonSchema"].clone()))
}

fn read_config(config: &Value, request: &mut Request) -> Option<()> {
    let mut extra = Map::new();
    for (name, value) in config.as_object().into_iter().flatten() {
        let settings = &mut request.settings;
        match &**name {
            "maxOutputTokens" => settings.max_tokens = Some(u32::try_from(value.as_u64()?).ok()?),
            "temperature" => settings.temperature = Some(value.as_f64()?),
            "topP" => settings.top_p = Some(value.as_f64()?),
            "responseMimeType" if value == "application/json" => {}
            "responseJsonSchema" => request.output = Some(OutputSchema::new(value.clone())),
            "thinkingConfig" => {
                only(value, &["includeThoughts", "thinkingBudget", "thinkingLevel"])?;
                settings.reasoning_budget =
                    value["thinkingBudget"].as_u64().and_then(|budget| budget.try_into().ok());
                settings.reasoning_effort =
                    serde_json::from_value::<Option<ReasoningEffort>>(value["thinkingLevel"].clone()).ok()?;
                if settings.reasoning_budget.is_none() && settings.reasoning_effort.is_none() {
                    extra.insert(name.clone(), value.clone()); // thoughts shown, and no word on how much
                }
            }
            name if EXTRA_CONFIG.contains(&name) => _ = extra.insert(name.to_owned(), value.clone()),
            _ => return None,
        }
    }
    if !extra.is_empty() {
        request.extra.insert("generationConfig".into(), extra.into());
    }
    Some(())
}

#[test]
fn recorded_requests_are_written_as_they_were_accepted() {
    let (mut same, mut outside) = (0, Vec::new());
    for case in recordings() {
        let (Some(theirs), true) = (&case.request, case.http_status < 400) else { continue };
        let mut theirs = normal(theirs);
        if let Some(instruction) = theirs.get_mut("systemInstruction") {
            instruction.as_object_mut().unwrap().remove("role"); // it has none, and what is given is not read
        }
        let Some(mut request) = read(&theirs) else {
            outside.push(&case.case);
            continue;
        };
        request.streamed = case.streaming;
        // Without the key, and without the marks around what was taken out.
        let url = case.meta["url"].as_str().unwrap().replace(['<', '>'], "");
        let url = url.split('?').next().unwrap();
        let (base_url, model) = url.split_once("/models/").unwrap();
        let model = model.split(':').next().unwrap();
        let row = if case.provider == "vertex-gemini" { "vertex-gemini" } else { "gemini" };
        let ours = sent(&to(row, base_url, model), &request).unwrap();
        let name = replayed::label(case);
        assert_eq!(ours.uri().to_string().split('?').next().unwrap(), url, "{name}");
        assert_eq!(ours.uri().query(), case.streaming.then_some("alt=sse"), "{name}");
        assert_eq!(ours.body(), &theirs, "{name}");
        same += 1;
    }
    assert!(same >= 59 || fixtures_dir().is_none(), "{same}; {outside:?}");
}
