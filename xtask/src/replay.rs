//! `replay`: recorded exchanges through the decoders, compared with what was expected of them. The work is
//! `graphbit-replay`'s, so that this program compiles no HTTP client.

use crate::args::Args;
use crate::cargo::cargo;
use crate::{Result, sh};

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let json = args.flag("--json");
    let dir = args.next().ok_or("which folder? Recordings are `*.meta.json` files with what they name")?;
    args.finish()?;
    // Commands run in the root of the repository; the folder is meant from here.
    let dir = std::path::absolute(&dir).map_err(|error| format!("{dir}: {error}"))?;
    let mut command = cargo("run");
    command.args(["--quiet", "--package", "graphbit-replay", "--"]).arg(dir);
    if json {
        // Standard output is the lines and nothing else.
        sh::run_silently(command.arg("--json"))
    } else {
        sh::run(&mut command)
    }
}
