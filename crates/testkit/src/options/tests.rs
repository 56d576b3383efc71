use std::time::Duration;

use super::{HELP, Options};

fn read(line: &str) -> Result<Option<Options>, String> {
    Options::read(line.split_whitespace().map(String::from))
}

#[test]
fn both_forms_of_a_value_are_read() {
    let spaced = read("--script a.json --latency-ms 5 --port 81 --no-journal --tls --root-out r.pem --stay");
    let joined = read("--script=a.json --latency-ms=5 --port=81 --no-journal --tls --root-out=r.pem --stay");
    assert_eq!(spaced, joined);
    let options = spaced.unwrap().unwrap();
    assert_eq!((options.latency, options.port, options.journal), (Duration::from_millis(5), 81, false));
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    for (line, part) in [
        ("--sript x", "--sript"),
        ("--port", "needs a value"),
        ("--port 99999", "--port 99999"),
        ("--tls=yes", "takes no value"),
        ("--demo --script x", "exclude"),
        ("--root-out x", "--tls"),
    ] {
        let why = read(line).unwrap_err();
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn help_names_every_option() {
    assert_eq!(read("--demo -h"), Ok(None));
    for option in
        ["--script", "--demo", "--latency-ms", "--port", "--no-journal", "--tls", "--root-out", "--stay"]
    {
        assert!(HELP.contains(option));
    }
}
