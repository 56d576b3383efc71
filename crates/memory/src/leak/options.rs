//! How much evidence a leak verdict asks for.

/// What it takes to call a series growing. Values outside their range are brought to its nearest end.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LeakOptions {
    /// Samples before anything is judged; 20 unless set. Never fewer than leave 16 after the warm-up.
    pub min_samples: usize,
    /// Share of the oldest samples that is left out, because a program that starts fills its caches; 0.2 unless set,
    /// from 0 to 0.9.
    pub warm_up_share: f64,
    /// Growth below this over the judged samples is of no concern, in bytes; 1 MiB unless set, at least 0.
    pub min_growth_bytes: f64,
    /// Two-sided confidence of the slope's interval; 0.99 unless set, from 0.5 to 0.9999. Judging the same program
    /// over and over gives chance as many tries, hence not 0.95.
    pub confidence: f64,
}

impl Default for LeakOptions {
    fn default() -> Self {
        Self { min_samples: 20, warm_up_share: 0.2, min_growth_bytes: 1_048_576.0, confidence: 0.99 }
    }
}

impl LeakOptions {
    /// Sets [`Self::min_samples`].
    #[must_use]
    pub fn min_samples(mut self, samples: usize) -> Self {
        self.min_samples = samples;
        self
    }

    /// Sets [`Self::warm_up_share`].
    #[must_use]
    pub fn warm_up_share(mut self, share: f64) -> Self {
        self.warm_up_share = share;
        self
    }

    /// Sets [`Self::min_growth_bytes`].
    #[must_use]
    pub fn min_growth_bytes(mut self, bytes: f64) -> Self {
        self.min_growth_bytes = bytes;
        self
    }

    /// Sets [`Self::confidence`].
    #[must_use]
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// Every value within its range; what is no number falls back to the default.
    pub(super) fn in_range(self) -> Self {
        let usual = Self::default();
        let number = |value: f64, otherwise: f64| if value.is_nan() { otherwise } else { value };
        Self {
            min_samples: self.min_samples,
            warm_up_share: number(self.warm_up_share, usual.warm_up_share).clamp(0.0, 0.9),
            min_growth_bytes: number(self.min_growth_bytes, usual.min_growth_bytes).max(0.0),
            confidence: number(self.confidence, usual.confidence).clamp(0.5, 0.9999),
        }
    }
}
