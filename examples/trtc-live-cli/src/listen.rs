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
mod watch;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{net::TcpListener, time::timeout};
use trtc_live_webhook::{App, Receiver, UnixMillis};

use self::{
    access::Access,
    answers::Chosen,
    log::Log,
    terminal::{Detail, Terminal},
    watch::Watch,
};
use crate::{
    cli::ListenArgs,
    failure::Failure,
    record::Recorder,
    send::{self, runtime},
    sender::Sender,
};

/// How long to finish what is under way once the program is to stop: longer than the backend waits.
const DRAIN: Duration = Duration::from_secs(3);

/// How long to print it then.
const PRINT: Duration = Duration::from_secs(1);

/// Listens until it is interrupted.
pub(crate) fn listen(arguments: ListenArgs) -> Result<bool, Failure> {
    let mut tokens = Vec::new();
    for text in &arguments.token {
        tokens.extend(send::tokens(text)?);
    }
    let first = tokens.first().cloned();
    let app = tokens.into_iter().fold(App::new(arguments.sdk_app_id), App::with_token);
    let access = Access::new(arguments.page, arguments.password)?;
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
        let (listener, webhook) = bound(arguments.bind).await?;
        // Of its own, so that a tunnel to the webhook does not lead to the page, whatever name it calls itself.
        let (page_listener, page) = bound(arguments.page).await?;
        let interrupted = interrupted().map_err(|error| Failure::Client(error.to_string()))?;
        let (terminal, failed) = Terminal::start(detail);
        let (places, pages) = Watch::semaphores();
        let watch = Arc::new(Watch {
            receiver: Receiver::new(app).into(),
            access,
            chosen: Chosen::new(forward.is_some()),
            log: Log::new(arguments.keep.into()),
            terminal,
            recorder: recorder.map(Mutex::new),
            forward,
            replay,
            run: UnixMillis::now().to_string(),
            places,
            pages,
        });
        greet(webhook, page, first.is_some(), detail)?;
        let mut failed = failed.fuse();
        tokio::select! {
            error = serve::serve(listener, receive::router(Arc::clone(&watch))) => Err(Failure::Output(error)),
            error = serve::serve(page_listener, page::router(Arc::clone(&watch))) => Err(Failure::Output(error)),
            Ok(error) = &mut failed => Err(Failure::Output(error)),
            () = interrupted => {
                watch.drain(DRAIN).await;
                watch.terminal.close();
                match timeout(PRINT, failed).await {
                    Ok(Ok(error)) => Err(Failure::Output(error)),
                    // All is printed, or the terminal stands still.
                    _ => Ok(true),
                }
            }
        }
    })
}

async fn bound(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let unbound = |source| Failure::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(unbound)?;
    let address = listener.local_addr().map_err(unbound)?;
    Ok((listener, address))
}

fn greet(webhook: SocketAddr, page: SocketAddr, signed: bool, detail: Detail) -> io::Result<()> {
    let mut text = format!("webhook  http://{webhook}/webhook\npage     http://{page}/\nctrl-c   stops\n");
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
