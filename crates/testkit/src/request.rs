//! A request as a script's rules see it: borrowed from the connection's buffer, read no further than needed.
//!
//! What is kept of it afterwards is an [`Exchange`](crate::Exchange).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// One request, while it is being answered.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    number: u64,
    method: &'a str,
    path: &'a str,
    head: &'a [u8],
    body: &'a [u8],
    ask: Option<Ask<'a>>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(number: u64, head: &'a [u8], body: &'a [u8]) -> Self {
        let (method, path) = start_line(head);
        let ask = if body.is_empty() { None } else { serde_json::from_slice(body).ok() };
        Self { number, method, path, head, body, ask }
    }

    /// Its place among all requests since the start or the last `clear`; the first is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// `"POST"`, `"GET"`, …
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The request target as sent, with the `/with/…` prefix and the query.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The body's bytes, decoded where they came chunked.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The body as JSON; `Null` when it is empty, a string when it is not JSON.
    pub fn json(&self) -> Value {
        json_or_text(self.body)
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut found = None;
        each_header(self.head, |key, value| {
            if found.is_none() && key.eq_ignore_ascii_case(name) {
                found = Some(String::from_utf8_lossy(value).into_owned());
            }
        });
        found
    }

    /// The model asked for, or `""`.
    pub fn model(&self) -> &str {
        self.ask.as_ref().map_or("", |ask| &ask.model)
    }

    /// The text of the last message whose role is `user` (of the input, for embeddings), or `""`.
    pub fn prompt(&self) -> &str {
        self.ask.as_ref().map_or("", |ask| &ask.messages.prompt)
    }

    /// The role of the last message, or `""`: `"tool"` when the client answers a tool call.
    pub fn last_role(&self) -> &str {
        self.ask.as_ref().map_or("", |ask| &ask.messages.last_role)
    }

    /// Whether a streamed reply was asked for.
    pub fn wants_stream(&self) -> bool {
        self.ask.as_ref().is_some_and(|ask| ask.stream == Some(true))
    }

    /// Whether a streamed reply is to end with its usage.
    pub fn wants_usage(&self) -> bool {
        self.ask
            .as_ref()
            .and_then(|ask| ask.stream_options.as_ref())
            .is_some_and(|options| options.include_usage == Some(true))
    }

    /// How many bytes of text all messages hold together.
    pub(crate) fn prompt_bytes(&self) -> usize {
        self.ask.as_ref().map_or(0, |ask| ask.messages.bytes)
    }

    /// Whether the body could be read as a request to a model.
    pub(crate) fn is_readable(&self) -> bool {
        self.ask.is_some()
    }
}

pub(crate) fn json_or_text(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// Method and target of a head that `httparse` accepted.
pub(crate) fn start_line(head: &[u8]) -> (&str, &str) {
    let mut words =
        head.split(|byte| *byte == b' ' || *byte == b'\r' || *byte == b'\n').filter(|word| !word.is_empty());
    let mut word = || words.next().and_then(|word| std::str::from_utf8(word).ok()).unwrap_or("");
    (word(), word())
}

/// Calls `see` with every header of a complete head, in order.
pub(crate) fn each_header(head: &[u8], mut see: impl FnMut(&str, &[u8])) {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut slots);
    if parsed.parse(head).is_ok() {
        for header in parsed.headers.iter() {
            see(header.name, header.value);
        }
    }
}

pub(crate) const MAX_HEADERS: usize = 100;

/// The few fields that decide about a reply. Everything else is skipped unread.
#[derive(Clone, Debug, Deserialize)]
struct Ask<'a> {
    #[serde(default, borrow)]
    model: Cow<'a, str>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    #[serde(default, borrow, alias = "input", alias = "texts")]
    messages: Messages<'a>,
}

#[derive(Clone, Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

/// A conversation folded down to what rules ask about.
#[derive(Clone, Debug, Default)]
struct Messages<'a> {
    prompt: Cow<'a, str>,
    last_role: Cow<'a, str>,
    bytes: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Messages<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MessagesVisitor)
    }
}

struct MessagesVisitor;

impl<'de> Visitor<'de> for MessagesVisitor {
    type Value = Messages<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("messages, or the input of an embedding")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Messages::default())
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Messages { prompt: Cow::Borrowed(text), last_role: Cow::Borrowed("user"), bytes: text.len() })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Messages {
            prompt: Cow::Owned(text.to_owned()),
            last_role: Cow::Borrowed("user"),
            bytes: text.len(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Messages::default();
        while let Some(item) = items.next_element::<Item<'de>>()? {
            all.bytes += item.text.len();
            if item.role == "user" {
                all.prompt = item.text;
            }
            all.last_role = item.role;
        }
        Ok(all)
    }
}

/// A message; or a plain string, or a token number, of an embedding's input.
struct Item<'a> {
    role: Cow<'a, str>,
    text: Cow<'a, str>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Message<'m> {
            #[serde(default, borrow)]
            role: Cow<'m, str>,
            #[serde(default, borrow)]
            content: Text<'m>,
        }
        struct ItemVisitor;
        impl<'de> Visitor<'de> for ItemVisitor {
            type Value = Item<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let message = Message::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Item { role: message.role, text: message.content.0 })
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Item { role: Cow::Borrowed("user"), text: Cow::Borrowed(text) })
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Item { role: Cow::Borrowed("user"), text: Cow::Owned(text.to_owned()) })
            }
            fn visit_u64<E: de::Error>(self, _token: u64) -> Result<Self::Value, E> {
                Ok(Item { role: Cow::Borrowed("user"), text: Cow::Borrowed("") })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut tokens: A) -> Result<Self::Value, A::Error> {
                while tokens.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Item { role: Cow::Borrowed("user"), text: Cow::Borrowed("") })
            }
        }
        deserializer.deserialize_any(ItemVisitor)
    }
}

/// A message's content: a string, null, or parts of which the texts are joined.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Part<'p> {
            #[serde(default, borrow)]
            text: Cow<'p, str>,
        }
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message's content")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
                let mut joined = String::new();
                while let Some(part) = parts.next_element::<Part<'de>>()? {
                    joined.push_str(&part.text);
                }
                Ok(Text(Cow::Owned(joined)))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

#[cfg(test)]
mod tests;
