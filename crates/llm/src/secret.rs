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
        if self.0.len() < Self::SHORTEST {
            return None;
        }
        let whole = text.contains(&*self.0).then(|| text.replace(&*self.0, "[key]"));
        let shown = whole.as_deref().unwrap_or(text);
        // An excerpt may end within it.
        let cut = (Self::SHORTEST..self.0.len())
            .rev()
            .filter_map(|end| self.0.get(..end))
            .find(|part| shown.ends_with(part));
        match cut.and_then(|part| shown.strip_suffix(part)) {
            Some(before) => Some(format!("{before}[key]")),
            None => whole,
        }
    }

    const SHORTEST: usize = 6;
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
