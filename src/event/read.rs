//! Choosing the struct: the command is read, and the packet is passed on to the struct that represents it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer},
    },
};
use serde_json::Value;
use serde_path_to_error::Track;
use serde_with::DeserializeAs;

use super::{Event, kept::Kept, packet::COMMAND};
use crate::{Command, EventError, EventProblem, object::Object};

/// How deep JSON may be nested: as deep as `serde_json` goes when it builds values. When it only skips them,
/// it has no limit.
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
            source: EventProblem::new("recursion limit exceeded"),
        });
    }
    document(text, |packet| packet.deserialize_map(EventVisitor { text: Some(text) }))
        .map_err(|error| locate(text, &error))
}

/// Reads a text that holds one JSON value and nothing after it.
fn document<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<T>,
) -> serde_json::Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = read(&mut json);
    // An event is large: it is not moved out of its result and back.
    match json.end() {
        Ok(()) => value,
        Err(error) => value.and(Err(error)),
    }
}

/// Rereads a body that could not be read, to say what is wrong and where.
fn locate(text: &str, failure: &serde_json::Error) -> EventError {
    let command = match document(text, |packet| packet.deserialize_map(CommandVisitor)) {
        Ok(command) => command,
        Err(error) => {
            let (line, column, source) = (error.line(), error.column(), EventProblem::from_json(&error));
            return if error.is_data() {
                EventError::Command { line, column, source }
            } else {
                EventError::Syntax { line, column, source }
            };
        }
    };
    let mut track = Track::new();
    let located = document(text, |packet| {
        Event::of(&command, serde_path_to_error::Deserializer::new(packet, &mut track))
    });
    let error = located.as_ref().err().unwrap_or(failure);
    if !error.is_data() || !command.is_recognized() {
        return EventError::Syntax {
            line: error.line(),
            column: error.column(),
            source: EventProblem::from_json(error),
        };
    }
    let (path, source) = whereabouts(track, error);
    EventError::Field { command, path, line: error.line(), column: error.column(), source }
}

/// Reads an object of a packet that had to be set aside until its type was known.
pub(super) fn kept_aside<T: DeserializeOwned, E: de::Error>(name: &str, value: Value) -> Result<T, E> {
    let mut track = Track::new();
    Object::deserialize_as(serde_path_to_error::Deserializer::new(value, &mut track)).map_err(|error| {
        let (path, problem) = whereabouts(track, &error);
        E::custom(format_args!("{WITHIN}{}`: {problem}", join(name, &path)))
    })
}

/// Beginning of an error that arose in a part set aside, and that brings its own path.
const WITHIN: &str = "within `";

/// Returns the path of what is wrong, and what is wrong with it.
fn whereabouts(track: Track, error: &serde_json::Error) -> (String, EventProblem) {
    let path = track.path().to_string();
    let message = error.to_string();
    if let Some((inner, problem)) = message.strip_prefix(WITHIN).and_then(|rest| rest.split_once("`: ")) {
        return (join(&path, inner), EventProblem::from_message(problem));
    }
    let problem = EventProblem::from_message(&message);
    match problem.field() {
        // The error points to the object that lacks the field or has it twice.
        Some(field) => (join(&path, field), problem),
        None => (path, problem),
    }
}

/// Joins two paths, either of which may be the root.
fn join(outer: &str, inner: &str) -> String {
    match (outer, inner) {
        (".", path) | (path, ".") => path.to_owned(),
        (outer, inner) => format!("{outer}.{inner}"),
    }
}

