//! What can be wrong with a delivery, and the HTTP status that says so.

use crate::{Command, ParseSdkAppIdError, ParseTimeError, SdkAppId};

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// No parameter says which application the query is for.
    #[error("parameter `SdkAppid` is missing")]
    MissingSdkAppId,
    /// Number that no application can have.
    #[error("parameter `SdkAppid` is invalid")]
    InvalidSdkAppId(#[source] ParseSdkAppIdError),
    /// Parameter that occurs more than once, so that two readers could see two different values.
    #[error("parameter `{name}` is there more than once")]
    #[non_exhaustive]
    DuplicateParameter {
        /// Documented name of the parameter.
        name: &'static str,
    },
    /// Application that is not one of the receiver's.
    #[error("SDKAppID {sdk_app_id} is not one of this receiver's")]
    #[non_exhaustive]
    ForeignSdkAppId {
        /// Application that the query names.
        sdk_app_id: SdkAppId,
    },
    /// Not signed, although the application has a token.
    #[error("parameter `Sign` is missing")]
    MissingSign,
    /// Signed, but without the time of signing.
    #[error("parameter `RequestTime` is missing")]
    MissingRequestTime,
    /// `Sign` is not 64 hexadecimal digits.
    #[error("parameter `Sign` is not 64 hexadecimal digits")]
    MalformedSign,
    /// Not signed with any of the application's tokens, or signed for another `RequestTime`.
    #[error("parameter `Sign` is wrong")]
    WrongSign,
    /// Correctly signed, but `RequestTime` is not a number of seconds in its usual form.
    #[error("parameter `RequestTime` is invalid")]
    InvalidRequestTime(#[source] ParseTimeError),
    /// Correctly signed, but too long ago or too far ahead.
    #[error("parameter `RequestTime` is too far from now")]
    StaleRequestTime,
}

impl RequestError {
    /// Returns the HTTP status to answer with: 400 for a query that cannot be read, 401 for one whose
    /// signature is missing, wrong or stale, 403 for another application's.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        match self {
            Self::MissingSdkAppId | Self::InvalidSdkAppId(_) | Self::DuplicateParameter { .. } => 400,
            Self::MissingSign
            | Self::MissingRequestTime
            | Self::MalformedSign
            | Self::WrongSign
            | Self::InvalidRequestTime(_)
            | Self::StaleRequestTime => 401,
            Self::ForeignSdkAppId { .. } => 403,
        }
    }
}

/// Why a body is not a valid packet.
///
/// Its text names the place and what was expected there, and never quotes the body. Lines are counted from 1,
/// columns in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// Not UTF-8 text.
    #[error("body is not UTF-8 at line {line} column {column}")]
    #[non_exhaustive]
    Encoding {
        /// Line of the first invalid byte.
        line: usize,
        /// Column of the first invalid byte.
        column: usize,
    },
    /// Not JSON: cut short, followed by something else, nested more than 127 levels deep, or malformed in
    /// another way.
    #[error("body is not JSON at line {line} column {column}")]
    #[non_exhaustive]
    Syntax {
        /// Line where reading stopped.
        line: usize,
        /// Column where reading stopped.
        column: usize,
        /// What is wrong there.
        source: EventProblem,
    },
    /// Nothing says which event it is: the body is not a JSON object, or its `CallbackCommand` is missing,
    /// duplicated or not text.
    #[error("body has no valid `CallbackCommand` at line {line} column {column}")]
    #[non_exhaustive]
    Command {
        /// Line where the fault was detected.
        line: usize,
        /// Column where the fault was detected.
        column: usize,
        /// What is wrong there.
        source: EventProblem,
    },
    /// A field of a known event is missing, duplicated or of the wrong type.
    #[error("field `{path}` of `{command}` is invalid at line {line} column {column}")]
    #[non_exhaustive]
    Field {
        /// Event.
        command: Command,
        /// Path of the field, such as `ToRoomList[0].Score`.
        path: String,
        /// Line where the fault was detected.
        line: usize,
        /// Column where the fault was detected.
        column: usize,
        /// What is wrong there.
        source: EventProblem,
    },
}

