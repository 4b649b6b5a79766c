//! `/moderation/list`: the messages of a room that wait for review.

use std::sync::LazyLock;

use axum::{Json, extract::State};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Console,
    answer::{Body, Failure, Loose, request_id},
};
use crate::store::{Page, Pending};

/// Most records of a page.
const MAX_SIZE: i64 = 100;

/// Records of a page, unless told otherwise.
const SIZE: i64 = 20;

/// The machine's time zone, or what `TZ` says.
static ZONE: LazyLock<TimeZone> = LazyLock::new(TimeZone::system);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Wanted {
    sdk_app_id: Loose,
    receiver: Loose,
    page_no: Loose,
    page_size: Loose,
    /// Continues after a page, however deep, in the time that the first one takes. An addition to the console's interface.
    cursor: Loose,
}

pub(super) async fn list(
    State(console): State<Console>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Failure> {
    let room = wanted.receiver.room().ok_or(Failure::bad("Receiver (the id of the room) is required"))?;
    let app = console.app(wanted.sdk_app_id.app()?)?;
    let size = wanted.page_size.number().unwrap_or(SIZE).clamp(1, MAX_SIZE);
    let page = match wanted.cursor.number() {
        Some(seq) => Page::After(seq),
        // A page that was not asked for would have somebody read the same records for ever.
        None if !wanted.cursor.is_null() => return Err(Failure::bad("Cursor is not a NextCursor")),
        None => Page::Number(wanted.page_no.number().unwrap_or(1).max(1)),
    };
    let (count, rows) = console.store.list(app, &room, page, size).await?;
    let is_full = i64::try_from(rows.len()) == Ok(size);
    Ok(Json(json!({
        "TotalCount": count,
        "RequestId": request_id(),
        "NextCursor": rows.last().filter(|_| is_full).map(|row| row.seq.to_string()),
        "Data": rows.iter().map(|row| record(row, &ZONE)).collect::<Vec<_>>(),
    })))
}

fn record(row: &Pending, zone: &TimeZone) -> Value {
    json!({
        "ContentId": row.content_id,
        "From_Account": row.account,
        "Content": row.content,
        "Time": time(row.held_at, zone),
        "MsgTypes": row.kinds.split(' ').filter(|kind| !kind.is_empty()).collect::<Vec<_>>(),
    })
}

/// Writes a time as the console shows it: as the clock on the wall says, like the prototype.
fn time(milliseconds: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::{self, TimeZone};

    use super::time;

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(time(1_782_829_800_007, &TimeZone::UTC), "2026-06-30 14:30:00.007");
        assert_eq!(time(1_782_829_800_120, &TimeZone::fixed(tz::offset(8))), "2026-06-30 22:30:00.120");
    }
}
