//! Runs, streams and calls that are cancelled at random moments, on two runtimes.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::{FutureExt, LocalBoxFuture, join, join_all, pending};
use graphbit_core::{ErrorCode, Graph, Node};
use graphbit_executor::{
    BatchOptions, Caller, Executor, Host, Profile, RunOptions, Visit, Workflow, runtime,
};
use graphbit_llm::{Config, Request};
use graphbit_testkit::{Reply, Script, Server};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::{live, turn, wait};

const WARM_UP: usize = 8;
const WAVES: usize = 20;
/// Of each kind, so that a thousand come together without more sockets at once than a process usually may have.
const IN_A_WAVE: usize = 50;

/// Prompts, by what becomes of them.
const PROMPTS: [&str; 6] = ["quick", "never", "drip", "hang up", "late", "in pieces"];

fn server() -> Server {
    let script = Script::default()
        .when_contains("never", Reply::echo().never())
        .when_contains("drip", Reply::text("drip ").drip_forever(Duration::from_millis(5)))
        .when_contains("hang up", Reply::echo().hang_up())
        .when_contains("late", Reply::echo().latency(Duration::from_millis(40)))
        .when_contains("pieces", Reply::text("a b c d e f g h").piece_delay(Duration::from_millis(8)));
    Server::builder(script).journal_limit(0).start_in_thread().unwrap()
}

/// Settles some calls at once and only promises others, whose runs are then cancelled.
struct Hesitant(Mutex<Sender<Visit>>);

impl Hesitant {
    fn new() -> Arc<Self> {
        let (visits, arriving) = channel::<Visit>();
        std::thread::spawn(move || {
            let mut promised = Vec::new();
            for (index, mut visit) in arriving.into_iter().enumerate() {
                while let Some(call) = visit.next_call() {
                    if index % 2 == 0 {
                        visit.settle(&call, Ok(Value::Null));
                    } else {
                        promised.push(visit.promise(&call));
                    }
                }
            }
        });
        Arc::new(Self(Mutex::new(visits)))
    }
}

impl Host for Hesitant {
    fn visit(&self, visit: Visit) {
        let _ = self.0.lock().unwrap().send(visit);
    }
}

/// Three agents and a transform: in a row, as branches that meet, or side by side.
fn workflow(shape: &[(&str, &str)], random: &mut Rng) -> Arc<Workflow> {
    let mut graph = Graph::new("storm");
    for id in ["a", "b", "c"] {
        graph.add(Node::agent(id, *random.choice(&PROMPTS).unwrap())).unwrap();
    }
    graph.add(Node::transform("f")).unwrap();
    graph.add(Node::join("j")).unwrap();
    for (from, to) in shape {
        graph.connect(from, to).unwrap();
    }
    let workflow = Workflow::new(graph.compile().unwrap());
    Arc::new(match random.u8(..4) {
        0 => workflow, // the host calls it
        1 => {
            workflow.function("f", async |input: Value| Ok::<_, graphbit_executor::BoxError>(input)).unwrap()
        }
        2 => workflow
            .function("f", async |input: Value| {
                sleep(Duration::from_millis(10)).await;
                Ok::<_, graphbit_executor::BoxError>(input)
            })
            .unwrap(),
        _ => workflow
            .function("f", async |_: Value| pending::<Result<Value, graphbit_executor::BoxError>>().await)
            .unwrap(),
    })
}

const SHAPES: [&[(&str, &str)]; 3] = [
    &[("a", "f"), ("f", "b"), ("b", "c"), ("c", "j")],
    &[("f", "a"), ("a", "b"), ("a", "c"), ("b", "j"), ("c", "j")],
    &[("f", "a"), ("f", "b"), ("f", "c"), ("a", "j"), ("b", "j"), ("c", "j")],
];

/// What is cancelled, and where.
struct Storm {
    server: Server,
    executors: [Executor; 2],
    callers: [Caller; 2],
    workflows: Vec<Arc<Workflow>>,
    random: Rng,
}

/// What was seen.
#[derive(Default)]
struct Seen {
    ended_before: usize,
    dropped: usize,
    /// From a run's cancel to its result.
    took: Vec<Duration>,
    /// From the last cancel of a wave until the server answered nobody any more.
    server_knew: Vec<Duration>,
}

