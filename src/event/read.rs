//! Choosing the struct: the command is read, and the packet handed on to the struct that stands for it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer},
    },
};
use serde_json::Value;

use super::{Event, packet::COMMAND};
use crate::{Command, EventError, Problem};

/// How deep JSON may be nested: as deep as `serde_json` goes where it builds values. Where it only skips them it
/// would go on for ever.
const MAX_DEPTH: usize = 127;

/// Reads a body in one pass; if that fails, reads it again to find out where.
pub(super) fn event(body: &[u8]) -> Result<Event, EventError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let (line, column) = position(body, error.valid_up_to());
        EventError::Encoding { line, column }
    })?;
    if let Some(offset) = too_deep(body) {
        let (line, column) = position(body, offset);
        return Err(EventError::Syntax {
            line,
            column,
            source: Problem::new("recursion limit exceeded"),
        });
    }
    document(text, |packet| {
        packet.deserialize_map(EventVisitor { text: Some(text) })
    })
    .map_err(|error| locate(text, &error))
}

/// Reads a text that holds one JSON value and nothing behind it.
fn document<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = read(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Reads a body that could not be read once more, to say what is wrong and where.
fn locate(text: &str, failure: &serde_json::Error) -> EventError {
    let command = match document(text, |packet| packet.deserialize_map(CommandVisitor)) {
        Ok(command) => command,
        Err(error) => {
            let (line, column, source) = (error.line(), error.column(), Problem::from_json(&error));
            return if error.is_data() {
                EventError::Command { line, column, source }
            } else {
                EventError::Syntax { line, column, source }
            };
        }
    };
    let mut track = serde_path_to_error::Track::new();
    let located = document(text, |packet| {
        Event::of(
            &command,
            serde_path_to_error::Deserializer::new(packet, &mut track),
        )
    });
    let error = located.as_ref().err().unwrap_or(failure);
    let source = Problem::from_json(error);
    let mut path = track.path().to_string();
    if let Some(field) = source.field() {
        // The error stands at the object that lacks the field, or holds it twice. "." is the packet.
        path = if path == "." {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        };
    }
    EventError::Field {
        command,
        path,
        line: error.line(),
        column: error.column(),
        source,
    }
}

/// Returns where the nesting becomes too deep.
fn too_deep(body: &[u8]) -> Option<usize> {
    // Nearly every packet has too few brackets to be nested deeply, and counting them is next to free.
    if body.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() <= MAX_DEPTH {
        return None;
    }
    let mut depth = 0_usize;
    let mut bytes = body.iter().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'[' | b'{' if depth == MAX_DEPTH => return Some(offset),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns the line, counting from 1, and the column in bytes, as `serde_json` counts them.
fn position(body: &[u8], offset: usize) -> (usize, usize) {
    let before = body.get(..=offset).unwrap_or(body);
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    (line, column)
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor { text: None })
    }
}

/// Reads a packet whose first key is the command in one go. For any other it needs the text, to start from
/// again; without one, it keeps the fields aside.
struct EventVisitor<'de> {
    text: Option<&'de str>,
}

impl<'de> Visitor<'de> for EventVisitor<'de> {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packet: A) -> Result<Event, A::Error> {
        match (packet.next_key()?, self.text) {
            (None, _) => Err(de::Error::missing_field(COMMAND)),
            (Some(Key::Command), _) => {
                let command: Command = packet.next_value()?;
                Event::of(
                    &command,
                    MapAccessDeserializer::new(WithCommand::new(&command, packet)),
                )
            }
            (Some(Key::Other(_)), Some(text)) => {
                packet.next_value::<IgnoredAny>()?;
                let command = CommandVisitor.visit_map(packet)?;
                document(text, |packet| Event::of(&command, packet)).map_err(de::Error::custom)
            }
            (Some(Key::Other(first)), None) => {
                let mut fields: Vec<(String, Value)> = vec![(first.into_owned(), packet.next_value()?)];
                while let Some(field) = packet.next_entry()? {
                    fields.push(field);
                }
                let command = fields.iter().find(|(name, _)| name == COMMAND);
                let (_, command) = command.ok_or_else(|| de::Error::missing_field(COMMAND))?;
                let command = Command::deserialize(command).map_err(de::Error::custom)?;
                Event::of(&command, MapDeserializer::new(fields.into_iter())).map_err(de::Error::custom)
            }
        }
    }
}

/// Finds the command of a packet and skips all else.
struct CommandVisitor;

impl<'de> Visitor<'de> for CommandVisitor {
    type Value = Command;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packet: A) -> Result<Command, A::Error> {
        let mut command = None;
        while let Some(key) = packet.next_key()? {
            if let Key::Other(_) = key {
                packet.next_value::<IgnoredAny>()?;
            } else if command.replace(packet.next_value()?).is_some() {
                return Err(de::Error::duplicate_field(COMMAND));
            }
        }
        command.ok_or_else(|| de::Error::missing_field(COMMAND))
    }
}

/// A key of a packet.
enum Key<'de> {
    Command,
    Other(Cow<'de, str>),
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(if name == COMMAND {
                    Key::Command
                } else {
                    Key::Other(Cow::Borrowed(name))
                })
            }

            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(if name == COMMAND {
                    Key::Command
                } else {
                    Key::Other(Cow::Owned(name.to_owned()))
                })
            }
        }

        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// A packet whose command has been read, made whole again: the command once more, then the rest.
struct WithCommand<'c, A> {
    key: Option<&'static str>,
    word: Option<&'c str>,
    rest: A,
}

impl<'c, A> WithCommand<'c, A> {
    fn new(command: &'c Command, rest: A) -> Self {
        Self {
            key: Some(COMMAND),
            word: Some(command.as_str()),
            rest,
        }
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
