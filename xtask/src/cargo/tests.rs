//! What is read from cargo's JSON.

use super::{find_artifact, parse_packages};

#[test]
fn packages_with_their_features_and_kinds_of_dependency() {
    let json = r#"{"packages":[{"name":"a","manifest_path":"a/Cargo.toml","features":{"tls":[]},
        "dependencies":[{"name":"b","kind":null},{"name":"c","kind":"dev"},{"name":"d","kind":"build"}]}]}"#;
    let packages = parse_packages(json).unwrap();
    assert_eq!(packages[0].name, "a");
    assert_eq!(packages[0].features, ["tls"]);
    let dev: Vec<_> = packages[0].dependencies.iter().map(|one| (one.name.as_str(), one.dev)).collect();
    assert_eq!(dev, [("b", false), ("c", true), ("d", false)]);
}

#[test]
fn a_program_and_a_shared_library_are_found_by_their_targets_name() {
    let library = format!("target/libgraphbit.{}", std::env::consts::DLL_EXTENSION);
    let messages = format!(
        "{}\n{}\nnot json\n{}\n",
        r#"{"reason":"compiler-artifact","target":{"name":"kit"},"executable":null,"filenames":["libkit.rlib"]}"#,
        r#"{"reason":"compiler-artifact","target":{"name":"kit"},"executable":"target/kit","filenames":["target/kit"]}"#,
        format_args!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"graphbit"}},"filenames":["{library}"]}}"#
        ),
    );
    assert_eq!(find_artifact(&messages, "kit").unwrap().to_str(), Some("target/kit"));
    assert_eq!(find_artifact(&messages, "graphbit").unwrap().to_str(), Some(library.as_str()));
    assert!(find_artifact(&messages, "other").is_none());
}
