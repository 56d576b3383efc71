//! Benches that are programs for Node: only their server runs here.

use std::path::Path;
use std::process::Command;

use graphbit_testkit::{Reply, Script, Server};

use crate::Result;

/// Starts a server that never answers prompts with `park` in them, and runs a script beside this crate against it.
pub(crate) fn run(file: &str, park: &str, arguments: &[&str]) -> Result {
    run_with(&[], file, park, arguments)
}

/// As [`run`], with flags for Node itself.
pub(crate) fn run_with(flags: &[&str], file: &str, park: &str, arguments: &[&str]) -> Result {
    let script = Script::default().when_contains(park, Reply::text("").never());
    let server = Server::builder(script).journal_limit(0).start_in_thread()?;
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let mut command = Command::new("node");
    command
        .arg("--expose-gc")
        .args(flags)
        .arg(program)
        .arg(AsRef::<str>::as_ref(&server.base_url()))
        .args(arguments);
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{file} ended with {status}").into()) }
}
