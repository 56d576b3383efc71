//! For every wire: a recorded reply that came whole, cut into the pieces in which the vendor streams one, reads as the same
//! reply, and goes back with the next turn as the same bytes.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::replayed::{fold, label, recorded};
use super::{Emitter, Protocol, Target, decode_whole};
use crate::framing::Frame;
use crate::vendor::{Wire, vendor};
use crate::{Message, Request, Response};

/// The name of a frame and its data.
type Event = (&'static str, Value);

/// Compares all replies of a dialect that the vendor names; `pieces` is `None` where a reply cannot be streamed so.
fn agree(dialect: &str, wire: Wire, vendor_name: &str, pieces: fn(&Value) -> Option<Vec<Event>>) {
    let protocol = wire.protocol();
    let cases = recorded(dialect);
    let mut same = 0;
    for case in cases.iter().filter(|case| !case.streaming && case.http_status == 200) {
        let Ok(body) = serde_json::from_slice::<Value>(&case.response) else { continue };
        let Ok(whole) = decode_whole(protocol, body.to_string().as_bytes()).map(fold) else { continue };
        let Some(pieces) = pieces(&body) else { continue };
        let streamed = streamed(protocol, pieces);
        let said = |reply: &Response| serde_json::to_value(reply).unwrap();
        assert_eq!(said(&streamed), said(&whole), "{}", label(case));
        let sent = |reply: &Response| sent_back(protocol, vendor_name, reply);
        assert_eq!(sent(&streamed), sent(&whole), "{}", label(case));
        same += 1;
    }
    assert!(cases.is_empty() || same >= 10, "{same}");
}

fn streamed(protocol: &dyn Protocol, pieces: Vec<Event>) -> Response {
    let (mut out, mut decoder) = (Emitter::default(), protocol.decoder());
    for (name, data) in pieces {
        let name = Some(Bytes::from(name)).filter(|name| !name.is_empty());
        let frame = Frame { name, data: data.to_string().into(), terminated: true };
        decoder.frame(&frame, &mut out).unwrap();
    }
    out.close();
    fold(out.drain().collect())
}

/// The body of the request that follows, or why there is none.
fn sent_back(protocol: &dyn Protocol, vendor_name: &str, reply: &Response) -> Result<Value, String> {
    let mut request = Request::new(vec![Message::user("go"), reply.message(), Message::user("on")]);
    request.settle("").unwrap();
    let (extra, quirks) = (Map::new(), &vendor(vendor_name).unwrap().quirks);
    let target = Target::new("http://h", "m", quirks, &extra);
    let sent = protocol.encode(&target, &request).map_err(|error| error.message().to_owned())?;
    Ok(serde_json::from_slice(sent.body()).unwrap())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text in two pieces.
fn halves(text: &Value) -> Vec<Value> {
    let text = text.as_str().unwrap_or_default();
    let middle = (text.len() / 2..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap();
    let (one, other) = text.split_at(middle);
    [one, other].into_iter().filter(|half| !half.is_empty()).map(Value::from).collect()
}

fn with(of: &Value, name: &str, value: Value) -> Value {
    let mut of = of.clone();
    of[name] = value;
    of
}

#[test]
fn chat_completions() {
    agree("chat", Wire::OpenAiChat, "openrouter", |body| {
        let choice = &body["choices"][0];
        if choice["finish_reason"].as_str().is_none_or(str::is_empty) || choice.get("error").is_some() {
            return None;
        }
        let mut deltas = Vec::new();
        let mut thinking = choice["message"].as_object()?.clone();
        let calls = thinking.remove("tool_calls").unwrap_or_default();
        match thinking.remove("content").unwrap_or_default() {
            Value::Array(parts) => deltas.extend(parts.iter().map(|part| json!({"content": [part]}))),
            text => deltas.extend(halves(&text).iter().map(|text| json!({"content": text}))),
        }
        for name in ["refusal", "function_call"] {
            deltas.extend(thinking.remove(name).map(|value| json!({ name: value })));
        }
        deltas.insert(0, thinking.into());
        for (index, call) in list(&calls).enumerate() {
            let mut first = with(call, "index", index.into());
            first["function"]["arguments"] = "".into();
            deltas.push(json!({"tool_calls": [first]}));
            deltas.extend(
                halves(&call["function"]["arguments"])
                    .iter()
                    .map(|text| json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]})),
            );
        }
        let chunk = |choices: Value| with(&with(body, "choices", choices), "usage", Value::Null);
        let mut events: Vec<Event> =
            deltas.iter().map(|delta| ("", chunk(json!([{"index": 0, "delta": delta}])))).collect();
        let end = json!([{"index": 0, "delta": {}, "logprobs": choice["logprobs"], "finish_reason": choice["finish_reason"]}]);
        events.push(("", chunk(end)));
        events.push(("", with(body, "choices", json!([]))));
        Some(events)
    });
}

