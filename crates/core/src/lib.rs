//! The vocabulary that every GraphBit crate speaks: the graph, its validation, the frozen plan, and the one error.
//!
//! A [`Graph`] is built, checked as a whole, and frozen into a [`Plan`], which any number of runs share. Nothing here
//! runs, waits or talks to anybody: that is for the crates above.
//!
//! ```
//! use graphbit_core::{Agent, DiagnosticCode, Graph, Node};
//! use serde_json::{Map, json};
//!
//! let mut graph = Graph::new("report");
//! graph.add(Node::agent("Research", "List facts about {{input.topic}}."))?;
//! graph.add(Node::new("Write", Agent::new("Write a report: {{reserach}}").with_temperature(0.3)))?;
//! graph.connect("research", "write")?;
//!
//! // Validation reports everything at once, and what to change.
//! let findings = graph.validate();
//! assert_eq!(findings.len(), 1);
//! assert_eq!(findings[0].code, DiagnosticCode::UnknownVariable);
//! assert_eq!(findings[0].help, "did you mean {{research}}?");
//!
//! let mut graph = Graph::from_json(&graph.to_json()?.replace("reserach", "research"))?;
//! graph.add(Node::agent("Review", "Review: {{write}}"))?;
//! graph.connect("write", "review")?;
//!
//! // The plan has dense indices, neighbours and parsed templates.
//! let plan = graph.compile()?;
//! let research = plan.index_of("research").and_then(|index| plan.node(index)).unwrap();
//! let mut scope = Map::new();
//! scope.insert("input".into(), json!({ "topic": "bees" }));
//! let prompt = research.template.as_ref().unwrap().render(&scope)?;
//! assert_eq!(prompt, "List facts about bees.");
//! assert_eq!(plan.successors(plan.roots()[0]), [plan.index_of("write").unwrap()]);
//! # Ok::<(), graphbit_core::Error>(())
//! ```

mod apart;
mod diagnostic;
mod draw;
mod error;
mod graph;
mod nearest;
mod node;
mod path;
mod plan;
mod predicate;
mod reducer;
mod schema;
mod spare;
mod state;
mod template;
mod validate;
mod when;

pub use apart::{Apart, PolledApart, apart, is_kept_apart, keep_apart};
pub use diagnostic::{Diagnostic, DiagnosticCode, Severity};
pub use draw::Mark;
pub use error::{Context, Error, ErrorCode, Partial, Result, Retry};
pub use graph::Graph;
pub use nearest::nearest;
pub use node::{
    Agent, Branch, Choice, Condition, Delay, ItemError, Join, JoinRule, Loop, Map, ModelChoice, Node,
    NodeKind, OTHERWISE, OnError, Pause, Reduce, Repeat, RetryPolicy, Subgraph, Tool, Write,
};
pub use path::Path;
pub use plan::{Edge, NodeIndex, Plan, PlanNode};
pub use predicate::{Operator, Predicate};
pub use reducer::Reducer;
pub use schema::Schema;
pub use spare::{Spare, can_spare, give_up_half, give_up_unused};
pub use state::StateVariable;
pub use template::{JsonTemplate, Scope, Template, Variable};
pub use when::When;
