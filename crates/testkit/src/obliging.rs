//! What an echoing server does with tools and schemas: it calls the first tool it is offered, once, and answers a schema with
//! the smallest value that fits.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::reply::{Content, Reply};
use crate::request::Request;

/// The reply to a request that offers tools or asks for a form; `None` where an echo will do.
pub(crate) fn reply(request: &Request<'_>, reply: &Reply) -> Option<Reply> {
    if !matches!(reply.content, Content::Echo) || !reply.tool_calls.is_empty() {
        return None;
    }
    // Echoes are what load is made with: their bodies are not read twice.
    let body = request.body();
    let mentions = |word: &[u8]| memchr::memmem::find(body, word).is_some();
    if !mentions(br#""tools":["#) && !mentions(br#""response_format":{"#) {
        return None;
    }
    let body = request.json();
    let tool = body
        .pointer("/tools/0/function")
        .filter(|_| body.get("tool_choice").is_none_or(|choice| choice != "none"));
    let answered =
        body.get("messages").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_result));
    if let Some(tool) = tool.filter(|_| !answered) {
        let name = tool.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut calling = reply
            .clone()
            .and_tool_call(name, tool.get("parameters").map_or(json!({}), |schema| sample(schema, 0)));
        calling.content = Content::Text("".into());
        return Some(calling);
    }
    let schema = body.pointer("/response_format/json_schema/schema")?;
    let mut fitting = reply.clone();
    fitting.content = Content::Text(sample(schema, 0).to_string().into());
    Some(fitting)
}

fn is_result(message: &Value) -> bool {
    message.get("role").is_some_and(|role| role == "tool")
}

/// The smallest value that fits the usual words of a schema.
fn sample(schema: &Value, depth: usize) -> Value {
    if depth > 16 {
        return Value::Null;
    }
    if let Some(value) =
        schema.get("const").or_else(|| schema.pointer("/enum/0")).or_else(|| schema.pointer("/examples/0"))
    {
        return value.clone();
    }
    if let Some(one) = schema.pointer("/anyOf/0").or_else(|| schema.pointer("/oneOf/0")) {
        return sample(one, depth + 1);
    }
    let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match kind.unwrap_or("object") {
        "string" => json!("text"),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "number" => schema.get("minimum").cloned().unwrap_or(json!(1.5)),
        "boolean" => json!(true),
        "null" => Value::Null,
        "array" => {
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).min(16);
            let item = schema.get("items").map_or(Value::Null, |items| sample(items, depth + 1));
            (0..least).map(|_| item.clone()).collect()
        }
        _ => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let members = properties.into_iter().flatten();
            Value::Object(
                members
                    .map(|(name, member)| (name.clone(), sample(member, depth + 1)))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}
