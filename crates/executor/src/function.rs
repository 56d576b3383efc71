//! What nodes and edges call of the program's, and what it is told besides its input.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use graphbit_core::{NodeIndex, Result};
use serde_json::Value;

use crate::RunEvent;
use crate::state::RunState;

/// Any error of the program's own.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a node or an edge calls: a value of the program's, a closure `|input: Value| async move { … }`, or one that is told more,
/// by [`with_context`].
#[async_trait]
pub trait Function: Send + Sync {
    /// From the node's input to its output. A tool's input are its arguments; else it is the only predecessor's output, an object of outputs by id where
    /// there are several, or the run's input at a root. Of an edge it is the output of the node that it comes from.
    ///
    /// # Errors
    /// Any: an [`Error`](graphbit_core::Error) fails the node as it is, everything else becomes the cause of a `TOOL`.
    async fn call(&self, input: Value) -> Result<Value, BoxError>;

    /// What is called. It calls [`call`](Self::call), unless the function wants to know where it is.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    async fn call_with(&self, input: Value, _context: &CallContext) -> Result<Value, BoxError> {
        self.call(input).await
    }
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

/// Where a function is called.
#[derive(Clone)]
pub struct CallContext {
    pub(crate) run: Arc<RunState>,
    pub(crate) node: NodeIndex,
}

impl CallContext {
    /// The node, with its place among all of the run's, as in `each/3/summary`; of an edge the one that it comes from.
    pub fn node(&self) -> String {
        self.run.name_of(self.node)
    }

    /// The run's id.
    pub fn run_id(&self) -> &str {
        self.run.root.id()
    }

    /// The variables of the graph's state as they are now: an object, or null where it declares none. They are written by
    /// [`writes`](graphbit_core::Node::writes), when the node succeeds.
    pub fn state(&self) -> Arc<Value> {
        self.run.variables()
    }

    /// Sends an event of the program's own to the readers of the run's events.
    pub fn emit(&self, name: &str, data: impl Into<Value>) {
        let data = data.into();
        self.run.root.feed.send(|| RunEvent::Custom { node: self.node().into(), name: name.into(), data });
    }

    /// Whether nobody waits for the outcome any more.
    pub fn is_cancelled(&self) -> bool {
        self.run.is_over()
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext").field("node", &self.node()).field("run", &self.run_id()).finish()
    }
}

/// A function that is told where it is called: a closure `|input: Value, context: CallContext| async move { … }`.
///
/// ```
/// use graphbit_executor::{BoxError, CallContext, Function, with_context};
/// use serde_json::{Value, json};
///
/// let _counted: Box<dyn Function> = Box::new(with_context(|input: Value, context: CallContext| async move {
///     Ok::<_, BoxError>(json!({ "input": input, "so far": context.state()["count"] }))
/// }));
/// ```
pub fn with_context<F, Fut, E>(function: F) -> impl Function
where
    F: Fn(Value, CallContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, E>> + Send,
    E: Into<BoxError>,
{
    WithContext(function)
}

struct WithContext<F>(F);

#[async_trait]
impl<F, Fut, E> Function for WithContext<F>
where
    F: Fn(Value, CallContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, E>> + Send,
    E: Into<BoxError>,
{
    async fn call(&self, _input: Value) -> Result<Value, BoxError> {
        Err("the function is called by a run, which tells it where it is".into())
    }

    async fn call_with(&self, input: Value, context: &CallContext) -> Result<Value, BoxError> {
        (self.0)(input, context.clone()).await.map_err(Into::into)
    }
}
