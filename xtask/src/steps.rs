//! A row of steps with the time each took, told at the end whether or not all were reached.

use std::time::{Duration, Instant};

use crate::Result;

/// The steps run so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Runs one step; its failure ends the row.
    pub(crate) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result) -> Result {
        println!("\n== {name}");
        let start = Instant::now();
        let result = run();
        self.done.push((name, start.elapsed()));
        result
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        println!("\n-- time per step");
        for (name, time) in &self.done {
            println!("{:>7.1} s  {name}", time.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, time)| *time).sum();
        println!("{:>7.1} s  in all", total.as_secs_f64());
    }
}
