//! The way in: a query is checked, then a body is read.

use crate::{Event, ReceiveError, RequestError, RequestInfo, SdkAppId};

/// Checks and reads deliveries for one or more applications.
///
/// Make one when the service starts and share it; it holds no state.
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
}

impl Receiver {
    /// Makes a receiver for one application.
    #[must_use]
    pub fn new(app: impl Into<App>) -> Self {
        Self { apps: vec![app.into()] }
    }

    /// Adds an application whose deliveries arrive at the same URL.
    #[must_use]
    pub fn with_app(mut self, app: impl Into<App>) -> Self {
        self.apps.push(app.into());
        self
    }

    /// Reads the query of a delivery's URL and checks that it is for one of this receiver's applications.
    ///
    /// Call it before reading the body: a delivery for somebody else then costs no more than its headers.
    ///
    /// # Errors
    ///
    /// Those of [`RequestInfo::from_query`], and [`RequestError::ForeignSdkAppId`].
    pub fn check(&self, query: &str) -> Result<RequestInfo, RequestError> {
        let request = RequestInfo::from_query(query)?;
        let sdk_app_id = request.sdk_app_id;
        if !self.apps.iter().any(|app| app.sdk_app_id == sdk_app_id) {
            return Err(RequestError::ForeignSdkAppId { sdk_app_id });
        }
        Ok(request)
    }

    /// Checks the query as [`check`](Self::check) does, and only then looks at the body.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::Request`] if the query is refused, [`ReceiveError::Event`] if the body is no packet.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Delivery, ReceiveError> {
        let request = self.check(query)?;
        let event = Event::from_slice(body)?;
        Ok(Delivery { request, event })
    }
}

/// An application of the service's own.
#[derive(Clone, Debug)]
pub struct App {
    sdk_app_id: SdkAppId,
}

impl App {
    /// Makes an application from its SDKAppID.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId) -> Self {
        Self { sdk_app_id }
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
    /// Makes a delivery that nobody checked. For tests of handlers.
    #[must_use]
    pub fn new(request: RequestInfo, event: impl Into<Event>) -> Self {
        Self { request, event: event.into() }
    }
}
