//! Where a request goes.

use graphbit_core::Result;
use http::Uri;

use super::Target;
use crate::protocol::body::segment;
use crate::protocol::urls::parsed;

/// An endpoint's URL. Azure has a path for every deployment, and wants a version in the query.
/// Source: Azure OpenAI's REST API reference, "Chat completions".
pub(in crate::protocol::openai_chat) fn of(target: &Target<'_>, path: &str) -> Result<Uri> {
    let (base, query) = target.base_url.split_once('?').unwrap_or((target.base_url, ""));
    let base = base.trim_end_matches('/');
    let has_path = base.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    match target.quirks.deployments {
        Some(version) if !has_path => {
            let deployment = segment(target.model, b"");
            let versioned = query.split('&').any(|pair| pair.starts_with("api-version="));
            let query = match (versioned, query) {
                (true, query) => query.to_owned(),
                (false, "") => format!("api-version={version}"),
                (false, query) => format!("{query}&api-version={version}"),
            };
            parsed(format!("{base}/openai/deployments/{deployment}{path}?{query}"))
        }
        _ => target.url(path),
    }
}
