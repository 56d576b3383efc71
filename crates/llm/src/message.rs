//! A conversation, in nobody's wire format: messages made of parts.

mod media;
mod part;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use media::Media;
pub use part::{Part, Signature, ToolCall, ToolResult};

/// One turn of a conversation. As JSON, a content that is one text is a string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    #[serde(serialize_with = "write_content", deserialize_with = "read_content")]
    pub content: Vec<Part>,
    /// A hint: everything up to the end of this message comes back in later requests, so its processing is worth keeping.
    /// Wires where that has to be asked for are asked; the others decide by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cache: bool,
}

impl Message {
    /// A turn of these parts.
    pub fn new(role: Role, content: Vec<Part>) -> Self {
        Self { role, content, cache: false }
    }

    /// Instructions to the model.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new(Role::System, vec![Part::text(text)])
    }

    /// What the user says.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, vec![Part::text(text)])
    }

    /// What the model said before. The whole turn, with its tool calls and signatures, is
    /// [`Response::message`](crate::Response::message).
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, vec![Part::text(text)])
    }

    /// What a tool that the model called gave: `id` is the call's.
    pub fn tool_result(id: impl Into<String>, name: impl Into<String>, text: impl Into<String>) -> Self {
        let result = ToolResult::new(name, vec![Part::text(text)]).with_id(id);
        Self::new(Role::Tool, vec![Part::ToolResult(result)])
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.content.push(part);
        self
    }

    /// Marks the conversation up to here as worth keeping, see [`cache`](Self::cache).
    #[must_use]
    pub fn cached(mut self) -> Self {
        self.cache = true;
        self
    }

    /// Its texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.content.iter().filter_map(Part::as_text)
    }

    /// The calls of tools in it, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.content.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// The tools that the model called.
    Tool,
}

impl Role {
    /// The word for it, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

fn write_content<S: Serializer>(parts: &[Part], serializer: S) -> Result<S::Ok, S::Error> {
    match parts {
        [Part::Text { text, signature: None }] => serializer.serialize_str(text),
        _ => serializer.collect_seq(parts),
    }
}

/// A text, or a list of parts.
fn read_content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Part>, D::Error> {
    struct Content;

    impl<'de> serde::de::Visitor<'de> for Content {
        type Value = Vec<Part>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text or a list of parts")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<Part>, E> {
            Ok(vec![Part::text(text)])
        }

        fn visit_string<E>(self, text: String) -> Result<Vec<Part>, E> {
            Ok(vec![Part::text(text)])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Part>, A::Error> {
            let mut parts = Vec::new();
            while let Some(part) = seq.next_element()? {
                parts.push(part);
            }
            Ok(parts)
        }
    }

    deserializer.deserialize_any(Content)
}
