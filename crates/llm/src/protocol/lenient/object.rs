//! Objects.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Error as _, MapAccess};

use super::Shape;

/// An object.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for Object<T> {
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|object| Self(Some(object)))
    }
}

/// A whole body or frame, which must be an object.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> serde_json::Result<T> {
    let Object(object) = serde_json::from_slice(body)?;
    object.ok_or_else(|| serde_json::Error::custom("not an object"))
}
