//! Gemini's replies within the size limits bound memory, too.

use graphbit_llm::protocol::gemini::Gemini;
use graphbit_llm::protocol::{decode_streamed, decode_whole};

use crate::bounds::{LIMIT, peak, stuffed};
use crate::support::alone;

#[test]
fn replies_do_not_become_many_times_their_size() {
    let _alone = alone();
    let parts = "{\"candidates\":[{\"content\":{\"parts\":[";
    let call = "{\"functionCall\":{\"name\":\"f\",\"willContinue\":true,\"partialArgs\":[";
    let text = format!("{parts}{{\"text\":\"a\"}},{{\"text\":\"b\",\"thought\":true}}]}}}}]}},");
    for (name, head, item, tail) in [
        ("candidates", "{\"candidates\":[".to_owned(), "{\"index\":1},", "]}"),
        ("parts", parts.to_owned(), "{},", "]}}]}"),
        ("calls", parts.to_owned(), "{\"functionCall\":{\"name\":\"f\"}},", "]}}]}"),
        ("arguments", format!("{parts}{call}"), "{\"jsonPath\":\"$.a[0]\"},", "]}}]}}]}"),
        ("usage", "{\"usageMetadata\":{\"x\":[".to_owned(), "0,", "]}}"),
        ("error", "{\"error\":{\"message\":[".to_owned(), "0,", "]}}"),
        ("unknown", "{\"x\":[".to_owned(), "0,", "]}"),
        ("empty replies", "[".to_owned(), "{},", "]"),
        ("replies", "[".to_owned(), text.as_str(), "]"),
    ] {
        let body = stuffed(&head, item, tail);
        let (_, whole) = peak(|| decode_whole(&Gemini, body.as_bytes()).map(|events| events.len()).is_ok());
        let frame = format!("data: {body}\n\n");
        let (_, streamed) = peak(|| decode_streamed(&Gemini, LIMIT * 2, [frame.as_bytes()]).0.len());
        println!("{} bytes of {name}: at most {whole} whole, {streamed} streamed", body.len());
        assert!(whole < 32 << 20 && streamed < 40 << 20, "{name}: {whole} {streamed}");
        assert!(name == "replies" || (whole < 4 << 20 && streamed < 10 << 20), "{name}: {whole} {streamed}");
    }
}
