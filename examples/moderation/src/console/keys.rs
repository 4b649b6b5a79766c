//! Keys of the console, compared in constant time.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::answer::Failure;
use crate::{metrics, settings::Secret};

/// Keys that let the console in.
#[derive(Debug)]
pub(crate) struct Keys {
    /// By name: digests, which all have the same length. None if everybody is let in.
    digests: Vec<(String, [u8; 32])>,
}

/// Name of the key that a request has, as the audit shows it.
#[derive(Clone, Debug)]
pub(super) struct KeyName(pub(super) String);

impl Keys {
    /// Makes the keys. Without any, everybody is let in.
    pub(crate) fn new(keys: &BTreeMap<String, Secret>) -> Self {
        let digest = |(name, key): (&String, &Secret)| (name.clone(), Sha256::digest(key.reveal()).into());
        Self { digests: keys.iter().map(digest).collect() }
    }

    /// Returns the name of the key; `None` if it is wrong. All keys are compared, whichever it is.
    fn name(&self, key: Option<&[u8]>) -> Option<String> {
        if self.digests.is_empty() {
            return Some("none".to_owned());
        }
        let digest: [u8; 32] = Sha256::digest(key?).into();
        let mut found = u64::MAX;
        for (index, (_, known)) in (0..).zip(&self.digests) {
            found.conditional_assign(&index, digest.ct_eq(known));
        }
        let (name, _) = self.digests.get(usize::try_from(found).ok()?)?;
        Some(name.clone())
    }
}

/// Lets requests with a right key through, and tells them its name.
pub(super) async fn require(State(keys): State<Arc<Keys>>, mut request: Request, next: Next) -> Response {
    let mut given = request.headers().get_all("x-api-key").iter();
    let key = given.next().map(axum::http::HeaderValue::as_bytes);
    let Some(name) = keys.name(key.filter(|_| given.next().is_none())) else {
        metrics::denied();
        return Failure::Unauthorized.into_response();
    };
    request.extensions_mut().insert(KeyName(name));
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::settings::Secret;

    #[test]
    fn each_key_opens_under_its_name() {
        let keys = [("new", "0123456789abcdef"), ("old", "fedcba9876543210")];
        let keys = Keys::new(&keys.map(|(name, key)| (name.to_owned(), Secret::new(key))).into());
        assert_eq!(keys.name(Some(b"0123456789abcdef")).as_deref(), Some("new"));
        assert_eq!(keys.name(Some(b"fedcba9876543210")).as_deref(), Some("old"));
        for wrong in
            [None, Some(&b""[..]), Some(b"0123456789abcde"), Some(b"0123456789abcdeff"), Some(b"none")]
        {
            assert_eq!(keys.name(wrong), None);
        }
    }

    #[test]
    fn without_keys_everybody_is_let_in() {
        assert_eq!(Keys::new(&[].into()).name(None).as_deref(), Some("none"));
    }
}
