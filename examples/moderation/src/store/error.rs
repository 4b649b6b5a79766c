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
    #[error("the toggle is set, and not known to hold yet")]
    Unread,
    #[error("database failed")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// Tells whether the database refuses what it was given, and would refuse it again.
    pub(crate) fn is_about_a_message(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        let Some(code) = error.code() else { return false };
        if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
            // Too big, a constraint, a wrong type. The second byte says more of it.
            return code.parse::<i32>().is_ok_and(|code| [18, 19, 20].contains(&(code & 0xFF)));
        }
        // Data, constraints, limits.
        ["22", "23", "54"].iter().any(|class| code.starts_with(class))
    }

    /// Names it in the metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Stopped => "stopped",
            Self::Late => "database_late",
            Self::NoConnection => "no_connection",
            Self::Stale => "toggles_stale",
            Self::Unread => "toggle_unread",
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
