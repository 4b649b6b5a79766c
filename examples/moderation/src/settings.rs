//! Settings from the environment and a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Figment,
    error::Kind,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, Deserializer, de};
use trtc_live_webhook::SdkAppId;

/// What an operator sets: by a name in the file, or in the environment, which wins, with `MODERATION_` before it and in capitals.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Applications and their tokens. Without any, the server is a trial.
    pub(crate) apps: BTreeMap<String, Vec<Secret>>,
    /// Takes deliveries for applications without a token from anybody.
    pub(crate) allow_unsigned: bool,
    pub(crate) webhook_listen: SocketAddr,
    pub(crate) webhook_path: String,
    pub(crate) console_listen: SocketAddr,
    /// How long connections are still accepted after SIGTERM, while `/ready` says 503.
    #[serde(deserialize_with = "duration")]
    pub(crate) drain: Duration,
    /// Keys of the console by a name, which is what the audit shows.
    pub(crate) api_keys: BTreeMap<String, Secret>,
    /// Lets everybody in who reaches the console's listener.
    pub(crate) open_console: bool,
    /// File of SQLite. Not used with a `database_url`.
    pub(crate) database_file: PathBuf,
    /// Most MiB that the file of SQLite may have.
    pub(crate) database_max_mib: Option<u32>,
    /// PostgreSQL. Also read from `DATABASE_URL`.
    pub(crate) database_url: Option<Secret>,
    /// Most connections to PostgreSQL.
    pub(crate) database_connections: u32,
    /// File of words, an action and a word in each line.
    pub(crate) words: Option<PathBuf>,
    pub(crate) unmatched: Unmatched,
    /// What becomes of a message that may say what the rules cannot see.
    pub(crate) unreadable: Unmatched,
    pub(crate) hold_kinds: BTreeSet<String>,
    pub(crate) pass_custom: BTreeSet<String>,
    pub(crate) rest: Rest,
    /// How long a record is kept, pending or not.
    #[serde(deserialize_with = "duration")]
    pub(crate) keep: Duration,
    pub(crate) afterwards: Afterwards,
    pub(crate) log_format: LogFormat,
    /// Logs what messages say.
    pub(crate) log_texts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            apps: BTreeMap::new(),
            allow_unsigned: false,
            webhook_listen: (Ipv4Addr::LOCALHOST, 9000).into(),
            webhook_path: "/im-callback".to_owned(),
            console_listen: (Ipv4Addr::LOCALHOST, 9001).into(),
            drain: Duration::from_secs(5),
            api_keys: BTreeMap::new(),
            open_console: false,
            database_file: "moderation.db".into(),
            database_max_mib: None,
            database_url: None,
            database_connections: 10,
            words: None,
            unmatched: Unmatched::Hold,
            unreadable: Unmatched::Hold,
            hold_kinds: ["TIMFileElem", "TIMImageElem", "TIMSoundElem", "TIMVideoFileElem"]
                .map(str::to_owned)
                .into(),
            pass_custom: ["TUIGift", "TUIGift_like"].map(str::to_owned).into(),
            rest: Rest::Allow,
            keep: Duration::from_secs(30 * 24 * 3600),
            afterwards: Afterwards::Delete,
            log_format: LogFormat::Text,
            log_texts: false,
        }
    }
}

/// What becomes of a message that no rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unmatched {
    Allow,
    Hold,
}

/// What becomes of a message that comes through REST and repeats none that was held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rest {
    Allow,
    Moderate,
}

/// What becomes of old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Afterwards {
    Archive,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Json,
    Text,
}

/// A text that is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of a type that is not expected would show the value.
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            _ => Err(de::Error::custom("expected a text in quotes")),
        }
    }
}

/// Reads a length of time such as `720h` or `10s`.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    parsed.ok_or_else(|| de::Error::custom("expected a length of time such as 720h or 10s"))
}

impl Settings {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Vec<Unreadable>> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment
            .merge(Env::raw().only(&["DATABASE_URL"]))
            // The mode is a variable of TUILiveKit Manager's, which may run in the same environment.
            .merge(Env::prefixed("MODERATION_").ignore(&["SETTINGS", "MODE"]));
        figment.extract().map_err(|errors: figment::Error| errors.into_iter().map(Unreadable::from).collect())
    }

    /// Tells whether this is a trial: no application is set, so that the documentation's own is taken, from anybody on this machine.
    pub(crate) fn is_trial(&self) -> bool {
        self.apps.is_empty()
    }

    /// SDKAppID of a trial.
    pub(crate) const TRIAL: SdkAppId = SdkAppId::new(1_400_000_000);
}

/// A setting that cannot be read. It does not quote what was set, which may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {what}")]
pub(crate) struct Unreadable {
    name: String,
    what: String,
}

impl From<figment::Error> for Unreadable {
    fn from(error: figment::Error) -> Self {
        let what = match error.kind {
            Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
                format!("expected {expected}")
            }
            Kind::Message(text) if error.path.is_empty() => {
                // Between its first line and its last, the parser shows the lines of the file.
                let (first, last) =
                    (text.lines().next().unwrap_or_default(), text.lines().last().unwrap_or_default());
                if first == last { first.to_owned() } else { format!("{first}: {last}") }
            }
            kind => kind.to_string(),
        };
        let name = if error.path.is_empty() { "settings".to_owned() } else { error.path.join(".") };
        Self { name, what }
    }
}
