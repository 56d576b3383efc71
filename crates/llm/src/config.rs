//! Which model to ask, where, with which key and within which limits. Plain data: nothing is opened by making one.

mod around;
mod aws;
mod environment;
mod key;
mod limits;
mod policies;
#[cfg(test)]
mod tests;
mod trust;
mod url;

use std::sync::{Arc, OnceLock};

use graphbit_core::{Error, Result, apart};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::protocol::Urls;
use crate::vendor::{Vendor, Wire, vendor};
use crate::{ModelInfo, Secret, Settings};

use around::Around;
#[cfg(feature = "sigv4")]
pub(crate) use aws::AccessKeys;
pub use environment::Environment;
pub(crate) use key::copied_once;
use key::{Key, confidential};
pub use limits::{Limits, Timeouts};
pub(crate) use policies::Options;
pub use policies::{Policies, TraceOptions};
pub use trust::Trust;
pub(crate) use url::{is_complete, is_https};
use url::{printable, unusable};

/// A model of a vendor, ready to be connected.
///
/// ```
/// use graphbit_llm::{Config, Environment};
///
/// let environment = Environment::from_pairs([("OPENAI_API_KEY", "sk-example")]);
/// let config = Config::new("openai")?.model("gpt-4.1-mini").environment(&environment);
/// assert_eq!(config.info().model, "gpt-4.1-mini");
/// assert!(!format!("{config:?}").contains("sk-example"));
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) vendor: &'static Vendor,
    pub(crate) wire: Wire,
    info: ModelInfo,
    base_url: String,
    /// The URL that was found usable: it is not looked at again at each call.
    sound_url: OnceLock<Box<str>>,
    pub(crate) urls: Urls,
    pub(crate) key: Option<Key>,
    /// Of the environment; empty where it names none.
    region: String,
    #[cfg(feature = "sigv4")]
    pub(crate) aws: Option<Arc<AccessKeys>>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) settings: Settings,
    pub(crate) extra: Map<String, Value>,
    pub(crate) max_retries: u32,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) trust: Arc<Trust>,
    around: Around,
}

impl Config {
    /// The vendor's default model at its public endpoint.
    ///
    /// # Errors
    /// `CONFIG` for an unknown vendor; it suggests the nearest name.
    pub fn new(name: &str) -> Result<Self> {
        let row = vendor(name)?;
        Ok(Self {
            vendor: row,
            wire: row.wire,
            info: ModelInfo { provider: row.name.to_owned(), model: row.default_model.to_owned() },
            base_url: String::new(),
            sound_url: OnceLock::new(),
            urls: Urls::default(),
            key: None,
            region: String::new(),
            #[cfg(feature = "sigv4")]
            aws: None,
            headers: Vec::new(),
            settings: Settings::default(),
            extra: Map::new(),
            max_retries: 2,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            trust: Arc::default(),
            around: Around::default(),
        })
    }

    /// `vendor/model`; the model may have slashes of its own.
    ///
    /// # Errors
    /// `CONFIG` for an unknown vendor, or a text that names no model.
    pub fn from_name(name: &str) -> Result<Self> {
        match name.split_once('/') {
            Some((vendor, model)) if !model.is_empty() => Ok(Self::new(vendor)?.model(model)),
            _ => Err(Error::config(format!(
                "{name:?} is not of the form \"vendor/model\", as in \"openai/gpt-4.1-mini\""
            ))),
        }
    }

    /// Asks by another API of the vendor, as in `responses`: see [`Wire::api`].
    ///
    /// # Errors
    /// `CONFIG` that names the APIs which the vendor has.
    pub fn api(mut self, name: &str) -> Result<Self> {
        self.wire = self.vendor.api(name)?;
        Ok(self)
    }

    /// Asks by another wire of the vendor.
    ///
    /// # Errors
    /// `CONFIG` that names the APIs which the vendor has.
    pub fn wire(self, wire: Wire) -> Result<Self> {
        self.api(wire.api())
    }

