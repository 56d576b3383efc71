//! The life of one connection: request, reply, request, ….

use std::borrow::Cow;
use std::sync::Arc;

use super::books::Books;
use super::outgoing::Outgoing;
use super::read::{self, Incoming, Unread};
use super::shared::Shared;
use super::wire::{Socket, Stop, Wire};
use super::{answer, control};
use crate::openai;
use crate::prefix;
use crate::reply::Reply;
use crate::request::{Request, start_line};

pub(super) async fn serve<S: Socket>(socket: S, shared: Arc<Shared>) {
    let mut wire = Wire::new(socket, Arc::clone(&shared.counters));
    let mut buffers = Buffers::default();
    loop {
        let end = match read::request(&mut wire).await {
            Ok(incoming) => exchange(&mut wire, &mut buffers, &incoming, &shared).await,
            Err(Unread::Gone) => Err(Stop::Gone),
            Err(Unread::Bad(status, why)) => refuse(&mut wire, &mut buffers, status, why).await,
        };
        match end {
            Ok(true) => {}
            Ok(false) => return wire.close().await,
            Err(Stop::Reset) => return wire.reset().await,
            Err(Stop::Cut | Stop::Gone) => return,
        }
    }
}

/// Kept from request to request, so that a plain reply allocates nothing for its bytes.
#[derive(Default)]
struct Buffers {
    out: Vec<u8>,
    scratch: Vec<u8>,
}

/// Answers one request. `true` when the connection may serve another.
async fn exchange<S: Socket>(
    wire: &mut Wire<S>,
    buffers: &mut Buffers,
    incoming: &Incoming,
    shared: &Shared,
) -> Result<bool, Stop> {
    let (method, target) = start_line(&incoming.head);
    if let Some(reply) = control::reply(method, target, &incoming.body, shared) {
        let mut out = Outgoing::new(wire, &mut buffers.out, None);
        let request = Request::new(0, &incoming.head, &[]);
        answer::answer(&mut out, &mut buffers.scratch, &request, target, &reply).await?;
        return Ok(incoming.keep_alive);
    }

    let (number, in_flight) = shared.counters.request();
    let ticket = shared.journal.begin(number, &incoming.head, &incoming.body);
    let books = Books::open(shared, ticket, in_flight, wire.written);
    let mut out = Outgoing::new(wire, &mut buffers.out, Some(books));
    let request = Request::new(number, &incoming.head, &incoming.body);
    let (keys, path) = prefix::split(target);
    let script = shared.script();
    let reply = laid_over(script.reply(&request), keys, shared);
    match answer::answer(&mut out, &mut buffers.scratch, &request, path, &reply).await {
        Ok(()) => Ok(incoming.keep_alive && !out.close),
        Err(stop) => {
            out.stopped(stop);
            Err(stop)
        }
    }
}

/// The script's reply with the path's prefix over it.
fn laid_over<'r>(reply: &'r Reply, keys: Option<&str>, shared: &Shared) -> Cow<'r, Reply> {
    let Some(keys) = keys else { return Cow::Borrowed(reply) };
    let over = shared.prefixes.get(keys).and_then(|prefix| match prefix.form() {
        Some(form) => form.over(reply.clone()).map(Cow::Owned),
        None => Ok(Cow::Borrowed(reply)),
    });
    over.unwrap_or_else(|error| {
        let message = format!("the path's /with/{keys}/ cannot be read: {error}");
        Cow::Owned(Reply::status(400).json(openai::error(400, &message)))
    })
}

/// Answers what could not be read and ends the connection.
async fn refuse<S: Socket>(
    wire: &mut Wire<S>,
    buffers: &mut Buffers,
    status: u16,
    why: &str,
) -> Result<bool, Stop> {
    let mut out = Outgoing::new(wire, &mut buffers.out, None);
    let reply = Reply::status(status).header("connection", "close").json(openai::error(status, why));
    let request = Request::new(0, &[], &[]);
    answer::answer(&mut out, &mut buffers.scratch, &request, "", &reply).await?;
    Ok(false)
}
