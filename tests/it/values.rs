//! Ids and times.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, SystemTime},
};

use serde_json::json;
use trtc_live_webhook::{BattleId, RoomId, SdkAppId, UnixMillis, UnixSeconds, UserId};

use crate::support::{chain, hash};

#[test]
fn an_id_comes_back_in_the_form_in_which_it_came() {
    for json in [
        r#""admin""#,
        r#""""#,
        r#""144115216631667826""#,
        r#""a\"\\\u0000b""#,
        "144115216631667826",
        "999999999999999999",
        "-999999999999999999",
        "9007199254740993",
        "0",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        let id: UserId = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
        assert_eq!(serde_json::to_string(&id.clone()).unwrap(), json);
        let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
        assert_eq!(id, *text);
        assert_eq!(id.as_str(), text);
        assert_eq!(id.to_string(), text);
    }
}

#[test]
fn an_id_is_text_or_integer_and_no_digit_is_lost() {
    for json in ["1.5", "1e3", "18446744073709551616", "-9223372036854775809", "true", "null", "[]", "{}"] {
        assert!(serde_json::from_str::<RoomId>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<RoomId>("true").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: boolean `true`, expected a string or an integer"), "{error}");
}

#[test]
fn the_form_is_not_part_of_the_identity() {
    let integer: UserId = serde_json::from_str("144115216631667826").unwrap();
    let text = UserId::from("144115216631667826");
    assert_eq!(integer, text);
    assert_eq!(integer, UserId::from(144_115_216_631_667_826));
    assert_eq!(serde_json::to_value(UserId::from(7)).unwrap(), json!(7));
    assert_eq!(integer.cmp(&text), std::cmp::Ordering::Equal);
    assert_eq!(hash(&integer), hash(&text));
    assert_ne!(hash(&integer), hash(&UserId::from(7)));
    let scores = HashMap::from([(integer, 1)]);
    assert_eq!(scores[&text], 1);
    assert_eq!(scores["144115216631667826"], 1);
}

#[test]
fn ids_have_the_surface_of_text() {
    let id = BattleId::new("b+/=");
    assert_eq!(id, "b+/=");
    assert_eq!(id, *"b+/=");
    assert_eq!("b+/=", id);
    assert_eq!(id, "b+/=".to_owned());
    assert_eq!(*"b+/=", id);
    assert_ne!(id, "b");
    assert_ne!(id, *"b");
    assert_ne!("b", id);
    assert_ne!(id, "b".to_owned());
    assert_ne!(*"b", id);
    assert_eq!(id.as_ref(), "b+/=");
    assert_eq!(format!("{id} {id:?} {id:>6}"), r#"b+/= "b+/="   b+/="#);
    assert_eq!(String::from(id.clone()), "b+/=");
    assert_eq!(BattleId::from(String::from("b+/=")), id);
    let sorted: Vec<_> = BTreeSet::from([RoomId::new("b"), RoomId::new("a")]).into_iter().collect();
    assert_eq!(sorted, ["a", "b"]);
}

#[test]
fn sdk_app_id() {
    const OURS: SdkAppId = SdkAppId::new(1_400_000_000);
    assert_eq!(OURS.get(), 1_400_000_000);
    assert_eq!(OURS.to_string(), "1400000000");
    assert_eq!("1400000000".parse(), Ok(OURS));
    assert_eq!(SdkAppId::from(1_400_000_000), OURS);
    assert_eq!(u64::from(OURS), 1_400_000_000);
    assert_eq!(serde_json::to_value(OURS).unwrap(), json!(1_400_000_000));
    assert_eq!(serde_json::from_value::<SdkAppId>(json!(1_400_000_000)).unwrap(), OURS);
    for text in ["", "+1", "-1", " 1", "1 ", "0x1", "1.0", "18446744073709551616", "１"] {
        assert!(text.parse::<SdkAppId>().is_err(), "{text}");
    }
    assert_eq!(
        chain(&"x".parse::<SdkAppId>().unwrap_err()),
        "SDKAppID is not a decimal number of 64 bits\ninvalid digit found in string"
    );
}

#[test]
fn times_read_an_integer_or_a_numeric_string() {
    for (json, number) in [
        ("1703589922780", 1_703_589_922_780),
        (r#""1703589922780""#, 1_703_589_922_780),
        ("-1", -1),
        (r#""-1""#, -1),
        ("-9223372036854775808", i64::MIN),
        ("9223372036854775807", i64::MAX),
        (r#""-9223372036854775808""#, i64::MIN),
    ] {
        assert_eq!(serde_json::from_str::<UnixMillis>(json).unwrap(), UnixMillis::new(number));
        assert_eq!(serde_json::from_str::<UnixSeconds>(json).unwrap(), UnixSeconds::new(number));
    }
    for json in [
        r#""""#,
        r#"" 1""#,
        r#""+1""#,
        r#""1.5""#,
        r#""now""#,
        "1.5",
        "9223372036854775808",
        r#""9223372036854775808""#,
        "true",
        "null",
        "[1]",
    ] {
        assert!(serde_json::from_str::<UnixMillis>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<UnixSeconds>(json).is_err(), "{json}");
    }
    assert_eq!(serde_json::to_value(UnixMillis::new(-5)).unwrap(), json!(-5));
    assert_eq!(serde_json::to_value(UnixSeconds::new(5)).unwrap(), json!(5));
}

#[test]
fn times_have_the_surface_of_numbers() {
    const AT: UnixMillis = UnixMillis::new(7);
    assert_eq!(AT.get(), 7);
    assert_eq!(format!("{AT} {AT:?} {AT:>3}"), "7 7   7");
    assert_eq!("7".parse(), Ok(AT));
    let text: UnixMillis = serde_json::from_str(r#""7""#).unwrap();
    assert_eq!((text, serde_json::to_string(&text).unwrap().as_str()), (AT, r#""7""#));
    assert_ne!(AT, UnixMillis::new(-7));
    assert_eq!(hash(&text), hash(&AT));
    assert_ne!(hash(&UnixMillis::new(-7)), hash(&AT));
    assert_eq!("-7".parse(), Ok(UnixSeconds::new(-7)));
    assert!(UnixSeconds::new(-7) < UnixSeconds::new(7));
    assert_eq!((AT.get(), UnixSeconds::new(-7).get()), (7, -7));
    assert_eq!(UnixSeconds::new(7).get(), 7);
    assert_eq!(UnixSeconds::new(-7).to_string(), "-7");
    for text in ["", "+7", "7s", "--7"] {
        assert_eq!(
            chain(&text.parse::<UnixMillis>().unwrap_err()),
            "time is not a decimal integer of 64 bits"
        );
        assert_eq!(
            chain(&text.parse::<UnixSeconds>().unwrap_err()),
            "time is not a decimal integer of 64 bits"
        );
    }
}

#[test]
fn times_become_system_times_and_come_back() {
    let epoch = SystemTime::UNIX_EPOCH;
    for number in [0, 1, -1, 999, -999, 1_703_589_922_780, -1_703_589_922_780] {
        let distance = Duration::from_millis(i64::unsigned_abs(number));
        let time = SystemTime::try_from(UnixMillis::new(number)).unwrap();
        assert_eq!(time, if number < 0 { epoch - distance } else { epoch + distance });
        assert_eq!(UnixMillis::try_from(time), Ok(UnixMillis::new(number)));
        let time = SystemTime::try_from(UnixSeconds::new(number / 1000)).unwrap();
        assert_eq!(UnixSeconds::try_from(time), Ok(UnixSeconds::new(number / 1000)));
    }
}

#[test]
fn seconds_become_milliseconds_where_they_fit() {
    assert_eq!(UnixMillis::try_from(UnixSeconds::new(-7)), Ok(UnixMillis::new(-7000)));
    for number in [i64::MIN, i64::MAX] {
        assert_eq!(
            chain(&UnixMillis::try_from(UnixSeconds::new(number)).unwrap_err()),
            "time is out of range"
        );
    }
}

#[test]
fn now_is_the_time_of_the_clock() {
    let before = UnixSeconds::try_from(SystemTime::now()).unwrap();
    let now = UnixSeconds::now();
    assert!(before <= now && now <= UnixSeconds::try_from(SystemTime::now()).unwrap());
}

#[test]
fn system_times_are_rounded_down() {
    let nano = Duration::from_nanos(1);
    let epoch = SystemTime::UNIX_EPOCH;
    assert_eq!(UnixMillis::try_from(epoch + nano), Ok(UnixMillis::new(0)));
    assert_eq!(UnixMillis::try_from(epoch - nano), Ok(UnixMillis::new(-1)));
    assert_eq!(UnixSeconds::try_from(epoch + Duration::from_millis(1999)), Ok(UnixSeconds::new(1)));
    assert_eq!(UnixSeconds::try_from(epoch - nano), Ok(UnixSeconds::new(-1)));
}

#[test]
fn the_ends_of_i64_are_converted_or_out_of_range() {
    for number in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
        if let Ok(time) = SystemTime::try_from(UnixMillis::new(number)) {
            assert_eq!(UnixMillis::try_from(time), Ok(UnixMillis::new(number)));
        }
        if let Ok(time) = SystemTime::try_from(UnixSeconds::new(number)) {
            assert_eq!(UnixSeconds::try_from(time), Ok(UnixSeconds::new(number)));
            // More milliseconds than fit.
            assert_eq!(chain(&UnixMillis::try_from(time).unwrap_err()), "time is out of range");
        }
    }
}

#[test]
fn a_long_id_is_shortened_by_a_precision() {
    let id = RoomId::from("é".repeat(65_000));
    assert_eq!(format!("{id:.64}"), "é".repeat(64));
}
