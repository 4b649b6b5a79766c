//! `trtc-live verify`, against services with one defect each.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use trtc_live_webhook::{App, Command, Event, Receiver, Reply, RequestError, Token};

use crate::{
    program::{Run, trtc_live},
    service::{OURS, Received, Service},
};

const TOKEN: &str = "a-token-that-nobody-shall-see";

/// What the small service of these tests cannot show: it reads bodies of announced length only, and to their end.
const BEYOND: [&str; 3] = ["long", "long-chunked", "stalled-body"];

fn receiver() -> Receiver {
    Receiver::new(App::new(OURS).with_token(Token::new(TOKEN).unwrap()))
}

/// Answers as a service does that has no defect.
fn good(received: &Received) -> (u16, String) {
    if !received.line.starts_with("POST ") {
        return (405, String::new());
    }
    let checked = match receiver().check(received.query()) {
        Ok(checked) => checked,
        Err(error) => return (error.status_code(), String::new()),
    };
    match checked.read(&received.body) {
        Ok(_) => (200, Reply::ok().to_json()),
        Err(error) => match error.command().and_then(Reply::refusal) {
            Some(refusal) => (200, refusal.to_json()),
            None => (error.status_code(), String::new()),
        },
    }
}

fn verify(service: &Service, more: &[&str]) -> Run {
    let base = ["verify", &service.url, "--sdk-app-id", "1400000001", "--token", TOKEN, "--concurrency", "4"];
    let skip = BEYOND.iter().flat_map(|check| ["--skip", check]);
    trtc_live(base.into_iter().chain(skip).chain(more.iter().copied()))
}

/// Demands that exactly these checks fail, each with the page of the guide that helps.
#[track_caller]
fn assert_finds(
    expected: &[(&str, &str)],
    defect: impl Fn(&Received) -> Option<(u16, String)> + Send + Sync + 'static,
) -> Vec<Value> {
    let service = Service::start(move |received| defect(received).unwrap_or_else(|| good(received)));
    let run = verify(&service, &["--json"]);
    assert_eq!(run.status, i32::from(!expected.is_empty()), "{run:?}");
    let failed: Vec<_> = run.json().into_iter().filter(|line| line["verdict"] == "fail").collect();
    let found: BTreeSet<_> =
        failed.iter().map(|line| (line["check"].as_str().unwrap(), line["page"].as_str().unwrap())).collect();
    let pages: HashMap<_, _> = expected
        .iter()
        .map(|(check, page)| {
            let source = format!("{}/../../src/guide/{page}.md", env!("CARGO_MANIFEST_DIR"));
            assert!(fs::exists(&source).unwrap(), "{source}");
            let root = "https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/guide";
            (*check, format!("{root}/{page}/"))
        })
        .collect();
    assert_eq!(found, pages.iter().map(|(check, page)| (*check, page.as_str())).collect(), "{run:?}");
    failed
}

fn ok() -> (u16, String) {
    (200, Reply::ok().to_json())
}

