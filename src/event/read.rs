//! Choosing the struct of a packet by its command.

use std::{convert, fmt};

use memchr::memchr2;
use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer},
    },
};
use serde_path_to_error::Track;
use serde_with::DeserializeAs;

use super::{
    Event,
    depth::too_deep,
    kept::Kept,
    locate,
    packet::{COMMAND, Name},
};
use crate::{
    command::Command,
    error::{EventError, EventProblem},
    object::Object,
};

impl Event {
    /// Reads a body. Its `CallbackCommand`, wherever in the packet that is, decides which event it is.
    ///
    /// Unknown fields, commands and enum values are not errors: the backend adds them without notice.
    ///
    /// A byte order mark, anything but white space after the packet, nesting of more than 127 levels and a
    /// duplicate modelled field are errors. A field that is not modelled is skipped: it may hold any JSON, even
    /// numbers of any size and halves of surrogate pairs, and be duplicated. An [`UnrecognizedEvent`] and the
    /// [elements](super::message::Element) of a message keep such fields instead. What they cannot hold is an error
    /// there: half of a surrogate pair, and a number that no `f64` can hold. Where the content of an element of a
    /// known kind comes before the kind, any duplicate field in the content is an error.
    ///
    /// # Errors
    ///
    /// [`EventError::Encoding`], [`EventError::Syntax`], [`EventError::Command`] and
    /// [`EventError::TrtcCallback`] if the body is not a packet, [`EventError::Field`] if a field of a known
    /// command is missing, duplicated or of the wrong type.
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::Event;
    ///
    /// let body = br#"{
    ///     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
    ///     "RoomId": 7,
    ///     "EventType": ["?"]
    /// }"#;
    /// let Err(error) = Event::from_slice(body) else { panic!("`EventType` is text") };
    /// assert_eq!(error.path(), Some("EventType"));
    /// ```
    ///
    /// [`UnrecognizedEvent`]: super::UnrecognizedEvent
    pub fn from_slice(body: &[u8]) -> Result<Self, EventError> {
        let text = std::str::from_utf8(body)
            .map_err(|error| EventError::Encoding { place: locate::place_of(body, error.valid_up_to()) })?;
        if let Some(offset) = too_deep(body) {
            let source = EventProblem::new("recursion limit exceeded");
            return Err(EventError::Syntax { place: locate::place_of(body, offset), source });
        }
        // Either way the body is read as a whole afterwards: the command only says into which struct.
        let command = match first_command(text) {
            Some(command) => command,
            None => document(text, |packet| packet.deserialize_map(CommandVisitor { seen: &mut None }))
                .map_err(|error| located(text, &error))?,
        };
        let mut json = serde_json::Deserializer::from_str(text);
        // The result that is returned, from the start: an event is large, and is not moved for a check that follows.
        let mut event = Self::of(&command, &mut json, |error| located(text, &error));
        if event.is_ok() {
            if let Err(error) = json.end() {
                event = Err(located(text, &error));
            }
        }
        event
    }

    /// Reads only the command of a body. `None` if the body has none before the place where it stops being JSON.
    ///
    /// For a body that [`from_slice`](Self::from_slice) cannot read, it tells what has to be
    /// [refused](crate::Reply::refusal).
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::{Command, Event};
    ///
    /// let truncated = br#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","MsgBody":[{"Ms"#;
    /// assert!(Event::from_slice(truncated).is_err());
    /// assert_eq!(Event::peek_command(truncated), Some(Command::BeforeSendMsg));
    /// ```
    #[must_use]
    pub fn peek_command(body: &[u8]) -> Option<Command> {
        let mut seen = None;
        let visitor = CommandVisitor { seen: &mut seen };
        let whole = serde_json::Deserializer::from_slice(body).deserialize_map(visitor);
        // The rest of the body does not matter.
        whole.ok().or(seen)
    }

    /// Tells whether the body is what TRTC's room and recording services send: no command, but these fields
    /// (<https://trtc.io/document/54914>).
    pub(crate) fn is_trtc_callback(body: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Callback {
            #[serde(rename = "CallbackCommand")]
            command: Option<IgnoredAny>,
            #[serde(rename = "EventGroupId")]
            _event_group_id: i64,
            #[serde(rename = "EventInfo")]
            _event_info: IgnoredAny,
        }

        let callback = Object::deserialize_as(&mut serde_json::Deserializer::from_slice(body));
        callback.is_ok_and(|callback: Callback| callback.command.is_none())
    }
}

/// Reads a text that holds one JSON value and nothing after it.
fn document<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = read(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Returns the command of a packet that starts with it, as nearly every packet does. What follows is not looked at.
fn first_command(text: &str) -> Option<Command> {
    fn after<'a>(text: &'a str, token: &str) -> Option<&'a str> {
        text.trim_ascii_start().strip_prefix(token)
    }

    let key = after(after(text, "{")?, "\"")?;
    let value = after(key.strip_prefix(COMMAND)?.strip_prefix('"')?, ":")?;
    let word = after(value, "\"")?;
    // An escaped word is left to those who read all of JSON.
    let (word, end) = word.split_at_checked(memchr2(b'"', b'\\', word.as_bytes())?)?;
    end.starts_with('"').then(|| word.into())
}

