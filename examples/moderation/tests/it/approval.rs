//! Repetitions of approved messages, and forged ones.

use serde_json::json;
use trtc_live_webhook::{
    OptPlatform,
    event::message::{AfterSendMsg, BeforeSendMsg, Element},
    samples,
};

use crate::{
    Database,
    server::{OURS, Server, UNSIGNED, message, sent, signed},
    with_either_database,
};

with_either_database! {
    a_repetition_is_let_through_once
    a_forged_repetition_is_none
    what_was_sent_closes_its_record
}

/// What the console puts into `Random`, by another way than the server's.
pub(crate) fn random(content_id: &str) -> i64 {
    let sum =
        content_id.encode_utf16().fold(0_i64, |hash, unit| (hash * 31 + i64::from(unit)).rem_euclid(1 << 32));
    if sum < 1 << 31 { sum } else { (1 << 32) - sum }
}

/// Has the messages through REST moderated, so that only repetitions pass.
async fn strict(database: &Database) -> Server {
    Server::start_with(
        database,
        &[("MODERATION_REST", "moderate"), ("MODERATION_APPS", "{1400000000=[\"token\"]}")],
    )
    .await
}

/// Holds a message back, and returns what the console would send again.
async fn held(server: &Server, room: &str, text: &str) -> (String, BeforeSendMsg) {
    server.send(room, "alice", text).await.assert_held();
    let record = server.only(room).await;
    let id = record["ContentId"].as_str().unwrap().to_owned();
    let mut again = message(room, "alice", [Element::text(record["Content"].as_str().unwrap())]);
    again.random = Some(random(&id));
    (id, again)
}

#[test]
fn the_number_is_the_guides() {
    assert_eq!(random("msg_001"), 1_344_006_259);
}

async fn a_repetition_is_let_through_once(database: &Database) {
    let server = strict(database).await;
    let (id, again) = held(&server, "room", "see [TUIEmoji_Smile] ü \u{1F600}").await;
    server.deliver_rest(again.clone()).await.assert_let_through();
    assert_eq!(server.pending("room").await, Vec::<String>::new());
    assert_eq!(server.get("/moderation/stats").await.json(200)["totalPending"], 0);
    assert_eq!(server.metric("moderation_decisions_total{decision=\"approved\"}").await, 1.0);
    // The console deletes it now, and is told that it is gone.
    assert_eq!(server.delete(&[&id]).await, 1);
    assert_eq!(server.get("/moderation/stats").await.json(200)["totalPending"], 0);
    // A second one is a message like any other.
    server.deliver_rest(again).await.assert_held();
}

async fn a_forged_repetition_is_none(database: &Database) {
    let server = strict(database).await;
    let (_, again) = held(&server, "room", "hello").await;
    let forged = |change: fn(&mut BeforeSendMsg)| {
        let mut forged = again.clone();
        change(&mut forged);
        forged
    };
    // Held as a message of the room that it names.
    let mut expected = 1;
    for (what, message) in [
        ("another number", forged(|message| message.random = message.random.map(|random| random + 1))),
        ("no number", forged(|message| message.random = None)),
        ("another text", forged(|message| message.msg_body = Some(vec![Element::text("hello!")]))),
        ("more elements", forged(|message| message.msg_body.as_mut().unwrap().push(Element::text("")))),
        ("a custom element", forged(|message| message.msg_body = Some(vec![Element::custom("hello")]))),
        ("another account", forged(|message| message.from_account = Some("bob".into()))),
    ] {
        let answer = server.deliver_rest(message).await;
        assert!(answer.is_held(), "{what}: {answer:?}");
        expected += 1;
        assert_eq!(server.list("room", 1, 10).await.0, expected, "{what}");
    }
    server.deliver_rest(forged(|message| message.group_id = "other".into())).await.assert_held();
    // From a client, and unsigned.
    server.deliver(again.clone()).await.assert_held();
    let unsigned = samples::Request::new(OURS, again.clone()).with_opt_platform(OptPlatform::RestApi);
    assert_eq!(server.post(&unsigned).await.status, 401);
    assert_eq!(server.metric("moderation_decisions_total{decision=\"approved\"}").await, 0.0);
    // The genuine one still is.
    server.deliver_rest(again).await.assert_let_through();
}

async fn what_was_sent_closes_its_record(database: &Database) {
    let server = Server::start(database).await;
    let (id, again) = held(&server, "room", "hello").await;
    let after = |random: Option<i64>| -> AfterSendMsg {
        let mut after = sent("room", "alice", "hello");
        after.random = random;
        after
    };
    // From a client, and with another number.
    server.deliver(after(again.random)).await.assert_let_through();
    server.deliver_rest(after(Some(1))).await.assert_let_through();
    assert_eq!(server.pending("room").await, ["hello"]);
    server.deliver_rest(after(again.random)).await.assert_let_through();
    assert_eq!(server.pending("room").await, Vec::<String>::new());
    assert_eq!(server.delete(&[&id]).await, 1);
}

#[tokio::test]
async fn an_application_without_a_token_has_no_rest() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let post = async |message: BeforeSendMsg| {
        server.post(&samples::Request::new(UNSIGNED, message).with_opt_platform(OptPlatform::RestApi)).await
    };
    post(message("room", "alice", [Element::text("hello")])).await.assert_held();
    let wanted = json!({ "SdkAppId": UNSIGNED, "Receiver": "room" });
    let list = server.ask("/moderation/list", &wanted).await.json(200);
    let mut again = message("room", "alice", [Element::text("hello")]);
    again.random = Some(random(list["Data"][0]["ContentId"].as_str().unwrap()));
    post(again).await.assert_held();
}

#[tokio::test]
async fn nobody_believes_the_prototypes_mark() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let marked = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"room","From_Account":"alice","MsgBody":
        [{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"},"CloudCustomData":"{\"moderation_approved_resend\":true}"}]}"#;
    server
        .post(&signed(samples::Request::from_json(OURS, marked).with_opt_platform(OptPlatform::Web)))
        .await
        .assert_held();
    assert_eq!(server.metric("moderation_forged_marks_total").await, 1.0);
    server.send("room", "alice", "hello").await.assert_held();
    assert_eq!(server.metric("moderation_forged_marks_total").await, 1.0);
}

#[tokio::test]
async fn what_else_comes_through_rest_is_a_setting() {
    let warning =
        || message("room", "admin", [Element::custom(r#"{"BusinessId":"violation_alert","Data":"stop"}"#)]);
    let chat = || message("room", "admin", [Element::text("welcome")]);
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    server.deliver_rest(warning()).await.assert_let_through();
    server.deliver_rest(chat()).await.assert_let_through();
    server.deliver(chat()).await.assert_held();
    let database = Database::sqlite();
    let server = strict(&database).await;
    server.deliver_rest(warning()).await.assert_held();
    server.deliver_rest(chat()).await.assert_held();
}
