//! A service as a WebAssembly module for `wasm32-unknown-unknown`, for `run.mjs` to call.
//!
//! There is no clock (`SystemTime::now` panics), no thread and no executor. The host writes a query and a body
//! into the module's memory, calls [`exports::receive`] or [`exports::receive_at`], which return the status, and
//! reads the answer out of the memory.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use trtc_live_webhook::{
    App, Delivery, Handler, ReceiveError, Receiver, RequestInfo, SdkAppId, Token, dispatch, event::gift,
};

/// Bytes of a query and of a body, and of the answer to them.
struct Memory {
    query: Vec<u8>,
    body: Vec<u8>,
    answer: String,
}

static MEMORY: Mutex<Memory> =
    Mutex::new(Memory { query: Vec::new(), body: Vec::new(), answer: String::new() });

fn with_memory<T>(work: impl FnOnce(&mut Memory) -> T) -> T {
    work(&mut MEMORY.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Gifts of more than 1000 coins are rejected.
struct Service;

impl Handler for Service {
    type Error = Infallible;

    async fn before_send_gift(
        &self,
        _request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, Infallible> {
        let coins = event.gift_water.total_coins().unwrap_or(i64::MAX);
        Ok(if coins <= 1000 { gift::Decision::Allow } else { gift::Decision::Reject })
    }
}

/// Runs a future that never waits for anything.
fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the service waits for nothing"),
    }
}

/// Answers the delivery in the memory, as `receive` reads it.
fn answer(receive: impl FnOnce(&str, &[u8]) -> Result<Delivery, ReceiveError>) -> u16 {
    with_memory(|memory| {
        let query = String::from_utf8_lossy(&memory.query);
        let (status, answer) = match receive(&query, &memory.body) {
            Ok(delivery) => match block_on(dispatch(&Service, delivery)) {
                Ok(reply) => (200, reply.to_json()),
                Err(never) => match never {},
            },
            Err(error) => (error.status_code(), error.to_string()),
        };
        memory.answer = answer;
        status
    })
}

fn app() -> App {
    App::new(SdkAppId::new(1_400_000_000))
}

fn signed_app() -> App {
    app().with_token(Token::new("xxxxyyyy").expect("a token of eight characters"))
}

/// What the host calls.
#[expect(unsafe_code, reason = "no other symbol may have an exported name, which the compiler cannot check")]
pub mod exports {
    use super::{Duration, Receiver, SystemTime, answer, app, signed_app, with_memory};

    /// Makes room for a query of so many bytes and returns where to write it.
    #[unsafe(no_mangle)]
    pub extern "C" fn query(len: usize) -> *mut u8 {
        with_memory(|memory| {
            memory.query = vec![0; len];
            memory.query.as_mut_ptr()
        })
    }

    /// Makes room for a body of so many bytes and returns where to write it.
    #[unsafe(no_mangle)]
    pub extern "C" fn body(len: usize) -> *mut u8 {
        with_memory(|memory| {
            memory.body = vec![0; len];
            memory.body.as_mut_ptr()
        })
    }

    /// Answers a delivery to an application without a token, and returns the status.
    #[unsafe(no_mangle)]
    pub extern "C" fn receive() -> u16 {
        let receiver = Receiver::new(app());
        answer(|query, body| receiver.receive(query, body))
    }

    /// Answers a delivery to an application whose token is `xxxxyyyy`, so many seconds after the epoch, and
    /// returns the status.
    #[unsafe(no_mangle)]
    pub extern "C" fn receive_at(seconds: u32) -> u16 {
        let receiver = Receiver::new(signed_app());
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into());
        answer(|query, body| receiver.receive_at(query, body, now))
    }

    /// Where the answer is.
    #[unsafe(no_mangle)]
    pub extern "C" fn answer_start() -> *const u8 {
        with_memory(|memory| memory.answer.as_ptr())
    }

    /// How many bytes the answer has.
    #[unsafe(no_mangle)]
    pub extern "C" fn answer_len() -> usize {
        with_memory(|memory| memory.answer.len())
    }
}
