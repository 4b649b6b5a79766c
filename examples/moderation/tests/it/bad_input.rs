//! Every bad input, on either side.

use reqwest::Method;
use serde_json::{Value, json};
use trtc_live_webhook::{SdkAppId, Token, UnixSeconds, event::message::Element, samples};

use crate::{
    Database,
    server::{KEY, OTHER, OURS, Server, from_client, message, signed},
    with_either_database,
};

with_either_database! {
    the_console_needs_a_key
    the_console_is_told_what_is_wrong
    what_is_no_request_of_the_consoles_is_refused_in_its_form
    the_webhook_takes_deliveries_of_its_applications_only
    what_cannot_be_read_is_refused
    ids_with_a_character_that_is_not_stored_are_taken
    ids_that_no_index_holds_are_refused
}

async fn the_console_needs_a_key(database: &Database) {
    let server = Server::start(database).await;
    server.send("room", "alice", "hello").await.assert_held();
    let wrong = json!({ "ErrorCode": 401, "ErrorInfo": "X-Api-Key is missing or wrong" });
    for key in ["", "the-key-of-the-consol", "the-key-of-the-console-", "THE-KEY-OF-THE-CONSOLE"] {
        for (method, path) in [
            (Method::GET, "/moderation/toggle"),
            (Method::POST, "/moderation/toggle"),
            (Method::POST, "/moderation/list"),
            (Method::POST, "/moderation/delete"),
            (Method::GET, "/moderation/stats"),
        ] {
            let body = Some(json!({ "Enabled": false, "Receiver": "room", "ContentIds": ["x"] }).to_string());
            assert_eq!(server.request(method, path, key, body).await.json(401), wrong, "{key} {path}");
        }
    }
    assert_eq!(server.get("/moderation/toggle").await.json(200)["Enabled"], true);
    assert!(server.metric("moderation_console_denied_total").await >= 20.0);
    let log = server.log();
    assert!(!log.contains(KEY) && !log.contains("key-of-the-consol"), "{log}");
}

