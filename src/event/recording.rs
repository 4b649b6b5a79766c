//! Cloud recording of a room.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_with::{DisplayFromStr, serde_as, skip_serializing_none};

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{Command, RoomId, UnixMillis, UnixSeconds, UserId, object::Object, open_enum::open_enum};

/// `Live.CallbackAfterCloudRecordingChanged`: a recording started, stopped, or came some way further.
///
/// Documentation: <https://trtc.io/document/78428>, and <https://trtc.io/document/54914> for what
/// [`event_info`](Self::event_info) holds.
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCloudRecordingChanged {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// What is recorded.
    pub event_group_id: Option<EventGroupId>,
    /// What happened.
    pub event_type: EventType,
    /// When the backend sent the delivery.
    pub callback_ts: Option<UnixMillis>,
    /// Where and when it happened, and how.
    #[serde_as(as = "Object")]
    pub event_info: EventInfo,
}

impl Packet for AfterCloudRecordingChanged {
    const COMMAND: &'static Command = &Command::AfterCloudRecordingChanged;

    fn about(&self) -> About<'_> {
        let info = &self.event_info;
        let time = info.event_ms_ts.or_else(|| info.event_ts?.try_into().ok());
        About::new(Self::COMMAND).room(info.room_id.as_ref()).time(time)
    }
}

impl From<AfterCloudRecordingChanged> for Event {
    fn from(event: AfterCloudRecordingChanged) -> Self {
        Self::AfterCloudRecordingChanged(event)
    }
}

/// Where and when something happened to a recording, in [`AfterCloudRecordingChanged`].
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EventInfo {
    /// Room that is recorded. Absent for the recording of a page.
    pub room_id: Option<RoomId>,
    /// When it happened. The page advises to use [`event_ms_ts`](Self::event_ms_ts).
    pub event_ts: Option<UnixSeconds>,
    /// When it happened. Absent in older editions.
    pub event_ms_ts: Option<UnixMillis>,
    /// Robot that records: a user of the room. Absent for the recording of a page.
    pub user_id: Option<UserId>,
    /// Recording task.
    pub task_id: Option<String>,
    /// How it happened.
    #[serde_as(as = "Option<Object>")]
    pub payload: Option<Payload>,
}

/// How something happened to a recording, in [`EventInfo`]. Which fields are there depends on the
/// [`EventType`]; the numbers in brackets below are its.
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Payload {
    /// How it went (301, 303, 306, 310, 311, 312; 305 on the page of this command). 0 means well, but for the recording
    /// of a page, where 1 does. For the others see the page.
    pub status: Option<i64>,
    /// Why the recorder stopped (302) or the upload did (305); 0 means as it should. For the others see the page.
    pub leave_code: Option<i64>,
    /// Names of files (304, 310).
    pub file_list: Option<FileList>,
    /// What the files are (310).
    #[serde_as(as = "Option<Vec<Object>>")]
    pub file_message: Option<Vec<FileMessage>>,
    /// Name of the slice's index file (307).
    pub file_name: Option<String>,
    /// Whose media the slice holds (307).
    pub user_id: Option<UserId>,
    /// What the slice holds (307).
    pub track_type: Option<TrackType>,
    /// When the slice begins (307). A numeric string on the wire.
    #[serde_as(serialize_as = "Option<DisplayFromStr>")]
    pub begin_time_stamp: Option<UnixMillis>,
    /// Image that could not be loaded (309).
    pub url: Option<String>,
    /// What went wrong, if something did (311).
    pub errmsg: Option<String>,
    /// Where the recording is on the video-on-demand platform (311).
    #[serde_as(as = "Option<Object>")]
    pub tencent_vod: Option<TencentVod>,
    /// What happened, in words. Only for the recording of a page.
    pub event_message: Option<String>,
}

