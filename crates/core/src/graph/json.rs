//! The JSON form of a graph, version 1. Faulty graphs have one too, and come back with the same faults.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::{Graph, Weight};
use crate::{Error, Node, Result, StateVariable, When};

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a graph, which is an object")]
struct Document {
    /// Only the outermost graph has one: what is inside has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
    /// Schemas; null is one too, in so far as validation then says that it is none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    state: BTreeMap<Arc<str>, StateVariable>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<Arc<When>>,
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
    /// Optional members beside `metadata` are `input` and `output` (schemas) and `state` (`{"x": {"initial": 0,
    /// "reducer": "sum"}}`); an edge may have a `when`. The graph inside a node has the same form without a version.
    ///
    /// # Errors
    /// `INTERNAL` if a value cannot be written, which no graph is known to cause.
    pub fn to_json(&self) -> Result<String> {
        let document = Document { version: Some(VERSION), ..self.document() };
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
        Self::from_document(document)
    }

    fn document(&self) -> Document {
        let edge = |from: &Arc<str>, to: &Arc<str>, when: &Weight| Edge {
            from: Arc::clone(from),
            to: Arc::clone(to),
            when: when.clone(),
        };
        let node = |index| self.nodes.node_weight(index);
        Document {
            version: None,
            name: self.name.clone(),
            description: self.description.clone(),
            metadata: self.metadata.clone(),
            input: self.input.clone(),
            output: self.output.clone(),
            state: self.state.clone(),
            nodes: self.nodes.node_weights().chain(&self.duplicates).map(Arc::clone).collect(),
            edges: (self.nodes.raw_edges().iter())
                .filter_map(|raw| Some(edge(&node(raw.source())?.id, &node(raw.target())?.id, &raw.weight)))
                .chain(self.dangling.values().flatten().map(|(from, to, when)| edge(from, to, when)))
                .collect(),
        }
    }

    fn from_document(document: Document) -> Result<Self> {
        let mut graph = Self::new(document.name);
        graph.description = document.description;
        graph.metadata = document.metadata;
        (graph.input, graph.output, graph.state) = (document.input, document.output, document.state);
        for node in document.nodes {
            graph.add(Arc::unwrap_or_clone(node))?;
        }
        for edge in document.edges {
            graph.connect_when(
                &edge.from,
                &edge.to,
                edge.when.map(Arc::unwrap_or_clone).unwrap_or_default(),
            )?;
        }
        Ok(graph)
    }
}

/// A graph inside another: the same form, without a version.
impl Serialize for Graph {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Graph {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let document = Document::deserialize(deserializer)?;
        if let Some(version) = document.version
            && version != VERSION
        {
            return Err(de::Error::custom(format!(
                "a graph inside has version {version}, and this GraphBit reads version {VERSION}"
            )));
        }
        Self::from_document(document).map_err(|error| de::Error::custom(error.message()))
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unreadable(error: serde_json::Error) -> Error {
    let what = if error.is_data() { "does not have the form of a graph" } else { "is not JSON" };
    Error::invalid_input(format!("the text {what}: {error}"))
}
