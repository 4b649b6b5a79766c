//! Events: one struct per command, and an enum of them all.

pub mod battle;
pub mod follow;
pub mod gift;
mod kept;
pub mod member;
pub mod message;
mod packet;
mod read;
pub mod recording;
pub mod room;
pub mod seat;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::{Map, Value};

use self::{
    kept::Kept,
    packet::{About, COMMAND, Packet},
    read::Name,
};
use crate::{Command, EventError, RoomId, UnixMillis, UserId};

/// Body of a delivery, typed.
///
/// Serializing yields the packet again, with ids in the form in which they arrived. What the struct does not
/// model, and what is `null`, is left out. Two things are rewritten: an alias of the command becomes the
/// documented word, and a time that arrived in the other of its two forms takes the form documented for its
/// field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
// For writing only: the struct is written as it is, without a tag.
#[serde(untagged)]
#[non_exhaustive]
pub enum Event {
    /// A room was created.
    AfterCreateRoom(room::AfterCreateRoom),
    /// A room was dissolved.
    AfterDestroyRoom(room::AfterDestroyRoom),
    /// A room's settings were changed.
    AfterUpdateRoomInfo(room::AfterUpdateRoomInfo),
    /// Metadata of a room was set.
    AfterSetMetadata(room::AfterSetMetadata),
    /// Metadata of a room was deleted.
    AfterDelMetadata(room::AfterDelMetadata),
    /// An application has 70% or more of the rooms it is allowed.
    AfterCreateRoomReachingThreshold(room::AfterCreateRoomReachingThreshold),
    /// Members of a room came online or went offline.
    AfterMemberStateChanged(member::AfterMemberStateChanged),
    /// A room has a new owner.
    AfterChangeOwner(member::AfterChangeOwner),
    /// Members became administrators of a room or stopped being administrators.
    AfterModifyAdmin(member::AfterModifyAdmin),
    /// Seats of a room changed.
    AfterSeatInfoChanged(seat::AfterSeatInfoChanged),
    /// A battle was requested.
    AfterCreateBattle(battle::AfterCreateBattle),
    /// A battle started.
    AfterStartBattle(battle::AfterStartBattle),
    /// A battle ended.
    AfterEndBattle(battle::AfterEndBattle),
    /// A gift is about to be sent.
    BeforeSendGift(gift::BeforeSendGift),
    /// A message is about to be sent.
    BeforeSendMsg(message::BeforeSendMsg),
    /// A message was sent.
    AfterSendMsg(message::AfterSendMsg),
    /// A user started following others.
    AfterFollowAdd(follow::AfterFollowAdd),
    /// A user stopped following others.
    AfterFollowDelete(follow::AfterFollowDelete),
    /// A recording started, stopped or progressed.
    AfterCloudRecordingChanged(recording::AfterCloudRecordingChanged),
    /// An event that this version of the crate does not model.
    Unrecognized(UnrecognizedEvent),
}

impl Event {
    /// Reads a body. Its `CallbackCommand`, wherever in the packet that is, decides which event it is.
    ///
    /// Unknown fields, commands and enum values are not errors: the backend adds them without notice.
    ///
    /// # Errors
    ///
    /// [`EventError::Encoding`], [`EventError::Syntax`] and [`EventError::Command`] if the body is not a
    /// packet, [`EventError::Field`] if a field of a known command is missing or of the wrong type.
    ///
    /// A byte order mark, anything but white space after the packet, and nesting of more than 127 levels are
    /// errors. So is a modelled field that is there twice. A field that is not modelled is skipped: it may
    /// hold any JSON, even numbers of any size and halves of surrogate pairs, and be there twice. An
    /// [`UnrecognizedEvent`] and an element of [another kind](message::OtherElem) keep theirs, and say what
    /// they can hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::Event;
    ///
    /// let body = br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":7,"EventType":["?"]}"#;
    /// let Err(error) = Event::from_slice(body) else { panic!("`EventType` is text") };
    /// assert_eq!(error.path(), Some("EventType"));
    /// ```
    pub fn from_slice(body: &[u8]) -> Result<Self, EventError> {
        read::event(body)
    }

    /// Returns the command.
    #[must_use]
    pub fn command(&self) -> &Command {
        self.about().command
    }

    /// Returns the room that the event is about; for a battle, the room that requested it. `None` for events
    /// that are not about a room and for unrecognized ones.
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

