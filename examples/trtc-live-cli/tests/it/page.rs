//! The page, in a browser.

use serde_json::json;
use test_servers::Browser;
use thirtyfour::{By, WebElement};
use trtc_live_webhook::{
    Receiver, Reply,
    event::{gift, message, room},
    samples::Request,
};

use crate::{
    listening::{Listening, TOKEN, signed},
    service::{OURS, Service},
};

fn room(id: &str) -> room::AfterCreateRoom {
    let mut event = room::AfterCreateRoom::sample();
    event.room_info.room_id = id.into();
    event
}

fn text(text: &str) -> message::BeforeSendMsg {
    let mut event = message::BeforeSendMsg::sample();
    event.msg_body = Some(vec![message::Element::text(text)]);
    event
}

/// Opens the page, and waits until it is live.
async fn open(listening: &Listening) -> Browser {
    let browser = Browser::start().await;
    browser.page().goto(&*listening.page).await.unwrap();
    browser.until("document.getElementById('connection').textContent === 'live'").await;
    browser
}

async fn find(browser: &Browser, id: &str) -> WebElement {
    browser.page().find(By::Id(id)).await.unwrap()
}

/// Waits until these are the texts of a column, from the top.
async fn until_column(browser: &Browser, column: usize, texts: &[&str]) {
    let rows = "[...document.querySelectorAll('#rows tr:not([hidden])')]";
    let column = format!("JSON.stringify({rows}.map((row) => row.cells[{column}].textContent))");
    browser.until(&format!("{column} === {:?}", json!(texts).to_string())).await;
}

/// Sets a field as a user does.
async fn enter(browser: &Browser, id: &str, text: &str) {
    let field = find(browser, id).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
    // Leaving the field is what makes a number count.
    field.send_keys("\t").await.unwrap();
}

