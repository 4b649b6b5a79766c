//! Location of what is wrong with a body.

use serde::de;
use serde_json::Value;
use serde_path_to_error::Track;

use super::reader::{Problem, Reader};
use crate::{
    command::Command,
    error::{EventError, EventProblem, Place, message},
};

/// A body that is not JSON, or has no valid command.
pub(super) fn without_command(error: &serde_json::Error) -> EventError {
    let (place, source) = (place(error), EventProblem::from_json(error));
    if error.is_data() { EventError::Command { place, source } } else { EventError::Syntax { place, source } }
}

/// A packet of a known command, or of an unrecognized one, that could not be read.
pub(super) fn within(command: Command, track: Track, error: &serde_json::Error) -> EventError {
    let place = place(error);
    if !error.is_data() || !command.is_recognized() {
        return EventError::Syntax { place, source: EventProblem::from_json(error) };
    }
    let (path, source) = whereabouts(track, error);
    EventError::Field { command, path, place, source }
}

/// Reads a part of a packet that had to be set aside until its type was known.
pub(super) fn kept_aside<T, E: de::Error>(
    name: &str,
    value: &Value,
    read: impl FnOnce(serde_path_to_error::Deserializer<'_, '_, Reader<'_>>) -> Result<T, Problem>,
) -> Result<T, E> {
    let mut track = Track::new();
    read(serde_path_to_error::Deserializer::new(Reader(value), &mut track)).map_err(|Problem(problem)| {
        let path = join(name, &join(&track.path().to_string(), problem.field().unwrap_or(".")));
        E::custom(format_args!("{WITHIN}{path}`: {problem}"))
    })
}

/// Beginning of an error that arose in a part set aside, and that brings its own path.
const WITHIN: &str = "within `";

/// Returns the path of what is wrong, and what is wrong with it.
fn whereabouts(track: Track, error: &serde_json::Error) -> (String, EventProblem) {
    let path = track.path().to_string();
    let message = message(error);
    let (path, problem) = match message.strip_prefix(WITHIN).and_then(|rest| rest.split_once("`: ")) {
        Some((inner, problem)) => (join(&path, inner), EventProblem::from_message(problem)),
        None => (path, EventProblem::from_message(&message)),
    };
    let path = match problem.field() {
        // The error points to the object that lacks or duplicates the field. A part set aside brings the field's path.
        Some(field) if !message.starts_with(WITHIN) => join(&path, field),
        _ => path,
    };
    (shortened(path), problem)
}

/// Joins two paths, either of which may be the root.
fn join(outer: &str, inner: &str) -> String {
    match (outer, inner) {
        (".", path) | (path, ".") => path.to_owned(),
        (outer, inner) => format!("{outer}.{inner}"),
    }
}

/// Returns the path of a problem of a type of the service's own: empty for the whole.
pub(super) fn path(track: Track, problem: &EventProblem) -> String {
    let path = join(&track.path().to_string(), problem.field().unwrap_or("."));
    // A key of a map can be anything, a line break included.
    let path = if path.contains(char::is_control) { path.escape_debug().to_string() } else { path };
    shortened(if path == "." { String::new() } else { path })
}

/// Leaves out the middle of a long path: messages within messages can make it as deep as JSON may be.
fn shortened(path: String) -> String {
    const EACH_END: usize = 120;
    if path.len() <= 2 * EACH_END {
        return path;
    }
    // A key need not be ASCII: an end may have to be a little shorter.
    let start = (0..=EACH_END).rev().find_map(|end| path.get(..end));
    let end = (path.len() - EACH_END..=path.len()).find_map(|start| path.get(start..));
    format!("{}…{}", start.unwrap_or_default(), end.unwrap_or_default())
}

fn place(error: &serde_json::Error) -> Place {
    Place { line: error.line(), column: error.column() }
}

/// Returns the line, counting from 1, and the column in bytes, as `serde_json` counts them.
pub(super) fn place_of(body: &[u8], offset: usize) -> Place {
    let before = body.get(..=offset).unwrap_or(body);
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    Place { line, column }
}

#[cfg(test)]
mod tests {
    use super::{place_of, shortened};
    use crate::error::Place;

    #[test]
    fn places_count_lines_from_one_and_columns_in_bytes() {
        let body = "a\n\néb".as_bytes();
        assert_eq!(place_of(body, 0), Place { line: 1, column: 1 });
        assert_eq!(place_of(body, 3), Place { line: 3, column: 1 });
        assert_eq!(place_of(body, 5), Place { line: 3, column: 3 });
        assert_eq!(place_of(b"", 0), Place { line: 1, column: 0 });
    }

    #[test]
    fn a_long_path_keeps_both_ends() {
        let path = format!("A{}Z", ".Middle".repeat(100));
        let short = shortened(path);
        assert!(short.starts_with("A.Middle") && short.ends_with(".MiddleZ") && short.contains('…'));
        assert_eq!(short.chars().count(), 241);
        assert_eq!(shortened("A.B".to_owned()), "A.B");
        let path = format!("A.{}", "é".repeat(1000));
        assert_eq!(shortened(path), format!("A.{}…{}", "é".repeat(59), "é".repeat(60)));
        let path = format!("AB.{}Z", "é".repeat(1000));
        assert_eq!(shortened(path), format!("AB.{}…{}Z", "é".repeat(58), "é".repeat(59)));
    }
}
