//! The page, and what its script asks for.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post, put},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::listen::{access::guard, answers::Answers, forward::replay, watch::Watch};

/// Most bytes of what the script sends.
const MAX_BODY: usize = 4096;

/// Answers the page's requests.
pub(crate) fn router(watch: Arc<Watch>) -> Router {
    Router::new()
        .route("/", get(file("text/html; charset=utf-8", include_str!("page/page.html"))))
        .route("/-/page.css", get(file("text/css; charset=utf-8", include_str!("page/page.css"))))
        .route("/-/page.js", get(file("text/javascript; charset=utf-8", include_str!("page/page.js"))))
        .route("/-/events", get(events))
        .route("/-/answers", put(answers))
        .route("/-/replay", post(replayed))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&watch), guard))
        .with_state(watch)
}

fn file(kind: &'static str, text: &'static str) -> impl Fn() -> std::future::Ready<Response> + Clone {
    move || std::future::ready(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// What the page is told first.
#[derive(Serialize)]
struct Hello<'a> {
    /// Other than before if the program was started again.
    run: &'a str,
    /// How many exchanges are kept.
    keep: usize,
    forwards: bool,
    replays: bool,
}

/// Where a page's stream of events is.
struct Position {
    watch: Arc<Watch>,
    changes: watch::Receiver<u64>,
    greeted: bool,
    answers: Option<Answers>,
    last: u64,
    _place: tokio::sync::OwnedSemaphorePermit,
}

async fn events(State(watch): State<Arc<Watch>>, headers: HeaderMap) -> Response {
    let Ok(place) = Arc::clone(&watch.pages).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open").into_response();
    };
    // A page that was connected before goes on where it was.
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.split_once('-'));
    let last = seen.filter(|(run, _)| *run == watch.run).and_then(|(_, id)| id.parse().ok());
    let changes = watch.log.changes();
    let (greeted, answers, last) = (false, None, last.unwrap_or_default());
    let position = Position { watch, changes, greeted, answers, last, _place: place };
    let events = stream::unfold(position, |mut position| async {
        let event = position.next().await?;
        Some((Ok::<_, Infallible>(event), position))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

impl Position {
    /// Waits for the next event; `None` once the program stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            // Before looking, so that no change in between is missed.
            self.changes.mark_unchanged();
            if !self.greeted {
                self.greeted = true;
                let Watch { run, forward, replay, log, .. } = &*self.watch;
                let (forwards, replays) = (forward.is_some(), replay.is_some());
                return json("hello", &Hello { run, keep: log.limit(), forwards, replays });
            }
            let answers = self.watch.chosen.get();
            if self.answers != Some(answers) {
                self.answers = Some(answers);
                return json("answers", &answers);
            }
            if let Some(entry) = self.watch.log.after(self.last) {
                self.last = entry.exchange.id;
                let id = format!("{}-{}", self.watch.run, self.last);
                return Some(Event::default().event("exchange").id(id).data(&entry.json));
            }
            self.changes.changed().await.ok()?;
        }
    }
}

fn json(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}

/// Takes what was chosen on the page. A page of somebody else cannot choose: it cannot send JSON without being let.
async fn answers(State(watch): State<Arc<Watch>>, Json(answers): Json<Answers>) -> Response {
    if let Some(problem) = answers.problem(watch.forward.is_some()) {
        return (StatusCode::UNPROCESSABLE_ENTITY, problem).into_response();
    }
    watch.chosen.set(answers);
    watch.log.changed();
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
struct Replay {
    id: u64,
}

async fn replayed(State(watch): State<Arc<Watch>>, Json(Replay { id }): Json<Replay>) -> Response {
    let Some(sender) = &watch.replay else {
        return (StatusCode::CONFLICT, "no service to replay to").into_response();
    };
    let Some(entry) = watch.log.get(id) else {
        return (StatusCode::NOT_FOUND, "no longer kept").into_response();
    };
    match replay(sender, &entry.seen).await {
        Some(answer) => Json(answer).into_response(),
        None => (StatusCode::UNPROCESSABLE_ENTITY, "its body was not read").into_response(),
    }
}