/// A recorded file, in [`Payload`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FileMessage {
    /// Name of the file.
    pub file_name: Option<String>,
    /// Whose media it holds; empty for the mix of all.
    pub user_id: Option<UserId>,
    /// What it holds.
    pub track_type: Option<TrackType>,
    /// Which of the user's streams it holds.
    pub media_id: Option<MediaId>,
    /// When it begins.
    pub start_time_stamp: Option<UnixMillis>,
    /// When it ends.
    pub end_time_stamp: Option<UnixMillis>,
}

/// A recording on the video-on-demand platform, in [`Payload`]. A failed upload leaves most of it absent.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TencentVod {
    /// Whose media it holds; empty for the mix of all.
    pub user_id: Option<UserId>,
    /// What it holds.
    pub track_type: Option<TrackType>,
    /// Which of the user's streams it holds.
    pub media_id: Option<MediaId>,
    /// Platform's id of the file.
    pub file_id: Option<String>,
    /// Where the file can be played from.
    pub video_url: Option<String>,
    /// Name that the file had before it was uploaded.
    pub cache_file: Option<String>,
    /// When it begins.
    pub start_time_stamp: Option<UnixMillis>,
    /// When it ends.
    pub end_time_stamp: Option<UnixMillis>,
}

/// Names of files: one string for some event types, a list for others. Written back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
// For writing only, where it means no more than "as the variant writes itself".
#[serde(untagged)]
#[non_exhaustive]
pub enum FileList {
    /// One name, not in a list.
    One(String),
    /// A list of names.
    Many(Vec<String>),
}

impl FileList {
    /// Returns the names, whatever form they came in.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

// Not `serde_with::OneOrMany`: it writes all lists of one in the same form, and its errors quote the packet.
impl<'de> Deserialize<'de> for FileList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FileListVisitor;

        impl<'de> de::Visitor<'de> for FileListVisitor {
            type Value = FileList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E>(self, name: &str) -> Result<FileList, E> {
                Ok(FileList::One(name.to_owned()))
            }

            fn visit_string<E>(self, name: String) -> Result<FileList, E> {
                Ok(FileList::One(name))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, names: A) -> Result<FileList, A::Error> {
                Deserialize::deserialize(de::value::SeqAccessDeserializer::new(names)).map(FileList::Many)
            }
        }

        deserializer.deserialize_any(FileListVisitor)
    }
}

open_enum! {
    /// What happened to a recording.
    ///
    /// Documentation: <https://trtc.io/document/54914>
    pub enum EventType: i64 {
        /// Recorder started.
        RecorderStart = 301,
        /// Recorder left the room.
        RecorderStop = 302,
        /// Upload to object storage started.
        UploadStart = 303,
        /// Index file was made and uploaded for the first time.
        FileInfo = 304,
        /// Upload to object storage ended; the leave code says whether all files are there.
        UploadStop = 305,
        /// Task moved to another machine.
        Failover = 306,
        /// First slice was cut.
        FileSlice = 307,
        /// Upload failed. In older editions.
        UploadError = 308,
        /// An image for the picture could not be loaded.
        DownloadImageError = 309,
        /// Recording to MP4 files stopped.
        Mp4Stop = 310,
        /// Upload to the video-on-demand platform ended; the status says how.
        VodCommit = 311,
        /// Video-on-demand task stopped.
        VodStop = 312,
    }
}

open_enum! {
    /// What is recorded.
    pub enum EventGroupId: i64 {
        /// Media of a room.
        CloudRecording = 3,
        /// A web page.
        PageRecording = 8,
    }
}

open_enum! {
    /// What a recorded file holds.
    pub enum TrackType {
        /// Sound.
        Audio = "audio",
        /// Pictures.
        Video = "video",
        /// Both.
        AudioVideo = "audio_video",
    }
}

open_enum! {
    /// Which stream of a user a recorded file holds.
    pub enum MediaId {
        /// Of the camera.
        Main = "main",
        /// Of the shared screen.
        Aux = "aux",
        /// All users' streams, mixed.
        Mix = "mix",
    }
}
