//! Events that this version of the crate does not model, kept whole.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, value::MapDeserializer},
    ser::SerializeMap,
};
use serde_json::{Map, Value};
use serde_path_to_error::Track;
use serde_with::DeserializeAs;

use super::{
    kept::Kept,
    locate,
    packet::{COMMAND, Name},
    reader::{Problem, Reader},
};
use crate::{command::Command, error::EventError, object::Object};

/// Event that this version of the crate does not model, complete: one from a sibling product on the same URL, or a newer
/// one.
///
/// Values are those of [`serde_json::Value`]: only the last value of a duplicate key is kept; an integer of more
/// than 64 bits is rounded, and a body with a number that no `f64` can hold is refused with [`EventError::Syntax`], unless
/// the feature `arbitrary_precision` of `serde_json` is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnrecognizedEvent {
    /// What the packet's `CallbackCommand` says.
    pub command: Command,
    /// Every field except the command.
    pub fields: Map<String, Value>,
}

impl UnrecognizedEvent {
    /// Makes an event of the given command. An event of a known command is dispatched as an unrecognized one, too, but is
    /// read back as a known one: use the struct of the command.
    #[must_use]
    pub fn new(command: Command, fields: Map<String, Value>) -> Self {
        Self { command, fields }
    }

    /// Reads the event into a struct of the service's own. The struct gets every field of the packet,
    /// `CallbackCommand` included.
    ///
    /// # Errors
    ///
    /// [`EventError::Parse`] if a field is missing or of the wrong type. Its path names the keys of maps in
    /// `T` as they arrived.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde::Deserialize;
    /// use trtc_live_webhook::{Event, RoomId};
    ///
    /// /// `Call.CallbackAfterStart`, as far as this service cares.
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct CallStarted {
    ///     room_id: RoomId,
    ///     media: Media,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Media {
    ///     kind: String,
    /// }
    ///
    /// let body = br#"{
    ///     "CallbackCommand": "Call.CallbackAfterStart",
    ///     "RoomId": 7,
    ///     "Media": {"Kind": "video"}
    /// }"#;
    /// let Event::Unrecognized(event) = Event::from_slice(body)? else { panic!("a command of Live") };
    /// let started: CallStarted = event.parse()?;
    /// assert_eq!(started.room_id, "7");
    /// assert_eq!(started.media.kind, "video");
    ///
    /// let body = br#"{"CallbackCommand":"Call.CallbackAfterStart","RoomId":7,"Media":{"Kind":1}}"#;
    /// let Event::Unrecognized(event) = Event::from_slice(body)? else { panic!("a command of Live") };
    /// let Err(error) = event.parse::<CallStarted>() else { panic!("`Kind` is text") };
    /// assert_eq!(error.path(), Some("Media.Kind"));
    /// # Ok::<(), trtc_live_webhook::EventError>(())
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        let command = Value::from(self.command.as_str());
        let fields = self.fields.iter().filter(|(name, _)| *name != COMMAND);
        let packet = fields.map(|(name, value)| (name.as_str(), value)).chain([(COMMAND, &command)]);
        let packet = MapDeserializer::new(packet.map(|(name, value)| (name, Reader(value))));
        let mut track = Track::new();
        // The map's own deserializer would give a list of pairs to a type that asks for a list.
        let event = Object::deserialize_as(serde_path_to_error::Deserializer::new(packet, &mut track));
        event.map_err(|Problem(source)| EventError::Parse { path: locate::path(track, &source), source })
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
                    // It has a struct of its own, whose required fields must not be circumvented.
                    return Err(de::Error::invalid_value(de::Unexpected::Other("string"), &self));
                }
                Ok(UnrecognizedEvent { command, fields })
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
