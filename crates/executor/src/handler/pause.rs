//! A pause asks somebody outside and waits.

use std::sync::Arc;

use graphbit_core::{NodeIndex, Pause, PlanNode, Result};
use serde_json::Value;

use super::Context;
use crate::event::RunEvent;
use crate::state::Done;

pub(super) async fn run(context: &Context, index: NodeIndex, node: &PlanNode, pause: &Pause) -> Result<Done> {
    let question = match &node.template {
        Some(template) => context.run.evaluate(template)?,
        None => Value::from(&*pause.question),
    };
    let (root, name) = (&context.run.root, context.run.name_of(index));
    let asked = root.ask(&name, question.clone(), node.schema().map(Arc::clone));
    root.feed.send(|| RunEvent::NodePaused { node: name.into(), question });
    asked.answer().await.map(Done::from)
}
