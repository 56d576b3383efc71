//! The memory limit of the container: control groups, version 2 and version 1.
//!
//! Formats: <https://docs.kernel.org/admin-guide/cgroup-v2.html> (`memory.max`) and
//! <https://docs.kernel.org/admin-guide/cgroup-v1/memory.html> (`memory.limit_in_bytes`).

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::procfs;

/// Version 1 writes "no limit" as the largest `i64`, rounded down to a page, whose size varies: above this it is none.
const V1_UNLIMITED: u64 = 1 << 62;

/// The memory limit of the control group this process runs in, in bytes: the tightest one on the way up to the root
/// that can be seen from here. `None` when there is none, when it cannot be read, or on another system than Linux.
pub fn memory_limit_bytes() -> Option<u64> {
    limit_under(Path::new("/sys/fs/cgroup"), &procfs::read("/proc/self/cgroup")?)
}

/// `membership` is the text of `/proc/self/cgroup`: lines of `hierarchy:controllers:path`.
pub(super) fn limit_under(root: &Path, membership: &str) -> Option<u64> {
    membership.lines().filter_map(|line| limit_of_line(root, line)).min()
}

fn limit_of_line(root: &Path, line: &str) -> Option<u64> {
    let mut fields = line.splitn(3, ':');
    let (hierarchy, controllers, group) = (fields.next()?, fields.next()?, fields.next()?);
    if hierarchy == "0" && controllers.is_empty() {
        tightest(root, group, "memory.max")
    } else if controllers.split(',').any(|name| name == "memory") {
        tightest(&root.join("memory"), group, "memory.limit_in_bytes")
    } else {
        None
    }
}

/// A limit on any ancestor counts too. Folders that cannot be seen from inside the container are passed over.
fn tightest(mount: &Path, group: &str, file: &str) -> Option<u64> {
    let group: PathBuf =
        Path::new(group).components().filter(|part| matches!(part, Component::Normal(_))).collect();
    group
        .ancestors()
        .filter_map(|folder| parse_limit(&fs::read_to_string(mount.join(folder).join(file)).ok()?))
        .min()
}

/// `max`, like everything that is no number, means no limit.
fn parse_limit(text: &str) -> Option<u64> {
    text.trim().parse::<u64>().ok().filter(|bytes| *bytes < V1_UNLIMITED)
}
