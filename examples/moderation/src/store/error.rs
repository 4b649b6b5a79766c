//! What can go wrong with the database.

/// Why something was not stored or not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("too many messages wait to be stored")]
    Overloaded,
    #[error("the server stops")]
    Stopped,
    #[error("database does not answer in time")]
    Late,
    #[error("database has no connection to spare")]
    NoConnection,
    #[error("toggles could not be read for too long")]
    Stale,
    #[error("database failed")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// Names it in the metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Stopped => "stopped",
            Self::Late => "database_late",
            Self::NoConnection => "no_connection",
            Self::Stale => "toggles_stale",
            Self::Database(_) => "database",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::NoConnection,
            error => Self::Database(error),
        }
    }
}