async fn the_console_is_told_what_is_wrong(database: &Database) {
    let server = Server::start(database).await;
    let assert_bad = async |path: &str, body: Value, info: &str| {
        server.ask(path, &body).await.assert_failure(400, info);
    };
    for enabled in [json!("true"), json!(1), json!(null), json!({})] {
        assert_bad("/moderation/toggle", json!({ "Enabled": enabled }), "Enabled must be a boolean").await;
    }
    assert_bad("/moderation/toggle", json!({}), "Enabled must be a boolean").await;
    let neither = "Enabled must be a boolean, or null for what holds everywhere";
    assert_bad("/moderation/toggle", json!({ "SdkAppId": OURS, "Receiver": "r", "Enabled": 1 }), neither)
        .await;
    // Absent is not null, which would take the toggle away.
    let set = |enabled: Value| json!({ "SdkAppId": OURS, "Receiver": "r", "Enabled": enabled });
    server.ask("/moderation/toggle", &set(json!(false))).await.json(200);
    assert_bad("/moderation/toggle", json!({ "SdkAppId": OURS, "Receiver": "r" }), neither).await;
    let misspelt = json!({ "SdkAppId": OURS, "Receiver": "r", "enabled": true });
    server.ask("/moderation/toggle", &misspelt).await.json(400);
    let shown = server.get(&format!("/moderation/toggle?SdkAppId={OURS}&Receiver=r")).await;
    assert_eq!(shown.json(200)["RoomEnabled"], false);
    server.ask("/moderation/toggle", &set(json!(null))).await.json(200);
    for cursor in [json!("x"), json!({}), json!("")] {
        let wanted = json!({ "SdkAppId": OURS, "Receiver": "r", "Cursor": cursor });
        assert_bad("/moderation/list", wanted, "Cursor is not a NextCursor").await;
    }
    let no_room = "Receiver must be the id of a room";
    for receiver in [json!(""), json!(null), json!(["r"]), json!(true)] {
        let set = json!({ "SdkAppId": OURS, "Receiver": receiver, "Enabled": false });
        assert_bad("/moderation/toggle", set, no_room).await;
        let set = json!({ "Receiver": receiver, "Enabled": false });
        assert_bad("/moderation/toggle", set, no_room).await;
    }
    // Without its room, each would switch moderation off everywhere.
    let no_receiver = "Receiver is required with SdkAppId";
    assert_bad("/moderation/toggle", json!({ "SdkAppId": OURS, "Enabled": false }), no_receiver).await;
    for name in ["receiver", "RECEIVER", "Reciever", "RoomId", "GroupId", "sdkAppId"] {
        let answer = server.ask("/moderation/toggle", &json!({ name: "r", "Enabled": false })).await;
        let info = answer.json(400)["ErrorInfo"].as_str().unwrap().to_owned();
        assert!(info.contains(&format!("unknown field `{name}`")), "{info}");
        assert_eq!(server.get("/moderation/toggle").await.json(200)["Enabled"], true, "{name}");
    }

    let required = "Receiver (the id of the room) is required";
    assert_bad("/moderation/list", json!({}), required).await;
    for receiver in [json!(null), json!(""), json!(["r"]), json!(true)] {
        assert_bad("/moderation/list", json!({ "SdkAppId": OURS, "Receiver": receiver }), required).await;
    }
    let several = "SdkAppId is required: this server has several applications";
    assert_bad("/moderation/list", json!({ "Receiver": "r" }), several).await;
    assert_bad("/moderation/delete", json!({ "ContentIds": ["x"] }), several).await;
    assert_bad("/moderation/list", json!({ "SdkAppId": 0, "Receiver": "r" }), several).await;
    let foreign = "SdkAppId is not one of this server's";
    assert_bad("/moderation/list", json!({ "SdkAppId": 7, "Receiver": "r" }), foreign).await;
    let no_app = "SdkAppId is not an SDKAppID";
    for app in [json!(-1), json!("x"), json!(1.5), json!(true)] {
        assert_bad("/moderation/list", json!({ "SdkAppId": app, "Receiver": "r" }), no_app).await;
    }
    let no_list = "ContentIds must be a non-empty list of texts";
    for ids in [json!(null), json!([]), json!("x"), json!([1]), json!([["x"]])] {
        assert_bad("/moderation/delete", json!({ "SdkAppId": OURS, "ContentIds": ids }), no_list).await;
    }
    let many: Vec<_> = (0..1001).map(|number| number.to_string()).collect();
    let too_many = "ContentIds has more than 1000";
    assert_bad("/moderation/delete", json!({ "SdkAppId": OURS, "ContentIds": many }), too_many).await;
    assert_eq!(server.get("/moderation/toggle").await.json(200)["Enabled"], true);
}

async fn what_is_no_request_of_the_consoles_is_refused_in_its_form(database: &Database) {
    let server = Server::start(database).await;
    server.get("/moderation/nothing").await.assert_failure(404, "no such endpoint");
    server.get("/nothing").await.assert_failure(404, "no such endpoint");
    let method = "endpoint does not take this method";
    server.get("/moderation/list").await.assert_failure(405, method);
    server.request(Method::DELETE, "/moderation/toggle", KEY, None).await.assert_failure(405, method);
    for body in ["", "{", "[]", "\"x\"", "{\"Receiver\":\"r\",}", "\u{0}"] {
        let answer = server.request(Method::POST, "/moderation/list", KEY, Some(body.to_owned())).await;
        let failure = serde_json::from_str::<Value>(&answer.body).unwrap();
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!((&failure["ActionStatus"], &failure["ErrorCode"]), (&json!("FAIL"), &json!(400)));
    }
    let answer = server.request(Method::POST, "/moderation/list", KEY, None).await;
    assert_eq!(answer.json(415)["ErrorCode"], 415);
    let long = Some(json!({ "Receiver": "x".repeat(70_000) }).to_string());
    let answer = server.request(Method::POST, "/moderation/list", KEY, long).await;
    assert_eq!(answer.json(413)["ErrorCode"], 413);
}

