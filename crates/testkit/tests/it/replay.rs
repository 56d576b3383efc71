//! Recorded traffic sent over a real socket.

use graphbit_testkit::recorded::{Recordings, fixtures_dir};
use graphbit_testkit::{Script, Server};
use serde_json::json;

use crate::client::once;

#[tokio::test]
async fn a_recording_arrives_byte_for_byte_with_its_status() {
    let Some(dir) = fixtures_dir() else { return };
    let all = Recordings::open(dir.join("openai-chat")).unwrap();
    let server = Server::start(Script::default()).await.unwrap();
    for case in all.iter() {
        let case = case.unwrap();
        server.set_script(Script::default().otherwise(case.reply()));
        let reply = once(&server, "/v1/any/path", &json!({})).await.unwrap();
        assert_eq!((reply.status, &reply.body[..]), (case.http_status, &case.response[..]), "{}", case.case);
        if !case.chunk_lengths.is_empty() {
            assert!(reply.chunks >= case.chunk_lengths.iter().filter(|length| **length > 0).count());
        }
    }
}
