//! The graph under construction: nodes and edges by id. It takes faulty input too, so that validation can report
//! everything at once; running is for the [`Plan`] it compiles to.

mod contract;
mod json;
#[cfg(test)]
mod tests;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};
use serde_json::{Map, Value};

use crate::when::ALWAYS;
use crate::{Diagnostic, Error, ErrorCode, Node, Plan, Result, StateVariable, When, validate};

/// The root of templates that stands for the run's input, and therefore no node's id.
pub(crate) const INPUT: &str = "input";

/// The root of templates that stands for the graph's state, and therefore no node's id where there is a state.
pub(crate) const STATE: &str = "state";

/// The most nodes a graph takes; schedulers pack an index and a state into 32 bits.
const MAX_NODES: usize = (1 << 30) - 1;

/// A workflow as it is built: nodes, and edges that say what waits for what.
///
/// [`add`](Graph::add) and [`connect`](Graph::connect) accept what is wrong as well (an id that is taken, an edge whose
/// end does not exist yet, a cycle): [`validate`](Graph::validate) reports all of it together. Nodes and edges may
/// come in any order.
#[derive(Clone, Debug)]
pub struct Graph {
    name: String,
    description: Option<String>,
    metadata: Map<String, Value>,
    pub(crate) input: Option<Value>,
    pub(crate) output: Option<Value>,
    pub(crate) state: BTreeMap<Arc<str>, StateVariable>,
    pub(crate) nodes: DiGraph<Arc<Node>, Weight>,
    pub(crate) ids: HashMap<Arc<str>, NodeIndex>,
    /// The next number to append to an id that was made from a name and is taken.
    suffixes: HashMap<Arc<str>, u32>,
    /// Nodes whose id was taken.
    pub(crate) duplicates: Vec<Arc<Node>>,
    /// Edges with an unknown end, under the first end that is unknown.
    pub(crate) dangling: BTreeMap<Arc<str>, Vec<Ends>>,
}

/// The ids that an edge connects, and its condition.
pub(crate) type Ends = (Arc<str>, Arc<str>, Weight);

/// The condition of an edge; `None` is [`When::Always`], so that most edges need no memory for it.
pub(crate) type Weight = Option<Arc<When>>;

/// The condition that a weight stands for.
pub(crate) fn when(weight: &Weight) -> &When {
    weight.as_deref().unwrap_or(&ALWAYS)
}

