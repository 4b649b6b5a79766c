//! Whatever a request is like, and whatever its handler does, the webhook answers: with a packet that says nothing of the
//! body, and with 200 only for who is let in.

#![no_main]

use std::{
    io, panic,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::SystemTime,
};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header::CONTENT_LENGTH};
use http_body::{Body, Frame, SizeHint};
use libfuzzer_sys::fuzz_target;
use tower_service::Service;
use trtc_live_webhook::{
    App, Command, Delivery, Event, OnFailure, RawHandler, Receiver, Reply, SdkAppId, Token, UnixSeconds,
    Webhook, samples,
};

const OURS: SdkAppId = SdkAppId::new(7);
const NOW: UnixSeconds = UnixSeconds::new(1_669_872_112);

/// In a body, and in no answer.
const MARKER: &str = "MARKER7";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: Option<&'a str>,
    query: Query<'a>,
    has_token: bool,
    content_length: Option<Length<'a>>,
    limit: u16,
    at_least: Option<u16>,
    steps: Vec<Step<'a>>,
    last: Last,
    handler: Does,
    refuses: bool,
    without_deadline: bool,
}

#[derive(Arbitrary, Debug)]
enum Query<'a> {
    Raw(&'a str),
    /// What the backend would send, and something after it.
    Ours {
        sample: u8,
        signed: bool,
        late: i8,
        more: &'a str,
    },
}

#[derive(Arbitrary, Debug)]
enum Length<'a> {
    Number(u64),
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Clone, Debug)]
enum Step<'a> {
    Data(&'a [u8]),
    /// A documented packet with the marker in its texts, or its beginning.
    Sample {
        sample: u8,
        length: Option<u16>,
    },
    Marker,
    Trailers,
    /// Nothing yet.
    Pending,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Last {
    End,
    Error,
    Never,
    More,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Accept,
    Refuse,
    Err,
    Panic,
    PanicLater,
    Stall,
}

impl Step<'_> {
    /// Returns the data that the step yields.
    fn data(&self) -> Bytes {
        match self {
            Self::Data(data) => Bytes::copy_from_slice(data),
            Self::Sample { sample, length } => {
                let text = nth(*sample).json().replace(": \"", &format!(": \"{MARKER}"));
                let command = format!("\"CallbackCommand\": \"{MARKER}");
                let mut data = Bytes::from(text.replace(&command, "\"CallbackCommand\": \""));
                data.truncate(length.map_or(usize::MAX, usize::from));
                data
            }
            Self::Marker => Bytes::from_static(MARKER.as_bytes()),
            Self::Trailers | Self::Pending => Bytes::new(),
        }
    }
}

fn nth(sample: u8) -> samples::Sample {
    samples::ALL[usize::from(sample) % samples::ALL.len()]
}

/// A body that takes its steps, and counts what is taken from it.
struct Torn {
    hint: SizeHint,
    steps: std::vec::IntoIter<(Poll<()>, Option<Bytes>)>,
    last: Last,
    ended: bool,
    pieces: Arc<Pieces>,
}

#[derive(Default)]
struct Pieces {
    polls: AtomicUsize,
    /// Bytes before the last piece.
    before: AtomicUsize,
    all: AtomicUsize,
}

