//! Receiving a delivery: the query is checked, then the body is read.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use crate::{
    error::{EventError, ReceiveError, RequestError},
    event::Event,
    id::SdkAppId,
    object::Object,
    request::{Parameters, RequestInfo},
    signature::{self, Token},
};

/// Checks and reads deliveries for one or more applications.
///
/// Make one when the service starts. It keeps no state between deliveries, and clones are cheap. To change tokens and
/// applications while the service runs, see [`SharedReceiver`].
///
/// If the framework allows it, take the two steps of [`receive`](Self::receive) separately: [`check`](Self::check),
/// then read the body, then [`Checked::read`]. A refused delivery then costs no more than its headers.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Event, Receiver, SdkAppId};
///
/// let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
/// let query = "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterDestroyRoom";
/// let body = br#"{
///     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
///     "RoomId": "room-1",
///     "EventType": "DestroyByUser"
/// }"#;
///
/// let delivery = receiver.receive(query, body)?;
/// let Event::AfterDestroyRoom(event) = delivery.event else { panic!("another event") };
/// assert_eq!(event.room_id, "room-1");
/// # Ok::<(), trtc_live_webhook::ReceiveError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Receiver {
    apps: Arc<HashMap<SdkAppId, App>>,
    tolerance: Duration,
}

impl Receiver {
    /// Default tolerance (<https://trtc.io/document/64412>).
    const TOLERANCE: Duration = Duration::from_secs(60);

    /// Makes a receiver for one application.
    #[must_use]
    pub fn new(app: impl Into<App>) -> Self {
        let app = app.into();
        Self { apps: Arc::new(HashMap::from([(app.sdk_app_id, app)])), tolerance: Self::TOLERANCE }
    }

    /// Adds an application whose deliveries arrive at the same URL. If the receiver already has that application, the
    /// tokens of both are accepted.
    ///
    /// An application without a token weakens those beside it. Bodies contain no SDKAppID: in the name of the application
    /// without a token, anyone can post an event about any room. Keep state by application and room, and see
    /// [`require_tokens`](Self::require_tokens).
    #[must_use]
    pub fn with_app(mut self, app: impl Into<App>) -> Self {
        let app = app.into();
        match Arc::make_mut(&mut self.apps).entry(app.sdk_app_id) {
            Entry::Occupied(known) => known.into_mut().tokens.extend(app.tokens),
            Entry::Vacant(place) => drop(place.insert(app)),
        }
        self
    }

    /// Requires that every application has a token, so that a missing setting does not open the service to everybody. Call it
    /// last: an application that is added later is not checked.
    ///
    /// # Errors
    ///
    /// [`UnsignedApp`] if an application has no token.
    pub fn require_tokens(self) -> Result<Self, UnsignedApp> {
        match self.apps.values().find(|app| app.tokens.is_empty()) {
            Some(&App { sdk_app_id, .. }) => Err(UnsignedApp { sdk_app_id }),
            None => Ok(self),
        }
    }

    /// Sets how far the `RequestTime` of a signed delivery may be from now, in either direction. The default is one
    /// minute, as the documentation requires.
    ///
    /// A captured URL can be used with any body for as long as the tolerance lasts. With [`Duration::MAX`], that is until
    /// its token is no longer accepted.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Reads the query of a delivery's URL, checks that it is for one of this receiver's applications, and verifies its
    /// signature if that application has a token. The clock is read for an application with a token only.
    ///
    /// Once the body has arrived, [`Checked::read`] makes the delivery.
    ///
    /// # Errors
    ///
    /// Those of [`RequestInfo::from_query`], and [`RequestError::ForeignSdkAppId`]. If the application has a
    /// token, [`MissingSign`](RequestError::MissingSign),
    /// [`MissingRequestTime`](RequestError::MissingRequestTime),
    /// [`MalformedSign`](RequestError::MalformedSign), [`WrongSign`](RequestError::WrongSign),
    /// [`InvalidRequestTime`](RequestError::InvalidRequestTime) and
    /// [`StaleRequestTime`](RequestError::StaleRequestTime), in this order, so that nobody without the right signature
    /// learns anything about the clock.
    ///
    /// # Panics
    ///
    /// For an application with a token, on platforms without a clock, such as `wasm32-unknown-unknown`: see
    /// [`SystemTime::now`]. There, use [`check_at`](Self::check_at).
    pub fn check(&self, query: &str) -> Result<Checked, RequestError> {
        self.check_by(query, SystemTime::now)
    }

