//! Events: one struct per command, and an enum of them all.

pub mod battle;
mod code;
mod depth;
pub mod follow;
pub mod gift;
mod kept;
mod locate;
pub mod member;
pub mod message;
mod packet;
mod read;
mod reader;
pub mod recording;
pub mod room;
pub mod seat;
mod unmodelled;
mod unrecognized;

use serde::{Deserialize, Deserializer, Serialize};

use self::packet::{About, Packet};
pub use self::{
    code::{Code, CodeOutOfRange},
    unrecognized::UnrecognizedEvent,
};
use crate::{
    command::{Command, commands},
    id::{RoomId, UserId},
    time::UnixMillis,
};

macro_rules! event {
    ($(
        $(#[$doc:meta])*
        $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
    )+) => {
        /// Event that a delivery tells of: its body, typed.
        ///
        /// Serializing an event writes its packet, as far as the event's struct models it:
        ///
        /// - Every modelled field is written with its value, and ids and times in the form in which they arrived.
        /// - Fields that are not modelled are left out, and so is what counts as absent: `null`, and a negative length of
        ///   time. An [`UnrecognizedEvent`] and the [elements](message::Element) of a message keep all of their fields.
        /// - Two things are normalized: an alias of the command becomes the documented word, and a time that is
        ///   documented as a numeric string becomes one.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
        // For writing only: the struct is written as it is, without a tag.
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum Event {
            $(
                $(#[$doc])*
                $event($family::$event),
            )+
            /// An event that this version of the crate does not model.
            Unrecognized(UnrecognizedEvent),
        }

        impl Event {
            fn about(&self) -> About<'_> {
                match self {
                    $(Self::$event(event) => event.about(),)+
                    Self::Unrecognized(event) => About::new(&event.command),
                }
            }

            /// Reads a packet of the given command. The deserializer still yields the command. An event is large, and
            /// is not moved once more to convert the error beside it: `fail` does that first.
            fn of<'de, D: Deserializer<'de>, E>(
                command: &Command,
                packet: D,
                fail: impl FnOnce(D::Error) -> E,
            ) -> Result<Self, E> {
                match command {
                    $(Command::$event => Deserialize::deserialize(packet).map(Self::$event).map_err(fail),)+
                    Command::Unrecognized(_) => Deserialize::deserialize(packet).map(Self::Unrecognized).map_err(fail),
                }
            }
        }

        $(
            impl From<$family::$event> for Event {
                fn from(event: $family::$event) -> Self {
                    Self::$event(event)
                }
            }
        )+
    };
}

commands!(event);

impl Event {
    /// Returns the command.
    #[must_use]
    pub fn command(&self) -> &Command {
        self.about().command
    }

    /// Returns the room that the event is about; for a battle, the room that requested it. `None` for events that are
    /// not about a room, and for unrecognized events.
    #[must_use]
    pub fn room_id(&self) -> Option<&RoomId> {
        self.about().room_id
    }

    /// Returns the packet's `Operator_Account`: the user who caused the event. `None` if the packet has none,
    /// and for unrecognized events.
    #[must_use]
    pub fn operator_account(&self) -> Option<&UserId> {
        self.about().operator_account
    }

    /// Returns the packet's `EventTime`: when the event happened. For a recording, the time in its
    /// `EventInfo`. `None` if the packet has none, as for gifts, and for unrecognized events.
    #[must_use]
    pub fn event_time(&self) -> Option<UnixMillis> {
        self.about().event_time
    }

    /// Tells whether another event with an equal packet is the same event.
    pub(crate) fn is_distinct(&self) -> bool {
        self.about().is_distinct
    }
}

impl From<UnrecognizedEvent> for Event {
    fn from(event: UnrecognizedEvent) -> Self {
        Self::Unrecognized(event)
    }
}
