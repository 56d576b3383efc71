//! Members of a reply that may be of another type than documented: such a value counts as absent instead of spoiling the
//! whole reply. Text is borrowed from the body and lists are bounded as they are read, so that a reply within its size limit
//! cannot become many times its size. What a wire's members are called, its own folder says.

mod counts;
mod list;
mod number;
mod object;
mod raw;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use counts::Counts;
pub(crate) use list::{First, Indexed, List, OneOrMany, bounded};
pub(crate) use number::{Flag, Number};
pub(crate) use object::{Object, object};
pub(crate) use raw::{json_text, present};
pub(crate) use text::{Text, Word};

/// What a type makes of each kind of value; its default, unless said.
pub(crate) trait Shape<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn number(_: serde_json::Number) -> Self {
        Self::default()
    }

    fn flag(_: bool) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Self::default())
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(object).map(|_| Self::default())
    }
}

/// Reads a value by its shape.
pub(crate) fn read<'de, T: Shape<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Reader(PhantomData))
}

/// Types that are read by their shape. Those with text in them are borrowed from the body.
macro_rules! by_shape {
    ($($shape:ident $(<$item:ident $(: $bound:ident)? $(, const $most:ident)?>)?;)*) => {$(
        impl<'de $(, $item: Deserialize<'de> $(+ $bound)? $(, const $most: usize)?)?> Deserialize<'de>
            for $shape $(<$item $(, $most)?>)?
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read(deserializer)
            }
        }
    )*};
}

by_shape! {
    Number;
    Flag;
    Object<T>;
    List<T, const MOST>;
    OneOrMany<T>;
    First<T: Indexed>;
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(serde_json::Number::from_f64(number).map_or_else(T::default, T::number))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}
