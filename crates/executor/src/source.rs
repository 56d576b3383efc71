//! Where a model comes from: a configuration that is connected on the runtime that uses it, or a model that is there already.

use std::sync::Arc;

use graphbit_core::{Error, Result, apart};
use graphbit_llm::{Client, Config, Model, ModelInfo, layer};

use crate::runtime::Lease;

/// A model that has yet to be connected.
#[derive(Clone)]
#[non_exhaustive]
pub enum Source {
    /// A vendor's model. Each runtime opens its own connections to it.
    Config(Arc<Config>),
    /// A model that needs no connection of ours: a mock, or one written by the user.
    Model(Arc<dyn Model>),
}

impl Source {
    /// Connects it on a runtime, with the retries and policies its configuration asks for. The model must not outlive the lease.
    pub(crate) fn connect(&self, lease: &Lease) -> Result<Arc<dyn Model>> {
        match self {
            Self::Model(model) => Ok(Arc::clone(model)),
            Self::Config(config) => apart(|| layer::connect(config, lease.connections())),
        }
    }

    /// Connects what embeds texts, which tries again by itself. It must not outlive the lease.
    pub(crate) fn embedder(&self, lease: &Lease) -> Result<Client> {
        match self {
            Self::Config(config) => {
                apart(|| Ok(Client::new(Arc::clone(config), lease.connections().get(config)?)))
            }
            Self::Model(model) => {
                let message = "a model of your own has no embeddings: ask a vendor's";
                Err(Error::config(message).provider(model.info().provider.as_str()))
            }
        }
    }

    /// Who will answer.
    pub fn info(&self) -> &ModelInfo {
        match self {
            Self::Config(config) => config.info(),
            Self::Model(model) => model.info(),
        }
    }
}

impl From<Config> for Source {
    fn from(config: Config) -> Self {
        Self::Config(Arc::new(config))
    }
}

impl From<Arc<Config>> for Source {
    fn from(config: Arc<Config>) -> Self {
        Self::Config(config)
    }
}

impl From<Arc<dyn Model>> for Source {
    fn from(model: Arc<dyn Model>) -> Self {
        Self::Model(model)
    }
}
