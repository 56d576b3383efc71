//! Roots and proxies.

use std::fmt;

/// What a connection trusts and which proxy it takes, read from the environment once.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// A file of roots that replaces the platform's (`SSL_CERT_FILE`).
    pub roots_file: Option<String>,
    /// A file of roots that are trusted too (`NODE_EXTRA_CA_CERTS`).
    pub extra_roots_file: Option<String>,
    /// The proxy for `https:` URLs (`HTTPS_PROXY`).
    pub https_proxy: Option<String>,
    /// The proxy for `http:` URLs (`HTTP_PROXY`).
    pub http_proxy: Option<String>,
    /// Hosts that are reached directly (`NO_PROXY`).
    pub no_proxy: Option<String>,
}

impl fmt::Debug for Trust {
    /// Proxies may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}
