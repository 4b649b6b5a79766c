//! The checks of `verify`, by name.

/// Names of the checks, in their order.
pub(crate) const CHECKS: &[&str] = &[
    "packet",
    "unknown-command",
    "unknown-field",
    "foreign-app",
    "no-sign",
    "wrong-sign",
    "stale-sign",
    "early-sign",
    "two-signs",
    "get",
    "not-json",
    "no-packet",
    "truncated",
    "long",
    "long-chunked",
    "stalled-body",
    "survival",
    "twice",
    "wrong-order",
    "malformed-message",
    "malformed-gift",
    "concurrency",
];

/// Accepts the name of a check.
pub(crate) fn check_name(name: &str) -> Result<&'static str, String> {
    let known = CHECKS.iter().copied().find(|known| *known == name);
    known.ok_or_else(|| format!("the checks are {}", CHECKS.join(", ")))
}
