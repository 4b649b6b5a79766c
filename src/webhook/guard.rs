//! Deadlines and panic guards.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use tokio::time::{Instant, timeout_at};

// The futures below are pinned by their callers: passed by value, each would be stored twice in the future that it is
// passed to.

/// Returns what the future returns; `None` if that is not there at the deadline.
pub(super) async fn until<F: Future>(
    deadline: Option<Instant>,
    mut future: Pin<&mut F>,
) -> Option<F::Output> {
    let Some(deadline) = deadline else { return Some(future.await) };
    // Fast path: what is ready at once needs no timer.
    if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        return Some(output);
    }
    timeout_at(deadline, future).await.ok()
}

/// Returns what the future returns; `None` if it panics and the panic can be caught.
pub(super) async fn unwound<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
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
