use super::{error, models};

#[test]
fn models_are_listed_with_their_names() {
    let body = models();
    assert_eq!(body["object"], "list");
    assert!(
        body["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|model| model["id"].is_string() && model["object"] == "model")
    );
}

#[test]
fn an_error_body_has_the_four_usual_fields() {
    assert_eq!(error(429, "slow down")["error"]["code"], "rate_limit_exceeded");
    assert_eq!(error(503, "later")["error"]["type"], "server_error");
    for status in [400, 401, 403, 404, 429, 500] {
        let body = error(status, "m");
        let fields: Vec<&String> = body["error"].as_object().unwrap().keys().collect();
        assert_eq!(fields.len(), 4);
        assert_eq!(body["error"]["message"], "m");
    }
}
