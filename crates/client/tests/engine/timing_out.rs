//! Requests that get no answer: settled at thirty seconds, each with an error a person can use.

use causerie_client::{HttpFailure, Input, Output};
use causerie_protocol::{ErrorBody, ErrorCode, ServerFrame};

use crate::support::{Bench, error, get_op, ok, only_error, set_op, settled, welcome};

const UNSURE: &str = "the write may have happened: read before you repeat it";

#[test]
fn a_request_the_server_does_not_answer_is_timed_out_at_thirty_seconds() {
    for (op, unsure) in [(get_op("ada"), false), (set_op("Ada"), true)] {
        let (mut bench, conn) = Bench::greeted();
        let id = bench.ask(op);
        assert_eq!(settled(&bench.pass_alive(conn, 29_999)), []);
        let out = bench.pass(1);
        assert_eq!(settled(&out), [(id, Some(ErrorCode::TimedOut))]);
        let error = only_error(&out);
        assert!(error.message.contains("30 s"), "{error}");
        assert_eq!(error.message.contains(UNSURE), unsure, "{error}");
        bench.answer(conn, id);
        assert_eq!(bench.out(), [], "an answer after that is dropped");
    }
}

#[test]
fn each_request_has_thirty_seconds_of_its_own() {
    let (mut bench, conn) = Bench::greeted();
    let first = bench.get();
    bench.pass_alive(conn, 10_000);
    let second = bench.get();
    assert_eq!(settled(&bench.pass_alive(conn, 20_000)), [(first, Some(ErrorCode::TimedOut))]);
    assert_eq!(settled(&bench.pass_alive(conn, 10_000)), [(second, Some(ErrorCode::TimedOut))]);
}

#[test]
fn without_a_network_requests_fail_as_offline_and_say_what_to_check() {
    let mut bench = Bench::plain();
    let id = bench.ask(set_op("Ada"));
    let end = bench.now + 30_000;
    let (at, outcome) = loop {
        match bench.engine.poll() {
            Some(Output::Open(conn)) => bench.input(Input::Closed(conn, 1006)),
            Some(Output::Post(conn, ..)) => bench.input(Input::PostFailed(conn, HttpFailure::Network)),
            Some(Output::Settle(outcome)) => break (bench.now, outcome),
            Some(other) => panic!("{other:?}"),
            None => {
                bench.now = bench.engine.deadline().unwrap();
                bench.input(Input::Tick);
            }
        }
    };
    assert_eq!((at, outcome.id), (end, id));
    let error = outcome.error.unwrap();
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(error.message.contains("check the network and the host"), "{error}");
    assert!(error.message.contains(UNSURE), "a POST was made, and its answer may be what was lost: {error}");
}

#[test]
fn a_request_that_was_never_sent_says_nothing_of_what_may_have_happened() {
    let mut bench = Bench::plain();
    bench.input(Input::Suspend);
    bench.ask(set_op("Ada"));
    let error = only_error(&bench.pass(30_000));
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(!error.message.contains(UNSURE), "{error}");
}

#[test]
fn a_host_that_is_no_causerie_server_is_named_as_such() {
    let mut bench = Bench::http();
    bench.get();
    let (conn, _) = bench.posting();
    bench.input(Input::PostFailed(conn, HttpFailure::Status(404)));
    bench.input(Input::Suspend);
    let error = only_error(&bench.pass(30_000));
    assert_eq!(error.code, ErrorCode::Offline);
    assert!(error.message.contains("HTTP status 404; is it a Causerie server?"), "{error}");
}

#[test]
fn a_server_that_asks_for_a_long_pause_is_quoted() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    let told = ErrorBody::new(ErrorCode::RateLimited, "too many connections of this user").after(60_000);
    bench.frame(conn, ServerFrame::Error { error: told });
    bench.input(Input::Closed(conn, 4101));
    let error = only_error(&bench.pass(30_000));
    assert!(error.message.contains("too many connections of this user"), "{error}");
}

#[test]
fn trouble_that_is_over_is_not_quoted_later() {
    let mut bench = Bench::http();
    let id = bench.get();
    let (conn, _) = bench.posting();
    bench.post_refused(conn, error(ErrorCode::ServerError));
    let out = bench.pass(1_000);
    let Some(Output::Post(conn, ..)) = out.last() else { panic!("{out:?}") };
    bench.post_answers(*conn, &[id]);
    bench.out();
    bench.input(Input::Suspend);
    bench.get();
    let later = only_error(&bench.pass(30_000));
    assert!(!later.message.contains("the server's own words"), "{later}");
}

#[test]
fn a_request_that_timed_out_while_its_socket_was_replaced_is_not_sent_again() {
    let mut bench = Bench::plain();
    let first = bench.get();
    let conn = bench.open();
    bench.frame(conn, welcome(None));
    bench.pass_alive(conn, 20_000);
    let second = bench.get();
    bench.out();
    bench.input(Input::Suspend);
    let out = bench.pass(10_000);
    assert_eq!(settled(&out), [(first, Some(ErrorCode::Offline))]);
    bench.input(Input::Wake);
    let conn = bench.open();
    let out = bench.out();
    assert_eq!(crate::support::sent(&out, conn), [second]);
    bench.frame(conn, ServerFrame::Result(ok(first)));
    bench.frame(conn, ServerFrame::Result(ok(second)));
    assert_eq!(settled(&bench.out()), [(second, None)]);
}

#[test]
fn a_thousand_requests_that_time_out_together_are_settled_together_in_order() {
    let (mut bench, conn) = Bench::greeted();
    let made: Vec<_> = (0..1_000).map(|_| bench.get()).collect();
    let out = bench.pass_alive(conn, 30_000);
    let ids: Vec<_> = settled(&out).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, made);
}
