//! Arguments that are wrong, and a service that is not there.

use std::net::{TcpListener, TcpStream};

use crate::program::trtc_live;

const URL: [&str; 2] = ["--url", "http://127.0.0.1:1/webhook"];

#[test]
fn an_unknown_sample_is_told_with_where_to_look() {
    for name in ["Live.CallbackAfterNothing", "After", "AfterCreateRoom.2024", ""] {
        let run = trtc_live(["send", "AfterCreateRoom", name].into_iter().chain(URL));
        run.assert_failed(2, "there is no such sample; `trtc-live list` prints them all");
    }
}

#[test]
fn only_http_urls_are_taken() {
    for (url, problem) in [
        ("ftp://127.0.0.1/webhook", "only http and https are supported"),
        ("localhost:8080", "only http and https are supported"),
        ("/webhook", "not a URL: relative URL without a base"),
        ("http://", "not a URL: empty host"),
    ] {
        trtc_live(["send", "AfterCreateRoom", "--url", url]).assert_failed(2, problem);
    }
}

#[test]
fn a_field_that_cannot_be_set_is_told_with_its_path() {
    for (set, problem) in [
        (
            "Nothing.RoomId=1",
            "cannot set `Nothing.RoomId` in Live.CallbackAfterCreateRoom: there is no `Nothing`",
        ),
        ("RoomInfo.A.B=1", "there is no `RoomInfo.A`"),
        ("Operator_Account.Name=1", "`Operator_Account` is neither an object nor a list"),
        ("RoomInfo.Category.3=1", "`RoomInfo.Category` is a list of 2, and `3` is no index into it"),
        ("RoomInfo.RoomId", "expected `path=value`"),
        ("RoomInfo..RoomId=1", "a part of the path is empty"),
    ] {
        let run = trtc_live(["send", "AfterCreateRoom", "--set", set].into_iter().chain(URL));
        run.assert_failed(2, problem);
    }
    let run = trtc_live(["send", "--all", "--set", "RoomInfo.RoomId=a"].into_iter().chain(URL));
    run.assert_failed(
        2,
        "cannot set `RoomInfo.RoomId` in Live.CallbackAfterSetMetadata: there is no `RoomInfo`",
    );
}

#[test]
fn numbers_and_tokens_have_their_bounds() {
    for (arguments, problem) in [
        (["--repeat", "0"], "invalid value '0' for '--repeat <N>'"),
        (["--concurrency", "0"], "invalid value '0' for '--concurrency <N>'"),
        (["--sdk-app-id", "+1"], "SDKAppID is not a decimal number of 64 bits"),
        (["--sdk-app-id", "1x"], "SDKAppID is not a decimal number of 64 bits"),
        (["--token", ""], "token is empty"),
        (["--token", &"x".repeat(129)], "token is longer than 128 characters"),
    ] {
        let run = trtc_live(["send", "AfterCreateRoom"].into_iter().chain(arguments).chain(URL));
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(problem), "{run:?}");
    }
}

#[test]
fn samples_are_named_or_all_are_asked_for() {
    for arguments in [vec!["send"], vec!["send", "--all", "AfterCreateRoom"]] {
        let run = trtc_live(arguments.into_iter().chain(URL));
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.starts_with("error: "), "{run:?}");
    }
}

#[test]
fn a_service_that_is_not_there_is_told_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Nobody listens where a client calls from, and nobody else can.
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap();
    for options in [&["--all"][..], &["--all", "--json", "--concurrency", "4"]] {
        let url = format!("http://user:password@{address}/webhook");
        let run = trtc_live(["send", "--url", &url].into_iter().chain(options.iter().copied()));
        run.assert_failed(1, &format!("cannot connect to http://{address}: "));
        assert!(!run.stderr.contains("password"), "{run:?}");
    }
}
