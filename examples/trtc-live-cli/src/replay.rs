//! Sending the packets of a folder in their order.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::sleep;
use trtc_live_webhook::{Event, UnixMillis};

use crate::{
    cli::ReplayArgs,
    failure::Failure,
    packet::Packet,
    record::{ARRIVALS, Arrival, packets},
    report::Report,
    send::{runtime, token},
    sender::Sender,
    speed::Speed,
};

/// Sends what is in the folder, one after the other, and reports on it. Returns whether all went well.
pub(crate) fn replay(arguments: ReplayArgs) -> Result<bool, Failure> {
    let token = token(&arguments.app)?;
    let sender = Sender::new(arguments.url, arguments.app.sdk_app_id, token)?;
    let timed = ordered(&arguments.folder)?;
    let names = timed.iter().map(|(_, packet)| &*packet.name);
    let mut report = Report::new(arguments.json, timed.len() as u64, names);
    let sent = runtime()?.block_on(async {
        let mut before = None;
        for (at, packet) in &timed {
            sleep(pause(before, *at, arguments.speed, arguments.max_gap)).await;
            before = at.or(before);
            report.add(&sender.send(packet).await?)?;
        }
        Ok(())
    });
    let all_well = report.finish()?;
    sent.map(|()| all_well)
}

/// Reads the packets of the folder, with their times: when they arrived, or else what they say themselves. Those without
/// a time come last, by name.
fn ordered(folder: &Path) -> Result<Vec<(Option<UnixMillis>, Packet)>, Failure> {
    let unreadable = |source| Failure::Folder { path: folder.to_owned(), source };
    let arrivals = fs::read_to_string(folder.join(ARRIVALS)).unwrap_or_default();
    let arrivals: HashMap<PathBuf, UnixMillis> = arrivals
        .lines()
        .filter_map(|line| serde_json::from_str::<Arrival>(line).ok())
        .map(|arrival| (folder.join(arrival.file), arrival.at))
        .collect();
    let mut timed = Vec::new();
    for path in packets(folder).map_err(unreadable)? {
        let packet = Packet::from_file(&path, &[])?;
        timed.push((arrivals.get(&path).copied().or_else(|| own_time(&packet.body)), packet));
    }
    if timed.is_empty() {
        return Err(Failure::Arguments(format!("there is no packet in {}", folder.display())));
    }
    // Stable: those of the same time stay in the order of their names.
    timed.sort_by_key(|(at, _)| at.map_or((true, 0), |at| (false, at.get())));
    Ok(timed)
}

fn own_time(packet: &[u8]) -> Option<UnixMillis> {
    match Event::from_slice(packet).ok()? {
        Event::BeforeSendGift(gift) => gift.gift_water.time?.try_into().ok(),
        event => event.event_time(),
    }
}

fn pause(before: Option<UnixMillis>, at: Option<UnixMillis>, speed: Speed, max: Duration) -> Duration {
    let (Some(before), Some(at), Speed::Times(times)) = (before, at, speed) else { return Duration::ZERO };
    let gap = u64::try_from(at.get().saturating_sub(before.get())).unwrap_or_default();
    Duration::from_millis(gap).min(max).div_f64(times)
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use tempfile::TempDir;
    use trtc_live_webhook::UnixMillis;

    use super::{Speed, ordered, pause};

    #[test]
    fn pauses_are_those_between_the_packets() {
        let (millis, max) = (|count| Some(UnixMillis::new(count)), Duration::from_secs(5));
        let pause = |before, at, speed| pause(before, at, speed, max).as_millis();
        assert_eq!(pause(millis(1000), millis(3000), Speed::Times(1.0)), 2000);
        assert_eq!(pause(millis(1000), millis(3000), Speed::Times(4.0)), 500);
        assert_eq!(pause(millis(1000), millis(90_000), Speed::Times(2.0)), 2500);
        assert_eq!(pause(millis(1000), millis(90_000), Speed::Max), 0);
        assert_eq!(pause(millis(3000), millis(1000), Speed::Times(1.0)), 0);
        assert_eq!(pause(None, millis(1000), Speed::Times(1.0)), 0);
        assert_eq!(pause(millis(i64::MIN), millis(i64::MAX), Speed::Times(1.0)), 5000);
    }

    #[test]
    fn arrivals_come_before_times_and_times_before_names() {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let event = |time: &str| {
            format!(
                r#"{{"CallbackCommand":"Live.CallbackAfterDelMetadata","RoomId":"r","EventTime":{time}}}"#
            )
        };
        write("a.json", &event("3000"));
        write("b.json", &event("2000"));
        write("c.json", &event("1"));
        write("e.json", "not a packet");
        write("d.json", "{}");
        write("f.txt", "no packet of the folder");
        write(
            "gift.json",
            r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":"r","GiftWater":{"GiftId":"1","Time":2}}"#,
        );
        write("arrivals.jsonl", "{\"file\":\"c.json\",\"at\":2500}\n\nnonsense\n");
        let names: Vec<_> =
            ordered(folder.path()).unwrap().iter().map(|(_, packet)| packet.name.to_string()).collect();
        assert_eq!(names, ["b.json", "gift.json", "c.json", "a.json", "d.json", "e.json"]);
    }
}
