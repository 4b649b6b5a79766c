//! What is shown on a terminal.

use std::{process::Command, time::Instant};

use rexpect::{process::WaitStatus, session::PtySession};
use trtc_live_webhook::{Reply, event::message, samples::Request};

use crate::{
    listening::{PATIENCE, TOKEN, client, command, signed},
    service::{OURS, Service},
};

fn spawn(mut command: Command) -> PtySession {
    command.env("TERM", "xterm-256color");
    rexpect::session::spawn_command(command, Some(u64::try_from(PATIENCE.as_millis()).unwrap())).unwrap()
}

/// Reads what was taken for one character per byte.
fn utf8(text: &str) -> String {
    String::from_utf8(text.chars().map(|c| u8::try_from(c).unwrap()).collect()).unwrap()
}

/// Starts to listen on a terminal, and returns where.
fn listen(arguments: &[&str], environment: &[(&str, &str)]) -> (PtySession, String) {
    let mut command = command();
    command
        .args(["listen", "--bind", "127.0.0.1:0", "--page", "127.0.0.1:0"])
        .args(arguments)
        .env("TRTC_TOKEN", TOKEN);
    let mut session = spawn({
        command.envs(environment.iter().copied());
        command
    });
    session.exp_string("webhook  ").unwrap();
    let url = session.read_line().unwrap().trim().to_owned();
    (session, url)
}

async fn post(url: &str, request: Request) {
    let to = request.url(&url.parse().unwrap());
    client().post(to).body(request.into_body()).send().await.unwrap();
}

fn text(text: &str) -> Request {
    let mut event = message::BeforeSendMsg::sample();
    event.msg_body = Some(vec![message::Element::text(text)]);
    event.group_id = format!("room {text}").into();
    signed(Request::new(OURS, event))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_appears_in_colour_and_ctrl_c_stops() {
    let (mut session, url) = listen(&[], &[]);
    post(&url, text("hello")).await;
    let before = session.exp_string("Group.CallbackBeforeSendMsg").unwrap();
    // Green for what went well.
    assert!(before.contains("\u{1b}[1m\u{1b}[32m200\u{1b}[0m"), "{before:?}");
    session.exp_string("room room hello").unwrap();
    let before = session.exp_string("&RequestTime=").unwrap();
    assert!(utf8(&before).ends_with("&Sign=…"), "{before}");
    session.exp_string(r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","#).unwrap();
    session.exp_string("answer").unwrap();
    session.exp_string(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#).unwrap();
    post(&url, Request::new(OURS, message::AfterSendMsg::sample())).await;
    session.exp_string("\u{1b}[1m\u{1b}[31m401").unwrap();
    session.exp_string("missing parameter Sign").unwrap();
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_cannot_steer_the_terminal() {
    let (mut session, url) = listen(&[], &[("NO_COLOR", "1")]);
    post(&url, text("\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}1A\r\n200  Live.Fake\u{202e}")).await;
    post(&url, text("the end")).await;
    let shown = utf8(&session.exp_string("room the end").unwrap());
    let steering: Vec<_> =
        shown.chars().filter(|c| c.is_control() && *c != '\n' && *c != '\r' || *c == '\u{202e}').collect();
    assert_eq!(steering, Vec::<char>::new(), "{shown:?}");
    assert!(shown.contains("owned"));
    // No line of its own for what pretends to be one.
    assert!(shown.lines().all(|line| !line.trim_start().starts_with("200  Live.Fake")), "{shown}");
    session.send_control('c').unwrap();
    session.exp_eof().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_stands_still_stops_no_answers() {
    let (mut session, url) = listen(&["--short"], &[]);
    // Nothing is read from here on: the terminal's buffer fills up.
    session.send_control('s').unwrap();
    session.flush().unwrap();
    let start = Instant::now();
    for _ in 0..400 {
        let answer = client();
        let request = text(&"x".repeat(300));
        let to = request.url(&url.parse().unwrap());
        let response = answer.post(to).body(request.into_body()).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert!(start.elapsed() < PATIENCE);
    // What was left out is told once it goes on.
    session.send_control('q').unwrap();
    session.exp_string(" not shown").unwrap();
}

#[test]
fn progress_and_verdicts_are_for_eyes() {
    let service = Service::answering(200, &Reply::ok().to_json());
    let mut command = command();
    command.args(["send", "AfterSendMsg", "--repeat", "20", "--url", &service.url]);
    let mut session = spawn(command);
    session.exp_string("\u{1b}[1m\u{1b}[32mok\u{1b}[0m    Group.CallbackAfterSendMsg").unwrap();
    let bars = session.exp_string("20 deliveries, 20 valid replies, slowest ").unwrap();
    assert!(utf8(&bars).contains(" ms") && utf8(&bars).contains("■■"), "{bars}");
    session.exp_string(", p50 ").unwrap();
    session.exp_eof().unwrap();

    let mut command = crate::listening::command();
    command.args(["verify", &service.url, "--skip", "stalled-body", "--skip", "concurrency"]);
    let mut session = spawn(command);
    session.exp_string("\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m  foreign-app").unwrap();
    session.exp_string("https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/guide/mounting/").unwrap();
    session.exp_eof().unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 1)));
}