    /// Same as [`check`](Self::check), at the given time: for platforms without a clock, for services with a clock of
    /// their own, and for tests.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn check_at(&self, query: &str, now: SystemTime) -> Result<Checked, RequestError> {
        self.check_by(query, || now)
    }

    /// Same as [`check`](Self::check), by the given clock.
    pub(crate) fn check_by(
        &self,
        query: &str,
        now: impl FnOnce() -> SystemTime,
    ) -> Result<Checked, RequestError> {
        let parameters = Parameters::from_query(query)?;
        let sdk_app_id = parameters.sdk_app_id()?;
        let Some(app) = self.apps.get(&sdk_app_id) else {
            return Err(RequestError::ForeignSdkAppId { sdk_app_id });
        };
        if !app.tokens.is_empty() {
            let (sign, request_time) = (parameters.sign.as_deref(), parameters.request_time.as_deref());
            signature::verify(&app.tokens, sign, request_time, now, self.tolerance)?;
        }
        Ok(Checked { request: parameters.request(sdk_app_id) })
    }

    /// Checks the query as [`check`](Self::check) does, and only then reads the body. If `SdkAppid` is missing, a body of
    /// at most 8 KiB is searched for the fields of a callback of TRTC's other services.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::Request`] if the query is refused, [`ReceiveError::Event`] if the body is not a valid
    /// packet.
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check) does.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Delivery, ReceiveError> {
        receive(self.check(query), body)
    }

    /// Same as [`receive`](Self::receive), at the given time: for platforms without a clock, for services with a clock
    /// of their own, and for tests.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive).
    pub fn receive_at(&self, query: &str, body: &[u8], now: SystemTime) -> Result<Delivery, ReceiveError> {
        receive(self.check_at(query, now), body)
    }
}

/// Longest body that is looked into although its query was refused. TRTC's callbacks are shorter.
const MAX_CALLBACK: usize = 8 * 1024;

