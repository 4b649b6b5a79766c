//! Parameters of a delivery's URL.
//!
//! Documentation: <https://trtc.io/document/64412>

use std::{borrow::Cow, net::IpAddr};

use form_urlencoded::{Serializer, Target};
use memchr::{memchr, memchr2};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{command::Command, error::RequestError, id::SdkAppId, open_enum::open_enum};

/// Parameters of the request's URL: those that the backend appends, and those of the configured URL itself.
///
/// An optional parameter that is empty counts as absent. [`Receiver::check`](crate::Receiver::check) returns
/// parameters that have been checked; [`from_query`](Self::from_query) only reads them. The signature is not
/// part of it.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{OptPlatform, RequestInfo, SdkAppId};
///
/// let query = "tenant=7&SdkAppid=1400000000&contenttype=json&ClientIP=127.0.0.1&OptPlatform=Web";
/// let request = RequestInfo::from_query(query)?;
/// assert_eq!(request.sdk_app_id, SdkAppId::new(1_400_000_000));
/// assert_eq!(request.opt_platform, Some(OptPlatform::Web));
/// assert_eq!(request.parameter("tenant"), Some("7"));
/// assert_eq!(request.to_query(), query);
/// # Ok::<(), trtc_live_webhook::RequestError>(())
/// ```
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestInfo {
    /// `SdkAppid`: application that the delivery is for.
    #[doc(alias = "SdkAppid")]
    pub sdk_app_id: SdkAppId,
    /// `CallbackCommand`: command in the URL. For information only: the body decides, and some documented URLs carry a
    /// different word from their body.
    #[doc(alias = "CallbackCommand")]
    pub command: Option<Command>,
    /// `contenttype`: `json` or `JSON`.
    #[doc(alias = "contenttype")]
    pub content_type: Option<String>,
    /// `ClientIP`: address of the client whose action caused the event. Also `None` if the parameter is not
    /// an address.
    #[doc(alias = "ClientIP")]
    pub client_ip: Option<IpAddr>,
    /// `OptPlatform`: kind of the client whose action caused the event.
    #[doc(alias = "OptPlatform")]
    pub opt_platform: Option<OptPlatform>,
    /// Foreign parameters, which belong to the configured URL itself: names and values, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<(String, String)>,
}

impl RequestInfo {
    /// Makes a request with only its required parameter; the others are absent.
    #[must_use]
    pub const fn new(sdk_app_id: SdkAppId) -> Self {
        Self {
            sdk_app_id,
            command: None,
            content_type: None,
            client_ip: None,
            opt_platform: None,
            foreign: Vec::new(),
        }
    }

    /// Reads the query of a delivery's URL, with or without the leading `?`.
    ///
    /// Names that the backend documents are matched ignoring ASCII case. `Sign` and `RequestTime` are not kept.
    ///
    /// # Errors
    ///
    /// [`RequestError::MissingSdkAppId`] and [`RequestError::InvalidSdkAppId`], the latter also for a number
    /// that does not fit in 64 bits; [`RequestError::DuplicateParameter`] if a documented parameter occurs more
    /// than once, even with the same value.
    pub fn from_query(query: &str) -> Result<Self, RequestError> {
        let parameters = Parameters::from_query(query)?;
        Ok(parameters.request(parameters.sdk_app_id()?))
    }

    /// Writes a query that [`from_query`](Self::from_query) reads back, without a question mark and without a signature:
    /// first the foreign parameters, then the backend's under their documented names. A foreign parameter with a
    /// documented name is left out.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut query = Serializer::new(String::new());
        self.append_to(&mut query);
        query.finish()
    }

    /// Returns the value of a foreign parameter by its exact name; the first value if the name is duplicated. The backend's
    /// own parameters are fields.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.foreign.iter().find(|(foreign, _)| foreign == name)?;
        Some(value)
    }

    pub(crate) fn append_to<T: Target>(&self, query: &mut Serializer<'_, T>) {
        // A foreign parameter with a documented name would be read as the documented one.
        query.extend_pairs(self.foreign.iter().filter(|(name, _)| !Parameters::reads(name)));
        let sdk_app_id = self.sdk_app_id.to_string();
        let client_ip = self.client_ip.map(|address| address.to_string());
        for (name, value) in [
            (name::SDK_APP_ID, Some(&*sdk_app_id)),
            (name::COMMAND, self.command.as_ref().map(Command::as_str)),
            (name::CONTENT_TYPE, self.content_type.as_deref()),
            (name::CLIENT_IP, client_ip.as_deref()),
            (name::OPT_PLATFORM, self.opt_platform.as_ref().map(OptPlatform::as_str)),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
    }
}

open_enum! {
    /// Kind of client whose action caused an event.
    ///
    /// Documentation: <https://trtc.io/document/64412>
    pub enum OptPlatform {
        /// A call to the REST API.
        RestApi = "RESTAPI",
        /// A browser.
        Web = "Web",
        /// An Android device.
        Android = "Android",
        /// An iPhone.
        Ios = "iOS" | "iOs" | "IOS",
        /// A Windows computer.
        Windows = "Windows",
        /// A Mac.
        Mac = "Mac" | "macOS",
        /// An iPad.
        IPad = "iPad",
        /// A client whose kind the backend does not know. A documented value, unlike `Unrecognized`.
        Unknown = "Unknown",
    }
}

