//! The JSON form of a graph, version 1. Faulty graphs have one too, and come back with the same faults.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Graph;
use crate::{Error, Node, Result};

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a graph, which is an object")]
struct Document {
    version: u32,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
    nodes: Vec<Arc<Node>>,
    edges: Vec<Edge>,
}

#[derive(Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    expecting = "an edge, as in {\"from\": \"a\", \"to\": \"b\"}"
)]
struct Edge {
    from: Arc<str>,
    to: Arc<str>,
}

/// Only the version, so that a form of another version is told by that and not by its fields.
#[derive(Deserialize)]
#[serde(expecting = "a graph, which is an object")]
struct Versioned {
    version: Option<Value>,
}

impl Graph {
    /// The graph as JSON, on one line.
    ///
    /// ```json
    /// {"version":1,"name":"…","description":"…","metadata":{…},
    ///  "nodes":[{"id":"a","name":"A","kind":{"agent":{"prompt":"…"}}},{"id":"b","name":"B","kind":"join"}],
    ///  "edges":[{"from":"a","to":"b"}]}
    /// ```
    ///
    /// # Errors
    /// `INTERNAL` if a value cannot be written, which no graph is known to cause.
    pub fn to_json(&self) -> Result<String> {
        let edge = |from: &Arc<str>, to: &Arc<str>| Edge { from: Arc::clone(from), to: Arc::clone(to) };
        let weight = |index| self.nodes.node_weight(index);
        let document = Document {
            version: VERSION,
            name: self.name.clone(),
            description: self.description.clone(),
            metadata: self.metadata.clone(),
            nodes: self.nodes.node_weights().chain(&self.duplicates).map(Arc::clone).collect(),
            edges: (self.nodes.raw_edges().iter())
                .filter_map(|raw| Some(edge(&weight(raw.source())?.id, &weight(raw.target())?.id)))
                .chain(self.dangling.values().flatten().map(|(from, to)| edge(from, to)))
                .collect(),
        };
        serde_json::to_string(&document)
            .map_err(|error| Error::internal("the graph cannot be written as JSON").caused_by(error))
    }

    /// Reads what [`to_json`](Graph::to_json) wrote. The graph may be faulty; [`validate`](Graph::validate) tells.
    ///
    /// # Errors
    /// `INVALID_INPUT` for text that is not JSON, another version, an unknown or missing field and a wrong type; it
    /// says which and where.
    pub fn from_json(json: &str) -> Result<Self> {
        match serde_json::from_str::<Versioned>(json).map_err(unreadable)?.version {
            Some(version) if version == VERSION => {}
            Some(version) => {
                return Err(Error::invalid_input(format!(
                    "the graph's JSON has version {version}, and this GraphBit reads version {VERSION}; \
                     write it again with this GraphBit, or read it with the one that wrote it"
                )));
            }
            None => {
                return Err(Error::invalid_input(format!(
                    "the graph's JSON names no version; add \"version\": {VERSION} if it has the form of this one"
                )));
            }
        }
        let document: Document = serde_json::from_str(json).map_err(unreadable)?;
        let mut graph = Self::new(document.name);
        graph.description = document.description;
        graph.metadata = document.metadata;
        for node in document.nodes {
            graph.add(Arc::unwrap_or_clone(node))?;
        }
        for edge in document.edges {
            graph.connect(&edge.from, &edge.to)?;
        }
        Ok(graph)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unreadable(error: serde_json::Error) -> Error {
    let what = if error.is_data() { "does not have the form of a graph" } else { "is not JSON" };
    Error::invalid_input(format!("the text {what}: {error}"))
}
