//! Many prompts at once, a few at a time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use graphbit_core::{Error, ErrorCode, Result};
use graphbit_llm::{Request, Response};

use super::Line;

/// How a batch is run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BatchOptions {
    /// How many calls may be under way at once; 10 unless told otherwise.
    pub max_concurrency: NonZeroUsize,
    /// How many bytes of text the replies may hold together. The first reply that does not fit any more is dropped and its prompt
    /// fails with `MEMORY`, as do the prompts that were not asked yet; replies under way are kept where they fit. No limit unless
    /// set.
    pub memory_limit: Option<usize>,
}

impl Default for BatchOptions {
    fn default() -> Self {
        let ten = NonZeroUsize::new(10).unwrap_or(NonZeroUsize::MIN);
        Self { max_concurrency: ten, memory_limit: None }
    }
}

/// One result a prompt, in the order of the prompts.
pub type BatchResult = Vec<Result<Response>>;

pub(super) async fn run(line: &Line, requests: Vec<Request>, options: BatchOptions) -> BatchResult {
    let room = AtomicUsize::new(options.memory_limit.unwrap_or(usize::MAX));
    let full = AtomicBool::new(false);
    let call = async |request: Box<Request>| {
        if full.load(Ordering::Relaxed) {
            return Err(over(&options));
        }
        let response = line.complete(request).await?;
        let bytes = bytes(&response);
        let taken = room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(bytes));
        if taken.is_err() {
            full.store(true, Ordering::Relaxed);
            return Err(over(&options));
        }
        Ok(response)
    };
    let requests = requests.into_iter().map(Box::new).enumerate();
    let calls = requests.map(|(index, request)| async move { (index, call(request).await) });
    let mut results: Vec<_> =
        stream::iter(calls).buffer_unordered(options.max_concurrency.get()).collect().await;
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn bytes(response: &Response) -> usize {
    let arguments = response.tool_calls.iter().map(|call| call.arguments.len());
    response.text.len() + response.reasoning.len() + response.refusal.len() + arguments.sum::<usize>()
}

fn over(options: &BatchOptions) -> Error {
    let limit = options.memory_limit.unwrap_or(0);
    let message = format!(
        "the replies of the batch hold more than its limit of {limit} bytes; make the batch smaller or raise memoryLimitMb"
    );
    Error::new(ErrorCode::Memory, message)
}
