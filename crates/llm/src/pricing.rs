//! What a call costs, by prices that the user brings. None are built in: they change too often to be right here.

use graphbit_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::Options;
use crate::{ModelInfo, Usage};

/// What a model costs, in any one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    /// A million tokens read.
    pub input: f64,
    /// A million tokens written.
    pub output: f64,
    /// A million tokens that came from the vendor's cache; as other tokens read unless set.
    #[serde(default)]
    pub cached_input: Option<f64>,
    /// A million tokens that were written to the vendor's cache; as other tokens read unless set.
    #[serde(default)]
    pub cache_write: Option<f64>,
    /// A call, beside its tokens.
    #[serde(default)]
    pub request: Option<f64>,
}

/// Prices by the names of models: `model` or `vendor/model`, with a `*` at the end for all that begin so. An exact name wins over
/// a beginning, a longer beginning over a shorter one, and of two alike the one that names the vendor.
///
/// ```
/// use graphbit_llm::{ModelInfo, Price, Pricing, Usage};
///
/// let price = Price { input: 2.0, output: 8.0, cached_input: Some(0.5), ..Price::default() };
/// let pricing = Pricing::new([("openai/gpt-4.1*", price)])?;
///
/// let model = ModelInfo { provider: "openai".into(), model: "gpt-4.1-2025-04-14".into() };
/// let mut usage = Usage::default();
/// (usage.input, usage.cached, usage.output) = (Some(3_000), Some(1_000), Some(500));
/// let cost = pricing.cost(&model, &usage).unwrap();
/// assert!((cost - (2_000.0 * 2.0 + 1_000.0 * 0.5 + 500.0 * 8.0) / 1e6).abs() < 1e-12);
/// # Ok::<(), graphbit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pricing(Vec<(String, Price)>);

impl Pricing {
    /// A table of prices.
    ///
    /// # Errors
    /// `CONFIG` for a price that is no amount, and for a name with a `*` elsewhere than at its end.
    pub fn new<N: Into<String>>(prices: impl IntoIterator<Item = (N, Price)>) -> Result<Self> {
        let prices: Vec<(String, Price)> =
            prices.into_iter().map(|(name, price)| (name.into(), price)).collect();
        for (name, price) in &prices {
            if name.strip_suffix('*').unwrap_or(name).contains('*') {
                return Err(Error::config(format!(
                    "{}: a * stands for the end of a name, nothing else",
                    place(name)
                )));
            }
            let members = [
                ("input", Some(price.input)),
                ("output", Some(price.output)),
                ("cachedInput", price.cached_input),
                ("cacheWrite", price.cache_write),
                ("request", price.request),
            ];
            let wrong = members
                .iter()
                .find(|(_, amount)| amount.is_some_and(|amount| !(0.0..f64::INFINITY).contains(&amount)));
            if let Some((member, Some(amount))) = wrong {
                return Err(Error::config(format!(
                    "{}.{member} must be an amount of at least 0, not {amount}",
                    place(name)
                )));
            }
        }
        Ok(Self(prices))
    }

    /// A table as JSON has it: objects of a [`Price`]'s members by name.
    ///
    /// ```
    /// use graphbit_llm::Pricing;
    ///
    /// let table = serde_json::json!({ "openai/gpt-4.1*": { "input": 2, "output": 8, "cachedInput": 0.5 } });
    /// Pricing::from_options(table.as_object().unwrap())?;
    /// # Ok::<(), graphbit_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), and for a member that is missing or not known.
    pub fn from_options(table: &Map<String, Value>) -> Result<Self> {
        let known = ["input", "output", "cachedInput", "cacheWrite", "request"];
        let price = |name: &String, value: &Value| {
            let place = place(name);
            let members = value.as_object().ok_or_else(|| {
                Error::config(format!("{place} must be an object, as in {{ \"input\": 2, \"output\": 8 }}"))
            })?;
            let members = Options::new(&place, members, &known)?;
            let needed = |member: &str| {
                let missing = || Error::config(format!("{place}.{member} is missing; 0 is a price, too"));
                members.number(member)?.ok_or_else(missing)
            };
            Ok(Price {
                input: needed("input")?,
                output: needed("output")?,
                cached_input: members.number("cachedInput")?,
                cache_write: members.number("cacheWrite")?,
                request: members.number("request")?,
            })
        };
        let prices = table.iter().map(|(name, value)| Ok((name, price(name, value)?)));
        Self::new(prices.collect::<Result<Vec<_>>>()?)
    }

    /// The price of a model; `None` where the table has none.
    pub fn price(&self, model: &ModelInfo) -> Option<&Price> {
        self.price_of_reply(model, model)
    }

    /// The price of a reply, whose model may call itself otherwise than it was asked for. An exact name wins over a beginning and
    /// a longer beginning over a shorter one, whichever of the two it fits; of two alike, the one that fits who answered.
    pub(crate) fn price_of_reply(&self, answered: &ModelInfo, asked: &ModelInfo) -> Option<&Price> {
        let ranked = self.0.iter().filter_map(|(name, price)| {
            let fits = |model, own: bool| {
                rank(name, model).map(|(exact, length, named)| (exact, exact && own, length, own, named))
            };
            Some((fits(answered, true).max(fits(asked, false))?, price))
        });
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, price)| price)
    }

    /// What a call cost; `None` where the table has no price for the model or the vendor did not count its tokens.
    pub fn cost(&self, model: &ModelInfo, usage: &Usage) -> Option<f64> {
        self.price(model)?.cost(usage)
    }
}

impl Price {
    /// What a call with so many tokens cost; `None` where the vendor did not count them. The tokens read include those from and
    /// to the vendor's cache, as [`Usage`] has them.
    pub fn cost(&self, usage: &Usage) -> Option<f64> {
        Some(self.read(usage)? + usage.output? as f64 * self.output / 1e6)
    }

    /// What a call cost that only reads, as an embedding does.
    pub(crate) fn read(&self, usage: &Usage) -> Option<f64> {
        let (cached, written) = (usage.cached.unwrap_or(0), usage.cache_write.unwrap_or(0));
        let plain = usage.input?.saturating_sub(cached).saturating_sub(written);
        let tokens = plain as f64 * self.input
            + cached as f64 * self.cached_input.unwrap_or(self.input)
            + written as f64 * self.cache_write.unwrap_or(self.input);
        Some(tokens / 1e6 + self.request.unwrap_or(0.0))
    }
}

/// Where a price stands in the options.
fn place(name: &str) -> String {
    format!("prices[{name:?}]")
}

/// How well a name fits a model: exactly, by how much of the model's own name, with its vendor. `None` where it does not.
fn rank(name: &str, model: &ModelInfo) -> Option<(bool, usize, bool)> {
    let fits = |name: &str, named: bool| match name.strip_suffix('*') {
        Some(beginning) => model.model.starts_with(beginning).then_some((false, beginning.len(), named)),
        None => (model.model == name).then_some((true, name.len(), named)),
    };
    let of_vendor = name.strip_prefix(model.provider.as_str()).and_then(|rest| rest.strip_prefix('/'));
    of_vendor.and_then(|name| fits(name, true)).or_else(|| fits(name, false))
}

#[cfg(test)]
mod tests;
