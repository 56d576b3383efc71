//! `fuzz`: damaged replies through the framings and decoders. The work is `graphbit-fuzz`'s, optimised but with the checks
//! of a debug build.

use crate::args::Args;
use crate::cargo::cargo;
use crate::{Result, sh};

/// The options that name a place, meant from where the command was typed; commands run in the root of the repository.
const PLACES: [&str; 2] = ["--seeds", "--input"];

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let mut command = cargo("run");
    command.args(["--quiet", "--profile", "fuzz", "--package", "graphbit-fuzz", "--"]);
    for name in PLACES {
        if let Some(place) = args.value(name)? {
            let place = std::path::absolute(&place).map_err(|error| format!("{place}: {error}"))?;
            command.arg(name).arg(place);
        }
    }
    sh::run(command.args(args.rest()))
}
