//! `build-js`: the native library, put where the package loads it from, and the package's own build.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::{Result, cargo, node, sh};

/// Which build of the native library goes into the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Quick to make, slow to run.
    Debug,
    /// As shipped.
    Release,
}

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let build = if args.flag("--dev") { Build::Debug } else { Build::Release };
    args.finish()?;
    self::build(build)
}

/// The folder of the npm package.
pub(crate) fn folder() -> PathBuf {
    sh::root().join("bindings/node")
}

/// Builds the package.
pub(crate) fn build(build: Build) -> Result {
    let node = node::Node::on_path()?;
    println!("Node.js {}", node.version);
    let options: &[&str] = if build == Build::Release { &[cargo::RELEASE] } else { &[] };
    let built = cargo::artifact("graphbit-bindings-node", "graphbit", options)?;
    let folder = folder();
    place(&built, &folder.join("dist"))?;
    if dependencies_are_stale(&folder)? {
        sh::run(&mut node::npm(&folder, ["ci", "--no-audit", "--no-fund"])?)?;
    }
    link(&folder)?;
    sh::run(&mut node::npm(&folder, ["run", "build"])?)
}

/// Lets the examples import the package by its name, as their readers would.
fn link(package: &Path) -> Result {
    let scope = sh::root().join("examples/node/node_modules/@infinitibit_gmbh");
    let link = scope.join("graphbit");
    if link.exists() {
        return Ok(());
    }
    let made = fs::create_dir_all(&scope).and_then(|()| symlink(package, &link));
    made.map_err(|error| format!("{}: {error}", link.display()))
}

#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(windows)]
use std::os::windows::fs::symlink_dir as symlink;

/// Copies beside and renames: a process that has the old file mapped keeps it whole.
fn place(built: &Path, dist: &Path) -> Result {
    let target = dist.join(node::library());
    let beside = dist.join(format!(".{}.{}", node::library(), std::process::id()));
    let says = |error: std::io::Error| format!("{}: {error}", target.display());
    println!("{} → {}", short(built), short(&target));
    fs::create_dir_all(dist).map_err(says)?;
    fs::copy(built, &beside).map_err(says)?;
    fs::rename(&beside, &target).map_err(says)
}

fn short(path: &Path) -> String {
    path.strip_prefix(sh::root()).unwrap_or(path).display().to_string()
}

/// Whether `npm ci` is due: never run here, or not since the lock file changed.
fn dependencies_are_stale(folder: &Path) -> Result<bool> {
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|data| data.modified());
    let lock = changed("package-lock.json").map_err(|_| {
        format!("{} is missing: `npm install` there writes it", short(&folder.join("package-lock.json")))
    })?;
    Ok(changed("node_modules/.package-lock.json").map_or(true, |installed| installed < lock))
}

#[cfg(test)]
mod tests;
