//! The HTTP fallback: when the engine uses it instead of a WebSocket, and how.

use causerie_client::{ConnectionId, HttpFailure, Input, Output};
use causerie_protocol::limits::BATCH_REQUESTS;
use causerie_protocol::{CloseCode, ErrorCode, RequestId};

use crate::support::{Harness, JsonOutput, error, has, ids, sent_requests, set_op, settled};

/// An engine whose socket could not be opened and that has a POST pending.
fn websocket_blocked() -> (Harness, RequestId, ConnectionId) {
    let mut harness = Harness::with_defaults();
    let id = harness.request(set_op("Ada"));
    let conn = harness.expect_open();
    harness.input(Input::Closed(conn, 1006));
    let (conn, posted) = harness.expect_post();
    assert_eq!(posted, [id]);
    (harness, id, conn)
}

fn opens_socket(outputs: &[JsonOutput]) -> bool {
    has(outputs, |output| matches!(output, Output::Open(_)))
}

#[test]
fn socket_closed_while_opening_is_followed_by_post_of_the_same_requests() {
    let (mut harness, id, conn) = websocket_blocked();
    harness.complete_post(conn, &[id]);
    assert_eq!(settled(&harness.take_outputs()), [(id, None)]);
}

#[test]
fn socket_not_open_after_six_seconds_is_replaced_by_post() {
    let mut harness = Harness::with_defaults();
    let id = harness.get();
    let conn = harness.expect_open();
    assert_eq!(harness.advance(5_999), []);
    let outputs = harness.advance(1);
    let [Output::Close(closed, CloseCode::Normal), Output::Post(_, None, requests)] = &outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!((*closed, ids(requests)), (conn, vec![id]));
}

