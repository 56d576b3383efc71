//! Small programs to start from, in `src/bin`. What is here only spares their reader an API key.

use std::error::Error;

use graphbit_llm::{Config, Environment};
use graphbit_testkit::{Script, Server};

/// A model to ask: OpenAI's, or another server's that speaks its wire, by the usual variables `OPENAI_API_KEY` and
/// `OPENAI_BASE_URL`. Without them a server with scripted answers, which runs for as long as it is kept.
///
/// # Errors
/// When no port can be had.
pub async fn model() -> Result<(Config, Option<Server>), Box<dyn Error>> {
    let config = Config::new("openai")?.environment(&Environment::from_process());
    if config.check(None).is_ok() {
        return Ok((config, None));
    }
    let server = Server::start(Script::demo()?).await?;
    Ok((config.base_url(server.base_url()), Some(server)))
}
