//! Cloud recording of a room.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_with::{DisplayFromStr, serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    open_enum::open_enum,
    time::{UnixMillis, UnixSeconds},
};

/// `Live.CallbackAfterCloudRecordingChanged`: a recording started, stopped or progressed.
///
/// Documentation: <https://trtc.io/document/78428>, and <https://trtc.io/document/54914> for what
/// [`event_info`](Self::event_info) holds.
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Where and when it happened, with details.
    #[serde_as(as = "Object")]
    pub event_info: EventInfo,
}

impl AfterCloudRecordingChanged {
    /// Makes an event with its required fields; the others are absent.
    #[must_use]
    pub fn new(event_type: EventType, event_info: EventInfo) -> Self {
        Self { tag: Tag::default(), event_group_id: None, event_type, callback_ts: None, event_info }
    }
}

impl Packet for AfterCloudRecordingChanged {
    const COMMAND: &'static Command = &Command::AfterCloudRecordingChanged;

    fn about(&self) -> About<'_> {
        let info = &self.event_info;
        let time = info.event_ms_ts.or_else(|| info.event_ts?.try_into().ok());
        let about = About::new(Self::COMMAND).room(info.room_id.as_ref()).time(time);
        // Two equal events can happen within a second.
        About { is_distinct: info.event_ms_ts.is_some_and(|time| time.get() != 0), ..about }
    }
}

/// Where and when something happened to a recording, in [`AfterCloudRecordingChanged`].
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EventInfo {
    /// Room that is recorded. Absent if a web page is recorded.
    pub room_id: Option<RoomId>,
    /// When it happened. The documentation recommends [`event_ms_ts`](Self::event_ms_ts) instead.
    pub event_ts: Option<UnixSeconds>,
    /// When it happened. Absent in older editions of the page.
    pub event_ms_ts: Option<UnixMillis>,
    /// Recording robot, which is a user of the room. Absent if a web page is recorded.
    pub user_id: Option<UserId>,
    /// Recording task.
    pub task_id: Option<String>,
    /// Description of the event, where the page's table has it. Present only if a web page is recorded.
    pub event_message: Option<String>,
    /// Details of what happened.
    #[serde_as(as = "Option<Object>")]
    pub payload: Option<Payload>,
}

impl EventInfo {
    /// Creates an empty `EventInfo`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Details of what happened to a recording, in [`EventInfo`]. Which fields are present depends on the
/// [`EventType`], whose numbers are given below.
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Payload {
    /// Outcome, or what exactly happened. What a number means depends on the event:
    ///
    /// | event | number |
    /// |---|---|
    /// | 301, 303, 306, 310, 311, 312; 305 on the page of this command | [`SUCCESS`](Self::SUCCESS), or an error |
    /// | 801, 802 | [`PAGE_SUCCESS`](Self::PAGE_SUCCESS), or an error |
    /// | 803 | [`PAGE_REFRESH`](Self::PAGE_REFRESH), [`PAGE_PAUSE`](Self::PAGE_PAUSE), [`PAGE_RESUME`](Self::PAGE_RESUME) |
    /// | 804 | [`PAGE_TIME_LIMIT`](Self::PAGE_TIME_LIMIT), [`PAGE_RESOLUTION_LIMIT`](Self::PAGE_RESOLUTION_LIMIT) |
    ///
    /// For errors, see the documentation.
    pub status: Option<i64>,
    /// Why the recorder (302) or the upload (305) stopped; 0 means that it stopped normally. For other
    /// values, see the documentation.
    pub leave_code: Option<i64>,
    /// Names of files (304, 310).
    pub file_list: Option<FileList>,
    /// Details of the files (310).
    #[serde_as(as = "Option<Vec<Object>>")]
    pub file_message: Option<Vec<FileMessage>>,
    /// Name of the slice's index file (307).
    pub file_name: Option<String>,
    /// User whose media the slice contains (307).
    pub user_id: Option<UserId>,
    /// What the slice contains (307).
    pub track_type: Option<TrackType>,
    /// When the slice begins (307). A numeric string on the wire.
    #[serde_as(serialize_as = "Option<DisplayFromStr>")]
    pub begin_time_stamp: Option<UnixMillis>,
    /// Image that could not be loaded (309).
    pub url: Option<String>,
    /// What went wrong, if anything did (311).
    pub errmsg: Option<String>,
    /// Where the recording is on the video-on-demand platform (311).
    // In a box, because few events have one and all would be larger for it.
    #[serde_as(as = "Option<Box<Object>>")]
    pub tencent_vod: Option<Box<TencentVod>>,
    /// Description of the event, where the page's samples have it. Present only if a web page is recorded.
    pub event_message: Option<String>,
}

impl Payload {
    /// [`status`](Self::status) of a room's recording when what the event tells of succeeded.
    pub const SUCCESS: i64 = 0;
    /// [`status`](Self::status) of a page's recording that started or stopped (801, 802) as it should.
    pub const PAGE_SUCCESS: i64 = 1;
    /// [`status`](Self::status) when the page was refreshed (803).
    pub const PAGE_REFRESH: i64 = 1;
    /// [`status`](Self::status) when the recording of the page was paused (803).
    pub const PAGE_PAUSE: i64 = 2;
    /// [`status`](Self::status) when the recording of the page was resumed (803).
    pub const PAGE_RESUME: i64 = 3;
    /// [`status`](Self::status) when the recording of the page reached its longest time (804).
    pub const PAGE_TIME_LIMIT: i64 = 1;
    /// [`status`](Self::status) when the page is larger than can be recorded (804).
    pub const PAGE_RESOLUTION_LIMIT: i64 = 2;

