//! What Amazon's vendors take from the environment beyond a key and a URL: a region, and the access keys of an account.
//! Source: AWS SDKs and tools reference guide, "Environment variables".

#[cfg(feature = "sigv4")]
use std::sync::Arc;

use graphbit_core::{Error, Result};

use super::{Config, Environment};
#[cfg(feature = "sigv4")]
use crate::Secret;
use crate::vendor::{Auth, Vendor};

/// What stands for the region in such a vendor's form of a URL.
const REGION: &str = "REGION";

/// The variables that name the region.
pub(super) const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The variables of the access keys.
#[cfg(feature = "sigv4")]
pub(super) const KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
#[cfg(not(feature = "sigv4"))]
pub(super) const KEYS: [&str; 0] = [];

/// Keys of an AWS account, with which requests are signed.
#[cfg(feature = "sigv4")]
#[derive(Clone)]
pub(crate) struct AccessKeys {
    /// Which keys these are; sent, and no secret.
    pub(crate) id: String,
    /// Never sent.
    pub(crate) secret: Secret,
    /// Of temporary keys: sent with every request.
    pub(crate) session: Option<Secret>,
}

#[cfg(feature = "sigv4")]
impl AccessKeys {
    fn read(environment: &Environment) -> Option<Self> {
        let [id, secret, session] = KEYS.map(|name| environment.first(&[name]));
        Some(Self { id: id?.to_owned(), secret: Secret::new(secret?), session: session.map(Secret::new) })
    }

    /// What must not be printed.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.secret].into_iter().chain(&self.session)
    }
}

/// The variable that makes a missing URL, for a message.
pub(super) fn url_variable(row: &Vendor) -> Option<&'static str> {
    let is_aws = matches!(row.auth, Auth::BearerOrAws(_));
    if is_aws { REGIONS.first() } else { row.url_variables.first() }.copied()
}

/// What else a missing key could be, for a message.
pub(super) fn instead_of_a_key(auth: Auth) -> &'static str {
    let taken = cfg!(feature = "sigv4") && matches!(auth, Auth::BearerOrAws(_));
    if taken { ", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY," } else { "" }
}

impl Config {
    /// The region, and with it the URL; without a key, the access keys.
    pub(super) fn take_aws(&mut self, environment: &Environment) {
        environment.first(&REGIONS).unwrap_or_default().clone_into(&mut self.region);
        if self.url().is_empty() && !self.region.is_empty() {
            let end = if self.region.starts_with("cn-") { ".cn" } else { "" }; // China is a partition of its own
            self.base_url = self.vendor.url_form.replace(REGION, &self.region) + end;
        }
        #[cfg(feature = "sigv4")]
        if self.key.is_none() {
            self.aws = AccessKeys::read(environment).map(Arc::new);
        }
    }

    #[cfg(feature = "sigv4")]
    pub(super) fn has_access_keys(&self) -> bool {
        self.aws.is_some()
    }

    #[cfg(not(feature = "sigv4"))]
    pub(super) fn has_access_keys(&self) -> bool {
        false
    }

    /// The region that a request is for: that of the URL's host, else that of the environment.
    pub(crate) fn region(&self) -> &str {
        let host = self.url().split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        // As in bedrock-runtime.REGION.amazonaws.com, also before `vpce` or behind a name of the endpoint.
        let before = host.split_once(".amazonaws.com").map(|(labels, _)| labels.trim_end_matches(".vpce"));
        let of_host = before.and_then(|labels| labels.rsplit('.').next());
        of_host.filter(|label| label.contains('-') && !label.starts_with("bedrock")).unwrap_or(&self.region)
    }

    /// Whether it is known.
    pub(super) fn check_region(&self) -> Result<()> {
        if !self.region().is_empty() {
            return Ok(());
        }
        let message = "requests are signed for a region, and baseUrl names none: set the environment variable AWS_REGION";
        Err(Error::config(message).provider(self.vendor.name))
    }
}

#[cfg(test)]
mod tests;
