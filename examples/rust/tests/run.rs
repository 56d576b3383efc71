//! The programs run to their end and say what they promise.

#![expect(clippy::unwrap_used, reason = "tests fail loudly, their helpers too")]

use std::process::Command;

/// What a program prints, without the variables that would have it ask a real model.
fn output(program: &str) -> String {
    let mut command = Command::new(program);
    for variable in ["OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy"] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn says(text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "no {expected:?} in:\n{text}");
    }
}

#[test]
fn workflow() {
    let text = output(env!("CARGO_BIN_EXE_workflow"));
    says(
        &text,
        &["research (Succeeded", "edit (Succeeded", "Cities are warmer", "3 nodes in", "293 written"],
    );
}

#[test]
fn stream() {
    let text = output(env!("CARGO_BIN_EXE_stream"));
    says(&text, &["Findings: (1) Built-up areas", "for want of water.", "finished: stop", "135 tokens"]);
}

#[test]
fn transforms() {
    let text = output(env!("CARGO_BIN_EXE_transforms"));
    says(&text, &[r#"report: {"count":9,"longest":"jumps"}"#, "success: false", "sum failed: invalid digit"]);
}
