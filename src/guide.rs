//! One page per task. Documentation only.
//!
//! | page | answers |
//! |---|---|
//! | [`mounting`] | How do I receive deliveries in my HTTP framework? |
//! | [`failing_closed`] | How do I keep a failure from letting a message through? |
//! | [`repetitions_and_order`] | What may arrive twice, late, out of order or never? |
//! | [`queues`] | How do I do what takes longer than the answer may, and lose nothing that was accepted? |
//! | [`tokens`] | How do I change a token without a restart and without losing a delivery? |
//! | [`testing`] | How do I test my service? |
//! | [`migrating`] | How do I get here from parsing by hand? |
//! | [`wasm`] | What is different on WebAssembly? |
//!
//! Every example on these pages is compiled and run by the crate's tests.

/// Receiving deliveries in an HTTP framework.
pub mod mounting {
    #![doc = include_str!("guide/mounting.md")]
}

/// Turning every failure into a refusal.
pub mod failing_closed {
    #![doc = include_str!("guide/failing_closed.md")]
}

/// What the backend repeats, reorders and loses.
pub mod repetitions_and_order {
    #![doc = include_str!("guide/repetitions_and_order.md")]
}

/// Processing deliveries behind a queue.
pub mod queues {
    #![doc = include_str!("guide/queues.md")]
}

/// Changing tokens while the service runs.
pub mod tokens {
    #![doc = include_str!("guide/tokens.md")]
}

/// Testing a service.
pub mod testing {
    #![doc = include_str!("guide/testing.md")]
}

/// Coming from code that parses deliveries by hand.
pub mod migrating {
    #![doc = include_str!("guide/migrating.md")]
}

/// Running on WebAssembly.
pub mod wasm {
    #![doc = include_str!("guide/wasm.md")]
}
