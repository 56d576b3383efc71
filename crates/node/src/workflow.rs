//! `Workflow`: a graph under construction. It is frozen when it is first run, and again after a change.

use std::sync::Arc;

use graphbit_core::{Error, Graph, Node, NodeKind, Result, RetryPolicy, Severity};
use graphbit_executor::Workflow;
use napi::Env;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::json;

use crate::config::NativeConfig;
use crate::error::thrown;
use crate::executor::milliseconds;

/// A node as the facade writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireNode {
    id: Option<String>,
    name: String,
    description: Option<String>,
    kind: NodeKind,
    timeout_ms: Option<f64>,
    retry: Option<RetryPolicy>,
}

/// A graph. Functions stay in JavaScript; models are bound by node.
#[napi]
pub struct NativeWorkflow {
    graph: Graph,
    models: Vec<(String, Arc<graphbit_llm::Config>)>,
    frozen: Option<Arc<Workflow>>,
}

#[napi]
impl NativeWorkflow {
    #[napi(constructor, catch_unwind)]
    pub fn new(name: String) -> Self {
        Self { graph: Graph::new(name), models: Vec::new(), frozen: None }
    }

    /// A graph from its versioned JSON form.
    #[napi(factory, catch_unwind)]
    pub fn from_json(env: &Env, json: String) -> napi::Result<Self> {
        let graph = Graph::from_json(&json).map_err(|error| thrown(env, &error))?;
        Ok(Self { graph, models: Vec::new(), frozen: None })
    }

    #[napi(catch_unwind)]
    pub fn name(&self) -> String {
        self.graph.name().to_owned()
    }

    /// Adds a node from its JSON form, and gives its id. Without an id it is made from the name.
    #[napi(catch_unwind)]
    pub fn add_node(
        &mut self,
        env: &Env,
        node: String,
        model: Option<&NativeConfig>,
    ) -> napi::Result<String> {
        let added = self.add(&node, model).map_err(|error| thrown(env, &error))?;
        self.frozen = None;
        Ok(added)
    }

    #[napi(catch_unwind)]
    pub fn connect(&mut self, env: &Env, from: String, to: String) -> napi::Result<()> {
        self.frozen = None;
        self.graph.connect(&from, &to).map_err(|error| thrown(env, &error))
    }

    /// Throws `INVALID_GRAPH` with every finding; gives the warnings as JSON.
    #[napi(catch_unwind)]
    pub fn validate(&self, env: &Env) -> napi::Result<String> {
        let findings = self.graph.validate();
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(thrown(env, &Error::invalid_graph(findings)));
        }
        Ok(json!(findings).to_string())
    }

    #[napi(catch_unwind)]
    pub fn node_ids(&self) -> Vec<String> {
        self.graph.nodes().map(|node| node.id.to_string()).collect()
    }

    #[napi(catch_unwind)]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        self.graph.to_json().map_err(|error| thrown(env, &error))
    }

    #[napi(catch_unwind)]
    pub fn to_mermaid(&self) -> String {
        self.graph.to_mermaid()
    }

    #[napi(catch_unwind)]
    pub fn to_dot(&self) -> String {
        self.graph.to_dot()
    }
}

impl NativeWorkflow {
    fn add(&mut self, node: &str, model: Option<&NativeConfig>) -> Result<String> {
        let (node, has_id) = read(node)?;
        if has_id && self.graph.contains(&node.id) {
            return Err(Error::invalid_input(format!(
                "there is a node {:?} already; ids are unique",
                node.id
            )));
        }
        let id = self.graph.add(node)?;
        if let Some(model) = model {
            self.models.push((id.to_string(), Arc::clone(&model.config)));
        }
        Ok(id.to_string())
    }

    /// The graph, ready to run.
    pub(crate) fn freeze(&mut self) -> Result<Arc<Workflow>> {
        if let Some(frozen) = &self.frozen {
            return Ok(Arc::clone(frozen));
        }
        let mut workflow = Workflow::new(self.graph.compile()?);
        for (id, model) in &self.models {
            workflow = workflow.model(id, Arc::clone(model))?;
        }
        Ok(Arc::clone(self.frozen.insert(Arc::new(workflow))))
    }
}

/// The node, and whether it names its id: one that is made from the name is made unique by the graph.
fn read(node: &str) -> Result<(Node, bool)> {
    let wire: WireNode = serde_json::from_str(node)
        .map_err(|error| Error::invalid_input(format!("the node cannot be used: {error}")))?;
    let mut node = Node::new(wire.name, wire.kind);
    let has_id = wire.id.is_some();
    if let Some(id) = wire.id {
        node = node.with_id(id);
    }
    if let Some(limit) = wire.timeout_ms {
        node = node.with_timeout(milliseconds("timeout", limit)?);
    }
    (node.description, node.retry) = (wire.description, wire.retry);
    Ok((node, has_id))
}
