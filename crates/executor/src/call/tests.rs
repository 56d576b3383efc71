use std::sync::Arc;

use graphbit_core::Error;
use graphbit_llm::{Response, Usage};

use super::CallStats;
use super::meter::Meter;

fn usage(input: u64, output: u64) -> Usage {
    let mut usage = Usage::default();
    (usage.input, usage.output) = (Some(input), Some(output));
    usage
}

#[test]
fn a_call_counts_when_it_begins_and_when_it_ends() {
    let meter = Arc::new(Meter::default());
    let (whole, failed, dropped) = (meter.begin(), meter.begin(), meter.begin());
    let stats = meter.read();
    assert_eq!((stats.total_requests, stats.successful_requests, stats.failed_requests), (3, 0, 0));
    assert_eq!(stats.average_response_time_ms.to_bits(), 0.0_f64.to_bits(), "nothing has ended yet");

    let mut response = Response::default();
    response.usage = Some(usage(4, 2));
    whole.end(&Ok(response));
    failed.end(&Err(Error::internal("no")));
    drop(dropped);
    let stats = meter.read();
    assert_eq!((stats.successful_requests, stats.failed_requests, stats.total_tokens), (1, 2, 6));
}

#[test]
fn a_stream_counts_tokens_as_they_are_told_and_success_at_its_end() {
    let meter = Arc::new(Meter::default());
    let call = meter.begin();
    call.usage(Some(&usage(10, 1)));
    call.succeed();
    assert_eq!(meter.read().cost, None, "nothing was priced");
    let (first, second) = (meter.begin(), meter.begin());
    for call in [&first, &second] {
        let mut priced = usage(0, 0);
        priced.cost = Some(0.25);
        call.usage(Some(&priced));
    }
    assert_eq!(meter.read().cost, Some(0.5));
    drop((first, second));
    assert_eq!((meter.read().successful_requests, meter.read().total_tokens), (1, 11));
    meter.reset();
    assert_eq!(meter.read(), CallStats::default());
}
