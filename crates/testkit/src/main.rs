//! `graphbit-testkit`: the model server for other processes. Says on standard output when it is ready, ends when its
//! standard input closes.

mod options;

use std::io::{self, Write};
use std::process::ExitCode;

use graphbit_testkit::{Script, Server};
use serde_json::{Map, Value, json};

use self::options::Options;

fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => {
            run(options).map_or_else(|error| failed(&error.to_string()), |()| ExitCode::SUCCESS)
        }
        Ok(None) => {
            let _ = io::stdout().write_all(options::HELP.as_bytes());
            ExitCode::SUCCESS
        }
        Err(why) => failed(&why),
    }
}

fn failed(why: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "graphbit-testkit: {why}");
    ExitCode::FAILURE
}

fn run(options: Options) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stay = options.stay;
    let (server, ready) = runtime.block_on(start(options))?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    drop(stdout);
    if stay {
        loop {
            std::thread::park();
        }
    }
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    drop(server);
    Ok(())
}

/// Starts the server; gives with it the line that says so.
async fn start(options: Options) -> io::Result<(Server, Value)> {
    let script = match (options.demo, &options.script) {
        (true, _) => Script::demo().map_err(io::Error::other)?,
        (false, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| io::Error::other(format!("{file}: {error}")))?;
            Script::from_json(&text).map_err(|error| io::Error::other(format!("{file}: {error}")))?
        }
        (false, None) => Script::default(),
    };
    let script = if options.latency.is_zero() { script } else { script.latency(options.latency) };
    let mut builder = Server::builder(script).port(options.port);
    if !options.journal {
        builder = builder.journal_limit(0);
    }
    let mut ready = Map::new();
    if options.tls {
        builder = tls(builder, options.root_out, &mut ready)?;
    }
    let server = builder.start().await?;
    ready.insert("baseUrl".into(), json!(server.base_url()));
    ready.insert("origin".into(), json!(server.origin()));
    ready.insert("port".into(), json!(server.address().port()));
    ready.insert("pid".into(), json!(std::process::id()));
    Ok((server, Value::Object(ready)))
}

/// Makes a root certificate; its PEM goes to the file named, else into the line.
#[cfg(feature = "tls")]
fn tls(
    builder: graphbit_testkit::Builder,
    root_out: Option<String>,
    ready: &mut Map<String, Value>,
) -> io::Result<graphbit_testkit::Builder> {
    let authority = graphbit_testkit::Authority::new()?;
    match root_out {
        Some(file) => {
            std::fs::write(&file, authority.root_pem())
                .map_err(|error| io::Error::other(format!("{file}: {error}")))?;
            ready.insert("rootFile".into(), json!(file));
        }
        None => drop(ready.insert("rootPem".into(), json!(authority.root_pem()))),
    }
    Ok(builder.tls(&authority))
}

#[cfg(not(feature = "tls"))]
fn tls(
    _builder: graphbit_testkit::Builder,
    _root_out: Option<String>,
    _ready: &mut Map<String, Value>,
) -> io::Result<graphbit_testkit::Builder> {
    Err(io::Error::other("this build has no TLS: build it with --features tls"))
}
