//! Settings from the environment.

use std::{
    env::{self, VarError},
    error::Error,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    str::FromStr,
};

use trtc_live_webhook::{SdkAppId, Token};

use crate::listen::listen;

/// What an operator sets. Debugging output shows no token.
///
/// A variable that is empty counts as one that is not set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TRTC_SDK_APP_ID`: application whose deliveries are received. The only one that must be set.
    pub sdk_app_id: SdkAppId,
    /// `TRTC_TOKENS`: tokens of the application, separated by white space. Several while one takes the place of
    /// another.
    pub tokens: Vec<Token>,
    /// `TRTC_TOKEN_FILE`: file with tokens beside these, which is read again at each SIGHUP.
    pub token_file: Option<PathBuf>,
    /// `LISTEN`: address and port, `127.0.0.1:3000` by default. Port 0 stands for any that is free.
    pub listen: SocketAddr,
    /// `GIFT_LIMIT`: coins that a gift may be worth, 1000 by default.
    pub gift_limit: i64,
    /// `FORBIDDEN_WORD`: word that no message may hold, in lower or upper case.
    pub forbidden_word: Option<String>,
    /// `PANIC_WORD`: word of a message at which the handler panics, to see what becomes of the service.
    pub panic_word: Option<String>,
    /// `ROOM_LIMIT`: rooms that are kept in memory at most, 10000 by default.
    pub room_limit: usize,
}

impl Settings {
    /// Makes the settings of a service where nothing but its application is set.
    #[must_use]
    pub fn new(sdk_app_id: SdkAppId) -> Self {
        Self {
            sdk_app_id,
            tokens: Vec::new(),
            token_file: None,
            listen: (Ipv4Addr::LOCALHOST, 3000).into(),
            gift_limit: 1000,
            forbidden_word: None,
            panic_word: None,
            room_limit: 10_000,
        }
    }

    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Missing`], [`SettingsError::Encoding`] and [`SettingsError::Invalid`].
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_variables(env::var)
    }

    fn from_variables(
        read: impl Fn(&'static str) -> Result<String, VarError>,
    ) -> Result<Self, SettingsError> {
        let variable = |name| match read(name) {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(SettingsError::Encoding { name }),
        };
        let name = "TRTC_SDK_APP_ID";
        let sdk_app_id = variable(name)?.ok_or(SettingsError::Missing { name })?;
        let mut settings = Self::new(parse(name, &sdk_app_id, "an SDKAppID")?);
        settings.tokens = parse_tokens("TRTC_TOKENS", &variable("TRTC_TOKENS")?.unwrap_or_default())?;
        settings.token_file = variable("TRTC_TOKEN_FILE")?.map(PathBuf::from);
        if let Some(text) = variable("LISTEN")? {
            settings.listen = parse("LISTEN", &text, "an address with a port, like 127.0.0.1:3000")?;
        }
        if let Some(text) = variable("GIFT_LIMIT")? {
            settings.gift_limit = parse::<u32>("GIFT_LIMIT", &text, "a number of coins")?.into();
        }
        if let Some(text) = variable("ROOM_LIMIT")? {
            settings.room_limit = parse("ROOM_LIMIT", &text, "a number of rooms")?;
        }
        settings.forbidden_word = variable("FORBIDDEN_WORD")?;
        settings.panic_word = variable("PANIC_WORD")?;
        Ok(settings)
    }

    /// Listens on the address.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Listen`], which says where the service could not listen. The system's own error does not.
    pub fn listen(&self) -> Result<TcpListener, SettingsError> {
        listen(self.listen).map_err(|source| SettingsError::Listen { address: self.listen, source })
    }
}

fn parse<T>(name: &'static str, text: &str, expected: &'static str) -> Result<T, SettingsError>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    text.parse().map_err(|source| SettingsError::Invalid { name, expected, source: Box::new(source) })
}

pub(crate) fn parse_tokens(name: &'static str, text: &str) -> Result<Vec<Token>, SettingsError> {
    let token = |token| parse(name, token, "one or more tokens, separated by white space");
    text.split_whitespace().map(token).collect()
}

