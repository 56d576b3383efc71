//! What vendors accepted is what is sent: every recorded request, read into the neutral form and written again.

use graphbit_testkit::recorded::Recording;
use serde_json::{Map, Value, json};

use super::super::{OpenAiResponses, WIRE};
use super::recorded;
use crate::message::Signature;
use crate::protocol::replayed::label;
use crate::protocol::{Protocol, Target};
use crate::vendor::vendor;
use crate::{
    Media, Message, OutputSchema, Part, Request, Role, Settings, Tool, ToolCall, ToolChoice, ToolResult,
};

/// Members that the vocabulary has no word for: they are the caller's own.
const EXTRA: [&str; 6] =
    ["background", "previous_response_id", "prompt_cache_options", "provider", "truncation", "user"];

#[test]
fn recorded_requests_are_said_as_the_vendor_accepted_them() {
    let (mut said, mut other) = (Vec::new(), Vec::new());
    for case in recorded() {
        let Some(wire) = &case.request else { continue };
        match neutral(wire) {
            Some(request) => {
                same(case, wire, request);
                said.push(&case.provider);
            }
            None => other.push(label(case)),
        }
    }
    let count = said.len();
    said.dedup();
    assert!(count == 0 || (count >= 125 && said.len() >= 8), "{count} said, {said:?}; not: {other:#?}");
}

fn same(case: &Recording, wire: &Value, mut request: Request) {
    request.settle("").unwrap_or_else(|error| panic!("{}: {error}", label(case)));
    let name = match case.provider.trim_end_matches("-responses") {
        "azure" => "azure-openai",
        "bedrock-mantle" | "chatgpt-codex" => "openai",
        name => name,
    };
    let url = case.meta["url"].as_str().unwrap().replace(['<', '>'], ""); // the mark of a name taken out
    let (base, query) = url.split_once("/responses").unwrap();
    let (base_url, extra) = (format!("{base}{query}"), Map::new());
    let (model, quirks) = (wire["model"].as_str().unwrap(), &vendor(name).unwrap().quirks);
    let target = Target::new(&base_url, model, quirks, &extra);
    let encoded = OpenAiResponses.encode(&target, &request).unwrap();
    assert_eq!(encoded.uri(), url.as_str(), "{}", label(case));
    for (name, value) in encoded.headers() {
        let was = &case.meta["request_headers"][name.as_str()];
        // Some clients accept anything.
        let any = name == "accept" && (was == "*/*" || was == "application/json");
        assert!(was.is_null() || any || was == value.to_str().unwrap(), "{}: {name}", label(case));
    }
    let ours: Value = serde_json::from_slice(encoded.body()).unwrap();
    assert_eq!(ours, normal(wire, &ours), "{}", label(case));
}

/// A recorded request with all that is deliberately said in another way, or not at all, as we say it.
fn normal(wire: &Value, ours: &Value) -> Value {
    let mut body: Map<String, Value> = wire.as_object().unwrap().clone();
    let mut input = match body.remove("input").unwrap() {
        Value::Array(items) => items,
        text => vec![json!({"type": "message", "role": "user", "content": text})], // always a list
    };
    // Instructions are items as the others.
    if let Some(text) = body.remove("instructions").filter(|text| !text.is_null()) {
        input.insert(0, json!({"type": "message", "role": "system", "content": text}));
    }
    input.iter_mut().for_each(item);
    body.insert("input".into(), input.into());
    // Of tools, what is the default already is said; of others, it is not.
    for tool in body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        let members = tool.as_object_mut().unwrap();
        members.entry("strict").or_insert(false.into());
        members.retain(|_, value| !value.is_null());
    }
    body.retain(|name, value| !(value.is_null() || name == "stream" && *value == false));
    body.entry("store").or_insert(false.into());
    if let Some(temperature) = body.get_mut("temperature") {
        *temperature = json!(temperature.as_f64()); // 0 is 0.0
    }
    // Who did not ask for the cipher lost the thinking; whoever did must be found to do so by us.
    if !body.contains_key("include") {
        body.extend(ours.get("include").map(|include| ("include".to_owned(), include.clone())));
    }
    body.into()
}

fn item(item: &mut Value) {
    let members = item.as_object_mut().unwrap();
    match members.get("type").and_then(Value::as_str).unwrap_or("message") {
        "reasoning" => {} // as it came
        "message" => {
            // A message may leave its type out; neither it nor a call needs the id and status of a stored item.
            members.insert("type".into(), "message".into());
            without(members, &["id", "status"]);
            let texts = members["content"].as_array_mut().into_iter().flatten();
            texts
                .filter_map(Value::as_object_mut)
                .for_each(|text| without(text, &["annotations", "logprobs"]));
            // One text alone is a string.
            if let [text] = members["content"].as_array().map_or(&[][..], Vec::as_slice)
                && text["type"].as_str().is_some_and(|kind| kind.ends_with("put_text"))
            {
                members["content"] = text["text"].clone();
            }
        }
        _ => without(members, &["id", "status"]),
    }
}

