//! Handling a delivery together with the body that it was read from.

use bytes::Bytes;

use crate::{
    dispatch::{Handler, dispatch},
    receiver::Delivery,
    reply::Reply,
};

/// Handles a delivery together with the body that it was read from.
///
/// Every [`Handler`] is one, and ignores the body. Implement this trait in place of [`Handler`] for a service that
/// needs the body as it came: for a queue in front of slow work, whose other end reads it again with
/// [`Delivery::from_trusted`], or for the key that tells a repeated delivery from a new one. A type implements one of the
/// two traits; [`dispatch`] passes a delivery on to a [`Handler`].
///
/// The body can be a part of the server's read buffer, which it keeps in memory as a whole. Copy what is kept for longer
/// than the request.
///
/// # Examples
///
/// ```
/// use std::{convert::Infallible, sync::mpsc};
/// use bytes::Bytes;
/// use trtc_live_webhook::{Delivery, Handler, RawHandler, Reply, RequestInfo, Webhook, dispatch};
/// # use trtc_live_webhook::{Receiver, SdkAppId};
///
/// struct Moderation;
///
/// impl Handler for Moderation {
///     type Error = Infallible;
/// }
///
/// struct Queued {
///     moderation: Moderation,
///     queue: mpsc::SyncSender<(RequestInfo, Bytes)>,
/// }
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("queue is full")]
/// struct Full;
///
/// impl RawHandler for Queued {
///     type Error = Full;
///
///     async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, Full> {
///         if delivery.event.command().asks_for_decision() {
///             let Ok(reply) = dispatch(&self.moderation, delivery).await;
///             return Ok(reply);
///         }
///         let body = Bytes::copy_from_slice(&body);
///         self.queue.try_send((delivery.request, body)).map_err(|_| Full)?;
///         Ok(Reply::ok())
///     }
/// }
///
/// let (queue, _worker) = mpsc::sync_channel(1000);
/// # let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
/// let webhook = Webhook::new(receiver, Queued { moderation: Moderation, queue });
/// ```
pub trait RawHandler: Send + Sync {
    /// Why the service could not process a delivery.
    type Error;

    /// Handles the delivery, which was read from the body.
    fn handle(
        &self,
        delivery: Delivery,
        body: Bytes,
    ) -> impl Future<Output = Result<Reply, Self::Error>> + Send;
}

impl<H: Handler> RawHandler for H {
    type Error = H::Error;

    fn handle(
        &self,
        delivery: Delivery,
        _body: Bytes,
    ) -> impl Future<Output = Result<Reply, H::Error>> + Send {
        dispatch(self, delivery)
    }
}
