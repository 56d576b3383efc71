use std::fs;
use std::path::PathBuf;

use super::cgroup::limit_under;
use super::{SystemMemory, kilobytes, memory_limit_bytes, parse_meminfo, resident_bytes, system_memory};

/// A folder tree that is removed when the test ends.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("graphbit-memory-{}-{name}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(root)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn version_2_takes_the_tightest_limit_on_the_way_up() {
    let tree = Tree::new("v2", &[("a/b/memory.max", "max\n"), ("a/memory.max", "536870912\n")]);
    assert_eq!(limit_under(&tree.0, "0::/a/b\n"), Some(512 << 20));
}

#[test]
fn version_2_in_its_own_namespace_reads_the_mount_itself() {
    let tree = Tree::new("v2-ns", &[("memory.max", "1000\n")]);
    assert_eq!(limit_under(&tree.0, "0::/\n"), Some(1000));
    assert_eq!(limit_under(&tree.0, "0::/../outside\n"), Some(1000));
}

#[test]
fn version_1_reads_the_memory_hierarchy_only() {
    let tree = Tree::new("v1", &[("memory/memory.limit_in_bytes", "268435456\n"), ("cpu/memory.max", "1\n")]);
    let membership = "5:cpu,cpuacct:/docker/abc\n4:hugetlb,memory:/docker/abc\n0::/\n";
    assert_eq!(limit_under(&tree.0, membership), Some(256 << 20));
}

#[test]
fn no_limit_is_none() {
    let tree = Tree::new(
        "none",
        &[("memory/memory.limit_in_bytes", "9223372036854771712\n"), ("memory.max", "max\n")],
    );
    assert_eq!(limit_under(&tree.0, "4:memory:/\n0::/\n"), None);
    assert_eq!(limit_under(&tree.0, "garbage"), None);
}

#[test]
fn kilobytes_become_bytes_and_nonsense_becomes_none() {
    let text =
        "VmPeak:\t  9 kB\nVmRSS:\t    1628 kB\nThreads:\t1\nVmHWM:\tx kB\nVmSwap: 99999999999999999999 kB\n";
    assert_eq!(kilobytes(text, "VmRSS"), Some(1628 * 1024));
    for key in ["VmHWM", "VmSwap", "Threads", "Vm", "Absent"] {
        assert_eq!(kilobytes(text, key), None, "{key}");
    }
}

#[test]
fn meminfo_needs_both_figures() {
    let text = "MemTotal:       24683656 kB\nMemFree:        23033392 kB\nMemAvailable:   23927324 kB\n";
    let expected = SystemMemory { total_bytes: 24_683_656 * 1024, available_bytes: 23_927_324 * 1024 };
    assert_eq!(parse_meminfo(text), Some(expected));
    assert_eq!(parse_meminfo("MemTotal: 1 kB\n"), None);
}

#[test]
fn this_machine_gives_plausible_figures() {
    if cfg!(target_os = "linux") {
        let memory = system_memory().unwrap();
        assert!(memory.total_bytes >= memory.available_bytes);
    }
    assert_ne!(memory_limit_bytes(), Some(0));
}

#[test]
fn the_resident_size_is_that_of_the_snapshot() {
    let status = crate::Snapshot::take().rss_bytes;
    assert_eq!(resident_bytes().is_some(), status.is_some());
    if let (Some(resident), Some(status)) = (resident_bytes(), status) {
        assert!(resident.abs_diff(status) < 16 << 20, "{resident} {status}");
    }
}
