//! Handing a delivery to the service: one method per command.

use crate::{
    Delivery, Event, Reply, RequestInfo, UnrecognizedEvent,
    event::{battle, member, room},
};

/// What a service does with its deliveries.
///
/// Implement the methods of the commands that matter, as plain `async fn`; the others answer with success. An
/// `Err` comes back out of [`dispatch`], and it is for the service to say what the backend is told.
///
/// A method that starts with `after_` learns what has happened and cannot change it.
///
/// # Examples
///
/// ```
/// use std::{convert::Infallible, sync::Arc};
/// use trtc_live_webhook::{Delivery, Handler, Reply, RequestInfo, dispatch, event::room};
///
/// struct Log;
///
/// impl Handler for Log {
///     type Error = Infallible;
///
///     async fn after_create_room(
///         &self,
///         _request: &RequestInfo,
///         event: room::AfterCreateRoom,
///     ) -> Result<(), Infallible> {
///         println!("room {} is open", event.room_info.room_id);
///         Ok(())
///     }
/// }
///
/// // What frameworks call state: shared by all requests, cloned cheaply.
/// #[derive(Clone)]
/// struct State {
///     handler: Arc<Log>,
/// }
///
/// async fn answer(state: State, delivery: Delivery) -> Result<Reply, Infallible> {
///     dispatch(&*state.handler, delivery).await
/// }
/// ```
///
/// The methods return futures of a type of their own, so that `dyn Handler` is not possible. Where a handler is
/// chosen at run time, an object-safe trait in front of it takes ten lines:
///
/// ```
/// use std::{error::Error, pin::Pin};
/// use trtc_live_webhook::{Delivery, Handler, Reply, dispatch};
///
/// type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, Box<dyn Error + Send + Sync>>> + Send + 'a>>;
///
/// trait DynHandler: Send + Sync {
///     fn dispatch(&self, delivery: Delivery) -> Answer<'_>;
/// }
///
/// impl<H: Handler<Error: Error + Send + Sync + 'static>> DynHandler for H {
///     fn dispatch(&self, delivery: Delivery) -> Answer<'_> {
///         Box::pin(async { Ok(dispatch(self, delivery).await?) })
///     }
/// }
///
/// async fn answer(handler: &dyn DynHandler, delivery: Delivery) -> Result<Reply, Box<dyn Error + Send + Sync>> {
///     handler.dispatch(delivery).await
/// }
/// ```
pub trait Handler: Send + Sync {
    /// Why the service could not process a delivery.
    type Error;

    /// A room was created.
    fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ignore(request, event)
    }

    /// A room was dissolved.
    fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ignore(request, event)
    }

    /// Members came online in a room or went offline.
    fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ignore(request, event)
    }

    /// A battle ended.
    fn after_end_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterEndBattle,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ignore(request, event)
    }

    /// Something happened that this version of the crate does not model: an event of a sibling product on the
    /// same URL, or a newer one.
    fn unrecognized(
        &self,
        request: &RequestInfo,
        event: UnrecognizedEvent,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        ignore(request, event)
    }
}

/// What a method does that the service leaves out.
fn ignore<T, E>(_request: &RequestInfo, _event: T) -> impl Future<Output = Result<(), E>> + Send + use<T, E> {
    async { Ok(()) }
}

/// Hands the delivery to the handler's method for its command, and makes the reply from what that returns.
///
/// # Errors
///
/// What the handler's method returned.
///
/// # Examples
///
/// ```
/// # use trtc_live_webhook::{Delivery, Handler, Receiver, ReceiveError, Reply, dispatch};
/// async fn answer<H: Handler<Error = std::io::Error>>(
///     receiver: &Receiver,
///     handler: &H,
///     query: &str,
///     body: &[u8],
/// ) -> (u16, String) {
///     let delivery = match receiver.receive(query, body) {
///         Ok(delivery) => delivery,
///         Err(error) => return (error.status_code(), error.to_string()),
///     };
///     match dispatch(handler, delivery).await {
///         Ok(reply) => (200, reply.to_json()),
///         Err(error) => (500, error.to_string()),
///     }
/// }
/// ```
pub async fn dispatch<H: Handler>(handler: &H, delivery: Delivery) -> Result<Reply, H::Error> {
    let Delivery { request, event } = delivery;
    match event {
        Event::AfterCreateRoom(event) => handler.after_create_room(&request, event).await?,
        Event::AfterDestroyRoom(event) => handler.after_destroy_room(&request, event).await?,
        Event::AfterMemberStateChanged(event) => handler.after_member_state_changed(&request, event).await?,
        Event::AfterEndBattle(event) => handler.after_end_battle(&request, event).await?,
        Event::Unrecognized(event) => handler.unrecognized(&request, event).await?,
    }
    Ok(Reply::ok())
}
