//! The words of the command line.

use std::path::PathBuf;
use std::time::Duration;

/// Where recorded traffic lies beside the repository, on machines that have it.
const RECORDED: &str = "../shared/fixtures/providers";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Names of targets, or what they begin with; none means all.
    pub(crate) targets: Vec<String>,
    /// How long each target takes.
    pub(crate) time: Duration,
    /// What all chance comes from.
    pub(crate) seed: u64,
    /// A folder of recorded exchanges.
    pub(crate) seeds: Option<PathBuf>,
    /// One input to read instead of many.
    pub(crate) input: Option<PathBuf>,
}

impl Options {
    /// Reads the words.
    ///
    /// # Errors
    /// The one that makes no sense.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let recorded = PathBuf::from(RECORDED);
        let mut options = Self {
            targets: Vec::new(),
            time: Duration::from_secs(600),
            seed: fastrand::u64(..),
            seeds: recorded.is_dir().then_some(recorded),
            input: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--minutes" => options.time = duration(&value()?, 60.0)?,
                "--seconds" => options.time = duration(&value()?, 1.0)?,
                "--seed" => {
                    let text = value()?;
                    options.seed =
                        text.parse().map_err(|_| format!("--seed is a whole number, not `{text}`"))?;
                }
                "--seeds" => options.seeds = Some(value()?.into()),
                "--input" => options.input = Some(value()?.into()),
                option if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
                _ => options.targets.push(word),
            }
        }
        Ok(options)
    }
}

fn duration(text: &str, unit: f64) -> Result<Duration, String> {
    let length = text.parse::<f64>().ok().and_then(|number| Duration::try_from_secs_f64(number * unit).ok());
    length.ok_or_else(|| format!("`{text}` is no length of time"))
}
