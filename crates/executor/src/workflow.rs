//! A plan with everything that is not data bound to it: functions and models, by node.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use graphbit_core::{Condition, Edge, Error, Graph, Node, NodeIndex, NodeKind, Plan, PlanNode, Result};
use serde_json::Value;

use crate::{Function, Source};

/// A plan that can run.
pub struct Workflow {
    plan: Arc<Plan>,
    /// Tells it from every other: what is kept of one's outputs is not another's.
    number: u64,
    functions: HashMap<NodeIndex, Arc<dyn Function>>,
    /// What decides edges, by the nodes that they connect.
    edges: HashMap<(NodeIndex, NodeIndex), Arc<dyn Function>>,
    models: HashMap<NodeIndex, Source>,
    /// What maps, loops and subgraphs run.
    bodies: HashMap<NodeIndex, Arc<Workflow>>,
    /// What says whether a loop is done, where a function does: a graph of that function alone.
    untils: HashMap<NodeIndex, Arc<Workflow>>,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The name of a loop's function within the loop.
const UNTIL: &str = "until";

impl Workflow {
    /// A plan with nothing bound to it yet.
    pub fn new(plan: impl Into<Arc<Plan>>) -> Self {
        let plan: Arc<Plan> = plan.into();
        let body = |(index, node): (NodeIndex, &PlanNode)| {
            Some((index, Arc::new(Self::new(Arc::clone(node.body()?)))))
        };
        let bodies = plan.nodes().filter_map(body).collect();
        let until = |(index, node): (NodeIndex, &PlanNode)| {
            let asks = matches!(&node.node.kind, NodeKind::Loop(each) if each.repeat.calls_function());
            Some((index, Arc::new(Self::new(asks.then(until)??))))
        };
        let untils = plan.nodes().filter_map(until).collect();
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let (functions, edges, models) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { plan, number, functions, edges, models, bodies, untils }
    }

    /// Binds a function to a transform, a tool, or a condition that calls one. A node of a body is named with the body's node
    /// before it, as in `each/summary`; the function that ends a loop is `loop/until`.
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such node.
    pub fn function(mut self, id: &str, function: impl Function + 'static) -> Result<Self> {
        let (workflow, index) = self.find(id)?;
        if !workflow.calls_function(index) {
            let message =
                format!("node {id:?} calls no function: transforms and tools do, and conditions that say so");
            return Err(Error::invalid_input(message));
        }
        workflow.functions.insert(index, Arc::new(function));
        Ok(self)
    }

    /// Binds the function that decides an edge, one whose condition is [`When::Function`](graphbit_core::When::Function). It gets
    /// the output of `from` and gives true or false. A node of a body is named as for [`function`](Self::function); `to` stands
    /// in the same graph, and is its id there.
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such edge.
    pub fn edge(mut self, from: &str, to: &str, function: impl Function + 'static) -> Result<Self> {
        let (workflow, index) = self.find(from)?;
        let plan = &workflow.plan;
        let asks = |to: &NodeIndex| plan.edges(index).any(|edge| edge.to == *to && edge.calls_function());
        let to = plan.index_of(to).filter(asks).ok_or_else(|| {
            let message = format!("no edge from {from:?} to {to:?} is decided by a function");
            Error::invalid_input(message)
        })?;
        workflow.edges.insert((index, to), Arc::new(function));
        Ok(self)
    }

    /// Lets an agent, or a condition that a model decides, ask another model than the executor's. A node of a body is named as
    /// for [`function`](Self::function).
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such node.
    pub fn model(mut self, id: &str, source: impl Into<Source>) -> Result<Self> {
        let (workflow, index) = self.find(id)?;
        let asks = workflow.plan.node(index).is_some_and(|node| {
            matches!(node.node.kind, NodeKind::Agent(_) | NodeKind::Condition(Condition::Model(_)))
        });
        if !asks {
            let message = format!("node {id:?} asks no model: agents do, and conditions that say so");
            return Err(Error::invalid_input(message));
        }
        workflow.models.insert(index, source.into());
        Ok(self)
    }

