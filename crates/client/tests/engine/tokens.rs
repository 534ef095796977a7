//! Tokens: when the engine asks the program for one, when it sends one, and how it reacts to a rejection.

use causerie_client::{Config, Input, Output, Transport};
use causerie_protocol::{ErrorCode, ServerFrame};

use crate::support::{
    Harness, JsonOutput, config, error, error_frame, has, only_error, sent_requests, set_op, settled, welcome,
};

fn with_source() -> Harness {
    Harness::new(Config { token_source: true, ..config() })
}

fn token_requests(outputs: &[JsonOutput]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::NeedToken)).count()
}

fn token_of_hello(outputs: &[JsonOutput]) -> Option<String> {
    let hello = outputs.iter().find_map(|output| match output {
        Output::Hello(_, hello) => Some(hello.token.clone()),
        _ => None,
    });
    hello.expect("a hello")
}

fn provide(harness: &mut Harness, token: &str) {
    harness.input(Input::Token(token.to_owned()));
}

/// An engine with an open connection that uses this token, after the result of its first request.
fn connected_with(token: &str, expires_in: u64) -> (Harness, causerie_client::ConnectionId) {
    let mut harness = with_source();
    let id = harness.get();
    assert_eq!(harness.take_outputs(), [Output::NeedToken]);
    provide(&mut harness, token);
    let conn = harness.open_socket();
    assert_eq!(token_of_hello(&harness.take_outputs()).as_deref(), Some(token));
    harness.receive(conn, welcome(Some(expires_in)));
    harness.receive_result(conn, id);
    harness.take_outputs();
    (harness, conn)
}

#[test]
fn program_is_asked_once_for_a_token_before_the_first_request_is_sent() {
    let mut harness = with_source();
    assert_eq!(harness.advance(60_000), [], "no token is needed without a request");
    let request_ids = [harness.get(), harness.get()];
    assert_eq!(harness.take_outputs(), [Output::NeedToken], "once, and no socket opens without a token");
    harness.input(Input::Wake);
    assert_eq!(harness.advance(10_000), []);
    provide(&mut harness, "t1");
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert_eq!(token_of_hello(&outputs).as_deref(), Some("t1"));
    assert_eq!(sent_requests(&outputs, conn), request_ids);
}

#[test]
fn token_of_the_config_is_used_without_asking() {
    let mut harness = Harness::new(Config { token: Some("t0".to_owned()), token_source: true, ..config() });
    harness.get();
    harness.open_socket();
    assert_eq!(token_of_hello(&harness.take_outputs()).as_deref(), Some("t0"));
}

#[test]
fn hello_has_the_newest_token_set_while_the_socket_opened() {
    let mut harness = Harness::new(Config { token: Some("old".to_owned()), ..config() });
    harness.get();
    let conn = harness.expect_open();
    provide(&mut harness, "new");
    assert_eq!(harness.take_outputs(), [], "there is no connection to send it on");
    harness.input(Input::Opened(conn));
    assert_eq!(token_of_hello(&harness.take_outputs()).as_deref(), Some("new"));
}

#[test]
fn token_set_on_an_open_connection_is_sent_at_once() {
    let (mut harness, conn) = Harness::connected();
    provide(&mut harness, "t2");
    assert_eq!(harness.take_outputs(), [Output::Auth(conn, "t2".to_owned())]);
}

#[test]
fn every_post_has_the_token() {
    let mut harness =
        Harness::new(Config { token: Some("t".to_owned()), transport: Transport::Http, ..config() });
    harness.get();
    let outputs = harness.take_outputs();
    assert!(matches!(&outputs[..], [Output::Post(_, Some(token), _)] if token == "t"), "{outputs:?}");
}

#[test]
fn token_is_renewed_before_the_expiry_that_the_server_reported() {
    for (lifetime, lead) in [(3_600_000, 360_000), (120_000, 30_000), (20_000, 10_000)] {
        let (mut harness, conn) = connected_with("t1", lifetime);
        let outputs = keep_busy(&mut harness, conn, lifetime - lead - 1);
        assert_eq!(token_requests(&outputs), 0, "lifetime {lifetime}");
        let outputs = harness.advance(1);
        assert_eq!(token_requests(&outputs), 1, "lifetime {lifetime}: {lead} ms before the end");
        provide(&mut harness, "t2");
        assert_eq!(harness.take_outputs(), [Output::Auth(conn, "t2".to_owned())], "on the same connection");
        harness.receive(conn, ServerFrame::Authenticated { token_expires_in: Some(lifetime) });
        let outputs = keep_busy(&mut harness, conn, lifetime - lead - 1);
        assert_eq!(token_requests(&outputs), 0);
        assert_eq!(token_requests(&harness.advance(1)), 1, "the next token is renewed too");
    }
}

