//! Who may see the page.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use headers::{Authorization, HeaderMapExt, Host, authorization::Basic};
use subtle::ConstantTimeEq;

use crate::{failure::Failure, listen::watch::Watch};

/// Fewest characters of a password, because whoever can connect can guess.
const SHORTEST: usize = 8;

/// Who may see the page: who knows the password, or, if there is none, who is on this machine.
#[derive(Debug)]
pub(crate) enum Access {
    Loopback,
    Password(Password),
}

/// A password. `Debug` does not show it.
pub(crate) struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Access {
    /// Demands a password where others can connect.
    pub(crate) fn new(page: SocketAddr, password: Option<String>) -> Result<Self, Failure> {
        match password {
            Some(password) if password.chars().count() < SHORTEST => {
                Err(Failure::Arguments(format!("password has fewer than {SHORTEST} characters")))
            }
            Some(password) => Ok(Self::Password(Password(password))),
            None if page.ip().is_loopback() => Ok(Self::Loopback),
            None => Err(Failure::Arguments(format!(
                "others can connect to {page}: protect the page with a password, in TRTC_LISTEN_PASSWORD"
            ))),
        }
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        match self {
            Self::Password(Password(password)) => {
                let given = headers.typed_get::<Authorization<Basic>>();
                let is_right = |given: Authorization<Basic>| {
                    bool::from(given.password().as_bytes().ct_eq(password.as_bytes()))
                };
                let right = given.is_some_and(is_right);
                right.then_some(()).ok_or((StatusCode::UNAUTHORIZED, "the page needs its password"))
            }
            // Under any other name, the request comes from a page that rebinds its own name.
            Self::Loopback => {
                let host = headers.typed_get::<Host>();
                host.is_some_and(|host| is_local(host.hostname())).then_some(()).ok_or((
                    StatusCode::FORBIDDEN,
                    "without a password, the page is shown at http://localhost and loopback addresses only",
                ))
            }
        }
    }
}

/// Tells whether a name can only mean this machine.
fn is_local(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']').parse();
    name == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Lets only those through who may see the page, and keeps browsers from doing more with it than it needs.
pub(crate) async fn guard(State(watch): State<Arc<Watch>>, request: Request, next: Next) -> Response {
    let mut response = match watch.access.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err((status, text)) => (status, text).into_response(),
    };
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_TYPE).is_none() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="trtc-live", charset="UTF-8""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};

    use super::Access;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_password_is_demanded_where_others_can_connect() {
        let new = |bind: &str, password: Option<&str>| {
            Access::new(bind.parse().unwrap(), password.map(ToOwned::to_owned)).is_ok()
        };
        for (bind, without) in [
            ("127.0.0.1:0", true),
            ("127.9.9.9:0", true),
            ("[::1]:0", true),
            ("0.0.0.0:0", false),
            ("[::]:0", false),
            ("192.0.2.1:0", false),
        ] {
            assert_eq!(new(bind, None), without, "{bind}");
            assert!(new(bind, Some("long enough")));
            assert!(!new(bind, Some("")) && !new(bind, Some("short")));
        }
    }

    #[test]
    fn without_a_password_only_names_of_this_machine_are_served() {
        for (host, served) in [
            ("localhost", true),
            ("localhost:3000", true),
            ("127.0.0.1:3000", true),
            ("127.9.9.9:3000", true),
            ("[::1]:3000", true),
            ("[::2]:3000", false),
            ("example.com", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com:3000", false),
            ("192.0.2.1:3000", false),
        ] {
            assert_eq!(Access::Loopback.check(&headers(header::HOST, host)).is_ok(), served, "{host}");
        }
        assert!(Access::Loopback.check(&HeaderMap::new()).is_err());
    }

    #[test]
    fn the_password_is_checked_whoever_asks() {
        let access = Access::new(([0, 0, 0, 0], 0).into(), Some("correct horse".to_owned())).unwrap();
        let check = |value| access.check(&headers(header::AUTHORIZATION, value)).is_ok();
        // "me:correct horse", "me:correct hors", ":", in Base64.
        assert!(check("Basic bWU6Y29ycmVjdCBob3JzZQ=="));
        assert!(!check("Basic bWU6Y29ycmVjdCBob3Jz") && !check("Basic Og==") && !check("Basic"));
        assert!(!check("Bearer correct horse"));
        assert!(access.check(&headers(header::HOST, "localhost")).is_err());
        assert!(!format!("{access:?}").contains("horse"));
    }
}
