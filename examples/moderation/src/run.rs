//! The server, from its settings to its end.

use std::{error::Error, io, sync::Arc, time::Duration};

use axum::Router;
use example_service::{Stop, connection_limit, listen, serve_at_most};
use hyper_util::service::TowerToHyperService;
use tracing::{Instrument, info, info_span, warn};
use trtc_live_webhook::{OnFailure, Webhook};

use crate::{
    check::Checked,
    console::{Console, Health, Keys, Numbers},
    decide::Moderator,
    log::Failures,
    metrics,
    rules::{Rules, WordFile},
    settings::{Secret, Settings},
    store::{ContentIds, Pool, Store},
    toggles::Toggles,
};

/// Most connections of the console's listener: a few consoles, and what collects numbers.
const CONSOLE_CONNECTIONS: usize = 128;

/// Serves until the process is asked to stop, and answers what it has accepted.
pub(crate) async fn run(mut settings: Settings, checked: Checked) -> Result<(), Box<dyn Error>> {
    let stop = Stop::on_signal()?;
    let metrics = metrics::install()?;
    if settings.is_trial() {
        try_out(&mut settings)?;
    }
    let words = WordFile::open(settings.words.as_deref())?;
    let store = Store::start(Pool::open(&settings).await?);
    let toggles = Toggles::open(Arc::clone(&store), settings.database_url.is_some()).await?;

    let webhook =
        Webhook::new(checked.receiver, moderator(&settings, &checked.apps, &store, &toggles, &words)?)
            .on_failure(OnFailure::Refuse)
            .inspect_failure({
                let failures = Failures::new();
                move |failed| failures.note(failed)
            });
    let health = Health { toggles: Arc::clone(&toggles), stop: stop.clone() };
    // A balancer needs time to see that. A trial has none.
    let drain = if settings.is_trial() { Duration::ZERO } else { settings.drain };
    let stop = stop.later(drain);
    let console = Console {
        store: Arc::clone(&store),
        toggles: Arc::clone(&toggles),
        apps: Arc::new(checked.apps.into_keys().collect()),
        keys: Arc::new(Keys::new(&settings.api_keys)),
        health: health.clone(),
        numbers: Numbers::new(metrics.clone()),
    };
    let webhook = Router::new().route_service(&settings.webhook_path, webhook).merge(health.router());

    let (webhook_listener, console_listener) =
        (listen(settings.webhook_listen)?, listen(settings.console_listen)?);
    let connections = connection_limit();
    let of_console = CONSOLE_CONNECTIONS.min(connections / 4).max(1);
    let served = async {
        tokio::try_join!(
            serve_at_most(
                connections.saturating_sub(of_console).max(1),
                webhook_listener,
                TowerToHyperService::new(webhook),
                stop.clone(),
            )
            .instrument(info_span!("webhook")),
            serve_at_most(
                of_console,
                console_listener,
                TowerToHyperService::new(console.router()),
                stop.clone()
            )
            .instrument(info_span!("console")),
        )
    };
    // What never ends is dropped with what does.
    let served = tokio::select! {
        served = served => served,
        never = never(&settings, &store, &toggles, words, metrics) => never,
    };
    store.stop().await;
    served?;
    Ok(())
}

async fn never(
    settings: &Settings,
    store: &Store,
    toggles: &Toggles,
    words: WordFile,
    handle: metrics_exporter_prometheus::PrometheusHandle,
) -> io::Result<((), ())> {
    let upkeep = async {
        tokio::join!(
            toggles.keep_fresh(),
            words.keep_fresh(),
            store.keep_clean(settings.keep, settings.afterwards),
            metrics::upkeep(handle),
        )
    };
    tokio::select! {
        _ = upkeep => Ok(((), ())),
        // Whoever starts the server anew does more good than refusals until then.
        () = store.writer_ended() => Err(io::Error::other("the task that stores messages has ended")),
    }
}

fn moderator(
    settings: &Settings,
    apps: &std::collections::BTreeMap<trtc_live_webhook::SdkAppId, bool>,
    store: &Arc<Store>,
    toggles: &Arc<Toggles>,
    words: &WordFile,
) -> Result<Moderator, Box<dyn Error>> {
    Ok(Moderator {
        store: Arc::clone(store),
        toggles: Arc::clone(toggles),
        rules: Rules {
            words: words.clone(),
            unmatched: settings.unmatched,
            unreadable: settings.unreadable,
            hold_kinds: settings.hold_kinds.clone(),
            pass_custom: settings.pass_custom.clone(),
        },
        ids: ContentIds::new()?,
        apps: apps.clone(),
        rest: settings.rest,
        held: Moderator::held()?,
        log_texts: settings.log_texts,
    })
}

/// Lets somebody try the server who has set nothing: a key is made up, unless there is one.
fn try_out(settings: &mut Settings) -> Result<(), Box<dyn Error>> {
    warn!(
        app = Settings::TRIAL.get(),
        "no application is set: taking deliveries from anybody on this machine"
    );
    if settings.api_keys.is_empty() && !settings.open_console {
        let mut key = [0; 16];
        getrandom::fill(&mut key)?;
        let key = key.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        println!("X-Api-Key of this trial: {key}");
        settings.api_keys.insert("trial".to_owned(), Secret::new(key));
    }
    info!(webhook = %settings.webhook_listen, console = %settings.console_listen, "trial");
    Ok(())
}