/// Rereads a body that could not be read, to say what is wrong and where.
#[cold]
fn located(text: &str, failure: &serde_json::Error) -> EventError {
    let mut seen = None;
    let command = match document(text, |packet| packet.deserialize_map(CommandVisitor { seen: &mut seen })) {
        Ok(command) => command,
        Err(error) if error.is_data() && Event::is_trtc_callback(text.as_bytes()) => {
            return EventError::TrtcCallback;
        }
        Err(error) => return locate::without_command(&error),
    };
    let mut track = Track::new();
    let reread = document(text, |packet| {
        Event::of(&command, serde_path_to_error::Deserializer::new(packet, &mut track), convert::identity)
    });
    locate::within(command, track, reread.as_ref().err().unwrap_or(failure))
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor)
    }
}

/// Reads a packet that starts with its command in one pass. The fields of any other are buffered.
struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packet: A) -> Result<Event, A::Error> {
        let Some(Name(first)) = packet.next_key()? else {
            return Err(de::Error::missing_field(COMMAND));
        };
        if first == COMMAND {
            let command: Command = packet.next_value()?;
            return Event::of(
                &command,
                MapAccessDeserializer::new(WithCommand::new(&command, packet)),
                convert::identity,
            );
        }
        let Kept(value) = packet.next_value()?;
        let mut fields = vec![(first.into_owned(), value)];
        while let Some((name, Kept(value))) = packet.next_entry()? {
            fields.push((name, value));
        }
        let command = fields.iter().find(|(name, _)| name == COMMAND);
        let (_, command) = command.ok_or_else(|| de::Error::missing_field(COMMAND))?;
        let command = Command::deserialize(command).map_err(de::Error::custom)?;
        Event::of(&command, MapDeserializer::new(fields.into_iter()), de::Error::custom)
    }
}

/// Finds the command of a packet and skips everything else.
struct CommandVisitor<'c> {
    /// Receives the command as soon as it is read.
    seen: &'c mut Option<Command>,
}

impl<'de> Visitor<'de> for CommandVisitor<'_> {
    type Value = Command;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packet: A) -> Result<Command, A::Error> {
        while let Some(Name(name)) = packet.next_key()? {
            if name != COMMAND {
                packet.next_value::<IgnoredAny>()?;
                continue;
            }
            let command = packet.next_value()?;
            if self.seen.is_some() {
                return Err(de::Error::duplicate_field(COMMAND));
            }
            *self.seen = Some(command);
        }
        self.seen.take().ok_or_else(|| de::Error::missing_field(COMMAND))
    }
}

/// Packet whose command has been read, made whole again: the command, followed by the rest.
struct WithCommand<'c, A> {
    key: Option<&'static str>,
    word: Option<&'c str>,
    rest: A,
}

impl<'c, A> WithCommand<'c, A> {
    fn new(command: &'c Command, rest: A) -> Self {
        Self { key: Some(COMMAND), word: Some(command.as_str()), rest }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithCommand<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.key.take() {
            Some(key) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.word.take() {
            Some(word) => seed.deserialize(word.into_deserializer()),
            None => self.rest.next_value_seed(seed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_command;
    use crate::command::Command;

    #[test]
    fn a_command_at_the_start_is_found_without_reading_the_rest() {
        for (text, word) in [
            (r#"{"CallbackCommand":"Call.X"}"#, "Call.X"),
            ("\n{ \"CallbackCommand\"\t:\r \"Call.X\" no JSON", "Call.X"),
            (r#"{"CallbackCommand":"""#, ""),
        ] {
            assert_eq!(first_command(text), Some(Command::from(word)), "{text}");
        }
    }

    #[test]
    fn what_starts_otherwise_is_left_to_others() {
        for text in [
            "",
            r#"["CallbackCommand":"Call.X"]"#,
            r#"{"RoomId":"r","CallbackCommand":"Call.X"}"#,
            r#"{"CallbackCommandX":"Call.X"}"#,
            r#"{CallbackCommand:"Call.X"}"#,
            r#"{"CallbackCommand","Call.X"}"#,
            r#"{"CallbackCommand":["Call.X"]}"#,
            r#"{"CallbackCommand":"Call.X"#,
            r#"{"\u0043allbackCommand":"Call.X"}"#,
            r#"{"CallbackCommand":"Call\u002eX"}"#,
            "\u{feff}{\"CallbackCommand\":\"Call.X\"}",
        ] {
            assert_eq!(first_command(text), None, "{text}");
        }
    }
}
