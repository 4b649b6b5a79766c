//! Packets to send: samples and files in which fields were set.

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use trtc_live_webhook::{Command, Event, samples::Sample};

/// A packet, ready to be sent.
#[derive(Debug)]
pub(crate) struct Packet {
    /// Name of the sample or of the file that it was made from.
    pub(crate) name: Arc<str>,
    /// What the URL calls it; `None` for a file that names no command.
    pub(crate) command: Option<Command>,
    pub(crate) body: Vec<u8>,
}

impl Packet {
    /// Makes a packet from a sample. All that is not set stays as it is documented, the order of the fields included.
    pub(crate) fn new(sample: &Sample, set: &[Assignment]) -> Result<Self, SetError> {
        let body = assign(sample.json().as_bytes(), set).map_err(|error| error.of(sample.name()))?;
        // The command may have been set, too, and other fields to what the event cannot have.
        let command = command(&body).or_else(|| Some(sample.event().command().clone()));
        Ok(Self { name: sample.name().into(), command, body })
    }

    /// Makes a packet from a file, whatever is in it.
    pub(crate) fn from_file(path: &Path, set: &[Assignment]) -> Result<Self, PacketError> {
        let unreadable = |source| PacketError::File { path: path.to_owned(), source };
        let body = fs::read(path).map_err(unreadable)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let body = assign(&body, set).map_err(|error| error.of(&name))?;
        Ok(Self { name: name.into(), command: command(&body), body })
    }
}

/// Returns what the packet says that it is, even if the rest of it cannot be read.
pub(crate) fn command(body: &[u8]) -> Option<Command> {
    match Event::from_slice(body) {
        Ok(event) => Some(event.command().clone()),
        Err(error) => error.command().cloned(),
    }
}

fn assign(packet: &[u8], set: &[Assignment]) -> Result<Vec<u8>, Unset> {
    let mut packet = packet.to_owned();
    for assignment in set {
        let path = assignment.path.join(".");
        let json = std::str::from_utf8(&packet).ok().map(|json| assignment.apply(json));
        match json.unwrap_or(Err(PathProblem::Scalar(String::new()))) {
            Ok(json) => packet = json.into_bytes(),
            Err(problem) => return Err(Unset { path, problem }),
        }
    }
    Ok(packet)
}

/// Why there is no packet to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PacketError {
    #[error("cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Set(#[from] SetError),
}

/// A field that cannot be set.
#[derive(Debug, thiserror::Error)]
#[error("cannot set `{path}` in {packet}: {problem}")]
pub(crate) struct SetError {
    path: String,
    packet: String,
    problem: PathProblem,
}

/// A field that cannot be set in a packet whose name is not known.
struct Unset {
    path: String,
    problem: PathProblem,
}

impl Unset {
    fn of(self, packet: &str) -> SetError {
        SetError { path: self.path, packet: packet.to_owned(), problem: self.problem }
    }
}

/// What is wrong with a path, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum PathProblem {
    #[error("there is no `{0}`")]
    Missing(String),
    #[error("`{0}` is neither an object nor a list")]
    Scalar(String),
    #[error("`{parent}` is a list of {len}, and `{index}` is no index into it")]
    Index { parent: String, len: usize, index: String },
}

/// A field and the value that it is to have: `RoomInfo.RoomId=my-room`.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    path: Vec<String>,
    value: Box<RawValue>,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text.split_once('=').ok_or("expected `path=value`")?;
        let path: Vec<_> = path.split('.').map(ToOwned::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err("a part of the path is empty".to_owned());
        }
        let value = serde_json::from_str(value).or_else(|_| to_raw_value(value));
        Ok(Self { path, value: value.map_err(|error| error.to_string())? })
    }
}

impl Assignment {
    fn apply(&self, packet: &str) -> Result<String, PathProblem> {
        self.set_in(packet, 0).map(|packet| packet.get().to_owned())
    }