impl Pieces {
    fn take(&self, data: Bytes) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let before = self.all.fetch_add(data.len(), Ordering::Relaxed);
        self.before.store(before, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}

impl Body for Torn {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        assert!(!self.ended, "polled after its end");
        self.pieces.polls.fetch_add(1, Ordering::Relaxed);
        match self.steps.next() {
            Some((Poll::Pending, _)) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some((_, Some(data))) => self.pieces.take(data),
            Some((_, None)) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            None => match self.last {
                Last::Never => Poll::Pending,
                Last::More => self.pieces.take(Bytes::from_static(b"    ")),
                Last::Error => {
                    self.ended = true;
                    Poll::Ready(Some(Err(io::Error::other(MARKER))))
                }
                Last::End => {
                    self.ended = true;
                    Poll::Ready(None)
                }
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

impl RawHandler for Does {
    type Error = &'static str;

    async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, &'static str> {
        assert_eq!(Event::from_slice(&body).as_ref(), Ok(&delivery.event));
        match self {
            Self::Accept => Ok(Reply::ok()),
            Self::Refuse => Ok(Reply::refusal(delivery.event.command()).unwrap_or_else(Reply::ok)),
            Self::Err => Err(MARKER),
            // The fuzzer takes a panic that reaches the hook for one of the crate.
            Self::Panic => panic::resume_unwind(Box::new(MARKER)),
            Self::PanicLater => {
                tokio::task::yield_now().await;
                panic::resume_unwind(Box::new(MARKER))
            }
            Self::Stall => std::future::pending().await,
        }
    }
}

impl Input<'_> {
    fn uri(&self, token: &Token) -> Option<Uri> {
        let query = match self.query {
            Query::Raw(query) => query.to_owned(),
            Query::Ours { sample, signed, late, more } => {
                let mut delivery = samples::Request::from_json(OURS, nth(sample).json());
                if signed {
                    delivery = delivery.signed(token, UnixSeconds::new(NOW.get() + i64::from(late)));
                }
                delivery.query() + more
            }
        };
        // The answer may tell what is wrong with a query.
        let uri: Uri = format!("/?{query}").parse().ok()?;
        (!uri.query()?.contains(MARKER)).then_some(uri)
    }

    fn length(&self) -> Option<HeaderValue> {
        match self.content_length.as_ref()? {
            Length::Number(length) => Some((*length).into()),
            Length::Raw(length) => HeaderValue::from_bytes(length).ok(),
        }
    }

    fn body(&self, pieces: Arc<Pieces>) -> Torn {
        let steps = self.steps.iter().map(|step| match step {
            Step::Pending => (Poll::Pending, None),
            Step::Trailers => (Poll::Ready(()), None),
            step => (Poll::Ready(()), Some(step.data())),
        });
        let mut hint = SizeHint::new();
        hint.set_lower(self.at_least.unwrap_or_default().into());
        Torn { hint, steps: steps.collect::<Vec<_>>().into_iter(), last: self.last, ended: false, pieces }
    }

    /// Returns the body if it is one, and otherwise the status that says why not.
    fn whole(&self) -> Result<Vec<u8>, u16> {
        let length = self.length();
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0_u64);
        let limit = usize::from(self.limit);
        if length.max(self.at_least.unwrap_or_default().into()) > u64::from(self.limit) {
            return Err(413);
        }
        let mut body = Vec::new();
        for step in &self.steps {
            body.extend(step.data());
            if body.len() > limit {
                return Err(413);
            }
        }
        match self.last {
            Last::End => Ok(body),
            Last::Error => Err(400),
            Last::Never => Err(408),
            Last::More => Err(413),
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let token = Token::new("xxxxyyyy").unwrap();
    let Some(uri) = input.uri(&token) else { return };
    let method = input.method.map_or(Ok(Method::POST), |method| Method::from_bytes(method.as_bytes()));
    let Ok(method) = method else { return };
    let app = App::new(OURS);
    let receiver = Receiver::new(if input.has_token { app.with_token(token) } else { app });
    let now = SystemTime::try_from(NOW).unwrap();
    let checked = receiver.check_at(uri.query().unwrap_or_default(), now);
    let let_in = method == Method::POST && checked.is_ok();
    let asks = |command: Option<&Command>| command.is_some_and(Command::asks_for_decision);
    let url_asks =
        let_in && asks(checked.as_ref().ok().and_then(|checked| checked.request().command.as_ref()));

    let mut webhook = Webhook::new(receiver, input.handler)
        .with_clock(move || now)
        .with_max_body(input.limit.into())
        .on_failure(if input.refuses { OnFailure::Refuse } else { OnFailure::Status });
    if input.without_deadline && !matches!(input.last, Last::Never) && input.handler != Does::Stall {
        webhook = webhook.without_deadline();
    }
    let pieces = Arc::<Pieces>::default();
    let mut request = Request::new(input.body(Arc::clone(&pieces)));
    (*request.method_mut(), *request.uri_mut()) = (method.clone(), uri);
    if let Some(length) = input.length() {
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    // Its clock jumps to the deadline whenever all else waits.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let Ok(response) = runtime.unwrap().block_on(webhook.call(request));

    let status = response.status().as_u16();
    let allow = response.headers().contains_key("allow");
    assert_eq!(response.headers()["content-type"], "application/json");
    let answer = Bytes::from(response.into_body());
    assert!(!answer.windows(MARKER.len()).any(|text| text == MARKER.as_bytes()), "{answer:?}");
    let reply: Reply = serde_json::from_slice(&answer).unwrap();
    assert!(pieces.before.load(Ordering::Relaxed) <= input.limit.into(), "read past the limit");
    assert_eq!(allow, status == 405);

    // Failing does not allow, and neither does what nobody recognizes.
    let allowed = match input.whole().map(|body| Event::from_slice(&body)) {
        Ok(Ok(Event::Unrecognized(_))) => !url_asks,
        Ok(Ok(event)) => input.handler == Does::Accept || !asks(Some(event.command())),
        Ok(Err(error)) => !error.command().map_or(url_asks, |command| asks(Some(command))),
        Err(_) => !url_asks,
    };
    if input.refuses && let_in && !allowed {
        assert_eq!((status, reply.error_code()), (200, 1));
    }

    let expected = match (checked, input.whole()) {
        _ if method != Method::POST => 405,
        (Err(error), _) => error.status_code(),
        (_, Err(status)) => status,
        (Ok(_), Ok(body)) => match (Event::from_slice(&body), input.handler) {
            (Err(error), _) => error.status_code(),
            (Ok(_), Does::Accept | Does::Refuse) => 200,
            (Ok(event), _) if input.refuses && Reply::refusal(event.command()).is_some() => 200,
            (Ok(_), _) => 503,
        },
    };
    assert!(let_in || status != 200 && pieces.polls.load(Ordering::Relaxed) == 0);
    if status == expected {
        assert!(status == 200 || reply.error_code() == i64::from(status));
    } else {
        // What could not be read is refused if it may be a command that asks.
        assert!(input.refuses && let_in && status == 200, "{status}, not {expected}");
        assert_eq!(reply.to_json(), r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#);
    }
});
