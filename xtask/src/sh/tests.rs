//! What is printed of a command, and what its failures say.

use std::time::Duration;

use super::{ask, command, render, root, run, run_within};

#[test]
fn a_command_is_printed_as_it_would_be_typed_and_without_keys() {
    let mut node = command("/somewhere/bin/node");
    node.current_dir(root().join("bindings")).env("A", "b c").env("OPENAI_API_KEY", "sk-secret");
    node.arg(root().join("bindings/a.mjs")).arg("two words");
    assert_eq!(render(&node), "cd bindings && A='b c' OPENAI_API_KEY=… node a.mjs 'two words'");
}

#[test]
fn a_program_that_is_absent_is_named() {
    let why = run(&mut command("no-such-program")).unwrap_err();
    assert!(why.starts_with("`no-such-program` was not found"), "{why}");
}

#[cfg(unix)]
#[test]
fn a_failure_names_the_command_and_its_status() {
    let why = run(command("sh").args(["-c", "exit 3"])).unwrap_err();
    assert_eq!(why, "`sh -c 'exit 3'` failed (exit status: 3)");
    let why = ask(command("sh").args(["-c", "echo because >&2; exit 1"])).unwrap_err();
    assert!(why.ends_with(": because"), "{why}");
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_end_is_ended() {
    let why = run_within(command("sleep").arg("60"), Duration::from_millis(50)).unwrap_err();
    assert!(why.starts_with("`sleep 60` still ran"), "{why}");
}
