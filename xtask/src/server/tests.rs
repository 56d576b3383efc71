//! A server ends with the command that started it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use super::{Server, answers, free_port, guard};
use crate::sh;

#[cfg(unix)]
#[test]
fn dropping_it_ends_it() {
    let mut server =
        Server::start(sh::command("sh").args(["-c", "echo up; exec sleep 60"]).stdout(Stdio::piped()))
            .unwrap();
    let mut stdout = server.stdout().unwrap();
    drop(server);
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap(); // ends because no process holds the pipe any more
}

#[cfg(unix)]
#[test]
fn the_guard_ends_it_when_its_pipe_closes() {
    let mut sleeper = sh::command("sleep").arg("60").spawn().unwrap();
    let mut guard = guard(sleeper.id()).unwrap();
    drop(guard.stdin.take());
    assert!(!sleeper.wait().unwrap().success());
    guard.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn one_that_ends_at_once_is_not_waited_for() {
    let mut server = Server::start(&mut sh::command("false")).unwrap();
    let why = server.wait_until(Duration::from_secs(60), || false).unwrap_err();
    assert!(why.starts_with("`false` ended at once"), "{why}");
}

#[test]
fn only_a_200_is_an_answer() {
    assert!(!answers(free_port().unwrap(), "/health"));
    for (status, expected) in [("200 OK", true), ("503 Service Unavailable", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 512]).unwrap();
            let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(reply.as_bytes()).unwrap();
        });
        assert_eq!(answers(port, "/health"), expected);
        served.join().unwrap();
    }
}