/// Why the service does not start. Its text quotes no setting but the address, lest it quote a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Variable that has no default.
    #[error("{name} is not set")]
    #[non_exhaustive]
    Missing {
        /// Name of the variable.
        name: &'static str,
    },
    /// Variable that is not text.
    #[error("{name} is not UTF-8")]
    #[non_exhaustive]
    Encoding {
        /// Name of the variable.
        name: &'static str,
    },
    /// Variable that says something else than it should.
    #[error("{name} is not {expected}")]
    #[non_exhaustive]
    Invalid {
        /// Name of the variable.
        name: &'static str,
        /// What it should say.
        expected: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// File that yields no tokens.
    #[error("no tokens from TRTC_TOKEN_FILE")]
    #[non_exhaustive]
    TokenFile {
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Address that the system does not give to the service.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Listen {
        /// What `LISTEN` says.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::{env::VarError, ffi::OsString, io};

    use trtc_live_webhook::{SdkAppId, Token, UnixSeconds};

    use super::{Settings, SettingsError};
    use crate::sentence;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_variables(|name| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[track_caller]
    fn assert_refused(name: &str, value: &str, text: &str) {
        let variables = [("TRTC_SDK_APP_ID", "1400000000"), (name, value)];
        // The variable that is tried comes first.
        let error = settings(&[variables[1], variables[0]]).unwrap_err();
        assert_eq!(sentence(&error), text);
    }

    #[test]
    fn one_variable_is_enough() {
        let settings = settings(&[("TRTC_SDK_APP_ID", "1400000000")]).unwrap();
        assert_eq!(settings.sdk_app_id, SdkAppId::new(1_400_000_000));
        assert!(settings.tokens.is_empty());
        assert_eq!(settings.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(settings.gift_limit, 1000);
        assert_eq!(settings.forbidden_word, None);
        assert_eq!(settings.room_limit, 10_000);
        assert!(settings.read_receiver().unwrap().check("SdkAppid=1400000000").is_ok());
    }

    #[test]
    fn every_variable_is_read() {
        let settings = settings(&[
            ("TRTC_SDK_APP_ID", "1400000000"),
            ("TRTC_TOKENS", " old-token\tnew-token\n"),
            ("TRTC_TOKEN_FILE", "/run/secrets/tokens"),
            ("LISTEN", "[::1]:0"),
            ("GIFT_LIMIT", "0"),
            ("FORBIDDEN_WORD", "red packet"),
            ("PANIC_WORD", "boom"),
            ("ROOM_LIMIT", "3"),
        ])
        .unwrap();
        assert_eq!(settings.tokens.len(), 2);
        assert_eq!(settings.token_file, Some("/run/secrets/tokens".into()));
        assert_eq!(settings.panic_word.as_deref(), Some("boom"));
        assert_eq!(settings.listen.to_string(), "[::1]:0");
        assert_eq!(settings.gift_limit, 0);
        assert_eq!(settings.forbidden_word.as_deref(), Some("red packet"));
        assert_eq!(settings.room_limit, 3);
    }

    #[test]
    fn each_token_opens() {
        let settings = settings(&[("TRTC_SDK_APP_ID", "7"), ("TRTC_TOKENS", "old-token new-token")]).unwrap();
        let receiver = settings.read_receiver().unwrap();
        let now = UnixSeconds::new(1_669_872_112);
        for (token, opens) in [("old-token", true), ("new-token", true), ("old-token new-token", false)] {
            let sign = Token::new(token).unwrap().sign(now);
            let query = format!("SdkAppid=7&Sign={sign}&RequestTime={now}");
            assert_eq!(receiver.check_at(&query, now.try_into().unwrap()).is_ok(), opens, "{token}");
        }
        assert!(receiver.check("SdkAppid=7").is_err());
    }

    #[test]
    fn what_is_empty_is_not_set() {
        let settings = settings(&[
            ("TRTC_SDK_APP_ID", "7"),
            ("FORBIDDEN_WORD", ""),
            ("GIFT_LIMIT", ""),
            ("TRTC_TOKENS", " "),
        ])
        .unwrap();
        assert_eq!(settings.forbidden_word, None);
        assert_eq!(settings.gift_limit, 1000);
        assert!(settings.tokens.is_empty());
    }

    #[test]
    fn debugging_output_shows_no_token() {
        let settings = settings(&[("TRTC_SDK_APP_ID", "7"), ("TRTC_TOKENS", "hush-hush")]).unwrap();
        let text = format!("{settings:?}");
        assert!(text.contains("tokens") && !text.contains("hush"), "{text}");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_sentence() {
        assert_eq!(sentence(&settings(&[]).unwrap_err()), "TRTC_SDK_APP_ID is not set");
        assert_refused("TRTC_SDK_APP_ID", "", "TRTC_SDK_APP_ID is not set");
        assert_refused(
            "TRTC_SDK_APP_ID",
            "my app",
            "TRTC_SDK_APP_ID is not an SDKAppID: SDKAppID is not a decimal number of 64 bits: invalid digit found in string",
        );
        assert_refused(
            "LISTEN",
            "3000",
            "LISTEN is not an address with a port, like 127.0.0.1:3000: invalid socket address syntax",
        );
        assert_refused(
            "GIFT_LIMIT",
            "-1",
            "GIFT_LIMIT is not a number of coins: invalid digit found in string",
        );
        assert_refused(
            "ROOM_LIMIT",
            "many",
            "ROOM_LIMIT is not a number of rooms: invalid digit found in string",
        );
        assert_refused(
            "TRTC_TOKENS",
            &"hush".repeat(33),
            "TRTC_TOKENS is not one or more tokens, separated by white space: token is longer than 128 characters",
        );
        let error = Settings::from_variables(|_| Err(VarError::NotUnicode(OsString::new()))).unwrap_err();
        assert_eq!(sentence(&error), "TRTC_SDK_APP_ID is not UTF-8");
        let listen = ([127, 0, 0, 1], 3000).into();
        let error = SettingsError::Listen { address: listen, source: io::ErrorKind::AddrInUse.into() };
        assert_eq!(sentence(&error), "cannot listen on 127.0.0.1:3000: address in use");
    }
}
