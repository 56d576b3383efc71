use futures_util::StreamExt;

use super::*;
use crate::complete;
use crate::layer::scripted::{Calls, answer, broken, failed, model, named, unavailable};

/// A model that answers with its name, or with an error.
fn replying(name: &'static str, code: Option<ErrorCode>) -> (Arc<dyn Model>, Calls) {
    let (model, calls) = named(name, move |request| match code {
        Some(code) => Err(Error::new(code, format!("{name} says no"))),
        None => {
            let asked = request.model.unwrap_or_else(|| "its own".into());
            Ok(Box::pin(futures_util::stream::iter(answer(&format!("{name} as {asked}")))))
        }
    });
    (model, calls)
}

#[tokio::test]
async fn the_next_model_answers_with_its_own_name_where_the_first_cannot() {
    let (down, _) = replying("a", Some(ErrorCode::Unavailable));
    let (spare, _) = replying("b", None);
    let (unused, calls) = replying("c", None);
    let model = Fallback::new(down, vec![spare, unused]);
    let mut request = Request::prompt("hi");
    request.model = Some("special".into());
    let prepared = model.prepare(request.clone()).unwrap();
    assert_eq!(complete(&model, request).await.unwrap().text, "b as its own");
    assert_eq!(calls.count(), 0);
    assert!(model.send(&prepared).await.is_ok(), "also when it is prepared");
}

#[tokio::test]
async fn the_last_error_names_the_models_that_were_tried() {
    let models = [("a", ErrorCode::Quota), ("b", ErrorCode::CircuitOpen), ("c", ErrorCode::Timeout)];
    let mut models = models.into_iter().map(|(name, code)| replying(name, Some(code)).0);
    let model = Fallback::new(models.next().unwrap(), models.collect());
    let error = complete(&model, Request::prompt("hi")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert_eq!(error.message(), "c says no; 3 models were tried: test/a, test/b, test/c");
}

#[tokio::test]
async fn an_error_that_no_other_model_mends_is_the_calls() {
    for code in [ErrorCode::Auth, ErrorCode::Rejected, ErrorCode::Refused, ErrorCode::Cancelled] {
        let (first, _) = replying("a", Some(code));
        let (second, calls) = replying("b", None);
        let error = complete(&Fallback::new(first, vec![second]), Request::prompt("hi")).await.unwrap_err();
        assert_eq!((error.message(), calls.count()), ("a says no", 0), "{code}");
    }
    let (first, _) = replying("a", Some(ErrorCode::Auth));
    let chosen =
        Fallback::new(first, vec![replying("b", None).0]).codes([ErrorCode::Auth, ErrorCode::Cancelled]);
    assert!(complete(&chosen, Request::prompt("hi")).await.is_ok());
    assert!(!chosen.codes.contains(&ErrorCode::Cancelled));
}

#[tokio::test]
async fn nobody_else_is_asked_once_the_first_event_has_come() {
    let (begun, _) = model(vec![Ok(broken(unavailable())), Ok(failed(unavailable()))]);
    let (spare, calls) = replying("b", None);
    let model = Fallback::new(begun, vec![spare]);
    let events = model.stream(Request::prompt("hi")).await.unwrap();
    assert!(events.collect::<Vec<_>>().await.last().unwrap().is_err());
    assert_eq!(calls.count(), 0);
    assert!(
        complete(&model, Request::prompt("hi")).await.is_ok(),
        "an error in the first event's place is before it"
    );
}
