//! Other versions of Node.js, fetched from the npm registry and kept under `target/node`.

use std::fs;

use crate::node::{self, Node};
use crate::{Result, sh};

/// The Node.js versions of a list such as `18,22,24`, each the newest of its kind in the registry.
pub(crate) fn parse(list: &str) -> Result<Vec<String>> {
    let versions: Vec<String> =
        list.split(',').map(|version| version.trim().trim_start_matches('v').to_owned()).collect();
    let plain =
        |version: &String| !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    if versions.iter().all(plain) {
        Ok(versions)
    } else {
        Err(format!("`{list}` is no list of versions such as 18,22,24"))
    }
}

/// Fetches one version; a version that is already there is not asked for again.
pub(crate) fn fetch(version: &str) -> Result<Node> {
    let folder = sh::root().join("target/node").join(version);
    let program = folder.join("package/bin/node");
    if !program.exists() {
        let (platform, arch) = node::platform();
        if platform == "win32" {
            return Err("--node-versions needs Linux or macOS; here use --node PATH".to_owned());
        }
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let package = format!("node-{platform}-{arch}@{version}");
        let packed = sh::stdout(&mut node::npm(&folder, ["pack", "--silent", &package])?)?;
        let archive = packed.lines().last().unwrap_or_default();
        // Only the program: headers and documentation are two thousand files.
        sh::run(sh::command("tar").current_dir(&folder).args(["-xzf", archive, "package/bin/node"]))?;
        fs::remove_file(folder.join(archive)).map_err(|error| format!("{archive}: {error}"))?;
    }
    Node::at(program)
}

#[cfg(test)]
mod tests;
