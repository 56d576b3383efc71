//! What a vendor says about tokens.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess};
use serde_json::value::RawValue;

use super::number::whole;
use super::{Shape, Text, read};
use crate::RawJson;

/// A count of tokens is a few hundred bytes; more of it is no count.
const MOST_BYTES: usize = 64 << 10;

/// The vendor's own object, and the numbers in it.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    raw: &'a RawValue,
    members: Members<'a>,
}

/// By name; of several with the same name the last counts.
type Members<'a> = Vec<(Cow<'a, str>, Count<'a>)>;

#[derive(Debug, Default)]
enum Count<'a> {
    Number(u64),
    Members(Members<'a>),
    #[default]
    None,
}

impl<'a> Counts<'a> {
    /// Reads the object; anything else is none.
    pub(crate) fn read(raw: Option<&'a RawValue>) -> Option<Self> {
        Self::of(raw.filter(|raw| raw.get().len() <= MOST_BYTES)?)
    }

    /// The same of an object that was put together from several.
    pub(crate) fn of(raw: &'a RawValue) -> Option<Self> {
        match serde_json::from_str(raw.get()).ok()? {
            Count::Members(members) => Some(Self { raw, members }),
            _ => None,
        }
    }

    /// The number at a place in it: members of objects, the outermost first.
    pub(crate) fn at(&self, place: &[&str]) -> Option<u64> {
        let (last, objects) = place.split_last()?;
        let members = objects.iter().try_fold(&self.members, |members, name| match find(members, name)? {
            Count::Members(inner) => Some(inner),
            _ => None,
        })?;
        match find(members, last)? {
            Count::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The object, word for word.
    pub(crate) fn raw(&self) -> RawJson {
        self.raw.into()
    }
}

fn find<'c, 'a>(members: &'c Members<'a>, wanted: &str) -> Option<&'c Count<'a>> {
    members.iter().rfind(|(name, _)| name == wanted).map(|(_, count)| count)
}

impl<'de: 'a, 'a> Shape<'de> for Count<'a> {
    fn number(number: serde_json::Number) -> Self {
        whole(&number).map_or(Self::None, Self::Number)
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut members = Vec::new();
        while let Some((Text(name), count)) = object.next_entry()? {
            members.push((name.unwrap_or_default(), count));
        }
        Ok(Self::Members(members))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Count<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}
