//! Failures: what they get, and who sees them.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
    task::Poll,
};

use bytes::Bytes;
use http::Request;
use trtc_live_webhook::{
    Command, Delivery, Failed, Failure, Handler, OnFailure, RawHandler, Reply, RequestInfo, Webhook,
    event::gift,
};

use super::{Log, MESSAGE, Step, Steps, byte, end, post, receiver, reset, run, send, stalled, whole};
use crate::support::fixture;

#[test]
fn panics_of_what_looks_on_are_caught() {
    let webhook = Webhook::new(receiver(), Log)
        .on_failure(OnFailure::Refuse)
        .inspect(|_, _| panic!("as it should"))
        .inspect_failure(|failed| panic!("{} as it should", failed.status));
    let message = fixture(MESSAGE).text;
    let refusal = Reply::refusal(&Command::BeforeSendMsg).unwrap();
    assert_eq!(run(send(&webhook, post(whole(&message)))), (200, refusal.clone()));
    assert_eq!(run(send(&webhook, post(whole(&message[..99])))), (200, refusal));
    assert_eq!(run(send(&webhook, post(whole(&message)).map(|_| whole("")))).0, 200);
    let request = Request::post("/?SdkAppid=8").body(whole("")).unwrap();
    assert_eq!(run(send(&webhook, request)).0, 403);
}

