//! A receiver for the time of integration: shows what arrives, in the terminal and on a page.

mod access;
mod answers;
mod exchange;
mod forward;
mod log;
mod page;
mod query;
mod receive;
mod serve;
mod terminal;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{net::TcpListener, sync::Semaphore};
use trtc_live_webhook::{App, Receiver, SharedReceiver, Token, UnixMillis};

use self::{
    access::Access,
    answers::Chosen,
    exchange::{Exchange, Seen},
    log::Log,
    terminal::{Detail, Terminal},
};
use crate::{cli::ListenArgs, failure::Failure, record::Recorder, send::runtime, sender::Sender};

/// Most exchanges that are under way at a time.
const EXCHANGES: usize = 256;

/// Most pages that are open at a time.
const PAGES: usize = 16;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Watch {
    receiver: SharedReceiver,
    access: Access,
    chosen: Chosen,
    log: Log,
    terminal: Terminal,
    recorder: Option<Mutex<Recorder>>,
    /// Where each delivery is passed on to.
    forward: Option<Sender>,
    /// Where a delivery is replayed to.
    replay: Option<Sender>,
    /// Tells one run of the program from another.
    run: String,
    places: Arc<Semaphore>,
    pages: Arc<Semaphore>,
}

impl Watch {
    /// Shows an exchange everywhere, and records it.
    fn show(&self, exchange: Exchange, seen: Seen) {
        if let (Some(recorder), Some(delivery), Some(body)) = (&self.recorder, &seen.delivery, &seen.body) {
            let recorded = recorder.lock().unwrap_or_else(PoisonError::into_inner).record(
                delivery.event.command(),
                body,
                exchange.at,
            );
            if let Err(error) = recorded {
                // Listening goes on: the delivery itself is shown.
                let _ = writeln!(anstream::stderr(), "cannot record: {error}");
            }
        }
        self.terminal.show(self.log.push(exchange, seen));
    }
}

/// Listens until it is interrupted.
pub(crate) fn listen(arguments: ListenArgs) -> Result<bool, Failure> {
    let tokens = arguments.token.iter().map(|token| Token::new(token.as_str()));
    let tokens = tokens.collect::<Result<Vec<_>, _>>().map_err(Failure::Token)?;
    let first = tokens.first().cloned();
    let app = tokens.into_iter().fold(App::new(arguments.sdk_app_id), App::with_token);
    let access = Access::new(arguments.bind, arguments.password)?;
    let sender = |url| Sender::new(url, arguments.sdk_app_id, first.clone());
    let forward = arguments.forward.clone().map(sender).transpose()?;
    let replay = arguments.replay_to.or(arguments.forward).map(sender).transpose()?;
    let recorder = arguments.record.map(Recorder::open).transpose()?;
    let detail = match (arguments.json, arguments.short) {
        (true, _) => Detail::Json,
        (_, true) => Detail::Short,
        _ => Detail::Long,
    };
    runtime()?.block_on(async {
        let bind = arguments.bind;
        let unbound = |source| Failure::Listen { address: bind, source };
        let listener = TcpListener::bind(bind).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let interrupted = interrupted().map_err(|error| Failure::Client(error.to_string()))?;
        let (terminal, failed) = Terminal::start(detail);
        let watch = Watch {
            receiver: Receiver::new(app).into(),
            access,
            chosen: Chosen::new(forward.is_some()),
            log: Log::new(arguments.keep.into()),
            terminal,
            recorder: recorder.map(Mutex::new),
            forward,
            replay,
            run: UnixMillis::now().to_string(),
            places: Arc::new(Semaphore::new(EXCHANGES)),
            pages: Arc::new(Semaphore::new(PAGES)),
        };
        greet(address, first.is_some(), detail)?;
        tokio::select! {
            error = serve::serve(listener, page::router(Arc::new(watch))) => Err(Failure::Output(error)),
            Ok(error) = failed => Err(Failure::Output(error)),
            () = interrupted => Ok(true),
        }
    })
}

fn greet(address: SocketAddr, signed: bool, detail: Detail) -> io::Result<()> {
    let mut text = format!("webhook  http://{address}/webhook\npage     http://{address}/\nctrl-c   stops\n");
    if !signed {
        text.push_str("warning  without a token, signatures are not verified: anybody can post\n");
    }
    if detail == Detail::Json {
        write!(anstream::stderr(), "{text}")
    } else {
        writeln!(anstream::stdout(), "{text}")
    }
}

/// Waits for ctrl-c or, on Unix, a request to terminate.
#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(windows)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
