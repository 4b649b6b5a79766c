//! What can be wrong with a delivery, and the HTTP status that says so.

use crate::{Command, SdkAppId, id::ParseSdkAppIdError};

/// Why a query was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The query does not say which application it is for.
    #[error("parameter `SdkAppid` is missing")]
    MissingSdkAppId,
    /// The query names an application that cannot exist.
    #[error("parameter `SdkAppid` is invalid")]
    InvalidSdkAppId(#[source] ParseSdkAppIdError),
    /// A parameter is there twice, so that two readers may see two things.
    #[error("parameter `{name}` is there more than once")]
    #[non_exhaustive]
    DuplicateParameter {
        /// Documented name of the parameter.
        name: &'static str,
    },
    /// The delivery is for an application that is none of the receiver's.
    #[error("SDKAppID {sdk_app_id} is not one of this receiver's")]
    #[non_exhaustive]
    ForeignSdkAppId {
        /// The application that the query names.
        sdk_app_id: SdkAppId,
    },
}

impl RequestError {
    /// Returns the HTTP status to answer with: 400 for a query that cannot be read, 403 for another
    /// application's.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        match self {
            Self::MissingSdkAppId | Self::InvalidSdkAppId(_) | Self::DuplicateParameter { .. } => 400,
            Self::ForeignSdkAppId { .. } => 403,
        }
    }
}

/// Why a body is no packet.
///
/// The text names the place and what was expected there, and never quotes the body. Lines count from 1,
/// columns in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The body is not UTF-8 text.
    #[error("body is not UTF-8 at line {line} column {column}")]
    #[non_exhaustive]
    Encoding {
        /// Line of the first wrong byte.
        line: usize,
        /// Column of the first wrong byte.
        column: usize,
    },
    /// The body is not JSON, is cut short, goes on behind its end, or is nested more than 127 deep.
    #[error("body is not JSON at line {line} column {column}")]
    #[non_exhaustive]
    Syntax {
        /// Line where reading stopped.
        line: usize,
        /// Column where reading stopped.
        column: usize,
        /// What is wrong there.
        source: Problem,
    },
    /// The body does not say which event it is: it is no JSON object, or its `CallbackCommand` is missing, not
    /// text, or there twice.
    #[error("body has no valid `CallbackCommand` at line {line} column {column}")]
    #[non_exhaustive]
    Command {
        /// Line where the fault was noticed.
        line: usize,
        /// Column where the fault was noticed.
        column: usize,
        /// What is wrong there.
        source: Problem,
    },
    /// A field of a known event is missing, there twice, or of the wrong type.
    #[error("field `{path}` of `{command}` is invalid at line {line} column {column}")]
    #[non_exhaustive]
    Field {
        /// The event.
        command: Command,
        /// Where the field stands, as in `ToRoomList[0].Score`.
        path: String,
        /// Line where the fault was noticed.
        line: usize,
        /// Column where the fault was noticed.
        column: usize,
        /// What is wrong there.
        source: Problem,
    },
}

impl EventError {
    /// Returns the HTTP status to answer with: always 400.
    #[must_use]
    pub fn status_code(&self) -> u16 {
        400
    }

    /// Returns the command of the packet, if it could be read and is a known one.
    #[must_use]
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Field { command, .. } => Some(command),
            Self::Encoding { .. } | Self::Syntax { .. } | Self::Command { .. } => None,
        }
    }

    /// Returns the path of the field that is wrong, as in `ToRoomList[0].Score`; `None` if the fault lies not
    /// in a field.
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

/// What is wrong at the place that an [`EventError`] names, without a word of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Problem {
    text: String,
}

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Says what the parser found and expected, less the value that it found and the place.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let message = message
            .rsplit_once(" at line ")
            .map_or(&*message, |(message, _place)| message);
        if !error.is_data() {
            return Self::new(message);
        }
        // serde's own wordings (`serde::de::Error`). Whatever follows the last comma is the program's.
        for kind in ["invalid type", "invalid value"] {
            let Some(found) = message
                .strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix(": "))
            else {
                continue;
            };
            let Some((found, expected)) = found.rsplit_once(", expected ") else {
                continue;
            };
            let found = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            return Self::new(format!("{kind}: {found}, expected {expected}"));
        }
        match Self::named_field(message) {
            Some(_) => Self::new(message),
            None => Self::new("invalid value"),
        }
    }

    /// Returns the field that serde found missing or there twice: its error stands at the enclosing object.
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

/// Why a delivery was not received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The query was refused; the body was not read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The body is no packet.
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