#[test]
fn a_good_service_passes() {
    assert_finds(&[], |_| None);
    let service = Service::start(good);
    let run = verify(&service, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(!run.stdout.contains(TOKEN));
    let last = run.stdout.lines().last().unwrap();
    assert_eq!(last, format!("{} checks: {0} passed, 0 failed, 0 skipped", run.stdout.lines().count() - 1));
    let quiet = verify(&service, &["--quiet"]);
    assert_eq!(quiet.stdout.lines().collect::<Vec<_>>(), [last]);
}

#[test]
fn who_ignores_the_application_is_found() {
    let failed = assert_finds(&[("foreign-app", "mounting")], |received| {
        let error = receiver().check(received.query()).err()?;
        matches!(error, RequestError::ForeignSdkAppId { .. }).then(ok)
    });
    assert_eq!(failed[0]["text"], "accepted: it got a valid reply");
}

#[test]
fn who_ignores_the_signature_is_found() {
    let checks = ["no-sign", "wrong-sign", "stale-sign", "early-sign", "two-signs"];
    assert_finds(&checks.map(|check| (check, "tokens")), |received| {
        (received.line.starts_with("POST ") && received.query().contains("1400000001")).then(|| {
            let open = Receiver::new(OURS).check(&unsigned(received.query())).ok()?.read(&received.body);
            open.ok().map(|_| ok())
        })?
    });
}

/// Removes the signature from a query.
fn unsigned(query: &str) -> String {
    let is_kept = |pair: &&str| {
        let name = pair.split('=').next().unwrap().to_ascii_lowercase();
        name != "sign" && name != "requesttime"
    };
    query.split('&').filter(is_kept).collect::<Vec<_>>().join("&")
}

#[test]
fn who_ignores_the_time_is_found() {
    assert_finds(&[("stale-sign", "tokens"), ("early-sign", "tokens")], |received| {
        let at = receiver().with_tolerance(Duration::MAX);
        let stale = receiver().check(received.query()) == Err(RequestError::StaleRequestTime);
        (stale && at.check_at(received.query(), SystemTime::now()).is_ok()).then(ok)
    });
}

#[test]
fn who_takes_the_last_of_two_signatures_is_found() {
    let failed = assert_finds(&[("two-signs", "tokens")], |received| {
        let twice = matches!(
            receiver().check(received.query()),
            Err(RequestError::DuplicateParameter { name: "Sign", .. })
        );
        let last = received.query().rsplit_once("Sign=")?.1;
        let time = received.query().split_once("RequestTime=")?.1.split('&').next()?;
        let query = format!("SdkAppid=1400000001&Sign={last}&RequestTime={time}");
        (twice && receiver().check(&query).is_ok()).then(ok)
    });
    assert_eq!(failed.len(), 1);
}

#[test]
fn who_crashes_over_a_body_is_found() {
    let failed = assert_finds(&[("not-json", "mounting"), ("truncated", "mounting")], |received| {
        let broken = serde_json::from_slice::<Value>(&received.body).is_err();
        (broken && receiver().check(received.query()).is_ok() && received.line.starts_with("POST "))
            .then(|| (500, "Internal Server Error".to_owned()))
    });
    assert!(failed[0]["text"].as_str().unwrap().starts_with("status is 500, which looks like a crash"));
}

#[test]
fn who_takes_any_json_or_nothing_is_found() {
    for (body, check) in [
        (&b""[..], "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"{}", "no-packet"),
        (b"null", "no-packet"),
        (br#"{"CallbackCommand":7}"#, "no-packet"),
    ] {
        assert_finds(&[(check, "mounting")], move |received| {
            let signed = receiver().check(received.query()).is_ok() && received.line.starts_with("POST ");
            (signed && received.body == body).then(ok)
        });
    }
}

#[test]
fn who_answers_a_get_as_a_delivery_is_found() {
    assert_finds(&[("get", "mounting")], |received| received.line.starts_with("GET ").then(ok));
    // A page does no harm.
    assert_finds(&[], |received| {
        received.line.starts_with("GET ").then(|| (200, "<html>hello</html>".to_owned()))
    });
}

#[test]
fn who_lets_through_what_cannot_be_read_is_found() {
    let page = "failing_closed";
    assert_finds(&[("malformed-message", page), ("malformed-gift", page)], |received| {
        let error = receiver().check(received.query()).ok()?.read(&received.body).err()?;
        error.command().and_then(Reply::refusal).map(|_| ok())
    });
    // Failing is enough for a gift, and not for a message.
    let failed = assert_finds(&[("malformed-message", page)], |received| {
        let error = receiver().check(received.query()).ok()?.read(&received.body).err()?;
        error.command().and_then(Reply::refusal).map(|_| (400, String::new()))
    });
    let text = "no valid reply: status is 400, not 200, so the backend delivers the message";
    assert_eq!(failed[0]["text"], text);
}

#[test]
fn who_knows_only_what_is_documented_is_found() {
    assert_finds(&[("unknown-command", "mounting")], |received| {
        let event = receiver().check(received.query()).ok()?.read(&received.body).ok()?.event;
        matches!(event, Event::Unrecognized(_)).then(|| (404, String::new()))
    });
    assert_finds(&[("unknown-field", "mounting")], |received| {
        let text = String::from_utf8_lossy(&received.body);
        text.contains("Somersault").then(|| (400, String::new()))
    });
}

#[test]
fn who_refuses_repetitions_is_found() {
    let (seen, told) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    // By what the samples hold, each of which is then sent a second time by one check only.
    assert_finds(&[("twice", "repetitions_and_order")], move |received| {
        let text = String::from_utf8_lossy(&received.body);
        let delivery = receiver().check(received.query()).ok()?.read(&received.body).ok()?;
        let again = *delivery.event.command() == Command::AfterCreateRoom
            && !text.contains('\n')
            && !text.contains("verify")
            && !seen.lock().unwrap().insert(text.into_owned());
        (again && !told.swap(true, Ordering::SeqCst)).then(|| (409, String::new()))
    });
}

#[test]
fn who_insists_on_an_order_is_found() {
    let failed = assert_finds(&[("wrong-order", "repetitions_and_order")], |received| {
        let delivery = receiver().check(received.query()).ok()?.read(&received.body).ok()?;
        let text = String::from_utf8_lossy(&received.body);
        let destroyed = matches!(&delivery.event, Event::AfterDestroyRoom(_)) && !text.contains('\n');
        destroyed.then(|| (404, String::new()))
    });
    assert_eq!(failed[0]["text"], "delivery 1 of 3: no valid reply: status is 404, not 200");
}

#[test]
fn who_is_late_under_load_is_found() {
    let failed = assert_finds(&[("concurrency", "mounting")], |received| {
        if String::from_utf8_lossy(&received.body).contains("\"verify-7\"") {
            thread::sleep(Duration::from_millis(2100));
        }
        None
    });
    let text = failed[0]["text"].as_str().unwrap();
    assert!(text.contains(" of 40 deliveries, 4 at a time: valid reply, but late"), "{text}");
}

#[test]
fn who_reads_without_end_or_accepts_what_is_long_is_found() {
    let service = Service::start(good);
    let base = ["verify", &service.url, "--sdk-app-id", "1400000001", "--token", TOKEN, "--json", "--quiet"];
    let run = trtc_live(base);
    assert_eq!(run.status, 1, "{run:?}");
    let failed: Vec<_> = run.json().iter().map(|line| line["check"].as_str().unwrap().to_owned()).collect();
    // One in chunks has no length, and so is empty for this service.
    assert_eq!(failed, ["long", "stalled-body"]);
    let text = run.json().pop().unwrap()["text"].as_str().unwrap().to_owned();
    // As long as it was waited for, which is longer than for a reply.
    assert!(text.contains("no answer within 1"), "{text}");
}

#[test]
fn where_nothing_is_accepted_refusals_show_nothing() {
    let service = Service::answering(401, "");
    let run = verify(&service, &["--json"]);
    assert_eq!(run.status, 1, "{run:?}");
    let skipped: Vec<_> = run.json().into_iter().filter(|line| line["verdict"] == "skip").collect();
    assert_eq!(skipped.len(), 12, "{run:?}");
    for line in skipped {
        assert_eq!(line["text"], "AfterCreateRoom is not accepted, so a refusal shows nothing");
    }
}

#[test]
fn where_only_others_are_accepted_refusals_show_nothing() {
    let service = Service::start(|received| {
        let created = String::from_utf8_lossy(&received.body).contains("Live.CallbackAfterCreateRoom");
        if created { (404, String::new()) } else { ok() }
    });
    let run = verify(&service, &["--json"]);
    let skipped = run.json().into_iter().filter(|line| line["verdict"] == "skip").count();
    assert_eq!((run.status, skipped), (1, 12), "{run:?}");
}

#[test]
fn without_a_token_signatures_are_not_judged() {
    let service = Service::receiving(Receiver::new(OURS));
    let base = ["verify", &service.url, "--sdk-app-id", "1400000001", "--json"];
    let skip = BEYOND.iter().chain(&["malformed-message"]).flat_map(|check| ["--skip", check]);
    let run = trtc_live(base.into_iter().chain(skip));
    let skipped = run.json().iter().filter(|line| line["verdict"] == "skip").count();
    assert_eq!(skipped, 5, "{run:?}");
}

#[test]
fn what_is_skipped_has_the_name_of_a_check() {
    let run = trtc_live(["verify", "http://127.0.0.1:1", "--skip", "everything"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("the checks are packet, unknown-command, "), "{run:?}");
    let run = trtc_live(["verify", "http://127.0.0.1:1"]);
    run.assert_failed(1, "cannot connect to http://127.0.0.1:1: ");
}

#[test]
fn who_does_not_come_back_is_found() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It answers once, and is gone.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(listener);
        let packet = Reply::ok().to_json();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", packet.len());
        std::io::Write::write_all(&mut stream, format!("{head}{packet}").as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(300));
    });
    let run = trtc_live(["verify", &url, "--json", "--quiet"]);
    assert_eq!(run.status, 1, "{run:?}");
    let last = run.json().pop().unwrap();
    assert_eq!(last["check"], "survival");
    assert!(last["text"].as_str().unwrap().starts_with("cannot connect to http://127.0.0.1:"), "{last}");
}
