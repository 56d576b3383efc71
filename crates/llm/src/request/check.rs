//! What no vendor would accept, told before anything is sent; and the ids that tie results to calls.

use std::collections::VecDeque;

use graphbit_core::{Error, Result};

use super::Request;
use crate::ToolChoice;
use crate::message::{Media, Message, Part, Role};

impl Request {
    /// Checks everything that holds for every vendor, and completes what may be left out: a call without an id gets one from
    /// its place, a result without an id is that of the first call that has none yet, a result without a name gets its call's.
    /// What another vendor than this one signed loses its signature, and thinking its text, too; calls that a vendor made itself
    /// are left out, since their results were not kept.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the message and says what to change.
    pub(crate) fn settle(&mut self, provider: &str) -> Result<()> {
        let is_served = |part: &Part| matches!(part, Part::ToolCall(call) if call.provider_executed);
        self.messages.retain_mut(|message| {
            let said_nothing = message.content.is_empty();
            message.content.retain(|part| !is_served(part));
            said_nothing || !message.content.is_empty()
        });
        if self.messages.is_empty() {
            return Err(Error::invalid_input("Messages array cannot be empty"));
        }
        self.settings.check()?;
        self.check_tools()?;
        if let Some(output) = &self.output
            && !output.schema.is_object()
        {
            return Err(Error::invalid_input(
                "the schema of output must be a JSON Schema, which is an object",
            ));
        }
        let mut calls = Calls::default();
        for (at, message) in self.messages.iter_mut().enumerate() {
            check(message).map_err(|why| Error::invalid_input(format!("message {at}: {why}")))?;
            calls.tie(at, message)?;
            message.content.iter_mut().for_each(|part| part.forget_unless_from(provider));
        }
        Ok(())
    }

    fn check_tools(&self) -> Result<()> {
        for (at, tool) in self.tools.iter().enumerate() {
            tool.check()?;
            if self.tools.iter().take(at).any(|other| other.name == tool.name) {
                return Err(Error::invalid_input(format!("there are two tools named {:?}", tool.name)));
            }
        }
        match &self.tool_choice {
            Some(ToolChoice::Tool(name)) if !self.tools.iter().any(|tool| tool.name == *name) => {
                Err(Error::invalid_input(format!("toolChoice names {name:?}, which is none of the tools")))
            }
            Some(ToolChoice::Required) if self.tools.is_empty() => {
                Err(Error::invalid_input("toolChoice requires a tool, and there are none"))
            }
            _ => Ok(()),
        }
    }
}

/// Who may say what.
fn check(message: &mut Message) -> std::result::Result<(), String> {
    let role = message.role;
    for part in &mut message.content {
        let fits = match part {
            Part::Text { .. } => role != Role::Tool,
            Part::Image { .. } | Part::File { .. } => matches!(role, Role::User | Role::Assistant),
            Part::Reasoning { .. } | Part::Refusal { .. } | Part::ToolCall(_) => role == Role::Assistant,
            Part::ToolResult(_) => role == Role::Tool,
        };
        if !fits {
            let role = role.as_str();
            return Err(format!("a {role} message cannot hold a part of type {:?}", part.kind()));
        }
        match part {
            Part::Image { media, .. } | Part::File { media, .. } => unfold(media)?,
            Part::ToolResult(result) => {
                for part in &mut result.content {
                    match part {
                        Part::Text { .. } => {}
                        Part::Image { media, .. } | Part::File { media, .. } => unfold(media)?,
                        other => {
                            return Err(format!(
                                "a tool result cannot hold a part of type {:?}",
                                other.kind()
                            ));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn unfold(media: &mut Media) -> std::result::Result<(), String> {
    if let Some(bytes) = media.unfolded() {
        *media = bytes;
    }
    media.check()
}

/// The calls so far and which of them were answered.
#[derive(Default)]
struct Calls {
    /// Of all turns: id and tool.
    known: Vec<(String, String)>,
    /// Of the last turn that had calls: those that nothing has answered.
    open: VecDeque<String>,
}

impl Calls {
    fn tie(&mut self, at: usize, message: &mut Message) -> Result<()> {
        let mut number = 0;
        for part in &mut message.content {
            match part {
                Part::ToolCall(call) => {
                    if number == 0 {
                        self.open.clear();
                    }
                    let id = call.id.get_or_insert_with(|| format!("call_{at}_{number}"));
                    number += 1;
                    self.open.push_back(id.clone());
                    self.known.push((id.clone(), call.name.clone()));
                }
                Part::ToolResult(result) => {
                    let id = match result.id.take() {
                        Some(id) => id,
                        None => self.open.front().cloned().ok_or_else(|| unasked(at, None))?,
                    };
                    let Some((_, name)) = self.known.iter().rfind(|(known, _)| *known == id) else {
                        return Err(unasked(at, Some(&id)));
                    };
                    if result.name.is_empty() {
                        result.name.clone_from(name);
                    }
                    self.open.retain(|open| *open != id);
                    result.id = Some(id);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn unasked(at: usize, id: Option<&str>) -> Error {
    let which = id.map(|id| format!(" with the id {id:?}")).unwrap_or_default();
    Error::invalid_input(format!(
        "message {at}: the tool result{which} answers no call: put the assistant's message with the call before it"
    ))
}
