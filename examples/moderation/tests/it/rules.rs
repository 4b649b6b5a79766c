//! Rules: words, kinds, custom elements, emoji codes, and the file of words that changes.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use trtc_live_webhook::event::message::Element;

use crate::{
    Database,
    server::{Server, message},
};

/// Starts a server with these words, that lets through what no rule is about.
async fn server(database: &Database, folder: &TempDir, words: &str) -> Server {
    let file = folder.path().join("words");
    write(&file, words);
    let settings = [("MODERATION_WORDS", file.to_str().unwrap()), ("MODERATION_UNMATCHED", "allow")];
    Server::start_with(database, &settings).await
}

/// Replaces the file by another, so that it is never half written.
fn write(file: &Path, words: &str) {
    let new = file.with_extension("new");
    fs::write(&new, words).unwrap();
    fs::rename(&new, file).unwrap();
}

fn elements(body: Value) -> Vec<Element> {
    serde_json::from_value(body).unwrap()
}

fn text(text: &str) -> Value {
    json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }])
}

#[tokio::test]
async fn each_word_has_its_action() {
    let folder = TempDir::new().unwrap();
    let database = Database::sqlite();
    let server = server(&database, &folder, "replace darn\nreplace STRASSE\nhold casino\nforbid =bet").await;
    server.send("room", "alice", "hello, alphabet").await.assert_let_through();
    server
        .send("room", "alice", "Darn [TUIEmoji_Smile] DARN!")
        .await
        .assert_replaced(&text("*** [TUIEmoji_Smile] ***!"));
    server.send("room", "alice", "Hauptstraße 1").await.assert_replaced(&text("Haupt*** 1"));
    server.send("room", "alice", "darn CASINO").await.assert_held();
    server.send("room", "alice", "a BET in the casino").await.assert_forbidden();
    assert_eq!(server.pending("room").await, ["darn CASINO"]);
    for (decision, count) in [("allowed", 1.0), ("replaced", 2.0), ("held", 1.0), ("forbidden", 1.0)] {
        let name = format!("moderation_decisions_total{{decision=\"{decision}\"}}");
        assert_eq!(server.metric(&name).await, count, "{decision}");
    }
}

#[tokio::test]
async fn pictures_and_the_like_are_held_back_by_kind() {
    let folder = TempDir::new().unwrap();
    let database = Database::sqlite();
    let server = server(&database, &folder, "").await;
    for kind in ["TIMImageElem", "TIMSoundElem", "TIMFileElem", "TIMVideoFileElem"] {
        let body = elements(json!([{ "MsgType": kind, "MsgContent": {} }]));
        server.deliver(message(kind, "alice", body)).await.assert_held();
        let record = server.only(kind).await;
        assert_eq!((&record["Content"], &record["MsgTypes"]), (&json!(""), &json!([kind])));
    }
    let custom = || message("room", "alice", [Element::custom("{\"BusinessId\":\"card\"}")]);
    server.deliver(custom()).await.assert_let_through();

    let settings = [("MODERATION_UNMATCHED", "allow"), ("MODERATION_HOLD_KINDS", "[\"TIMCustomElem\"]")];
    let database = Database::sqlite();
    let server = Server::start_with(&database, &settings).await;
    server.deliver(custom()).await.assert_held();
    let image = elements(json!([{ "MsgType": "TIMImageElem", "MsgContent": {} }]));
    server.deliver(message("room", "alice", image)).await.assert_let_through();
    // Gifts and likes of older kits.
    for name in ["TUIGift", "TUIGift_like"] {
        let gift = json!({ "businessID": name, "data": { "giftId": "1" } }).to_string();
        server.deliver(message("room", "alice", [Element::custom(gift)])).await.assert_let_through();
    }
}

#[tokio::test]
async fn custom_elements_are_looked_into() {
    let folder = TempDir::new().unwrap();
    let database = Database::sqlite();
    let server = server(&database, &folder, "hold casino\nreplace darn").await;
    let card = |text: &str| {
        let data = json!({ "title": text, "price": 1.50 }).to_string();
        json!({ "BusinessId": "card", "Data": data }).to_string()
    };
    // However it is escaped.
    let escaped = card("a casino").replace("casino", r"\\u0063asino");
    server
        .deliver(message("room", "alice", [Element::text("look:"), Element::custom(escaped)]))
        .await
        .assert_held();
    assert_eq!(server.pending("room").await, ["look:\ncard\na casino"]);
    let replaced = json!([{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": card("oh ***") } }]);
    server
        .deliver(message("room", "alice", [Element::custom(card("oh darn"))]))
        .await
        .assert_replaced(&replaced);

    let mut quoted = message("room", "alice", [Element::text("yes")]);
    quoted.cloud_custom_data = Some(json!({ "messageReply": { "messageAbstract": "darn" } }).to_string());
    let answer = server.deliver(quoted).await;
    answer.assert_replaced(&text("yes"));
    assert_eq!(answer.json(200)["CloudCustomData"], r#"{"messageReply":{"messageAbstract":"***"}}"#);
}

#[tokio::test]
async fn words_change_while_it_runs_and_a_broken_file_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("words");
    let database = Database::sqlite();
    let server = server(&database, &folder, "hold casino").await;
    server.send("room", "alice", "casino").await.assert_held();
    server.send("room", "alice", "bingo").await.assert_let_through();
    assert_eq!(server.metric("moderation_words").await, 1.0);

    // Of the same length.
    write(&file, "hold bingo\n");
    let is_held = async |text: &str| server.send("changes", "alice", text).await.is_held();
    server.until("reloaded", async || is_held("bingo").await).await;
    server.send("room", "alice", "casino").await.assert_let_through();

    write(&file, "hold bingo\nallow casino");
    server
        .until("noticed", async || {
            server.metric("moderation_word_reloads_total{result=\"failed\"}").await == 1.0
        })
        .await;
    let log = server.log();
    let said = "words not replaced: those of before stay";
    assert!(
        log.contains(said) && log.contains("line 2 does not begin with replace, hold or forbid"),
        "{log}"
    );
    server.send("room", "alice", "bingo").await.assert_held();
    fs::remove_file(&file).unwrap();
    server
        .until("noticed", async || {
            server.metric("moderation_word_reloads_total{result=\"failed\"}").await == 2.0
        })
        .await;
    server.send("room", "alice", "bingo").await.assert_held();

    write(&file, "hold lotto");
    server.until("reloaded", async || is_held("lotto").await).await;
    server.send("room", "alice", "bingo").await.assert_let_through();
}
