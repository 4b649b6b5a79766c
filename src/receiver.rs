//! Receiving a delivery: the query is checked, then the body is read.

use std::time::{Duration, SystemTime};

use crate::{
    Event, EventError, ReceiveError, RequestError, RequestInfo, SdkAppId, Token, request::Parameters,
    signature,
};

/// Checks and reads deliveries for one or more applications.
///
/// Make one when the service starts and share it; it keeps no state between deliveries.
///
/// If the framework allows it, take the two halves of [`receive`](Self::receive) separately:
/// [`check`](Self::check), then read the body, then [`Delivery::from_slice`]. A refused delivery then costs
/// no more than its headers.
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
    /// How far a `RequestTime` may be from now (<https://trtc.io/document/64412>).
    const TOLERANCE: Duration = Duration::from_secs(60);

    /// Makes a receiver for one application.
    #[must_use]
    pub fn new(app: impl Into<App>) -> Self {
        Self { apps: vec![app.into()], tolerance: Self::TOLERANCE }
    }

    /// Adds an application whose deliveries arrive at the same URL. If the receiver already has that
    /// application, the tokens of both are accepted.
    #[must_use]
    pub fn with_app(mut self, app: impl Into<App>) -> Self {
        let app = app.into();
        match self.apps.iter_mut().find(|known| known.sdk_app_id == app.sdk_app_id) {
            Some(known) => known.tokens.extend(app.tokens),
            None => self.apps.push(app),
        }
        self
    }

    /// Sets how far the `RequestTime` of a signed delivery may be from now, in either direction. The default
    /// is one minute, as the documentation requires; a longer tolerance keeps a captured URL usable for
    /// longer.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Reads the query of a delivery's URL, checks that it is for one of this receiver's applications, and
    /// verifies its signature if that application has a token.
    ///
    /// Once the body has been read, [`Delivery::from_slice`] builds the delivery.
    ///
    /// # Errors
    ///
    /// Those of [`RequestInfo::from_query`], and [`RequestError::ForeignSdkAppId`]. If the application has a
    /// token, [`MissingSign`](RequestError::MissingSign),
    /// [`MissingRequestTime`](RequestError::MissingRequestTime),
    /// [`MalformedSign`](RequestError::MalformedSign), [`WrongSign`](RequestError::WrongSign),
    /// [`InvalidRequestTime`](RequestError::InvalidRequestTime) and
    /// [`StaleRequestTime`](RequestError::StaleRequestTime), in this order, so that nobody without the right
    /// signature learns anything about the clock.
    pub fn check(&self, query: &str) -> Result<RequestInfo, RequestError> {
        self.check_at(query, SystemTime::now())
    }

    /// Same as [`check`](Self::check), but at the given time. For tests.
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
    /// [`ReceiveError::Request`] if the query is refused, [`ReceiveError::Event`] if the body is not a valid
    /// packet.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Delivery, ReceiveError> {
        self.receive_at(query, body, SystemTime::now())
    }

    /// Same as [`receive`](Self::receive), but at the given time. For tests.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive).
    pub fn receive_at(&self, query: &str, body: &[u8], now: SystemTime) -> Result<Delivery, ReceiveError> {
        let request = self.check_at(query, now)?;
        Ok(Delivery::from_slice(request, body)?)
    }
}

/// One of the service's own applications, with its tokens.
///
/// Without a token, anyone who knows the URL and the SDKAppID, which is not secret, can post a delivery:
/// `Sign` and `RequestTime` are not verified. With one, both are mandatory, and only someone who knows the
/// token, or has seen a signed URL that is still within its time, can post. Use several tokens while one is
/// replacing another; all are equally valid.
///
/// Give each application its own token: the signature does not say which application it was made for. With or
/// without a token, the configured URL must not use `Sign` or `RequestTime` for parameters of its own.
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

/// One POST from the backend: what the URL says about it, and the event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// What the URL's query says.
    pub request: RequestInfo,
    /// What the body says.
    pub event: Event,
}

impl Delivery {
    /// Reads the body of a delivery whose query has been checked. This is the second half of
    /// [`Receiver::receive`], for services that check the query before they read the body.
    ///
    /// # Errors
    ///
    /// Those of [`Event::from_slice`].
    pub fn from_slice(request: RequestInfo, body: &[u8]) -> Result<Self, EventError> {
        Event::from_slice(body).map(|event| Self { request, event })
    }

    /// Makes an unchecked delivery. For testing handlers.
    #[must_use]
    pub fn new(request: RequestInfo, event: impl Into<Event>) -> Self {
        Self { request, event: event.into() }
    }
}
