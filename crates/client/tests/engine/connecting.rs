//! When the engine opens a connection, and when it closes one.

use causerie_client::{Input, Output};
use causerie_protocol::limits::PENDING_REQUESTS;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, RequestId, ServerFrame, SetUser, UserId};

use crate::support::{Harness, get_op, has, ok, sent_requests, set_op, settled, welcome};

#[test]
fn before_first_request_there_is_no_connection_and_no_deadline() {
    let mut harness = Harness::with_defaults();
    harness.input(Input::Wake);
    harness.input(Input::Token("t".to_owned()));
    assert_eq!(harness.advance(3_600_000), []);
    assert_eq!(harness.engine.deadline(), None);
    assert!(!harness.has_open_socket());
}

#[test]
fn requests_follow_hello_without_waiting_for_welcome_in_their_order() {
    let mut harness = Harness::with_defaults();
    let request_ids = [harness.request(set_op("Ada")), harness.get(), harness.request(set_op("Ada L."))];
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert!(matches!(&outputs[0], Output::Hello(on, hello) if *on == conn && hello.user.as_str() == "ada"));
    assert_eq!(sent_requests(&outputs, conn), request_ids);
    assert_eq!(outputs.len(), 4, "no request waits for welcome");
    let later = harness.get();
    assert_eq!(sent_requests(&harness.take_outputs(), conn), [later], "later requests do not wait either");
}

#[test]
fn results_settle_their_requests_in_order_of_arrival() {
    let mut harness = Harness::with_defaults();
    let (first, second) = (harness.get(), harness.get());
    let conn = harness.open_socket();
    harness.take_outputs();
    harness.receive(conn, welcome(None));
    harness.receive_result(conn, first);
    harness.receive_result(conn, second);
    assert_eq!(harness.take_outputs(), [Output::Settle(ok(first)), Output::Settle(ok(second))]);
    assert!(harness.has_open_socket());
}

#[test]
fn only_writes_have_an_idempotency_key_and_keys_are_unique() {
    let mut harness = Harness::with_defaults();
    for op in [set_op("a"), get_op("ada"), set_op("a")] {
        harness.request(op);
    }
    harness.open_socket();
    let keys: Vec<_> = harness
        .take_outputs()
        .into_iter()
        .filter_map(|output| match output {
            Output::Request(_, request) => Some(request.key),
            _ => None,
        })
        .collect();
    assert!(keys[0].is_some() && keys[1].is_none() && keys[2].is_some());
    assert_ne!(keys[0], keys[2]);
}

#[test]
fn invalid_parameter_is_rejected_before_a_connection_is_opened() {
    let mut harness = Harness::with_defaults();
    let data = SetUser { name: causerie_protocol::Patch::Clear, ..SetUser::default() };
    let op = causerie_protocol::Op::UserSet { user: UserId::new("ada").unwrap(), data };
    let error = harness.engine.request(harness.now, op).unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidArgument, Some("name")));
    assert_eq!(harness.take_outputs(), []);
}

#[test]
fn request_over_the_pending_limit_is_rejected_and_the_others_proceed() {
    let mut harness = Harness::with_defaults();
    let request_ids: Vec<RequestId> = (0..PENDING_REQUESTS).map(|_| harness.get()).collect();
    let error = harness.engine.request(harness.now, get_op("ada")).unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.message.contains("wait"), "{error}");
    let conn = harness.open_socket();
    assert_eq!(sent_requests(&harness.take_outputs(), conn), request_ids);
    harness.receive_result(conn, request_ids[0]);
    harness.take_outputs();
    let next = harness.get();
    assert_eq!(sent_requests(&harness.take_outputs(), conn), [next], "a result frees a slot");
}

#[test]
fn unused_connection_closes_after_thirty_seconds_and_next_request_reopens_it() {
    let (mut harness, conn) = Harness::connected();
    harness.advance(20_000);
    harness.receive(conn, ServerFrame::Ping);
    assert_eq!(harness.advance(9_999), [], "a ping from the server does not count as use");
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
    assert_eq!(harness.engine.deadline(), None, "no timer may keep a process running");
    let id = harness.get();
    let conn = harness.open_socket();
    assert_eq!(sent_requests(&harness.take_outputs(), conn), [id]);
}

