//! Support for the types of the `http` crate, version 1. Feature `http`.

use http::{HeaderValue, Request, Response, StatusCode, header};

use crate::{
    error::{EventError, ReceiveError, RequestError},
    receiver::{Delivery, Receiver},
    reply::Reply,
};

impl Receiver {
    /// Same as [`receive`](Self::receive), for a request whose body has been read.
    ///
    /// Where the framework allows it, call [`check`](Self::check) with the query of the URI before the body is read, so
    /// that a stranger's body is not read at all. Limit the size of the body.
    ///
    /// # Errors
    ///
    /// Those of [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check) does.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::StatusCode;
    /// use trtc_live_webhook::{Handler, Receiver, Reply, dispatch};
    ///
    /// /// Answers a request whose body has been read.
    /// async fn answer<H: Handler<Error = std::io::Error>>(
    ///     receiver: &Receiver,
    ///     handler: &H,
    ///     request: http::Request<Vec<u8>>,
    /// ) -> http::Response<String> {
    ///     let delivery = match receiver.receive_http(&request) {
    ///         Ok(delivery) => delivery,
    ///         Err(error) => return error.into(),
    ///     };
    ///     match dispatch(handler, delivery).await {
    ///         Ok(reply) => reply.into(),
    ///         Err(_) => {
    ///             let status = StatusCode::SERVICE_UNAVAILABLE;
    ///             Reply::fail(503, "not processed").into_response(status)
    ///         }
    ///     }
    /// }
    /// ```
    pub fn receive_http<B: AsRef<[u8]>>(&self, request: &Request<B>) -> Result<Delivery, ReceiveError> {
        self.receive(request.uri().query().unwrap_or_default(), request.body().as_ref())
    }
}

impl Reply {
    /// Returns a response that carries the packet as JSON. A status other than 200 tells the backend that the
    /// webhook failed.
    #[must_use]
    pub fn into_response<B: From<String>>(self, status: StatusCode) -> Response<B> {
        json_response(self.to_json().into(), status)
    }
}

pub(crate) fn json_response<B>(packet: B, status: StatusCode) -> Response<B> {
    let mut response = Response::new(packet);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// With status 200.
impl<B: From<String>> From<Reply> for Response<B> {
    fn from(reply: Reply) -> Self {
        reply.into_response(StatusCode::OK)
    }
}

/// With the error's status, and a packet that says what is wrong.
impl<B: From<String>> From<RequestError> for Response<B> {
    fn from(error: RequestError) -> Self {
        refusal(error.status_code(), error.into())
    }
}

/// With the error's status, and a packet that says what is wrong.
impl<B: From<String>> From<EventError> for Response<B> {
    fn from(error: EventError) -> Self {
        refusal(error.status_code(), error.into())
    }
}

/// With the error's status, and a packet that says what is wrong.
impl<B: From<String>> From<ReceiveError> for Response<B> {
    fn from(error: ReceiveError) -> Self {
        refusal(error.status_code(), error.into())
    }
}

fn refusal<B: From<String>>(status: u16, reply: Reply) -> Response<B> {
    reply.into_response(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
}
