//! `Webhook` as a service of tower, without a socket.

mod body;
mod failure;

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
    App, Delivery, Handler, RawHandler, Receiver, Reply, ReplyBody, RequestInfo, SdkAppId, Token,
    UnixSeconds, Webhook, event::message,
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

/// A body that takes its time: so many spaces, one after each time that passes, and after the last the packet.
struct Drip {
    millis: u64,
    left: u32,
    timer: Pin<Box<tokio::time::Sleep>>,
}

impl Drip {
    fn new(millis: u64, pieces: u32) -> Self {
        Self { millis, left: pieces, timer: Box::pin(tokio::time::sleep(Duration::from_millis(millis))) }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Step {
        if self.left == 0 {
            return end();
        }
        std::task::ready!(self.timer.as_mut().poll(cx));
        self.left -= 1;
        self.timer = Box::pin(tokio::time::sleep(Duration::from_millis(self.millis)));
        if self.left == 0 { packet() } else { byte() }
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
    let mut body = response.into_body();
    assert!(!body.is_end_stream());
    let mut frame = async || std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
    let packet = frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(frame().await.is_none() && body.is_end_stream());
    assert_eq!(packet.len() as u64, length);
    (status, serde_json::from_slice(&packet).unwrap())
}

#[test]
fn a_reply_body_is_made_of_a_packet_and_gives_it_back() {
    let body = ReplyBody::from(Reply::ok().to_json());
    assert_eq!(body.size_hint().exact(), Some(50));
    assert_eq!(Bytes::from(body), r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    assert!(ReplyBody::default().is_end_stream());
}

/// A packet in one piece.
fn whole(text: &str) -> axum::body::Body {
    axum::body::Body::from(text.to_owned())
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

        // Neither the handler nor a piece of the body has a time of its own.
        for (body, slow, status) in [(700, 700, 200), (1000, 1000, 503), (1400, 200, 503), (1600, 0, 408)] {
            let webhook = Webhook::new(receiver(), Slow(Duration::from_millis(slow)));
            assert_eq!(send(&webhook, post(Drip::new(body, 1))).await.0, status, "{body} {slow}");
        }
        let before = tokio::time::Instant::now();
        assert_eq!(send(&webhook, post(Drip::new(100, 20))).await.0, 408);
        assert!((1500..=1501).contains(&before.elapsed().as_millis()));
        assert_eq!(send(&webhook, post(Drip::new(100, 14))).await.0, 200);
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
    let mut webhook = Webhook::new(receiver(), Log);
    let request = post(Steps::new([], end));
    let mut answer = None;
    let allocated = allocation_counter::measure(|| answer = Some(webhook.call(request)));
    assert!((1..3 * 1024).contains(&allocated.bytes_current), "{allocated:?}");
    assert_eq!(format!("{:?}", answer.unwrap()), "ResponseFuture { .. }");
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
    assert_eq!(size_of_val(&webhook), size_of::<Arc<()>>());
}
