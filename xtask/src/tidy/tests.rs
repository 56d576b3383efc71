//! Each check fails on a bad sample and leaves a good one alone; and the workspace itself is tidy.

use super::files::File;
use super::{claims, findings, layers, manifests, paths, sources};
use crate::cargo::{Dependency, Package};

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// Packages from `name: dependency, dependency (dev)`.
fn packages(lines: &[&str]) -> Vec<Package> {
    let package = |line: &&str| {
        let (name, dependencies) = line.split_once(':').unwrap();
        let dependency = |word: &str| {
            let word = word.trim();
            let name = word.trim_end_matches(" (dev)");
            Dependency { name: name.to_owned(), dev: name != word }
        };
        Package {
            name: name.to_owned(),
            dependencies: dependencies.split(',').map(dependency).collect(),
            ..Package::default()
        }
    };
    lines.iter().map(package).collect()
}

#[test]
fn the_workspace_is_tidy() {
    let findings = findings().unwrap();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn arrows_point_down() {
    let good = packages(&[
        "graphbit-core: serde, graphbit-testkit (dev)",
        "graphbit-llm: graphbit-core, graphbit-executor (dev)",
        "graphbit-memory: graphbit-core",
        "graphbit-executor: graphbit-core, graphbit-llm, graphbit-memory",
        "graphbit-node: graphbit-executor",
        "graphbit-bindings-node: graphbit-node, graphbit-memory",
        "graphbit-testkit: graphbit-core",
        "graphbit-examples: graphbit-executor, graphbit-testkit",
        "graphbit-bench: graphbit-testkit",
        "xtask: serde_json",
    ]);
    assert_eq!(layers::check(&good), Vec::<String>::new());
}

#[test]
fn an_arrow_that_does_not_is_found() {
    let cases = [
        ("graphbit-core: graphbit-llm", "the arrow points up"),
        ("graphbit-executor: graphbit-node", "the arrow points up"),
        ("graphbit-llm: graphbit-memory", "do not know each other"),
        ("graphbit-memory: graphbit-llm", "do not know each other"),
        ("graphbit-llm: graphbit-testkit", "the testkit is a dev-dependency"),
        ("graphbit-testkit: graphbit-llm", "the testkit knows the core at most"),
        ("graphbit-node: graphbit-examples", "nobody knows a program"),
        ("graphbit-new: graphbit-core", "has no layer"),
    ];
    for (line, why) in cases {
        let (from, to) = line.split_once(": ").unwrap();
        let mut all = packages(&["graphbit-core:", "graphbit-llm:", "graphbit-memory:", "graphbit-node:"]);
        all.extend(packages(&["graphbit-testkit:", "graphbit-examples:"]));
        all.retain(|package| package.name != from);
        all.extend(packages(&[line]));
        let found = layers::check(&all);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].contains(from) && found[0].contains(why), "{to}: {found:?}");
    }
}

#[test]
fn a_package_without_the_workspaces_lints_is_found() {
    for good in ["[lints]\nworkspace = true\n", "lints.workspace = true", "[ lints ] # ours\nworkspace=true"]
    {
        assert_eq!(manifests::lints("p", good), None, "{good}");
    }
    for bad in [
        "[package]\nname = \"p\"",
        "[lints]\n[dependencies]\nworkspace = true",
        "# [lints]\n# workspace = true",
    ] {
        assert!(manifests::lints("p", bad).unwrap().starts_with("p: its Cargo.toml lacks"), "{bad}");
    }
}

#[test]
fn a_feature_named_after_a_vendor_is_found() {
    let with = |features: &[&str]| {
        let features = features.iter().map(|&name| name.to_owned()).collect();
        vec![Package { name: "p".to_owned(), features, ..Package::default() }]
    };
    assert_eq!(manifests::features(&with(&["default", "tls", "metadata"])), Vec::<String>::new());
    let found = manifests::features(&with(&["openai", "with_Bedrock", "tls"]));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], "p: feature `openai` is named after a vendor (openai)");
}

