//! Strings, borrowed where they have no escapes.

use std::borrow::Cow;
use std::ops::Deref;

use super::Shape;

/// A string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The string.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The string, unless it is empty.
    pub(crate) fn some(&self) -> Option<&str> {
        self.get().filter(|text| !text.is_empty())
    }

    /// The string, empty where there is none.
    pub(crate) fn as_str(&self) -> &str {
        self.get().unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Shape<'de> for Text<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }
}

/// A name that some servers number: a string, or the digits of a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word<'a>(Text<'a>);

impl<'a> Deref for Word<'a> {
    type Target = Text<'a>;

    fn deref(&self) -> &Text<'a> {
        &self.0
    }
}

impl<'de: 'a, 'a> Shape<'de> for Word<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Text::text(text))
    }

    fn number(number: serde_json::Number) -> Self {
        Self(Text(Some(Cow::Owned(number.to_string()))))
    }
}
