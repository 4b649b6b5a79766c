//! The console's side: what TUILiveKit Manager asks for, what operators look at, and a page for moderators.

mod answer;
mod delete;
mod health;
mod keys;
mod list;
mod numbers;
mod page;
mod rooms;
mod stats;
mod toggle;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Version},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use example_service::SILENCE;
use tokio::time::timeout;
use trtc_live_webhook::SdkAppId;

use self::answer::Failure;
pub(crate) use self::{health::Health, keys::Keys, numbers::Numbers};
use crate::{store::Store, toggles::Toggles};

/// How long an answer may take. The console waits for 10 seconds.
const DEADLINE: Duration = Duration::from_secs(8);

/// Most bytes of a body: a thousand ids.
const MAX_BODY: usize = 64 * 1024;

/// What the console's endpoints work with.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    pub(crate) store: Arc<Store>,
    pub(crate) toggles: Arc<Toggles>,
    pub(crate) apps: Arc<Vec<SdkAppId>>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) health: Health,
    pub(crate) numbers: Numbers,
}

impl Console {
    /// Mounts every endpoint. Those under `/moderation` need a key.
    pub(crate) fn router(self) -> Router {
        let moderation = Router::new()
            .route("/moderation/toggle", get(toggle::show).post(toggle::set))
            .route("/moderation/list", post(list::list))
            .route("/moderation/delete", post(delete::delete))
            .route("/moderation/stats", get(stats::stats))
            .route("/moderation/rooms", get(rooms::rooms))
            .route_layer(middleware::from_fn_with_state(Arc::clone(&self.keys), keys::require));
        Router::new()
            .merge(moderation)
            .merge(page::router())
            .route("/health", get(health::health))
            .route("/metrics", get(numbers::numbers))
            .merge(self.health.clone().router())
            .fallback(|| async { Failure::NotFound })
            .method_not_allowed_fallback(|| async { Failure::Method })
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(middleware::from_fn(in_time))
            .layer(middleware::from_fn(announce_silence))
            .with_state(self)
    }

    /// Returns the application that a request is about: the one it names, or the only one.
    fn app(&self, named: Option<u64>) -> Result<SdkAppId, Failure> {
        match (named, &**self.apps) {
            (Some(named), apps) => {
                let named = SdkAppId::new(named);
                apps.contains(&named)
                    .then_some(named)
                    .ok_or(Failure::bad("SdkAppId is not one of this server's"))
            }
            (None, [only]) => Ok(*only),
            (None, _) => Err(Failure::bad("SdkAppId is required: this server has several applications")),
        }
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::Late.into_response(),
    }
}

/// Says how long an idle connection stays open. Node, which the console runs on, would use one for just as long, and ask
/// while it is being closed; told, it leaves it a second earlier.
async fn announce_silence(request: Request, next: Next) -> Response {
    let is_http1 = request.version() < Version::HTTP_2;
    let mut response = next.run(request).await;
    if is_http1 {
        if let Ok(value) = HeaderValue::try_from(format!("timeout={}", SILENCE.as_secs())) {
            response.headers_mut().insert(HeaderName::from_static("keep-alive"), value);
        }
    }
    response
}