#[test]
fn connection_with_pending_request_is_not_idle() {
    let (mut harness, conn) = Harness::connected();
    harness.advance(29_000);
    harness.receive(conn, ServerFrame::Ping);
    let id = harness.get();
    let outputs = harness.advance_with_pings(conn, 29_000);
    assert!(!has(&outputs, |output| matches!(output, Output::Close(..))));
    harness.receive_result(conn, id);
    harness.take_outputs();
    let outputs = harness.advance_with_pings(conn, 29_999);
    assert_eq!(outputs, [], "the result was the last use of the connection");
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn suspended_engine_has_no_socket_and_resends_same_requests_on_wake() {
    let (mut harness, conn) = Harness::connected();
    let id = harness.request(set_op("Ada"));
    let first = harness.take_outputs();
    harness.input(Input::Suspend);
    assert_eq!(harness.take_outputs(), [Output::Close(conn, CloseCode::Normal)]);
    let later = harness.get();
    harness.receive_result(conn, id);
    assert_eq!(harness.advance(10_000), [], "while suspended it opens no socket and ignores the old one");
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert_eq!(sent_requests(&outputs, conn), [id, later]);
    let request = |outputs: &[Output<_>]| {
        outputs.iter().find_map(|output| match output {
            Output::Request(_, request) => Some(request.clone()),
            _ => None,
        })
    };
    assert_eq!(request(&first), request(&outputs), "the same id, key and parameters");
}

#[test]
fn suspending_while_opening_closes_that_socket() {
    let mut harness = Harness::with_defaults();
    let id = harness.get();
    let conn = harness.expect_open();
    harness.input(Input::Suspend);
    assert_eq!(harness.take_outputs(), [Output::Close(conn, CloseCode::Normal)]);
    harness.input(Input::Opened(conn));
    assert_eq!(harness.take_outputs(), []);
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    assert_eq!(sent_requests(&harness.take_outputs(), conn), [id]);
}

#[test]
fn suspended_engine_still_settles_requests_at_their_deadline() {
    let mut harness = Harness::with_defaults();
    let id = harness.get();
    harness.expect_open();
    harness.input(Input::Suspend);
    let outputs = harness.advance(30_000);
    assert_eq!(settled(&outputs), [(id, Some(ErrorCode::Offline))]);
}

#[test]
fn second_opened_input_does_not_send_hello_again() {
    let mut harness = Harness::with_defaults();
    harness.get();
    let conn = harness.open_socket();
    harness.take_outputs();
    harness.input(Input::Opened(conn));
    assert_eq!(harness.take_outputs(), []);
}

#[test]
fn unsendable_request_is_settled_once_and_the_others_proceed() {
    let mut harness = Harness::with_defaults();
    let (large, small) = (harness.request(set_op("large")), harness.get());
    let conn = harness.open_socket();
    harness.take_outputs();
    harness.input(Input::Unsendable(large, ErrorBody::new(ErrorCode::TooLarge, "over 64 KiB")));
    harness.input(Input::Unsendable(large, ErrorBody::new(ErrorCode::TooLarge, "over 64 KiB")));
    assert_eq!(settled(&harness.take_outputs()), [(large, Some(ErrorCode::TooLarge))], "once");
    harness.input(Input::Closed(conn, 1006));
    let (_, posted) = harness.expect_post();
    assert_eq!(posted, [small], "the unsendable request is not sent again");
}

#[test]
fn unknown_frames_and_results_of_unknown_requests_are_ignored() {
    let (mut harness, conn) = Harness::connected();
    harness.input(Input::UnknownFrame(conn));
    harness.receive_result(conn, 4_000_000);
    assert_eq!(harness.take_outputs(), []);
    assert!(harness.has_open_socket());
}
