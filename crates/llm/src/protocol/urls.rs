//! URLs of endpoints. A configuration asks the same few again and again: they are made once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use graphbit_core::{Error, Result, apart};
use http::Uri;

use crate::config::copied_once;

/// How many are kept: a configuration has one for each endpoint, on some wires one for each model.
const MOST: usize = 8;

/// Those that were made before. A clone begins anew.
#[derive(Debug, Default)]
pub(crate) struct Urls(Mutex<Vec<Known>>);

/// A base, the path that was added to it, and what came of both.
#[derive(Debug)]
struct Known {
    base: Box<str>,
    path: Box<str>,
    url: Uri,
}

impl Urls {
    /// The URL of a path at a base, made if it is not there.
    ///
    /// # Errors
    /// As [`parsed`].
    pub(super) fn at(&self, base: &str, path: &str, make: impl FnOnce() -> String) -> Result<Uri> {
        let is_it = |known: &Known| &*known.path == path && &*known.base == base;
        let has_room = {
            let known = self.known();
            if let Some(known) = known.iter().find(|known| is_it(known)) {
                return Ok(known.url.clone());
            }
            known.len() < MOST
        };
        if !has_room {
            return parsed(make());
        }
        // It belongs to the configuration, not to the call that is made first.
        apart(|| {
            let url = copied_once(parsed(make())?);
            let mut known = self.known();
            if known.len() < MOST && !known.iter().any(is_it) {
                known.push(Known { base: base.into(), path: path.into(), url: url.clone() });
            }
            Ok(url)
        })
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Urls {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// # Errors
/// `CONFIG` for a text that is no URL.
pub(super) fn parsed(url: String) -> Result<Uri> {
    Uri::try_from(url)
        .map_err(|error| Error::config("baseUrl is not a URL that can be requested").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::{MOST, Urls};

    #[test]
    fn a_url_is_made_once_for_each_base_and_path() {
        let urls = Urls::default();
        let at =
            |base: &str, path: &str| urls.at(base, path, || format!("{base}{path}")).unwrap().to_string();
        assert_eq!(at("http://a/v1", "/chat"), "http://a/v1/chat");
        assert_eq!(urls.at("http://a/v1", "/chat", || panic!("again")).unwrap(), "http://a/v1/chat");
        assert_eq!(at("http://a", "/v1/chat"), "http://a/v1/chat");
        assert_eq!(at("http://b/v1", "/chat"), "http://b/v1/chat");
        assert!(urls.at("", "no url", || "no url".into()).is_err());
        for number in 0..2 * MOST {
            assert_eq!(at("http://a", &format!("/{number}")), format!("http://a/{number}"));
        }
        assert_eq!((urls.known().len(), urls.clone().known().len()), (MOST, 0));
    }
}
