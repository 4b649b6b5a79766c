//! The page for people, in a browser.

use reqwest::Method;
use serde_json::{Value, json};
use test_servers::Browser;
use thirtyfour::{By, WebElement};
use trtc_live_webhook::event::message::Element;

use crate::{
    Database,
    approval::random,
    server::{KEY, OTHER, OURS, Server, message},
    with_either_database,
};

with_either_database! { rooms_are_listed_where_messages_wait }

async fn rooms_are_listed_where_messages_wait(database: &Database) {
    let server = Server::start(database).await;
    let rooms = async || server.get("/moderation/rooms").await.json(200);
    assert_eq!(rooms().await["Data"], json!([]));
    for (room, count) in [("quiet", 1), ("loud", 3), ("also quiet", 1)] {
        for number in 0..count {
            server.send(room, "alice", &number.to_string()).await.assert_held();
        }
    }
    let row = |room: &str, count: i64| json!({ "SdkAppId": OURS, "Receiver": room, "TotalCount": count });
    let listed = rooms().await;
    assert_eq!(listed["SdkAppIds"].as_array().unwrap().len(), 3);
    assert_eq!(listed["Data"], json!([row("loud", 3), row("also quiet", 1), row("quiet", 1)]));
    let id = server.only("quiet").await["ContentId"].as_str().unwrap().to_owned();
    server.delete(&[&id]).await;
    assert_eq!(rooms().await["Data"], json!([row("loud", 3), row("also quiet", 1)]));
    assert_eq!(server.request(Method::GET, "/moderation/rooms", "wrong", None).await.status, 401);
}

/// Opens the page without a key.
async fn visit(server: &Server) -> Browser {
    let browser = Browser::start().await;
    browser.page().goto(format!("http://{}/", server.console)).await.unwrap();
    browser
}

/// Opens the page with a key, and waits until it is live.
async fn open(server: &Server) -> Browser {
    let browser = visit(server).await;
    log_in(&browser, KEY).await;
    browser.until("document.getElementById('connection').textContent === 'live'").await;
    browser
}

async fn log_in(browser: &Browser, key: &str) {
    find(browser, "#key").await.send_keys(key).await.unwrap();
    click(browser, "#login button").await;
}

async fn find(browser: &Browser, css: &str) -> WebElement {
    browser.page().find(By::Css(css)).await.unwrap()
}

async fn click(browser: &Browser, css: &str) {
    find(browser, css).await.click().await.unwrap();
}

/// Opens the room that stands there in the list of rooms, from 1.
async fn enter(browser: &Browser, place: usize) {
    browser.until(&format!("document.querySelectorAll('#rooms button').length >= {place}")).await;
    click(browser, &format!("#rooms li:nth-child({place}) button")).await;
}

/// Presses one of the two buttons of a row, from 1.
async fn press(browser: &Browser, row: usize, text: &str) {
    let place = if text == "Approve" { 1 } else { 2 };
    let button = find(browser, &format!("#rows tr:nth-child({row}) button:nth-child({place})")).await;
    assert_eq!(button.text().await.unwrap(), text);
    button.click().await.unwrap();
}

/// Waits until this is the text of what the selector finds.
async fn until_text(browser: &Browser, css: &str, text: &str) {
    let text = json!(text);
    browser.until(&format!("document.querySelector({css:?}).textContent === {text}")).await;
}

/// Waits until these are the texts of a column, from the top.
async fn until_column(browser: &Browser, column: usize, texts: &[&str]) {
    let cells =
        format!("[...document.querySelectorAll('#rows tr')].map((row) => row.cells[{column}].textContent)");
    browser.until(&format!("JSON.stringify({cells}) === {:?}", json!(texts).to_string())).await;
}