#[test]
fn socket_closed_before_welcome_is_followed_by_post_with_the_same_key() {
    let mut harness = Harness::with_defaults();
    harness.request(set_op("Ada"));
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    let Output::Request(_, before) = &outputs[1] else { panic!("{outputs:?}") };
    harness.input(Input::Closed(conn, 1006));
    let outputs = harness.take_outputs();
    let [Output::Post(_, None, after)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(after[..], *std::slice::from_ref(before));
}

#[test]
fn open_socket_without_welcome_is_replaced_by_post_after_six_seconds() {
    let mut harness = Harness::with_defaults();
    let id = harness.get();
    let conn = harness.open_socket();
    harness.take_outputs();
    assert_eq!(harness.advance(5_999), []);
    let outputs = harness.advance(1);
    let [Output::Close(closed, CloseCode::Silent), Output::Post(_, None, requests)] = &outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!((*closed, ids(requests)), (conn, vec![id]));
}

#[test]
fn server_close_before_welcome_is_not_followed_by_post() {
    for code in [4000, 4100] {
        let mut harness = Harness::with_defaults();
        harness.get();
        let conn = harness.open_socket();
        harness.take_outputs();
        harness.input(Input::Closed(conn, code));
        assert_eq!(harness.take_outputs(), [], "{code}: the server is reachable and asked for a delay");
    }
}

#[test]
fn http_is_used_for_one_minute_before_the_next_socket_is_tried() {
    let (mut harness, id, conn) = websocket_blocked();
    harness.complete_post(conn, &[id]);
    harness.take_outputs();
    harness.advance(59_999);
    let id = harness.get();
    let (conn, posted) = harness.expect_post();
    assert_eq!(posted, [id]);
    harness.complete_post(conn, &[id]);
    harness.take_outputs();
    harness.advance(1);
    harness.get();
    harness.expect_open();
}

#[test]
fn failed_post_is_followed_by_a_delay_and_a_socket() {
    let (mut harness, id, conn) = websocket_blocked();
    harness.input(Input::PostFailed(conn, HttpFailure::Network));
    assert_eq!(harness.take_outputs(), []);
    assert_eq!(harness.advance(499), []);
    let outputs = harness.advance(501);
    let [Output::Open(next)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(next));
    assert_eq!(sent_requests(&harness.take_outputs(), next), [id]);
}

#[test]
fn post_without_response_is_aborted_and_its_late_results_ignored() {
    let (mut harness, id, conn) = websocket_blocked();
    let outputs = harness.advance(15_000);
    assert_eq!(outputs, [Output::AbortPost(conn)]);
    harness.complete_post(conn, &[id]);
    assert_eq!(harness.take_outputs(), []);
    assert!(opens_socket(&harness.advance(1_000)));
}

#[test]
fn post_with_missing_results_is_repeated_for_the_rest_after_a_delay() {
    let mut harness = Harness::http();
    let first = harness.get();
    let (conn, _) = harness.expect_post();
    let (second, third) = (harness.get(), harness.get());
    assert_eq!(harness.take_outputs(), [], "one POST at a time");
    harness.complete_post(conn, &[first]);
    let outputs = harness.take_outputs();
    assert_eq!(settled(&outputs), [(first, None)]);
    let [_, Output::Post(conn, None, requests)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(ids(requests), [second, third]);
    let conn = *conn;
    harness.complete_post(conn, &[second]);
    assert_eq!(settled(&harness.take_outputs()), [(second, None)]);
    let outputs = harness.advance(1_000);
    assert!(
        matches!(&outputs[..], [Output::Post(_, None, requests)] if ids(requests) == [third]),
        "{outputs:?}"
    );
}

#[test]
fn http_transport_never_opens_a_socket() {
    let mut harness = Harness::http();
    for attempt in 0..40 {
        harness.get();
        let mut outputs = harness.advance(3_000);
        while let Some(Output::Post(conn, _, requests)) = outputs.pop() {
            match attempt % 4 {
                0 => harness.complete_post(conn, &ids(&requests)),
                1 => harness.input(Input::PostFailed(conn, HttpFailure::Network)),
                2 => harness.reject_post(conn, error(ErrorCode::ServerError)),
                _ => harness.input(Input::PostFailed(conn, HttpFailure::Status(502))),
            }
            assert!(!opens_socket(&outputs));
        }
        harness.input(Input::Wake);
        harness.input(Input::Suspend);
        harness.input(Input::Wake);
        assert!(!opens_socket(&harness.take_outputs()));
    }
    assert!(!opens_socket(&harness.advance(600_000)));
}

#[test]
fn many_requests_are_posted_in_sequential_batches_of_up_to_a_hundred() {
    let mut harness = Harness::http();
    let request_ids: Vec<RequestId> = (0..250).map(|_| harness.get()).collect();
    let (conn, first) = harness.expect_post();
    assert_eq!(first, request_ids[..1], "the first is sent immediately");
    harness.complete_post(conn, &first);
    let mut posted = first;
    while posted.len() < request_ids.len() {
        let outputs = harness.take_outputs();
        let Some(Output::Post(conn, None, requests)) = outputs.last() else { panic!("{outputs:?}") };
        assert!(requests.len() <= BATCH_REQUESTS);
        posted.extend(ids(requests));
        harness.complete_post(*conn, &ids(requests));
    }
    assert_eq!(posted, request_ids);
}

#[test]
fn too_large_batch_is_halved_and_size_doubles_after_each_success() {
    let mut harness = Harness::http();
    let first = harness.get();
    let (conn, _) = harness.expect_post();
    let request_ids: Vec<RequestId> = (0..9).map(|_| harness.get()).collect();
    harness.complete_post(conn, &[first]);
    let mut sizes = Vec::new();
    let mut answered = Vec::new();
    while answered.len() < request_ids.len() {
        let outputs = harness.take_outputs();
        let Some(Output::Post(conn, None, requests)) = outputs.last() else { panic!("{outputs:?}") };
        sizes.push(requests.len());
        if requests.len() > 2 && sizes.len() < 6 {
            harness.reject_post(*conn, error(ErrorCode::TooLarge));
        } else {
            answered.extend(ids(requests));
            harness.complete_post(*conn, &ids(requests));
        }
    }
    assert_eq!(sizes, [9, 4, 2, 4, 2, 4, 1], "halved immediately, doubled after each success");
    assert_eq!(answered, request_ids);
}

#[test]
fn too_large_single_request_fails_and_the_others_proceed() {
    let mut harness = Harness::http();
    let large = harness.request(set_op("large"));
    let (conn, _) = harness.expect_post();
    let small = harness.get();
    harness.reject_post(conn, error(ErrorCode::TooLarge));
    let outputs = harness.take_outputs();
    assert_eq!(settled(&outputs), [(large, Some(ErrorCode::TooLarge))]);
    assert!(
        matches!(&outputs[..], [_, Output::Post(_, None, requests)] if ids(requests) == [small]),
        "{outputs:?}"
    );
}

#[test]
fn retryable_rejection_is_retried_after_the_requested_delay() {
    for (code, retry_after, least) in [
        (ErrorCode::RateLimited, Some(8_000), 8_500),
        (ErrorCode::RateLimited, Some(200), 700),
        (ErrorCode::RateLimited, None, 5_500),
        (ErrorCode::ServerError, None, 500),
        (ErrorCode::Offline, None, 500),
    ] {
        let mut harness = Harness::http();
        let id = harness.get();
        let (conn, _) = harness.expect_post();
        let rejection = retry_after.map_or(error(code), |after| error(code).after(after));
        harness.reject_post(conn, rejection);
        assert_eq!(harness.advance(least - 1), [], "{code:?}");
        let outputs = harness.advance(501);
        assert!(
            matches!(&outputs[..], [Output::Post(_, None, requests)] if ids(requests) == [id]),
            "{code:?}: {outputs:?}"
        );
    }
}
