//! Errors: why a delivery is refused, and the HTTP status to answer with.

mod problem;

pub(crate) use self::problem::message;
pub use self::problem::{EventProblem, Place};
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
    /// Not JSON that can be read: truncated, malformed, followed by something else, nested more than 127 levels deep, or
    /// with a value to keep that no [`Value`](serde_json::Value) can hold.
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
        /// Command of the packet that has the field.
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

fn parse_text(path: &str) -> String {
    match path {
        "" => "unrecognized event is not of the expected type".to_owned(),
        path => format!("invalid field {path} of an unrecognized event"),
    }
}

/// Why a delivery was not received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Query refused; no event was read from the body.
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
