//! What a vendor says about tokens.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::Text;
use super::number::whole;
use crate::RawJson;

/// A count of tokens is a few hundred bytes; more of it is no count.
const MOST_BYTES: usize = 64 << 10;

/// The vendor's own object, and the numbers in it.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    raw: &'a RawValue,
    members: Members<'a>,
}

/// One after the other as they are written, those of an inner object behind its own name; as many as vendors tell without a block
/// of their own.
type Members<'a> = SmallVec<[Member<'a>; 12]>;

/// By name; of several with the same name in an object the last counts.
#[derive(Debug)]
struct Member<'a> {
    name: Cow<'a, str>,
    /// How many objects it is in.
    depth: usize,
    /// `None` for what is no count.
    number: Option<u64>,
}

impl<'a> Counts<'a> {
    /// Reads the object; anything else is none.
    pub(crate) fn read(raw: Option<&'a RawValue>) -> Option<Self> {
        Self::of(raw.filter(|raw| raw.get().len() <= MOST_BYTES)?)
    }

    /// The same of an object that was put together from several.
    pub(crate) fn of(raw: &'a RawValue) -> Option<Self> {
        let mut members = Members::new();
        let mut json = serde_json::Deserializer::from_str(raw.get());
        let kind = Level { members: &mut members, depth: 0 }.deserialize(&mut json);
        matches!(kind, Ok(Kind::Object)).then_some(Self { raw, members })
    }

    /// The number at a place in it: members of objects, the outermost first.
    pub(crate) fn at(&self, place: &[&str]) -> Option<u64> {
        let (mut members, mut number) = (&self.members[..], None);
        for (depth, name) in place.iter().enumerate() {
            let at = members.iter().rposition(|member| member.depth == depth && member.name == *name)?;
            let (found, behind) = members.get(at..)?.split_first()?;
            let end = behind.iter().position(|member| member.depth <= depth).unwrap_or(behind.len());
            (members, number) = (behind.get(..end)?, found.number);
        }
        number
    }

    /// The object, word for word.
    pub(crate) fn raw(&self) -> RawJson {
        self.raw.into()
    }
}

/// What a value is.
enum Kind {
    Number(Option<u64>),
    Object,
    Other,
}

/// Reads a value, and adds the members of an object.
struct Level<'m, 'a> {
    members: &'m mut Members<'a>,
    depth: usize,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Level<'_, 'a> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Level<'_, 'a> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Kind, E> {
        Ok(Kind::Number(Some(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Kind, E> {
        Ok(Kind::Number(number.try_into().ok()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Kind, E> {
        Ok(Kind::Number(Number::from_f64(number).and_then(|number| whole(&number))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Kind, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Kind::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Kind, A::Error> {
        let Self { members, depth } = self;
        while let Some(Text(name)) = object.next_key()? {
            let at = members.len();
            members.push(Member { name: name.unwrap_or_default(), depth, number: None });
            let value = object.next_value_seed(Level { members: &mut *members, depth: depth + 1 })?;
            if let (Kind::Number(number), Some(member)) = (value, members.get_mut(at)) {
                member.number = number;
            }
        }
        Ok(Kind::Object)
    }
}