#[test]
fn responses() {
    agree("responses", Wire::OpenAiResponses, "openai", |body| {
        let status =
            body["status"].as_str().filter(|status| matches!(*status, "completed" | "incomplete"))?;
        let about = json!({"id": body["id"], "model": body["model"]});
        let mut events = vec![("", json!({"type": "response.created", "response": about}))];
        for (index, item) in list(&body["output"]).enumerate() {
            let mut event = |kind: &str, more: Value| {
                let mut event = json!({"type": format!("response.{kind}"), "output_index": index});
                event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                events.push(("", event));
            };
            let begun = json!({"type": item["type"], "id": item["id"], "call_id": item["call_id"], "name": item["name"]});
            event("output_item.added", json!({ "item": begun }));
            for (at, part) in list(&item["summary"]).enumerate() {
                for delta in halves(&part["text"]) {
                    event("reasoning_summary_text.delta", json!({"summary_index": at, "delta": delta}));
                }
            }
            for (at, part) in list(&item["content"]).enumerate() {
                let text = halves(&part["text"]);
                let mut logprobs = part["logprobs"].clone();
                for delta in text {
                    let kind = if item["type"] == "message" { "output_text" } else { "reasoning_text" };
                    event(
                        &format!("{kind}.delta"),
                        json!({"content_index": at, "delta": delta, "logprobs": logprobs.take()}),
                    );
                }
                for delta in halves(&part["refusal"]) {
                    event("refusal.delta", json!({ "delta": delta }));
                }
            }
            let (kind, text) = match item["type"].as_str()? {
                "custom_tool_call" => ("custom_tool_call_input.delta", &item["input"]),
                _ => ("function_call_arguments.delta", &item["arguments"]),
            };
            for delta in halves(text) {
                event(kind, json!({ "delta": delta }));
            }
            event("output_item.done", json!({ "item": item }));
        }
        events.push(("", json!({"type": format!("response.{status}"), "response": body})));
        Some(events)
    });
}

#[test]
fn anthropic() {
    agree("anthropic", Wire::AnthropicMessages, "anthropic", |body| {
        let begun = with(&with(body, "content", json!([])), "stop_reason", Value::Null);
        let mut events = vec![("", json!({"type": "message_start", "message": begun}))];
        for (index, block) in list(&body["content"]).enumerate() {
            let mut begun = block.clone();
            let mut deltas = Vec::new();
            let mut later = |member: &str, kind: &str, name: &str, text: &Value, empty: Value| {
                if begun.get(member).is_some() {
                    deltas.extend(halves(text).iter().map(|text| json!({"type": kind, name: text})));
                    begun[member] = empty;
                }
            };
            later("text", "text_delta", "text", &block["text"], "".into());
            later("thinking", "thinking_delta", "thinking", &block["thinking"], "".into());
            later("input", "input_json_delta", "partial_json", &block["input"].to_string().into(), json!({}));
            if let Some(signature) = block.get("signature") {
                begun["signature"] = "".into();
                deltas.push(json!({"type": "signature_delta", "signature": signature}));
            }
            events.push(("", json!({"type": "content_block_start", "index": index, "content_block": begun})));
            events.extend(
                deltas.iter().map(|delta| {
                    ("", json!({"type": "content_block_delta", "index": index, "delta": delta}))
                }),
            );
            events.push(("", json!({"type": "content_block_stop", "index": index})));
        }
        events.push(("", json!({"type": "message_delta", "delta": {"stop_reason": body["stop_reason"]}})));
        events.push(("", json!({"type": "message_stop"})));
        Some(events)
    });
}

