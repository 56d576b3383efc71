use super::*;
use crate::layer::scripted::{answer, model, named};
use crate::layer::{Cache, CacheOptions, Replies};
use crate::{Price, Request, complete};

/// Prices of tokens read, in millions: a reply of 20 tokens read and 10 written costs 20 of it.
fn prices(table: &[(&str, f64)]) -> Arc<Pricing> {
    let price = |input: f64| Price { input: input * 1e6, ..Price::default() };
    Arc::new(Pricing::new(table.iter().map(|(name, input)| (*name, price(*input)))).unwrap())
}

/// What a reply of `unit-1` costs that was asked of `unit`, or of the model named.
async fn cost(table: &[(&str, f64)], asked: Option<&str>) -> Option<f64> {
    let model = Cost::new(model(vec![Ok(answer("a")), Ok(answer("a"))]).0, prices(table));
    let mut request = Request::prompt("x");
    request.model = asked.map(str::to_owned);
    let prepared = model.prepare(request.clone()).unwrap();
    let sent = crate::Response::collect(model.send(&prepared).await.unwrap()).await.unwrap();
    let reply = complete(&model, request).await.unwrap();
    assert_eq!(sent.usage, reply.usage, "also when it is prepared");
    reply.usage.unwrap().cost
}

#[tokio::test]
async fn a_reply_is_priced_by_the_model_that_answered_or_the_one_that_was_asked() {
    assert_eq!(cost(&[("unit-1", 1.0), ("unit", 2.0)], None).await, Some(20.0));
    assert_eq!(cost(&[("unit", 2.0)], None).await, Some(40.0));
    assert_eq!(cost(&[("unit", 2.0), ("un*", 3.0)], None).await, Some(40.0), "an exact name first");
    assert_eq!(cost(&[("test/unit-*", 1.0), ("other/*", 2.0)], Some("alias")).await, Some(20.0));
    assert_eq!(
        cost(&[("*", 1.0), ("ali*", 2.0)], Some("alias")).await,
        Some(40.0),
        "a longer beginning first"
    );
    assert_eq!(cost(&[("other", 2.0)], None).await, None);
}

#[tokio::test]
async fn what_comes_from_memory_costs_nothing() {
    let (inner, calls) = named("unit", |_| Ok(Box::pin(futures_util::stream::iter(answer("a")))));
    let priced = Arc::new(Cost::new(inner, prices(&[("unit", 1.0)])));
    let model = Cache::new(priced, Replies::new(CacheOptions::default()).unwrap());
    let mut costs = Vec::new();
    for _ in 0..3 {
        costs.push(complete(&model, Request::prompt("x")).await.unwrap().usage.unwrap().cost);
    }
    assert_eq!((costs, calls.count()), (vec![Some(20.0), Some(0.0), Some(0.0)], 1));
}
