//! `Webhook` as a service of tower, without a socket.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    pin::Pin,
    sync::{Arc, Mutex, mpsc},
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use tower::{Service, ServiceExt};
use trtc_live_webhook::{
    App, Command, Delivery, Failed, Failure, Handler, OnFailure, RawHandler, Receiver, Reply, ReplyBody,
    RequestInfo, SdkAppId, Token, UnixSeconds, Webhook,
    event::{gift, message},
};

use crate::support::fixture;

const MESSAGE: &str = "Group.CallbackBeforeSendMsg";

type Step = Poll<Option<Result<Frame<Bytes>, io::Error>>>;

/// A body that yields its steps and then, for ever, its last.
struct Steps {
    hint: SizeHint,
    first: VecDeque<fn() -> Step>,
    last: fn() -> Step,
}

impl Steps {
    fn new<const N: usize>(steps: [fn() -> Step; N], last: fn() -> Step) -> Self {
        Self { hint: SizeHint::default(), first: steps.into(), last }
    }

    fn hint(mut self, lower: u64) -> Self {
        self.hint.set_lower(lower);
        self
    }
}

impl Body for Steps {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Step {
        let step = self.first.pop_front().unwrap_or(self.last);
        step()
    }

    fn size_hint(&self) -> SizeHint {
        // Not `Copy` in every version.
        let mut hint = SizeHint::new();
        hint.set_lower(self.hint.lower());
        if let Some(upper) = self.hint.upper() {
            hint.set_upper(upper);
        }
        hint
    }
}

fn data(bytes: &'static [u8]) -> Step {
    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(bytes)))))
}

fn packet() -> Step {
    data(br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x"}"#)
}

fn byte() -> Step {
    data(b" ")
}

fn empty() -> Step {
    data(b"")
}

fn trailers() -> Step {
    Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new()))))
}

fn reset() -> Step {
    Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
}

fn stalled() -> Step {
    Poll::Pending
}

fn end() -> Step {
    Poll::Ready(None)
}

/// Acknowledges everything.
struct Log;

impl Handler for Log {
    type Error = Infallible;
}

fn receiver() -> Receiver {
    Receiver::new(SdkAppId::new(7))
}

fn post<B>(body: B) -> Request<B> {
    Request::post(format!("/?SdkAppid=7&CallbackCommand={MESSAGE}")).body(body).unwrap()
}

/// Runs with a clock that jumps to the next deadline whenever all else waits.
fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

async fn send<H, B>(webhook: &Webhook<H>, request: Request<B>) -> (u16, Reply)
where
    H: RawHandler + 'static,
    Webhook<H>: Service<Request<B>, Response = Response<ReplyBody>, Error = Infallible>,
{
    let response = webhook.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let length = response.body().size_hint().exact().unwrap();
    let status = response.status().as_u16();
    let body = Bytes::from(response.into_body());
    assert_eq!(body.len() as u64, length);
    (status, serde_json::from_slice(&body).unwrap())
}

#[track_caller]
fn assert_status(body: Steps, status: u16) {
    let webhook = Webhook::new(receiver(), Log).with_max_body(100);
    let (answered, reply) = run(send(&webhook, post(body)));
    assert_eq!(answered, status, "{reply:?}");
    assert_eq!(reply == Reply::ok(), status == 200);
}

#[test]
fn a_body_ends_where_it_ends() {
    assert_status(Steps::new([packet], end), 200);
    assert_status(Steps::new([empty, packet, byte, trailers], end), 200);
    assert_status(Steps::new([packet, byte, byte, empty, byte], end), 200);
    assert_status(Steps::new([], end), 400);
}

#[test]
fn a_size_hint_that_lies_is_not_relied_upon() {
    assert_status(Steps::new([packet], end).hint(100), 200);
    assert_status(Steps::new([packet], end).hint(1), 200);
    assert_status(Steps::new([packet, packet], end).hint(1), 413);
    assert_status(Steps::new([], stalled).hint(101), 413);
}

