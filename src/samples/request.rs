//! Requests as the backend sends them.

use std::net::{IpAddr, Ipv4Addr};

use form_urlencoded::{Serializer, Target};
use serde::Deserialize;
use url::Url;

use crate::{
    command::Command,
    event::Event,
    id::SdkAppId,
    request::{OptPlatform, Parameters, RequestInfo, name, without_question_mark},
    signature::Token,
    time::UnixSeconds,
};

/// Query, URL and body for an HTTP client to post.
///
/// Unless set otherwise, a request has `contenttype=json`, `ClientIP=127.0.0.1` and `OptPlatform=RESTAPI`, and is not
/// signed.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{OptPlatform, SdkAppId, event::battle, samples};
///
/// let base = "https://www.example.com/webhook?tenant=7".parse()?;
/// let ours = SdkAppId::new(1_400_000_000);
/// let request = samples::Request::new(ours, battle::AfterEndBattle::sample())
///     .with_client_ip([192, 0, 2, 1])
///     .with_opt_platform(OptPlatform::Web);
/// assert_eq!(
///     request.url(&base).as_str(),
///     "https://www.example.com/webhook?tenant=7&SdkAppid=1400000000\
///      &CallbackCommand=Live.CallbackAfterEndBattle&contenttype=json\
///      &ClientIP=192.0.2.1&OptPlatform=Web"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    info: RequestInfo,
    more: Vec<(String, String)>,
    signature: Option<(String, UnixSeconds)>,
    body: Vec<u8>,
}

impl Request {
    /// Makes a request that carries the event's packet.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId, event: impl Into<Event>) -> Self {
        let event = event.into();
        // Every event can be serialized. If one could not, its empty body would be refused.
        Self::from_json(sdk_app_id, serde_json::to_vec(&event).unwrap_or_default())
    }

    /// Makes a request that carries the body as it is, whether or not that is a packet. The URL names the
    /// body's command, if it has one.
    #[must_use]
    pub fn from_json(sdk_app_id: SdkAppId, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let mut info = RequestInfo::new(sdk_app_id);
        info.command = serde_json::from_slice(&body).ok().map(|Head { command }| command);
        info.content_type = Some("json".to_owned());
        info.client_ip = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        info.opt_platform = Some(OptPlatform::RestApi);
        Self { info, more: Vec::new(), signature: None, body }
    }

    /// Sets `CallbackCommand` in the URL, which otherwise is the body's.
    #[must_use]
    pub fn with_command(mut self, command: Command) -> Self {
        self.info.command = Some(command);
        self
    }

    /// Sets `ClientIP`.
    #[must_use]
    pub fn with_client_ip(mut self, client_ip: impl Into<IpAddr>) -> Self {
        self.info.client_ip = Some(client_ip.into());
        self
    }

    /// Sets `OptPlatform`.
    #[must_use]
    pub fn with_opt_platform(mut self, opt_platform: OptPlatform) -> Self {
        self.info.opt_platform = Some(opt_platform);
        self
    }

    /// Appends a parameter to the query, even if that duplicates one.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Sets `Sign` and `RequestTime` as a backend that knows the token does.
    #[must_use]
    pub fn signed(mut self, token: &Token, request_time: UnixSeconds) -> Self {
        self.signature = Some((token.sign(request_time), request_time));
        self
    }

    /// Returns the query, without a question mark.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        self.append_to(&mut query);
        query.finish()
    }

    /// Returns the URL to post to: the base, with the parameters added to its query. Documented parameters that the
    /// base has are replaced, including a signature; foreign ones stay as they are.
    #[must_use]
    pub fn url(&self, base: &Url) -> Url {
        let is_foreign = |pair: &&str| {
            let parsed = form_urlencoded::parse(pair.as_bytes()).next();
            parsed.is_some_and(|(name, _)| !Parameters::reads(&name))
        };
        let query = without_question_mark(base.query().unwrap_or_default());
        let foreign: Vec<_> = query.split('&').filter(is_foreign).collect();
        let mut foreign = foreign.join("&");
        if foreign.starts_with('?') {
            // Part of a foreign name: without another before it, it would be taken for the separator.
            foreign.insert(0, '?');
        }
        let mut url = base.clone();
        url.set_query(Some(&foreign).filter(|query| !query.is_empty()).map(String::as_str));
        self.append_to(&mut url.query_pairs_mut());
        url
    }

    /// Returns the body to post.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body to post, owned.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    fn append_to<T: Target>(&self, query: &mut Serializer<'_, T>) {
        self.info.append_to(query);
        if let Some((sign, request_time)) = &self.signature {
            query.append_pair(name::SIGN, sign).append_pair(name::REQUEST_TIME, &request_time.to_string());
        }
        query.extend_pairs(&self.more);
    }
}

/// Body, as far as its command.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "CallbackCommand")]
    command: Command,
}
