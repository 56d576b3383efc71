//! A plan with everything that is not data bound to it: functions and models, by node.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{Error, NodeIndex, NodeKind, Plan, Result};
use serde_json::Value;

use crate::Source;

/// Any error of the program's own.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a transform node calls: a value of the program's, or a closure `|input: Value| async move { … }`.
#[async_trait]
pub trait Function: Send + Sync {
    /// From the node's input to its output. The input is the only predecessor's output, an object of outputs by id where
    /// there are several, or the run's input at a root.
    ///
    /// # Errors
    /// Any: an [`Error`] fails the node as it is, everything else becomes the cause of a `TOOL`.
    async fn call(&self, input: Value) -> Result<Value, BoxError>;
}

#[async_trait]
impl<F, Fut, E> Function for F
where
    F: Fn(Value) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, E>> + Send,
    E: Into<BoxError>,
{
    async fn call(&self, input: Value) -> Result<Value, BoxError> {
        self(input).await.map_err(Into::into)
    }
}

/// A plan that can run.
pub struct Workflow {
    plan: Plan,
    functions: HashMap<NodeIndex, Arc<dyn Function>>,
    models: HashMap<NodeIndex, Source>,
}

impl Workflow {
    /// A plan with nothing bound to it yet.
    pub fn new(plan: Plan) -> Self {
        Self { plan, functions: HashMap::new(), models: HashMap::new() }
    }

    /// Binds a function to a transform node.
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such transform node.
    pub fn function(mut self, id: &str, function: impl Function + 'static) -> Result<Self> {
        let index = self.index(id)?;
        if !self.is_transform(index) {
            return Err(Error::invalid_input(format!(
                "node {id:?} is no transform: only transforms call functions"
            )));
        }
        self.functions.insert(index, Arc::new(function));
        Ok(self)
    }

    /// Lets an agent ask another model than the executor's.
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such agent node.
    pub fn model(mut self, id: &str, source: impl Into<Source>) -> Result<Self> {
        let index = self.index(id)?;
        if self.plan.node(index).is_none_or(|node| node.node.as_agent().is_none()) {
            return Err(Error::invalid_input(format!("node {id:?} is no agent: only agents ask models")));
        }
        self.models.insert(index, source.into());
        Ok(self)
    }

    /// The graph, frozen.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether every transform has something to call.
    pub(crate) fn check(&self, has_host: bool) -> Result<()> {
        let mut indices = self.plan.nodes().map(|(index, _)| index);
        match indices.find(|index| !has_host && self.needs_host(*index)) {
            Some(index) => {
                let id = self.plan.id(index).unwrap_or_default();
                Err(Error::invalid_input(format!("transform {id:?} has no function; bind one to it"))
                    .node(id))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn function_of(&self, index: NodeIndex) -> Option<&Arc<dyn Function>> {
        self.functions.get(&index)
    }

    pub(crate) fn model_of(&self, index: NodeIndex) -> Option<&Source> {
        self.models.get(&index)
    }

    /// Whether the node calls a function and none is bound to it.
    pub(crate) fn needs_host(&self, index: NodeIndex) -> bool {
        self.is_transform(index) && !self.functions.contains_key(&index)
    }

    fn is_transform(&self, index: NodeIndex) -> bool {
        self.plan.node(index).is_some_and(|node| matches!(node.node.kind, NodeKind::Transform))
    }

    fn index(&self, id: &str) -> Result<NodeIndex> {
        self.plan.index_of(id).ok_or_else(|| Error::invalid_input(format!("there is no node {id:?}")))
    }
}