#[test]
fn the_body_decides_what_is_refused_and_the_url_if_it_does_not() {
    struct Fails;

    impl RawHandler for Fails {
        type Error = ();

        async fn handle(&self, _: Delivery, _: Bytes) -> Result<Reply, ()> {
            Err(())
        }
    }

    const DESTROY: &str = "Live.CallbackAfterDestroyRoom";
    const GIFT: &str = "Live.CallbackBeforeSendGift";

    let webhook = Webhook::new(receiver(), Fails).on_failure(OnFailure::Refuse);
    let torn = |name: &str| format!(r#"{{"CallbackCommand":"{name}","RoomId"#);
    let broken = |name: &str| format!(r#"{{"CallbackCommand":"{name}"}}"#);
    for (url, body, status) in [
        (DESTROY, fixture(MESSAGE).text, 200),
        (MESSAGE, fixture(DESTROY).text, 503),
        ("", fixture(GIFT).text, 200),
        (DESTROY, broken(GIFT), 200),
        (MESSAGE, broken(DESTROY), 400),
        (MESSAGE, String::new(), 200),
        (MESSAGE, torn(DESTROY), 200),
        (DESTROY, torn(GIFT), 200),
        ("", torn(MESSAGE), 200),
        ("", torn(DESTROY), 400),
        ("", String::new(), 400),
        (DESTROY, String::new(), 400),
        ("Group.CallbackOnMemberStateChange", torn("Group.CallbackOnMemberStateChange"), 400),
    ] {
        let uri = format!("/?SdkAppid=7&CallbackCommand={url}");
        let answer = run(send(&webhook, Request::post(uri).body(whole(&body)).unwrap()));
        assert_eq!(answer.0, status, "{url} {body}");
        assert_eq!(Some(answer.1) == Reply::refusal(&Command::BeforeSendMsg), status == 200, "{url} {body}");
    }
}

#[test]
fn a_panic_before_the_first_await_is_caught() {
    struct Panics;

    impl RawHandler for Panics {
        type Error = Infallible;

        fn handle(&self, _: Delivery, _: Bytes) -> impl Future<Output = Result<Reply, Infallible>> + Send {
            panic!("as it should");
            #[expect(unreachable_code, reason = "it says what the future is")]
            std::future::pending()
        }
    }

    let webhook = Webhook::new(receiver(), Panics);
    let failed = (503, Reply::fail(503, "handler panicked"));
    assert_eq!(run(send(&webhook, post(whole(&fixture(MESSAGE).text)))), failed);
}

#[test]
fn what_failed_is_shown_with_what_is_known_of_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shown = Arc::clone(&seen);
    let show = move |failed: &Failed<'_, Infallible>| {
        let kind = match failed.failure {
            Failure::Method => "method",
            Failure::Request(_) => "request",
            Failure::BodyTooLong { limit: 100, .. } => "too long",
            Failure::BodyLate => "late",
            Failure::Body(error) => {
                assert!(error.is::<io::Error>());
                assert_eq!(std::error::Error::source(failed.failure).unwrap().to_string(), error.to_string());
                "body"
            }
            Failure::Event(_) => "event",
            _ => "another",
        };
        let command =
            failed.command.map_or("none", |command| if *command == MESSAGE { "url's" } else { "body's" });
        assert_eq!(failed.status, failed.failure.status_code());
        shown.lock().unwrap().push((kind, command, failed.body.is_some(), failed.status));
    };
    let webhook = Webhook::new(receiver(), Log).with_max_body(100).inspect_failure(show);
    run(async {
        let put = Request::put("/?SdkAppid=7").body(Steps::new([], end)).unwrap();
        send(&webhook, put).await;
        send(&webhook, Request::post("/").body(Steps::new([], end)).unwrap()).await;
        for body in
            [Steps::new([], byte), Steps::new([], stalled), Steps::new([], reset), Steps::new([], end)]
        {
            send(&webhook, post(body)).await;
        }
        send(&webhook, post(whole(r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom"}"#))).await;
    });
    let expected = [
        ("method", "none", false, 405),
        ("request", "none", false, 400),
        ("too long", "url's", false, 413),
        ("late", "url's", false, 408),
        ("body", "url's", false, 400),
        ("event", "url's", true, 400),
        ("event", "body's", true, 400),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[test]
fn nothing_of_a_body_an_error_or_a_token_goes_out() {
    #[derive(Debug, thiserror::Error)]
    #[error("SECRET")]
    struct Secret;

    struct Fails;

    impl Handler for Fails {
        type Error = Secret;

        async fn before_send_gift(
            &self,
            _: &RequestInfo,
            _: gift::BeforeSendGift,
        ) -> Result<gift::Decision, Secret> {
            Err(Secret)
        }
    }

    fn secret() -> Step {
        Poll::Ready(Some(Err(io::Error::other("SECRET"))))
    }

    let webhook = Webhook::new(receiver(), Fails);
    let request = post(whole(&fixture("Live.CallbackBeforeSendGift").text));
    let (status, reply) = run(send(&webhook, request));
    assert_eq!((status, reply.error_info()), (503, "delivery could not be handled"));
    let (status, reply) = run(send(&webhook, post(Steps::new([], secret))));
    assert_eq!((status, reply.error_info()), (400, "body could not be read"));
    let (_, reply) = run(send(
        &webhook,
        post(whole(r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":["SECRET"]}"#)),
    ));
    assert!(!reply.error_info().contains("SECRET"));
    let error = Failure::Handler(Secret);
    let chain = (error.to_string(), std::error::Error::source(&error).unwrap().to_string());
    assert_eq!(chain, ("delivery could not be handled".to_owned(), "SECRET".to_owned()));
}

/// The body's word and the URL's have differed before: what cannot be understood must not be let through.
#[test]
fn a_url_that_asks_with_a_body_that_is_not_recognized() {
    let unknown = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsgV2","GroupId":"g"}"#;
    let shown = Arc::<Mutex<Vec<String>>>::default();
    let show = Arc::clone(&shown);
    let refuse = Webhook::new(receiver(), Log).on_failure(OnFailure::Refuse).inspect_failure(move |failed| {
        let Failed { failure, command, status, .. } = failed;
        let line = format!("{failure} ({}), {command:?}: {status}", failure.status_code());
        show.lock().unwrap().push(line);
    });
    let refusal = Reply::refusal(&Command::BeforeSendMsg).unwrap();
    assert_eq!(run(send(&refuse, post(whole(unknown)))), (200, refusal));
    assert_eq!(
        *shown.lock().unwrap(),
        ["unrecognized event where a decision is asked for (400), Some(BeforeSendMsg): 200"]
    );
    // By default, and where nothing is asked, the handler takes it.
    let webhook = Webhook::new(receiver(), Log);
    assert_eq!(run(send(&webhook, post(whole(unknown)))), (200, Reply::ok()));
    let request = Request::post("/?SdkAppid=7&CallbackCommand=Room.X").body(whole(unknown)).unwrap();
    assert_eq!(run(send(&refuse, request)), (200, Reply::ok()));
}

/// Panics while it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "as it should");
    }
}

/// Fails in the way that is asked for, with something in hand that panics while it is dropped.
enum Explodes {
    AtTheDeadline,
    WithAnError,
    WithAPayload,
}

impl RawHandler for Explodes {
    type Error = Bomb;

    async fn handle(&self, _: Delivery, _: Bytes) -> Result<Reply, Bomb> {
        match self {
            Self::AtTheDeadline => {
                let _held = Bomb;
                std::future::pending().await
            }
            Self::WithAnError => Err(Bomb),
            Self::WithAPayload => std::panic::panic_any(Bomb),
        }
    }
}

#[test]
fn what_panics_while_it_is_dropped_is_no_way_round_the_refusal() {
    let refusal = Reply::refusal(&Command::BeforeSendMsg).unwrap();
    for (explodes, failure) in [
        (Explodes::AtTheDeadline, "delivery was not handled in time"),
        (Explodes::WithAnError, "delivery could not be handled"),
        (Explodes::WithAPayload, "handler panicked"),
    ] {
        let seen = Arc::new(Mutex::new(None));
        let shown = Arc::clone(&seen);
        let webhook = Webhook::new(receiver(), explodes)
            .on_failure(OnFailure::Refuse)
            .inspect_failure(move |failed| *shown.lock().unwrap() = Some(failed.failure.to_string()));
        let answer = run(send(&webhook, post(whole(&fixture(MESSAGE).text))));
        assert_eq!(answer, (200, refusal.clone()), "{failure}");
        assert_eq!(seen.lock().unwrap().as_deref(), Some(failure));
    }
}

#[test]
fn without_a_timer_what_is_not_ready_at_once_fails() {
    struct Yields;

    impl RawHandler for Yields {
        type Error = Infallible;

        async fn handle(&self, _: Delivery, _: Bytes) -> Result<Reply, Infallible> {
            tokio::task::yield_now().await;
            Ok(Reply::ok())
        }
    }

    let webhook = Webhook::new(receiver(), Yields);
    let packet = || whole(&fixture(MESSAGE).text);
    let timeless = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let failed = (503, Reply::fail(503, "deadline needs Tokio's timer"));
    assert_eq!(timeless.block_on(send(&webhook, post(packet()))), failed);
    assert_eq!(pollster::block_on(send(&webhook, post(Steps::new([], stalled)))), failed);
    let refuse = webhook.clone().on_failure(OnFailure::Refuse);
    let refusal = Reply::refusal(&Command::BeforeSendMsg).unwrap();
    assert_eq!(timeless.block_on(send(&refuse, post(packet()))), (200, refusal));
    let webhook = webhook.without_deadline();
    assert_eq!(timeless.block_on(send(&webhook, post(packet()))), (200, Reply::ok()));
}

#[test]
fn a_delivery_that_failed_can_be_read_again() {
    struct Fails;

    impl RawHandler for Fails {
        type Error = ();

        async fn handle(&self, _: Delivery, _: Bytes) -> Result<Reply, ()> {
            Err(())
        }
    }

    let letters = Arc::new(Mutex::new(Vec::new()));
    let dead = Arc::clone(&letters);
    let webhook = Webhook::new(receiver(), Fails).inspect_failure(move |failed| {
        let (Some(request), Some(body)) = (failed.request, failed.body) else { return };
        dead.lock().unwrap().push((request.clone(), body.clone()));
    });
    let text = fixture(MESSAGE).text;
    assert_eq!(run(send(&webhook, post(whole(&text)))).0, 503);
    let stranger = Request::post("/?SdkAppid=8").body(whole(&text)).unwrap();
    assert_eq!(run(send(&webhook, stranger)).0, 403);
    let letters = letters.lock().unwrap();
    let [(request, body)] = &letters[..] else { panic!("{letters:?}") };
    let again = Delivery::from_trusted(request.clone(), body).unwrap();
    assert_eq!((again.request.sdk_app_id.get(), again.event.command()), (7, &Command::BeforeSendMsg));
}

/// It has no query of ours: its header says what it is, and its body need not be read.
#[test]
fn a_callback_of_trtc_is_told_by_its_header() {
    let webhook = Webhook::new(receiver(), Log);
    let callback = |uri: &str| {
        Request::post(uri).header("SdkAppId", "1400000000").body(Steps::new([], stalled)).unwrap()
    };
    let (status, reply) = run(send(&webhook, callback("/")));
    let error = trtc_live_webhook::EventError::TrtcCallback;
    assert_eq!((status, reply.error_info()), (400, &*error.to_string()));
    // Whoever names an application in the query is not such a callback.
    assert_eq!(run(send(&webhook, callback("/?SdkAppid=8"))).0, 403);
    assert_eq!(run(send(&webhook, callback("/?SdkAppid=7"))).0, 408);
    let (status, reply) = run(send(&webhook, Request::post("/").body(Steps::new([], stalled)).unwrap()));
    assert_eq!((status, reply.error_info()), (400, "missing parameter SdkAppid"));
}
