//! `cargo xtask`: builds, checks, the demo, Rust and JavaScript tests. Owns the table of commands; each is a file
//! of its own, and whatever it runs is printed first.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to the person who runs it")]

mod args;
mod bench;
mod build_js;
mod cargo;
mod ci;
mod demo;
mod fuzz;
mod node;
mod node_versions;
mod replay;
mod server;
mod sh;
mod steps;
mod test;
mod test_js;
mod test_live;
mod testkit;
mod tidy;

use std::process::ExitCode;

use args::Args;

/// What a command ends with: a failure is one line that says what went wrong or what is missing.
type Result<T = ()> = std::result::Result<T, String>;

/// One command of the table.
struct Task {
    name: &'static str,
    usage: &'static str,
    help: &'static str,
    run: fn(Args) -> Result,
}

const TASKS: &[Task] = &[
    Task {
        name: "build-js",
        usage: "[--dev]",
        help: "Build the native library and the npm package around it (optimised; --dev: debug)",
        run: build_js::run,
    },
    Task {
        name: "test-js",
        usage: "[--no-build] [--node PATH | --node-versions 18,22,24] [ARGS…]",
        help: "Test the npm package and run the examples; ARGS go to `node --test` and leave the examples out",
        run: test_js::run,
    },
    Task { name: "test", usage: "", help: "The test command: Rust, then JavaScript", run: test::run },
    Task {
        name: "tidy",
        usage: "",
        help: "Checks that build nothing: format, layers, heads, sizes, paths, manifests, marks",
        run: tidy::run,
    },
    Task {
        name: "ci",
        usage: "",
        help: "What .ci/run runs: tidy, clippy, test, and the guide where ../shared exists",
        run: ci::run,
    },
    Task {
        name: "demo",
        usage: "[--base-url URL] [--model NAME]",
        help: "Run the demo; without OPENAI_API_KEY or --base-url against a model server on loopback",
        run: demo::run,
    },
    Task {
        name: "replay",
        usage: "DIR [--json]",
        help: "Recorded exchanges below DIR through the decoders, compared with what was expected",
        run: replay::run,
    },
    Task {
        name: "fuzz",
        usage: "[TARGET…] [--minutes N | --seconds N] [--seed S] [--seeds DIR] [--input FILE]",
        help: "Damaged replies through framings and decoders, so long each; TARGET: a name's beginning",
        run: fuzz::run,
    },
    Task { name: "bench", usage: "NAME [ARGS…]", help: "Run a benchmark, optimised", run: bench::run },
    Task {
        name: "test-live",
        usage: "[--no-build] [--from-source] [--serve]",
        help: "The guide's flows, three wires, tools, schemas, embeddings on a real small model on loopback (Linux; downloads 160 MB once)",
        run: test_live::run,
    },
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Some(name) = words.next().filter(|name| !matches!(name.as_str(), "help" | "--help" | "-h")) else {
        print_help();
        return ExitCode::SUCCESS;
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("error: no command `{name}`; `cargo xtask` lists them");
        return ExitCode::FAILURE;
    };
    let args = Args::new(words);
    if args.asks_for_help() {
        println!("cargo xtask {} {}\n{}", task.name, task.usage, task.help);
        return ExitCode::SUCCESS;
    }
    match (task.run)(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("cargo xtask COMMAND\n");
    for task in TASKS {
        println!("  {:<10} {}", task.name, task.help);
        if !task.usage.is_empty() {
            println!("  {:<10}   {}", "", task.usage);
        }
    }
}
