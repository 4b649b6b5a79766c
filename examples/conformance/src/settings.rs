//! Services that do not start.

use std::net::TcpListener;

use crate::Process;

/// Demands that the service says in one line why it does not start.
#[track_caller]
fn assert_refused(program: &str, settings: &[(&str, &str)], text: &str) {
    let mut variables = vec![("LISTEN", "127.0.0.1:0")];
    variables.extend(settings);
    let mut process = Process::start(program, &variables);
    let status = process.wait();
    assert_eq!(process.stderr(), format!("error: {text}"));
    assert!(!process.stdout().contains("listening address="), "{}", process.stdout());
    assert_eq!(status.code(), Some(1));
}

/// Each setting that is missing or wrong gets a sentence of its own.
pub fn bad_settings_are_named(program: &str) {
    let app = ("TRTC_SDK_APP_ID", "1400000000");
    assert_refused(program, &[], "TRTC_SDK_APP_ID is not set");
    assert_refused(
        program,
        &[("TRTC_SDK_APP_ID", "ours")],
        "TRTC_SDK_APP_ID is not an SDKAppID: SDKAppID is not a decimal number of 64 bits: \
         invalid digit found in string",
    );
    assert_refused(
        program,
        &[app, ("TRTC_TOKENS", &"t".repeat(129))],
        "TRTC_TOKENS is not one or more tokens, separated by white space: token is longer than 128 characters",
    );
    assert_refused(
        program,
        &[app, ("LISTEN", "localhost")],
        "LISTEN is not an address with a port, like 127.0.0.1:3000: invalid socket address syntax",
    );
    assert_refused(
        program,
        &[app, ("GIFT_LIMIT", "lots")],
        "GIFT_LIMIT is not a number of coins: invalid digit found in string",
    );
}

/// So does an address that another process has.
pub fn a_taken_address_is_named(program: &str) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut process = Process::start(program, &[("TRTC_SDK_APP_ID", "1400000000"), ("LISTEN", &address)]);
    let status = process.wait();
    let stderr = process.stderr();
    assert!(stderr.starts_with(&format!("error: cannot listen on {address}: ")), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(status.code(), Some(1));
}
