//! The JSON of replies, borrowed from the body. Lenient: everything may be absent, null or of another type than documented.
//! What is kept of a list is bounded, so that a reply within its size limit cannot become many times its size.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error as _, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::protocol::MOST_CALLS;

/// The most parts of one turn; every tool call is one.
const MOST_PARTS: usize = 8 * MOST_CALLS;

/// A reply, or one chunk of a streamed one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply<'a> {
    #[serde(borrow, default)]
    pub(super) response_id: Maybe<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) model_version: Maybe<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) candidates: Maybe<First<'a>>,
    #[serde(borrow, default)]
    pub(super) prompt_feedback: Maybe<Feedback<'a>>,
    #[serde(borrow, default)]
    pub(super) usage_metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

impl Reply<'_> {
    /// Whether there is anything in it that a reply has.
    pub(super) fn is_known(&self) -> bool {
        self.candidates.0.is_some()
            || self.prompt_feedback.0.is_some()
            || self.usage_metadata.or(self.error).is_some_and(|raw| raw.get() != "null")
            || self.response_id.0.is_some()
            || self.model_version.0.is_some()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    #[serde(default)]
    index: Maybe<u64>,
    #[serde(borrow, default)]
    pub(super) content: Maybe<Content<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Maybe<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow, default)]
    pub(super) parts: Maybe<List<Maybe<Part<'a>>>>,
}

/// Why a prompt was not answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback<'a> {
    #[serde(borrow, default)]
    pub(super) block_reason: Maybe<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow, default)]
    pub(super) text: Maybe<Text<'a>>,
    #[serde(default)]
    pub(super) thought: Maybe<bool>,
    #[serde(borrow, default)]
    pub(super) function_call: Maybe<FunctionCall<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionCall<'a> {
    #[serde(borrow, default)]
    pub(super) id: Maybe<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) name: Maybe<Text<'a>>,
    /// The arguments as an object.
    #[serde(borrow, default)]
    pub(super) args: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) partial_args: Maybe<List<Maybe<PartialArg<'a>>>>,
    /// More of the arguments follows in another part.
    #[serde(default)]
    pub(super) will_continue: Maybe<bool>,
}

/// A piece of one argument; one of the values is there, or none for `null`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialArg<'a> {
    #[serde(borrow, default)]
    pub(super) json_path: Maybe<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) string_value: Maybe<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) number_value: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) bool_value: Maybe<bool>,
}

/// A JSON string, borrowed where it has no escapes. Enums are numbers where `$alt=json;enum-encoding=int` was asked for.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The first candidate. We never ask for more.
#[derive(Debug)]
pub(super) struct First<'a>(pub(super) Option<Candidate<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = First<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of candidates")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut first = None;
                while first.is_none() {
                    let Some(Maybe(candidate)) = list.next_element::<Maybe<Candidate<'de>>>()? else {
                        return Ok(First(None));
                    };
                    first = candidate.filter(|candidate| candidate.index.0.unwrap_or(0) == 0);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}

/// A list that refuses to be longer than any sensible one.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() >= MOST_PARTS {
                        return Err(A::Error::custom(format_args!("a list of more than {MOST_PARTS} items")));
                    }
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}

/// A value of the type that is documented, or nothing: another type is passed over.
#[derive(Debug)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl Maybe<Text<'_>> {
    /// The text; none is empty.
    pub(super) fn text(&self) -> &str {
        self.0.as_ref().map_or("", |text| &text.0)
    }
}

impl<T> Maybe<List<T>> {
    /// The items; no list has none.
    pub(super) fn items(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |list| &list.0)
    }
}

/// What a type looks like as JSON, so that something else can be passed over before it is read.
pub(super) trait Shaped {
    const SHAPE: Shape = Shape::Object;
}

#[derive(PartialEq)]
pub(super) enum Shape {
    Object,
    List,
    Scalar,
}

impl Shaped for Reply<'_> {}
impl Shaped for Candidate<'_> {}
impl Shaped for Content<'_> {}
impl Shaped for Feedback<'_> {}
impl Shaped for Part<'_> {}
impl Shaped for FunctionCall<'_> {}
impl Shaped for PartialArg<'_> {}
impl Shaped for First<'_> {
    const SHAPE: Shape = Shape::List;
}
impl<T> Shaped for List<T> {
    const SHAPE: Shape = Shape::List;
}
impl Shaped for Text<'_> {
    const SHAPE: Shape = Shape::Scalar;
}
impl Shaped for bool {
    const SHAPE: Shape = Shape::Scalar;
}
impl Shaped for u64 {
    const SHAPE: Shape = Shape::Scalar;
}

impl<'de, T: Deserialize<'de> + Shaped> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        fn scalar<'de, T: Deserialize<'de> + Shaped, E: serde::de::Error>(
            value: impl Deserializer<'de, Error = E>,
        ) -> Result<Maybe<T>, E> {
            Ok(Maybe(if T::SHAPE == Shape::Scalar { T::deserialize(value).ok() } else { None }))
        }

        impl<'de, T: Deserialize<'de> + Shaped> Visitor<'de> for Reader<T> {
            type Value = Maybe<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                if T::SHAPE == Shape::Object {
                    return T::deserialize(MapAccessDeserializer::new(map)).map(|value| Maybe(Some(value)));
                }
                IgnoredAny.visit_map(map).map(|_| Maybe(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                if T::SHAPE == Shape::List {
                    return T::deserialize(SeqAccessDeserializer::new(list)).map(|value| Maybe(Some(value)));
                }
                IgnoredAny.visit_seq(list).map(|_| Maybe(None))
            }

            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                scalar(BorrowedStrDeserializer::new(text))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                scalar(text.into_deserializer())
            }

            fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
                scalar(value.into_deserializer())
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                scalar(number.into_deserializer())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Maybe(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Maybe(None))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Maybe(None))
            }
        }
        deserializer.deserialize_any(Reader(PhantomData))
    }
}
