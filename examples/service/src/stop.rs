//! The signals that end a service.

use std::{io, time::Duration};

use tokio::{sync::watch, time::sleep};
use tracing::info;

/// How long a service that is to stop waits for its connections. Longer than any answer takes.
const GRACE: Duration = Duration::from_secs(5);

/// Whether the service has been asked to stop, by SIGTERM or ctrl-c.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens to the signals from now on. Call it on a Tokio runtime, before the service says that it is there.
    ///
    /// # Errors
    ///
    /// What the system says if it takes no signal handler.
    pub fn on_signal() -> io::Result<Self> {
        let signal = signal()?;
        let (asked, stop) = watch::channel(false);
        tokio::spawn(async move {
            signal.await;
            info!("stopping");
            asked.send_replace(true);
        });
        Ok(Self(stop))
    }

    /// Returns whether the service is asked to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns one that is asked that much later: for a listener that is open while balancers learn of the end.
    #[must_use]
    pub fn later(self, by: Duration) -> Self {
        let (asked, stop) = watch::channel(false);
        tokio::spawn(async move {
            self.asked().await;
            sleep(by).await;
            asked.send_replace(true);
        });
        Self(stop)
    }

    /// Waits until the service is asked to stop.
    pub async fn asked(mut self) {
        // It is an error if nobody is left who could ask: the runtime is on its way down.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Waits until the service should have stopped.
    pub async fn overdue(self) {
        self.asked().await;
        sleep(GRACE).await;
    }
}

#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
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
fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