async fn said(browser: &Browser, text: &str) {
    browser.until(&format!("document.getElementById('said').textContent.startsWith({text:?})")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn the_messages_of_a_room_are_listed() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    for (room, account, text) in [
        ("live_gaming", "carla", "gg"),
        ("live_music", "bob_77", "When does the second part begin?"),
        ("live_music", "dj-fan", "Cheap followers at example.com, first 100 for free!!!"),
        ("live_music", "alice", "Play it again [TUIEmoji_Smile]"),
        ("live_cooking", "dora", "how much salt?"),
        ("live_cooking", "emil", "first"),
    ] {
        server.send(room, account, text).await.assert_held();
    }
    let picture = json!({ "MsgType": "TIMImageElem", "MsgContent": { "UUID": "1" } });
    let picture: Element = serde_json::from_value(picture).unwrap();
    server.deliver(message("live_music", "frida", [picture])).await.assert_held();

    let browser = open(&server).await;
    let rooms =
        "[...document.querySelectorAll('#rooms button')].map((b) => b.innerText.replace(/\\s+/, ' ')).join()";
    browser.until(&format!("{rooms} === 'live_music 4,live_cooking 2,live_gaming 1'")).await;
    enter(&browser, 1).await;
    until_column(&browser, 1, &["frida", "alice", "dj-fan", "bob_77"]).await;
    let time = "/^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}$/";
    browser.until(&format!("{time}.test(document.querySelector('#rows td').textContent)")).await;
    until_text(
        &browser,
        "#rows tr:nth-child(3) .message",
        "Cheap followers at example.com, first 100 for free!!!",
    )
    .await;
    // Only a text can be sent again.
    until_text(&browser, "#rows tr:nth-child(1) .kinds", "TIMImageElem").await;
    browser.until("document.querySelector('#rows tr:nth-child(1) button').disabled").await;
    until_text(&browser, "#count", "4").await;
    until_text(&browser, "#pending", "7").await;
    press(&browser, 2, "Approve").await;
    said(&browser, "Let go").await;
    until_text(&browser, "#count", "3").await;
    browser.page().set_window_rect(0, 0, 1280, 740).await.unwrap();
    browser.screenshot("screenshot").await;

    // By its name, of an application by its own.
    server.send("1234", "gil", "one").await.assert_held();
    find(&browser, "#wanted").await.send_keys("1234").await.unwrap();
    click(&browser, "#find button").await;
    until_column(&browser, 1, &["gil"]).await;
    click(&browser, &format!("#app option[value='{OTHER}']")).await;
    click(&browser, "#find button").await;
    until_text(&browser, "#count", "0").await;
    until_column(&browser, 1, &[]).await;
    browser.until("!document.getElementById('empty').hidden").await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn older_messages_are_loaded_below() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let texts: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    for text in &texts {
        server.send("room", "alice", text).await.assert_held();
    }
    let newest: Vec<&str> = texts.iter().rev().map(String::as_str).collect();
    let browser = open(&server).await;
    enter(&browser, 1).await;
    until_column(&browser, 2, &newest[..50]).await;
    click(&browser, "#older").await;
    until_column(&browser, 2, &newest).await;
    browser.until("document.getElementById('older').hidden").await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn hostile_content_is_text() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
    server.send(hostile, hostile, hostile).await.assert_held();
    let kind = json!({ "MsgType": hostile, "MsgContent": { "Text": hostile } });
    let kind: Element = serde_json::from_value(kind).unwrap();
    server.deliver(message(hostile, "__proto__", [kind, Element::text("constructor")])).await.assert_held();
    let browser = open(&server).await;
    until_text(&browser, "#rooms .name", hostile).await;
    enter(&browser, 1).await;
    until_column(&browser, 1, &["__proto__", hostile]).await;
    until_text(&browser, "#title", hostile).await;
    until_text(&browser, "#rows tr:nth-child(2) .message", hostile).await;
    press(&browser, 2, "Approve").await;
    browser.until("document.getElementById('call').textContent.includes('<script>')").await;
    press(&browser, 1, "Delete").await;
    said(&browser, "Deleted: the message of __proto__.").await;
    click(&browser, "#toggle option[value=true]").await;
    said(&browser, &format!("Moderation of {hostile} is on.")).await;
    browser.until("document.querySelectorAll('img, main script').length === 0").await;
    // A script that is let in anyhow does not run.
    let inject = "const i = document.createElement('img'); i.setAttribute('on' + 'error', \
                  \"document.title='owned'\"); i.src = 'x'; document.body.append(i);";
    let _ = browser.page().execute(inject, Vec::new()).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(browser.page().title().await.unwrap(), "Moderation");
    // HTML is not read, either.
    let html =
        "try { document.body.innerHTML = '<p>read</p>'; return 'read' } catch (error) { return error.name }";
    let html = browser.page().execute(html, Vec::new()).await.unwrap();
    assert_eq!(html.json(), &Value::from("TypeError"));
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn messages_are_approved_and_deleted() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    for text in ["one", "two", "three", "four"] {
        server.send("room", "alice", text).await.assert_held();
    }
    let (_, records) = server.list("room", 1, 100).await;
    let id = |row: usize| records[row]["ContentId"].as_str().unwrap();
    let browser = open(&server).await;
    enter(&browser, 1).await;
    until_column(&browser, 2, &["four", "three", "two", "one"]).await;

    press(&browser, 2, "Delete").await;
    said(&browser, "Deleted: the message of alice.").await;
    browser.until("document.getElementById('call').hidden").await;
    assert_eq!(server.pending("room").await, ["four", "two", "one"]);
    press(&browser, 3, "Approve").await;
    said(&browser, "Let go: taken off the list, and not sent").await;
    assert_eq!(server.pending("room").await, ["four", "one"]);
    // What the console would send.
    let call = find(&browser, "#call").await.text().await.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&call).unwrap(),
        json!({
            "GroupId": "room",
            "From_Account": "alice",
            "Random": random(id(2)),
            "MsgPriority": "Normal",
            "SendMsgControl": ["NoMsgCheck"],
            "ForbidCallbackControl": ["ForbidBeforeSendMsgCallback"],
            "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "two" } }],
        })
    );
    // Somebody else decides meanwhile.
    server.delete(&[id(0)]).await;
    press(&browser, 1, "Approve").await;
    said(&browser, "This message was not pending any more").await;
    browser.until("document.getElementById('call').hidden").await;

    // Nothing moves before it is asked for.
    until_column(&browser, 2, &["four", "three", "two", "one"]).await;
    until_column(&browser, 3, &["gone before", "deleted", "approved", "ApproveDelete"]).await;
    until_text(&browser, "#count", "1").await;
    click(&browser, "#load").await;
    until_column(&browser, 2, &["one"]).await;

    // What cannot be done stays.
    drop(server);
    press(&browser, 1, "Delete").await;
    said(&browser, "Not deleted: server not reached.").await;
    until_column(&browser, 3, &["ApproveDelete"]).await;
    until_text(&browser, "#connection", "server not reached").await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn toggles_are_set_and_shown() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    server.send("room", "alice", "before").await.assert_held();
    let browser = open(&server).await;
    enter(&browser, 1).await;
    browser.until("document.getElementById('global').checked").await;
    browser.until("document.getElementById('toggle').value === 'null'").await;

    click(&browser, "#global").await;
    said(&browser, "Moderation is off").await;
    server.send("room", "alice", "through").await.assert_let_through();
    click(&browser, "#toggle option[value=true]").await;
    said(&browser, "Moderation of room is on.").await;
    server.send("room", "alice", "held").await.assert_held();
    server.send("other", "alice", "through").await.assert_let_through();
    click(&browser, "#global").await;
    said(&browser, "Moderation is on").await;
    click(&browser, "#toggle option[value=false]").await;
    said(&browser, "Moderation of room is off.").await;
    server.send("room", "alice", "through").await.assert_let_through();
    server.send("other", "alice", "held").await.assert_held();
    click(&browser, "#toggle option[value=null]").await;
    said(&browser, "Moderation of room is as everywhere.").await;
    server.send("room", "alice", "held").await.assert_held();

    // Set by somebody else.
    server.toggle(false).await;
    browser.until("!document.getElementById('global').checked").await;
    let set = json!({ "SdkAppId": OURS, "Receiver": "room", "Enabled": true });
    server.ask("/moderation/toggle", &set).await.json(200);
    browser.until("document.getElementById('toggle').value === 'true'").await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn a_wrong_key_is_said() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let browser = visit(&server).await;
    let denied = async || server.metric("moderation_console_denied_total").await;
    until_text(&browser, "#connection", "no key").await;
    assert_eq!(denied().await, 0.0);
    log_in(&browser, "the-key-of-somebody-else").await;
    until_text(&browser, "#login-problem", "The server says: this key is missing or wrong.").await;
    browser.until("document.getElementById('work').hidden").await;
    assert_eq!(denied().await, 1.0);
    log_in(&browser, "ключ").await;
    until_text(&browser, "#login-problem", "This key has characters that no key has.").await;
    assert_eq!(denied().await, 1.0);
    log_in(&browser, KEY).await;
    browser.until("!document.getElementById('work').hidden").await;
    // It is kept in this tab.
    browser.page().refresh().await.unwrap();
    browser.until("!document.getElementById('work').hidden").await;
    click(&browser, "#leave").await;
    browser.until("document.getElementById('work').hidden").await;
    browser.page().refresh().await.unwrap();
    until_text(&browser, "#connection", "no key").await;
    browser.until("document.getElementById('work').hidden && sessionStorage.length === 0").await;
    assert_eq!(denied().await, 1.0);
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn an_open_console_needs_no_key() {
    let settings = [("MODERATION_API_KEYS", "{}"), ("MODERATION_OPEN_CONSOLE", "true")];
    let database = Database::sqlite();
    let server = Server::start_with(&database, &settings).await;
    let browser = visit(&server).await;
    log_in(&browser, "").await;
    until_text(&browser, "#connection", "live").await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn numbers_change_without_reloading() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let browser = open(&server).await;
    browser.page().execute("window.sameAsBefore = true", Vec::new()).await.unwrap();
    until_text(&browser, "#pending", "0").await;
    browser.until("!document.getElementById('no-rooms').hidden").await;
    server.send("room", "alice", "one").await.assert_held();
    until_text(&browser, "#pending", "1").await;
    enter(&browser, 1).await;
    until_column(&browser, 2, &["one"]).await;
    until_text(&browser, "#load", "Load again").await;
    server.send("room", "alice", "two").await.assert_held();
    until_text(&browser, "#pending", "2").await;
    until_text(&browser, "#count", "2").await;
    until_text(&browser, "#rooms b", "2").await;
    until_text(&browser, "#load", "Newer messages have come: load them").await;
    // It was not put where somebody may be about to click.
    until_column(&browser, 2, &["one"]).await;
    click(&browser, "#load").await;
    until_column(&browser, 2, &["two", "one"]).await;
    let ids = server.list("room", 1, 100).await.1;
    let ids: Vec<&str> = ids.iter().map(|record| record["ContentId"].as_str().unwrap()).collect();
    server.delete(&ids).await;
    until_text(&browser, "#pending", "0").await;
    until_text(&browser, "#total", "2").await;
    until_text(&browser, "#count", "0").await;
    browser.until("window.sameAsBefore").await;
    browser.stop().await;
}

#[tokio::test]
async fn the_page_is_loaded_without_a_key_and_does_little() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: String| client.get(path).send().await.unwrap();
    for (path, kind) in [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")] {
        let response = get(format!("http://{}{path}", server.console)).await;
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), format!("{kind}; charset=utf-8"));
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        server
            .request(Method::POST, path, KEY, None)
            .await
            .assert_failure(405, "endpoint does not take this method");
    }
    // It is not where deliveries are posted, which may be public.
    assert_eq!(get(format!("http://{}/", server.webhook)).await.status(), 404);
}

#[test]
fn the_script_reads_no_html() {
    let script = include_str!("../../src/console/page/page.js");
    for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
    {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
    let page = include_str!("../../src/console/page/page.html");
    for forbidden in ["onclick", "onload", "style=", "javascript:", "http:", "https:"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}
