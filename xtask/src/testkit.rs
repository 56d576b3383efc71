//! The testkit's program: the model server on loopback that tests, examples and the demo talk to.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::server::Server;
use crate::{Result, cargo, sh};

/// The key that the loopback server is given; it opens nothing.
const KEY: &str = "demo-key";

/// Builds the program and returns its path.
pub(crate) fn build() -> Result<PathBuf> {
    cargo::artifact("graphbit-testkit", "graphbit-testkit", &["--bin", "graphbit-testkit"])
}

/// A model server that answers whatever it is asked.
#[derive(Debug)]
pub(crate) struct Demo {
    base_url: String,
    _server: Server,
}

impl Demo {
    /// Starts the server and reads from its first line where it listens.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        // It ends when its input closes, so it is given one.
        let mut command = sh::command(program);
        command.arg("--demo").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Server::start(&mut command)?;
        let mut stdout = BufReader::new(server.stdout().ok_or("the testkit has no output")?);
        let mut line = String::new();
        stdout.read_line(&mut line).map_err(|error| format!("the testkit: {error}"))?;
        // Read on, or the server would wait for room in the pipe.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        Ok(Self { base_url: base_url(&line)?, _server: server })
    }

    /// Points a program at the server and nowhere else.
    pub(crate) fn connect<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("OPENAI_BASE_URL", &self.base_url)
            .env("OPENAI_API_KEY", KEY)
            .env("GRAPHBIT_DEMO_MODEL", "demo")
    }
}

fn base_url(line: &str) -> Result<String> {
    let said: Value = serde_json::from_str(line).unwrap_or_default();
    let url = said.get("baseUrl").and_then(Value::as_str);
    url.map(str::to_owned).ok_or(format!("the testkit's first line has no baseUrl: `{}`", line.trim()))
}

#[cfg(test)]
mod tests;
