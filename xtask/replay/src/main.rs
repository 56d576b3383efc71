//! `graphbit-replay DIR [--json]`: every recorded exchange below a folder through the decoders, compared with what was
//! expected. It sends nothing: requests are the encoders' business.
//!
//! `wires`: dialect → protocol · `outcome`: an exchange as a client sees it · `compare`: outcome against expectation ·
//! `line`: the outcome as JSON · `tally`: counts and the verdict.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

mod compare;
mod line;
mod outcome;
mod tally;
#[cfg(test)]
mod tests;
mod wires;

use std::path::Path;
use std::process::ExitCode;

use graphbit_testkit::recorded::{Recording, Recordings};

use outcome::Outcome;
use tally::Tally;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (dir, json) = match words.as_slice() {
        [dir] => (*dir, false),
        [dir, "--json"] | ["--json", dir] => (*dir, true),
        _ => {
            eprintln!("usage: graphbit-replay DIR [--json]");
            return ExitCode::FAILURE;
        }
    };
    match replay(Path::new(dir), json) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether enough of the exchanges below the folder agree.
fn replay(dir: &Path, json: bool) -> std::io::Result<bool> {
    let mut tally = Tally::default();
    for case in Recordings::open(dir)?.iter() {
        let case = match case {
            Ok(case) => case,
            Err(error) => {
                tally.replayed("unreadable", &error.to_string(), &["not read".to_owned()]);
                continue;
            }
        };
        let name = name(&case, dir);
        let Some(wire) = wires::wire(&case.dialect) else {
            tally.skipped(&case.dialect);
            if !json {
                println!("skipped {name}: {}", case.dialect);
            }
            continue;
        };
        let outcome = Outcome::of(&case, wire.protocol());
        if json {
            println!("{}", line::line(&name, &outcome));
        }
        let mut differences = compare::compare(&case.expected, case.http_status, &outcome);
        differences.extend(outcome::cuts(&case, wire.protocol(), &outcome));
        tally.replayed(&case.dialect, &name, &differences);
    }
    // The lines of --json are for a program: what is meant for a person goes beside them.
    if json {
        eprint!("{tally}");
    } else {
        print!("{tally}");
    }
    Ok(tally.is_good())
}

/// The path of a case below the folder, with `/` and without its ending.
fn name(case: &Recording, dir: &Path) -> String {
    let path = case.path.strip_prefix(dir).unwrap_or(&case.path);
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let path = parts.join("/");
    path.strip_suffix(".meta.json").unwrap_or(&path).to_owned()
}