fn without(members: &mut Map<String, Value>, names: &[&str]) {
    members.retain(|name, _| !names.contains(&name.as_str()));
}

/// A recorded request in the vocabulary; none where it holds what that has no words for.
fn neutral(wire: &Value) -> Option<Request> {
    let mut request = Request::new(Vec::new());
    request.messages.extend(wire["instructions"].as_str().map(Message::system));
    match &wire["input"] {
        Value::String(text) => request.messages.push(Message::user(text)),
        items => {
            for item in items.as_array()? {
                let (role, part) = part(item)?;
                let last = request.messages.last_mut().filter(|last| last.role == role);
                match (last, part) {
                    (Some(last), Some(part)) if matches!(role, Role::Assistant | Role::Tool) => {
                        last.content.push(part);
                    }
                    (_, Some(part)) => request.messages.push(Message::new(role, vec![part])),
                    (_, None) => request.messages.push(Message::new(role, parts(&item["content"])?)),
                }
            }
        }
    }
    for tool in wire["tools"].as_array().into_iter().flatten() {
        let members = tool.as_object().filter(|tool| tool.contains_key("parameters") && tool.len() <= 5)?;
        let mut found =
            Tool::new(members["name"].as_str()?, members["description"].as_str().unwrap_or_default());
        found.strict = members.get("strict").and_then(Value::as_bool);
        request.tools.push(found.parameters(members["parameters"].clone()));
    }
    request.tool_choice = match &wire["tool_choice"] {
        Value::Null => None,
        Value::String(word) => Some(serde_json::from_value(json!(word)).ok()?),
        one => Some(ToolChoice::Tool(one["name"].as_str()?.to_owned())),
    };
    let format = &wire["text"]["format"];
    if format["type"] == "json_schema" {
        let mut output = OutputSchema::new(format["schema"].clone()).named(format["name"].as_str()?);
        output.strict = format["strict"].as_bool();
        request.output = Some(output);
    } else if !format.is_null() {
        request.extra.insert("text".into(), wire["text"].clone());
    }
    request.settings = Settings {
        max_tokens: wire["max_output_tokens"].as_u64().map(|most| most as u32),
        temperature: wire["temperature"].as_f64(),
        reasoning_effort: serde_json::from_value(wire["reasoning"]["effort"].clone()).unwrap_or_default(),
        ..Settings::default()
    };
    let mut thinking = wire["reasoning"].as_object().cloned().unwrap_or_default();
    thinking.remove("effort");
    if !thinking.is_empty() {
        request.extra.insert("reasoning".into(), thinking.into());
    }
    for name in EXTRA {
        request.extra.extend(wire.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    request.streamed = wire["stream"] == true;
    // Calls that the vendor has stored are no part of the conversation here.
    request.clone().settle("").ok().map(|()| request)
}

/// Who an item is from, and the part that it is where it is one.
fn part(item: &Value) -> Option<(Role, Option<Part>)> {
    let text = |name: &str| item[name].as_str();
    Some(match text("type").unwrap_or("message") {
        "message" => {
            let role: Role = serde_json::from_value(item["role"].clone()).ok()?;
            (role, item["content"].as_str().filter(|_| role == Role::Assistant).map(Part::text))
        }
        "reasoning" => {
            let signature = Some(Signature::new(WIRE, item.to_string()));
            (Role::Assistant, Some(Part::Reasoning { text: String::new(), signature }))
        }
        "function_call" if item.get("namespace").is_none() => {
            let call = ToolCall::new(text("name")?, text("arguments")?).with_id(text("call_id")?);
            (Role::Assistant, Some(Part::ToolCall(call)))
        }
        "function_call_output" => {
            let result = ToolResult::new("", vec![Part::text(text("output")?)]).with_id(text("call_id")?);
            (Role::Tool, Some(Part::ToolResult(result)))
        }
        _ => return None,
    })
}

fn parts(content: &Value) -> Option<Vec<Part>> {
    let list = match content {
        Value::String(text) => return Some(vec![Part::text(text)]),
        list => list.as_array()?,
    };
    let part = |part: &Value| {
        let text = |name: &str| part[name].as_str();
        Some(match text("type")? {
            "input_text" | "output_text" if part.get("prompt_cache_breakpoint").is_none() => {
                Part::text(text("text")?)
            }
            "input_image" => Part::image(Media::url(text("image_url")?)),
            "input_file" => {
                let id = || text("file_id").map(|id| Media::Uploaded { file_id: id.to_owned() });
                Part::File { media: text("file_url").map(Media::url).or_else(id)?, name: None }
            }
            _ => return None,
        })
    };
    list.iter().map(part).collect()
}
