//! The endpoints under `/testkit/`, for those who drive the server from another process.

use serde_json::{Value, json};

use super::shared::Shared;
use crate::openai;
use crate::reply::Reply;
use crate::script::Script;

/// The reply to a control request, or `None` where the path is no control endpoint.
pub(super) fn reply(method: &str, target: &str, body: &[u8], shared: &Shared) -> Option<Reply> {
    let endpoint = target.strip_prefix("/testkit/")?;
    Some(match (method, endpoint) {
        ("GET", "journal") => ok(json!(shared.journal.read())),
        ("GET", "stats") => ok(json!(shared.counters.read())),
        ("POST", "clear") => {
            shared.clear();
            ok(json!({"ok": true}))
        }
        ("POST", "script") => match Script::from_json(&String::from_utf8_lossy(body)) {
            Ok(script) => {
                shared.set_script(script);
                ok(json!({"ok": true}))
            }
            Err(error) => refused(400, &error.to_string()),
        },
        _ => refused(404, &format!("no route {method} {target}")),
    })
}

fn ok(body: Value) -> Reply {
    Reply::status(200).json(body)
}

fn refused(status: u16, why: &str) -> Reply {
    Reply::status(status).json(openai::error(status, why))
}
