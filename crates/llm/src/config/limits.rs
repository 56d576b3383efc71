//! How long to wait and how much to take.

use std::time::Duration;

use serde::Deserialize;

/// The clocks of one attempt. In JSON they are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// To open a connection, name look-up and TLS included.
    pub connect: Duration,
    /// From the request to the reply's headers.
    pub headers: Duration,
    /// From the request to the first event.
    pub first_event: Duration,
    /// Between two reads of the body, while somebody waits for them.
    pub idle: Duration,
    /// For the whole attempt; none unless set.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(600),
            first_event: Duration::from_secs(600),
            idle: Duration::from_secs(300),
            total: None,
        }
    }
}

/// Milliseconds by name, laid over the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Milliseconds {
    connect: Option<f64>,
    headers: Option<f64>,
    first_event: Option<f64>,
    idle: Option<f64>,
    total: Option<f64>,
}

impl<'de> Deserialize<'de> for Timeouts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Milliseconds::deserialize(deserializer)?;
        let mut timeouts = Self::default();
        let read = |name: &str, value: f64| match Duration::try_from_secs_f64(value / 1000.0) {
            Ok(duration) if !duration.is_zero() => Ok(duration),
            _ => Err(serde::de::Error::custom(format!(
                "timeout {name} must be a positive number of ms, not {value}"
            ))),
        };
        for (name, value, target) in [
            ("connect", given.connect, &mut timeouts.connect),
            ("headers", given.headers, &mut timeouts.headers),
            ("firstEvent", given.first_event, &mut timeouts.first_event),
            ("idle", given.idle, &mut timeouts.idle),
        ] {
            if let Some(value) = value {
                *target = read(name, value)?;
            }
        }
        timeouts.total = given.total.map(|value| read("total", value)).transpose()?;
        Ok(timeouts)
    }
}

/// The most bytes to take. A stream as a whole has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Of a reply that comes whole.
    pub body_bytes: usize,
    /// Of one event of a stream.
    pub event_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 64 << 20, event_bytes: 16 << 20 }
    }
}
