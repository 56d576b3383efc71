//! What nodes get of what is upstream, and what is held to a form before others get it.

use std::sync::Arc;

use graphbit_core::{Error, ErrorCode, NodeIndex, NodeKind, Result, Template};
use serde_json::{Map, Value};

use super::{RunState, Values, nothing};
use crate::cache::Key;
use crate::machine::edges_taken;

impl RunState {
    /// A template with the values of the run.
    pub(crate) fn render(&self, template: &Template) -> Result<String> {
        template.render(&self.values(template.variables().map(|variable| variable.root())))
    }

    /// A template's value: what a variable alone stands for, else the text.
    pub(crate) fn evaluate(&self, template: &Template) -> Result<Value> {
        template.evaluate(&self.values(template.variables().map(|variable| variable.root())))
    }

    /// The outputs of the predecessors that led to a node, with their ids, in the order of the edges. What an edge that
    /// is not taken could carry, and what has not ended, is left out; of a failure that the node handles it is
    /// `{"error": {"code": …, "message": …}}`.
    pub(crate) fn upstream(&self, index: NodeIndex) -> Vec<(&str, Arc<Value>)> {
        let plan = self.workflow.plan();
        let progress = self.progress();
        let live = |from: &&NodeIndex| progress.is_live(plan, **from, index);
        let value = |from: &NodeIndex| Some((plan.id(*from)?, progress.value(*from)));
        plan.predecessors(index).iter().filter(live).filter_map(value).collect()
    }

    /// What a function gets: the arguments of a tool, else as [`input_of`](Self::input_of).
    pub(crate) fn call_input(&self, index: NodeIndex) -> Result<Arc<Value>> {
        let node = self.node(index)?;
        let NodeKind::Tool(tool) = &node.node.kind else { return Ok(self.input_of(index)) };
        let input = match node.arguments() {
            Some(arguments) => {
                let variables = arguments.templates().flat_map(|template| template.variables());
                Arc::new(arguments.render(&self.values(variables.map(|variable| variable.root())))?)
            }
            None => self.input_of(index),
        };
        let faults = node.schema().map(|schema| schema.faults(&input)).unwrap_or_default();
        if !faults.is_empty() {
            let (name, faults) = (&tool.tool, faults.join("; "));
            let message = format!("the arguments do not fit the parameters of the tool {name:?}: {faults}");
            return Err(Error::invalid_input(message));
        }
        Ok(input)
    }

    /// What a function gave, where that must be of a kind.
    pub(crate) fn checked(&self, index: NodeIndex, value: Value) -> Result<Value> {
        if !matches!(self.node(index)?.node.kind, NodeKind::Condition(_)) {
            return Ok(value);
        }
        let plan = self.workflow.plan();
        let wrong = match &value {
            Value::Bool(_) => return Ok(value), // that nothing follows from one of the two is usual
            Value::String(name) => {
                let (taken, edges) = (edges_taken(plan, index, &value), plan.edges(index).len());
                let undecided = self.workflow.functions_behind(index).next().is_some();
                if edges == 0 || undecided || (0..edges).any(|place| taken.contains(place)) {
                    return Ok(value);
                }
                format!(
                    "the function chose {name:?}, and no edge from the condition takes that; name a branch, or connect an edge for \"otherwise\""
                )
            }
            _ => "the function of a condition must give the name of a branch, or true or false".to_owned(),
        };
        Err(Error::new(ErrorCode::Tool, wrong))
    }

    /// The key under which the node's output is kept, where its policy names one.
    pub(crate) fn cache_key(&self, index: NodeIndex) -> Result<Option<Key>> {
        let node = self.node(index)?;
        let Some(template) = node.cache() else { return Ok(None) };
        let (workflow, id) = (self.workflow.number(), &node.node.id);
        let name = format!("{}{id}", self.place);
        Key::new(workflow, name, &node.node.kind, self.render(template)?).map(Some)
    }

    /// What a transform gets: the only predecessor's output, an object by id, or the run's input.
    pub(crate) fn input_of(&self, index: NodeIndex) -> Arc<Value> {
        let mut upstream = self.upstream(index);
        match upstream.len() {
            0 => Arc::clone(&self.progress().input),
            1 => upstream.pop().map_or_else(nothing, |(_, output)| output),
            _ => {
                let members = upstream.into_iter().map(|(id, output)| (id.to_owned(), (*output).clone()));
                Arc::new(Value::Object(members.collect::<Map<_, _>>()))
            }
        }
    }

    /// The values that a template may name.
    fn values<'a>(&self, roots: impl Iterator<Item = &'a str>) -> Values<'a> {
        self.progress().values(self.workflow.plan(), roots)
    }
}
