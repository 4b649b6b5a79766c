//! Errors: why a delivery is refused, and the HTTP status to answer with.

use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::{
    command::Command,
    id::{ParseSdkAppIdError, SdkAppId},
    time::ParseTimeError,
};

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// `SdkAppid`, which names the application, is missing. Callbacks of TRTC's room and recording services, which are
    /// no webhooks of Live, have it in a header.
    #[error("missing parameter SdkAppid")]
    MissingSdkAppId,
    /// `SdkAppid` is not a decimal number of 64 bits.
    #[error("invalid parameter SdkAppid")]
    InvalidSdkAppId(#[source] ParseSdkAppIdError),
    /// Duplicate parameter: another reader of the query might use the other value.
    #[error("duplicate parameter {name}")]
    #[non_exhaustive]
    DuplicateParameter {
        /// Documented name of the parameter.
        name: &'static str,
    },
    /// SDKAppID that is not one of the receiver's.
    #[error("SDKAppID {sdk_app_id} does not belong to this receiver")]
    #[non_exhaustive]
    ForeignSdkAppId {
        /// SDKAppID in the query.
        sdk_app_id: SdkAppId,
    },
    /// `Sign` is missing, although the application has a token.
    #[error("missing parameter Sign")]
    MissingSign,
    /// `RequestTime` is missing, although the application has a token.
    #[error("missing parameter RequestTime")]
    MissingRequestTime,
    /// `Sign` is not 64 hexadecimal digits.
    #[error("parameter Sign is not 64 hexadecimal digits")]
    MalformedSign,
    /// Signed with none of the application's tokens, or for another `RequestTime`.
    #[error("wrong signature")]
    WrongSign,
    /// Correctly signed, but `RequestTime` is not a number of seconds in canonical form.
    #[error("invalid parameter RequestTime")]
    InvalidRequestTime(#[source] ParseTimeError),
    /// Correctly signed, but `RequestTime` is further from now than the tolerance.
    #[error("stale signature: RequestTime is too far from now")]
    StaleRequestTime,
}

impl RequestError {
    /// Returns the HTTP status to answer with: 400 for a query that cannot be read, 401 for one whose
    /// signature is missing, wrong or stale, 403 for another application's.
    #[must_use]
    pub const fn status_code(&self) -> u16 {
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
/// Names the place and what was expected there, and never quotes the body, but for the keys of maps in the path of
/// [`Parse`](Self::Parse). The text is bounded: about 500 bytes at most.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// Not UTF-8.
    #[error("body is not UTF-8 at {place}")]
    #[non_exhaustive]
    Encoding {
        /// First invalid byte.
        place: Place,
    },
    /// Not JSON: truncated, malformed, followed by something else, or nested more than 127 levels deep.
    #[error("body is not JSON at {place}")]
    #[non_exhaustive]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// What is wrong there.
        source: EventProblem,
    },
    /// Not a packet: the body is not a JSON object, or its `CallbackCommand` is missing, duplicated or not a string.
    #[error("missing or invalid CallbackCommand at {place}")]
    #[non_exhaustive]
    Command {
        /// Where the fault was detected.
        place: Place,
        /// What is wrong there.
        source: EventProblem,
    },
    /// Callback of TRTC's room or recording service, sent to the URL of the webhooks. It has no
    /// `CallbackCommand`, and is signed by a header in place of the query
    /// (<https://trtc.io/document/39558>, <https://trtc.io/document/54914>).
    #[error("body is a callback of the TRTC room or recording service, not a Live webhook")]
    TrtcCallback,
    /// Field of a known event that is missing, duplicated or of the wrong type.
    #[error("invalid field {path} of {command} at {place}")]
    #[non_exhaustive]
    Field {
        /// Event.
        command: Command,
        /// Path of the field, such as `ToRoomList[0].Score`.
        path: String,
        /// Where the fault was detected.
        place: Place,
        /// What is wrong there.
        source: EventProblem,
    },
    /// Field of an unrecognized event that is missing or of the wrong type, for the struct that
    /// [`UnrecognizedEvent::parse`](crate::UnrecognizedEvent::parse) reads the event into.
    #[error("{}", parse_text(path))]
    #[non_exhaustive]
    Parse {
        /// Path of the field; empty for the event itself.
        path: String,
        /// What is wrong there.
        source: EventProblem,
    },
}

impl EventError {
    /// Returns the HTTP status to answer with: always 400.
    #[must_use]
    pub const fn status_code(&self) -> u16 {
        400
    }

    /// Returns the command of the packet, if it could be read and is known.
    #[must_use]
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Field { command, .. } => Some(command),
            _ => None,
        }
    }

    /// Returns the path of the invalid field, such as `ToRoomList[0].Score`. It is `CallbackCommand` if that
    /// is missing, including when the body is not an object; `None` for a body that is not JSON.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Field { path, .. } | Self::Parse { path, .. } => Some(path),
            Self::Command { .. } | Self::TrtcCallback => Some("CallbackCommand"),
            Self::Encoding { .. } | Self::Syntax { .. } => None,
        }
    }

    /// Returns where in the body the fault was detected; `None` for [`TrtcCallback`](Self::TrtcCallback), which concerns
    /// the whole body, and for [`Parse`](Self::Parse).
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Encoding { place }
            | Self::Syntax { place, .. }
            | Self::Command { place, .. }
            | Self::Field { place, .. } => Some(*place),
            Self::TrtcCallback | Self::Parse { .. } => None,
        }
    }
}

/// Place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, counting from 1.
    pub line: usize,
    /// Column in bytes, counting from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// What is wrong at the place that an [`EventError`] names. Never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventProblem {
    text: String,
}

