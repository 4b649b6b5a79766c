//! The whole interface, as the console's guide has it.

use std::sync::Arc;

use serde_json::json;
use trtc_live_webhook::event::{message::Element, room};

use crate::{
    Database,
    server::{KEY, OLD_KEY, OTHER, OURS, Server, message},
    with_either_database,
};

with_either_database! {
    a_message_lives_as_the_guide_says
    pages_are_brought_into_range
    toggles_hold_everywhere_or_in_one_room
    a_thousand_are_deleted_at_once
    applications_are_kept_apart
    the_only_application_need_not_be_named
    what_is_stored_is_shown_unchanged
}

async fn a_message_lives_as_the_guide_says(database: &Database) {
    let server = Server::start(database).await;
    let stats =
        |pending: i64, all: i64| json!({ "toggleEnabled": true, "totalPending": pending, "totalAll": all });
    assert_eq!(server.get("/moderation/stats").await.json(200), stats(0, 0));
    for text in ["one", "two", "three"] {
        server.send("room", "alice", text).await.assert_held();
    }
    server.send("elsewhere", "bob", "four").await.assert_held();
    assert_eq!(server.get("/moderation/stats").await.json(200), stats(4, 4));

    let wanted =
        json!({ "SdkAppId": OURS, "PageNo": 1, "PageSize": 2, "Scene": "Group", "Receiver": "room" });
    let list = server.ask("/moderation/list", &wanted).await.json(200);
    assert_eq!(list["TotalCount"], 3);
    assert!(list["RequestId"].as_str().unwrap().starts_with("req_"));
    let data = list["Data"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    for (record, text) in data.iter().zip(["three", "two"]) {
        assert_eq!((&record["From_Account"], &record["Content"]), (&json!("alice"), &json!(text)));
        let time = record["Time"].as_str().unwrap();
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00 00:00:00.000");
    }

    let ids: Vec<_> = data.iter().map(|record| record["ContentId"].as_str().unwrap()).collect();
    let deleted = json!({ "SdkAppId": OURS, "ContentIds": [ids[0], ids[0], "never-heard-of"] });
    let deleted = server.ask("/moderation/delete", &deleted).await.json(200);
    assert_eq!((&deleted["ActionStatus"], &deleted["ErrorCode"]), (&json!("OK"), &json!(0)));
    assert_eq!(deleted["DeletedCount"], 1);
    assert!(deleted["RequestId"].as_str().unwrap().starts_with("req_"));
    assert_eq!(server.pending("room").await, ["two", "one"]);
    // It is pending no more.
    assert_eq!(server.delete(&[ids[0]]).await, 0);
    assert_eq!(server.get("/moderation/stats").await.json(200), stats(3, 4));

    let health = server.get("/health").await.json(200);
    assert_eq!(health["status"], "ok");
    assert!(health["timestamp"].as_str().unwrap().ends_with('Z'));

    server.deliver(room::AfterCreateRoom::sample()).await.assert_let_through();
}

async fn pages_are_brought_into_range(database: &Database) {
    let server = Server::start(database).await;
    for number in 0..25 {
        server.send("room", "alice", &number.to_string()).await.assert_held();
    }
    let texts = async |page: serde_json::Value, size: serde_json::Value| {
        let wanted = json!({ "SdkAppId": OURS, "PageNo": page, "PageSize": size, "Receiver": "room" });
        let list = server.ask("/moderation/list", &wanted).await.json(200);
        assert_eq!(list["TotalCount"], 25);
        let data = list["Data"].as_array().unwrap().clone();
        data.iter().map(|record| record["Content"].as_str().unwrap().parse().unwrap()).collect::<Vec<i64>>()
    };
    let newest = |from: i64, count: i64| (0..count).map(|number| from - number).collect::<Vec<_>>();
    assert_eq!(texts(json!(1), json!(10)).await, newest(24, 10));
    assert_eq!(texts(json!(2), json!(10)).await, newest(14, 10));
    assert_eq!(texts(json!(3), json!(10)).await, newest(4, 5));
    assert_eq!(texts(json!(4), json!(10)).await, Vec::<i64>::new());
    assert_eq!(texts(json!(1_000_000_000_000_i64), json!(100)).await, Vec::<i64>::new());
    assert_eq!(texts(json!(0), json!(1)).await, [24]);
    assert_eq!(texts(json!(-7), json!(-7)).await, [24]);
    assert_eq!(texts(json!(1), json!(1000)).await, newest(24, 25));
    assert_eq!(texts(json!("2"), json!("20")).await, newest(4, 5));
    assert_eq!(texts(json!(null), json!(null)).await, newest(24, 20));
    assert_eq!(texts(json!("x"), json!({})).await, newest(24, 20));
    assert_eq!(texts(json!(2.9), json!(3.9)).await, newest(21, 3));
}

async fn toggles_hold_everywhere_or_in_one_room(database: &Database) {
    let server = Server::start(database).await;
    assert_eq!(
        server.get("/moderation/toggle").await.json(200),
        json!({ "ActionStatus": "OK", "ErrorCode": 0, "Enabled": true })
    );
    server.send("room", "alice", "before").await.assert_held();
    server.toggle(false).await;
    assert_eq!(server.get("/moderation/toggle").await.json(200)["Enabled"], false);
    assert_eq!(server.get("/moderation/stats").await.json(200)["toggleEnabled"], false);
    server.send("room", "alice", "through").await.assert_let_through();
    // What is pending stays.
    assert_eq!(server.pending("room").await, ["before"]);

    let set = async |enabled: serde_json::Value| {
        let set = json!({ "SdkAppId": OURS, "Receiver": "room", "Enabled": enabled });
        server.ask("/moderation/toggle", &set).await.json(200)
    };
    assert_eq!(set(json!(true)).await["RoomEnabled"], true);
    server.send("room", "alice", "again").await.assert_held();
    server.send("other", "alice", "through").await.assert_let_through();
    server.toggle(true).await;
    set(json!(false)).await;
    server.send("room", "alice", "through").await.assert_let_through();
    server.send("other", "alice", "held").await.assert_held();
    let path = format!("/moderation/toggle?SdkAppId={OURS}&Receiver=room");
    let shown = server.get(&path).await.json(200);
    assert_eq!((&shown["Enabled"], &shown["RoomEnabled"]), (&json!(false), &json!(false)));
    assert_eq!(set(json!(null)).await["Enabled"], true);
    let shown = server.get(&path).await.json(200);
    assert_eq!((&shown["Enabled"], &shown["RoomEnabled"]), (&json!(true), &json!(null)));
    server.send("room", "alice", "held").await.assert_held();

    // Set for good.
    set(json!(false)).await;
    drop(server);
    let server = Server::start(database).await;
    server.send("room", "alice", "through").await.assert_let_through();
    assert_eq!(server.get("/moderation/toggle").await.json(200)["Enabled"], true);
}

async fn a_thousand_are_deleted_at_once(database: &Database) {
    let server = Arc::new(Server::start(database).await);
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..50 {
        let server = Arc::clone(&server);
        senders.spawn(async move {
            for number in 0..21 {
                // Of two rooms.
                let room = format!("room {}", number % 2);
                // Refused on a busy machine, and sent again. Then it may be there twice.
                let send = async || server.send(&room, &sender.to_string(), &number.to_string()).await;
                server.until("held", async || send().await.is_held()).await;
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    let mut ids = Vec::new();
    for room in ["room 0", "room 1"] {
        for page in 1.. {
            let (_, data) = server.list(room, page, 100).await;
            if data.is_empty() {
                break;
            }
            ids.extend(data.iter().map(|record| record["ContentId"].as_str().unwrap().to_owned()));
        }
    }
    assert!(ids.len() >= 1050, "{}", ids.len());
    let left = ids.split_off(1000).len();
    let unwanted = json!({ "SdkAppId": OURS, "ContentIds": ids });
    let deleted = async || {
        // Late on a busy machine, and done all the same, or not.
        for tried in 0.. {
            let answer = server.ask("/moderation/delete", &unwanted).await;
            if answer.status != 503 {
                return (tried, answer.json(200)["DeletedCount"].as_i64().unwrap());
            }
            assert!(tried < 10, "{answer:?}");
        }
        unreachable!()
    };
    let (tried, count) = deleted().await;
    assert!(count == 1000 || (tried > 0 && count == 0), "{count}");
    assert_eq!(deleted().await.1, 0);
    assert_eq!(server.list("room 0", 1, 1).await.0, 0);
    assert_eq!(server.list("room 1", 1, 100).await.1.len(), left);
    let pending = async || server.get("/moderation/stats").await.json(200)["totalPending"].clone();
    server.until("counted", async || pending().await == left).await;
}

async fn applications_are_kept_apart(database: &Database) {
    let server = Server::start(database).await;
    server.send("room", "alice", "ours").await.assert_held();
    let id = server.only("room").await["ContentId"].clone();
    let wanted = json!({ "SdkAppId": OTHER, "Receiver": "room" });
    assert_eq!(server.ask("/moderation/list", &wanted).await.json(200)["TotalCount"], 0);
    let deleted = json!({ "SdkAppId": OTHER, "ContentIds": [id] });
    assert_eq!(server.ask("/moderation/delete", &deleted).await.json(200)["DeletedCount"], 0);
    assert_eq!(server.pending("room").await, ["ours"]);
}

async fn the_only_application_need_not_be_named(database: &Database) {
    let only = format!("{{{OURS}=[\"token\"]}}");
    let server = Server::start_with(database, &[("MODERATION_APPS", &only)]).await;
    // A console without an SDKAppID of its own, whose page logs in with one, sends 0.
    for app in [json!(0), json!("0"), json!(null)] {
        server.send("room", "alice", "hello").await.assert_held();
        let wanted = json!({ "SdkAppId": app, "Receiver": "room" });
        let list = server.ask("/moderation/list", &wanted).await.json(200);
        assert_eq!(list["TotalCount"], 1, "{app}");
        let wanted = json!({ "SdkAppId": app, "ContentIds": [list["Data"][0]["ContentId"]] });
        assert_eq!(server.ask("/moderation/delete", &wanted).await.json(200)["DeletedCount"], 1, "{app}");
    }
}

async fn what_is_stored_is_shown_unchanged(database: &Database) {
    let server = Server::start(database).await;
    let long = "长".repeat(15_000);
    for (number, text) in
        ["'; DROP TABLE message; --", "\u{1F600} \\ \" \u{7f} \n\t", "a\0b", "", &long].iter().enumerate()
    {
        let (room, account) = (format!("@TGS#_'\"{number}"), "ä\0ö");
        server.deliver(message(&room, account, [Element::text(*text)])).await.assert_held();
        let record = server.only(&room).await;
        assert_eq!(record["Content"], text.replace('\0', "\u{FFFD}"));
        assert_eq!(record["From_Account"], "ä\u{FFFD}ö");
        assert_eq!(record["MsgTypes"], json!(["TIMTextElem"]));
    }
    // Both keys open.
    for key in [KEY, OLD_KEY] {
        assert_eq!(server.request(reqwest::Method::GET, "/moderation/stats", key, None).await.status, 200);
    }
}
