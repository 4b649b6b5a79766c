//! What a reader of the output sees.

use std::{
    process::{Command, Stdio},
    sync::{Mutex, mpsc},
};

use trtc_live_webhook::{Reply, event::gift};

use crate::{
    program::{trtc_live, trtc_live_in},
    service::Service,
};

#[test]
fn a_line_shows_verdict_time_decision_and_reply() {
    let service = Service::answering(200, &Reply::from(gift::Decision::Reject).to_json());
    let run = trtc_live(["send", "BeforeSendGift", "--url", &service.url]);
    let lines: Vec<_> = run.stdout.lines().collect();
    let [line, summary] = lines[..] else { panic!("{run:?}") };
    let columns: Vec<_> = line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    assert_eq!(columns[..2], ["ok", "Live.CallbackBeforeSendGift"]);
    assert!(columns[2].ends_with(" of 2000 ms"), "{line}");
    let reply = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#;
    assert_eq!(columns[3..], ["valid reply", "decision: reject", reply]);
    assert!(summary.starts_with("1 delivery, 1 valid reply, slowest "), "{summary}");
}

#[test]
fn what_comes_back_cannot_steer_the_terminal() {
    let service = Service::answering(500, "a\u{1b}[2Jb\r\nc\u{9b}d");
    let run = trtc_live_in(&[("CLICOLOR_FORCE", "1")], ["send", "AfterSendMsg", "--url", &service.url]);
    assert!(run.stdout.contains("  a [2Jb  c d\n"), "{}", run.stdout);
}

#[test]
fn colour_is_for_terminals_and_not_for_those_who_want_none() {
    let service = Service::answering(200, &Reply::ok().to_json());
    let arguments = ["send", "AfterSendMsg", "--url", &service.url];
    let (force, none) = (("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"));
    assert!(!trtc_live(arguments).stdout.contains('\u{1b}'));
    assert!(trtc_live_in(&[force], arguments).stdout.contains('\u{1b}'));
    assert!(!trtc_live_in(&[force, none], arguments).stdout.contains('\u{1b}'));
    assert!(!trtc_live_in(&[force], arguments.into_iter().chain(["--json"])).stdout.contains('\u{1b}'));
}

#[test]
fn a_reader_that_leaves_causes_no_panic() {
    let (leave, left) = mpsc::channel();
    let left = Mutex::new(left);
    let service = Service::start(move |_| {
        left.lock().unwrap().recv().unwrap();
        (200, Reply::ok().to_json())
    });
    let mut program = Command::new(env!("CARGO_BIN_EXE_trtc-live"))
        .args(["send", "AfterSendMsg", "--url", &service.url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    leave.send(()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(1), Vec::new()));
}
