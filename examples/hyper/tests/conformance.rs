//! Socket tests of the service.

example_conformance::tests!(env!("CARGO_BIN_EXE_example-hyper"));

// What the server in `examples/service` can do, and not every server can.
example_conformance::tests! {
    env!("CARGO_BIN_EXE_example-hyper");
    protocol::a_stranger_is_not_told_to_continue,
    protocol::http_2_is_spoken,
    strangers::who_comes_again_shuts_nobody_out,
}
