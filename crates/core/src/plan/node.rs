//! A node of a plan: with its templates parsed, its schema and its body compiled.

use std::sync::Arc;

use crate::validate::Parts;
use crate::{JsonTemplate, Node, Plan, Schema, Template};

/// A node with its templates parsed.
#[derive(Debug)]
#[non_exhaustive]
pub struct PlanNode {
    /// The node as it was added, shared with the graph.
    pub node: Arc<Node>,
    /// The prompt of an agent or of a model's choice, the question of a pause, the items of a map.
    pub template: Option<Template>,
    /// The system prompt of an agent that has one.
    pub system_template: Option<Template>,
    /// What few nodes have, apart, so that the others stay small.
    rest: Option<Box<Rest>>,
}

#[derive(Debug)]
struct Rest {
    body: Option<Arc<Plan>>,
    arguments: Option<JsonTemplate>,
    fallback: Option<JsonTemplate>,
    cache: Option<Template>,
    schema: Option<Arc<Schema>>,
}

impl PlanNode {
    pub(super) fn new(node: Arc<Node>, parts: Parts) -> Self {
        let body = match (node.kind.body(), parts.body) {
            (Some(graph), Some(parts)) => Some(Arc::new(Plan::new(graph, *parts))),
            _ => None,
        };
        let rest = Rest {
            body,
            arguments: parts.arguments,
            fallback: parts.fallback,
            cache: parts.cache,
            schema: parts.schema.map(Arc::new),
        };
        let empty =
            matches!(rest, Rest { body: None, arguments: None, fallback: None, cache: None, schema: None });
        Self {
            node,
            template: parts.template,
            system_template: parts.system_template,
            rest: (!empty).then(|| Box::new(rest)),
        }
    }

    /// The plan that runs inside a map, a loop or a subgraph.
    pub fn body(&self) -> Option<&Arc<Plan>> {
        self.rest.as_ref()?.body.as_ref()
    }

    /// The arguments of a tool that has some of its own.
    pub fn arguments(&self) -> Option<&JsonTemplate> {
        self.rest.as_ref()?.arguments.as_ref()
    }

    /// The output in place of a failure.
    pub fn fallback(&self) -> Option<&JsonTemplate> {
        self.rest.as_ref()?.fallback.as_ref()
    }

    /// The key under which its output is kept.
    pub fn cache(&self) -> Option<&Template> {
        self.rest.as_ref()?.cache.as_ref()
    }

    /// The schema of an agent's output, of the answer to a pause, or of a tool's arguments.
    pub fn schema(&self) -> Option<&Arc<Schema>> {
        self.rest.as_ref()?.schema.as_ref()
    }
}
