//! Answers of the console's endpoints: what failed, and the values that the console sends loosely.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tracing::error;
use trtc_live_webhook::RoomId;

use crate::{store::StoreError, text::clean};

/// Why a request of the console's is not done.
#[derive(Debug)]
pub(super) enum Failure {
    Unauthorized,
    NotFound,
    Method,
    Late,
    Bad { status: StatusCode, info: String },
    Store(StoreError),
}

impl Failure {
    pub(super) fn bad(info: impl Into<String>) -> Self {
        Self::Bad { status: StatusCode::BAD_REQUEST, info: info.into() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, info) = match self {
            Self::Unauthorized => {
                let body = json!({ "ErrorCode": 401, "ErrorInfo": "X-Api-Key is missing or wrong" });
                return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "no such endpoint".to_owned()),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "endpoint does not take this method".to_owned()),
            Self::Late => (StatusCode::SERVICE_UNAVAILABLE, "not done in time".to_owned()),
            Self::Bad { status, info } => (status, info),
            Self::Store(error) => {
                error!(error = &error as &dyn std::error::Error, "console not served");
                // Not the source, which is the database's own text.
                (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
        };
        let body = json!({ "ActionStatus": "FAIL", "ErrorCode": status.as_u16(), "ErrorInfo": info });
        (status, Json(body)).into_response()
    }
}

/// Body of a request, in JSON.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Json(body) =
            Json::<T>::from_request(request, state).await.map_err(|rejection: JsonRejection| {
                let status = match rejection.status() {
                    // A wrong type is as bad as broken JSON.
                    StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
                    status => status,
                };
                Failure::Bad { status, info: rejection.body_text() }
            })?;
        Ok(Self(body))
    }
}

/// Query of a request.
#[derive(Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        let axum::extract::Query(query) =
            query.map_err(|rejection: QueryRejection| Failure::bad(rejection.body_text()))?;
        Ok(Self(query))
    }
}

/// A value that may be of any type, because the prototype takes any.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Loose(Value);

impl Loose {
    /// Returns the number, or the number that the text says, rounded down; `None` for anything else, and for 0.
    #[expect(clippy::cast_possible_truncation, reason = "a cast keeps within the range")]
    pub(super) fn number(&self) -> Option<i64> {
        let number = match &self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.map(|number| number.floor() as i64).filter(|number| *number != 0)
    }

    /// Returns the SDKAppID; `None` if there is none. The console sends 0 when its page has logged in with one, and its
    /// server has none.
    pub(super) fn app(&self) -> Result<Option<u64>, Failure> {
        let app = match &self.0 {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let app = app.ok_or(Failure::bad("SdkAppId is not an SDKAppID"))?;
        Ok(Some(app).filter(|app| *app != 0))
    }

    /// Returns the id of a room as it is stored, which may be an integer here; `None` if it is absent or empty.
    pub(super) fn room(&self) -> Option<String> {
        let room = RoomId::deserialize(&self.0).ok().filter(|room| !room.as_str().is_empty())?;
        Some(clean(room.as_str()))
    }

    pub(super) fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    pub(super) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// Returns the texts of a list as they would be stored; `None` if it is none, is empty, or holds anything else.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        let list = self.0.as_array().filter(|list| !list.is_empty())?;
        list.iter().map(|text| text.as_str().map(clean)).collect()
    }
}

/// Makes a request's id, by which it is found in the log.
pub(super) fn request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("req_{}_{}", jiff::Timestamp::now().as_millisecond(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Loose;

    #[test]
    fn numbers_are_taken_as_the_prototype_takes_them() {
        for (value, number) in [
            (json!(3), Some(3)),
            (json!(2.9), Some(2)),
            (json!("7"), Some(7)),
            (json!(-1), Some(-1)),
            (json!(0), None),
            (json!("x"), None),
            (json!(null), None),
            (json!([1]), None),
            (json!(1e300), Some(i64::MAX)),
        ] {
            assert_eq!(Loose(value.clone()).number(), number, "{value}");
        }
    }

    #[test]
    fn rooms_are_texts_or_integers() {
        assert_eq!(Loose(json!("r")).room().unwrap(), "r");
        assert_eq!(Loose(json!(12)).room().unwrap(), "12");
        for value in [json!(null), json!(""), json!(["r"]), json!(1.5), json!(true)] {
            assert_eq!(Loose(value.clone()).room(), None, "{value}");
        }
    }
}
