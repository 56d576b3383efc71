//! What a model can, by its name: the vendor has changed how thinking and answers of a form are asked for, and refuses the
//! other way. Sources: Anthropic's "Extended thinking", "Adaptive thinking", "Effort" and "Structured outputs".

/// A model's generation.
pub(super) struct Claude {
    /// As 4.5; `None` for models of others that speak this wire, and deployments with a name of their own.
    generation: Option<(u8, u8)>,
    /// Whether it belongs to the families that cannot do without thinking.
    always_thinks: bool,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ways {
    /// By a number of tokens.
    Budget,
    /// By a number of tokens, which is deprecated, or adaptively.
    Both,
    /// Adaptively.
    Adaptive,
    /// Adaptively, and it cannot be turned off.
    Always,
}

impl Claude {
    /// Reads `claude-opus-4-1@20250805`, `claude-3-7-sonnet-latest`, `anthropic/claude-sonnet-4.5` and the like. One without a
    /// number is taken for the newest.
    pub(super) fn of(model: &str) -> Self {
        let name = model.to_ascii_lowercase();
        let generation = name.split_once("claude").map(|(_, rest)| {
            let mut words = rest.split(|c: char| !c.is_ascii_alphanumeric());
            let number = |word: &str| word.parse().ok().filter(|_| word.len() <= 2); // a longer one is a date
            let major = words.find_map(number);
            major.map_or((u8::MAX, 0), |major| (major, words.next().and_then(number).unwrap_or(0)))
        });
        Self { generation, always_thinks: ["fable", "mythos"].iter().any(|family| name.contains(family)) }
    }

    pub(super) fn ways(&self) -> Ways {
        match self.generation {
            Some(generation) if generation >= (4, 6) => match generation {
                _ if self.always_thinks => Ways::Always,
                (4, 6) => Ways::Both,
                _ => Ways::Adaptive,
            },
            _ => Ways::Budget,
        }
    }

    /// Whether it takes a schema for its answer.
    pub(super) fn takes_schema(&self) -> bool {
        self.generation.is_some_and(|generation| generation >= (4, 5))
    }
}
