//! `ci`: what a change must pass.

use crate::args::Args;
use crate::build_js::{self, Build};
use crate::cargo::cargo;
use crate::node::Node;
use crate::steps::Steps;
use crate::{Result, sh, test, tidy};

/// Runs every block of the guide against the built package; beside the repository, where it exists.
const GUIDE: &str = "../shared/checks/guide/check.mjs";

/// The command.
pub(crate) fn run(args: Args) -> Result {
    args.finish()?;
    let mut steps = Steps::default();
    steps.step("tidy", || tidy::run(Args::new([])))?;
    steps.step("clippy", || {
        let mut command = cargo("clippy");
        sh::run(command.args(["--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))
    })?;
    test::run_in(&mut steps)?;
    if sh::root().join(GUIDE).exists() {
        steps.step("package, as shipped", || build_js::build(Build::Release))?;
        steps.step("the guide", || sh::run(Node::on_path()?.command().args([GUIDE, "bindings/node"])))?;
    }
    Ok(())
}