#[test]
fn a_module_without_a_head_is_found() {
    assert_eq!(sources::head(&file("a.rs", "//! Owns a.\n")), None);
    assert_eq!(sources::head(&file("a/tests.rs", "use super::a;\n")), None);
    assert_eq!(sources::head(&file("a.ts", "export {};\n")), None);
    for bad in ["", "use std::io;\n//! late", "// no doc"] {
        assert!(sources::head(&file("a.rs", bad)).unwrap().starts_with("a.rs:1: a module begins"), "{bad}");
    }
}

#[test]
fn a_long_file_is_found_unless_nobody_writes_it() {
    assert_eq!(sources::size(&file("a.rs", &"x\n".repeat(450))), None);
    assert_eq!(sources::size(&file("Cargo.lock", &"x\n".repeat(9000))), None);
    let found = sources::size(&file("a.rs", &"x\n".repeat(451))).unwrap();
    assert!(found.starts_with("a.rs: 451 lines"), "{found}");
}

#[test]
fn unfinished_work_is_found_where_code_ships() {
    let bad = format!("fn a() {{}}\n// {}: later\n", ["TO", "DO"].concat());
    assert_eq!(sources::marks(&file("crates/a/src/lib.rs", &bad)).len(), 1);
    assert!(
        sources::marks(&file("bindings/node/src/a.ts", &bad))[0].starts_with("bindings/node/src/a.ts:2: ")
    );
    assert!(sources::marks(&file("xtask/src/a.rs", &bad)).is_empty());
    assert!(sources::marks(&file("crates/a/README.md", &bad)).is_empty());
    for mark in ["FIX+ME", "XX+X", "HA+CK"] {
        let text = format!("/* {} */", mark.replace('+', ""));
        assert_eq!(sources::marks(&file("crates/a.rs", &text)).len(), 1, "{mark}");
    }
    assert!(sources::marks(&file("crates/a.rs", "let todo = HACKED; // todos, XXXL")).is_empty());
}

#[test]
fn a_path_of_one_machine_is_found() {
    // `§` stands for the first slash, so that this file names no such place itself.
    let found = |text: &str| paths::check(&file("a.md", &text.replace('§', "/")));
    for bad in [
        "cd §work/main",
        "`§work`",
        "§root/.npm",
        "\"§home/ann/x\"",
        "cat §tmp/x.log",
        "file:§§§tmp/x",
        "a=§root",
    ] {
        assert_eq!(found(bad).len(), 1, "{bad}");
    }
    for good in [
        "§workflows",
        "a§work§b",
        "https:§§x.org§work",
        "§tmp",
        "§home",
        "§rooted",
        "./§root",
        "$HOME§work",
        "§work-x",
    ] {
        assert!(found(good).is_empty(), "{good}: {:?}", found(good));
    }
    assert_eq!(found("one\ntwo §tmp/x\n"), ["a.md:2: a path under /tmp exists on one machine only"]);
}

#[test]
fn a_claim_of_the_readme_names_a_test_that_exists() {
    let rust = file(
        "crates/x/tests/it.rs",
        "#[test]\nfn one() {}\n#[tokio::test(start_paused = true)]\nasync fn two() {}\nfn three() {}\n",
    );
    let table = |cell: &str| {
        let text = format!(
            "| a |\n|---|\n| `x` |\n\n| feature | GraphBit: its test |\n|---|---|\n| f | {cell} |\n\ntext\n"
        );
        let rust = File { path: rust.path.clone(), text: rust.text.clone() };
        claims::check(&[file("README.md", &text), rust])
    };
    assert_eq!(table("`one`, `two`"), Vec::<String>::new());
    assert_eq!(table("not yet"), Vec::<String>::new());
    assert_eq!(table("`one`, `three`"), ["README.md:7: there is no test `three`"]);
    assert_eq!(table("yes"), ["README.md:7: name a test, or say `not yet`"]);
}
