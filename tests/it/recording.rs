//! Cloud recording: what each type of event brings.

use serde_json::{Value, json};
use trtc_live_webhook::{
    Event, UnixMillis, UnixSeconds,
    event::recording::{
        AfterCloudRecordingChanged, EventGroupId, EventType, FileList, MediaId, Payload, TrackType,
    },
};

use crate::support::{event, fixture};

fn packet(event_type: i64, payload: &Value) -> Value {
    json!({
        "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged",
        "EventGroupId": 3,
        "EventType": event_type,
        "CallbackTs": 1_622_191_965_320_i64,
        "EventInfo": {
            "RoomId": "20015",
            "EventTs": 1_622_191_965,
            "EventMsTs": 1_622_186_275_757_i64,
            "UserId": "xx",
            "TaskId": "xx",
            "Payload": payload,
        },
    })
}

#[track_caller]
fn recording(packet: &Value) -> AfterCloudRecordingChanged {
    let Event::AfterCloudRecordingChanged(event) = event(packet) else { panic!("{packet}") };
    event
}

/// The payload, which comes back as it was.
#[track_caller]
fn payload(event_type: EventType, payload: &Value) -> Payload {
    let packet = packet(event_type.get(), payload);
    let event = recording(&packet);
    assert_eq!(event.event_type, event_type);
    assert!(event.event_type.is_recognized());
    assert_eq!(serde_json::to_value(&event).unwrap(), packet);
    event.event_info.payload.unwrap()
}

#[test]
fn payloads_of_a_status() {
    use EventType::{Failover, RecorderStart, UploadStart, VodStop};
    for event_type in [RecorderStart, UploadStart, Failover, VodStop] {
        assert_eq!(payload(event_type, &json!({"Status": 1})).status, Some(1));
    }
    for event_type in [EventType::RecorderStop, EventType::UploadStop] {
        assert_eq!(payload(event_type, &json!({"LeaveCode": 99})).leave_code, Some(99));
    }
}

#[test]
fn payloads_of_files() {
    let file_info = payload(EventType::FileInfo, &json!({"FileList": "xx.m3u8"}));
    assert_eq!(file_info.file_list.unwrap().as_slice(), ["xx.m3u8"]);

    let slice = payload(
        EventType::FileSlice,
        &json!({"FileName": "xx.m3u8", "UserId": "u", "TrackType": "audio", "BeginTimeStamp": "1622186279144"}),
    );
    assert_eq!(slice.file_name.unwrap(), "xx.m3u8");
    assert_eq!(slice.user_id.unwrap(), "u");
    assert_eq!(slice.track_type, Some(TrackType::Audio));
    assert_eq!(slice.begin_time_stamp, Some(UnixMillis::new(1_622_186_279_144)));

    let image = payload(EventType::DownloadImageError, &json!({"Url": "http://xx"}));
    assert_eq!(image.url.unwrap(), "http://xx");

    let mp4 = payload(
        EventType::Mp4Stop,
        &json!({
            "Status": 0,
            "FileList": ["xxxx1.mp4"],
            "FileMessage": [{
                "FileName": "xxxx1.mp4",
                "UserId": "",
                "TrackType": "audio_video",
                "MediaId": "mix",
                "StartTimeStamp": 1_622_186_279_145_i64,
                "EndTimeStamp": 1_622_186_282_145_i64,
            }],
        }),
    );
    assert_eq!(mp4.status, Some(0));
    assert_eq!(mp4.file_list, Some(FileList::Many(vec!["xxxx1.mp4".to_owned()])));
    let file = &mp4.file_message.unwrap()[0];
    assert_eq!(file.file_name.as_deref(), Some("xxxx1.mp4"));
    assert_eq!(file.user_id.as_ref().unwrap(), "");
    assert_eq!(file.track_type, Some(TrackType::AudioVideo));
    assert_eq!(file.media_id, Some(MediaId::Mix));
    assert_eq!(file.start_time_stamp, Some(UnixMillis::new(1_622_186_279_145)));
    assert_eq!(file.end_time_stamp, Some(UnixMillis::new(1_622_186_282_145)));
}

