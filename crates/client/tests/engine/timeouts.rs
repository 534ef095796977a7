//! Requests without a result: they are settled after thirty seconds, with an error that names a remedy.

use causerie_client::{Config, HttpFailure, Input, Output, Transport};
use causerie_protocol::{ErrorBody, ErrorCode, ServerFrame};

use crate::support::{Harness, config, error, get_op, ok, only_error, set_op, settled, welcome};

const UNSURE: &str = "the write may have happened: read before you repeat it";

#[test]
fn request_without_result_times_out_after_thirty_seconds() {
    for (op, unsure) in [(get_op("ada"), false), (set_op("Ada"), true)] {
        let (mut harness, conn) = Harness::connected();
        let id = harness.request(op);
        assert_eq!(settled(&harness.advance_with_pings(conn, 29_999)), []);
        let outputs = harness.advance(1);
        assert_eq!(settled(&outputs), [(id, Some(ErrorCode::TimedOut))]);
        let error = only_error(&outputs);
        assert!(error.message.contains("30 s"), "{error}");
        assert_eq!(error.message.contains(UNSURE), unsure, "{error}");
        harness.receive_result(conn, id);
        assert_eq!(harness.take_outputs(), [], "a later result is dropped");
    }
}

#[test]
fn each_request_has_its_own_deadline() {
    let (mut harness, conn) = Harness::connected();
    let first = harness.get();
    harness.advance_with_pings(conn, 10_000);
    let second = harness.get();
    assert_eq!(settled(&harness.advance_with_pings(conn, 20_000)), [(first, Some(ErrorCode::TimedOut))]);
    assert_eq!(settled(&harness.advance_with_pings(conn, 10_000)), [(second, Some(ErrorCode::TimedOut))]);
}

#[test]
fn without_network_requests_fail_as_offline_with_a_remedy() {
    let mut harness = Harness::with_defaults();
    let id = harness.request(set_op("Ada"));
    let end = harness.now + 30_000;
    let (at, outcome) = loop {
        match harness.engine.poll() {
            Some(Output::Open(conn)) => harness.input(Input::Closed(conn, 1006)),
            Some(Output::Post(conn, ..)) => harness.input(Input::PostFailed(conn, HttpFailure::Network)),
            Some(Output::Settle(outcome)) => break (harness.now, outcome),
            Some(other) => panic!("{other:?}"),
            None => {
                harness.now = harness.engine.deadline().unwrap();
                harness.input(Input::Tick);
            }
        }
    };
    assert_eq!((at, outcome.id), (end, id));
    let error = outcome.error.unwrap();
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(error.message.contains("check the network and the host"), "{error}");
    assert!(error.message.contains(UNSURE), "the response to the POST may have been lost: {error}");
}

#[test]
fn error_of_a_request_that_was_never_sent_does_not_mention_a_possible_write() {
    let mut harness = Harness::with_defaults();
    harness.input(Input::Suspend);
    harness.request(set_op("Ada"));
    let error = only_error(&harness.advance(30_000));
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(!error.message.contains(UNSURE), "{error}");
}

#[test]
fn unexpected_http_status_is_quoted_in_the_error() {
    let mut harness = Harness::http();
    harness.get();
    let (conn, _) = harness.expect_post();
    harness.input(Input::PostFailed(conn, HttpFailure::Status(404)));
    harness.input(Input::Suspend);
    let error = only_error(&harness.advance(30_000));
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(error.message.contains("HTTP status 404; is it a Causerie server?"), "{error}");
}

#[test]
fn request_to_a_port_where_nothing_listens_is_rejected_as_refused() {
    for transport in [Transport::Auto, Transport::Http] {
        let mut harness = Harness::new(Config { transport, ..config() });
        let (mut outputs, end) = (Vec::new(), harness.now + 30_000);
        harness.get();
        while harness.now < end {
            while let Some(output) = harness.engine.poll() {
                match output {
                    Output::Open(conn) => harness.input(Input::Closed(conn, 1006)),
                    Output::Post(conn, ..) => harness.input(Input::PostFailed(conn, HttpFailure::Network)),
                    settled => outputs.push(settled),
                }
            }
            harness.now = harness.engine.deadline().unwrap_or(end);
            harness.input(Input::Tick);
        }
        outputs.extend(harness.take_outputs());
        let error = only_error(&outputs);
        assert!(error.message.contains("(connection refused or blocked)"), "{transport:?}: {error}");
        assert!(error.code.retryable(), "{transport:?}");
    }
}

#[test]
fn request_to_a_host_that_does_not_answer_is_rejected_with_that_reason() {
    // After 6 s for the socket and 15 s for the POST, the page is suspended, or a second POST is pending.
    for (transport, suspended_after, reason) in
        [(Transport::Auto, 21_000, "(no answer)"), (Transport::Http, 30_000, "did not answer")]
    {
        let mut harness = Harness::new(Config { transport, ..config() });
        harness.get();
        let mut outputs = harness.advance(suspended_after);
        harness.input(Input::Suspend);
        outputs.extend(harness.advance(30_000 - suspended_after));
        let error = only_error(&outputs);
        assert!(error.message.contains(reason), "{transport:?}: {error}");
        assert!(error.code.retryable(), "{transport:?}");
    }
}

#[test]
fn error_of_the_server_is_quoted_during_a_long_delay() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    let error = ErrorBody::new(ErrorCode::RateLimited, "too many connections of this user").after(60_000);
    harness.receive(conn, ServerFrame::Error { error });
    harness.input(Input::Closed(conn, 4101));
    let error = only_error(&harness.advance(30_000));
    assert!(error.message.contains("too many connections of this user"), "{error}");
}

#[test]
fn error_before_a_success_is_not_quoted_later() {
    let mut harness = Harness::http();
    let id = harness.get();
    let (conn, _) = harness.expect_post();
    harness.reject_post(conn, error(ErrorCode::ServerError));
    let outputs = harness.advance(1_000);
    let Some(Output::Post(conn, ..)) = outputs.last() else { panic!("{outputs:?}") };
    harness.complete_post(*conn, &[id]);
    harness.take_outputs();
    harness.input(Input::Suspend);
    harness.get();
    let later = only_error(&harness.advance(30_000));
    assert!(!later.message.contains("the server's own words"), "{later}");
}

#[test]
fn request_that_timed_out_while_disconnected_is_not_resent() {
    let mut harness = Harness::with_defaults();
    let first = harness.get();
    let conn = harness.open_socket();
    harness.receive(conn, welcome(None));
    harness.advance_with_pings(conn, 20_000);
    let second = harness.get();
    harness.take_outputs();
    harness.input(Input::Suspend);
    let outputs = harness.advance(10_000);
    assert_eq!(settled(&outputs), [(first, Some(ErrorCode::Offline))]);
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert_eq!(crate::support::sent_requests(&outputs, conn), [second]);
    harness.receive(conn, ServerFrame::Result(ok(first)));
    harness.receive(conn, ServerFrame::Result(ok(second)));
    assert_eq!(settled(&harness.take_outputs()), [(second, None)]);
}

#[test]
fn a_thousand_requests_with_the_same_deadline_are_settled_in_order() {
    let (mut harness, conn) = Harness::connected();
    let request_ids: Vec<_> = (0..1_000).map(|_| harness.get()).collect();
    let outputs = harness.advance_with_pings(conn, 30_000);
    let ids: Vec<_> = settled(&outputs).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, request_ids);
}
