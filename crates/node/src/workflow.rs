//! `Workflow`: a graph under construction. It is frozen when it is first run, and again after a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use graphbit_core::{
    Error, Graph, Node, NodeKind, OnError, Result, RetryPolicy, Severity, StateVariable, When, Write,
};
use graphbit_executor::Workflow;
use napi::Env;
use napi_derive::napi;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::config::NativeConfig;
use crate::error::thrown;
use crate::executor::milliseconds;
use crate::host::edge_place;

/// A node as the facade writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireNode {
    id: Option<String>,
    name: String,
    description: Option<String>,
    /// A [`NodeKind`]; without its body, which comes beside it.
    kind: Value,
    timeout_ms: Option<f64>,
    idle_timeout_ms: Option<f64>,
    retry: Option<RetryPolicy>,
    #[serde(default)]
    on_error: OnError,
    #[serde(default, deserialize_with = "present")]
    fallback: Option<Value>,
    cache: Option<String>,
    #[serde(default)]
    writes: Vec<Write>,
}

/// What a graph says about itself, as the facade writes it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct WireGraph {
    description: Option<String>,
    #[serde(deserialize_with = "present")]
    input: Option<Value>,
    #[serde(deserialize_with = "present")]
    output: Option<Value>,
    state: BTreeMap<String, StateVariable>,
}

/// A member that is there, be it null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
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
    pub fn new(env: &Env, name: String, options: String) -> napi::Result<Self> {
        let wire: WireGraph = serde_json::from_str(&options).map_err(|error| {
            thrown(env, &Error::invalid_input(format!("a workflow option cannot be used: {error}")))
        })?;
        let mut graph = Graph::new(name);
        if let Some(description) = wire.description {
            graph = graph.with_description(description);
        }
        if let Some(schema) = wire.input {
            graph = graph.with_input(schema);
        }
        if let Some(schema) = wire.output {
            graph = graph.with_output(schema);
        }
        let graph =
            (wire.state.into_iter()).fold(graph, |graph, (name, variable)| graph.with_state(name, variable));
        Ok(Self { graph, models: Vec::new(), frozen: None })
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

    /// Adds a node from its JSON form, and gives its id. Without an id it is made from the name. A body, with its models, is
    /// taken over as it is now.
    #[napi(catch_unwind)]
    pub fn add_node(
        &mut self,
        env: &Env,
        node: String,
        model: Option<&NativeConfig>,
        body: Option<&NativeWorkflow>,
    ) -> napi::Result<String> {
        let added = self.add(&node, model, body).map_err(|error| thrown(env, &error))?;
        self.frozen = None;
        Ok(added)
    }

    /// `when` is the JSON form of the edge's condition.
    #[napi(catch_unwind)]
    pub fn connect(&mut self, env: &Env, from: String, to: String, when: Option<String>) -> napi::Result<()> {
        let when: Result<When> = when.map_or(Ok(When::Always), |when| {
            serde_json::from_str(&when).map_err(|error| {
                Error::invalid_input(format!("the edge's condition cannot be used: {error}"))
            })
        });
        self.frozen = None;
        when.and_then(|when| self.graph.connect_when(&from, &to, when)).map_err(|error| thrown(env, &error))
    }

    /// Everything that calls a function, by its place: `t`, `each/t` in a body, `loop/until` for what ends a loop, `a->b` for what
    /// decides an edge.
    #[napi(catch_unwind)]
    pub fn function_places(&self) -> Vec<String> {
        let mut places = Vec::new();
        add_places(&self.graph, "", &mut places);
        places
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
    /// The graph as it is now.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    fn add(
        &mut self,
        node: &str,
        model: Option<&NativeConfig>,
        body: Option<&NativeWorkflow>,
    ) -> Result<String> {
        let (node, has_id) = read(node, body.map(|body| &body.graph))?;
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
        let inner = body.into_iter().flat_map(|body| &body.models);
        self.models.extend(inner.map(|(place, model)| (format!("{id}/{place}"), Arc::clone(model))));
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

fn add_places(graph: &Graph, prefix: &str, places: &mut Vec<String>) {
    for node in graph.nodes() {
        let place = format!("{prefix}{}", node.id);
        if let Some(body) = node.kind.body() {
            add_places(body, &format!("{place}/"), places);
        }
        match &node.kind {
            NodeKind::Loop(_) if node.kind.calls_function() => places.push(format!("{place}/until")),
            NodeKind::Tool(_) => places.push(place),
            kind if kind.calls_function() => places.push(place),
            _ => {}
        }
    }
    let decided = graph.edges_when().filter(|(_, _, when)| matches!(when, When::Function));
    places.extend(decided.map(|(from, to, _)| edge_place(prefix, from, to)));
}

/// The node, and whether it names its id: one that is made from the name is made unique by the graph.
fn read(node: &str, body: Option<&Graph>) -> Result<(Node, bool)> {
    let unusable =
        |error: serde_json::Error| Error::invalid_input(format!("the node cannot be used: {error}"));
    let mut wire: WireNode = serde_json::from_str(node).map_err(unusable)?;
    if let (Some(body), Value::Object(kind)) = (body, &mut wire.kind) {
        for settings in kind.values_mut().filter_map(Value::as_object_mut) {
            settings.insert("body".to_owned(), serde_json::to_value(body).map_err(unusable)?);
        }
    }
    let kind: NodeKind = serde_json::from_value(wire.kind).map_err(unusable)?;
    let mut node = Node::new(wire.name, kind);
    let has_id = wire.id.is_some();
    if let Some(id) = wire.id {
        node = node.with_id(id);
    }
    let limit = |name, limit: Option<f64>| limit.map(|limit| milliseconds(name, limit)).transpose();
    node.timeout = limit("timeout", wire.timeout_ms)?;
    node.idle_timeout = limit("idleTimeout", wire.idle_timeout_ms)?;
    (node.description, node.retry) = (wire.description, wire.retry);
    (node.on_error, node.fallback, node.writes) = (wire.on_error, wire.fallback, wire.writes);
    node.cache = wire.cache.map(Arc::from);
    Ok((node, has_id))
}
