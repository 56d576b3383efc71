//! What a vendor says about tokens.

use serde_json::Value;
use serde_json::value::RawValue;

use super::number::whole;

/// A count of tokens is a few hundred bytes; more of it is no count.
const MOST_BYTES: usize = 64 << 10;

/// The vendor's own object.
#[derive(Debug)]
pub(crate) struct Counts(pub(crate) Value);

impl Counts {
    /// Reads the object; anything else is none.
    pub(crate) fn read(raw: Option<&RawValue>) -> Option<Self> {
        let raw = raw.map(RawValue::get).filter(|raw| raw.len() <= MOST_BYTES)?;
        serde_json::from_str(raw).ok().filter(Value::is_object).map(Self)
    }

    /// The number at a place in it: members of objects, the outermost first.
    pub(crate) fn at(&self, place: &[&str]) -> Option<u64> {
        match place.iter().try_fold(&self.0, |value, name| value.get(name))? {
            Value::Number(number) => whole(number),
            _ => None,
        }
    }
}
