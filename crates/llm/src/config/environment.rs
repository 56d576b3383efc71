//! The environment variables that matter, as a value: a host like Node reads them itself, on its own thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::url::port;
use super::{Config, Trust, aws};
use crate::Secret;
use crate::vendor::{Auth, VENDORS};

/// Names and values of environment variables.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// What this process has of the variables that matter.
    pub fn from_process() -> Self {
        Self::from_pairs(Self::names().filter_map(|name| Some((name, std::env::var(name).ok()?))))
    }

    /// These pairs. An empty value counts as unset.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(pairs.filter(|(_, value): &(String, String)| !value.trim().is_empty()).collect())
    }

    /// The variables that matter, for whoever reads them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let vendors = VENDORS.iter().flat_map(|row| row.key_variables.iter().chain(row.url_variables));
        vendors
            .copied()
            .chain(aws::REGIONS)
            .chain(aws::KEYS)
            .chain(TRUST.iter().flat_map(|names| names.iter().copied()))
    }

    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)).map(|value| value.trim())
    }

    pub(super) fn trust(&self) -> Trust {
        let [roots_file, extra_roots_file, https_proxy, http_proxy, no_proxy] =
            TRUST.map(|names| self.first(names).map(str::to_owned));
        Trust { roots_file, extra_roots_file, https_proxy, http_proxy, no_proxy }
    }
}

/// In the order of [`Trust`]'s fields.
const TRUST: [&[&str]; 5] = [
    &["SSL_CERT_FILE"],
    &["NODE_EXTRA_CA_CERTS"],
    &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
    &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    &["NO_PROXY", "no_proxy"],
];

impl std::fmt::Debug for Environment {
    /// Names only: values may be keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Config {
    /// Fills in what is still open: key and base URL by the vendor's own variables, certificates and proxies by the usual ones.
    #[must_use]
    pub fn environment(mut self, environment: &Environment) -> Self {
        if self.base_url.is_empty()
            && let Some(url) = environment.first(self.vendor.url_variables)
        {
            self = self.with_environment_url(url);
        }
        if self.key.is_none()
            && let Some(key) = environment.first(self.vendor.key_variables)
        {
            self = self.api_key(Secret::new(key));
        }
        if let Auth::BearerOrAws(_) = self.vendor.auth {
            self.take_aws(environment);
        }
        self.trust = Arc::new(environment.trust());
        self
    }

    /// `OLLAMA_HOST` may be a bare host or `host:port`; what a server listens on everywhere is here.
    fn with_environment_url(self, url: &str) -> Self {
        let url = if url.contains("://") {
            url.to_owned()
        } else {
            let (port, host) = (port(self.vendor.base_url), url.trim_end_matches('/'));
            if host.contains([':', '/']) { format!("http://{host}") } else { format!("http://{host}{port}") }
        };
        let url = url.replacen("://0.0.0.0", "://127.0.0.1", 1);
        self.base_url(url)
    }
}
