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
use trtc_live_webhook::UnixMillis;

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
        let mut recorder =
            Self { folder, known: HashSet::new(), anonymizer: Anonymizer::default(), full: false };
        match recorder.look() {
            Ok(()) => Ok(recorder),
            Err(source) => Err(Failure::Folder { path: recorder.folder, source }),
        }
    }

    fn look(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        for path in packets(&self.folder)? {
            let packet = fs::read(path)?;
            self.known.insert(Kind::of(&packet));
            self.anonymizer.go_on_after(&packet);
        }
        Ok(())
    }

    /// Writes the packet, if it is the first of its kind, and returns the name of its file.
    pub(crate) fn record(
        &mut self,
        command: &str,
        body: &[u8],
        at: UnixMillis,
    ) -> io::Result<Option<String>> {
        // First, so that only what is written takes names.
        let kind = Kind::of(body);
        if self.known.contains(&kind) {
            return Ok(None);
        }
        if self.known.len() >= MAX_FILES {
            let told = std::mem::replace(&mut self.full, true);
            let full = || io::Error::other(format!("the folder has {MAX_FILES} kinds of packets"));
            return if told { Ok(None) } else { Err(full()) };
        }
        let packet = self.anonymizer.packet(body)?;
        let (name, mut file) = self.create(command)?;
        if let Err(error) = file.write_all(packet.as_bytes()) {
            // Half a packet is worse than none. If it cannot be removed, nothing more can be done.
            let _ = fs::remove_file(self.folder.join(&name));
            return Err(error);
        }
        self.known.insert(kind);
        let mut arrivals = OpenOptions::new().create(true).append(true).open(self.folder.join(ARRIVALS))?;
        let arrival = Arrival { file: name.clone(), at };
        writeln!(arrivals, "{}", serde_json::to_string(&arrival)?)?;
        Ok(Some(name))
    }

    /// Makes a file that was not there, named like the fixtures of the crate.
    fn create(&self, command: &str) -> io::Result<(String, File)> {
        let base = file_name(command);
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

    use super::{ARRIVALS, Arrival, MAX_FILES, Recorder, file_name, packets};

    fn record(recorder: &mut Recorder, body: &str) -> Option<String> {
        let command = crate::packet::command(body.as_bytes()).unwrap();
        recorder.record(command.as_str(), body.as_bytes(), UnixMillis::new(7)).unwrap()
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
    fn only_what_is_written_takes_names_and_the_next_run_goes_on_behind_them() {
        let folder = TempDir::new().unwrap();
        let packet = |command: &str, room: &str| {
            format!(
                r#"{{"CallbackCommand":"Live.Callback{command}","RoomId":"{room}","Url":"https://{room}"}}"#
            )
        };
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let mut recorder = Recorder::open(folder.path().to_owned()).unwrap();
        for number in 0..50 {
            record(&mut recorder, &packet("AfterDestroyRoom", &format!("first {number}")));
        }
        let name = record(&mut recorder, &packet("AfterDelMetadata", "second")).unwrap();
        assert!(read(&name).contains("room-2") && read(&name).contains("example.com/2"), "{}", read(&name));

        let mut again = Recorder::open(folder.path().to_owned()).unwrap();
        let name = record(&mut again, &packet("AfterSetMetadata", "third")).unwrap();
        assert!(read(&name).contains("room-3") && read(&name).contains("example.com/3"), "{}", read(&name));
    }

    #[test]
    fn what_is_replaced_is_of_the_same_kind_for_the_next_run() {
        let folder = TempDir::new().unwrap();
        let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        let packet = |type_: &str, name: &str| {
            format!(
                r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":7,"EventType":"{type_}","{name}":{deep}}}"#
            )
        };
        let mut recorder = Recorder::open(folder.path().to_owned()).unwrap();
        assert!(record(&mut recorder, &packet("Ann did it", "<b>")).is_some());
        let mut again = Recorder::open(folder.path().to_owned()).unwrap();
        for recorder in [&mut recorder, &mut again] {
            assert_eq!(record(recorder, &packet("Ann did it", "<b>")), None);
            assert_eq!(record(recorder, &packet("Bob did it", "<i>")), None);
        }
        assert!(record(&mut again, &packet("DestroyByMoon", "<b>")).is_some());
    }

    #[test]
    fn a_folder_takes_so_many_kinds() {
        let folder = TempDir::new().unwrap();
        let mut recorder = Recorder::open(folder.path().to_owned()).unwrap();
        let mut new = |number: usize| {
            let body = format!(r#"{{"CallbackCommand":"Live.CallbackNo{number}"}}"#);
            recorder.record(&format!("No{number}"), body.as_bytes(), UnixMillis::new(7))
        };
        for number in 0..MAX_FILES {
            assert!(new(number).unwrap().is_some());
        }
        // It is told once.
        assert_eq!(new(MAX_FILES).unwrap_err().to_string(), "the folder has 1000 kinds of packets");
        assert_eq!(new(MAX_FILES).unwrap(), None);
        assert_eq!(names(folder.path()).len(), MAX_FILES);
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