    /// Creates an empty `Payload`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// A recorded file, in [`Payload`].
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FileMessage {
    /// Name of the file.
    pub file_name: Option<String>,
    /// User whose media it contains; empty for the mix of all users.
    pub user_id: Option<UserId>,
    /// What it contains.
    pub track_type: Option<TrackType>,
    /// Which of the user's streams it contains.
    pub media_id: Option<MediaId>,
    /// When it begins.
    pub start_time_stamp: Option<UnixMillis>,
    /// When it ends.
    pub end_time_stamp: Option<UnixMillis>,
}

impl FileMessage {
    /// Creates an empty `FileMessage`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// A recording on the video-on-demand platform, in [`Payload`]. After a failed upload, most of it is absent.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TencentVod {
    /// User whose media it contains; empty for the mix of all users.
    pub user_id: Option<UserId>,
    /// What it contains.
    pub track_type: Option<TrackType>,
    /// Which of the user's streams it contains.
    pub media_id: Option<MediaId>,
    /// Platform's id for the file.
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

impl TencentVod {
    /// Creates an empty `TencentVod`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Names of files: one string for some event types, a list for others. Written back as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
// For writing only: the variant is written as it is, without a tag.
#[serde(untagged)]
#[non_exhaustive]
pub enum FileList {
    /// One name, not in a list.
    One(String),
    /// A list of names.
    Many(Vec<String>),
}

impl FileList {
    /// Returns the names, whichever form they arrived in.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

// Not `serde_with::OneOrMany`: it writes every one-element list in the same form, and its errors quote the
// packet.
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
        /// Upload to object storage ended; the leave code says whether all files were uploaded.
        UploadStop = 305,
        /// Task moved to another machine.
        Failover = 306,
        /// First slice was cut.
        FileSlice = 307,
        /// Upload failed. Only in older editions of the page.
        UploadError = 308,
        /// An image for the picture could not be loaded.
        DownloadImageError = 309,
        /// Recording to MP4 files stopped.
        Mp4Stop = 310,
        /// Upload to the video-on-demand platform ended; the status gives the outcome.
        VodCommit = 311,
        /// Video-on-demand task stopped.
        VodStop = 312,
        /// Recording of a page started.
        PageStart = 801,
        /// Recording of a page stopped.
        PageStop = 802,
        /// Recorded page was refreshed, or its recording paused or resumed: the status says which.
        PageStatusUpdate = 803,
        /// Recording of a page reached a limit: the status says which.
        PageResourceLimit = 804,
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
    /// What a recorded file contains.
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
    /// Which of a user's streams a recorded file contains.
    pub enum MediaId {
        /// Camera.
        Main = "main",
        /// Shared screen.
        Aux = "aux",
        /// All users' streams, mixed.
        Mix = "mix",
    }
}
