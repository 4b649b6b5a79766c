//! The receiver, whose tokens change while the service runs.

use std::fs;

use tracing::{info, warn};
use trtc_live_webhook::{App, Receiver, SharedReceiver};

use crate::{Settings, SettingsError, sentence, settings::parse_tokens};

impl Settings {
    /// Makes the receiver, and warns of one that takes deliveries from anybody.
    ///
    /// With a `TRTC_TOKEN_FILE`, its tokens are read again whenever the process gets the signal SIGHUP. If they cannot
    /// be, those of before stay. Call this on a Tokio runtime, then.
    ///
    /// # Errors
    ///
    /// [`SettingsError::TokenFile`] and [`SettingsError::Invalid`], if a file is named and its tokens cannot be read.
    pub fn receiver(&self) -> Result<SharedReceiver, SettingsError> {
        let receiver = SharedReceiver::new(self.read_receiver()?);
        #[cfg(unix)]
        if self.token_file.is_some() {
            use tokio::signal::unix::{SignalKind, signal};

            let mut hangup = signal(SignalKind::hangup())
                .map_err(|error| SettingsError::TokenFile { source: error.into() })?;
            let (settings, receiver) = (self.clone(), receiver.clone());
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    settings.reload(&receiver);
                }
            });
        }
        Ok(receiver)
    }

    /// Replaces the receiver, if there is another to be had. Requests that are under way keep the one they began with.
    fn reload(&self, receiver: &SharedReceiver) {
        match self.read_receiver() {
            Ok(new) => {
                receiver.replace(new);
                info!("tokens replaced");
            }
            Err(error) => warn!(error = sentence(&error), "tokens not replaced"),
        }
    }

    pub(crate) fn read_receiver(&self) -> Result<Receiver, SettingsError> {
        let Some(path) = &self.token_file else {
            if self.tokens.is_empty() {
                warn!("TRTC_TOKENS is not set: whoever knows the URL can post deliveries");
            }
            let app = self.tokens.iter().cloned().fold(App::new(self.sdk_app_id), App::with_token);
            return Ok(Receiver::new(app));
        };
        let text =
            fs::read_to_string(path).map_err(|error| SettingsError::TokenFile { source: error.into() })?;
        let mut tokens = parse_tokens("TRTC_TOKEN_FILE", &text)?;
        tokens.extend(self.tokens.iter().cloned());
        // An empty file must not open the service to everybody.
        let app = App::signed(self.sdk_app_id, tokens)
            .map_err(|error| SettingsError::TokenFile { source: error.into() })?;
        Ok(Receiver::new(app))
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use trtc_live_webhook::{SdkAppId, SharedReceiver, Token, UnixSeconds};

    use crate::{Settings, sentence};

    fn opens(receiver: &SharedReceiver, token: &str) -> bool {
        let now = UnixSeconds::new(1_669_872_112);
        let sign = Token::new(token).unwrap().sign(now);
        let query = format!("SdkAppid=7&Sign={sign}&RequestTime={now}");
        receiver.load().check_at(&query, now.try_into().unwrap()).is_ok()
    }

    #[test]
    fn tokens_are_replaced_by_tokens_only() {
        let path = env::temp_dir().join(format!("example-service-tokens-{}", process::id()));
        let settings = Settings { token_file: Some(path.clone()), ..Settings::new(SdkAppId::new(7)) };
        let refused = |text: &str| sentence(&settings.read_receiver().unwrap_err()) == text;
        assert!(settings.read_receiver().is_err());

        fs::write(&path, " \n").unwrap();
        assert!(refused(
            "no tokens from TRTC_TOKEN_FILE: no token for an application whose deliveries must be signed"
        ));
        fs::write(&path, "old\n").unwrap();
        let receiver = SharedReceiver::new(settings.read_receiver().unwrap());
        assert!(opens(&receiver, "old") && !opens(&receiver, "new"));

        fs::write(&path, "old\nnew\n").unwrap();
        settings.reload(&receiver);
        assert!(opens(&receiver, "old") && opens(&receiver, "new"));
        fs::write(&path, "").unwrap();
        settings.reload(&receiver);
        assert!(opens(&receiver, "old") && opens(&receiver, "new"));
        fs::write(&path, "new").unwrap();
        settings.reload(&receiver);
        assert!(!opens(&receiver, "old") && opens(&receiver, "new"));
        fs::remove_file(&path).unwrap();
        settings.reload(&receiver);
        assert!(opens(&receiver, "new"));
    }
}
