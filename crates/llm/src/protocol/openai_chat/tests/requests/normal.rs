//! Bodies as they are compared.

use serde_json::{Map, Value, json};

use crate::vendor::{Echo, Vendor};

/// A body without what we deliberately leave out or say differently.
pub(super) fn normal(mut body: Value, row: &Vendor) -> Value {
    let members = body.as_object_mut().unwrap();
    members.retain(|_, value| !value.is_null());
    for name in [
        "model",           // a deployment has it in the URL
        "stream_options",  // we always ask for usage
        "reasoning_split", // we always ask for it at MiniMax
    ] {
        members.remove(name);
    }
    // Absent, they mean the same.
    members.retain(|name, value| match name.as_str() {
        "stream" => value == true,
        "thinking" => *value != json!({"type": "enabled"}),
        "stop" | "tools" => *value != json!([]),
        "top_logprobs" => *value != json!(0),
        _ => true,
    });
    if let Some(most) = members.remove("max_completion_tokens") {
        members.insert("max_tokens".into(), most);
    }
    // OpenRouter takes either.
    if let Some(effort) = members.get("reasoning").and_then(|reasoning| reasoning.get("effort")).cloned() {
        members.remove("reasoning");
        members.insert("reasoning_effort".into(), effort);
    }
    for tool in members.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        tool["type"] = json!("function"); // Mistral may do without
        let function = tool.get_mut("function").and_then(Value::as_object_mut);
        function.unwrap().retain(|name, value| name != "description" || value != "");
    }
    if !members.contains_key("tools") {
        // OpenAI refuses both without tools.
        members.retain(|name, _| !matches!(&**name, "parallel_tool_calls" | "tool_choice"));
    }
    // Two ways to say the same; another client's own form of naming a tool passed at vendors that pass over it.
    match members.get_mut("tool_choice") {
        Some(Value::Object(one)) if one.contains_key("name") => {
            let named = json!({"type": "function", "function": {"name": one["name"]}});
            members.insert("tool_choice".into(), named);
        }
        _ => {}
    }
    if let Some(schema) = members.get_mut("response_format").and_then(|format| format.get_mut("json_schema"))
    {
        schema["name"] = schema.get("name").cloned().unwrap_or_else(|| json!("output"));
    }
    for message in members["messages"].as_array_mut().unwrap() {
        normal_message(message.as_object_mut().unwrap(), row.quirks.chat.echo);
    }
    numbers(body)
}

fn normal_message(message: &mut Map<String, Value>, echo: Echo) {
    message.retain(|_, value| !value.is_null());
    // Of replies or of other clients; no vendor wants them.
    for name in ["name", "annotations", "metadata", "prefix", "reasoning", "images"] {
        message.remove(name);
    }
    if echo != Echo::ReasoningContent || message.get("reasoning_content") == Some(&json!("")) {
        message.remove("reasoning_content"); // asked for by few, and there it may be empty
    }
    for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
        call.as_object_mut().unwrap().remove("index");
    }
    if message.get("tool_calls") == Some(&json!([])) {
        message.remove("tool_calls");
    }
    // Texts alone are one string, and no text is an empty one.
    let content = message.entry("content").or_insert_with(|| json!(""));
    let pieces = content.as_array_mut().map(std::mem::take);
    for piece in pieces.iter().flatten() {
        if let Some(mark) = piece.get("cache_control") {
            assert_eq!(
                (&mark["type"], mark.get("ttl").unwrap_or(&json!("5m"))),
                (&json!("ephemeral"), &json!("5m"))
            );
        }
    }
    let mut pieces = match pieces {
        Some(pieces) => pieces,
        None => return,
    };
    let plain =
        |piece: &Value| piece.as_object().unwrap().keys().all(|name| matches!(&**name, "type" | "text"));
    if pieces.iter().all(plain) && (pieces.len() < 2 || message["role"] == "assistant") {
        let text: String = pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
        message.insert("content".into(), json!(text));
        return;
    }
    for piece in &mut pieces {
        let piece = piece.as_object_mut().unwrap();
        piece.retain(|_, value| !value.is_null());
        if let Some(mark) = piece.get_mut("cache_control").and_then(Value::as_object_mut) {
            mark.remove("ttl"); // five minutes are the rule
        }
        if let Some(url) = piece.get("image_url").filter(|url| url.is_string()).cloned() {
            piece.insert("image_url".into(), json!({ "url": url })); // Mistral takes either
        }
        if let Some(thoughts) = piece.get("thinking").and_then(Value::as_array) {
            let text: String = thoughts.iter().map(|thought| thought["text"].as_str().unwrap()).collect();
            piece.insert("thinking".into(), json!([{"type": "text", "text": text}])); // pieces of one thought
        }
    }
    message.insert("content".into(), Value::Array(pieces));
}

/// 1 and 1.0 are the same number.
fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, numbers(value))).collect())
        }
        other => other,
    }
}
