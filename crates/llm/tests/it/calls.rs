//! What works, and the errors a server says in order.

use graphbit_llm::{Message, Request, Response, Secret, Settings, complete};
use graphbit_testkit::Reply;
use serde_json::json;

use crate::support::{ask, client, code, config, serve, stream};

#[tokio::test]
async fn a_reply_comes_whole() {
    let server = serve(Reply::echo().usage(7, 9)).await;
    let mut settings = Settings::default();
    settings.max_tokens = Some(50);
    let model =
        client(config(server.base_url()).model("m1").settings(settings).api_key(Secret::new("sk-test")));
    let request = Request::new(vec![Message::user("hello")]).system("be brief");
    let reply: Response = complete(&model, request).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.model.as_deref()), ("echo: hello", Some("m1")));
    let usage = reply.usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(7), Some(9)));
    let seen = server.journal().remove(0);
    assert_eq!(seen.authorization.as_deref(), Some("Bearer sk-test"));
    assert_eq!(seen.body["max_tokens"], 50);
    assert_eq!(seen.body["messages"][0]["role"], "system");
    assert!(seen.headers.contains_key("content-length"), "{:?}", seen.headers);
    assert!(seen.headers["user-agent"].starts_with("graphbit/"));
}

#[tokio::test]
async fn a_reply_comes_piece_by_piece() {
    let server = serve(Reply::filled(10_000).pieces(500)).await;
    let (text, events, error) = stream(&client(config(server.base_url()))).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((text.len(), events), (10_000, 505)); // and: started, part, part's end, usage, finished
}

#[tokio::test]
async fn a_base_url_may_have_a_query_which_stays_at_the_end() {
    let server = serve(Reply::echo()).await;
    let model = client(config(format!("{}?api-version=2024", server.base_url())));
    assert_eq!(ask(&model).await.unwrap(), "echo: x");
    assert_eq!(server.journal()[0].path, "/v1/chat/completions?api-version=2024");
}

#[tokio::test]
async fn every_status_has_its_code_and_says_what_to_change() {
    for (status, wanted, retryable, help) in [
        (400, "REJECTED", false, ""),
        (401, "AUTH", false, "API key"),
        (403, "AUTH", false, "API key"),
        (404, "REJECTED", false, "model's name"),
        (408, "UNAVAILABLE", true, ""),
        (413, "CONTEXT_LENGTH", false, "shorten"),
        (429, "RATE_LIMITED", true, "concurrency"),
        (500, "UNAVAILABLE", true, ""),
        (503, "UNAVAILABLE", true, ""),
        (529, "RATE_LIMITED", true, ""),
        (302, "REJECTED", false, "baseUrl"),
    ] {
        let server = serve(Reply::status(status)).await;
        let model = client(config(server.base_url()).model("m1"));
        for error in [ask(&model).await.unwrap_err(), stream(&model).await.2.unwrap()] {
            assert_eq!((code(&error), error.is_retryable()), (wanted, retryable), "{status}: {error}");
            assert_eq!(error.context().status, Some(status));
            assert_eq!(error.context().provider.as_deref(), Some("openai"));
            assert!(error.message().contains(help), "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_names_the_model_the_request_asked_for() {
    let server = serve(Reply::status(404)).await;
    let mut request = Request::prompt("x");
    request.model = Some("the-other-one".into());
    let error = complete(&client(config(server.base_url()).model("m1")), request).await.unwrap_err();
    assert_eq!(error.context().model.as_deref(), Some("the-other-one"));
    assert_eq!(error.context().request_id.as_deref(), Some("req_testkit_1"));

    let server = serve(Reply::text("half").without_end()).await;
    let mut request = Request::prompt("x").streamed();
    request.model = Some("the-other-one".into());
    let error = complete(&client(config(server.base_url()).model("m1")), request).await.unwrap_err();
    assert_eq!(error.context().model.as_deref(), Some("the-other-one"));
    assert_eq!(error.partial().unwrap().text.as_deref(), Some("half"));
}

#[tokio::test]
async fn advice_on_waiting_is_in_the_error() {
    let server = serve(Reply::status(429).header("retry-after", "7")).await;
    let error = ask(&client(config(server.base_url()))).await.unwrap_err();
    assert_eq!(error.retry_after().unwrap().as_secs(), 7);
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let server = serve(Reply::status(200).html("<html><title>Sign in</title></html>")).await;
    let model = client(config(server.base_url()));
    for error in [ask(&model).await.unwrap_err(), stream(&model).await.2.unwrap()] {
        assert_eq!(code(&error), "PROTOCOL");
        assert!(error.message().contains("Sign in") && error.message().contains("baseUrl"), "{error}");
    }
    let server = serve(Reply::status(502).html("<html>bad gateway</html>")).await;
    let error = ask(&client(config(server.base_url()))).await.unwrap_err();
    assert_eq!((code(&error), error.is_retryable()), ("UNAVAILABLE", true));
}

#[tokio::test]
async fn an_error_within_a_success_is_an_error_after_the_text_before_it() {
    let overloaded = json!({"error": {"message": "overloaded", "code": 502}});
    let server = serve(Reply::text("so far").error_in_stream(overloaded)).await;
    let model = client(config(server.base_url()));
    let (text, _, error) = stream(&model).await;
    assert_eq!((text.as_str(), code(&error.unwrap())), ("so far", "UNAVAILABLE"));
    assert_eq!(code(&ask(&model).await.unwrap_err()), "UNAVAILABLE");
}

#[tokio::test]
async fn a_key_that_is_echoed_is_taken_out_wherever_the_quote_ends() {
    let key = "sk-0123456789-secret-key";
    for padding in [0, 139, 145, 150, 155] {
        let body = format!("{}{key} is not known here", "a".repeat(padding));
        for reply in [
            Reply::status(401).body(body.clone(), "text/plain"),
            Reply::status(200).body(body.clone(), "application/json"),
            Reply::status(200).html(body.clone()),
        ] {
            let server = serve(reply).await;
            let model = client(config(server.base_url()).api_key(Secret::new(key)));
            let error = ask(&model).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("sk-01234"), "{padding}: {error:?}");
        }
    }
    let server = serve(Reply::status(401).body(format!("what is {key}"), "text/plain")).await;
    let model = client(config(server.base_url()).header("x-key", &format!("Token {key}")).unwrap());
    assert!(!ask(&model).await.unwrap_err().message().contains("sk-0"));
}
