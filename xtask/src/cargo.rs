//! Cargo as a source of facts: what the workspace holds, and where a build put its result.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::{Result, sh};

/// Builds optimised rather than for debugging.
pub(crate) const RELEASE: &str = "--release";

/// A cargo command; on CI the lock file must not change.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = sh::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(subcommand);
    if std::env::var_os("CI").is_some() && subcommand != "fmt" {
        command.arg("--locked");
    }
    command
}

/// One package of the workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    pub(crate) features: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Only tests, examples and benches of the package see it.
    pub(crate) dev: bool,
}

/// The packages of the workspace.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let mut command = cargo("metadata");
    command.args(["--no-deps", "--format-version", "1"]);
    parse_packages(&sh::ask(&mut command)?)
}

fn parse_packages(json: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(json).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    Ok(packages.ok_or("cargo metadata: no packages")?.iter().map(package).collect())
}

fn package(value: &Value) -> Package {
    let dependencies = value.get("dependencies").and_then(Value::as_array);
    let features = value.get("features").and_then(Value::as_object);
    Package {
        name: text(value, "name"),
        manifest: text(value, "manifest_path").into(),
        features: features.map(|map| map.keys().cloned().collect()).unwrap_or_default(),
        dependencies: dependencies
            .into_iter()
            .flatten()
            .map(|one| Dependency { name: text(one, "name"), dev: text(one, "kind") == "dev" })
            .collect(),
    }
}

/// Builds `package` and returns the file it made for its target `name`: the program, or the shared library.
pub(crate) fn artifact(package: &str, name: &str, options: &[&str]) -> Result<PathBuf> {
    let mut command = cargo("build");
    command.args(["--message-format=json-render-diagnostics", "--package", package]).args(options);
    let messages = sh::stdout(&mut command)?;
    find_artifact(&messages, name).ok_or(format!("cargo built `{package}` but no file for `{name}`"))
}

fn find_artifact(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| text(message, "reason") == "compiler-artifact")
        .filter(|message| message.get("target").is_some_and(|target| text(target, "name") == name))
        .find_map(|message| {
            if let Some(program) = message.get("executable").and_then(Value::as_str) {
                return Some(PathBuf::from(program));
            }
            let files = message.get("filenames")?.as_array()?;
            files
                .iter()
                .filter_map(Value::as_str)
                .map(PathBuf::from)
                .find(|file| file.extension().is_some_and(|ending| ending == std::env::consts::DLL_EXTENSION))
        })
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
