//! The browser itself.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{fs, path::PathBuf, time::Duration};

use test_servers::Browser;
use thirtyfour::By;

/// Chromium processes whose profile is in this folder.
fn processes(profile: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .filter(|folder| {
            let command = fs::read(folder.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command).contains(profile)
        })
        .collect()
}

async fn profile(browser: &Browser) -> String {
    browser.page().goto("chrome://version").await.unwrap();
    let path = browser.page().find(By::Id("profile_path")).await.unwrap().text().await.unwrap();
    path.strip_suffix("/data/Default").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn a_page_is_driven_and_nothing_is_left_of_the_browser() {
    for politely in [true, false] {
        let browser = Browser::start().await;
        let profile = profile(&browser).await;
        assert!(!processes(&profile).is_empty());
        let page = "data:text/html,<button onclick=\"setTimeout(() => this.textContent = 'later', 300)\">now";
        browser.page().goto(page).await.unwrap();
        let button = browser.page().find(By::Tag("button")).await.unwrap();
        assert_eq!(button.text().await.unwrap(), "now");
        button.click().await.unwrap();
        browser.until("document.querySelector('button').textContent === 'later'").await;
        if politely {
            browser.stop().await;
        } else {
            drop(button);
            drop(browser);
        }
        for _ in 0..100 {
            if processes(&profile).is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(processes(&profile), Vec::<PathBuf>::new());
        assert!(!fs::exists(&profile).unwrap(), "{profile} is left");
    }
}
