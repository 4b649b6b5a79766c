//! Headless Chromium, driven through chromedriver.

use std::{
    env,
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver, common::config::WebDriverConfig};

use crate::{Process, free_port};

/// How long chromedriver may take to listen, and Chromium to start.
const START: Duration = Duration::from_secs(30);

/// How long [`Browser::until`] waits. Pages of this project change within a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// A browser with a profile of its own. Dropping it ends chromedriver, Chromium and all its helpers.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    // In this order: who writes into the folder is gone when it is removed.
    _chromedriver: Group,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port, and with it Chromium with an empty profile.
    ///
    /// # Panics
    ///
    /// If either does not start.
    pub async fn start() -> Self {
        let (profile, port) = (TempDir::new().unwrap(), free_port());
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        // What Chromium leaves in its home and in the temporary folder goes with the profile.
        command.env("HOME", profile.path()).env("TMPDIR", profile.path());
        let chromedriver = Group(Process::start(command.process_group(0)));
        wait_for_listener(port);

        let client = reqwest::Client::builder().no_proxy().timeout(START).build().unwrap();
        let (url, options) = (format!("http://127.0.0.1:{port}"), options(&profile.path().join("data")));
        let config = WebDriverConfig::default();
        let driver = WebDriver::new_with_config_and_client(url, options, config, client).await.unwrap();
        Self { driver, _chromedriver: chromedriver, _profile: profile }
    }

    /// The page, to be driven.
    #[must_use]
    pub const fn page(&self) -> &WebDriver {
        &self.driver
    }

    /// Waits until the expression, in JavaScript, is true in the page.
    ///
    /// # Panics
    ///
    /// If it is not within ten seconds; with the page's text then.
    pub async fn until(&self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        let script = format!("return Boolean({expression})");
        loop {
            let value = self.driver.execute(&script, Vec::new()).await;
            if value.is_ok_and(|value| value.json() == &serde_json::Value::Bool(true)) {
                return;
            }
            if Instant::now() > deadline {
                let text = self.driver.execute("return document.body.innerText", Vec::new()).await;
                let text = text.map(|text| text.json().to_string());
                panic!("never: {expression}\nin the page: {text:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Saves a picture of the window as `<name>.png` in the folder that the variable `SCREENSHOTS` names. Without it,
    /// nothing is saved.
    ///
    /// # Panics
    ///
    /// If the picture cannot be taken or saved.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
        self.driver.screenshot(&folder.join(name).with_extension("png")).await.unwrap();
    }

    /// Ends the browser in order. A test that fails before need not: dropping does the same, less politely.
    ///
    /// # Panics
    ///
    /// If the browser is gone already.
    pub async fn stop(self) {
        self.driver.quit().await.unwrap();
    }
}

fn options(data: &Path) -> thirtyfour::ChromeCapabilities {
    let mut options = DesiredCapabilities::chrome();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        &format!("--user-data-dir={}", data.display()),
    ] {
        options.add_arg(argument).unwrap();
    }
    options
}

#[track_caller]
fn wait_for_listener(port: u16) {
    let deadline = Instant::now() + START;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < deadline, "chromedriver does not listen");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A program with all that it started and that stayed in its group.
#[derive(Debug)]
struct Group(Process);

impl Drop for Group {
    fn drop(&mut self) {
        if let Ok(id) = self.0.id().try_into() {
            // Fails if all of them have ended, which is as well.
            let _ = signal::killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}