async fn the_webhook_takes_deliveries_of_its_applications_only(database: &Database) {
    let server = Server::start(database).await;
    let hello = || message("room", "alice", [Element::text("hello")]);
    let status = async |request: &samples::Request| server.post(request).await.status;
    assert_eq!(status(&from_client(hello())).await, 401);
    assert_eq!(status(&signed(samples::Request::new(SdkAppId::new(7), hello()))).await, 403);
    // Another application's token.
    assert_eq!(status(&signed(samples::Request::new(OTHER, hello()))).await, 401);
    let (token, then) = (Token::new("token").unwrap(), UnixSeconds::new(1_669_872_112));
    assert_eq!(status(&from_client(hello()).signed(&token, then)).await, 401);
    assert_eq!(server.list("room", 1, 10).await.0, 0);
    let old = Token::new("old-token").unwrap();
    server.post(&from_client(hello()).signed(&old, UnixSeconds::now())).await.assert_held();
    server
        .until("counted", async || server.metric("moderation_failures_total{failure=\"query\"}").await == 4.0)
        .await;
    let log = server.log();
    assert!(log.contains("delivery not processed") && !log.contains("token\""), "{log}");
}

async fn what_cannot_be_read_is_refused(database: &Database) {
    let server = Server::start(database).await;
    let torn = [
        "",
        "{",
        "[]",
        r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg"}"#,
        r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"r","MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":7}}]}"#,
        r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"r","MsgBody":"x"}"#,
        r#"{"CallbackCommand":"Call.Unheard"}"#,
    ];
    for body in torn {
        let command = trtc_live_webhook::Command::BeforeSendMsg;
        let request = samples::Request::from_json(OURS, body).with_command(command);
        server.post(&signed(request)).await.assert_forbidden();
    }
    let long = message("room", "alice", [Element::text("x".repeat(70_000))]);
    server.deliver(long).await.assert_forbidden();
    assert_eq!(server.get("/moderation/stats").await.json(200)["totalAll"], 0);
    // A message without elements, without a sender or without a body is one all the same.
    server.deliver(message("room", "", [])).await.assert_held();
    server.deliver(trtc_live_webhook::event::message::BeforeSendMsg::new("room")).await.assert_held();
    assert_eq!(server.list("room", 1, 10).await.0, 2);
    let packets = "moderation_failures_total{failure=\"packet\"}";
    assert_eq!(server.metric(packets).await, 6.0);
    assert_eq!(server.metric("moderation_failures_total{failure=\"unanswerable\"}").await, 1.0);
}

async fn ids_with_a_character_that_is_not_stored_are_taken(database: &Database) {
    let server = Server::start(database).await;
    server.send("ro\0om", "ali\0ce", "hello").await.assert_held();
    assert_eq!(server.pending("ro\0om").await, ["hello"]);
    assert_eq!(server.delete(&["x\0y"]).await, 0);
    let set = json!({ "SdkAppId": OURS, "Receiver": "ro\0om", "Enabled": false });
    assert_eq!(server.ask("/moderation/toggle", &set).await.json(200)["RoomEnabled"], false);
    server.send("ro\0om", "alice", "hello").await.assert_let_through();
    server.send("room", "alice", "hello").await.assert_held();
}

async fn ids_that_no_index_holds_are_refused(database: &Database) {
    let server = Server::start(database).await;
    // Long enough not to be compressed to a size that fits.
    let long: String = (0..5000).map(|number: u32| (number * number).to_string()).collect();
    let post = async |room: &str| server.send(room, "alice", "hello").await;
    post(&long).await.assert_forbidden();
    post(&"r".repeat(257)).await.assert_forbidden();
    post(&"r".repeat(256)).await.assert_held();
    assert_eq!(server.metric("moderation_failures_total{failure=\"database\"}").await, 0.0);
    let set = json!({ "SdkAppId": OURS, "Receiver": &long[..30_000], "Enabled": false });
    let too_long = "Receiver is too long for the id of a room";
    server.ask("/moderation/toggle", &set).await.assert_failure(400, too_long);
}