/// Nouns by which serde names the values that it finds (`serde::de::Unexpected`). The value itself may follow.
const FOUND: &[&str] = &[
    "null",
    "boolean",
    "integer",
    "floating point",
    "number",
    "character",
    "string",
    "byte array",
    "sequence",
    "map",
];

fn parse_text(path: &str) -> String {
    match path {
        "" => "unrecognized event is not of the expected type".to_owned(),
        path => format!("invalid field {path} of an unrecognized event"),
    }
}

impl EventProblem {
    /// Maximum length of the repeated text of what was expected. The texts of this crate's own types are shorter.
    const MAX_EXPECTED: usize = 200;

    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Says what the parser found and expected, without the value that it found and without the place.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let message = message(error);
        // Syntax errors are described in the parser's own words.
        if error.is_data() { Self::from_message(&message) } else { Self::new(message) }
    }

    /// Same as [`from_json`](Self::from_json), for a text in one of serde's own wordings (`serde::de::Error`). Only words
    /// that are known to come from the program are repeated.
    pub(crate) fn from_message(message: &str) -> Self {
        for kind in ["invalid type", "invalid value"] {
            let Some(found) = message.strip_prefix(kind).and_then(|rest| rest.strip_prefix(": ")) else {
                continue;
            };
            // What follows the last comma comes from the program; what precedes it may quote the body.
            let Some((found, expected)) = found.rsplit_once(", expected ") else {
                continue;
            };
            let is_known = |noun: &&&str| match found.strip_prefix(**noun) {
                Some(quoted) => quoted.is_empty() || quoted.starts_with(' '),
                None => false,
            };
            let found = FOUND.iter().find(is_known).copied().unwrap_or("another value");
            let expected = Self::bounded(expected);
            return Self::new(format!("{kind}: {found}, expected {expected}"));
        }
        Self::new(if Self::quotes_nothing(message) { message } else { "invalid value" })
    }

    fn bounded(expected: &str) -> &str {
        let fits = |end| expected.get(..end);
        if expected.len() <= Self::MAX_EXPECTED {
            return expected;
        }
        (0..=Self::MAX_EXPECTED).rev().find_map(fits).unwrap_or_default()
    }

    /// Says what a type found and expected.
    pub(crate) fn unexpected(kind: &str, found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit => "null",
            Unexpected::Bool(_) => "boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
            Unexpected::Float(_) => "floating point",
            Unexpected::Char(_) => "character",
            Unexpected::Str(_) => "string",
            Unexpected::Bytes(_) => "byte array",
            Unexpected::Seq => "sequence",
            Unexpected::Map => "map",
            Unexpected::Other(noun) => FOUND.iter().find(|known| **known == noun).unwrap_or(&"another value"),
            _ => "another value",
        };
        Self::new(format!("{kind}: {found}, expected {}", Self::bounded(&expected.to_string())))
    }

    /// Returns the field that serde found missing or duplicated: its error points to the enclosing object.
    pub(crate) fn field(&self) -> Option<&str> {
        Self::named_field(&self.text)
    }

    fn named_field(message: &str) -> Option<&str> {
        let field = ["missing field `", "duplicate field `"]
            .into_iter()
            .find_map(|wording| message.strip_prefix(wording))?;
        field.strip_suffix('`').filter(|field| field.len() <= Self::MAX_EXPECTED)
    }

    fn quotes_nothing(message: &str) -> bool {
        let is_length = |rest: &str| {
            let (length, expected) = rest.split_once(", expected ")?;
            let all_digits = length.bytes().all(|byte| byte.is_ascii_digit());
            (all_digits && expected.len() <= Self::MAX_EXPECTED).then_some(())
        };
        Self::named_field(message).is_some()
            || message.strip_prefix("invalid length ").and_then(is_length).is_some()
    }
}

/// Returns the text of an error, without the place at its end.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let mut message = error.to_string();
    let place = format!(" at {}", Place { line: error.line(), column: error.column() });
    if error.line() > 0 && message.ends_with(&place) {
        message.truncate(message.len() - place.len());
    }
    message
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
    pub const fn status_code(&self) -> u16 {
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
            (Unexpected::Seq, "sequence"),
            (Unexpected::Signed(-1), "integer"),
            (Unexpected::Bytes(b"SECRET"), "byte array"),
        ] {
            assert_eq!(
                EventProblem::unexpected("invalid type", found, &"a number").to_string(),
                format!("invalid type: {text}, expected a number")
            );
            let error = serde_json::Error::invalid_type(found, &"a number");
            assert_eq!(
                EventProblem::from_json(&error).to_string(),
                format!("invalid type: {text}, expected a number")
            );
            let error = serde_json::Error::invalid_value(found, &expected);
            assert!(!EventProblem::from_json(&error).to_string().contains("SECRET"));
        }
        for (found, text) in [
            (Unexpected::Unit, "null"),
            (Unexpected::Other("string"), "string"),
            (Unexpected::Other("SECRET"), "another value"),
            (Unexpected::Enum, "another value"),
        ] {
            assert_eq!(
                EventProblem::unexpected("invalid value", found, &"a number").to_string(),
                format!("invalid value: {text}, expected a number")
            );
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
    fn a_problem_names_a_missing_or_duplicate_field() {
        let field = |error| EventProblem::from_json(&error).field().map(ToOwned::to_owned);
        assert_eq!(field(Error::missing_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::duplicate_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::invalid_length(1, &"two")), None);
        let error = serde_json::Error::invalid_length(1, &"two");
        assert_eq!(EventProblem::from_json(&error).to_string(), "invalid length 1, expected two");
    }
}
