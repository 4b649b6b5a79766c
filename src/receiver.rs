//! The way in: a query is checked, then a body is read.

use std::time::{Duration, SystemTime};

use crate::{
    Event, EventError, ReceiveError, RequestError, RequestInfo, SdkAppId, Token, request::Parameters,
    signature,
};

/// Checks and reads deliveries for one or more applications.
///
/// Make one when the service starts and share it; it holds no state.
///
/// Where the framework lets you, take the two halves of [`receive`](Self::receive) one after the other:
/// [`check`](Self::check), then read the body, then [`Delivery::from_slice`]. A delivery that is refused then costs no
/// more than its headers.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Event, Receiver, SdkAppId};
///
/// let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
/// let query = "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json";
/// let body = br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"room-1","EventType":"DestroyByUser"}"#;
///
/// let delivery = receiver.receive(query, body)?;
/// let Event::AfterDestroyRoom(event) = delivery.event else { panic!("another event") };
/// assert_eq!(event.room_id, "room-1");
/// # Ok::<(), trtc_live_webhook::ReceiveError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Receiver {
    apps: Vec<App>,
    tolerance: Duration,
}

impl Receiver {
    /// By how much a `RequestTime` may differ from now (<https://trtc.io/document/64412>).
    const TOLERANCE: Duration = Duration::from_secs(60);

    /// Makes a receiver for one application.
    #[must_use]
    pub fn new(app: impl Into<App>) -> Self {
        Self { apps: vec![app.into()], tolerance: Self::TOLERANCE }
    }

    /// Adds an application whose deliveries arrive at the same URL. If it is there already, it gets the tokens of
    /// both.
    #[must_use]
    pub fn with_app(mut self, app: impl Into<App>) -> Self {
        let app = app.into();
        match self.apps.iter_mut().find(|known| known.sdk_app_id == app.sdk_app_id) {
            Some(known) => known.tokens.extend(app.tokens),
            None => self.apps.push(app),
        }
        self
    }

    /// Sets by how much the `RequestTime` of a signed delivery may differ from now, in both directions. The default is
    /// one minute, as the documentation demands; more makes a captured URL usable for longer.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Reads the query of a delivery's URL, checks that it is for one of this receiver's applications, and verifies
    /// its signature if that application has a token.
    ///
    /// Once the body has been read, [`Delivery::from_slice`] makes the delivery.
    ///
    /// # Errors
    ///
    /// Those of [`RequestInfo::from_query`], and [`RequestError::ForeignSdkAppId`]. If the application has a token,
    /// [`MissingSign`](RequestError::MissingSign), [`MissingRequestTime`](RequestError::MissingRequestTime),
    /// [`MalformedSign`](RequestError::MalformedSign), [`WrongSign`](RequestError::WrongSign),
    /// [`InvalidRequestTime`](RequestError::InvalidRequestTime) and
    /// [`StaleRequestTime`](RequestError::StaleRequestTime), in this order: without
    /// the right signature, nobody learns anything about the clock.
    pub fn check(&self, query: &str) -> Result<RequestInfo, RequestError> {
        self.check_at(query, SystemTime::now())
    }

    /// Does what [`check`](Self::check) does, at the given time. For tests.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn check_at(&self, query: &str, now: SystemTime) -> Result<RequestInfo, RequestError> {
        let parameters = Parameters::from_query(query)?;
        let sdk_app_id = parameters.sdk_app_id()?;
        let Some(app) = self.apps.iter().find(|app| app.sdk_app_id == sdk_app_id) else {
            return Err(RequestError::ForeignSdkAppId { sdk_app_id });
        };
        if !app.tokens.is_empty() {
            let (sign, request_time) = (parameters.sign.as_deref(), parameters.request_time.as_deref());
            signature::verify(&app.tokens, sign, request_time, now, self.tolerance)?;
        }
        Ok(parameters.request(sdk_app_id))
    }

    /// Checks the query as [`check`](Self::check) does, and only then looks at the body.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::Request`] if the query is refused, [`ReceiveError::Event`] if the body is no packet.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Delivery, ReceiveError> {
        self.receive_at(query, body, SystemTime::now())
    }

    /// Does what [`receive`](Self::receive) does, at the given time. For tests.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive).
    pub fn receive_at(&self, query: &str, body: &[u8], now: SystemTime) -> Result<Delivery, ReceiveError> {
        let request = self.check_at(query, now)?;
        Ok(Delivery::from_slice(request, body)?)
    }
}

/// An application of the service's own, with its tokens.
///
/// Without a token, anyone who knows the URL and the SDKAppID, which is not secret, can post a delivery: `Sign` and
/// `RequestTime` are not verified. With one, both are mandatory, and only someone who knows the token, or has seen a
/// signed URL within its time, can post. Several tokens are for the time in which one replaces another; each is as good
/// as the others.
///
/// Give each application a token of its own: the signature does not say for which application it was made. Whether there
/// is a token or not, the configured URL must not use `Sign` or `RequestTime` for parameters of its own.
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
    /// Makes an application from its SDKAppID.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId) -> Self {
        Self { sdk_app_id, tokens: Vec::new() }
    }

    /// Adds a token. From the first on, deliveries must be signed with one of them.
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

/// One POST of the backend: what the URL said of it, and the event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// What the URL's query said.
    pub request: RequestInfo,
    /// What the body told.
    pub event: Event,
}

impl Delivery {
    /// Reads the body of a delivery whose query has been checked. The second half of [`Receiver::receive`], for
    /// services that check the query before they read the body.
    ///
    /// # Errors
    ///
    /// Those of [`Event::from_slice`].
    pub fn from_slice(request: RequestInfo, body: &[u8]) -> Result<Self, EventError> {
        Event::from_slice(body).map(|event| Self { request, event })
    }

    /// Makes a delivery that nobody checked. For tests of handlers.
    #[must_use]
    pub fn new(request: RequestInfo, event: impl Into<Event>) -> Self {
        Self { request, event: event.into() }
    }
}
