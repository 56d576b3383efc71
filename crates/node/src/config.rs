//! `LlmConfig`: a model's configuration, made from options and the environment that the facade read.

use std::sync::Arc;

use graphbit_core::{Error, Result, nearest};
use graphbit_llm::{Config, Environment, Limits, Secret, Settings, Timeouts};
use napi::Env;
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::around;
use crate::error::thrown;

/// A configuration. The key is only here.
#[napi]
pub struct NativeConfig {
    pub(crate) config: Arc<Config>,
}

/// The options of every factory but the key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    api: Option<String>,
    model: Option<String>,
    base_url: Option<String>,
    max_retries: u32,
    timeouts: Timeouts,
    limits: Limits,
    headers: Map<String, Value>,
    extra: Map<String, Value>,
}

/// Those of every factory but the key, the [`Settings`] and what is [around](crate::around) the calls.
const NAMES: [&str; 8] = ["api", "model", "baseUrl", "maxRetries", "timeouts", "limits", "headers", "extra"];

impl Default for Options {
    fn default() -> Self {
        Self {
            api: None,
            model: None,
            base_url: None,
            max_retries: 2,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            headers: Map::new(),
            extra: Map::new(),
        }
    }
}

#[napi]
impl NativeConfig {
    /// `options` is JSON without the key; `environment` alternates names and values; `fallback` is what is asked when this
    /// model cannot answer.
    #[napi(factory, catch_unwind)]
    pub fn create(
        env: &Env,
        vendor: String,
        options: String,
        key: Option<String>,
        environment: Vec<String>,
        fallback: Vec<ClassInstance<'_, NativeConfig>>,
    ) -> napi::Result<Self> {
        let others = fallback.iter().map(|other| Arc::clone(&other.config)).collect();
        let config = configure(&vendor, &options, key.as_deref(), environment, others)
            .map_err(|error| thrown(env, &error))?;
        Ok(Self { config: Arc::new(config) })
    }

    #[napi(catch_unwind)]
    pub fn provider(&self) -> String {
        self.config.info().provider.clone()
    }

    #[napi(catch_unwind)]
    pub fn model(&self) -> String {
        self.config.info().model.clone()
    }
}

fn configure(
    vendor: &str,
    options: &str,
    key: Option<&str>,
    environment: Vec<String>,
    fallback: Vec<Arc<Config>>,
) -> Result<Config> {
    let (options, settings, around) = read(options)?;
    settings.check()?;
    let mut config = around::surround(Config::new(vendor)?, around, fallback)?
        .settings(settings)
        .max_retries(options.max_retries)
        .timeouts(options.timeouts)
        .limits(options.limits)
        .extra(options.extra);
    if let Some(api) = options.api {
        config = config.api(&api)?;
    }
    if let Some(model) = options.model {
        config = config.model(model);
    }
    if let Some(url) = options.base_url {
        config = config.base_url(url);
    }
    if let Some(key) = key {
        config = config.api_key(Secret::new(key));
    }
    for (name, value) in &options.headers {
        let value =
            value.as_str().ok_or_else(|| Error::config(format!("header {name:?} must be a string")))?;
        config = config.header(name, value)?;
    }
    let mut pairs = Vec::new();
    let mut words = environment.into_iter();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        pairs.push((name, value));
    }
    Ok(config.environment(&Environment::from_pairs(pairs)))
}

/// An unknown name is told with the nearest known one; a value of the wrong type with its place.
fn read(options: &str) -> Result<(Options, Settings, Map<String, Value>)> {
    let value: Map<String, Value> = serde_json::from_str(options)
        .map_err(|error| Error::config("the options are not an object").caused_by(error))?;
    let (mut options, mut settings, mut around) = (Map::new(), Map::new(), Map::new());
    for (name, value) in value {
        let home = match &*name {
            known if Settings::NAMES.contains(&known) => &mut settings,
            known if NAMES.contains(&known) => &mut options,
            known if around::is_option(known) => &mut around,
            _ => return Err(unknown(&name)),
        };
        home.insert(name, value);
    }
    let unusable = |error| Error::config(format!("an option cannot be used: {error}"));
    Ok((
        serde_json::from_value(Value::Object(options)).map_err(unusable)?,
        serde_json::from_value(Value::Object(settings)).map_err(unusable)?,
        around,
    ))
}

fn unknown(name: &str) -> Error {
    let known = NAMES.into_iter().chain(Settings::NAMES).chain(around::names()).chain(["apiKey"]);
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
    };
    Error::config(format!("unknown option {name:?}: {hint}"))
}

/// The environment variables that a vendor's configuration reads.
#[napi(catch_unwind)]
pub fn environment_names() -> Vec<String> {
    Environment::names().map(str::to_owned).collect()
}

/// The nearest of some names, for a "did you mean".
#[napi(catch_unwind)]
pub fn nearest_name(name: String, candidates: Vec<String>) -> Option<String> {
    nearest(&name, candidates.iter().map(String::as_str)).map(str::to_owned)
}
