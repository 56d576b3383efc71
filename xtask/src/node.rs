//! Node.js on this machine: the program, its version, npm, and what Node calls this platform.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, sh};

/// The oldest Node.js that the package supports.
const OLDEST: u32 = 18;

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// A Node.js that is new enough.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    program: PathBuf,
    /// As it says it itself, `v20.11.0`.
    pub(crate) version: String,
}

impl Node {
    /// The `node` on PATH.
    pub(crate) fn on_path() -> Result<Self> {
        Self::at("node")
    }

    /// The Node.js at a path.
    pub(crate) fn at(program: impl AsRef<Path>) -> Result<Self> {
        let program = program.as_ref().to_path_buf();
        let said = sh::ask(sh::command(&program).arg("--version"))
            .map_err(|why| format!("Node.js {OLDEST} or newer is needed: {why}"))?;
        let version = said.trim().to_owned();
        require(&version)?;
        Ok(Self { program, version })
    }

    /// A command that runs it, with the garbage collector in reach of scripts.
    pub(crate) fn command(&self) -> Command {
        let mut command = sh::command(&self.program);
        command.arg("--expose-gc");
        command
    }
}

fn require(version: &str) -> Result {
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        Some(_) => Err(format!("Node.js {OLDEST} or newer is needed, and this one is {version}")),
        None => Err(format!("Node.js {OLDEST} or newer is needed, and `--version` said `{version}`")),
    }
}

/// An npm command in a folder; fails when npm is absent.
pub(crate) fn npm<I: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = I>) -> Result<Command> {
    sh::ask(sh::command(NPM).arg("--version")).map_err(|why| format!("npm is needed: {why}"))?;
    let mut command = sh::command(NPM);
    command.current_dir(folder).args(arguments);
    Ok(command)
}

/// This platform in Node's words: `process.platform` and `process.arch`.
pub(crate) fn platform() -> (&'static str, &'static str) {
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    (platform, arch)
}

/// The file name of the native library of this platform, as the package looks for it.
pub(crate) fn library() -> String {
    let (platform, arch) = platform();
    let libc = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!("graphbit.{platform}-{arch}{libc}.node")
}

#[cfg(test)]
mod tests;