/// Advances the clock with a request and its result every nine seconds.
fn keep_busy(harness: &mut Harness, conn: causerie_client::ConnectionId, time: u64) -> Vec<JsonOutput> {
    let (end, mut outputs) = (harness.now + time, Vec::new());
    while harness.now < end {
        let id = harness.get();
        harness.receive_result(conn, id);
        outputs.extend(harness.advance(9_000.min(end - harness.now)));
    }
    outputs
}

#[test]
fn program_that_does_not_respond_is_asked_again_after_thirty_seconds() {
    let (mut harness, conn) = connected_with("t1", 120_000);
    let outputs = keep_busy(&mut harness, conn, 90_000);
    assert_eq!(token_requests(&outputs), 1);
    assert_eq!(
        token_requests(&keep_busy(&mut harness, conn, 29_999)),
        0,
        "only one request for a token is pending at a time"
    );
    assert_eq!(token_requests(&harness.advance(1)), 1);
}

#[test]
fn unused_token_is_not_renewed_until_the_next_request() {
    let (mut harness, _) = connected_with("t1", 120_000);
    let outputs = harness.advance(3_600_000);
    assert_eq!(token_requests(&outputs), 0, "the idle connection was closed before");
    assert_eq!(harness.engine.deadline(), None);
    harness.get();
    assert_eq!(token_requests(&harness.take_outputs()), 1);
}

#[test]
fn extreme_token_lifetimes_do_not_overflow() {
    let (mut harness, conn) = connected_with("t1", u64::MAX);
    harness.receive(conn, ServerFrame::Authenticated { token_expires_in: Some(0) });
    assert_eq!(token_requests(&harness.take_outputs()), 1);
}

#[test]
fn expired_token_is_replaced_and_pending_requests_are_resent() {
    let (mut harness, conn) = connected_with("t1", 3_600_000);
    let id = harness.request(set_op("Ada"));
    harness.take_outputs();
    harness.receive(conn, error_frame(error(ErrorCode::TokenExpired)));
    harness.input(Input::Closed(conn, 4201));
    assert_eq!(harness.take_outputs(), [Output::NeedToken], "no socket opens with the old token");
    provide(&mut harness, "t2");
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert_eq!(token_of_hello(&outputs).as_deref(), Some("t2"));
    assert_eq!(sent_requests(&outputs, conn), [id]);
}

#[test]
fn pending_token_request_is_not_repeated_when_the_old_token_expires() {
    let (mut harness, conn) = connected_with("t1", 120_000);
    let outputs = keep_busy(&mut harness, conn, 90_000);
    assert_eq!(token_requests(&outputs), 1);
    harness.get();
    harness.take_outputs();
    harness.advance(5_000);
    harness.input(Input::Closed(conn, 4201));
    assert_eq!(harness.take_outputs(), [], "the request for a token is still pending");
    provide(&mut harness, "t2");
    harness.open_socket();
    assert_eq!(token_of_hello(&harness.take_outputs()).as_deref(), Some("t2"));
}

#[test]
fn token_set_while_the_old_one_was_rejected_is_tried_first() {
    for token_source in [true, false] {
        let mut harness = Harness::new(Config { token: Some("old".to_owned()), token_source, ..config() });
        let id = harness.get();
        let conn = harness.open_socket();
        harness.receive(conn, welcome(Some(40_000)));
        harness.take_outputs();
        provide(&mut harness, "new");
        harness.take_outputs();
        harness.input(Input::Closed(conn, 4201));
        let conn = harness.open_socket();
        let outputs = harness.take_outputs();
        assert_eq!(token_of_hello(&outputs).as_deref(), Some("new"));
        assert_eq!(sent_requests(&outputs, conn), [id]);
    }
}

#[test]
fn token_set_during_a_post_is_tried_after_the_old_one_was_rejected() {
    let mut harness =
        Harness::new(Config { token: Some("old".to_owned()), transport: Transport::Http, ..config() });
    harness.get();
    let (conn, _) = match &harness.take_outputs()[..] {
        [Output::Post(conn, _, requests)] => (*conn, requests.len()),
        other => panic!("{other:?}"),
    };
    provide(&mut harness, "new");
    harness.reject_post(conn, error(ErrorCode::TokenExpired));
    let outputs = harness.take_outputs();
    assert!(matches!(&outputs[..], [Output::Post(_, Some(token), _)] if token == "new"), "{outputs:?}");
    let [Output::Post(conn, ..)] = outputs[..] else { panic!() };
    harness.reject_post(conn, error(ErrorCode::NotAuthenticated));
    assert!(
        has(&harness.take_outputs(), |output| matches!(output, Output::Ended(_))),
        "the new token is tried once"
    );
}