#[test]
fn a_content_length_that_lies_is_not_relied_upon() {
    for (length, status) in
        [("0", 200), ("100", 200), ("101", 413), ("-7", 200), ("99999999999999999999", 200)]
    {
        let webhook = Webhook::new(receiver(), Log).with_max_body(100);
        let mut request = post(Steps::new([packet], end));
        request.headers_mut().insert("content-length", length.parse().unwrap());
        assert_eq!(run(send(&webhook, request)).0, status, "{length}");
    }
}

#[test]
fn a_body_that_does_not_end_gets_an_answer() {
    assert_status(Steps::new([], byte), 413);
    assert_status(Steps::new([packet], stalled), 408);
    assert_status(Steps::new([packet], reset), 400);
}

#[test]
fn a_body_that_is_always_ready_and_empty_is_given_up() {
    for nothing in [empty, trailers] {
        let webhook = Webhook::new(receiver(), Log).with_deadline(Duration::from_millis(20));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (status, _) = runtime.block_on(send(&webhook, post(Steps::new([], nothing))));
        assert_eq!(status, 408);
    }
}

#[test]
fn the_deadline_is_for_body_and_handler_together() {
    struct Slow(Duration);

    impl RawHandler for Slow {
        type Error = Infallible;

        async fn handle(&self, _delivery: Delivery, _body: Bytes) -> Result<Reply, Infallible> {
            tokio::time::sleep(self.0).await;
            Ok(Reply::ok())
        }
    }

    run(async {
        for (slow, status) in [(1400, 200), (1600, 503)] {
            let webhook = Webhook::new(receiver(), Slow(Duration::from_millis(slow)));
            assert_eq!(send(&webhook, post(Steps::new([packet], end))).await.0, status);
            let webhook = webhook.without_deadline();
            assert_eq!(send(&webhook, post(Steps::new([packet], end))).await.0, 200);
            let webhook = webhook.with_deadline(Duration::MAX);
            assert_eq!(send(&webhook, post(Steps::new([packet], end))).await.0, 200);
        }
        let before = tokio::time::Instant::now();
        let webhook = Webhook::new(receiver(), Log);
        assert_eq!(send(&webhook, post(Steps::new([], stalled))).await.0, 408);
        // The timer counts whole milliseconds, and may round up.
        assert!((1500..=1501).contains(&before.elapsed().as_millis()));
    });
}

#[test]
fn without_a_deadline_it_needs_no_runtime() {
    let webhook = Webhook::new(receiver(), Log).without_deadline();
    let (status, _) = pollster::block_on(send(&webhook, post(Steps::new([packet, empty, byte], end))));
    assert_eq!(status, 200);
}

#[test]
fn what_is_ready_at_once_needs_no_timer() {
    let webhook = Webhook::new(receiver(), Log);
    assert_eq!(pollster::block_on(send(&webhook, post(Steps::new([packet], end)))).0, 200);
}

#[test]
fn a_request_under_way_takes_little_memory() {
    let answer = Webhook::new(receiver(), Log).call(post(Steps::new([], end)));
    assert!(size_of_val(&*answer) < 3 * 1024, "{}", size_of_val(&*answer));
}

#[test]
fn a_handler_can_have_the_body_as_it_came() {
    struct Queue(mpsc::SyncSender<(RequestInfo, Bytes)>);

    impl RawHandler for Queue {
        type Error = ();

        async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, ()> {
            self.0.try_send((delivery.request, body)).map_err(|_| ())?;
            Ok(Reply::ok())
        }
    }

    let (sender, queue) = mpsc::sync_channel(1);
    let webhook = Webhook::new(receiver(), Queue(sender));
    let packet = || Steps::new([byte, packet, byte], end);
    assert_eq!(run(send(&webhook, post(packet()))), (200, Reply::ok()));
    let (status, reply) = run(send(&webhook, post(packet())));
    assert_eq!((status, reply), (503, Reply::fail(503, "delivery could not be handled")));
    let (request, body) = queue.recv().unwrap();
    assert!(body.starts_with(b" {") && body.ends_with(b"} "));
    assert_eq!(Delivery::from_trusted(request, &body).unwrap().event.room_id().unwrap(), "r");
}

/// A packet in one piece.
fn whole(text: &str) -> axum::body::Body {
    axum::body::Body::from(text.to_owned())
}

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

