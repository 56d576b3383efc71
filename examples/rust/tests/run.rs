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

#[test]
fn branches() {
    let text = output(env!("CARGO_BIN_EXE_branches"));
    says(
        &text,
        &[
            "flowchart",
            "\"ada@mail.example\": somebody was called, logged",
            "\"win@spam.example\": the mail was dropped, not logged",
            "\"bob@mail.example\": the mail waits its turn",
            "not taken: 2",
        ],
    );
}

#[test]
fn map() {
    let text = output(env!("CARGO_BIN_EXE_map"));
    says(&text, &["0: ", "1 failed: \"the article has no text\"", "2: ", "48 tokens read, 28 written"]);
}

#[test]
fn refine() {
    let text = output(env!("CARGO_BIN_EXE_refine"));
    says(&text, &["turn 0: 1.5", "the root of 2 is about 1.414213562", "LIMIT: the loop was not done"]);
}

#[test]
fn approval() {
    let text = output(env!("CARGO_BIN_EXE_approval"));
    says(
        &text,
        &[
            "ask asks: \"Send it to 512 readers?\"",
            "perhaps? the answer does not fit",
            "sent, for the answer",
        ],
    );
}

#[test]
fn state() {
    let text = output(env!("CARGO_BIN_EXE_state"));
    says(
        &text,
        &["ask: \"100 on 4 shelves. Right?\"", "total: 100", "different kinds: 3", "on a shelf: 25.0"],
    );
}

#[test]
fn events() {
    let text = output(env!("CARGO_BIN_EXE_events"));
    says(
        &text,
        &[
            "article begins",
            "research: Succeeded, 97 tokens written",
            "Their crowns shade the ground",
            "Succeeded after",
        ],
    );
}

#[test]
fn policies() {
    let text = output(env!("CARGO_BIN_EXE_policies"));
    says(
        &text,
        &[
            r#""station":"18 degrees""#,
            r#""satellite":"no picture""#,
            "advert (NotTaken after 1 attempts)",
            "no rain forecast",
            "the station was asked 3 times in two runs",
            "the radar was asked 2 times",
        ],
    );
}

#[test]
fn subgraph() {
    let text = output(env!("CARGO_BIN_EXE_subgraph"));
    says(&text, &["AT: 15.0", "DE: 14.88", "TOOL: no rate is known for \"XX\" (node invoice/rate)"]);
}

#[test]
fn shutdown() {
    let text = output(env!("CARGO_BIN_EXE_shutdown"));
    says(
        &text,
        &[
            r#"ended: ["first"]"#,
            r#"given up at the deadline: ["endless"]"#,
            r#"never started: ["second"]"#,
            "CANCELLED: drained",
        ],
    );
}

#[test]
fn memory() {
    let text = output(env!("CARGO_BIN_EXE_memory"));
    says(
        &text,
        &[
            "repeat left 120",
            "MEMORY: the hard memory limit of this run is 1048576 bytes",
            "the runs hold Some(0) bytes",
        ],
    );
}