#[test]
fn gemini() {
    agree("gemini", Wire::Gemini, "gemini", |body| {
        let candidate = body["candidates"].get(0)?;
        candidate["finishReason"].as_str()?;
        let mut parts = Vec::new();
        for part in list(&candidate["content"]["parts"]) {
            // What is signed comes in a piece of its own.
            if part["text"].is_string() && part.get("thoughtSignature").is_none() {
                parts.extend(halves(&part["text"]).into_iter().map(|text| with(part, "text", text)));
            } else {
                parts.push(part.clone());
            }
        }
        let mut events: Vec<Event> = parts
            .iter()
            .map(|part| {
                (
                    "",
                    json!({"responseId": body["responseId"], "modelVersion": body["modelVersion"],
                                    "candidates": [{"content": {"parts": [part]}}]}),
                )
            })
            .collect();
        let mut end = body.clone();
        end["candidates"][0]["content"] = json!({"role": "model"});
        events.push(("", end));
        Some(events)
    });
}

#[test]
fn ollama() {
    agree("ollama", Wire::Ollama, "ollama", |body| {
        let turn = body.get("message")?;
        let mut turns = Vec::new();
        for name in ["thinking", "content"] {
            turns.extend(halves(&turn[name]).iter().map(|text| json!({ name: text })));
        }
        turns.extend(list(&turn["tool_calls"]).map(|call| json!({"tool_calls": [call]})));
        let line = |turn: &Value| ("", json!({"model": body["model"], "message": turn, "done": false}));
        let mut events: Vec<Event> = turns.iter().map(line).collect();
        events.push(("", with(body, "message", json!({"content": ""}))));
        Some(events)
    });
}

#[test]
fn cohere() {
    agree("cohere2", Wire::Cohere, "cohere", |body| {
        let event = |kind: &str, index: usize, message: Value| {
            ("", json!({"type": kind, "index": index, "delta": {"message": message}}))
        };
        let mut events = vec![("", json!({"type": "message-start", "id": body["id"]}))];
        for (index, part) in list(&body["message"]["content"]).enumerate() {
            for name in ["thinking", "text"] {
                let pieces = halves(&part[name]);
                events.extend(
                    pieces.iter().map(|text| event("content-delta", index, json!({"content": {name: text}}))),
                );
            }
        }
        for (index, call) in list(&body["message"]["tool_calls"]).enumerate() {
            let mut begun = call.clone();
            begun["function"]["arguments"] = "".into();
            events.push(event("tool-call-start", index, json!({"tool_calls": begun})));
            let pieces = halves(&call["function"]["arguments"]);
            events.extend(pieces.iter().map(|text| {
                event("tool-call-delta", index, json!({"tool_calls": {"function": {"arguments": text}}}))
            }));
        }
        events.extend(
            list(&body["logprobs"]).map(|one| ("", json!({"type": "content-delta", "logprobs": one}))),
        );
        let end = json!({"finish_reason": body["finish_reason"], "usage": body["usage"]});
        events.push(("", json!({"type": "message-end", "delta": end})));
        Some(events)
    });
}

#[test]
fn converse() {
    agree("converse", Wire::BedrockConverse, "bedrock", |body| {
        let mut events = vec![("messageStart", json!({"role": "assistant"}))];
        for (index, block) in list(&body["output"]["message"]["content"]).enumerate() {
            let at = |name: &str, value: Value| json!({"contentBlockIndex": index, name: value});
            let mut deltas = Vec::new();
            deltas.extend(halves(&block["text"]).iter().map(|text| json!({"text": text})));
            let thought = &block["reasoningContent"];
            let shown = &thought["reasoningText"];
            deltas.extend(
                halves(&shown["text"]).iter().map(|text| json!({"reasoningContent": {"text": text}})),
            );
            for (name, proof) in
                [("signature", &shown["signature"]), ("redactedContent", &thought["redactedContent"])]
            {
                deltas.extend(proof.is_string().then(|| json!({"reasoningContent": {name: proof}})));
            }
            deltas.extend(block.get("citationsContent").map(|cited| json!({"citationsContent": cited})));
            if let Some(call) = block.get("toolUse") {
                let mut begun = call.clone();
                begun.as_object_mut()?.remove("input");
                events.push(("contentBlockStart", at("start", json!({"toolUse": begun}))));
                let pieces = halves(&call["input"].to_string().into());
                deltas.extend(pieces.iter().map(|text| json!({"toolUse": {"input": text}})));
            }
            events.extend(deltas.into_iter().map(|delta| ("contentBlockDelta", at("delta", delta))));
            events.push(("contentBlockStop", json!({"contentBlockIndex": index})));
        }
        events.push(("messageStop", json!({"stopReason": body["stopReason"]})));
        events.push(("metadata", json!({"usage": body["usage"]})));
        Some(events)
    });
}
