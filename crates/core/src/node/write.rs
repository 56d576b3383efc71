//! What a node leaves in the state of its graph.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Path, Result};

/// A node's output, or a part of it, as an update of a variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Write {
    /// The variable's name.
    pub variable: Arc<str>,
    /// Which part of the output; `None` is all of it. A path that leads nowhere fails the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
}

impl Write {
    /// The whole output.
    pub fn new(variable: impl Into<Arc<str>>) -> Self {
        Self { variable: variable.into(), path: None }
    }

    /// Only a part of the output.
    ///
    /// # Errors
    /// `INVALID_INPUT` as [`Path::parse`].
    pub fn with_path(mut self, path: &str) -> Result<Self> {
        self.path = Some(Path::parse(path)?);
        Ok(self)
    }
}
