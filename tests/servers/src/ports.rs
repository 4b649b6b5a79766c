//! Free ports of the loopback device.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
};

/// Below those that the system gives to outgoing connections: a server that is killed has its port back when it starts
/// again. Above those that browsers refuse.
const PORTS: Range<u16> = 11_000..32_000;

/// Returns a port of the loopback device that nothing listens at, and another one each time.
///
/// # Panics
///
/// If there is none.
#[must_use]
#[track_caller]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let number = || NEXT.fetch_add(1, Ordering::Relaxed) % count();
    let port = || PORTS.start + (first() + number()) % count();
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (0..count()).map(|_| port()).find(is_free).unwrap_or_else(|| panic!("no port of {PORTS:?} is free"))
}

const fn count() -> u16 {
    PORTS.end - PORTS.start
}

/// Where this process begins: most others begin elsewhere.
fn first() -> u16 {
    static FIRST: OnceLock<u16> = OnceLock::new();
    *FIRST.get_or_init(|| {
        let mut hasher = DefaultHasher::new();
        process::id().hash(&mut hasher);
        u16::try_from(hasher.finish() % u64::from(count())).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, net::TcpListener};

    use super::{PORTS, free_port};

    #[test]
    fn ports_are_different_and_none_is_taken() {
        let held = TcpListener::bind(("127.0.0.1", free_port())).unwrap();
        let ports: HashSet<u16> = (0..1000).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 1000);
        assert!(ports.iter().all(|port| PORTS.contains(port)));
        assert!(!ports.contains(&held.local_addr().unwrap().port()));
    }
}
