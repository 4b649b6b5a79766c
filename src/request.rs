//! What the backend says about a delivery in the URL's query.
//!
//! Documentation: <https://trtc.io/document/64412>

use std::{borrow::Cow, iter, net::IpAddr};

use url::{Url, form_urlencoded};

use crate::{Command, RequestError, SdkAppId, open_enum::open_enum};

/// Parameters that the backend appends to the configured URL.
///
/// An optional parameter that is empty counts as absent. [`Receiver::check`](crate::Receiver::check) returns
/// parameters that have been checked; [`from_query`](Self::from_query) only reads them.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{OptPlatform, RequestInfo, SdkAppId};
///
/// let request = RequestInfo::from_query("SdkAppid=1400000000&contenttype=json&ClientIP=127.0.0.1&OptPlatform=Web")?;
/// assert_eq!(request.sdk_app_id, SdkAppId::new(1_400_000_000));
/// assert_eq!(request.opt_platform, Some(OptPlatform::Web));
/// # Ok::<(), trtc_live_webhook::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RequestInfo {
    /// `SdkAppid`: the application that the delivery is for.
    #[doc(alias = "SdkAppid")]
    pub sdk_app_id: SdkAppId,
    /// `CallbackCommand`: what the URL calls the event. For information only: the body decides, and some
    /// documented URLs carry a different word from their body.
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
}

impl RequestInfo {
    /// Makes a request that names only its application. For tests and senders; assign the fields that matter.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId) -> Self {
        Self { sdk_app_id, command: None, content_type: None, client_ip: None, opt_platform: None }
    }

    /// Reads the query of a delivery's URL, with or without the leading `?`.
    ///
    /// Names are matched ignoring ASCII case. Parameters that the backend does not document are ignored,
    /// because the configured URL may have some of its own.
    ///
    /// # Errors
    ///
    /// [`RequestError::MissingSdkAppId`] and [`RequestError::InvalidSdkAppId`], the latter also for a number
    /// that does not fit in 64 bits; [`RequestError::DuplicateParameter`] if a parameter that this crate
    /// reads occurs more than once, even with the same value.
    pub fn from_query(query: &str) -> Result<Self, RequestError> {
        let parameters = Parameters::from_query(query)?;
        Ok(parameters.request(parameters.sdk_app_id()?))
    }

    /// Writes the parameters into the URL's query under their documented names, as the backend does,
    /// replacing any that are already there, including a signature. Foreign parameters stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::{RequestInfo, SdkAppId};
    ///
    /// let mut url: url::Url = "https://www.example.com/live?tenant=7".parse()?;
    /// let request = RequestInfo::new(SdkAppId::new(1_400_000_000));
    /// request.write_to(&mut url);
    /// assert_eq!(url.as_str(), "https://www.example.com/live?tenant=7&SdkAppid=1400000000");
    /// assert_eq!(RequestInfo::from_query(url.query().unwrap_or_default())?, request);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_to(&self, url: &mut Url) {
        let query = without_question_mark(url.query().unwrap_or_default());
        let foreign: Vec<_> = query.split('&').filter(|pair| !Parameters::reads(pair)).collect();
        let mut foreign = foreign.join("&");
        if foreign.starts_with('?') {
            // Part of a foreign name: without another before it, it would be taken for the separator.
            foreign.insert(0, '?');
        }
        url.set_query(Some(&foreign).filter(|query| !query.is_empty()).map(String::as_str));

        self.append_to(&mut url.query_pairs_mut());
    }

    pub(crate) fn append_to<T: form_urlencoded::Target>(
        &self,
        pairs: &mut form_urlencoded::Serializer<'_, T>,
    ) {
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
                pairs.append_pair(name, value);
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
        RESTAPI = "RESTAPI",
        /// A browser.
        Web = "Web",
        /// An Android device.
        Android = "Android",
        /// An iPhone.
        IOS = "iOS" | "iOs" | "IOS",
        /// A Windows computer.
        Windows = "Windows",
        /// A Mac.
        Mac = "Mac" | "macOS",
        /// An iPad.
        IPad = "iPad",
        /// A client whose kind the backend does not know. A real value, unlike `Unrecognized`.
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

    /// What the overview page prints in place of [`COMMAND`].
    pub(crate) const COMMAND_IN_OVERVIEW: &str = "WebhookCommand";
}