impl Graph {
    /// A graph without nodes.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            metadata: Map::new(),
            input: None,
            output: None,
            state: BTreeMap::new(),
            nodes: DiGraph::new(),
            ids: HashMap::new(),
            suffixes: HashMap::new(),
            duplicates: Vec::new(),
            dangling: BTreeMap::new(),
        }
    }

    /// Says what the graph is for.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds an entry of metadata, which GraphBit keeps and never reads.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The program's own data about the graph.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// The program's own data about the graph, to be changed.
    pub fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.metadata
    }

    /// Adds a node and returns the id it has in the graph.
    ///
    /// An id that was made from the node's name gets a number (`writer-2`) where it is taken. An id that was set
    /// stays as it is, and is reported by validation where it is taken; [`contains`](Graph::contains) tells beforehand.
    ///
    /// # Errors
    /// `LIMIT` beyond 2³⁰ − 1 nodes.
    pub fn add(&mut self, mut node: Node) -> Result<Arc<str>> {
        if self.nodes.node_count() + self.duplicates.len() >= MAX_NODES {
            return Err(Error::new(
                ErrorCode::Limit,
                format!("a graph takes {MAX_NODES} nodes; split it into several"),
            ));
        }
        if std::mem::take(&mut node.id_is_made) {
            node.id = self.free_id(node.id);
        }
        let id = Arc::clone(&node.id);
        match self.ids.entry(Arc::clone(&id)) {
            Entry::Occupied(_) => self.duplicates.push(Arc::new(node)),
            Entry::Vacant(entry) => {
                entry.insert(self.nodes.add_node(Arc::new(node)));
                for ends in self.dangling.remove(&id).unwrap_or_default() {
                    self.connect_ids(ends);
                }
            }
        }
        Ok(id)
    }

    /// Makes `to` wait for `from`. An end that does not exist may be added later; validation reports it otherwise.
    ///
    /// # Errors
    /// `LIMIT` beyond 2³² − 2 edges.
    pub fn connect(&mut self, from: &str, to: &str) -> Result<()> {
        self.connect_when(from, to, When::Always)
    }

    /// Makes `to` wait for `from`, and run only if the edge is taken. Several edges between the same nodes are one
    /// that is taken if any of them is.
    ///
    /// # Errors
    /// As [`connect`](Graph::connect).
    pub fn connect_when(&mut self, from: &str, to: &str, when: When) -> Result<()> {
        if self.nodes.edge_count() >= u32::MAX as usize - 1 {
            return Err(Error::new(
                ErrorCode::Limit,
                "a graph takes 4294967294 edges; split it into several",
            ));
        }
        let weight = (!when.is_always()).then(|| Arc::new(when));
        self.connect_ids((from.into(), to.into(), weight));
        Ok(())
    }

    /// How many nodes have an id of their own.
    pub fn len(&self) -> usize {
        self.nodes.node_count()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a node has this id.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// The node with this id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.node_weight(*self.ids.get(id)?).map(|node| &**node)
    }

    /// The nodes in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &Node> {
        self.nodes.raw_nodes().iter().map(|node| &*node.weight)
    }

    /// The ids that the edges connect, in the order in which they were connected.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.raw_edges().iter().map(|edge| (self.id(edge.source()), self.id(edge.target())))
    }

    /// The same with the condition of each edge.
    pub fn edges_when(&self) -> impl Iterator<Item = (&str, &str, &When)> {
        (self.nodes.raw_edges().iter())
            .map(|edge| (self.id(edge.source()), self.id(edge.target()), when(&edge.weight)))
    }

    /// Everything that is wrong or odd, errors and warnings, in a stable order.
    pub fn validate(&self) -> Vec<Diagnostic> {
        validate::check(self).findings
    }

    /// The frozen form that runs. Warnings do not stop it.
    ///
    /// # Errors
    /// `INVALID_GRAPH` with every finding attached, if one of them is an error.
    pub fn compile(&self) -> Result<Plan> {
        let checked = validate::check(self);
        if checked.findings.iter().any(Diagnostic::is_error) {
            return Err(Error::invalid_graph(checked.findings));
        }
        Ok(Plan::new(self, checked.parts))
    }

    /// The id of a node of this graph.
    pub(crate) fn id(&self, index: NodeIndex) -> &str {
        self.nodes.node_weight(index).map_or("", |node| &node.id)
    }

    fn connect_ids(&mut self, (from, to, weight): Ends) {
        match (self.ids.get(&from), self.ids.get(&to)) {
            (Some(&from), Some(&to)) => {
                self.nodes.add_edge(from, to, weight);
            }
            (None, _) => self.dangling.entry(Arc::clone(&from)).or_default().push((from, to, weight)),
            (_, None) => self.dangling.entry(Arc::clone(&to)).or_default().push((from, to, weight)),
        }
    }

    fn free_id(&mut self, wanted: Arc<str>) -> Arc<str> {
        if !self.ids.contains_key(&wanted) && &*wanted != INPUT {
            return wanted;
        }
        let suffix = self.suffixes.entry(Arc::clone(&wanted)).or_insert(2);
        loop {
            let id = format!("{wanted}-{suffix}");
            *suffix += 1;
            if !self.ids.contains_key(id.as_str()) {
                return id.into();
            }
        }
    }
}

impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.description == other.description
            && self.metadata == other.metadata
            && self.input == other.input
            && self.output == other.output
            && self.state == other.state
            && self.nodes().eq(other.nodes())
            && self.edges_when().eq(other.edges_when())
            && self.duplicates == other.duplicates
            && self.dangling == other.dangling
    }
}