    /// Sets the value in what stands at the first `depth` parts of the path, and returns the whole of that.
    fn set_in(&self, node: &str, depth: usize) -> Result<Box<RawValue>, PathProblem> {
        let Some((name, _)) = self.path.get(depth..).and_then(<[_]>::split_first) else {
            return Ok(self.value.clone());
        };
        let inner = |old: Option<&RawValue>| match old {
            Some(old) => self.set_in(old.get(), depth + 1),
            None if depth + 1 == self.path.len() => Ok(self.value.clone()),
            None => Err(PathProblem::Missing(self.place(depth + 1))),
        };
        if let Ok(mut fields) = serde_json::from_str::<IndexMap<String, Box<RawValue>>>(node) {
            let field = inner(fields.get(name).map(AsRef::as_ref))?;
            fields.insert(name.clone(), field);
            self.written(&fields, depth)
        } else if let Ok(mut elements) = serde_json::from_str::<Vec<Box<RawValue>>>(node) {
            let index = name.parse().ok().filter(|index| *index <= elements.len());
            let index: usize = index.ok_or_else(|| PathProblem::Index {
                parent: self.place(depth),
                len: elements.len(),
                index: name.clone(),
            })?;
            let element = inner(elements.get(index).map(AsRef::as_ref))?;
            match elements.get_mut(index) {
                Some(old) => *old = element,
                None => elements.push(element),
            }
            self.written(&elements, depth)
        } else {
            Err(PathProblem::Scalar(self.place(depth)))
        }
    }

    fn written(&self, node: &impl Serialize, depth: usize) -> Result<Box<RawValue>, PathProblem> {
        // Names and JSON values always are JSON.
        to_raw_value(node).map_err(|_| PathProblem::Scalar(self.place(depth)))
    }

    fn place(&self, depth: usize) -> String {
        self.path.iter().take(depth).map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::Assignment;

    const PACKET: &str =
        r#"{"Z":{"Name":"a","Number":123456789012345678901234567890},"List":[{"A":1.50},2],"B":null}"#;

    #[track_caller]
    fn set(assignment: &str) -> Result<String, String> {
        assignment.parse::<Assignment>().unwrap().apply(PACKET).map_err(|problem| problem.to_string())
    }

    #[test]
    fn all_but_the_field_stays_as_it_was() {
        for (assignment, old, new) in [
            ("Z.Name=b", r#""Name":"a""#, r#""Name":"b""#),
            ("Z.Name=a=b.c", r#""Name":"a""#, r#""Name":"a=b.c""#),
            ("Z.Name=", r#""Name":"a""#, r#""Name":"""#),
            ("Z.Name=7", r#""Name":"a""#, r#""Name":7"#),
            (r#"Z.Name="7""#, r#""Name":"a""#, r#""Name":"7""#),
            ("Z.Name= [1, null] ", r#""Name":"a""#, r#""Name":[1, null]"#),
            (r#"Z.Name=say "no""#, r#""Name":"a""#, r#""Name":"say \"no\"""#),
            ("Z.New=true", r"567890}", r#"567890,"New":true}"#),
            ("List.0.A=x", "1.50", r#""x""#),
            ("List.1=x", "2]", r#""x"]"#),
            ("List.2=x", "2]", r#"2,"x"]"#),
            ("B={}", "null", "{}"),
            ("C=1", "null", r#"null,"C":1"#),
        ] {
            assert_eq!(set(assignment), Ok(PACKET.replacen(old, new, 1)), "{assignment}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error_that_names_the_place() {
        for (assignment, problem) in [
            ("C.A=1", "there is no `C`"),
            ("Z.New.A.B=1", "there is no `Z.New`"),
            ("Z.Name.A=1", "`Z.Name` is neither an object nor a list"),
            ("B.A=1", "`B` is neither an object nor a list"),
            ("List.0.B.C=1", "there is no `List.0.B`"),
            ("List.2.A=1", "there is no `List.2`"),
            ("List.3=1", "`List` is a list of 2, and `3` is no index into it"),
            ("List.-1=1", "`List` is a list of 2, and `-1` is no index into it"),
            ("List.A=1", "`List` is a list of 2, and `A` is no index into it"),
        ] {
            assert_eq!(set(assignment), Err(problem.to_owned()), "{assignment}");
        }
    }

    #[test]
    fn an_assignment_has_a_path_and_a_value() {
        for (text, problem) in [
            ("RoomId", "expected `path=value`"),
            ("=1", "a part of the path is empty"),
            ("A..B=1", "a part of the path is empty"),
            ("A.=1", "a part of the path is empty"),
        ] {
            assert_eq!(text.parse::<Assignment>().unwrap_err(), problem, "{text}");
        }
    }
}
