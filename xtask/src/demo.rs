//! `demo`: the demo script, without a key against a model server on loopback, or against a real one.

use crate::args::Args;
use crate::build_js::{self, Build};
use crate::node::Node;
use crate::testkit::{self, Demo};
use crate::{Result, sh};

/// What the demo is built with: an optimised build takes minutes on two cores, and the demo shows what happens
/// rather than how fast.
const BUILD: Build = Build::Debug;

const SCRIPT: &str = "examples/node/demo.mjs";

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let base_url = args.value("--base-url")?;
    let model = args.value("--model")?;
    args.finish()?;
    let has_key = std::env::var_os("OPENAI_API_KEY").is_some_and(|key| !key.is_empty());

    build_js::build(BUILD)?;
    let mut command = Node::on_path()?.command();
    command.arg(SCRIPT);
    let server = match base_url {
        Some(url) => {
            command.env("OPENAI_BASE_URL", url);
            None
        }
        None if has_key => None,
        None => {
            let server = Demo::start(&testkit::build()?)?;
            server.connect(&mut command);
            Some(server)
        }
    };
    if let Some(model) = model {
        command.env("GRAPHBIT_DEMO_MODEL", model);
    }
    let result = sh::run(&mut command);
    drop(server);
    result
}
