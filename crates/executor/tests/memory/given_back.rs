//! What a burst needed goes back to the system when it is over, and only then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, Weak};
use std::time::{Duration, Instant};

use graphbit_core::{Node, Spare, can_spare};
use graphbit_executor::runtime::{self, RuntimeOptions};
use graphbit_executor::{Executor, Profile, Run, RunOptions};
use graphbit_llm::{Model, ModelInfo};
use graphbit_memory::{Snapshot, releasable_bytes, release_free_memory};
use serde_json::json;

use crate::{Silent, turn, wait, workflow};

const RUNS: usize = 1_500;
/// Of one run's input.
const BYTES: usize = 20_000;

fn resident() -> u64 {
    Snapshot::take().rss_bytes.unwrap()
}

fn executor() -> Executor {
    let model: Arc<dyn Model> = Arc::new(Silent(ModelInfo { provider: "p".into(), model: "m".into() }));
    Executor::new(model, Profile::balanced())
}

/// Runs that wait for their model, each with an input of its own in many small pieces.
fn burst(executor: &Executor, runs: usize) -> Vec<Run> {
    let agent = workflow([Node::agent("a", "wait {{input}}")]);
    let start = |run: usize| {
        let pieces: Vec<_> = (0..BYTES / 500).map(|piece| format!("{run:0250} {piece:0249}")).collect();
        executor.start(&agent, RunOptions::default().input(json!(pieces))).unwrap()
    };
    (0..runs).map(start).collect()
}

fn end(runs: Vec<Run>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for run in runs {
        runtime.block_on(run.cancel(""));
        assert!(runtime.block_on(run.result()).is_err());
    }
}

/// The threads that give memory back, where the system tells.
fn releasing() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let name = |task: &std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm"));
    tasks.filter(|task| name(task).is_ok_and(|name| name.trim() == "graphbit-memory")).count()
}

/// A turn with runtimes that stay up for longer than it takes to give memory back, as they usually do.
fn patient_turn(idle: Duration) -> MutexGuard<'static, ()> {
    let turn = turn();
    wait(|| releasing() == 0);
    let mut options = RuntimeOptions::default();
    options.idle = idle;
    runtime::configure(options);
    turn
}

#[test]
fn nine_tenths_of_a_burst_go_back_to_the_system_within_a_second() {
    let _turn = patient_turn(Duration::from_secs(2));
    let executor = executor();
    end(burst(&executor, 100)); // the program's own code comes into memory as it is first run
    let Some(released) = release_free_memory() else { return };
    let start = released.rss_after_bytes.unwrap();
    for _ in 0..2 {
        let runs = burst(&executor, RUNS);
        std::thread::sleep(Duration::from_millis(300)); // all have rendered their prompts
        let peak = resident();
        end(runs);
        std::thread::sleep(Duration::from_secs(1));
        let (left, grown) = (resident().saturating_sub(start), peak - start);
        println!("a burst of {RUNS} runs: grown by {grown} bytes, {left} left a second after its end");
        assert!(grown > (RUNS * BYTES) as u64, "{grown}");
        assert!(left < grown / 10, "{left} of {grown}");
        wait(|| releasing() == 0);
    }
}

#[test]
fn nothing_is_given_back_while_a_run_waits() {
    let _turn = patient_turn(Duration::from_secs(2));
    if release_free_memory().is_none() {
        return;
    }
    let executor = executor();
    let one = burst(&executor, 1);
    end(burst(&executor, RUNS));
    std::thread::sleep(Duration::from_millis(600));
    let kept = releasable_bytes().unwrap();
    assert!(kept > (RUNS * BYTES) as u64, "{kept}");

    let ended = Instant::now();
    end(one);
    wait(|| releasable_bytes().unwrap() < kept / 10);
    assert!(ended.elapsed() > Duration::from_millis(240), "not before it was quiet: {:?}", ended.elapsed());
    wait(|| releasing() == 0);
}

/// Holds what it was handed until it is asked what of it is garbage.
struct Collector(AtomicUsize);

impl Spare for Collector {
    fn give_up_half(&self) {}

    fn give_up_unused(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_garbage_collector_is_asked_once_much_was_handed_to_it_and_nothing_is_under_way() {
    let _turn = patient_turn(Duration::from_secs(4));
    release_free_memory(); // nothing else is due
    std::thread::sleep(Duration::from_millis(100)); // until the threads of the test before have ended, who ask too
    let collector = Arc::new(Collector(AtomicUsize::new(0)));
    let asked = || collector.0.load(Ordering::Relaxed);
    let weak: Weak<dyn Spare> = Arc::<Collector>::downgrade(&collector);
    can_spare(weak);
    let long_enough = || std::thread::sleep(Duration::from_millis(400));

    runtime::handed_over(15 << 20);
    long_enough();
    assert_eq!(asked(), 0, "that is little");

    let executor = executor();
    let one = burst(&executor, 1);
    runtime::handed_over(1 << 20);
    long_enough();
    assert_eq!(asked(), 0, "a run is under way");

    end(one);
    wait(|| asked() == 2); // at once, and for what was in use still
    wait(|| releasing() == 0);
    runtime::handed_over(1 << 20);
    long_enough();
    assert_eq!(asked(), 2, "what was handed over before has been seen to");
    wait(|| asked() == 3); // once more, when the runtime ends for which nobody has any use
}

#[test]
fn a_program_that_needs_little_never_pays() {
    let _turn = patient_turn(Duration::from_secs(2));
    let executor = executor();
    release_free_memory();
    for _ in 0..20 {
        end(burst(&executor, 50));
        assert_eq!(releasing(), 0);
    }
}
