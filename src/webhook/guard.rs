//! Deadlines and panic guards.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use tokio::time::{Instant, timeout_at};

/// Returns what the future returns; `None` if that is not there at the deadline.
pub(super) async fn until<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

/// Returns what the future returns; `None` if it panics and the panic can be caught.
pub(super) async fn unwound<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    // After a panic, the future is only dropped. What it shares with others is the handler, whose author reads that it
    // goes on after a panic.
    poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
        Some(poll) => poll.map(Some),
        None => Poll::Ready(None),
    })
    .await
}

/// Returns what the function returns; `None` if it panics and the panic can be caught.
pub(super) fn catch<T>(function: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(function)).ok()
}
