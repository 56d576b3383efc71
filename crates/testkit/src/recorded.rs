//! Reads recorded traffic: real replies of real vendors, and what a correct client makes of them.
//!
//! The recordings are not part of this repository. Where their folder is missing, tests that want them skip.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::reply::Reply;

/// How a case's description is named; the other files of a case share what comes before it.
const META: &str = ".meta.json";
/// Headers that told how the recorded bytes travelled, not what they are.
const TRANSPORT: [&str; 5] =
    ["content-length", "transfer-encoding", "content-encoding", "connection", "keep-alive"];

/// The folder `../shared/fixtures/providers` beside the workspace. Where there is none, says so in one line on
/// standard error and gives `None`.
pub fn fixtures_dir() -> Option<PathBuf> {
    let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    // The variable is that of the crate under test, which may lie deeper or less deep than this one.
    let found =
        crate_dir.ancestors().map(|above| above.join("shared/fixtures/providers")).find(|dir| dir.is_dir());
    if found.is_none() {
        use io::Write;
        let _ = writeln!(io::stderr(), "skipped: no shared/fixtures/providers above {}", crate_dir.display());
    }
    found
}

/// All cases below a folder.
#[derive(Clone, Debug)]
pub struct Recordings {
    /// Descriptions, in the order of their paths.
    metas: Vec<PathBuf>,
}

impl Recordings {
    /// Lists the cases of a folder and of those within it. Reads none of them yet.
    ///
    /// # Errors
    /// When the folder is missing or unreadable, or holds no case.
    pub fn open(dir: impl AsRef<Path>) -> io::Result<Self> {
        let dir = dir.as_ref();
        let mut metas = Vec::new();
        list(dir, &mut metas).map_err(|error| about(dir, &error))?;
        metas.sort();
        if metas.is_empty() {
            return Err(about(dir, &io::Error::new(io::ErrorKind::NotFound, "holds no *.meta.json")));
        }
        Ok(Self { metas })
    }

    /// How many cases there are.
    #[expect(clippy::len_without_is_empty, reason = "never empty: opening it would have failed")]
    pub fn len(&self) -> usize {
        self.metas.len()
    }

    /// Reads the cases one by one.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Recording>> + '_ {
        self.metas.iter().map(Recording::read)
    }
}

/// One recorded exchange.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recording {
    /// Who answered: `"openai-chat"`, `"anthropic"`, …
    pub provider: String,
    /// The wire's dialect: `"chat"`, …
    pub dialect: String,
    /// The case's name, unique within its provider.
    pub case: String,
    /// Whether a stream was asked for.
    pub streaming: bool,
    /// The reply's status.
    pub http_status: u16,
    /// The reply's headers, as far as they were kept. Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What the case shows: `"stream_tool_parallel"`, `"error_429"`, …
    pub features: Vec<String>,
    /// The lengths in which the body arrived, where they were recorded.
    pub chunk_lengths: Vec<usize>,
    /// The request's body, where it was recorded.
    pub request: Option<Value>,
    /// The reply's body, byte for byte.
    pub response: Bytes,
    /// What a correct client reads from it; null where that is not told.
    pub expected: Value,
    /// The whole description.
    pub meta: Value,
    /// Where the description lies.
    pub path: PathBuf,
}

#[derive(Deserialize)]
struct Meta {
    provider: String,
    dialect: String,
    case: String,
    streaming: bool,
    http_status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    chunk_lengths: Option<Vec<usize>>,
    files: Files,
    #[serde(default)]
    expected: Value,
}

#[derive(Deserialize)]
struct Files {
    request: Option<String>,
    response: String,
}

impl Recording {
    /// Reads one case by the path of its `*.meta.json`.
    ///
    /// # Errors
    /// When a file is missing or is not what it should be; the message names it.
    pub fn read(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let whole = json(&path)?;
        let meta = Meta::deserialize(&whole).map_err(|error| about(&path, &error.into()))?;
        let beside = |name: &str| path.with_file_name(name);
        let response = beside(&meta.files.response);
        Ok(Self {
            request: meta.files.request.map(|name| json(&beside(&name))).transpose()?,
            response: fs::read(&response).map_err(|error| about(&response, &error))?.into(),
            provider: meta.provider,
            dialect: meta.dialect,
            case: meta.case,
            streaming: meta.streaming,
            http_status: meta.http_status,
            headers: meta
                .headers
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            features: meta.features,
            chunk_lengths: meta.chunk_lengths.unwrap_or_default(),
            expected: meta.expected,
            meta: whole,
            path,
        })
    }

    /// Whether the case shows this feature.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|has| has == feature)
    }

    /// The case as the server's reply to anything: same status, headers and bytes, cut as they were recorded.
    pub fn reply(&self) -> Reply {
        let kind = match (self.headers.get("content-type"), self.response.first()) {
            (Some(kind), _) => kind.as_str(),
            (None, Some(b'{' | b'[')) => "application/json",
            (None, _) if self.streaming => "text/event-stream",
            (None, _) => "text/plain",
        };
        let reply = Reply::status(self.http_status).body(self.response.clone(), kind);
        self.headers
            .iter()
            .filter(|(name, _)| *name != "content-type" && !TRANSPORT.contains(&name.as_str()))
            .fold(reply, |reply, (name, value)| reply.header(name.as_str(), value.as_str()))
            .cuts(self.chunk_lengths.iter().copied())
    }
}

fn list(dir: &Path, metas: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list(&path, metas)?;
        } else if entry.file_name().to_str().is_some_and(|name| name.ends_with(META)) {
            metas.push(path);
        }
    }
    Ok(())
}

fn json(path: &Path) -> io::Result<Value> {
    let bytes = fs::read(path).map_err(|error| about(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| about(path, &error.into()))
}

/// The error with the path it is about, which the standard library leaves out.
fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
