//! Running other programs: each is printed first, and one that fails or is missing becomes one line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// A program to be run in the root of the repository, without standard input.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Prints and runs a program, and fails unless it ends with status 0.
pub(crate) fn run(command: &mut Command) -> Result {
    announce(command);
    run_silently(command)
}

/// As [`run`], for a program whose output is all that may be printed.
pub(crate) fn run_silently(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| missing(command, &error))?;
    succeeded(command, status)
}

/// As [`run`], and ends a program that still runs after `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result {
    announce(command);
    let mut child = command.spawn().map_err(|error| missing(command, &error))?;
    let end = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return succeeded(command, status),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let (_, _) = (child.kill(), child.wait());
                return Err(format!("`{}` still ran after {} s", render(command), limit.as_secs()));
            }
            Err(error) => return Err(format!("`{}`: {error}", render(command))),
        }
    }
}

/// Prints and runs a program, and returns its standard output.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    announce(command);
    ask(command.stderr(Stdio::inherit()))
}

/// Runs a program that only tells something, without printing it.
pub(crate) fn ask(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| missing(command, &error))?;
    succeeded(command, output.status).map_err(|why| {
        let said = String::from_utf8_lossy(&output.stderr);
        said.trim().lines().last().map_or(why.clone(), |line| format!("{why}: {line}"))
    })?;
    String::from_utf8(output.stdout).map_err(|_| format!("`{}` printed no text", render(command)))
}

/// Prints `$ program arguments`.
pub(crate) fn announce(command: &Command) {
    println!("$ {}", render(command));
}

/// The line a person would type in the root: variables set for it first (never a key's value), short paths.
pub(crate) fn render(command: &Command) -> String {
    let root = root();
    let here = command.get_current_dir().unwrap_or(&root);
    let mut line = String::new();
    if here != root {
        line = format!("cd {} && ", here.strip_prefix(&root).unwrap_or(here).display());
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let secret = name.to_string_lossy().ends_with("_KEY");
            let value = if secret { "…".to_owned() } else { word(value, here) };
            line.push_str(&format!("{}={value} ", name.display()));
        }
    }
    line.push_str(&program(command));
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&word(argument, here));
    }
    line
}

fn word(text: &OsStr, here: &Path) -> String {
    let text = Path::new(text).strip_prefix(here).map_or(text, Path::as_os_str).to_string_lossy();
    let plain = !text.is_empty() && !text.contains([' ', '"', '\'', '$', '*', ';', '&', '(', '\n']);
    if plain { text.into_owned() } else { format!("'{text}'") }
}

fn program(command: &Command) -> String {
    let path = Path::new(command.get_program());
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn succeeded(command: &Command, status: ExitStatus) -> Result {
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", render(command))) }
}

fn missing(command: &Command, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        format!("`{}` was not found: install it, or put it on PATH", command.get_program().display())
    } else {
        format!("`{}` cannot be started: {error}", program(command))
    }
}

#[cfg(test)]
mod tests;
