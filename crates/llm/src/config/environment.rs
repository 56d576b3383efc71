//! The environment variables that matter, as a value: a host like Node reads them itself, on its own thread.

use std::collections::BTreeMap;

use super::{Trust, aws};
use crate::vendor::VENDORS;

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