    fn about(&self) -> About<'_> {
        match self {
            Self::AfterCreateRoom(event) => event.about(),
            Self::AfterDestroyRoom(event) => event.about(),
            Self::AfterUpdateRoomInfo(event) => event.about(),
            Self::AfterSetMetadata(event) => event.about(),
            Self::AfterDelMetadata(event) => event.about(),
            Self::AfterCreateRoomReachingThreshold(event) => event.about(),
            Self::AfterMemberStateChanged(event) => event.about(),
            Self::AfterChangeOwner(event) => event.about(),
            Self::AfterModifyAdmin(event) => event.about(),
            Self::AfterSeatInfoChanged(event) => event.about(),
            Self::AfterCreateBattle(event) => event.about(),
            Self::AfterStartBattle(event) => event.about(),
            Self::AfterEndBattle(event) => event.about(),
            Self::BeforeSendGift(event) => event.about(),
            Self::BeforeSendMsg(event) => event.about(),
            Self::AfterSendMsg(event) => event.about(),
            Self::AfterFollowAdd(event) => event.about(),
            Self::AfterFollowDelete(event) => event.about(),
            Self::AfterCloudRecordingChanged(event) => event.about(),
            Self::Unrecognized(event) => About::new(&event.command),
        }
    }

    /// Reads a packet of the given command. The deserializer still yields the command.
    fn of<'de, D: Deserializer<'de>>(command: &Command, packet: D) -> Result<Self, D::Error> {
        match command {
            Command::AfterCreateRoom => Deserialize::deserialize(packet).map(Self::AfterCreateRoom),
            Command::AfterDestroyRoom => Deserialize::deserialize(packet).map(Self::AfterDestroyRoom),
            Command::AfterUpdateRoomInfo => Deserialize::deserialize(packet).map(Self::AfterUpdateRoomInfo),
            Command::AfterSetMetadata => Deserialize::deserialize(packet).map(Self::AfterSetMetadata),
            Command::AfterDelMetadata => Deserialize::deserialize(packet).map(Self::AfterDelMetadata),
            Command::AfterCreateRoomReachingThreshold => {
                Deserialize::deserialize(packet).map(Self::AfterCreateRoomReachingThreshold)
            }
            Command::AfterMemberStateChanged => {
                Deserialize::deserialize(packet).map(Self::AfterMemberStateChanged)
            }
            Command::AfterChangeOwner => Deserialize::deserialize(packet).map(Self::AfterChangeOwner),
            Command::AfterModifyAdmin => Deserialize::deserialize(packet).map(Self::AfterModifyAdmin),
            Command::AfterSeatInfoChanged => Deserialize::deserialize(packet).map(Self::AfterSeatInfoChanged),
            Command::AfterCreateBattle => Deserialize::deserialize(packet).map(Self::AfterCreateBattle),
            Command::AfterStartBattle => Deserialize::deserialize(packet).map(Self::AfterStartBattle),
            Command::AfterEndBattle => Deserialize::deserialize(packet).map(Self::AfterEndBattle),
            Command::BeforeSendGift => Deserialize::deserialize(packet).map(Self::BeforeSendGift),
            Command::BeforeSendMsg => Deserialize::deserialize(packet).map(Self::BeforeSendMsg),
            Command::AfterSendMsg => Deserialize::deserialize(packet).map(Self::AfterSendMsg),
            Command::AfterFollowAdd => Deserialize::deserialize(packet).map(Self::AfterFollowAdd),
            Command::AfterFollowDelete => Deserialize::deserialize(packet).map(Self::AfterFollowDelete),
            Command::AfterCloudRecordingChanged => {
                Deserialize::deserialize(packet).map(Self::AfterCloudRecordingChanged)
            }
            Command::Unrecognized(_) => Deserialize::deserialize(packet).map(Self::Unrecognized),
        }
    }
}

/// A complete event that this version of the crate does not model: one from a sibling product on the same
/// URL, or a newer one.
///
/// Values are those of [`serde_json::Value`]: only the last value of a duplicate key is kept; an integer of more
/// than 64 bits is rounded, and a body with a number that no `f64` can hold is not JSON, unless the feature
/// `arbitrary_precision` of `serde_json` is on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnrecognizedEvent {
    /// Command.
    pub command: Command,
    /// Every field except the command.
    pub fields: Map<String, Value>,
}

impl UnrecognizedEvent {
    /// Makes an event of the given command. For tests.
    #[must_use]
    pub fn new(command: Command, fields: Map<String, Value>) -> Self {
        Self { command, fields }
    }
}

impl From<UnrecognizedEvent> for Event {
    fn from(event: UnrecognizedEvent) -> Self {
        Self::Unrecognized(event)
    }
}

impl Serialize for UnrecognizedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut packet = serializer.serialize_map(None)?;
        packet.serialize_entry(COMMAND, &self.command)?;
        for (name, value) in self.fields.iter().filter(|(name, _)| *name != COMMAND) {
            packet.serialize_entry(name, value)?;
        }
        packet.end()
    }
}

impl<'de> Deserialize<'de> for UnrecognizedEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> de::Visitor<'de> for FieldsVisitor {
            type Value = UnrecognizedEvent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a packet of an unrecognized command")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut packet: A) -> Result<UnrecognizedEvent, A::Error> {
                let mut command: Option<Command> = None;
                let mut fields = Map::new();
                while let Some(Name(name)) = packet.next_key()? {
                    if name != COMMAND {
                        let Kept(value) = packet.next_value()?;
                        fields.insert(name.into_owned(), value);
                    } else if command.replace(packet.next_value()?).is_some() {
                        return Err(de::Error::duplicate_field(COMMAND));
                    }
                }
                let command = command.ok_or_else(|| de::Error::missing_field(COMMAND))?;
                if command.is_recognized() {
                    // It has a struct of its own, whose required fields must not be bypassed.
                    return Err(de::Error::invalid_value(de::Unexpected::Other("string"), &self));
                }
                Ok(UnrecognizedEvent { command, fields })
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