#[test]
fn three_rejections_in_a_row_end_the_session_with_delays_between_them() {
    let mut harness = with_source();
    let id = harness.get();
    assert_eq!(harness.take_outputs(), [Output::NeedToken]);
    for rejection in 1..=3 {
        provide(&mut harness, "bad");
        let conn = harness.open_socket();
        harness.take_outputs();
        harness.receive(conn, error_frame(error(ErrorCode::NotAuthenticated)));
        harness.input(Input::Closed(conn, 4200));
        match rejection {
            1 => {
                assert_eq!(harness.take_outputs(), [Output::NeedToken], "the first token may have expired")
            }
            2 => {
                assert_eq!(harness.advance(499), [], "no request for a token before the delay is over");
                assert_eq!(token_requests(&harness.advance(2_000)), 1);
            }
            _ => {
                let outputs = harness.take_outputs();
                assert_eq!(settled(&outputs), [(id, Some(ErrorCode::NotAuthenticated))]);
                let Some(Output::Ended(cause)) = outputs.last() else { panic!("{outputs:?}") };
                assert_eq!(cause.message, "the server's own words");
            }
        }
    }
}

#[test]
fn token_rejected_soon_after_welcome_counts_as_a_rejection_in_a_row() {
    let mut harness = with_source();
    harness.get();
    let mut rejections = 0;
    while !has(&harness.advance(2_000), |output| matches!(output, Output::Ended(_))) {
        rejections += 1;
        assert!(rejections < 10, "the session does not end");
        provide(&mut harness, "cached and stale");
        let conn = harness.open_socket();
        harness.receive(conn, welcome(Some(1)));
        harness.input(Input::Closed(conn, 4201));
    }
    assert_eq!(rejections, 3);
}

#[test]
fn rejections_after_stable_connections_do_not_add_up() {
    let (mut harness, mut conn) = connected_with("t", 3_600_000);
    for _ in 0..5 {
        harness.advance(6_000);
        harness.receive(conn, ServerFrame::Ping);
        harness.get();
        harness.take_outputs();
        harness.input(Input::Closed(conn, 4201));
        assert_eq!(harness.take_outputs(), [Output::NeedToken]);
        provide(&mut harness, "t");
        conn = harness.open_socket();
        harness.receive(conn, welcome(Some(3_600_000)));
        harness.take_outputs();
    }
}

#[test]
fn rejected_token_without_a_source_ends_the_session() {
    for code in [4200, 4201, 4299] {
        let (mut harness, conn) = Harness::connected();
        let id = harness.get();
        harness.take_outputs();
        harness.input(Input::Closed(conn, code));
        let outputs = harness.take_outputs();
        assert_eq!(settled(&outputs).len(), 1, "{code}");
        assert_eq!(settled(&outputs)[0].0, id);
        assert!(matches!(outputs.last(), Some(Output::Ended(_))), "{code}");
    }
}

#[test]
fn failed_token_source_is_asked_again_after_a_delay() {
    let mut harness = with_source();
    harness.get();
    assert_eq!(harness.take_outputs(), [Output::NeedToken]);
    harness.input(Input::TokenFailed("the token service is down".to_owned()));
    assert_eq!(harness.advance(499), []);
    assert_eq!(harness.advance(501), [Output::NeedToken]);
    provide(&mut harness, "t");
    harness.open_socket();
}

#[test]
fn request_that_expires_without_a_token_fails_with_the_cause_and_a_remedy() {
    let mut harness = with_source();
    harness.get();
    let timed_out = only_error(&harness.advance(30_000));
    assert_eq!(timed_out.code, ErrorCode::NotAuthenticated);
    assert_eq!(timed_out.message, "no token was provided in time; call setToken() from onNeedToken");
    harness.get();
    assert_eq!(harness.take_outputs(), [Output::NeedToken], "the next request asks for a token again");
    harness.input(Input::TokenFailed("the token service is down".to_owned()));
    let failed = only_error(&harness.advance(30_000));
    assert_eq!(failed.code, ErrorCode::NotAuthenticated);
    assert!(failed.message.starts_with("the token service is down"), "{failed}");
}

#[test]
fn added_token_source_is_used_and_removed_one_is_not_awaited() {
    let mut harness = Harness::with_defaults();
    harness.get();
    let conn = harness.expect_open();
    harness.input(Input::TokenSource(true));
    assert_eq!(harness.take_outputs(), [Output::NeedToken]);
    harness.input(Input::Opened(conn));
    let outputs = harness.take_outputs();
    assert!(
        matches!(outputs[..], [Output::Close(closed, _)] if closed == conn),
        "no hello without a token: {outputs:?}"
    );
    harness.input(Input::TokenSource(false));
    harness.open_socket();
    assert_eq!(token_of_hello(&harness.take_outputs()), None);
}
