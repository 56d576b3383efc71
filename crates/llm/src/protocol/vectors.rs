//! A list of vectors, from the text of a reply straight into one flat allocation: no number is ever a JSON value of its own.
//! Where the list stands within the reply, and what stands beside it, every wire's `embed` says.

#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use graphbit_core::{Error, ErrorCode, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Part;
use super::lenient::{Number, Text};
use crate::Embeddings;

/// Reads a list with one vector for each text: an array of numbers or a base64 string of little-endian floats, bare or as the
/// member `embedding` or `values` of an object, whose `index` is the text's.
///
/// # Errors
/// `PROTOCOL` when a vector is missing, one too many, or not as long as the others or as was asked.
pub(crate) fn read(list: &RawValue, part: &Part<'_>) -> Result<Embeddings> {
    let mut flat = Flat::new(part.texts.len(), list.get().len());
    List(&mut flat).deserialize(&mut serde_json::Deserializer::from_str(list.get())).map_err(|error| {
        Error::new(ErrorCode::Protocol, format!("the reply's vectors cannot be used: {error}"))
    })?;
    match part.request.dimensions {
        Some(asked) if asked as usize != flat.dimensions && !flat.places.is_empty() => Err(wrong(format!(
            "the vectors have {} dimensions where {asked} were asked for: the model cannot choose, leave `dimensions` out",
            flat.dimensions
        ))),
        _ => flat.finish(),
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorCode::Protocol, message)
}

/// The vectors so far.
struct Flat {
    texts: usize,
    values: Vec<f32>,
    dimensions: usize,
    /// Which text each vector is for.
    places: Vec<usize>,
    /// No list of this length has more numbers: bounds what is reserved on the word of the first vector.
    most: usize,
    /// What base64 decodes to.
    bytes: Vec<u8>,
}

impl Flat {
    fn new(texts: usize, length: usize) -> Self {
        let (values, places, bytes) = (Vec::new(), Vec::new(), Vec::new());
        Self { texts, values, dimensions: 0, places, most: length / 2, bytes }
    }

    /// A vector has ended that began at `start`.
    fn end<E: serde::de::Error>(&mut self, start: usize) -> Result<(), E> {
        let length = self.values.len() - start;
        if length == 0 {
            return Err(E::custom(format_args!("vector {} is empty", self.places.len())));
        }
        if self.dimensions == 0 {
            self.dimensions = length;
            let more = self.texts.saturating_mul(length).min(self.most).saturating_sub(length);
            self.values.reserve_exact(more);
        }
        if length != self.dimensions {
            return Err(E::custom(format_args!(
                "vector {} has {length} dimensions, the first has {}",
                self.places.len(),
                self.dimensions
            )));
        }
        Ok(())
    }

    /// The vector that ended last is for this text; without an index they come in the order of the texts.
    fn place<E: serde::de::Error>(&mut self, index: Option<u64>) -> Result<(), E> {
        let next = self.places.len();
        if next >= self.texts {
            return Err(E::custom(format_args!("more vectors than the {} texts", self.texts)));
        }
        let index = index.map_or(Some(next), |index| usize::try_from(index).ok());
        match index.filter(|index| *index < self.texts) {
            Some(index) => self.places.push(index),
            None => return Err(E::custom(format_args!("vector {next} is for no text that was sent"))),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Embeddings> {
        if self.places.len() != self.texts {
            return Err(wrong(format!(
                "the reply has {} vectors for {} texts",
                self.places.len(),
                self.texts
            )));
        }
        if self.places.iter().enumerate().any(|(at, place)| at != *place) {
            self.values = self.in_order()?;
        }
        self.values.shrink_to_fit();
        let mut embeddings = Embeddings::default();
        (embeddings.values, embeddings.dimensions) = (self.values, self.dimensions);
        Ok(embeddings)
    }

    fn in_order(&self) -> Result<Vec<f32>> {
        let mut from = vec![None; self.texts];
        for (place, vector) in self.places.iter().zip(self.values.chunks_exact(self.dimensions)) {
            if from.get_mut(*place).is_none_or(|slot| slot.replace(vector).is_some()) {
                return Err(wrong(format!(
                    "the reply has two vectors for text {place}, and none for another"
                )));
            }
        }
        Ok(from.into_iter().flatten().flatten().copied().collect())
    }
}

/// The list.
struct List<'v>(&'v mut Flat);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of vectors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Item { flat: self.0, bare: false })?.is_some() {}
        Ok(())
    }
}

/// A vector: bare, or else one within an object as well.
struct Item<'v> {
    flat: &'v mut Flat,
    bare: bool,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<(), A::Error> {
        let start = self.flat.values.len();
        while let Some(number) = numbers.next_element::<f32>()? {
            self.flat.values.push(number);
        }
        self.flat.end(start)?;
        if self.bare { Ok(()) } else { self.flat.place(None) }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let start = self.flat.values.len();
        self.flat.bytes.clear();
        STANDARD.decode_vec(text, &mut self.flat.bytes).map_err(E::custom)?;
        let (floats, rest) = self.flat.bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(E::custom("a vector in base64 does not end with a float"));
        }
        self.flat.values.extend(floats.iter().map(|float| f32::from_le_bytes(*float)));
        self.flat.end(start)?;
        if self.bare { Ok(()) } else { self.flat.place(None) }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        if self.bare {
            return Err(A::Error::custom("an object in place of a vector"));
        }
        let before = self.flat.values.len();
        let mut index = None;
        while let Some(name) = object.next_key::<Text<'de>>()? {
            match name.as_str() {
                "embedding" | "values" if self.flat.values.len() == before => {
                    object.next_value_seed(Item { flat: &mut *self.flat, bare: true })?;
                }
                "index" => index = object.next_value::<Number>()?.0,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        if self.flat.values.len() == before {
            return Err(A::Error::custom(format_args!("item {} has no vector", self.flat.places.len())));
        }
        self.flat.place(index)
    }
}
