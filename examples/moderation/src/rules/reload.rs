//! The file of words, read again when it changes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::sleep;
use tracing::{error, info};

use super::words::{Words, WordsError};
use crate::metrics;

/// How often the file is looked at. A word that is added holds this much later, at the latest.
const INTERVAL: Duration = Duration::from_secs(1);

/// Words of a file that may change.
#[derive(Clone, Debug)]
pub(crate) struct WordFile {
    path: Option<PathBuf>,
    words: Arc<RwLock<Arc<Words>>>,
}

impl WordFile {
    /// Reads the words; there are none without a file.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, ReadError> {
        let words = match path {
            Some(path) => read(path)?.1,
            None => Words::none()?,
        };
        metrics::words(words.len());
        Ok(Self { path: path.map(Path::to_owned), words: Arc::new(RwLock::new(Arc::new(words))) })
    }

    /// Returns the words as they are now.
    pub(crate) fn load(&self) -> Arc<Words> {
        Arc::clone(&self.words.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again whenever it has changed, for ever. While it is broken, the words of before stay.
    pub(crate) async fn keep_fresh(self) {
        let Some(path) = self.path.clone() else { return };
        let mut known = Some(fs::read(&path).unwrap_or_default());
        loop {
            sleep(INTERVAL).await;
            let (file, before) = (path.clone(), known.clone());
            // Thousands of words take their time.
            let read = tokio::task::spawn_blocking(move || {
                let bytes = fs::read(&file).ok();
                (bytes != before).then(|| (bytes, read(&file)))
            });
            let Ok(Some((bytes, read))) = read.await else { continue };
            known = bytes;
            match read {
                Ok((bytes, words)) => {
                    info!(words = words.len(), "words replaced");
                    known = Some(bytes);
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

fn read(path: &Path) -> Result<(Vec<u8>, Words), ReadError> {
    let bytes = fs::read(path).map_err(ReadError::Read)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ReadError::Encoding)?;
    let words = Words::parse(text)?;
    Ok((bytes, words))
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
