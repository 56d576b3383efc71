//! The program itself, for a moment at each target: what it checks holds for every input that it makes meanwhile. In a process
//! of its own, as it counts the memory of all of it.

use std::process::Command;

#[test]
fn no_target_has_a_finding_in_its_first_inputs() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_graphbit-fuzz"));
    // From where no recordings are seen, and to where findings may be written.
    program.current_dir(env!("CARGO_TARGET_TMPDIR")).env_remove("CARGO_TARGET_DIR");
    let output = program.args(["--seconds", "0.3", "--seed", "1"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.lines().count() == 28, "{said}");
}
