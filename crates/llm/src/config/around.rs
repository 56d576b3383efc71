//! What surrounds the calls of a configuration: its policies, its prices, and the models it falls back to.

use std::sync::Arc;

use graphbit_core::ErrorCode;

use super::{Config, Policies};
use crate::Pricing;

/// None of it, unless set.
#[derive(Clone, Default)]
pub(super) struct Around {
    policies: Policies,
    prices: Option<Arc<Pricing>>,
    fallbacks: Vec<Arc<Config>>,
    codes: Option<Vec<ErrorCode>>,
}

impl Config {
    /// Sets what happens around the calls. Clones of the configuration share what the policies share.
    #[must_use]
    pub fn policies(mut self, policies: Policies) -> Self {
        self.around.policies = policies;
        self
    }

    /// Prices the calls, also those of the models it falls back to that have no prices of their own: each reply's
    /// [`Usage::cost`](crate::Usage::cost), and with it the sums over calls and runs.
    #[must_use]
    pub fn pricing(mut self, pricing: Pricing) -> Self {
        self.around.prices = Some(Arc::new(pricing));
        self
    }

    /// Models that are asked, in this order, when this one cannot answer; each with its own policies.
    #[must_use]
    pub fn fallback(mut self, others: Vec<Arc<Self>>) -> Self {
        self.around.fallbacks = others;
        self
    }

    /// Replaces the errors that lead to the next model, which are [`Fallback::CODES`](crate::layer::Fallback::CODES) unless set.
    #[must_use]
    pub fn fallback_on(mut self, codes: impl IntoIterator<Item = ErrorCode>) -> Self {
        self.around.codes = Some(codes.into_iter().collect());
        self
    }

    /// What happens around the calls.
    pub fn policies_in_force(&self) -> &Policies {
        &self.around.policies
    }

    /// What the calls cost.
    pub fn prices(&self) -> Option<&Arc<Pricing>> {
        self.around.prices.as_ref()
    }

    /// The models that are asked when this one cannot answer.
    pub fn fallbacks(&self) -> &[Arc<Self>] {
        &self.around.fallbacks
    }

    /// The errors that lead to the next model, where they are not the usual ones.
    pub fn fallback_codes(&self) -> Option<&[ErrorCode]> {
        self.around.codes.as_deref()
    }
}
