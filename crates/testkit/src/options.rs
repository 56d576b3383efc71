//! The command line of the server.

use std::time::Duration;

pub(crate) const HELP: &str = "\
A model server on 127.0.0.1 that speaks the OpenAI wire, for tests and demonstrations.

  graphbit-testkit [options]

  --script FILE     answer by this script (JSON) instead of echoing the prompt
  --demo            answer by the script of the demo
  --latency-ms N    wait this long before every reply that sets no latency of its own
  --port N          listen on this port instead of a free one
  --no-journal      keep no journal
  --tls             speak TLS with a certificate made now
  --root-out FILE   write the root certificate to this file instead of the ready line
  --stay            go on when standard input closes

When ready it prints one line of JSON: baseUrl, origin, port, pid, and with TLS rootPem or rootFile.
It ends when its standard input closes.
";

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) script: Option<String>,
    pub(crate) demo: bool,
    pub(crate) latency: Duration,
    pub(crate) port: u16,
    pub(crate) journal: bool,
    pub(crate) tls: bool,
    pub(crate) root_out: Option<String>,
    pub(crate) stay: bool,
}

impl Options {
    /// Reads the arguments after the program's name. `None` where help is wanted.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            script: None,
            demo: false,
            latency: Duration::ZERO,
            port: 0,
            journal: true,
            tls: false,
            root_out: None,
            stay: false,
        };
        while let Some(argument) = arguments.next() {
            // Both `--name value` and `--name=value`.
            let (name, mut given) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            let mut value =
                || given.take().or_else(|| arguments.next()).ok_or_else(|| format!("{name} needs a value"));
            match name.as_str() {
                "--script" => options.script = Some(value()?),
                "--demo" => options.demo = true,
                "--latency-ms" => options.latency = Duration::from_millis(number(&name, &value()?)?),
                "--port" => options.port = number(&name, &value()?)?,
                "--no-journal" => options.journal = false,
                "--tls" => options.tls = true,
                "--root-out" => options.root_out = Some(value()?),
                "--stay" => options.stay = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option {name}; see --help")),
            }
            if given.is_some() {
                return Err(format!("{name} takes no value"));
            }
        }
        if options.demo && options.script.is_some() {
            return Err("--demo and --script exclude each other".into());
        }
        if options.root_out.is_some() && !options.tls {
            return Err("--root-out needs --tls".into());
        }
        Ok(Some(options))
    }
}

fn number<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

#[cfg(test)]
mod tests;
