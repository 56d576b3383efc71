//! The words after a command's name. Takes out the options a command knows; the rest is its own to judge.

use crate::Result;

/// The arguments of one command.
#[derive(Debug)]
pub(crate) struct Args {
    words: Vec<String>,
}

impl Args {
    /// Arguments from the words after the command's name.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self { words: words.into_iter().collect() }
    }

    /// Whether the only word asks for help.
    pub(crate) fn asks_for_help(&self) -> bool {
        matches!(self.words.as_slice(), [word] if word == "--help" || word == "-h")
    }

    /// Takes `--name` out and says whether it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// Takes `--name VALUE` or `--name=VALUE` out.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        let Some(at) = self.words.iter().position(|word| word == name || word.starts_with(&joined)) else {
            return Ok(None);
        };
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at < self.words.len() {
            Ok(Some(self.words.remove(at)))
        } else {
            Err(format!("{name} needs a value"))
        }
    }

    /// Takes the first word that is left.
    pub(crate) fn next(&mut self) -> Option<String> {
        if self.words.is_empty() { None } else { Some(self.words.remove(0)) }
    }

    /// What is left, to be passed on; a leading `--` only ends our own options.
    pub(crate) fn rest(mut self) -> Vec<String> {
        if self.words.first().is_some_and(|word| word == "--") {
            self.words.remove(0);
        }
        self.words
    }

    /// Fails when a word is left that nobody knew.
    pub(crate) fn finish(self) -> Result {
        match self.words.first() {
            Some(word) => Err(format!("unknown argument `{word}`")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