/// Decoded values of the parameters that this crate reads.
#[derive(Default)]
pub(crate) struct Parameters<'a> {
    sdk_app_id: Option<Cow<'a, str>>,
    command: Option<Cow<'a, str>>,
    content_type: Option<Cow<'a, str>>,
    client_ip: Option<Cow<'a, str>>,
    opt_platform: Option<Cow<'a, str>>,
    pub(crate) sign: Option<Cow<'a, str>>,
    pub(crate) request_time: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    pub(crate) fn from_query(query: &'a str) -> Result<Self, RequestError> {
        let query = without_question_mark(query);
        let mut parameters = Self::default();
        if is_encoded(query) {
            for (name, value) in form_urlencoded::parse(query.as_bytes()) {
                parameters.set(&name, value)?;
            }
        } else {
            for (name, value) in pairs(query) {
                parameters.set(name, Cow::Borrowed(value))?;
            }
        }
        Ok(parameters)
    }

    fn set(&mut self, given: &str, value: Cow<'a, str>) -> Result<(), RequestError> {
        let Some((name, slot)) = self.slot(given) else { return Ok(()) };
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
        }
    }

    /// Tells whether `name=value` is a parameter that this crate reads.
    fn reads(pair: &str) -> bool {
        let parsed = form_urlencoded::parse(pair.as_bytes()).next();
        parsed.is_some_and(|(name, _)| Self::default().slot(&name).is_some())
    }

    fn slot(&mut self, given: &str) -> Option<(&'static str, &mut Option<Cow<'a, str>>)> {
        // Nearly every name is as documented, which is faster to see.
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

/// Tells whether anything in the query has to be decoded: nearly never. Every byte is looked at, because
/// compilers turn that into vector instructions.
fn is_encoded(query: &str) -> bool {
    query.bytes().fold(0, |found, byte| found | u8::from(byte == b'%') | u8::from(byte == b'+')) != 0
}

/// Splits a query that is not encoded into names and values.
fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(query);
    iter::from_fn(move || {
        let mut pair = rest.take()?;
        if let Some((first, after)) = split_once(pair, b'&') {
            (pair, rest) = (first, Some(after));
        }
        Some(split_once(pair, b'=').unwrap_or((pair, "")))
    })
}

/// Same as [`str::split_once`], for an ASCII separator.
fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(find(text.as_bytes(), separator)?)?;
    Some((before, rest.get(1..)?))
}

/// Finds the first such byte, looking at eight at a time.
fn find(text: &[u8], byte: u8) -> Option<usize> {
    const EACH: u64 = u64::MAX / 0xff;
    let (mut rest, mut passed) = (text, 0);
    while let Some((eight, after)) = rest.split_first_chunk() {
        // A byte of the difference is zero where both are equal. Subtracting one sets the top bit of a byte
        // that is zero; the borrow may set that of later bytes, too, but of none before.
        let difference = u64::from_le_bytes(*eight) ^ (EACH * u64::from(byte));
        let found = difference.wrapping_sub(EACH) & !difference & (EACH << 7);
        if found != 0 {
            return Some(passed + found.trailing_zeros() as usize / 8);
        }
        (rest, passed) = (after, passed + 8);
    }
    rest.iter().position(|other| *other == byte).map(|at| passed + at)
}

fn without_question_mark(query: &str) -> &str {
    query.strip_prefix('?').unwrap_or(query)
}

fn present(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        for other in [b'%', b'\'', b'\0', b'\x01', b'\x80', b'\xa6', b'\xff'] {
            for length in 0..40 {
                let mut text = vec![other; length];
                assert_eq!(find(&text, b'&'), None);
                // The first counts, whatever follows.
                for at in (0..length).rev() {
                    text[at] = b'&';
                    assert_eq!(find(&text, b'&'), Some(at));
                }
            }
        }
    }
}
