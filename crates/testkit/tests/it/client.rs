//! A client of a few lines: it sends what it is told and shows every byte it gets.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use graphbit_testkit::{Exchange, Server, Stats};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const CHAT: &str = "/v1/chat/completions";

/// A reply, taken apart.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// The chunks of a chunked body.
    pub(crate) chunks: usize,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn content(&self) -> String {
        self.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    }

    /// The data of each server-sent event.
    pub(crate) fn events(&self) -> Vec<String> {
        let text = self.text();
        assert!(text.is_empty() || text.ends_with("\n\n"));
        text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap().to_owned()).collect()
    }
}

/// One connection.
pub(crate) struct Client<S = TcpStream> {
    pub(crate) socket: S,
    read: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(server: &Server) -> Self {
        Self::over(TcpStream::connect(server.address()).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(socket: S) -> Self {
        Self { socket, read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
        self.socket.flush().await.unwrap();
    }

    pub(crate) async fn chat(&mut self, path: &str, body: &Value) -> io::Result<Reply> {
        self.send(&post(path, body)).await;
        self.reply().await
    }

    /// Reads one reply to its end.
    pub(crate) async fn reply(&mut self) -> io::Result<Reply> {
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut body = Vec::new();
        let mut chunks = 0;
        if headers.contains_key("transfer-encoding") {
            loop {
                let line = String::from_utf8(self.until(b"\r\n").await?).unwrap();
                let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
                body.extend(self.exactly(size).await?);
                assert_eq!(self.exactly(2).await?, b"\r\n");
                if size == 0 {
                    break;
                }
                chunks += 1;
            }
        } else {
            body = self.exactly(headers["content-length"].parse().unwrap()).await?;
        }
        Ok(Reply { status, headers, body, chunks })
    }

    pub(crate) async fn until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end) {
                return Ok(self.read.drain(..at + end.len()).collect());
            }
            self.more().await?;
        }
    }

    pub(crate) async fn exactly(&mut self, n: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < n {
            self.more().await?;
        }
        Ok(self.read.drain(..n).collect())
    }

    /// Everything up to the end of the stream.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = std::mem::take(&mut self.read);
        self.socket.read_to_end(&mut rest).await?;
        Ok(rest)
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.socket.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

pub(crate) fn post(path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

pub(crate) fn ask(prompt: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": prompt}]})
}

pub(crate) fn ask_stream(prompt: &str) -> Value {
    json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": prompt}]})
}

/// One request on a connection of its own.
pub(crate) async fn once(server: &Server, path: &str, body: &Value) -> io::Result<Reply> {
    Client::connect(server).await.chat(path, body).await
}

/// Waits until the server's books say so; fails after five seconds. Returns how long it took.
pub(crate) async fn wait_for(server: &Server, holds: impl Fn(Stats, &[Exchange]) -> bool) -> Duration {
    let start = Instant::now();
    while !holds(server.stats(), &server.journal()) {
        assert!(start.elapsed() < Duration::from_secs(5), "{:?} {:?}", server.stats(), server.journal());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}