/// Parameter names as the event pages print them.
pub(crate) mod name {
    pub(crate) const SDK_APP_ID: &str = "SdkAppid";
    pub(crate) const COMMAND: &str = "CallbackCommand";
    pub(crate) const CONTENT_TYPE: &str = "contenttype";
    pub(crate) const CLIENT_IP: &str = "ClientIP";
    pub(crate) const OPT_PLATFORM: &str = "OptPlatform";
    pub(crate) const SIGN: &str = "Sign";
    pub(crate) const REQUEST_TIME: &str = "RequestTime";

    /// Name that the overview page prints in place of [`COMMAND`].
    pub(crate) const COMMAND_IN_OVERVIEW: &str = "WebhookCommand";
}

/// Decoded values of the parameters that the backend documents.
#[derive(Default)]
pub(crate) struct Parameters<'a> {
    query: &'a str,
    sdk_app_id: Option<Cow<'a, str>>,
    command: Option<Cow<'a, str>>,
    content_type: Option<Cow<'a, str>>,
    client_ip: Option<Cow<'a, str>>,
    opt_platform: Option<Cow<'a, str>>,
    pub(crate) sign: Option<Cow<'a, str>>,
    pub(crate) request_time: Option<Cow<'a, str>>,
    /// Number of foreign parameters. They are read once the request has been checked.
    foreign: usize,
}

impl<'a> Parameters<'a> {
    pub(crate) fn from_query(query: &'a str) -> Result<Self, RequestError> {
        let query = without_question_mark(query);
        let mut parameters = Self { query, ..Self::default() };
        for_each(query, |name, value| parameters.set(name, value))?;
        Ok(parameters)
    }

    fn set(&mut self, given: &str, value: Cow<'a, str>) -> Result<(), RequestError> {
        let Some((name, slot)) = self.slot(given) else {
            self.foreign += 1;
            return Ok(());
        };
        match slot.replace(value) {
            Some(_) => Err(RequestError::DuplicateParameter { name }),
            None => Ok(()),
        }
    }

    pub(crate) fn sdk_app_id(&self) -> Result<SdkAppId, RequestError> {
        let number = self.sdk_app_id.as_ref().ok_or(RequestError::MissingSdkAppId)?;
        number.parse().map_err(RequestError::InvalidSdkAppId)
    }

    pub(crate) fn request(&self, sdk_app_id: SdkAppId) -> RequestInfo {
        RequestInfo {
            sdk_app_id,
            command: present(self.command.as_deref()).map(Command::from),
            content_type: present(self.content_type.as_deref()).map(str::to_owned),
            client_ip: self.client_ip.as_ref().and_then(|address| address.parse().ok()),
            opt_platform: present(self.opt_platform.as_deref()).map(OptPlatform::from),
            foreign: self.foreign(),
        }
    }

    fn foreign(&self) -> Vec<(String, String)> {
        let mut foreign = Vec::with_capacity(self.foreign);
        if self.foreign > 0 {
            // The first pass has succeeded.
            let _ = for_each(self.query, |name, value| {
                if !Self::reads(name) {
                    foreign.push((name.to_owned(), value.into_owned()));
                }
                Ok(())
            });
        }
        foreign
    }

    /// Tells whether the backend documents a parameter of that name.
    pub(crate) fn reads(name: &str) -> bool {
        Self::default().slot(name).is_some()
    }

    fn slot(&mut self, given: &str) -> Option<(&'static str, &mut Option<Cow<'a, str>>)> {
        // Fast path: nearly every name is spelled as documented.
        let is = |name: &str| given == name || given.eq_ignore_ascii_case(name);
        Some(if is(name::SDK_APP_ID) {
            (name::SDK_APP_ID, &mut self.sdk_app_id)
        } else if is(name::COMMAND) || is(name::COMMAND_IN_OVERVIEW) {
            (name::COMMAND, &mut self.command)
        } else if is(name::CONTENT_TYPE) {
            (name::CONTENT_TYPE, &mut self.content_type)
        } else if is(name::CLIENT_IP) {
            (name::CLIENT_IP, &mut self.client_ip)
        } else if is(name::OPT_PLATFORM) {
            (name::OPT_PLATFORM, &mut self.opt_platform)
        } else if is(name::SIGN) {
            (name::SIGN, &mut self.sign)
        } else if is(name::REQUEST_TIME) {
            (name::REQUEST_TIME, &mut self.request_time)
        } else {
            return None;
        })
    }
}

/// Visits each parameter, decoded. Fast path: hardly any query has something to decode.
fn for_each<'a>(
    query: &'a str,
    mut visit: impl FnMut(&str, Cow<'a, str>) -> Result<(), RequestError>,
) -> Result<(), RequestError> {
    if memchr2(b'%', b'+', query.as_bytes()).is_some() {
        return form_urlencoded::parse(query.as_bytes()).try_for_each(|(name, value)| visit(&name, value));
    }
    let mut rest = Some(query);
    while let Some(query) = rest {
        let (pair, after) = match split_once(query, b'&') {
            Some((pair, after)) => (pair, Some(after)),
            None => (query, None),
        };
        rest = after;
        if !pair.is_empty() {
            let (name, value) = split_once(pair, b'=').unwrap_or((pair, ""));
            visit(name, Cow::Borrowed(value))?;
        }
    }
    Ok(())
}

/// Same as [`str::split_once`], for an ASCII separator.
fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(memchr(separator, text.as_bytes())?)?;
    Some((before, rest.get(1..)?))
}

pub(crate) fn without_question_mark(query: &str) -> &str {
    query.strip_prefix('?').unwrap_or(query)
}

fn present(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}
