//! The connection to the servers.

use std::time::Duration;

use async_nats::{
    ConnectOptions, ServerAddr,
    jetstream::{Context, context::ContextBuilder},
};
use tracing::{info, warn};

use crate::cli::Nats;

/// How long an answer of the servers is waited for. Longer than a delivery may take: that is bounded where it is
/// answered.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Longest pause between attempts to connect again.
const RECONNECT: Duration = Duration::from_millis(500);

/// Connects to any of the servers, and from then on whenever the connection breaks.
pub(crate) async fn connect(nats: &Nats, name: &str) -> Result<Context, ConnectError> {
    let mut options = ConnectOptions::new()
        .name(name)
        .connection_timeout(Duration::from_secs(2))
        .ping_interval(Duration::from_secs(2))
        .reconnect_delay_callback(|attempts| {
            // At once, and then twice as late each time.
            let doubled = 1 << attempts.clamp(1, 10);
            Duration::from_millis(if attempts <= 1 { 0 } else { doubled }).min(RECONNECT)
        })
        .event_callback(async |event| match event {
            async_nats::Event::Connected => info!("connected to a server"),
            event => warn!(%event, "connection to the servers"),
        });
    if let Some(path) = &nats.nats_credentials {
        let credentials =
            std::fs::read_to_string(path).map_err(|source| ConnectError::Credentials { source })?;
        options = options.credentials(&credentials).map_err(|source| ConnectError::Credentials { source })?;
    }
    let servers = nats.nats_url.split(',').map(|url| url.trim().parse::<ServerAddr>());
    let servers = servers.collect::<Result<Vec<_>, _>>().map_err(|source| ConnectError::Url { source })?;
    // The client takes no user from a URL, and one user for all servers.
    if let Some((user, password)) = servers.iter().find_map(|url| Some((url.username()?, url.password()?))) {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    let client = options.connect(servers).await.map_err(|source| ConnectError::Connect { source })?;
    Ok(ContextBuilder::new().timeout(PATIENCE).build(client))
}

/// Why there is no connection. Its text does not quote the URLs, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no credentials from NATS_CREDENTIALS")]
    Credentials { source: std::io::Error },
    #[error("NATS_URL is not a list of URLs")]
    Url { source: std::io::Error },
    #[error("cannot connect to NATS_URL")]
    Connect { source: async_nats::ConnectError },
}
