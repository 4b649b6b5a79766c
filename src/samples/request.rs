//! A request as the backend would send it.

use std::net::{IpAddr, Ipv4Addr};

use url::{Url, form_urlencoded};

use crate::{Command, Event, OptPlatform, RequestInfo, SdkAppId, Token, UnixSeconds, request::name};

/// What an HTTP client needs to post a delivery: a query or a URL, and a body.
///
/// It says `contenttype=json`, `ClientIP=127.0.0.1` and `OptPlatform=RESTAPI` unless told otherwise, and is not signed.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{OptPlatform, SdkAppId, samples};
///
/// let base = "https://www.example.com/webhook?tenant=7".parse()?;
/// let request = samples::Request::new(SdkAppId::new(1_400_000_000), samples::AFTER_END_BATTLE.event())
///     .with_client_ip([192, 0, 2, 1])
///     .with_opt_platform(OptPlatform::Web);
/// assert_eq!(
///     request.url(&base).as_str(),
///     "https://www.example.com/webhook?tenant=7&SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterEndBattle\
///      &contenttype=json&ClientIP=192.0.2.1&OptPlatform=Web"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    info: RequestInfo,
    more: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// Makes a request that carries the event's packet.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId, event: impl Into<Event>) -> Self {
        let event = event.into();
        // Strings, numbers and JSON values always are JSON. Were it otherwise, an empty body is refused.
        let body = serde_json::to_vec(&event).unwrap_or_default();
        Self::from_json(sdk_app_id, body).with_command(event.command().clone())
    }

    /// Makes a request that carries the body as it is, be it a packet or not. Its URL names no command.
    #[must_use]
    pub fn from_json(sdk_app_id: SdkAppId, body: impl Into<Vec<u8>>) -> Self {
        let mut info = RequestInfo::new(sdk_app_id);
        info.content_type = Some("json".to_owned());
        info.client_ip = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        info.opt_platform = Some(OptPlatform::RESTAPI);
        Self { info, more: Vec::new(), body: body.into() }
    }

    /// Names this command in the URL, in place of the event's.
    #[must_use]
    pub fn with_command(mut self, command: Command) -> Self {
        self.info.command = Some(command);
        self
    }

    /// Says that the event was caused from this address.
    #[must_use]
    pub fn with_client_ip(mut self, client_ip: impl Into<IpAddr>) -> Self {
        self.info.client_ip = Some(client_ip.into());
        self
    }

    /// Says that the event was caused by this kind of client.
    #[must_use]
    pub fn with_opt_platform(mut self, opt_platform: OptPlatform) -> Self {
        self.info.opt_platform = Some(opt_platform);
        self
    }

    /// Adds a parameter to the query, whatever is there already.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Adds the signature that the backend makes at this time.
    #[must_use]
    pub fn signed(self, token: &Token, request_time: UnixSeconds) -> Self {
        self.with_parameter(name::SIGN, token.sign(request_time))
            .with_parameter(name::REQUEST_TIME, request_time.to_string())
    }

    /// Returns the query, without a question mark.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        self.info.append_to(&mut query);
        query.extend_pairs(&self.more).finish()
    }

    /// Returns the URL to post to: the base, with the parameters added to its query.
    #[must_use]
    pub fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        self.info.write_to(&mut url);
        url.query_pairs_mut().extend_pairs(&self.more);
        url
    }

    /// Returns the body to post.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}