async fn choose(browser: &Browser, id: &str, value: &str) {
    let option = format!("#{id} option[value={value:?}]");
    browser.page().find(By::Css(option)).await.unwrap().click().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn deliveries_appear_without_reloading_and_are_filtered() {
    let listening = Listening::start(&["--short"]);
    listening.tell(room("before")).await;
    let browser = open(&listening).await;
    until_column(&browser, 2, &["before"]).await;
    browser
        .until("/^\\d\\d:\\d\\d:\\d\\d[.,]\\d{3}$/.test(document.querySelector('#rows td').textContent)")
        .await;
    listening.tell(room("blue-1")).await;
    listening.tell(text("red packet")).await;
    listening.tell(room("blue-2")).await;
    until_column(&browser, 2, &["blue-2", "@TGS#2J4SZEAEL", "blue-1", "before"]).await;

    choose(&browser, "command", "Live.CallbackAfterCreateRoom").await;
    until_column(&browser, 2, &["blue-2", "blue-1", "before"]).await;
    enter(&browser, "room", "blue").await;
    until_column(&browser, 2, &["blue-2", "blue-1"]).await;
    // What arrives now is filtered, too.
    listening.tell(room("blue-3")).await;
    listening.tell(room("green")).await;
    until_column(&browser, 2, &["blue-3", "blue-2", "blue-1"]).await;
    browser.until("document.getElementById('count').textContent === '3 of 6'").await;

    choose(&browser, "command", "").await;
    find(&browser, "room").await.clear().await.unwrap();
    enter(&browser, "search", "RED PACK").await;
    until_column(&browser, 1, &["BeforeSendMsg"]).await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn a_click_shows_and_another_replays() {
    let service = Service::start(|received| match received.delivery(&Receiver::new(OURS)).event {
        trtc_live_webhook::Event::BeforeSendGift(_) => (200, Reply::from(gift::Decision::Reject).to_json()),
        _ => (200, Reply::ok().to_json()),
    });
    let listening = Listening::start(&["--short", "--forward", &service.url]);
    let browser = open(&listening).await;
    let body = r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":144115216631667826,"Discount":1.50,
        "GiftWater":{"GiftId":"rose","Coins":7}}"#;
    listening.post(&signed(Request::from_json(OURS, body))).await;
    listening.tell(text("hello, everybody")).await;
    listening.tell(room("another")).await;
    // From somebody who does not know the token.
    listening.post(&Request::new(OURS, gift::BeforeSendGift::sample())).await;
    until_column(&browser, 2, &["", "another", "@TGS#2J4SZEAEL", "144115216631667826"]).await;
    browser.page().find(By::Css("#rows tr:last-child")).await.unwrap().click().await.unwrap();
    // Every digit is there.
    browser
        .until("document.getElementById('packet').textContent.includes('\"RoomId\": 144115216631667826,\\n')")
        .await;
    browser.until("document.getElementById('packet').textContent.includes('\"Discount\": 1.50,')").await;
    let facts = find(&browser, "facts").await.text().await.unwrap();
    for part in ["&Sign=…&RequestTime=", "unknown field \"/Discount\"", "\"ErrorCode\":1}", "reject"] {
        assert!(facts.contains(part), "no {part} in {facts}");
    }
    browser.screenshot("page").await;

    assert_eq!(service.received().len(), 3);
    find(&browser, "replay").await.click().await.unwrap();
    browser
        .until("document.getElementById('replayed').textContent.startsWith('the service says: 200 in ')")
        .await;
    let received = service.received();
    assert_eq!(received.len(), 4);
    assert_eq!(received[3].body, body.as_bytes());
    assert!(received[3].query().contains("&Sign="));
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn answers_are_chosen_and_every_page_knows() {
    let listening = Listening::start(&["--short"]);
    let (browser, other) = (open(&listening).await, open(&listening).await);
    choose(&browser, "message-choice", "discard").await;
    choose(&browser, "gift-choice", "fail").await;
    enter(&browser, "message-delay", "300").await;
    other.until("document.getElementById('message-delay').value === '300'").await;
    other.until("document.getElementById('message-choice').value === 'discard'").await;
    other.until("document.getElementById('gift-choice').value === 'fail'").await;
    let start = std::time::Instant::now();
    let (status, body) = listening.tell(text("hi")).await;
    assert_eq!((status, body), (200, Reply::from(message::Decision::Discard).to_json()));
    assert!(start.elapsed().as_millis() >= 300);
    assert_eq!(listening.tell(gift::BeforeSendGift::sample()).await.0, 503);
    browser.until("document.querySelector('#rows td.bad').textContent.startsWith('503 in ')").await;

    enter(&browser, "gift-delay", "99999").await;
    browser.until("document.getElementById('answers-problem').textContent.includes('20000')").await;
    // Where nothing is passed on, no service can be asked.
    browser.until("document.querySelector('#gift-choice option[value=service]').disabled").await;
    browser.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn hostile_content_is_text() {
    let hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
    let service = Service::answering(500, hostile);
    let listening = Listening::start(&["--short", "--forward", &service.url]);
    let browser = open(&listening).await;
    let body = json!({
        "CallbackCommand": "Live.CallbackAfterDestroyRoom",
        "RoomId": hostile,
        "Operator_Account": hostile,
        "EventType": hostile,
        hostile: {"__proto__": {"text": hostile}, "constructor": 7},
    });
    let request = Request::from_json(OURS, body.to_string()).with_parameter(hostile, hostile);
    listening.post(&signed(request)).await;
    let command = json!({"CallbackCommand": hostile}).to_string();
    let request = signed(Request::from_json(OURS, command).with_command(hostile.into()));
    listening.post(&request).await;
    browser.until("document.querySelectorAll('#rows tr').length === 2").await;
    for row in 1..=2 {
        let row = format!("#rows tr:nth-child({row})");
        browser.page().find(By::Css(row)).await.unwrap().click().await.unwrap();
        browser.until("document.getElementById('packet').textContent.includes('<script>')").await;
        browser.until("document.getElementById('facts').textContent.includes('onerror')").await;
        browser.until("document.querySelectorAll('main img, main script').length === 0").await;
        find(&browser, "replay").await.click().await.unwrap();
        browser.until("document.getElementById('replayed').textContent.includes('500')").await;
    }
    // It is a choice in the filter, as text.
    browser
        .until("[...document.querySelectorAll('#command option')].some((o) => o.value.startsWith('<img'))")
        .await;
    // A script that is let in anyhow does not run.
    let inject = "const s = document.createElement('script'); s.textContent = \"document.title='owned'\"; \
                  document.body.append(s); const i = document.createElement('img'); i.setAttribute('onerror', \
                  \"document.title='owned'\"); i.src = 'x'; document.body.append(i);";
    browser.page().execute(inject, Vec::new()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(browser.page().title().await.unwrap(), "TRTC Live webhooks");
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn a_page_keeps_no_more_than_the_program_and_comes_back_to_the_next() {
    let port = test_servers::free_port().to_string();
    let bind = format!("127.0.0.1:{port}");
    let arguments = ["--short", "--keep", "5", "--page", &bind];
    let listening = Listening::start(&arguments);
    let browser = open(&listening).await;
    for number in 0..8 {
        listening.tell(room(&format!("room-{number}"))).await;
    }
    until_column(&browser, 2, &["room-7", "room-6", "room-5", "room-4", "room-3"]).await;
    drop(listening);
    browser.until("document.getElementById('connection').textContent === 'connecting'").await;
    let listening = Listening::start(&arguments);
    listening.tell(room("new")).await;
    until_column(&browser, 2, &["new"]).await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn strangers_push_nothing_out_of_the_page_nor_fill_its_filter() {
    let listening = Listening::start(&["--short", "--keep", "8"]);
    let browser = open(&listening).await;
    listening.tell(room("mine")).await;
    for number in 0..20 {
        let strange =
            Request::new(OURS, room("theirs")).with_command(format!("Strange{number}").as_str().into());
        listening.post(&strange).await;
    }
    listening.tell(room("last")).await;
    until_column(&browser, 2, &["last", "", "", "mine"]).await;
    until_column(&browser, 1, &["AfterCreateRoom", "Strange19", "Strange18", "AfterCreateRoom"]).await;
    browser.until("document.querySelectorAll('#command option').length === 2").await;
    // Names of fields are not searched.
    enter(&browser, "search", "drift").await;
    until_column(&browser, 2, &[]).await;
    browser.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn with_the_password_the_page_works() {
    let environment = [("TRTC_LISTEN_PASSWORD", "correct horse"), ("TRTC_TOKEN", TOKEN)];
    let listening = Listening::start_in(&environment, &["--page", "0.0.0.0:0", "--short"]);
    let port = listening.page.rsplit_once(':').unwrap().1;
    let browser = Browser::start().await;
    browser.page().goto(format!("http://me:correct%20horse@127.0.0.1:{port}/")).await.unwrap();
    browser.until("document.getElementById('connection').textContent === 'live'").await;
    listening.tell(room("seen")).await;
    until_column(&browser, 2, &["seen"]).await;
    browser.stop().await;
}

#[test]
fn the_script_reads_no_html() {
    let script = include_str!("../../src/listen/page/page.js");
    for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
    {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
    let page = include_str!("../../src/listen/page/page.html");
    for forbidden in ["onclick", "onload", "style=", "javascript:", "http:", "https:"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}