impl EventError {
    /// Returns the HTTP status to answer with: always 400.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        400
    }

    /// Returns the command of the packet, if it could be read and is known.
    #[must_use]
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Field { command, .. } => Some(command),
            Self::Encoding { .. } | Self::Syntax { .. } | Self::Command { .. } => None,
        }
    }

    /// Returns the path of the invalid field, such as `ToRoomList[0].Score`. It is `CallbackCommand` if that
    /// is missing, including when the body is not an object; `None` for a body that is not JSON.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Field { path, .. } => Some(path),
            Self::Command { .. } => Some("CallbackCommand"),
            Self::Encoding { .. } | Self::Syntax { .. } => None,
        }
    }

    /// Returns the line of the fault, counting from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::Encoding { line, .. }
            | Self::Syntax { line, .. }
            | Self::Command { line, .. }
            | Self::Field { line, .. } => *line,
        }
    }

    /// Returns the column of the fault, in bytes.
    #[must_use]
    pub fn column(&self) -> usize {
        match self {
            Self::Encoding { column, .. }
            | Self::Syntax { column, .. }
            | Self::Command { column, .. }
            | Self::Field { column, .. } => *column,
        }
    }
}

/// What is wrong at the place that an [`EventError`] names, without quoting the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventProblem {
    text: String,
}

impl EventProblem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Says what the parser found and expected, without the value that it found and without the place.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        if error.is_data() { Self::from_message(&message) } else { Self::new(without_place(&message)) }
    }

    /// Does the same for an error's text in one of serde's own wordings (`serde::de::Error`). Any other
    /// wording is not repeated.
    pub(crate) fn from_message(message: &str) -> Self {
        let message = without_place(message);
        for kind in ["invalid type", "invalid value"] {
            let Some(found) = message.strip_prefix(kind).and_then(|rest| rest.strip_prefix(": ")) else {
                continue;
            };
            // What follows the last comma comes from the program; what precedes it may quote the body.
            let Some((found, expected)) = found.rsplit_once(", expected ") else {
                continue;
            };
            let found = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            return Self::new(format!("{kind}: {found}, expected {expected}"));
        }
        let quotes_nothing = Self::named_field(message).is_some() || message.starts_with("invalid length ");
        Self::new(if quotes_nothing { message } else { "invalid value" })
    }

    /// Returns the field that serde found missing or duplicated: its error points to the enclosing object.
    pub(crate) fn field(&self) -> Option<&str> {
        Self::named_field(&self.text)
    }

    fn named_field(message: &str) -> Option<&str> {
        let field = ["missing field `", "duplicate field `"]
            .into_iter()
            .find_map(|wording| message.strip_prefix(wording))?;
        field.strip_suffix('`')
    }
}

fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _place)| message)
}

/// Why a delivery was not received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Query refused; the body was not read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Body that is not a valid packet.
    #[error(transparent)]
    Event(#[from] EventError),
}

impl ReceiveError {
    /// Returns the HTTP status to answer with.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        match self {
            Self::Request(error) => error.status_code(),
            Self::Event(error) => error.status_code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{Error, Unexpected};

    use super::EventProblem;

    #[test]
    fn a_problem_quotes_nothing_of_the_body() {
        let expected = "a `word`, expected or not";
        for (found, text) in [
            (Unexpected::Str("SECRET, expected \"SECRET\" `"), "string"),
            (Unexpected::Unsigned(12345), "integer"),
            (Unexpected::Float(1.5), "floating point"),
            (Unexpected::Char('S'), "character"),
            (Unexpected::Bool(true), "boolean"),
            (Unexpected::Map, "map"),
        ] {
            let error = serde_json::Error::invalid_type(found, &"a number");
            assert_eq!(
                EventProblem::from_json(&error).to_string(),
                format!("invalid type: {text}, expected a number")
            );
            let error = serde_json::Error::invalid_value(found, &expected);
            assert!(!EventProblem::from_json(&error).to_string().contains("SECRET"));
        }
        for error in [
            serde_json::Error::custom("SECRET"),
            serde_json::Error::unknown_variant("SECRET", &["a"]),
            serde_json::Error::custom("invalid type: SECRET"),
            serde_json::Error::custom("missing field `a` SECRET"),
        ] {
            assert_eq!(EventProblem::from_json(&error).to_string(), "invalid value");
        }
    }

    #[test]
    fn a_problem_names_the_field_that_is_missing_or_there_twice() {
        let field = |error| EventProblem::from_json(&error).field().map(ToOwned::to_owned);
        assert_eq!(field(Error::missing_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::duplicate_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::invalid_length(1, &"two")), None);
        let error = serde_json::Error::invalid_length(1, &"two");
        assert_eq!(EventProblem::from_json(&error).to_string(), "invalid length 1, expected two");
    }
}
