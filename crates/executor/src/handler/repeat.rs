//! Bodies that run more than once: for each item of a list, or until something holds.

use std::num::NonZeroU32;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use graphbit_core::{Error, ErrorCode, ItemError, Loop, Map, NodeIndex, PlanNode, Repeat, Result};
use serde_json::{Value, json};

use super::Context;
use super::nested::{self, Nested, Usages};
use crate::state::{Done, described};

/// How many items are under way at once where neither the node nor the run says so: each may hold a connection.
const ITEMS: usize = 64;

/// Runs the body for each item. The results are in the order of the items, whichever ends first.
pub(super) async fn map(context: &Context, index: NodeIndex, node: &PlanNode, map: &Map) -> Result<Done> {
    let (items, input) = (items(context, index, node)?, rest(context, index, node));
    let limit = map.concurrency.map(NonZeroU32::get).map(|limit| limit as usize);
    let limit = limit.or(context.max_parallel.map(std::num::NonZeroUsize::get)).unwrap_or(ITEMS);
    nested::expect(context, index, items.len());
    let mut results = vec![Value::Null; items.len()];
    let (mut total, mut cut_off) = (Usages::default(), None);
    let each = |(number, item): (usize, Value)| {
        let input = json!({ "item": item, "index": number, "input": &input });
        async move { (number, nested::body(context, index, Some(number), input).await) }
    };
    let mut running = stream::iter(items.into_iter().enumerate()).map(each).buffer_unordered(limit);
    while let Some((number, outcome)) = running.next().await {
        let result = match outcome {
            Ok(Nested { output, usage }) => {
                usage.into_iter().for_each(|usage| total.add(&usage));
                Arc::unwrap_or_clone(output)
            }
            // A body that draining cut off: the others may end.
            Err(error) if error.code() == ErrorCode::Cancelled && context.run.root.draining().is_some() => {
                cut_off = Some(error);
                continue;
            }
            Err(error) if map.on_error == ItemError::Collect => described(&error),
            Err(error) => return Err(error),
        };
        if let Some(place) = results.get_mut(number) {
            *place = result;
        }
    }
    match cut_off {
        Some(error) => Err(error),
        None => Ok(Done { output: Arc::new(Value::Array(results)), usage: total.0, finish_reason: None }),
    }
}

/// The list that a map goes through.
fn items(context: &Context, index: NodeIndex, node: &PlanNode) -> Result<Vec<Value>> {
    let items = match &node.template {
        Some(template) => Arc::new(context.run.evaluate(template)?),
        None => context.run.input_of(index),
    };
    match Arc::unwrap_or_clone(items) {
        Value::Array(items) => Ok(items),
        other => {
            let kind = match other {
                Value::Null => "null",
                Value::Bool(_) => "a boolean",
                Value::Number(_) => "a number",
                Value::String(_) => "a text",
                _ => "an object",
            };
            Err(Error::invalid_input(format!(
                "a map goes through a list, and its items are {kind}: name the list in `items`"
            )))
        }
    }
}

/// What the node got, with null in the place of the list: each body has its item of that, and none holds all of them.
fn rest(context: &Context, index: NodeIndex, node: &PlanNode) -> Value {
    let Some(template) = &node.template else { return Value::Null };
    let mut input = Arc::unwrap_or_clone(context.run.input_of(index));
    let upstream = context.run.upstream(index);
    if let Some(variable) = template.as_variable() {
        let root = variable.root();
        // Where the outputs of several nodes are an object by id, the first step is the id.
        let (is_there, id) = match &*upstream {
            [] => (root == "input", None),
            [(id, _)] => (*id == root, None),
            several => (several.iter().any(|(id, _)| *id == root), Some(root)),
        };
        let list = id.into_iter().chain(variable.path()).try_fold(&mut input, member);
        if let Some(list) = list.filter(|_| is_there) {
            *list = Value::Null;
        }
    }
    input
}

/// A field of an object, or a position of a list.
fn member<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => fields.get_mut(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Runs the body until it is done. Each turn sees what the one before gave.
pub(super) async fn until(context: &Context, index: NodeIndex, each: &Loop) -> Result<Done> {
    let input = context.run.input_of(index);
    nested::expect(context, index, each.limit.get() as usize);
    let (mut last, mut total) = (Arc::new(Value::Null), Usages::default());
    for iteration in 0..each.limit.get() {
        if let Repeat::While(predicate) = &each.repeat
            && iteration > 0
            && !predicate.test(&last)
        {
            break;
        }
        let turn = json!({ "last": &*last, "iteration": iteration, "input": &*input });
        let Nested { output, usage } = nested::body(context, index, Some(iteration as usize), turn).await?;
        usage.into_iter().for_each(|usage| total.add(&usage));
        last = output;
        let done = match &each.repeat {
            Repeat::Until(predicate) => predicate.test(&last),
            Repeat::UntilFunction => asked(context, index, iteration, &last).await?,
            _ => false,
        };
        if done {
            return Ok(Done { output: last, usage: total.0, finish_reason: None });
        }
    }
    if let Repeat::While(predicate) = &each.repeat
        && !predicate.test(&last)
    {
        return Ok(Done { output: last, usage: total.0, finish_reason: None });
    }
    let message = format!(
        "the loop was not done after its limit of {} turns; raise the limit, or handle the failure",
        each.limit
    );
    Err(Error::new(ErrorCode::Limit, message))
}

/// Asks the loop's function whether it is done.
async fn asked(context: &Context, index: NodeIndex, iteration: u32, last: &Arc<Value>) -> Result<bool> {
    let until = context.run.workflow.until_of(index);
    let until = until.ok_or_else(|| Error::internal("a loop without a function was started"))?;
    let (until, number) = ((until, "until/"), Some(iteration as usize));
    let answer = nested::run(context, index, until, number, (**last).clone()).await?;
    answer.output.as_bool().ok_or_else(|| {
        Error::new(ErrorCode::Tool, "the function of a loop must give true when it is done, or false")
    })
}
