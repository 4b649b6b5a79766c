//! The moderation server, as it is run, over sockets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "the numbers of tests are small"
)]

mod approval;
mod bad_input;
mod crash;
mod curl;
mod instances;
mod interface;
mod load;
mod operation;
mod page;
mod rules;
mod server;

use test_servers::Postgres;

/// Tests that are to pass with either database: `fn(&Database)` each, in the module of its file.
macro_rules! with_either_database {
    ($($test:ident)+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(&crate::Database::sqlite()).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs PostgreSQL"]
                async fn $test() {
                    super::$test(&crate::Database::postgres()).await;
                }
            )+
        }
    };
}
use with_either_database;

/// A database that is there as long as its test.
enum Database {
    Sqlite(tempfile::TempDir),
    Postgres(Postgres),
}

impl Database {
    fn sqlite() -> Self {
        Self::Sqlite(tempfile::TempDir::new().unwrap())
    }

    fn postgres() -> Self {
        Self::Postgres(Postgres::start())
    }

    /// The settings that lead to it.
    fn setting(&self) -> (&'static str, String) {
        match self {
            Self::Sqlite(folder) => {
                ("MODERATION_DATABASE_FILE", folder.path().join("moderation.db").to_str().unwrap().to_owned())
            }
            Self::Postgres(postgres) => ("DATABASE_URL", postgres.url()),
        }
    }
}
