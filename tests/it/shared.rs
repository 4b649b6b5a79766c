//! Receivers that are replaced while a service runs, and those that are not.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use trtc_live_webhook::{
    App, NoTokens, Receiver, RequestError, SdkAppId, SharedReceiver, Token, UnixSeconds,
};

use crate::support::chain;

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);
const SENT: UnixSeconds = UnixSeconds::new(1_669_872_112);

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

fn now() -> SystemTime {
    SystemTime::try_from(SENT).unwrap()
}

/// A receiver of our application with these tokens.
#[track_caller]
fn receiver(tokens: &[&str]) -> Receiver {
    Receiver::new(App::signed(OURS, tokens.iter().map(|text| token(text))).unwrap())
}

/// A query that is signed with the token.
fn signed(by: &str) -> String {
    format!("SdkAppid={OURS}&Sign={}&RequestTime={SENT}", token(by).sign(SENT))
}

/// Which of the tokens a receiver takes.
#[track_caller]
fn assert_takes(receiver: &Receiver, old: bool, new: bool) {
    for (by, expected) in [("old", old), ("new", new), ("other", false)] {
        let checked = receiver.check_at(&signed(by), now());
        let refused = if expected { None } else { Some(RequestError::WrongSign) };
        assert_eq!(checked.err(), refused, "{by}");
    }
}

#[test]
fn a_replacement_is_seen_by_every_clone() {
    let shared = SharedReceiver::new(receiver(&["old"]));
    let (clone, from) = (shared.clone(), SharedReceiver::from(receiver(&["old"])));
    let loaded = clone.load();
    for handle in [&shared, &clone, &from] {
        assert_takes(&handle.load(), true, false);
    }
    clone.replace(receiver(&["old", "new"]));
    assert_takes(&shared.load(), true, true);
    assert_takes(&clone.load(), true, true);
    shared.replace(receiver(&["new"]));
    assert_takes(&shared.load(), false, true);
    assert_takes(&clone.load(), false, true);
    // Neither a receiver that was loaded before nor another handle is changed.
    assert_takes(&loaded, true, false);
    assert_takes(&from.load(), true, false);
    // Applications change as tokens do, and so does the tolerance.
    shared.replace(Receiver::new(SdkAppId::new(8)));
    let error = clone.load().check_at(&signed("new"), now()).unwrap_err();
    assert_eq!(chain(&error), format!("SDKAppID {OURS} does not belong to this receiver"));
    assert!(clone.load().check("SdkAppid=8").is_ok());
    shared.replace(receiver(&["new"]).with_tolerance(Duration::MAX));
    assert!(clone.load().check(&signed("new")).is_ok());
}

/// From one token to the next, in the order that the documentation gives. What is signed with a token that is valid from
/// the beginning of a phase to its end is never refused, however often the receiver is replaced meanwhile.
#[test]
fn no_delivery_is_lost_while_a_token_changes() {
    const THREADS: usize = 4;
    const CHECKS: usize = 20_000;

    let shared = SharedReceiver::new(receiver(&["old"]));
    let (refused, replaced) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let phases = [
        ("old", [receiver(&["old"]), receiver(&["old", "new"])]),
        ("new", [receiver(&["old", "new"]), receiver(&["new"])]),
    ];
    for (valid, [before, after]) in phases {
        let (start, done) = (Barrier::new(THREADS + 1), AtomicBool::new(false));
        thread::scope(|scope| {
            let senders: Vec<_> = (0..THREADS)
                .map(|_| {
                    let (shared, query) = (shared.clone(), signed(valid));
                    let (start, refused) = (&start, &refused);
                    scope.spawn(move || {
                        start.wait();
                        for _ in 0..CHECKS / 2 {
                            if shared.load().check_at(&query, now()).is_err() {
                                refused.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    })
                })
                .collect();
            let (shared, done, start, replaced) = (&shared, &done, &start, &replaced);
            scope.spawn(move || {
                start.wait();
                while !done.load(Ordering::Relaxed) {
                    shared.replace(after.clone());
                    shared.replace(before.clone());
                    replaced.fetch_add(2, Ordering::Relaxed);
                    thread::yield_now();
                }
                shared.replace(after);
            });
            for sender in senders {
                sender.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
    }
    assert_eq!(refused.into_inner(), 0);
    assert!(replaced.into_inner() > 0);
    assert_takes(&shared.load(), false, true);
}

/// The receiver of a thread that panicked is there for the others.
#[test]
fn a_panic_elsewhere_does_no_harm() {
    let shared = SharedReceiver::new(receiver(&["old"]));
    let clone = shared.clone();
    let panicked = thread::spawn(move || {
        let receiver = clone.load();
        clone.replace(self::receiver(&["new"]));
        assert!(receiver.check_at("", now()).is_ok(), "on purpose");
    });
    assert!(panicked.join().is_err());
    assert_takes(&shared.load(), false, true);
    shared.replace(receiver(&["old"]));
    assert_takes(&shared.load(), true, false);
}

#[test]
fn an_app_that_is_to_be_signed_is_never_open() {
    let error = App::signed(OURS, []).unwrap_err();
    assert!(matches!(error, NoTokens { .. }));
    assert_eq!(chain(&error), "no token for an application whose deliveries must be signed");
    // As it may come of settings from which every token was dropped.
    let settings = ["", ""].into_iter().filter_map(|text| Token::new(text).ok());
    assert!(App::signed(OURS, settings).is_err());
    let app = App::signed(OURS, Some(token("old"))).unwrap();
    assert_takes(&Receiver::new(app.clone()), true, false);
    assert_takes(&Receiver::new(app.with_token(token("new"))), true, true);
}

#[test]
fn a_receivers_clones_are_independent() {
    let original = receiver(&["old"]);
    let other = "SdkAppid=8";
    let with_app = original.clone().with_app(SdkAppId::new(8));
    assert!(with_app.check(other).is_ok());
    assert!(matches!(original.check(other), Err(RequestError::ForeignSdkAppId { .. })));
    let with_token = original.clone().with_app(App::new(OURS).with_token(token("new")));
    assert_takes(&with_token, true, true);
    assert_takes(&original, true, false);
    let patient = original.clone().with_tolerance(Duration::MAX);
    assert!(patient.check(&signed("old")).is_ok());
    assert_eq!(original.check(&signed("old")), Err(RequestError::StaleRequestTime));
    // Nor does what is done to the original reach a clone that was made before.
    let clone = original.clone();
    let changed = original.with_app(SdkAppId::new(8));
    assert!(changed.check(other).is_ok() && clone.check(other).is_err());
}
