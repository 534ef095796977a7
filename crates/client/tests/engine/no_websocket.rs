//! Subscriptions while no socket can be opened: they wait for one, and requests use HTTP.

use causerie_client::{HttpFailure, Input, Output};
use causerie_protocol::ErrorCode;

use crate::support::{
    Harness, delivered, get_op, messages, sent_ids, sent_requests, set_op, settled, welcome,
};

#[test]
fn http_only_session_rejects_subscriptions_and_names_the_option() {
    let mut harness = Harness::http();
    let error = harness.engine.subscribe(harness.now, messages("c"), None).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(error.message.contains("WebSocket") && error.message.contains("transport"), "{error}");
    assert_eq!((harness.take_outputs(), harness.engine.deadline()), (Vec::new(), None));
}

#[test]
fn subscription_waits_for_next_socket_attempt_and_no_empty_batch_is_posted() {
    let mut harness = Harness::with_defaults();
    let id = harness.subscribe(messages("c"));
    let conn = harness.expect_open();
    harness.input(Input::Closed(conn, 1006));
    assert_eq!(harness.advance(59_999), []);
    let outputs = harness.advance(1);
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id]);
}

#[test]
fn requests_use_http_until_a_socket_opens_for_the_subscription() {
    let mut harness = Harness::with_defaults();
    let id = harness.subscribe(messages("c"));
    let conn = harness.expect_open();
    harness.input(Input::Closed(conn, 1006));
    let request = harness.request(set_op("Ada"));
    let (conn, posted) = harness.expect_post();
    assert_eq!(posted, [request]);
    harness.complete_post(conn, &[request]);
    assert_eq!(settled(&harness.take_outputs()), [(request, None)]);
    harness.advance(59_999);
    let later = harness.get();
    let (conn, posted) = harness.expect_post();
    assert_eq!(posted, [later]);
    assert_eq!(harness.advance(1_000), [], "one connection at a time");
    harness.complete_post(conn, &[later]);
    let outputs = harness.take_outputs();
    let [Output::Settle(_), Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id]);
}

#[test]
fn socket_is_retried_soon_if_one_was_open_before() {
    let (mut harness, conn, _) = Harness::subscribed();
    harness.input(Input::Closed(conn, 1006));
    let start = harness.now;
    let mut attempts = Vec::new();
    while harness.now < start + 120_000 {
        for output in harness.advance(50) {
            let Output::Open(conn) = output else { panic!("expected Open, got {output:?}") };
            attempts.push(harness.now - start);
            harness.input(Input::Closed(conn, 1006));
        }
    }
    assert!((6..40).contains(&attempts.len()), "too few or too many attempts: {attempts:?}");
    assert!(attempts[1] - attempts[0] <= 1_050, "{attempts:?}");
    let longest = attempts.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(longest.is_some_and(|gap| (5_000..=20_050).contains(&gap)), "{attempts:?}");
    harness.input(Input::Wake);
    let outputs = harness.take_outputs();
    let [Output::Open(conn)] = outputs[..] else { panic!("expected Open after a wake, got {outputs:?}") };
    harness.input(Input::Opened(conn));
    harness.receive(conn, welcome(None));
    harness.take_outputs();
    harness.input(Input::Closed(conn, 1006));
    let outputs = harness.advance(20_000);
    let Some(Output::Open(conn)) = outputs.last() else { panic!("{outputs:?}") };
    harness.input(Input::Closed(*conn, 1006));
    let outputs = harness.advance(1_000);
    assert!(
        matches!(outputs[..], [Output::Open(_)]),
        "the next outage starts with a short delay: {outputs:?}"
    );
}

#[test]
fn successful_post_during_outage_does_not_delay_the_socket_for_a_subscription() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.input(Input::Closed(conn, 1006));
    let request = harness.get();
    let outputs = harness.advance(1_000);
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Closed(conn, 1006));
    let (conn, posted) = harness.expect_post();
    assert_eq!(posted, [request]);
    harness.complete_post(conn, &[request]);
    harness.take_outputs();
    let outputs = harness.advance(1_000);
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id]);
}

#[test]
fn failed_post_is_followed_by_a_socket_with_all_subscriptions_and_requests() {
    let mut harness = Harness::with_defaults();
    let (id, request) = (harness.subscribe(messages("c")), harness.get());
    let conn = harness.expect_open();
    harness.input(Input::Closed(conn, 1006));
    let (conn, _) = harness.expect_post();
    harness.input(Input::PostFailed(conn, HttpFailure::Network));
    let outputs = harness.advance(1_000);
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    let outputs = harness.take_outputs();
    assert_eq!(sent_ids(&outputs, conn), [id, request]);
    assert_eq!(sent_requests(&outputs, conn), [request]);
}

#[test]
fn subscription_never_times_out_without_a_network() {
    let mut harness = Harness::with_defaults();
    let id = harness.subscribe(messages("c"));
    let request = harness.request(get_op("ada"));
    harness.input(Input::Suspend);
    let outputs = harness.advance(86_400_000);
    assert_eq!(settled(&outputs), [(request, Some(ErrorCode::Offline))]);
    assert_eq!(delivered(&outputs), []);
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id]);
}
