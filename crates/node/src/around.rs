//! What surrounds a configuration's calls, out of its options: policies, prices, and the models it falls back to.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, Result, nearest};
use graphbit_llm::{Config, Policies, Pricing};
use serde_json::{Map, Value};

/// Those of the options that are not of [`Policies`].
const OWN: [&str; 2] = ["prices", "fallbackOn"];

/// The names of the options, also of the one that never comes as JSON.
pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
    Policies::NAMES.into_iter().chain(OWN).chain(["fallback"])
}

/// Whether it is an option of this kind.
pub(crate) fn is_option(name: &str) -> bool {
    Policies::NAMES.contains(&name) || OWN.contains(&name)
}

/// Lays the options around a configuration, and the models that it falls back to behind it.
pub(crate) fn surround(
    mut config: Config,
    mut options: Map<String, Value>,
    others: Vec<Arc<Config>>,
) -> Result<Config> {
    let [prices, codes] = OWN.map(|name| options.remove(name).filter(|value| !value.is_null()));
    if let Some(prices) = prices {
        let table = prices.as_object().ok_or_else(|| {
            Error::config("prices must be an object of prices by model, as in { \"gpt-4.1*\": { \"input\": 2, \"output\": 8 } }")
        })?;
        config = config.pricing(Pricing::from_options(table)?);
    }
    if let Some(codes) = codes {
        if others.is_empty() {
            return Err(Error::config("fallbackOn says when the models of `fallback` are asked: name them"));
        }
        config = config.fallback_on(read(&codes)?);
    }
    Ok(config.policies(Policies::from_options(&options)?).fallback(others))
}

fn read(codes: &Value) -> Result<Vec<ErrorCode>> {
    let wrong = || Error::config("fallbackOn must be a list of error codes, as in [\"RATE_LIMITED\"]");
    let code = |value: &Value| {
        let name = value.as_str().ok_or_else(wrong)?;
        let known = ErrorCode::ALL.iter().find(|code| code.as_str() == name);
        known.copied().ok_or_else(|| {
            let near = nearest(name, ErrorCode::ALL.iter().map(|code| code.as_str()));
            let hint = near.map(|near| format!(": did you mean {near:?}?")).unwrap_or_default();
            Error::config(format!("fallbackOn: there is no error code {name:?}{hint}"))
        })
    };
    codes.as_array().ok_or_else(wrong)?.iter().map(code).collect()
}
