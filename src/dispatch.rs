//! Dispatching deliveries to a service's handler: one method per command.

use std::sync::Arc;

use crate::{
    command::{Answer, commands},
    event::{Event, UnrecognizedEvent, battle, follow, gift, member, message, recording, room, seat},
    receiver::Delivery,
    reply::Reply,
    request::RequestInfo,
};

/// Processes deliveries, with one method per command.
///
/// Implement the methods of the commands that matter, as plain `async fn`. The default bodies answer with success.
/// [`dispatch`] returns an `Err` to its caller, which decides what to tell the backend.
///
/// An `after_…` method learns what has happened and cannot change it. A `before_…` method decides.
///
/// # Repetitions, order and loss
///
/// `Before…` webhooks are never retried, and `After…` webhooks are not by default: a delivery that is not accepted is
/// most likely lost, whatever its status. If retrying is switched on in the console, an `After…` delivery that was
/// accepted can arrive again. No order is promised. [`repetitions_and_order`](crate::guide::repetitions_and_order) has
/// the details.
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
///         println!("room {:.64} is open", event.room_info.room_id);
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
/// `&H`, `Arc<H>` and `Box<H>` are handlers if `H` is one. Each method returns its own future type, so `dyn Handler`
/// is not possible. To choose a handler at run time, put an object-safe trait in front of it:
///
/// ```
/// use std::{error::Error, pin::Pin};
/// use trtc_live_webhook::{Delivery, Handler, Reply, dispatch};
///
/// type BoxError = Box<dyn Error + Send + Sync>;
/// type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, BoxError>> + Send + 'a>>;
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
/// async fn answer(handler: &dyn DynHandler, delivery: Delivery) -> Result<Reply, BoxError> {
///     handler.dispatch(delivery).await
/// }
/// ```
pub trait Handler: Send + Sync {
    /// Error of a delivery that could not be processed.
    type Error;

    /// A room was created.
    fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A room was dissolved.
    fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A room's settings were changed.
    fn after_update_room_info(
        &self,
        request: &RequestInfo,
        event: room::AfterUpdateRoomInfo,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// Metadata of a room was set.
    fn after_set_metadata(
        &self,
        request: &RequestInfo,
        event: room::AfterSetMetadata,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// Metadata of a room was deleted.
    fn after_del_metadata(
        &self,
        request: &RequestInfo,
        event: room::AfterDelMetadata,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// An application has 70% or more of the rooms it is allowed.
    fn after_create_room_reaching_threshold(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoomReachingThreshold,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// Members of a room came online or went offline.
    fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A room has a new owner.
    fn after_change_owner(
        &self,
        request: &RequestInfo,
        event: member::AfterChangeOwner,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// Members became administrators of a room or stopped being administrators.
    fn after_modify_admin(
        &self,
        request: &RequestInfo,
        event: member::AfterModifyAdmin,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// Seats of a room changed.
    fn after_seat_info_changed(
        &self,
        request: &RequestInfo,
        event: seat::AfterSeatInfoChanged,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A battle was requested.
    fn after_create_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterCreateBattle,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A battle started.
    fn after_start_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterStartBattle,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A battle ended.
    fn after_end_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterEndBattle,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A gift is about to be sent. Decides whether it is. The default allows every gift.
    ///
    /// The backend waits for 2 seconds. Without a valid reply by then, it blocks the gift, unless the application
    /// has switched on `Live.CallbackBeforeCallBackNotBlock` in its webhook configuration. An `Err` that is answered
    /// with a status other than 200 counts as a failed webhook, too.
    fn before_send_gift(
        &self,
        request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> impl Future<Output = Result<gift::Decision, Self::Error>> + Send {
        decide(gift::Decision::Allow, request, event)
    }

    /// A message is about to be sent. Decides whether it is, and with what content. The default allows every message.
    ///
    /// The backend waits for 2 seconds. Without a reply by then, it **delivers** the message, unless the console says
    /// otherwise (<https://trtc.io/document/34354>). That page describes a time-out; expect
    /// the same of an `Err` that is answered with a status other than 200.
    /// [`failing_closed`](crate::guide::failing_closed) shows how to refuse instead.
    fn before_send_msg(
        &self,
        request: &RequestInfo,
        event: message::BeforeSendMsg,
    ) -> impl Future<Output = Result<message::Decision, Self::Error>> + Send {
        decide(message::Decision::Allow, request, event)
    }

    /// A message was sent.
    fn after_send_msg(
        &self,
        request: &RequestInfo,
        event: message::AfterSendMsg,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A user started following others.
    fn after_follow_add(
        &self,
        request: &RequestInfo,
        event: follow::AfterFollowAdd,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A user stopped following others.
    fn after_follow_delete(
        &self,
        request: &RequestInfo,
        event: follow::AfterFollowDelete,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// A recording started, stopped or progressed.
    fn after_cloud_recording_changed(
        &self,
        request: &RequestInfo,
        event: recording::AfterCloudRecordingChanged,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }

    /// An event that this version of the crate does not model: one from a sibling product on the same URL, or a newer
    /// one.
    fn unrecognized(
        &self,
        request: &RequestInfo,
        event: UnrecognizedEvent,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        decide((), request, event)
    }
}

/// Default body of the methods that a service does not implement.
fn decide<D: Send, T, E>(
    decision: D,
    _request: &RequestInfo,
    _event: T,
) -> impl Future<Output = Result<D, E>> + Send + use<D, T, E> {
    async { Ok(decision) }
}

/// Passes the delivery to the handler's method for its command, and builds the reply from what that method
/// returns.
///
/// # Errors
///
/// Those of the handler's method.
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
///         Err(error) => return (error.status_code(), Reply::from(error).to_json()),
///     };
///     match dispatch(handler, delivery).await {
///         Ok(reply) => (200, reply.to_json()),
///         Err(_) => (503, Reply::fail(503, "not processed").to_json()),
///     }
/// }
/// ```
pub async fn dispatch<H: Handler>(handler: &H, delivery: Delivery) -> Result<Reply, H::Error> {
    let Delivery { request, event } = delivery;
    macro_rules! answer {
        ($(
            $(#[$doc:meta])*
            $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
        )+) => {
            match event {
                $(Event::$event(event) => handler.$method(&request, event).await.map(Reply::from),)+
                Event::Unrecognized(event) => handler.unrecognized(&request, event).await.map(Reply::from),
            }
        };
    }
    commands!(answer)
}

/// Implements [`Handler`] for pointers to a handler.
macro_rules! pointers {
    ($(
        $(#[$doc:meta])*
        $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
    )+) => {
        pointers!(&H: $($method($family::$event) -> Answer<$($answer)?>;)+);
        pointers!(Arc<H>: $($method($family::$event) -> Answer<$($answer)?>;)+);
        pointers!(Box<H>: $($method($family::$event) -> Answer<$($answer)?>;)+);
    };
    ($pointer:ty: $($method:ident($event:ty) -> $answer:ty;)+) => {
        impl<H: Handler> Handler for $pointer {
            type Error = H::Error;

            $(
                fn $method(
                    &self,
                    request: &RequestInfo,
                    event: $event,
                ) -> impl Future<Output = Result<$answer, H::Error>> + Send {
                    (**self).$method(request, event)
                }
            )+

            fn unrecognized(
                &self,
                request: &RequestInfo,
                event: UnrecognizedEvent,
            ) -> impl Future<Output = Result<(), H::Error>> + Send {
                (**self).unrecognized(request, event)
            }
        }
    };
}

commands!(pointers);
