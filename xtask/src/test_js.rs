//! `test-js`: the package's own tests on one Node.js or several, then the examples.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::args::Args;
use crate::build_js::{self, Build};
use crate::node::Node;
use crate::testkit::{self, Demo};
use crate::{Result, node_versions, sh};

/// A test run that takes longer hangs.
const TESTS_LIMIT: Duration = Duration::from_secs(900);
/// So does an example: a script ends when its work is done.
const EXAMPLE_LIMIT: Duration = Duration::from_secs(120);

/// The command.
pub(crate) fn run(mut args: Args) -> Result {
    let build = !args.flag("--no-build");
    let path = args.value("--node")?;
    let versions = args.value("--node-versions")?;
    if path.is_some() && versions.is_some() {
        return Err("--node and --node-versions exclude each other".to_owned());
    }
    let nodes = match (versions, path) {
        (Some(list), _) => node_versions::parse(&list)?
            .iter()
            .map(|version| node_versions::fetch(version))
            .collect::<Result<_>>()?,
        (None, Some(path)) => vec![Node::at(path)?],
        (None, None) => vec![Node::on_path()?],
    };
    if build {
        build_js::build(Build::Debug)?;
    }
    let testkit = testkit::build()?;
    let narrowed = args.rest();
    for node in &nodes {
        println!("\nNode.js {}", node.version);
        tests(node, &testkit, &narrowed)?;
        if narrowed.is_empty() {
            examples(node, &testkit)?;
        }
    }
    Ok(())
}

fn tests(node: &Node, testkit: &Path, options: &[String]) -> Result {
    // Named one by one: `node --test` knows patterns only since version 21.
    let files = files(&build_js::folder().join("test"), ".test.mjs")?;
    if files.is_empty() {
        return Err("bindings/node/test holds no *.test.mjs".to_owned());
    }
    let mut command = node.command();
    command.args(["--test", "--test-reporter=spec"]).args(options).args(files);
    sh::run_within(command.env("GRAPHBIT_TESTKIT", testkit), TESTS_LIMIT)
}

fn examples(node: &Node, testkit: &Path) -> Result {
    let folder = sh::root().join("examples/node");
    let mut files = files(&folder, ".mjs")?;
    files.retain(|file| file.parent() == Some(&folder)); // deeper ones are parts of an example
    if files.is_empty() {
        return Ok(());
    }
    let server = Demo::start(testkit)?;
    for file in files {
        sh::run_within(server.connect(node.command().arg(file)), EXAMPLE_LIMIT)?;
    }
    Ok(())
}

/// The files under a folder whose names end so, in order; npm's packages are not looked into.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(files(&path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
