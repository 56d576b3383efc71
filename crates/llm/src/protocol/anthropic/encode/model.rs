//! What a model can, by its name: the vendor has changed how thinking and answers of a form are asked for, and refuses the
//! other way. Sources: Anthropic's "Thinking", "Effort" and "Structured outputs", and the migration guides of the models from
//! Opus 4.7 to Opus, Sonnet and Haiku 5.5.

/// A model's generation.
pub(super) struct Claude {
    /// As 4.5; `None` for models of others that speak this wire, and deployments with a name of their own.
    generation: Option<(u8, u8)>,
    family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Opus,
    Sonnet,
    /// Fable and Mythos, which cannot do without thinking.
    Thinker,
    Other,
}

/// What names contain.
const FAMILIES: [(&str, Family); 4] = [
    ("opus", Family::Opus),
    ("sonnet", Family::Sonnet),
    ("fable", Family::Thinker),
    ("mythos", Family::Thinker),
];

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ways {
    /// By a number of tokens.
    Budget,
    /// By a number of tokens, which is deprecated, or adaptively.
    Both,
    /// Adaptively.
    Adaptive,
    /// Adaptively, or as little as between calls of tools.
    BetweenTools,
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
        let family = FAMILIES.iter().find(|(word, _)| name.contains(word));
        Self { generation, family: family.map_or(Family::Other, |(_, family)| *family) }
    }

    pub(super) fn ways(&self) -> Ways {
        match (self.generation, self.family) {
            (Some(generation), _) if generation < (4, 6) => Ways::Budget,
            (None, _) => Ways::Budget,
            (_, Family::Thinker) => Ways::Always,
            (Some((4, 6)), _) => Ways::Both,
            (Some(generation), Family::Opus) if generation >= (5, 5) => Ways::Always,
            (Some(generation), Family::Sonnet) if generation >= (5, 5) => Ways::BetweenTools,
            _ => Ways::Adaptive,
        }
    }

    /// Whether it may be told how to sample; from 4.7 on that is an error, unless it is told the defaults.
    pub(super) fn samples(&self) -> bool {
        self.generation.is_none_or(|generation| generation < (4, 7))
    }

    /// Whether it thinks unless it is told not to.
    pub(super) fn thinks_unasked(&self) -> bool {
        let is_new = self.generation.is_some_and(|generation| generation >= (5, 0));
        is_new || self.ways() == Ways::Always
    }

    /// Whether it sends its thinking without the text unless it is asked for that.
    pub(super) fn hides_thinking(&self) -> bool {
        !self.samples()
    }

    /// Whether it takes a schema for its answer.
    pub(super) fn takes_schema(&self) -> bool {
        self.generation.is_some_and(|generation| generation >= (4, 5))
    }
}
