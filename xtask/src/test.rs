//! `test`: everything that is tested without the network and without `../shared` being needed.

use crate::args::Args;
use crate::cargo::{self, cargo};
use crate::steps::Steps;
use crate::{Result, sh, test_js};

/// The command.
pub(crate) fn run(args: Args) -> Result {
    args.finish()?;
    run_in(&mut Steps::default())
}

/// The same as part of a longer row of steps.
pub(crate) fn run_in(steps: &mut Steps) -> Result {
    steps.step("Rust tests", || sh::run(cargo("test").arg("--workspace").args(features()?)))?;
    // With the package's library in the workspace, its crates are as that needs them; in a program memory is otherwise.
    let alone = || sh::run(cargo("test").args(["--package", "graphbit-memory"]));
    steps.step("Rust tests of memory in a program", alone)?;
    steps.step("JavaScript tests", || test_js::run(Args::new([])))
}

/// The testkit's TLS is for tests, so it is tested; product features are tested as they ship.
fn features() -> Result<Option<&'static str>> {
    let has_tls = cargo::packages()?.iter().any(|package| {
        package.name == "graphbit-testkit" && package.features.iter().any(|name| name == "tls")
    });
    Ok(has_tls.then_some("--features=graphbit-testkit/tls"))
}
