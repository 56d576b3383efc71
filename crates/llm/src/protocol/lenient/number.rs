//! Counts, indices and switches.

use std::borrow::Cow;

use super::Shape;

/// A whole number that is not negative, also where it is written as a float or as text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Number(pub(crate) Option<u64>);

impl<'de> Shape<'de> for Number {
    fn number(number: serde_json::Number) -> Self {
        Self(whole(&number))
    }

    fn text(text: Cow<'de, str>) -> Self {
        Self(text.trim().parse().ok())
    }
}

/// A number that is a count.
pub(super) fn whole(number: &serde_json::Number) -> Option<u64> {
    // Up to 2⁵³ every whole float is exact, and no count is larger.
    let is_count = |number: &f64| number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(number);
    number.as_u64().or_else(|| number.as_f64().filter(is_count).map(|number| number as u64))
}

/// `true` or `false`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flag(pub(crate) Option<bool>);

impl Flag {
    /// Whether it says `true`.
    pub(crate) fn is_set(self) -> bool {
        self.0 == Some(true)
    }
}

impl Shape<'_> for Flag {
    fn flag(flag: bool) -> Self {
        Self(Some(flag))
    }
}