/// How one ended: after so long from its cancel, by itself, or without anybody who would be told.
enum End {
    Cancelled(Duration),
    Before,
    Dropped,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let (server, mut random) = (server(), Rng::with_seed(seed));
        let mut two = Profile::high_throughput();
        two.workers = NonZeroUsize::new(2).unwrap();
        let profiles = [Profile::low_latency(), two];
        let config = || Config::new("openai").unwrap().base_url(server.base_url()).max_retries(2);
        let workflows =
            (0..48).map(|index: usize| workflow(SHAPES[index % SHAPES.len()], &mut random)).collect();
        Self {
            executors: profiles.clone().map(|profile| Executor::new(config(), profile)),
            callers: profiles.map(|profile| Caller::new(config(), profile)),
            workflows,
            random,
            server,
        }
    }

    fn waves(&mut self, count: usize) -> Seen {
        let driver = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut seen = Seen::default();
        let host = Hesitant::new();
        for _ in 0..count {
            let works: Vec<_> = (0..IN_A_WAVE).flat_map(|_| [self.run(&host), self.call()]).collect();
            let ends = driver.block_on(async { timeout(Duration::from_secs(10), join_all(works)).await });
            let ends = ends.expect("each settles");
            let cancelled = Instant::now();
            wait(|| self.server.stats().in_flight == 0);
            seen.server_knew.push(cancelled.elapsed());
            for end in ends {
                match end {
                    End::Cancelled(took) => seen.took.push(took),
                    End::Before => seen.ended_before += 1,
                    End::Dropped => seen.dropped += 1,
                }
            }
        }
        seen
    }

    /// Cancels a run and checks that its receipt and its result agree.
    fn run(&mut self, host: &Arc<Hesitant>) -> LocalBoxFuture<'static, End> {
        let executor = self.random.choice(&self.executors).unwrap().clone();
        let workflow = Arc::clone(self.random.choice(&self.workflows).unwrap());
        let options = RunOptions::default().input("x".repeat(1000)).host(Arc::clone(host) as Arc<dyn Host>);
        let (begin, after) = (self.moment(20), self.moment(100));
        async move {
            sleep(begin).await;
            let run = executor.start(&workflow, options).unwrap();
            let control = run.control();
            let stop = async {
                if !after.is_zero() {
                    sleep(after).await; // else before it has had a turn
                }
                control.cancel("enough");
                Instant::now()
            };
            let result = async { (run.result().await, Instant::now()) };
            let (cancelled, (result, ended)) = join(stop, result).await;
            let receipt = control.ended().await;
            let error = result.err();
            assert_eq!(receipt.cancelled, error.is_some(), "{receipt:?} {error:?}");
            let nodes = [receipt.finished, receipt.dropped, receipt.never_started].concat();
            assert_eq!((nodes.len(), nodes.into_iter().collect::<BTreeSet<_>>().len()), (5, 5));
            match error {
                Some(error) => {
                    assert_eq!((error.code(), error.message()), (ErrorCode::Cancelled, "enough"));
                    End::Cancelled(ended.saturating_duration_since(cancelled))
                }
                None => End::Before,
            }
        }
        .boxed_local()
    }

    /// Drops a stream that is being read, or a call.
    fn call(&mut self) -> LocalBoxFuture<'static, End> {
        let caller = self.random.choice(&self.callers).unwrap().clone();
        let prompt = *self.random.choice(&PROMPTS).unwrap();
        let kind = self.random.u8(..4);
        let (begin, after) = (self.moment(20), self.moment(100));
        async move {
            sleep(begin).await;
            let work = async {
                match kind {
                    0 => drop(caller.complete(Request::prompt(prompt)).await),
                    1 => {
                        let prompts = PROMPTS.map(Request::prompt).to_vec();
                        drop(caller.batch(prompts, BatchOptions::default()).await);
                    }
                    _ => {
                        let Ok(mut pull) = caller.stream(Request::prompt(prompt)).await else { return };
                        while let Ok(Some(_)) = pull.next().await {}
                    }
                }
            };
            timeout(after, work).await.map_or(End::Dropped, |()| End::Before)
        }
        .boxed_local()
    }

    /// A moment before so many milliseconds have passed; one in ten at once.
    fn moment(&mut self, millis: u64) -> Duration {
        match self.random.u8(..10) {
            0 => Duration::ZERO,
            _ => Duration::from_micros(self.random.u64(..1000 * millis)),
        }
    }

    /// Waits until all is over, and gives the bytes that live.
    fn left(&self) -> u64 {
        wait(|| runtime::status().is_empty());
        wait(|| self.server.stats().connections_open == 0);
        self.server.clear();
        live()
    }
}

#[test]
fn whatever_is_cancelled_ends_soon_and_leaves_nothing() {
    let _turn = turn();
    let seed = fastrand::u64(..1_000_000);
    let mut storm = Storm::new(seed);
    let cancelled_before = storm.waves(WARM_UP).took.len() as u64;
    let before = storm.left();
    let began = Instant::now();
    let Seen { mut took, mut server_knew, ended_before, dropped } = storm.waves(WAVES);
    let (all, stats) = (began.elapsed(), storm.server.stats());
    took.sort_unstable();
    server_knew.sort_unstable();
    let cancelled = took.len();
    let [median, most] = [took[cancelled / 2], took[cancelled - 1]];
    let knew = [server_knew[WAVES / 2], server_knew[WAVES - 1]];
    drop((took, server_knew)); // they count, too
    let grown = storm.left().saturating_sub(before);

    println!(
        "seed {seed}: {cancelled} runs cancelled, {dropped} calls dropped, {ended_before} had ended; {all:?}"
    );
    println!("a run's result came after {median:?} (median), {most:?} (at most)");
    println!("the server had closed all after {:?} (median), {:?} (at most)", knew[0], knew[1]);
    println!("{} requests, {} replies cut off; {grown} bytes more", stats.requests, stats.closed_early);
    assert_eq!(cancelled + dropped + ended_before, 2 * WAVES * IN_A_WAVE);
    assert!(cancelled > 500 && dropped > 500 && stats.closed_early > 200, "{cancelled} {dropped} {stats:?}");
    assert!(median < Duration::from_millis(100) && most < Duration::from_secs(1), "{median:?} {most:?}");
    assert!(knew[1] < Duration::from_secs(1), "{knew:?}");
    assert!(grown < 16 << 10, "{grown} bytes");
    let counted: u64 = storm.executors.iter().map(|executor| executor.stats().cancelled_executions).sum();
    assert_eq!(counted, cancelled_before + cancelled as u64);
}
