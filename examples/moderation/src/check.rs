//! What is wrong with the settings, all at once.

use std::collections::BTreeMap;

use trtc_live_webhook::{App, Receiver, SdkAppId, Token, event::message::MsgType};

use crate::settings::{Secret, Settings};

/// Least characters of a key: shorter ones can be guessed.
const MIN_KEY: usize = 16;

/// Kinds of elements that there are. One that is not known here is held back by `unreadable`.
const KINDS: [MsgType; 9] = [
    MsgType::TimTextElem,
    MsgType::TimCustomElem,
    MsgType::TimLocationElem,
    MsgType::TimFaceElem,
    MsgType::TimSoundElem,
    MsgType::TimImageElem,
    MsgType::TimFileElem,
    MsgType::TimVideoFileElem,
    MsgType::TimRelayElem,
];

/// Names in the audit that are no key's.
const RESERVED: [&str; 2] = ["none", "RESTAPI"];

/// Settings that fit together.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) receiver: Receiver,
    /// Applications, and whether their deliveries are signed.
    pub(crate) apps: BTreeMap<SdkAppId, bool>,
}

/// Something that is wrong with the settings. It quotes no token and no key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("apps: {name:.64} is not an SDKAppID")]
    App { name: String },
    #[error("apps: a token of {app} is empty or longer than 128 characters")]
    Token { app: SdkAppId },
    #[error("apps: {app} has no token; without one, anybody can post deliveries (allow_unsigned permits it)")]
    Unsigned { app: SdkAppId },
    #[error(
        "apps: none is set; without any, webhook_listen and console_listen must be addresses of this machine"
    )]
    PublicTrial,
    #[error("webhook_path: does not begin with a slash, or has a character that paths have not")]
    Path,
    #[error("webhook_path: is taken")]
    TakenPath,
    #[error("console_listen: is the same as webhook_listen")]
    OneListener,
    #[error("api_keys: none is set (open_console permits it)")]
    NoKey,
    #[error("api_keys: {name:.64} has less than {MIN_KEY} characters, or one that headers have not")]
    Key { name: String },
    #[error("api_keys: {name:.64} is a name that the audit has for itself")]
    ReservedKey { name: String },
    #[error("api_keys: {name:.64} is the same as another")]
    SameKey { name: String },
    #[error("database_url: does not begin with postgres:// or postgresql://")]
    DatabaseUrl,
    #[error("database_connections: is less than 2")]
    Connections,
    #[error("database_max_mib: is 0")]
    MaxMib,
    #[error("hold_kinds: {name:.64} is no kind of element")]
    Kind { name: String },
    #[error("keep: is less than a second")]
    Keep,
}

/// Checks the settings by themselves, without a look at files and servers.
pub(crate) fn check(settings: &Settings) -> Result<Checked, Vec<Problem>> {
    let mut problems = Vec::new();
    let (receiver, apps) = receiver(settings, &mut problems);
    listeners(settings, &mut problems);
    keys(settings, &mut problems);
    if settings.database_url.as_ref().is_some_and(|url| !is_postgres(url)) {
        problems.push(Problem::DatabaseUrl);
    }
    if settings.database_connections < 2 {
        problems.push(Problem::Connections);
    }
    if settings.database_max_mib == Some(0) {
        problems.push(Problem::MaxMib);
    }
    for name in &settings.hold_kinds {
        if !KINDS.iter().any(|kind| kind.as_str() == name) {
            problems.push(Problem::Kind { name: name.clone() });
        }
    }
    if settings.keep.as_secs() == 0 {
        problems.push(Problem::Keep);
    }
    if problems.is_empty() { Ok(Checked { receiver, apps }) } else { Err(problems) }
}

fn receiver(settings: &Settings, problems: &mut Vec<Problem>) -> (Receiver, BTreeMap<SdkAppId, bool>) {
    if settings.is_trial() {
        return (Receiver::new(Settings::TRIAL), [(Settings::TRIAL, false)].into());
    }
    let (mut receiver, mut apps) = (None::<Receiver>, BTreeMap::new());
    for (name, tokens) in &settings.apps {
        let id = name.parse::<SdkAppId>().ok();
        // The database keeps it as a signed number, and has 0 for itself.
        let Some(id) = id.filter(|id| i64::try_from(id.get()).is_ok_and(|id| id > 0)) else {
            problems.push(Problem::App { name: name.clone() });
            continue;
        };
        let mut app = App::new(id);
        for token in tokens {
            match Token::new(token.reveal()) {
                Ok(token) => app = app.with_token(token),
                Err(_) => problems.push(Problem::Token { app: id }),
            }
        }
        if tokens.is_empty() && !settings.allow_unsigned {
            problems.push(Problem::Unsigned { app: id });
        }
        apps.insert(id, !tokens.is_empty());
        receiver = Some(match receiver {
            Some(receiver) => receiver.with_app(app),
            None => Receiver::new(app),
        });
    }
    (receiver.unwrap_or_else(|| Receiver::new(Settings::TRIAL)), apps)
}

fn listeners(settings: &Settings, problems: &mut Vec<Problem>) {
    let Settings { webhook_listen, console_listen, webhook_path, .. } = settings;
    if settings.is_trial() && !(webhook_listen.ip().is_loopback() && console_listen.ip().is_loopback()) {
        problems.push(Problem::PublicTrial);
    }
    if webhook_listen == console_listen && webhook_listen.port() != 0 {
        problems.push(Problem::OneListener);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    if !webhook_path.starts_with('/') || !webhook_path.bytes().all(is_plain) {
        problems.push(Problem::Path);
    }
    if ["/alive", "/ready"].contains(&webhook_path.as_str()) {
        problems.push(Problem::TakenPath);
    }
}

fn keys(settings: &Settings, problems: &mut Vec<Problem>) {
    if settings.api_keys.is_empty() && !settings.open_console && !settings.is_trial() {
        problems.push(Problem::NoKey);
    }
    for (name, key) in &settings.api_keys {
        if RESERVED.contains(&name.as_str()) {
            problems.push(Problem::ReservedKey { name: name.clone() });
        }
        if key.reveal().len() < MIN_KEY || !key.reveal().bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.push(Problem::Key { name: name.clone() });
        }
        if settings.api_keys.iter().any(|(other, same)| other < name && same == key) {
            problems.push(Problem::SameKey { name: name.clone() });
        }
    }
}

fn is_postgres(url: &Secret) -> bool {
    url.reveal().starts_with("postgres://") || url.reveal().starts_with("postgresql://")
}
