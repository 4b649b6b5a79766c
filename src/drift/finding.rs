//! Findings of a report.

use std::fmt;

use serde_json::Value;

use super::path::Path;
use crate::command::Command;

/// Part of a delivery that this version of the crate does not model.
///
/// Its `Display` is a single line that shows at most 100 characters of each text. Unlike errors, it quotes the delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// Field that the event's struct does not have.
    #[non_exhaustive]
    UnknownField {
        /// JSON Pointer (RFC 6901) to the field in the packet. A name of more than 128 bytes is cut, and ends in `…`.
        pointer: String,
    },
    /// Unknown value of a known field: one of an open enum, or a length that a
    /// [`Duration`](std::time::Duration) cannot hold, such as -1.
    #[non_exhaustive]
    UnrecognizedValue {
        /// JSON Pointer (RFC 6901) to the value in the packet.
        pointer: String,
        /// Value in the packet.
        value: Value,
    },
    /// Command that this version does not model.
    #[non_exhaustive]
    UnrecognizedCommand {
        /// Command in the packet.
        command: Command,
    },
    /// Unknown value of a parameter in the URL's query.
    #[non_exhaustive]
    UnrecognizedParameter {
        /// Documented name of the parameter.
        name: &'static str,
        /// Value in the query.
        value: String,
    },
    /// Command in the URL that differs from the one in the body, and is neither a documented alias of it nor
    /// what its page documents for the URL.
    #[non_exhaustive]
    CommandMismatch {
        /// What the URL says.
        url: Command,
        /// What the body says, and what the delivery is treated as.
        body: Command,
    },
    /// Number of further findings. Last in a report that reached its limit.
    #[non_exhaustive]
    More {
        /// Findings left out.
        count: usize,
    },
}

impl Finding {
    /// Returns the JSON Pointer (RFC 6901) into the packet; `None` for a finding that does not concern a single field.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::UnknownField { pointer } | Self::UnrecognizedValue { pointer, .. } => Some(pointer),
            Self::UnrecognizedCommand { .. }
            | Self::UnrecognizedParameter { .. }
            | Self::CommandMismatch { .. }
            | Self::More { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { pointer } => write!(f, "unknown field {}", Short(pointer)),
            Self::UnrecognizedValue { pointer, value: Value::String(value) } => {
                write!(f, "unrecognized value {} at {}", Short(value), Short(pointer))
            }
            Self::UnrecognizedValue { pointer, value } => {
                write!(f, "unrecognized value {value} at {}", Short(pointer))
            }
            Self::UnrecognizedParameter { name, value } => {
                write!(f, "unrecognized value {} of parameter {name}", Short(value))
            }
            Self::UnrecognizedCommand { command } => {
                write!(f, "unrecognized command {}", Short(command.as_str()))
            }
            Self::CommandMismatch { url, body } => {
                let (url, body) = (Short(url.as_str()), Short(body.as_str()));
                write!(f, "command {url} in the URL, {body} in the body")
            }
            Self::More { count } => write!(f, "and {count} more"),
        }
    }
}

/// Text in quotes, shortened. Rust's quoting escapes everything that could break the line.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX: usize = 100;
        match self.0.char_indices().nth(MAX) {
            Some((end, _)) => write!(f, "{:?}…", self.0.get(..end).unwrap_or_default()),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// Maximum number of findings in a report, besides [`Finding::More`].
const MAX_FINDINGS: usize = 100;

/// Findings, up to a limit.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    pub(super) fn unknown_field(&mut self, path: &Path<'_>) {
        self.add(|| Finding::UnknownField { pointer: path.pointer() });
    }

    pub(super) fn unrecognized_value(&mut self, path: &Path<'_>, value: impl FnOnce() -> Value) {
        self.add(|| Finding::UnrecognizedValue { pointer: path.pointer(), value: value() });
    }

    fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_list(mut self) -> Vec<Finding> {
        if self.more > 0 {
            self.list.push(Finding::More { count: self.more });
        }
        self.list
    }
}