    /// Names the model.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.info.model = model.into();
        self
    }

    /// Asks another server that speaks the same wire. No key is needed there.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        let url: String = url.into();
        self.base_url = url.trim_end_matches('/').to_owned();
        self
    }

    /// Sets the key.
    #[must_use]
    pub fn api_key(mut self, key: Secret) -> Self {
        self.key = Key::new(self.vendor.auth, key);
        self
    }

    /// Adds a header to every request, over our own.
    ///
    /// # Errors
    /// `CONFIG` when the name or value cannot stand in a header. The value is not repeated.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let name: HeaderName =
            name.parse().map_err(|_| Error::config(format!("{name:?} is not the name of a header")))?;
        // Confidential, because users put keys here.
        let value = confidential(value).ok_or_else(|| {
            Error::config(format!("the value of header {name} has characters that a header cannot hold"))
        })?;
        self.headers.push((copied_once(name), value));
        Ok(self)
    }

    /// Settings for requests that do not bring their own.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Members merged into every body of a chat.
    #[must_use]
    pub fn extra(mut self, extra: Map<String, Value>) -> Self {
        self.extra = extra;
        self
    }

    /// How often a call that failed before its first event is tried again; 2 unless told otherwise, 0 for never.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Replaces the clocks.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Replaces the size limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Who will be asked.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Where requests go.
    pub fn url(&self) -> &str {
        if self.base_url.is_empty() { self.vendor.base_url } else { &self.base_url }
    }

    /// How often a failed call is tried again.
    pub fn retries(&self) -> u32 {
        self.max_retries
    }

    /// Whether a request can be made at all, for the configured model or another one.
    ///
    /// # Errors
    /// `CONFIG` that names the missing variable, the missing model, or the URL that is none.
    pub fn check(&self, model: Option<&str>) -> Result<()> {
        let row = self.vendor;
        if model.unwrap_or(&self.info.model).is_empty() {
            return Err(
                Error::config(format!("{} has no default model: set `model`", row.name)).provider(row.name)
            );
        }
        if self.url().is_empty() {
            let variable = aws::url_variable(row).map(|name| format!(" or the environment variable {name}"));
            let message = format!(
                "every customer of {} has a URL of their own: set `baseUrl`{}, as in {}",
                row.name,
                variable.unwrap_or_default(),
                row.url_form
            );
            return Err(Error::config(message).provider(row.name));
        }
        if self.sound_url.get().is_none_or(|sound| **sound != *self.url()) {
            if let Some(why) = unusable(self.url()) {
                return Err(Error::config(why).provider(row.name));
            }
            let _ = apart(|| self.sound_url.set(self.url().into())); // another one is looked at each time
        }
        // A vendor without a URL of its own is asked at its customer's.
        let own_server = self.base_url.is_empty() || self.base_url == row.base_url || row.base_url.is_empty();
        let signed = self
            .headers
            .iter()
            .any(|(name, _)| name == http::header::AUTHORIZATION || Some(name.as_str()) == row.auth.header());
        if let Some(variable) = row.key_variables.first()
            && own_server
            && self.key.is_none()
            && !signed
        {
            if self.has_access_keys() {
                return self.check_region();
            }
            let keys = aws::instead_of_a_key(row.auth);
            let message = format!(
                "no API key for {}: set the environment variable {variable}{keys} or pass `apiKey`",
                row.name
            );
            return Err(Error::config(message).provider(row.name));
        }
        Ok(())
    }

    /// A message without the key and the user's header values, should a server have echoed one; `None` where there is none.
    pub(crate) fn redact(&self, message: &str) -> Option<String> {
        let values = self.headers.iter().filter_map(|(_, value)| value.to_str().ok());
        // Of `Bearer …` the server sees, and echoes, the second word.
        let words = values.clone().filter_map(|value| Some(value.rsplit_once(' ')?.1));
        let secrets =
            values.chain(words).map(Secret::new).chain(self.key.iter().map(|key| key.secret.clone()));
        #[cfg(feature = "sigv4")]
        let secrets = secrets.chain(self.aws.iter().flat_map(|keys| keys.secrets().cloned()));
        secrets.fold(None, |found, secret| secret.redact(found.as_deref().unwrap_or(message)).or(found))
    }
}

impl std::fmt::Debug for Config {
    /// Without key, headers and whatever the URL may carry.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("provider", &self.info.provider)
            .field("model", &self.info.model)
            .field("url", &printable(self.url()))
            .finish_non_exhaustive()
    }
}
