//! Absolute paths of one machine, which mean nothing on another.

use super::Finding;
use super::files::File;

/// Folders of one machine, without their first slash so that this file carries none.
const FOLDERS: &[Folder] = &[
    Folder { name: "tmp", everywhere: true },
    Folder { name: "home", everywhere: true },
    Folder { name: "root", everywhere: false },
    Folder { name: "work", everywhere: false },
];

struct Folder {
    name: &'static str,
    /// Whether every machine has it, so that only what lies in it is one machine's.
    everywhere: bool,
}

/// The lines that name such a place.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for folder in FOLDERS {
            if names(line, folder) {
                findings.push(format!(
                    "{}:{}: a path under /{} exists on one machine only",
                    file.path,
                    number + 1,
                    folder.name
                ));
            }
        }
    }
    findings
}

fn names(line: &str, folder: &Folder) -> bool {
    let needle = format!("/{}", folder.name);
    line.match_indices(&needle).any(|(at, _)| {
        let (before, rest) = line.split_at(at);
        let after = rest.get(needle.len()..).unwrap_or_default();
        starts_a_path(before) && (if folder.everywhere { goes_on(after) } else { ends_a_name(after) })
    })
}

/// Not the middle of a longer path, a URL or a division.
fn starts_a_path(before: &str) -> bool {
    let middle =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '}' | ')' | '>' | '~' | '*');
    before.ends_with("file://") || !before.ends_with(middle)
}

fn ends_a_name(after: &str) -> bool {
    !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// `/NAME/x`
fn goes_on(after: &str) -> bool {
    after.strip_prefix('/').is_some_and(|inside| {
        inside.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
    })
}
