//! Who was asked: what every error of a call says about its place.

use std::sync::Arc;

use graphbit_core::Error;

use crate::Config;

/// A configuration, and the model where the request named another one.
pub(super) struct Asked {
    pub(super) config: Arc<Config>,
    pub(super) model: Option<Box<str>>,
}

impl Asked {
    /// Says who failed, and takes out a key that the server may have echoed.
    pub(super) fn place(&self, error: Error) -> Error {
        let info = self.config.info();
        let model = self.model.as_deref().unwrap_or(&info.model);
        let error = error.provider(info.provider.as_str());
        let error = if model.is_empty() { error } else { error.model(model) };
        match self.config.redact(error.message()) {
            Some(message) => error.with_message(message),
            None => error,
        }
    }
}
