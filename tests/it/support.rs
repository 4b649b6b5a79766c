//! What several subjects need: the fixtures, and ways to change a packet.

use std::{
    error::Error,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use serde_json::{Value, json};
use trtc_live_webhook::{Event, RequestInfo, SdkAppId};

/// A documented packet.
pub(crate) struct Fixture {
    /// The file's name less `.json`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) packet: Value,
}

impl Fixture {
    /// The command that the file's name says, without the edition.
    pub(crate) fn command(&self) -> &str {
        let end = self.name.match_indices('.').nth(1).map_or(self.name.len(), |(at, _)| at);
        &self.name[..end]
    }
}

/// Every fixture in the folder.
#[track_caller]
pub(crate) fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut fixtures = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let packet = serde_json::from_str(&text).unwrap();
            fixtures.push(Fixture { name, text, packet });
        }
    }
    fixtures.sort_by(|a, b| a.name.cmp(&b.name));
    fixtures
}

/// Every fixture, and packets that hold what no fixture does. The latter are made of the pages' field tables.
#[track_caller]
pub(crate) fn packets() -> Vec<Fixture> {
    let mut packets = fixtures();
    for (name, text) in [
        (
            "Live.CallbackAfterCloudRecordingChanged.payload",
            json!({
                "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged",
                "EventType": 311,
                "EventInfo": {
                    "EventMessage": "Success",
                    "Payload": {
                        "Status": 0,
                        "LeaveCode": 1,
                        "FileList": ["1.mp4"],
                        "FileMessage": [{
                            "FileName": "1.mp4",
                            "UserId": "u",
                            "TrackType": "audio_video",
                            "MediaId": "main",
                            "StartTimeStamp": 1_622_186_279_145_i64,
                            "EndTimeStamp": 1_622_186_282_145_i64,
                        }],
                        "FileName": "xx.m3u8",
                        "UserId": "u",
                        "TrackType": "audio",
                        "BeginTimeStamp": "1622186279144",
                        "Url": "http://xx",
                        "Errmsg": "none",
                        "TencentVod": {
                            "UserId": "u",
                            "TrackType": "video",
                            "MediaId": "aux",
                            "FileId": "f",
                            "VideoUrl": "http://xx",
                            "CacheFile": "2.mp4",
                            "StartTimeStamp": 1_622_186_279_153_i64,
                            "EndTimeStamp": 1_622_186_282_153_i64,
                        },
                        "EventMessage": "Success",
                    },
                },
            })
            .to_string(),
        ),
        (
            "Group.CallbackAfterSendMsg.custom",
            // As text, for the kind of an element comes first.
            r#"{
                "CallbackCommand": "Group.CallbackAfterSendMsg",
                "GroupId": "g",
                "MsgBody": [{
                    "MsgType": "TIMCustomElem",
                    "MsgContent": {"Data": "message", "Desc": "notification", "Ext": "url", "Sound": "x.aiff"}
                }]
            }"#
            .to_owned(),
        ),
        (
            "Group.CallbackAfterSendMsg.community",
            r#"{
                "CallbackCommand": "Group.CallbackAfterSendMsg",
                "GroupId": "g",
                "Type": "Community",
                "TopicId": "g@topic",
                "OnlineOnlyFlag": 1,
                "GroupAtInfo": [{"GroupAtAllFlag": 0, "GroupAt_Account": "u"}, {"GroupAtAllFlag": 1}],
                "MsgBody": [{
                    "MsgType": "TIMRelayElem",
                    "MsgContent": {
                        "JsonMsgKey": "key",
                        "MsgList": [{"To_Account": "u", "CloudCustomData": "data", "MsgBody": []}]
                    }
                }]
            }"#
            .to_owned(),
        ),
        (
            "Group.CallbackBeforeSendMsg.online",
            r#"{"CallbackCommand": "Group.CallbackBeforeSendMsg", "GroupId": "g", "OnlineOnlyFlag": 1}"#
                .to_owned(),
        ),
    ] {
        let packet = serde_json::from_str(&text).unwrap();
        packets.push(Fixture { name: name.to_owned(), text, packet });
    }
    packets
}

/// The fixture of that name.
#[track_caller]
pub(crate) fn fixture(name: &str) -> Fixture {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap()
}

/// Whether `serde_json` keeps numbers of any size, because another crate of the build switched that on.
pub(crate) fn arbitrary_precision() -> bool {
    serde_json::from_str::<Value>("1e999").is_ok()
}

/// A request that says nothing but its application.
pub(crate) fn request() -> RequestInfo {
    RequestInfo::new(SdkAppId::new(7))
}

/// The event of a packet, by way of its text.
#[track_caller]
pub(crate) fn event(packet: &Value) -> Event {
    Event::from_slice(packet.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{packet}: {}", chain(&error)))
}

/// Every field of the packet, nested ones and those of list elements included, as a JSON Pointer.
pub(crate) fn fields(packet: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, fields: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let pointer = format!("{pointer}/{name}");
                    fields.push(pointer.clone());
                    walk(value, &pointer, fields);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    walk(value, &format!("{pointer}/{index}"), fields);
                }
            }
            _ => {}
        }
    }

    let mut fields = Vec::new();
    walk(packet, "", &mut fields);
    fields
}

/// The packet less one field.
#[track_caller]
pub(crate) fn without(packet: &Value, pointer: &str) -> Value {
    let mut packet = packet.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    packet.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    packet
}

/// The packet with another value in one place.
#[track_caller]
pub(crate) fn with(packet: &Value, pointer: &str, value: Value) -> Value {
    let mut packet = packet.clone();
    *packet.pointer_mut(pointer).unwrap() = value;
    packet
}

/// A JSON Pointer as errors write paths: `/ToRoomList/0/Score` is `ToRoomList[0].Score`.
pub(crate) fn path(pointer: &str) -> String {
    let mut path = String::new();
    for token in pointer.split('/').skip(1) {
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            path = format!("{path}[{token}]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(token);
        }
    }
    path
}

/// The error's text and those of its sources, one a line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut lines = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        lines.push('\n');
        lines.push_str(&error.to_string());
        source = error.source();
    }
    lines
}

/// Hash of a value, the same for each call with an equal one.
pub(crate) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
