//! A key that prints as nothing.

use std::fmt;

/// A credential. It has no `Display`, its `Debug` shows nothing of it, and it is not serialisable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a key. White space around it, as pasted keys have, is dropped.
    pub fn new(key: &str) -> Self {
        Self(key.trim().into())
    }

    /// The key itself, for the one place that signs requests.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` without the key, should a server have echoed it.
    pub(crate) fn redact(&self, text: &str) -> Option<String> {
        // Shorter ones are placeholders, and replacing them would tear ordinary words apart.
        (self.0.len() >= 6 && text.contains(&*self.0)).then(|| text.replace(&*self.0, "[key]"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
