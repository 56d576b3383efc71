//! `tidy`: checks that build nothing of the product. Each is a function from what it looks at to its findings, and a
//! test of its own; what git would commit is what they see.
//!
//! `layers`: which crate may know which · `manifests`: lints and features · `sources`: heads, sizes, marks ·
//! `paths`: places that exist on one machine only · `claims`: the README's tests · `files`: what there is to look at.

mod claims;
mod files;
mod layers;
mod manifests;
mod paths;
mod sources;

use crate::args::Args;
use crate::cargo::{self, cargo};
use crate::{Result, sh};

/// One fault: where, and what to change.
type Finding = String;

/// The command.
pub(crate) fn run(args: Args) -> Result {
    args.finish()?;
    sh::run(cargo("fmt").args(["--all", "--", "--check"]))?;
    let findings = findings()?;
    for finding in &findings {
        println!("  {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("the one finding above".to_owned()),
        many => Err(format!("the {many} findings above")),
    }
}

/// Every finding in the workspace.
fn findings() -> Result<Vec<Finding>> {
    let packages = cargo::packages()?;
    let files = files::all()?;
    let mut findings = layers::check(&packages);
    findings.extend(claims::check(&files));
    findings.extend(manifests::features(&packages));
    for package in &packages {
        let text = std::fs::read_to_string(&package.manifest)
            .map_err(|error| format!("{}: {error}", package.manifest.display()))?;
        findings.extend(manifests::lints(&package.name, &text));
    }
    for file in &files {
        findings.extend(sources::head(file));
        findings.extend(sources::size(file));
        findings.extend(sources::marks(file));
        findings.extend(paths::check(file));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests;
