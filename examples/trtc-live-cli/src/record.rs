//! Recording: each new kind of packet becomes a file without anything personal.

mod anonymous;
mod shape;

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use trtc_live_webhook::{Command, UnixMillis};

use self::{anonymous::Anonymizer, shape::Kind};
use crate::failure::Failure;

/// Most files in a folder: a stranger who found the token cannot fill the disk.
const MAX_FILES: usize = 1000;

/// Longest part of a file's name that is made of a command.
const MAX_NAME: usize = 80;

/// In which order, and when, the packets of a folder arrived.
pub(crate) const ARRIVALS: &str = "arrivals.jsonl";

/// A line of [`ARRIVALS`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Arrival {
    pub(crate) file: String,
    pub(crate) at: UnixMillis,
}

/// Writes packets into a folder.
#[derive(Debug)]
pub(crate) struct Recorder {
    folder: PathBuf,
    known: HashSet<Kind>,
    anonymizer: Anonymizer,
    full: bool,
}

impl Recorder {
    /// Opens a folder, or makes it. What it holds already is not recorded again.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Failure> {
        let known = fs::create_dir_all(&folder).and_then(|()| packets(&folder)).and_then(|files| {
            files.iter().map(|path| fs::read(path).map(|packet| Kind::of(&packet))).collect()
        });
        match known {
            Ok(known) => Ok(Self { folder, known, anonymizer: Anonymizer::default(), full: false }),
            Err(source) => Err(Failure::Folder { path: folder, source }),
        }
    }

    /// Writes the packet, if it is the first of its kind, and returns the name of its file.
    pub(crate) fn record(
        &mut self,
        command: &Command,
        body: &[u8],
        at: UnixMillis,
    ) -> io::Result<Option<String>> {
        let packet = self.anonymizer.packet(body)?;
        let kind = Kind::of(packet.as_bytes());
        if self.known.contains(&kind) {
            return Ok(None);
        }
        if self.known.len() >= MAX_FILES {
            let told = std::mem::replace(&mut self.full, true);
            let full = || io::Error::other(format!("the folder has {MAX_FILES} kinds of packets"));
            return if told { Ok(None) } else { Err(full()) };
        }
        let (name, mut file) = self.create(command)?;
        file.write_all(packet.as_bytes())?;
        self.known.insert(kind);
        let mut arrivals = OpenOptions::new().create(true).append(true).open(self.folder.join(ARRIVALS))?;
        let arrival = Arrival { file: name.clone(), at };
        writeln!(arrivals, "{}", serde_json::to_string(&arrival)?)?;
        Ok(Some(name))
    }

    /// Makes a file that was not there, named like the fixtures of the crate.
    fn create(&self, command: &Command) -> io::Result<(String, File)> {
        let base = file_name(command.as_str());
        for number in 1..=MAX_FILES + 1 {
            let name = if number == 1 { format!("{base}.json") } else { format!("{base}.{number}.json") };
            match OpenOptions::new().write(true).create_new(true).open(self.folder.join(&name)) {
                Ok(file) => return Ok((name, file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("all names are taken"))
    }
}

/// Returns the packets of a folder, by name.
pub(crate) fn packets(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json") && path.is_file());
    paths.sort();
    Ok(paths)
}

/// Makes a name of what a stranger may have written.
fn file_name(command: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = command.chars().take(MAX_NAME).map(safe).collect();
    let name = name.trim_matches('.');
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::TempDir;
    use trtc_live_webhook::{Command, UnixMillis, samples};

    use super::{ARRIVALS, Arrival, Recorder, file_name, packets};

    fn record(recorder: &mut Recorder, body: &str) -> Option<String> {
        let command = crate::packet::command(body.as_bytes()).unwrap();
        recorder.record(&command, body.as_bytes(), UnixMillis::new(7)).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = packets(folder).unwrap().into_iter();
        names.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn each_kind_becomes_one_file() {
        let folder = TempDir::new().unwrap();
        let mut recorder = Recorder::open(folder.path().join("new/folder")).unwrap();
        let gift =
            r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":"a","GiftWater":{"GiftId":"1"}}"#;
        assert_eq!(record(&mut recorder, gift).unwrap(), "Live.CallbackBeforeSendGift.json");
        assert_eq!(record(&mut recorder, &gift.replace("\"a\"", "\"b\"")), None);
        // Another shape, an unknown field, an unknown value.
        let number = gift.replace("\"a\"", "7");
        assert_eq!(record(&mut recorder, &number).unwrap(), "Live.CallbackBeforeSendGift.2.json");
        let more = gift.replace("\"RoomId\"", "\"Mood\":1,\"RoomId\"");
        assert_eq!(record(&mut recorder, &more).unwrap(), "Live.CallbackBeforeSendGift.3.json");
        let room = |kind: &str| {
            format!(
                r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"a","EventType":"{kind}"}}"#
            )
        };
        assert!(record(&mut recorder, &room("DestroyByUser")).is_some());
        assert!(record(&mut recorder, &room("DestroyBySystem")).is_none());
        assert!(record(&mut recorder, &room("DestroyByMoon")).is_some());
        assert!(record(&mut recorder, &room("DestroyByMoon")).is_none());

        // Nor is it recorded by the next run.
        let mut again = Recorder::open(folder.path().join("new/folder")).unwrap();
        for body in [gift, &number, &more, &room("DestroyByUser"), &room("DestroyByMoon")] {
            assert_eq!(record(&mut again, body), None, "{body}");
        }
        let arrivals = fs::read_to_string(folder.path().join("new/folder").join(ARRIVALS)).unwrap();
        let files = arrivals.lines().map(|line| serde_json::from_str::<Arrival>(line).unwrap().file);
        assert_eq!(files.count(), 5);
    }

    #[test]
    fn samples_are_recorded_under_the_names_of_the_fixtures() {
        let folder = TempDir::new().unwrap();
        let mut recorder = Recorder::open(folder.path().to_owned()).unwrap();
        for sample in samples::ALL.iter().filter(|sample| sample.command() == sample.name()) {
            assert_eq!(record(&mut recorder, sample.json()).unwrap(), format!("{}.json", sample.name()));
        }
        assert_eq!(names(folder.path()).len(), Command::ALL.len());
    }

    #[test]
    fn commands_do_not_leave_the_folder() {
        for (command, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "unnamed"),
            ("", "unnamed"),
            ("C:\\a\0b", "C__a_b"),
            ("Live.Callback直播", "Live.Callback__"),
        ] {
            assert_eq!(file_name(command), name);
        }
        assert_eq!(file_name(&"x".repeat(1000)).len(), 80);
    }
}