#[test]
fn a_setting_of_a_clone_is_its_own() {
    let original = Webhook::new(receiver(), Log);
    let changed = original.clone().with_max_body(1);
    let request = || post(Steps::new([packet], end));
    assert_eq!(run(send(&changed, request())).0, 413);
    assert_eq!(run(send(&original, request())).0, 200);
    let text = format!("{original:?}");
    assert!(text.contains("max_body: 65536") && text.contains("deadline: Some(1.5s)"), "{text}");
}

#[test]
fn signatures_are_verified_by_the_clock_that_is_given() {
    let (token, then) = (Token::new("xxxxyyyy").unwrap(), UnixSeconds::new(1_669_872_112));
    let uri = format!("/?SdkAppid=7&Sign={}&RequestTime={then}", token.sign(then));
    let receiver = Receiver::new(App::new(SdkAppId::new(7)).with_token(token));
    for (late, status) in [(60, 200), (61, 401)] {
        let now = SystemTime::try_from(then).unwrap() + Duration::from_secs(late);
        let webhook = Webhook::new(receiver.clone(), Log).with_clock(move || now);
        let request = Request::post(&uri).body(Steps::new([packet], end)).unwrap();
        assert_eq!(run(send(&webhook, request)).0, status);
    }
}

#[test]
fn the_clock_is_read_for_signed_applications_only() {
    let webhook = Webhook::new(receiver(), Log).with_clock(|| -> SystemTime { panic!("read") });
    assert_eq!(run(send(&webhook, post(Steps::new([packet], end)))).0, 200);
}

#[test]
fn a_handler_is_dropped_at_the_deadline_and_with_its_request() {
    struct Dropped(Arc<Mutex<u8>>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }

    struct Stalls(Arc<Mutex<u8>>);

    impl Handler for Stalls {
        type Error = Infallible;

        async fn before_send_msg(
            &self,
            _: &RequestInfo,
            _: message::BeforeSendMsg,
        ) -> Result<message::Decision, Infallible> {
            let _dropped = Dropped(Arc::clone(&self.0));
            std::future::pending().await
        }
    }

    let dropped = Arc::new(Mutex::new(0));
    let webhook = Webhook::new(receiver(), Stalls(Arc::clone(&dropped)));
    let message = fixture(MESSAGE).text;
    run(async {
        assert_eq!(send(&webhook, post(whole(&message))).await.0, 503);
        assert_eq!(*dropped.lock().unwrap(), 1);
        let answer = send(&webhook, post(whole(&message)));
        assert!(tokio::time::timeout(Duration::from_millis(1), answer).await.is_err());
        assert_eq!(*dropped.lock().unwrap(), 2);
    });
}

#[test]
fn any_method_but_post_is_refused_before_anything_else() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::from_bytes(b"post").unwrap()] {
        let request = Request::builder().method(method).uri("/").body(Steps::new([], stalled)).unwrap();
        let response = run(Webhook::new(receiver(), Log).oneshot(request)).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["allow"].as_bytes()),
            (405, b"POST".as_slice())
        );
    }
}

#[test]
fn a_clone_allocates_nothing() {
    let webhook = Webhook::new(receiver(), Log);
    let allocated = allocation_counter::measure(|| drop(webhook.clone()));
    assert_eq!(allocated.count_total, 0);
}

/// The body's word and the URL's have differed before: what cannot be understood must not be let through.
#[test]
fn a_url_that_asks_with_a_body_that_is_not_recognized() {
    let unknown = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsgV2","GroupId":"g"}"#;
    let refuse = Webhook::new(receiver(), Log).on_failure(OnFailure::Refuse);
    let refusal = Reply::refusal(&Command::BeforeSendMsg).unwrap();
    assert_eq!(run(send(&refuse, post(whole(unknown)))), (200, refusal));
    // By default, and where nothing is asked, the handler takes it.
    let webhook = Webhook::new(receiver(), Log);
    assert_eq!(run(send(&webhook, post(whole(unknown)))), (200, Reply::ok()));
    let request = Request::post("/?SdkAppid=7&CallbackCommand=Room.X").body(whole(unknown)).unwrap();
    assert_eq!(run(send(&refuse, request)), (200, Reply::ok()));
}