#[test]
fn payloads_of_video_on_demand() {
    let done = payload(
        EventType::VodCommit,
        &json!({
            "Status": 0,
            "TencentVod": {
                "UserId": "xx",
                "TrackType": "video",
                "MediaId": "main",
                "FileId": "xxxx",
                "VideoUrl": "http://xxxx",
                "CacheFile": "xxxx.mp4",
                "StartTimeStamp": 1_622_186_279_153_i64,
                "EndTimeStamp": 1_622_186_282_153_i64,
            },
        }),
    );
    let vod = done.tencent_vod.unwrap();
    assert_eq!(vod.user_id.unwrap(), "xx");
    assert_eq!(vod.track_type, Some(TrackType::Video));
    assert_eq!(vod.media_id, Some(MediaId::Main));
    assert_eq!(vod.file_id.unwrap(), "xxxx");
    assert_eq!(vod.video_url.unwrap(), "http://xxxx");
    assert_eq!(vod.cache_file.unwrap(), "xxxx.mp4");
    assert_eq!(vod.start_time_stamp, Some(UnixMillis::new(1_622_186_279_153)));
    assert_eq!(vod.end_time_stamp, Some(UnixMillis::new(1_622_186_282_153)));

    let failed = payload(
        EventType::VodCommit,
        &json!({"Status": 1, "Errmsg": "xxx", "TencentVod": {"UserId": "123", "TrackType": "aux", "CacheFile": "x"}}),
    );
    assert_eq!(failed.errmsg.unwrap(), "xxx");
    assert!(!failed.tencent_vod.unwrap().track_type.unwrap().is_recognized());
}

#[test]
fn the_recording_of_a_page_has_no_room() {
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged",
        "EventGroupId": 8,
        "EventType": 801,
        "CallbackTs": 1_622_186_275_913_i64,
        "EventInfo": {
            "EventMsTs": 1_622_186_275_757_i64,
            "TaskId": "t",
            "Payload": {"Status": 1, "EventMessage": "Success"},
        },
    });
    let event = recording(&packet);
    assert_eq!(event.event_group_id, Some(EventGroupId::PageRecording));
    assert_eq!(event.event_type.get(), 801);
    assert_eq!(event.event_type, EventType::PageStart);
    assert_eq!(event.event_info.payload.as_ref().unwrap().event_message.as_deref(), Some("Success"));
    assert_eq!(serde_json::to_value(&event).unwrap(), packet);
    let event = Event::from(event);
    assert_eq!((event.room_id(), event.event_time()), (None, Some(UnixMillis::new(1_622_186_275_757))));
}

#[test]
fn ids_and_times_are_read_in_both_documented_forms() {
    let mut packet = packet(301, &json!({"Status": 0}));
    packet["EventInfo"]["RoomId"] = json!(20015);
    packet["EventInfo"]["EventTs"] = json!("1622191965");
    let info = recording(&packet).event_info;
    assert_eq!(info.room_id.as_ref().unwrap(), "20015");
    assert_eq!(info.event_ts, Some(UnixSeconds::new(1_622_191_965)));
    assert_eq!(serde_json::to_value(info).unwrap()["RoomId"], json!(20015));
}

#[test]
fn lists_of_a_payload_may_be_null() {
    let packet = packet(310, &json!({"FileList": null, "FileMessage": null}));
    let payload = recording(&packet).event_info.payload.unwrap();
    assert_eq!((payload.file_list, payload.file_message), (None, None));
}

#[test]
fn a_file_list_is_text_or_a_list_of_text() {
    for wrong in [json!(1), json!({}), json!([1]), json!([["x"]])] {
        let body = packet(304, &json!({"FileList": wrong})).to_string();
        let error = Event::from_slice(body.as_bytes()).unwrap_err();
        assert!(error.path().unwrap().starts_with("EventInfo.Payload.FileList"), "{error}");
    }
    let error = serde_json::from_str::<FileList>("1").unwrap_err().to_string();
    assert!(
        error.starts_with("invalid type: integer `1`, expected a string or a list of strings"),
        "{error}"
    );
}

/// Q2: the English page prints another prefix.
#[test]
fn the_alias_of_the_recording_command() {
    let packet = fixture("Live.CallbackAfterCloudRecordingChanged").packet;
    let mut alias = packet.clone();
    alias["CallbackCommand"] = json!("Follow.CallbackAfterCloudRecordingChanged");
    assert_eq!(event(&alias), event(&packet));
}

#[test]
fn what_a_status_means() {
    let status = |name| {
        let Event::AfterCloudRecordingChanged(event) = event(&fixture(name).packet) else { panic!("{name}") };
        event.event_info.payload.unwrap().status.unwrap()
    };
    assert_eq!(status("Live.CallbackAfterCloudRecordingChanged.301"), Payload::SUCCESS);
    assert_eq!(status("Live.CallbackAfterCloudRecordingChanged.801"), Payload::PAGE_SUCCESS);
    assert_eq!(status("Live.CallbackAfterCloudRecordingChanged.803"), Payload::PAGE_REFRESH);
    assert_eq!([Payload::PAGE_PAUSE, Payload::PAGE_RESUME], [2, 3]);
    assert_eq!([Payload::PAGE_TIME_LIMIT, Payload::PAGE_RESOLUTION_LIMIT], [1, 2]);
}
