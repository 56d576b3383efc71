//! What the service accepted is what we send.

use serde_json::{Map, Value, json};

use super::*;
use crate::message::Signature;
use crate::{Media, OutputSchema, Part, Role, Tool, ToolCall, ToolChoice, ToolResult};

/// Asks a schema of a model that the guide does not list for it; we say it in words.
const ELSEWISE: &str = "structured-ddpy-2cfde5";

#[test]
fn recorded_requests_are_encoded_as_they_were() {
    let (mut matched, mut beyond) = (0, 0);
    for case in recorded("converse").into_iter().filter(|case| case.case != ELSEWISE) {
        let Some(body) = &case.request else { continue };
        let Some(mut request) = request(body) else {
            beyond += 1;
            continue;
        };
        let theirs = case.meta["url"].as_str().unwrap();
        let path = &theirs[theirs.find("/model/").unwrap()..];
        request.streamed = path.ends_with("-stream");
        let model = path.split('/').nth(2).unwrap().replace("%3A", ":");
        let (url, headers, ours) = encoded(&BedrockConverse, BASE, &model, &request);
        assert_eq!(url, format!("{BASE}{}", path.replace(':', "%3A")), "{}", case.case);
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(comparable(&ours), comparable(body), "{}", case.case);
        matched += 1;
    }
    assert!(
        matched >= 60 || recorded("converse").is_empty(),
        "{matched} match, {beyond} hold more than we can say"
    );
}

/// Without what says nothing, or what we say in another way on purpose.
fn comparable(body: &Value) -> Value {
    let mut body = plainer(body);
    let members = body.as_object_mut().unwrap();
    members["messages"] = alternating(&members["messages"]); // most models refuse two turns of one side in a row
    for name in ["system", "inferenceConfig"] {
        if matches!(&members.get(name), Some(Value::Array(list)) if list.is_empty())
            || matches!(&members.get(name), Some(Value::Object(object)) if object.is_empty())
        {
            members.remove(name);
        }
    }
    if let Some(Value::Object(fields)) = members.get_mut("additionalModelRequestFields")
        && let Some(thinking) = fields.remove("reasoning_config")
    {
        fields.insert("thinking".into(), thinking); // two names for it are accepted
    }
    body
}

fn plainer(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()), // 0 and 0.0
        Value::Array(list) => list.iter().map(plainer).collect(),
        Value::Object(members) => {
            let says = |(name, value): &(&String, &Value)| {
                let default = *name == "status" && **value == "success"; // the default, which some models refuse to hear
                let nothing = *name == "stopSequences" && value.as_array().is_some_and(Vec::is_empty);
                !default && !nothing
            };
            let plain = |(name, value): (&String, &Value)| {
                // A schema is a string of JSON, with whatever spaces.
                let parsed = value.as_str().filter(|_| name == "schema").map(serde_json::from_str::<Value>);
                (name.clone(), plainer(&parsed.map_or_else(|| value.clone(), Result::unwrap)))
            };
            Value::Object(members.iter().filter(says).map(plain).collect())
        }
        other => other.clone(),
    }
}

fn alternating(messages: &Value) -> Value {
    let mut turns: Vec<Value> = Vec::new();
    for message in messages.as_array().unwrap() {
        match turns.last_mut().filter(|last| last["role"] == message["role"]) {
            Some(last) => {
                let more = message["content"].as_array().unwrap().clone();
                last["content"].as_array_mut().unwrap().extend(more);
            }
            None => turns.push(message.clone()),
        }
    }
    turns.into()
}

