//! Socket tests of the service.

example_conformance::tests!(env!("CARGO_BIN_EXE_example-hyper"));
