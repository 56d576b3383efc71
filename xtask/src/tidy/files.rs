//! The text files that are committed, or would be by `git add --all`.

use crate::{Result, sh};

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The ending of its name, without the dot.
    pub(crate) fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }
}

/// All of them; what is no text is left out.
pub(crate) fn all() -> Result<Vec<File>> {
    let mut git = sh::command("git");
    let list = sh::ask(git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let root = sh::root();
    let read = |path: &str| {
        let text = std::fs::read_to_string(root.join(path)).ok()?;
        Some(File { path: path.to_owned(), text })
    };
    Ok(list.split('\0').filter(|path| !path.is_empty()).filter_map(read).collect())
}
