//! What is asked of a Node.js, and what is said when it is not met.

use super::{Node, library, require};

#[test]
fn an_old_node_is_refused_with_its_version() {
    assert!(require("v18.0.0").is_ok());
    assert!(require("v24.1.0").is_ok());
    assert_eq!(require("v16.20.2").unwrap_err(), "Node.js 18 or newer is needed, and this one is v16.20.2");
    assert!(require("").is_err());
}

#[test]
fn an_absent_node_says_what_is_needed() {
    let why = Node::at("no-such-node").unwrap_err();
    assert!(why.starts_with("Node.js 18 or newer is needed: `no-such-node` was not found"), "{why}");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn the_library_is_named_as_node_names_the_platform() {
    assert_eq!(library(), "graphbit.linux-x64-gnu.node");
}
