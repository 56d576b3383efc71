use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::{Recording, Recordings, fixtures_dir};
use crate::reply::Content;

/// A folder of one case, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let dir = std::env::temp_dir().join(format!("testkit-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("vendor")).unwrap();
        for (file, text) in files {
            fs::write(dir.join("vendor").join(file), text).unwrap();
        }
        Self(dir)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn meta() -> String {
    json!({
        "provider": "vendor", "dialect": "chat", "case": "a", "streaming": true, "http_status": 200,
        "headers": {"Content-Type": "text/event-stream", "transfer-encoding": "chunked", "X-Id": "1"},
        "features": ["stream_text"], "chunk_lengths": [2, 4],
        "files": {"request": "a.request.json", "response": "a.stream.txt"}, "expected": {"text": "hi"},
    })
    .to_string()
}

#[test]
fn a_case_is_read_whole_and_can_be_replayed() {
    let files =
        [("a.meta.json", meta()), ("a.request.json", "{}".into()), ("a.stream.txt", "data: x\n\n".into())];
    let folder = Folder::new("whole", &files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let all = Recordings::open(&folder.0).unwrap();
    assert_eq!(all.len(), 1);
    let case: Recording = all.iter().next().unwrap().unwrap();
    assert_eq!((case.provider.as_str(), case.case.as_str(), case.streaming), ("vendor", "a", true));
    assert_eq!((case.request.clone(), &case.response[..]), (Some(json!({})), &b"data: x\n\n"[..]));
    assert_eq!(
        (&case.expected, case.has("stream_text"), case.has("text")),
        (&json!({"text": "hi"}), true, false)
    );
    let reply = case.reply();
    assert!(
        matches!(&reply.content, Content::Verbatim { content_type, .. } if &**content_type == "text/event-stream")
    );
    assert_eq!(reply.headers.len(), 1, "only what does not speak of the transport");
    assert_eq!(&reply.cuts[..], [2, 4]);
}

#[test]
fn a_missing_folder_or_file_is_named() {
    let error = Recordings::open("/nowhere/at/all").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("/nowhere/at/all"));

    let folder = Folder::new("missing", &[("a.meta.json", &meta())]);
    let error = Recordings::open(&folder.0).unwrap().iter().next().unwrap().unwrap_err();
    assert!(error.to_string().contains("a.request.json"), "{error}");

    let folder = Folder::new("empty", &[]);
    assert!(Recordings::open(&folder.0).unwrap_err().to_string().contains("holds no *.meta.json"));
}

#[test]
fn every_recorded_case_can_be_read() {
    let Some(dir) = fixtures_dir() else { return };
    let all = Recordings::open(dir).unwrap();
    assert!(all.len() > 1000);
    for case in all.iter() {
        let case = case.unwrap();
        let lengths: usize = case.chunk_lengths.iter().sum();
        assert!(lengths <= case.response.len(), "{}", case.path.display());
        assert!(case.expected.is_object());
    }
}
