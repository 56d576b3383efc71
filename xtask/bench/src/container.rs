//! `container`: ten thousand workflows in a Node process that has 512 MB, heap limit 384 MB, as in a small container. Where a
//! memory control group can be made, the kernel enforces it; else the resident size is asserted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use graphbit_testkit::{Script, Server};
use serde_json::Value;

use crate::Result;

const LIMIT: u64 = 512 << 20;
const MB: f64 = 1024.0 * 1024.0;

/// Runs it once, prints what it took, and fails when a workflow did or the limit did not hold.
pub(crate) fn run(count: &str) -> Result {
    let workflows: u64 = count.parse()?;
    let server = Server::builder(Script::default()).journal_limit(0).start_in_thread()?;
    let group = Group::make();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("container.mjs");
    // The shell moves itself into the group before it becomes Node.
    let enter = group
        .as_ref()
        .map_or_else(String::new, |group| format!("echo $$ > '{}' && ", group.members.display()));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{enter}exec node --max-old-space-size=384 \"$@\"")]).arg("sh");
    command.arg(program).arg(server.base_url()).arg(count).stdout(Stdio::piped());
    let output = command.spawn()?.wait_with_output()?;
    if !output.status.success() {
        return Err(
            format!("the process ended with {}: was it killed for want of memory?", output.status).into()
        );
    }
    let text = String::from_utf8(output.stdout)?;
    let seen: Value = serde_json::from_str(text.lines().last().ok_or("it printed nothing")?)?;
    let figure = |name: &str| seen.get(name).and_then(Value::as_f64).unwrap_or_default();
    let peak = figure("peakRss");
    println!(
        "{workflows} workflows of three agents, 4 KB replies, a server that takes 2 s; {}",
        match &group {
            Some(group) => format!("in a memory control group of {} MB ({})", LIMIT >> 20, group.kind),
            None => "no control group can be made here: the resident size is watched instead".to_owned(),
        }
    );
    println!("done in {:.1} s, at most {} under way", figure("seconds"), figure("peakRuns"));
    println!(
        "peak RSS {:.0} MB of {} (before the first workflow {:.0}), V8 heap {:.0} MB, native live {:.0} MB",
        peak / MB,
        LIMIT >> 20,
        figure("bareRss") / MB,
        figure("peakHeap") / MB,
        figure("peakLive") / MB
    );
    if let Some(most) = group.as_ref().and_then(Group::peak) {
        println!(
            "the kernel counted at most {:.0} MB, sockets' buffers and file pages included",
            most as f64 / MB
        );
    }
    println!(
        "a workflow: {:.1} KB of RSS at the peak",
        (peak - figure("bareRss")) / 1024.0 / workflows as f64
    );
    let failed = seen.get("failed").and_then(Value::as_str).unwrap_or_default();
    if figure("done") != workflows as f64 || !failed.is_empty() {
        return Err(format!("{} of {workflows} ended, failed: {failed}", figure("done")).into());
    }
    if peak > LIMIT as f64 {
        return Err("the resident size went over the limit".into());
    }
    Ok(())
}

/// A memory control group of its own; removed with the value.
struct Group {
    folder: PathBuf,
    members: PathBuf,
    kind: &'static str,
}

impl Group {
    /// Version 1 or 2, wherever one can be made here.
    fn make() -> Option<Self> {
        let name = format!("graphbit-{}", std::process::id());
        let places = [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "version 1"),
            ("/sys/fs/cgroup", "memory.max", "version 2"),
        ];
        places.into_iter().find_map(|(root, limit, kind)| {
            let folder = Path::new(root).join(&name);
            fs::create_dir(&folder).ok()?;
            let group = Self { members: folder.join("cgroup.procs"), folder, kind };
            // Elsewhere the folder is made and the controller is not there.
            fs::write(group.folder.join(limit), LIMIT.to_string()).ok()?;
            let _ = fs::write(group.folder.join("memory.swap.max"), "0"); // version 1 has no swap of its own to forbid
            Some(group)
        })
    }

    /// The most that the kernel counted.
    fn peak(&self) -> Option<u64> {
        let read = |file: &str| fs::read_to_string(self.folder.join(file)).ok()?.trim().parse().ok();
        read("memory.max_usage_in_bytes").or_else(|| read("memory.peak"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder); // empty once the process has ended
    }
}