/// A recorded request in our words; `None` where it says what we have none for: Bedrock's own tools, citations, documents
/// that are text.
fn request(body: &Value) -> Option<Request> {
    let mut request = Request::default();
    for block in list(&body["system"]) {
        match block["text"].as_str() {
            Some(text) => request.messages.push(Message::system(text)),
            None => request.messages.last_mut()?.cache = true,
        }
    }
    for message in list(&body["messages"]) {
        let role = if message["role"] == "user" { Role::User } else { Role::Assistant };
        let mut turn = Message::new(role, Vec::new());
        for block in message["content"].as_array()? {
            if block["cachePoint"].is_object() {
                turn.cache = true;
            } else {
                let part = part(block)?;
                // What follows a mark or another role's part is a message of its own.
                let role = if matches!(part, Part::ToolResult(_)) { Role::Tool } else { role };
                if turn.cache || turn.role != role {
                    request.messages.push(std::mem::replace(&mut turn, Message::new(role, Vec::new())));
                }
                turn.content.push(part);
            }
        }
        request.messages.push(turn);
    }
    let config = &body["inferenceConfig"];
    let settings = &mut request.settings;
    settings.max_tokens = config["maxTokens"].as_u64().map(|number| number as u32);
    (settings.temperature, settings.top_p) = (config["temperature"].as_f64(), config["topP"].as_f64());
    settings.stop = list(&config["stopSequences"]).map(|text| text.as_str().unwrap().to_owned()).collect();
    let more = &body["additionalModelRequestFields"];
    let thinking =
        ["thinking", "reasoning_config"].iter().find_map(|name| more[name]["budget_tokens"].as_u64());
    settings.reasoning_budget = thinking.map(|tokens| tokens as u32);
    tools(&body["toolConfig"], &mut request)?;
    let schema = &body["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    if let Some(text) = schema["schema"].as_str() {
        let mut output = OutputSchema::new(serde_json::from_str(text).unwrap());
        output.name = schema["name"].as_str()?.to_owned();
        output.description = schema["description"].as_str().unwrap_or_default().to_owned();
        output.strict = Some(true);
        request.output = Some(output);
    }
    if let Some(guardrail) = body.get("guardrailConfig") {
        request.extra = Map::from_iter([("guardrailConfig".to_owned(), guardrail.clone())]);
    }
    Some(request)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn tools(config: &Value, request: &mut Request) -> Option<()> {
    for told in list(&config["tools"]) {
        let spec = told.get("toolSpec")?;
        let mut tool = Tool::new(spec["name"].as_str()?, spec["description"].as_str().unwrap_or_default());
        tool.parameters = spec["inputSchema"]["json"].clone();
        tool.strict = spec["strict"].as_bool();
        request.tools.push(tool);
    }
    let choice = &config["toolChoice"];
    request.tool_choice = match choice {
        Value::Object(choice) if choice.contains_key("auto") => Some(ToolChoice::Auto),
        Value::Object(choice) if choice.contains_key("any") => Some(ToolChoice::Required),
        Value::Object(_) => Some(ToolChoice::Tool(choice["tool"]["name"].as_str()?.to_owned())),
        _ => None,
    };
    Some(())
}

fn part(block: &Value) -> Option<Part> {
    let (kind, said) = block.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "text" => Part::text(said.as_str()?),
        "image" => Part::image(media(said, "image")?),
        "document" => Part::file(media(said, "application")?, said["name"].as_str()?),
        "reasoningContent" => match said["redactedContent"].as_str() {
            Some(cipher) => reasoning("", &format!("redactedContent:{cipher}")),
            None => {
                let said = &said["reasoningText"];
                reasoning(said["text"].as_str()?, said["signature"].as_str()?)
            }
        },
        "toolUse" if said["type"].is_null() => {
            let call = ToolCall::new(said["name"].as_str()?, said["input"].to_string());
            Part::ToolCall(call.with_id(said["toolUseId"].as_str()?))
        }
        "toolResult" if said["type"].is_null() => {
            let content = list(&said["content"]).map(part).collect::<Option<_>>()?;
            let mut result = ToolResult::new("", content).with_id(said["toolUseId"].as_str()?);
            result.is_error = said["status"] == "error";
            Part::ToolResult(result)
        }
        _ => return None,
    })
}

fn reasoning(text: &str, value: &str) -> Part {
    Part::Reasoning { text: text.to_owned(), signature: Some(Signature::new("bedrock_converse", value)) }
}

fn media(said: &Value, kind: &str) -> Option<Media> {
    let media_type = format!("{kind}/{}", said["format"].as_str()?);
    match (said["source"]["bytes"].as_str(), said["source"]["s3Location"]["uri"].as_str()) {
        (Some(data), _) => Some(Media::Base64 { media_type, data: data.to_owned() }),
        (_, Some(url)) => Some(Media::Url { url: url.to_owned(), media_type: Some(media_type) }),
        _ => None,
    }
}
