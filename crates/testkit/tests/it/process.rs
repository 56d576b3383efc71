//! The program: its ready line, its options, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{ask, post};

fn start(options: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_graphbit-testkit"))
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn ends(mut child: Child) {
    drop(child.stdin.take());
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(5), "still running");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn says(ready: &Value, prompt: &str) -> String {
    let mut socket =
        std::net::TcpStream::connect(("127.0.0.1", u16::try_from(ready["port"].as_u64().unwrap()).unwrap()))
            .unwrap();
    let request = String::from_utf8(post("/v1/chat/completions", &ask(prompt))).unwrap();
    socket.write_all(request.replace("Host: localhost", "Connection: close").as_bytes()).unwrap();
    let mut reply = String::new();
    socket.read_to_string(&mut reply).unwrap();
    let body: Value = serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap();
    body["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

#[test]
fn it_says_where_it_listens_and_ends_with_its_input() {
    let (child, ready) = start(&["--no-journal", "--latency-ms", "1"]);
    assert_eq!(ready["baseUrl"], format!("http://127.0.0.1:{}/v1", ready["port"]));
    assert_eq!(says(&ready, "x"), "echo: x");
    ends(child);
}

#[test]
fn the_demo_and_a_script_of_ones_own_answer() {
    let (child, ready) = start(&["--demo"]);
    assert!(says(&ready, "Research: trees in towns").starts_with("Findings:"));
    ends(child);

    let file = std::env::temp_dir().join(format!("testkit-script-{}.json", std::process::id()));
    std::fs::write(&file, r#"{"default": {"text": "mine"}}"#).unwrap();
    let (child, ready) = start(&["--script", file.to_str().unwrap()]);
    assert_eq!(says(&ready, "x"), "mine");
    ends(child);
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_wrong_option_ends_it_with_a_reason() {
    let output = Command::new(env!("CARGO_BIN_EXE_graphbit-testkit")).arg("--sript").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--sript"));
}

#[cfg(feature = "tls")]
#[test]
fn with_tls_the_root_goes_into_the_line_or_a_file() {
    let (child, ready) = start(&["--tls"]);
    assert!(ready["baseUrl"].as_str().unwrap().starts_with("https://"));
    assert!(ready["rootPem"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
    ends(child);
    let file = std::env::temp_dir().join(format!("testkit-root-{}.pem", std::process::id()));
    let (child, ready) = start(&["--tls", "--root-out", file.to_str().unwrap()]);
    assert_eq!(ready["rootFile"], file.to_str().unwrap());
    assert!(std::fs::read_to_string(&file).unwrap().contains("BEGIN CERTIFICATE"));
    ends(child);
    std::fs::remove_file(&file).unwrap();
}
