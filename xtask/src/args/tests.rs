//! What a command sees of its words.

use super::Args;

fn args(words: &str) -> Args {
    Args::new(words.split_whitespace().map(str::to_owned))
}

#[test]
fn flags_and_values_are_taken_out_wherever_they_stand() {
    let mut args = args("--dev first --node /x/node --model=m second");
    assert!(args.flag("--dev"));
    assert!(!args.flag("--dev"));
    assert_eq!(args.value("--node").unwrap().as_deref(), Some("/x/node"));
    assert_eq!(args.value("--model").unwrap().as_deref(), Some("m"));
    assert_eq!(args.value("--absent").unwrap(), None);
    assert_eq!(args.rest(), ["first", "second"]);
}

#[test]
fn a_value_that_is_missing_is_said() {
    assert_eq!(args("--node").value("--node").unwrap_err(), "--node needs a value");
}

#[test]
fn a_word_nobody_knew_is_an_error() {
    assert_eq!(args("--frob").finish().unwrap_err(), "unknown argument `--frob`");
    assert!(args("").finish().is_ok());
}

#[test]
fn a_leading_double_dash_only_ends_our_own_options() {
    assert_eq!(args("-- --test-name-pattern x").rest(), ["--test-name-pattern", "x"]);
}
