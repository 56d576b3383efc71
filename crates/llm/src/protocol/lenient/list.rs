//! Lists. What is kept of them is bounded.

use serde::de::{Deserialize, Error as _, IgnoredAny, MapAccess, SeqAccess};

use super::{Number, Object, Shape};
use crate::protocol::MOST_CALLS;

/// The objects of a list, which may be at most `MOST`.
#[derive(Debug)]
pub(crate) struct List<T, const MOST: usize = MOST_CALLS>(pub(crate) Vec<T>);

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Shape<'de> for List<T, MOST> {
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        bounded(list, MOST, |Object(item)| item).map(Self)
    }
}

/// The items of a list as far as they are kept, which may be at most `most`.
pub(crate) fn bounded<'de, T, I: Deserialize<'de>, A: SeqAccess<'de>>(
    mut list: A,
    most: usize,
    keep: impl Fn(I) -> Option<T>,
) -> Result<Vec<T>, A::Error> {
    let mut items = Vec::new();
    while let Some(item) = list.next_element()? {
        if items.len() >= most {
            return Err(A::Error::custom(format_args!("a list of more than {most} items")));
        }
        items.extend(keep(item));
    }
    Ok(items)
}

/// A list of objects, or one object alone.
#[derive(Debug)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for OneOrMany<T> {
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        List::<T>::list(list).map(|list| Self(list.0))
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Object::object(object).map(|Object(object)| Self(Vec::from_iter(object)))
    }
}

/// One of several answers to the same question.
pub(crate) trait Indexed {
    fn index(&self) -> Number;
}

/// Several answers. Only the first is kept: we never ask for more.
#[derive(Debug)]
pub(crate) struct First<T> {
    pub(crate) item: Option<T>,
    /// How many there are; `None` where this is no list.
    pub(crate) count: Option<usize>,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { item: None, count: None }
    }
}

impl<'de, T: Deserialize<'de> + Indexed> Shape<'de> for First<T> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let (mut first, mut count) = (None, 0);
        while first.is_none() {
            let Some(Object(item)) = list.next_element::<Object<T>>()? else { break };
            count += 1;
            first = item.filter(|item| item.index().0.unwrap_or(0) == 0);
        }
        if first.is_some() {
            while list.next_element::<IgnoredAny>()?.is_some() {
                count += 1;
            }
        }
        Ok(Self { item: first, count: Some(count) })
    }
}
