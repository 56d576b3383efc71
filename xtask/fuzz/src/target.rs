//! What is fuzzed: every framing alone, and every wire's replies, streams and errors.

use graphbit_llm::framing::{EventStream, Framing, JsonArray, NdJson, Sse, SseOrJson};
use graphbit_llm::vendor::Wire;

use crate::mutate::Form;

/// One reader of what servers send.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    /// What its inputs are made of.
    pub(crate) form: Form,
    pub(crate) reader: Reader,
}

/// The reader itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// A framing; it cuts the streams of these wires.
    Framing(fn(usize) -> Box<dyn Framing>, &'static [Wire]),
    /// The decoder of a reply that comes whole.
    Reply(Wire),
    /// A framing and the decoder behind it.
    Stream(Wire),
    /// The reader of an error's body.
    Error(Wire),
}

const FRAMINGS: &[(&str, Reader)] = &[
    (
        "sse",
        Reader::Framing(
            |limit| Box::new(Sse::new(limit)),
            &[Wire::OpenAiChat, Wire::OpenAiResponses, Wire::AnthropicMessages, Wire::Cohere],
        ),
    ),
    ("ndjson", Reader::Framing(|limit| Box::new(NdJson::new(limit)), &[Wire::Ollama])),
    ("json-array", Reader::Framing(|limit| Box::new(JsonArray::new(limit)), &[Wire::Gemini, Wire::Ollama])),
    (
        "sse-or-json",
        Reader::Framing(|limit| Box::new(SseOrJson::new(limit)), &[Wire::Gemini, Wire::OpenAiChat]),
    ),
    ("event-stream", Reader::Framing(|limit| Box::new(EventStream::new(limit)), &[Wire::BedrockConverse])),
];

/// The wires, with the names that recordings give to their dialects.
pub(crate) const WIRES: &[(&str, Wire, &str)] = &[
    ("openai-chat", Wire::OpenAiChat, "chat"),
    ("openai-responses", Wire::OpenAiResponses, "responses"),
    ("anthropic", Wire::AnthropicMessages, "anthropic"),
    ("gemini", Wire::Gemini, "gemini"),
    ("bedrock-converse", Wire::BedrockConverse, "converse"),
    ("ollama", Wire::Ollama, "ollama"),
    ("cohere", Wire::Cohere, "cohere2"),
];

/// All of them; with names, those whose name begins with one.
pub(crate) fn targets(names: &[String]) -> Result<Vec<Target>, String> {
    let framings = FRAMINGS.iter().map(|(name, reader)| ((*name).to_owned(), *reader));
    let wires = WIRES.iter().flat_map(|(name, wire, _)| {
        [("reply", Reader::Reply(*wire)), ("stream", Reader::Stream(*wire)), ("error", Reader::Error(*wire))]
            .map(|(kind, reader)| (format!("{name}-{kind}"), reader))
    });
    let all: Vec<Target> =
        framings.chain(wires).map(|(name, reader)| Target { form: form(reader), name, reader }).collect();
    let is_asked = |target: &Target, name: &String| target.name.starts_with(name.as_str());
    if let Some(name) = names.iter().find(|name| !all.iter().any(|target| is_asked(target, name))) {
        let known: Vec<&str> = all.iter().map(|target| target.name.as_str()).collect();
        return Err(format!("no target is called `{name}`; there are {}", known.join(", ")));
    }
    // A name that is one target's own does not mean the longer ones: `sse` is not `sse-or-json`.
    let exact = |name: &String| all.iter().any(|target| target.name == *name);
    let wanted = |target: &Target| {
        names.is_empty()
            || names
                .iter()
                .any(|name| if exact(name) { target.name == *name } else { is_asked(target, name) })
    };
    let wanted: Vec<bool> = all.iter().map(wanted).collect();
    Ok(all.into_iter().zip(wanted).filter_map(|(target, wanted)| wanted.then_some(target)).collect())
}

fn form(reader: Reader) -> Form {
    match reader {
        Reader::Framing(_, [Wire::BedrockConverse]) | Reader::Stream(Wire::BedrockConverse) => Form::Messages,
        Reader::Framing(..) | Reader::Stream(_) => Form::Lines,
        Reader::Reply(_) | Reader::Error(_) => Form::Json,
    }
}
