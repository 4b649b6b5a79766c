//! The file of words, read again when it changes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::sleep};
use tracing::{error, info};

use super::words::{Words, WordsError};
use crate::metrics;

/// How often the file is looked at. What is the same twice has been written to its end.
const INTERVAL: Duration = Duration::from_millis(500);

/// Words of a file that may change.
#[derive(Clone, Debug)]
pub(crate) struct WordFile {
    path: Option<PathBuf>,
    /// What the words were read from at the start.
    opened: Arc<Vec<u8>>,
    words: Arc<RwLock<Arc<Words>>>,
}

impl WordFile {
    /// Reads the words; there are none without a file.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, ReadError> {
        let opened = path.map(fs::read).transpose().map_err(ReadError::Read)?.unwrap_or_default();
        let words = parse(&opened)?;
        metrics::words(words.len());
        let (path, words) = (path.map(Path::to_owned), Arc::new(RwLock::new(Arc::new(words))));
        Ok(Self { path, opened: Arc::new(opened), words })
    }

    /// Returns the words as they are now.
    pub(crate) fn load(&self) -> Arc<Words> {
        Arc::clone(&self.words.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again whenever it has changed, for ever. While it is broken, the words of before stay.
    pub(crate) async fn keep_fresh(self) {
        let Some(path) = self.path.clone() else { return };
        let mut known = Some(self.opened.to_vec());
        let mut seen = known.clone();
        loop {
            sleep(INTERVAL).await;
            let file = path.clone();
            let Ok(read) = spawn_blocking(move || fs::read(file)).await else { continue };
            let (bytes, failed) = match read {
                Ok(bytes) => (Some(bytes), None),
                Err(error) => (None, Some(error)),
            };
            let is_whole = bytes == seen;
            seen.clone_from(&bytes);
            if !is_whole || bytes == known {
                continue;
            }
            known.clone_from(&bytes);
            let parsed = match (bytes, failed) {
                (_, Some(error)) => Err(ReadError::Read(error)),
                // Thousands of words take their time.
                (bytes, None) => match spawn_blocking(move || parse(&bytes.unwrap_or_default())).await {
                    Ok(parsed) => parsed,
                    Err(_) => continue,
                },
            };
            match parsed {
                Ok(words) => {
                    info!(words = words.len(), "words replaced");
                    metrics::words(words.len());
                    metrics::reloaded(true);
                    *self.words.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(words);
                }
                Err(error) => {
                    error!(error = &error as &dyn std::error::Error, path = %path.display(), "words not replaced: those of before stay");
                    metrics::reloaded(false);
                }
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Words, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Encoding)?;
    Ok(Words::parse(text)?)
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("file of words cannot be read")]
    Read(#[source] io::Error),
    #[error("file of words is not UTF-8")]
    Encoding,
    #[error("file of words is broken")]
    Words(#[from] WordsError),
}