fn receive(checked: Result<Checked, RequestError>, body: &[u8]) -> Result<Delivery, ReceiveError> {
    match checked {
        Ok(checked) => Ok(checked.read(body)?),
        // TRTC's own callbacks name their application in a header.
        Err(RequestError::MissingSdkAppId) if body.len() <= MAX_CALLBACK && Event::is_trtc_callback(body) => {
            Err(EventError::TrtcCallback.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Request whose query a [`Receiver`] has checked. Nothing else makes one.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Checked {
    request: RequestInfo,
}

impl Checked {
    /// Returns the parameters of the query.
    #[must_use]
    pub fn request(&self) -> &RequestInfo {
        &self.request
    }

    /// Reads the request's body.
    ///
    /// # Errors
    ///
    /// Those of [`Event::from_slice`].
    pub fn read(self, body: &[u8]) -> Result<Delivery, EventError> {
        Delivery::from_trusted(self.request, body)
    }
}

/// Shared handle to a [`Receiver`] that can be replaced while the service runs, so that tokens and applications change
/// without a restart.
///
/// A request is checked by the receiver that it [loaded](Self::load); replacing the receiver does not affect it.
/// [`tokens`](crate::guide::tokens) shows how to change a token without losing a delivery.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{App, Receiver, SdkAppId, SharedReceiver, Token};
///
/// let ours = SdkAppId::new(1_400_000_000);
/// let shared = SharedReceiver::new(Receiver::new(App::signed(ours, [Token::new("old")?])?));
///
/// // For each request.
/// let receiver = shared.load();
/// assert!(receiver.check("SdkAppid=1400000000").is_err());
///
/// // Whenever the settings change.
/// shared.replace(Receiver::new(App::signed(ours, [Token::new("old")?, Token::new("new")?])?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedReceiver(Arc<RwLock<Receiver>>);

impl SharedReceiver {
    /// Makes a handle to the receiver.
    #[must_use]
    pub fn new(receiver: Receiver) -> Self {
        Self(Arc::new(RwLock::new(receiver)))
    }

    /// Returns the current receiver.
    #[must_use]
    pub fn load(&self) -> Receiver {
        // Nobody panics while holding the lock.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the current receiver, for every clone of the handle.
    pub fn replace(&self, receiver: Receiver) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = receiver;
    }
}

impl From<Receiver> for SharedReceiver {
    fn from(receiver: Receiver) -> Self {
        Self::new(receiver)
    }
}

/// Application of the service, with its tokens.
///
/// Without a token, anyone who knows the URL and the SDKAppID, which is not secret, can post a delivery: `Sign` and
/// `RequestTime` are not verified. With a token, both are mandatory. Only someone who knows the token, or has seen a
/// signed URL that is still within its time, can post.
///
/// An application can have several tokens, all equally valid: while one replaces another, and if its `Group.` and
/// `Follow.` events are signed with the token of Chat (see [`tokens`](crate::guide::tokens)). Give each application a
/// token of its own, because the signature does not say which application it was made for.
///
/// With or without a token, the configured URL must not use `Sign` or `RequestTime` for parameters of its own.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use trtc_live_webhook::{App, Receiver, RequestError, SdkAppId, Token, UnixSeconds};
///
/// let token = Token::new("xxxxyyyy")?;
/// let now = UnixSeconds::new(1_669_872_112);
/// let query = format!("SdkAppid=1400000000&Sign={}&RequestTime={now}", token.sign(now));
///
/// let receiver = Receiver::new(App::new(SdkAppId::new(1_400_000_000)).with_token(token));
/// let now = SystemTime::try_from(now)?;
/// assert!(receiver.check_at(&query, now).is_ok());
/// assert_eq!(receiver.check_at("SdkAppid=1400000000", now), Err(RequestError::MissingSign));
/// let later = now + Duration::from_secs(61);
/// assert_eq!(receiver.check_at(&query, later), Err(RequestError::StaleRequestTime));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct App {
    sdk_app_id: SdkAppId,
    tokens: Vec<Token>,
}

impl App {
    /// Makes an application without a token, whose deliveries need not be signed.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId) -> Self {
        Self { sdk_app_id, tokens: Vec::new() }
    }

    /// Makes an application whose deliveries must be signed with one of the tokens.
    ///
    /// # Errors
    ///
    /// [`NoTokens`] if there are none, so that a missing setting does not open the service to everybody.
    pub fn signed(sdk_app_id: SdkAppId, tokens: impl IntoIterator<Item = Token>) -> Result<Self, NoTokens> {
        let tokens: Vec<_> = tokens.into_iter().collect();
        if tokens.is_empty() { Err(NoTokens) } else { Ok(Self { sdk_app_id, tokens }) }
    }

    /// Adds a token. Once an application has a token, deliveries must be signed with one of its tokens.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.tokens.push(token);
        self
    }
}

impl From<SdkAppId> for App {
    fn from(sdk_app_id: SdkAppId) -> Self {
        Self::new(sdk_app_id)
    }
}

/// Why [`App::signed`] fails: it was given no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no token for an application whose deliveries must be signed")]
#[non_exhaustive]
pub struct NoTokens;

/// Why [`Receiver::require_tokens`] fails: an application has no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no token for SDKAppID {sdk_app_id}")]
#[non_exhaustive]
pub struct UnsignedApp {
    /// Application without a token.
    pub sdk_app_id: SdkAppId,
}

/// One POST from the backend: the parameters of its URL, and its event.
///
/// A delivery can be serialized in any self-describing format that names the fields of structs, such as JSON, CBOR and
/// `MessagePack` with names. Formats that leave out names or types, such as postcard, do not work. A delivery that is
/// deserialized is trusted, not checked.
#[serde_as]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Parameters of the URL.
    #[serde_as(as = "Object")]
    pub request: RequestInfo,
    /// Event in the body.
    pub event: Event,
}

impl Delivery {
    /// Reads a body without a check: for requests that were checked elsewhere, such as those from a queue that only the
    /// service itself fills. For a body from the network, use [`Checked::read`].
    ///
    /// # Errors
    ///
    /// Those of [`Event::from_slice`].
    pub fn from_trusted(request: RequestInfo, body: &[u8]) -> Result<Self, EventError> {
        Event::from_slice(body).map(|event| Self { request, event })
    }

    /// Makes a delivery from its parts, without a check: for events that did not arrive as a request, and for tests of
    /// handlers.
    #[must_use]
    pub fn new(request: RequestInfo, event: impl Into<Event>) -> Self {
        Self { request, event: event.into() }
    }
}
