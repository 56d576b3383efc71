//! The test server in a process of its own: this same binary, asked to run its one ignored test.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use graphbit_testkit::{Reply, Script, Server};

/// A running server, killed when dropped.
pub(crate) struct Remote {
    process: Child,
    origin: String,
}

impl Remote {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "server::serve", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let origin =
            lines.map(Result::unwrap).find_map(|line| Some(line.split_once("at ")?.1.to_owned())).unwrap();
        Self { process, origin }
    }

    /// A base URL whose replies behave as these keys say.
    pub(crate) fn url(&self, keys: &str) -> String {
        format!("{}/with/{keys}/v1", self.origin)
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until standard input ends, as it does with the test that started it.
#[test]
#[ignore = "the server of the other tests"]
fn serve() {
    let server = Server::builder(Script::default().otherwise(Reply::echo()))
        .journal_limit(0)
        .start_in_thread()
        .unwrap();
    println!("at {}", server.origin());
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().lines().count();
}