/// Returns where the nesting becomes too deep.
fn too_deep(body: &[u8]) -> Option<usize> {
    // Nearly every packet has too few brackets for that.
    if opening_brackets(body) <= MAX_DEPTH {
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

/// Counts in a way that compilers turn into vector instructions: each byte adds one byte to the sum, and `[`
/// and `{` differ in one bit.
fn opening_brackets(body: &[u8]) -> usize {
    // As many as fit into the sum, in whole vectors.
    const CHUNK: usize = 224;
    let in_chunk = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(byte & !0x20 == b'[')).sum::<u8>();
    body.chunks(CHUNK).map(|chunk| usize::from(in_chunk(chunk))).sum()
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

/// Reads a packet whose first key is the command in one pass. For any other, it needs the text, to start
/// again; without the text, it sets the fields aside.
struct EventVisitor<'de> {
    text: Option<&'de str>,
}

impl<'de> Visitor<'de> for EventVisitor<'de> {
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
            return Event::of(&command, MapAccessDeserializer::new(WithCommand::new(&command, packet)));
        }
        if let Some(text) = self.text {
            packet.next_value::<IgnoredAny>()?;
            let command = CommandVisitor.visit_map(packet)?;
            return document(text, |packet| Event::of(&command, packet)).map_err(de::Error::custom);
        }
        let Kept(value) = packet.next_value()?;
        let mut fields = vec![(first.into_owned(), value)];
        while let Some((name, Kept(value))) = packet.next_entry()? {
            fields.push((name, value));
        }
        let command = fields.iter().find(|(name, _)| name == COMMAND);
        let (_, command) = command.ok_or_else(|| de::Error::missing_field(COMMAND))?;
        let command = Command::deserialize(command).map_err(de::Error::custom)?;
        Event::of(&command, MapDeserializer::new(fields.into_iter())).map_err(de::Error::custom)
    }
}

/// Finds the command of a packet and skips everything else.
struct CommandVisitor;

impl<'de> Visitor<'de> for CommandVisitor {
    type Value = Command;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packet")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packet: A) -> Result<Command, A::Error> {
        let mut command = None;
        while let Some(Name(name)) = packet.next_key()? {
            if name != COMMAND {
                packet.next_value::<IgnoredAny>()?;
            } else if command.replace(packet.next_value()?).is_some() {
                return Err(de::Error::duplicate_field(COMMAND));
            }
        }
        command.ok_or_else(|| de::Error::missing_field(COMMAND))
    }
}

/// Name of a field, borrowed where possible.
pub(super) struct Name<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}

/// A packet whose command has been read, made whole again: the command, then the rest.
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
    use super::{MAX_DEPTH, opening_brackets, position, too_deep};

    #[test]
    fn brackets_are_counted_wherever_they_stand() {
        for length in [0, 1, 254, 255, 256, 1000] {
            assert_eq!(opening_brackets(&b"[{".repeat(length)), 2 * length);
            assert_eq!(opening_brackets(&b"]}\"\\aZ;\xdb\xfb".repeat(length)), 0);
        }
    }

    #[test]
    fn depth_is_that_of_brackets_outside_of_strings() {
        let open = "[{".repeat(MAX_DEPTH).into_bytes();
        assert_eq!(too_deep(&open), Some(MAX_DEPTH));
        assert_eq!(too_deep(open.get(..MAX_DEPTH).unwrap()), None);
        assert_eq!(too_deep(&b"[]{}".repeat(MAX_DEPTH)), None);
        assert_eq!(too_deep(&br#""[\"{\\"[]"#.repeat(MAX_DEPTH)), None);
        assert_eq!(too_deep(&[b"\"]]", &*b"[".repeat(MAX_DEPTH + 1)].concat()), None);
        let string_first = [br#"]]"\"""#.to_vec(), b"[".repeat(MAX_DEPTH + 1)].concat();
        assert_eq!(too_deep(&string_first), Some(6 + MAX_DEPTH));
    }

    #[test]
    fn positions_count_lines_from_one_and_columns_in_bytes() {
        let body = "a\n\néb".as_bytes();
        assert_eq!(position(body, 0), (1, 1));
        assert_eq!(position(body, 3), (3, 1));
        assert_eq!(position(body, 5), (3, 3));
        assert_eq!(position(b"", 0), (1, 0));
    }
}
