//! Deadlines and panic guards.

use std::{
    future::poll_fn,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use tokio::time::{Instant, timeout_at};

// The futures below are pinned by their callers: passed by value, each would be stored twice in the future that it is
// passed to.

/// Why a future did not return in time.
pub(super) enum Timeout {
    Late,
    /// The runtime has no timer.
    NoTimer,
}

/// Returns what the future returns before the deadline.
pub(super) async fn until<F: Future>(
    deadline: Option<Instant>,
    mut future: Pin<&mut F>,
) -> Result<F::Output, Timeout> {
    let Some(deadline) = deadline else { return Ok(future.await) };
    // Fast path: what is ready at once needs no timer.
    if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        return Ok(output);
    }
    // Tokio panics where there is none.
    let timer = catch(|| timeout_at(deadline, future)).ok_or(Timeout::NoTimer)?;
    timer.await.map_err(|_| Timeout::Late)
}

/// Returns what the future returns; `None` if it panics and the panic can be caught.
pub(super) async fn unwound<F: Future>(mut future: Pin<&mut Option<F>>) -> Option<F::Output> {
    // After a panic, the future is only dropped. What it shares with others is the handler, whose author reads that it
    // goes on after a panic.
    poll_fn(|cx| match catch(|| future.as_mut().as_pin_mut().map(|future| future.poll(cx))) {
        Some(Some(poll)) => poll.map(Some),
        Some(None) | None => Poll::Ready(None),
    })
    .await
}

/// Returns what the function returns; `None` if it panics and the panic can be caught.
pub(super) fn catch<T>(function: impl FnOnce() -> T) -> Option<T> {
    let payload = match catch_unwind(AssertUnwindSafe(function)) {
        Ok(value) => return Some(value),
        Err(payload) => payload,
    };
    // A payload can panic while it is dropped. What that second panic carries is leaked: it could go on for ever.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(payload);
    }
    None
}
