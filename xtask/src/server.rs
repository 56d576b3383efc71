//! A server that runs beside a command and never outlives it, whichever way the command ends.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, sh};

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    child: Child,
    /// Ends the server when this process is killed and can no longer do so itself.
    guard: Option<Child>,
}

impl Server {
    /// Prints and starts a server.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        sh::announce(command);
        let name = sh::render(command);
        let child = command.spawn().map_err(|error| format!("`{name}` cannot be started: {error}"))?;
        let guard = guard(child.id());
        Ok(Self { name, child, guard })
    }

    /// Its standard output, when that is piped.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits until `ready` holds, and fails when the server ends before, or after `limit`.
    pub(crate) fn wait_until(&mut self, limit: Duration, ready: impl Fn() -> bool) -> Result<Duration> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("`{}` ended at once ({status})", self.name));
            }
            if ready() {
                return Ok(start.elapsed());
            }
            if start.elapsed() > limit {
                return Err(format!("`{}` is not ready after {} s", self.name, limit.as_secs()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the server ends by itself.
    pub(crate) fn wait(&mut self) -> Result {
        self.child.wait().map(drop).map_err(|error| format!("`{}`: {error}", self.name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // First the guard: a process id that is free again may be somebody else's.
        if let Some(mut guard) = self.guard.take() {
            let (_, _) = (guard.kill(), guard.wait());
        }
        let (_, _) = (self.child.kill(), self.child.wait());
    }
}

/// A shell that reads a pipe whose other end closes with this process, and then ends the server.
fn guard(server: u32) -> Option<Child> {
    if cfg!(windows) {
        return None;
    }
    sh::command("sh")
        .args(["-c", "trap '' INT HUP; read -r _; kill -9 \"$1\"", "sh", &server.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

/// A port on loopback that nobody listens at now.
pub(crate) fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on loopback: {error}"))
}

/// Whether `GET path` on loopback answers 200.
pub(crate) fn answers(port: u16, path: &str) -> bool {
    status(port, path).is_ok_and(|line| line.starts_with("HTTP/1.1 200"))
}

fn status(port: u16, path: &str) -> std::io::Result<String> {
    let limit = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), limit)?;
    stream.set_read_timeout(Some(limit))?;
    // In one piece: a server may answer and close after its first read.
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests;
