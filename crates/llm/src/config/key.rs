//! The key, and header values that are as secret as one.

use http::HeaderValue;

use crate::Secret;
use crate::vendor::Auth;

/// A vendor's key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) secret: Secret,
    /// The value of the header that carries it; `None` where a header cannot hold it.
    pub(crate) header: Option<HeaderValue>,
}

impl Key {
    /// `None` where there is nothing in it.
    pub(super) fn new(auth: Auth, secret: Secret) -> Option<Self> {
        let header = confidential(&[auth.scheme(), secret.expose()].concat());
        Some(Self { secret, header }).filter(|key| !key.secret.is_empty())
    }
}

/// The value of a header that is not to be printed.
pub(super) fn confidential(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(copied_once(value))
}

/// The first copy of a name or a value makes what all copies share: that belongs to the configuration, not to the call that is
/// made first.
pub(crate) fn copied_once<T: Clone>(value: T) -> T {
    drop(value.clone());
    value
}
