//! Where the library goes, and when npm's packages are installed anew.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{dependencies_are_stale, place};
use crate::node;

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_library_replaces_the_old_one_and_leaves_nothing_beside_it() {
    let folder = scratch("place");
    let dist = folder.join("dist");
    fs::write(folder.join("built"), "one").unwrap();
    place(&folder.join("built"), &dist).unwrap();
    fs::write(folder.join("built"), "two").unwrap();
    place(&folder.join("built"), &dist).unwrap();
    assert_eq!(fs::read_to_string(dist.join(node::library())).unwrap(), "two");
    assert_eq!(fs::read_dir(&dist).unwrap().count(), 1);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn npm_installs_when_it_never_did_or_the_lock_file_is_newer() {
    let folder = scratch("stale");
    let why = dependencies_are_stale(&folder).unwrap_err();
    assert!(why.contains("package-lock.json is missing"), "{why}");

    let lock = fs::File::create(folder.join("package-lock.json")).unwrap();
    assert!(dependencies_are_stale(&folder).unwrap());

    fs::create_dir(folder.join("node_modules")).unwrap();
    fs::write(folder.join("node_modules/.package-lock.json"), "").unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    assert!(!dependencies_are_stale(&folder).unwrap());
    lock.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
    assert!(dependencies_are_stale(&folder).unwrap());
    fs::remove_dir_all(folder).unwrap();
}