    /// The graph, frozen.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether a run may have this input.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it does not fit the graph's schema.
    pub(crate) fn accept(&self, input: &Value) -> Result<()> {
        let faults = self.plan.input_schema().map(|schema| schema.faults(input)).unwrap_or_default();
        if faults.is_empty() {
            return Ok(());
        }
        let message = format!("the input does not fit the workflow's schema: {}", faults.join("; "));
        Err(Error::invalid_input(message))
    }

    /// Whether everything that calls a function has one.
    pub(crate) fn check(&self, has_host: bool) -> Result<()> {
        if has_host {
            return Ok(());
        }
        for (index, node) in self.plan.nodes() {
            if self.needs_host(index) {
                let (id, kind) = (&*node.node.id, node.node.kind.name());
                let message = format!("{kind} {id:?} has no function; bind one to it");
                return Err(Error::invalid_input(message).node(id));
            }
            if let Some(edge) =
                self.functions_behind(index).find(|edge| self.edge_of(index, edge.to).is_none())
            {
                let (id, to) = (&*node.node.id, self.plan.id(edge.to).unwrap_or_default());
                let message = format!("the edge from {id:?} to {to:?} has no function; bind one to it");
                return Err(Error::invalid_input(message).node(id));
            }
            for inner in [self.bodies.get(&index), self.untils.get(&index)].into_iter().flatten() {
                inner.check(false).map_err(|error| error.within(&node.node.id))?;
            }
        }
        Ok(())
    }

    /// No other workflow of the process has it.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn function_of(&self, index: NodeIndex) -> Option<&Arc<dyn Function>> {
        self.functions.get(&index)
    }

    /// What decides the edge between two nodes.
    pub(crate) fn edge_of(&self, from: NodeIndex, to: NodeIndex) -> Option<&Arc<dyn Function>> {
        self.edges.get(&(from, to))
    }

    /// The edges behind a node that functions decide, in the order in which they were connected.
    pub(crate) fn functions_behind(&self, from: NodeIndex) -> impl Iterator<Item = Edge<'_>> {
        self.plan.edges(from).filter(|edge| edge.calls_function())
    }

    pub(crate) fn model_of(&self, index: NodeIndex) -> Option<&Source> {
        self.models.get(&index)
    }

    pub(crate) fn body_of(&self, index: NodeIndex) -> Option<&Arc<Self>> {
        self.bodies.get(&index)
    }

    pub(crate) fn until_of(&self, index: NodeIndex) -> Option<&Arc<Self>> {
        self.untils.get(&index)
    }

    /// Whether the node calls a function and none is bound to it.
    pub(crate) fn needs_host(&self, index: NodeIndex) -> bool {
        self.calls_function(index) && !self.functions.contains_key(&index)
    }

    fn calls_function(&self, index: NodeIndex) -> bool {
        self.plan.node(index).is_some_and(|node| {
            let kind = &node.node.kind;
            matches!(kind, NodeKind::Transform | NodeKind::Tool(_) | NodeKind::Condition(Condition::Function))
        })
    }

    /// The workflow that has a node, and its index there.
    fn find(&mut self, id: &str) -> Result<(&mut Self, NodeIndex)> {
        let unknown = || Error::invalid_input(format!("there is no node {id:?}"));
        let (mut workflow, mut rest) = (self, id);
        loop {
            if let Some(index) = workflow.plan.index_of(rest) {
                return Ok((workflow, index));
            }
            // Ids may hold slashes of their own: the first that is a node with a body leads on.
            let mut slashes = rest.match_indices('/').map(|(at, _)| at);
            let (index, inner) = slashes
                .find_map(|at| Some((workflow.plan.index_of(rest.get(..at)?)?, rest.get(at + 1..)?)))
                .ok_or_else(unknown)?;
            let bodies = match inner {
                UNTIL if workflow.untils.contains_key(&index) => &mut workflow.untils,
                _ => &mut workflow.bodies,
            };
            let shared =
                || Error::invalid_input("functions and models are bound before a workflow is shared");
            let body = bodies.get_mut(&index).ok_or_else(unknown)?;
            (workflow, rest) = (Arc::get_mut(body).ok_or_else(shared)?, inner);
        }
    }
}

/// A graph of one function, which is asked whether a loop is done.
fn until() -> Option<Plan> {
    let mut graph = Graph::new(UNTIL);
    graph.add(Node::transform(UNTIL).with_id(UNTIL)).ok()?;
    graph.compile().ok()
}
