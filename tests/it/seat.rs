//! Seats.

use serde_json::{Value, json};
use trtc_live_webhook::Event;

use crate::support::event;

/// The packet of a room whose only seat holds these fields beside its index.
fn packet(seat: Value) -> Value {
    let Value::Object(mut seat) = seat else { panic!("{seat}") };
    seat.insert("Index".to_owned(), json!(0));
    json!({"CallbackCommand": "Mic.CallbackAfterSeatInfoChanged", "RoomId": "r", "SeatList": [seat]})
}

#[track_caller]
fn occupant(seat: Value) -> Option<String> {
    let packet = packet(seat);
    let Event::AfterSeatInfoChanged(event) = event(&packet) else { panic!("{packet}") };
    if packet["SeatList"][0]["Member_Account"] != Value::Null {
        assert_eq!(serde_json::to_value(&event).unwrap(), packet);
    }
    let seats = event.seat_list.unwrap();
    assert_eq!(seats.len(), 1);
    seats[0].occupant().map(ToString::to_string)
}

#[test]
fn who_sits_there() {
    assert_eq!(occupant(json!({})), None);
    assert_eq!(occupant(json!({"Member_Account": null})), None);
    assert_eq!(occupant(json!({"Member_Account": ""})), None);
    assert_eq!(occupant(json!({"Member_Account": "jared"})).unwrap(), "jared");
    assert_eq!(
        occupant(json!({"Member_Account": 144_115_233_775_727_695_i64})).unwrap(),
        "144115233775727695"
    );
}

#[test]
fn a_sibling_product_sends_the_operator() {
    let mut packet = packet(json!({}));
    packet["Operator_Account"] = json!("admin");
    let event = event(&packet);
    assert_eq!(event.operator_account().unwrap(), "admin");
    assert_eq!(serde_json::to_value(event).unwrap(), packet);
}
