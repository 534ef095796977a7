//! How the engine detects a lost connection, and when it opens the next one.

use causerie_client::{ConnectionId, HttpFailure, Input, Millis, Output};
use causerie_protocol::{CloseCode, ErrorCode, ServerFrame};

use crate::support::{
    Harness, JsonOutput, error, error_frame, has, messages, sent_ids, sent_requests, set_op, settled, welcome,
};

fn opens_socket(outputs: &[JsonOutput]) -> bool {
    has(outputs, |output| matches!(output, Output::Open(_)))
}

/// Returns the time until the engine opens another socket, and that socket.
fn wait_for_socket(harness: &mut Harness) -> (Millis, ConnectionId) {
    let start = harness.now;
    for _ in 0..1_000 {
        for output in harness.take_outputs() {
            match output {
                Output::Open(conn) => return (harness.now - start, conn),
                Output::Post(conn, ..) => panic!("expected Open, got POST {conn}"),
                _ => {}
            }
        }
        harness.now = harness.engine.deadline().expect("a pending request has a deadline");
        harness.input(Input::Tick);
    }
    panic!("no socket was opened");
}

#[test]
fn after_disconnect_pending_requests_are_resent_with_the_same_ids_and_keys() {
    let (mut harness, conn) = Harness::connected();
    let request_ids = [harness.request(set_op("a")), harness.get(), harness.request(set_op("b"))];
    let before: Vec<_> = harness.take_outputs();
    harness.receive_result(conn, request_ids[0]);
    harness.take_outputs();
    harness.input(Input::Closed(conn, 1006));
    let (_, next) = wait_for_socket(&mut harness);
    harness.input(Input::Opened(next));
    let after = harness.take_outputs();
    assert_eq!(sent_requests(&after, next), request_ids[1..]);
    let requests = |outputs: Vec<JsonOutput>| -> Vec<_> {
        outputs
            .into_iter()
            .filter_map(|output| match output {
                Output::Request(_, request) => Some(request),
                _ => None,
            })
            .collect()
    };
    assert_eq!(requests(after), requests(before)[1..], "the requests are unchanged");
}

#[test]
fn socket_is_replaced_after_thirty_five_seconds_without_a_frame() {
    let (mut harness, conn, id) = Harness::subscribed();
    let outputs = harness.advance(34_999);
    assert_eq!(outputs, []);
    let outputs = harness.advance(1);
    let [Output::Close(old, CloseCode::Silent), Output::Open(next)] = outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!(old, conn);
    harness.input(Input::Opened(next));
    assert_eq!(sent_ids(&harness.take_outputs(), next), [id]);
}

#[test]
fn unanswered_request_probes_a_half_open_socket_and_gets_its_result_on_the_next_one() {
    let (mut harness, conn) = Harness::connected();
    let id = harness.request(set_op("Ada"));
    let outputs = harness.take_outputs();
    let [Output::Request(_, before)] = &outputs[..] else { panic!("{outputs:?}") };
    harness.advance(3_000);
    harness.get();
    harness.take_outputs();
    assert_eq!(harness.advance(1_999), []);
    assert_eq!(harness.advance(1), [Output::Ping(conn)], "five seconds after the oldest request");
    assert_eq!(harness.advance(3_999), [], "one probe at a time");
    let outputs = harness.advance(1);
    let [Output::Close(old, CloseCode::Silent), Output::Open(next)] = outputs[..] else {
        panic!("{outputs:?}")
    };
    assert_eq!(old, conn);
    harness.input(Input::Opened(next));
    let outputs = harness.take_outputs();
    let after = outputs.iter().find_map(|output| match output {
        Output::Request(_, request) if request.id == id => Some(request),
        _ => None,
    });
    assert_eq!(after, Some(before), "the same request with the same key");
    harness.receive(next, welcome(None));
    harness.receive_result(next, id);
    assert_eq!(settled(&harness.take_outputs()), [(id, None)]);
}

#[test]
fn unanswered_subscription_probes_a_half_open_socket() {
    let (mut harness, conn) = Harness::connected();
    harness.subscribe(messages("c"));
    harness.take_outputs();
    assert_eq!(harness.advance(4_999), []);
    assert_eq!(harness.advance(1), [Output::Ping(conn)]);
    let outputs = harness.advance(4_000);
    assert!(matches!(outputs[..], [Output::Close(old, CloseCode::Silent), Output::Open(_)] if old == conn));
}

#[test]
fn slow_server_that_answers_probes_keeps_the_socket() {
    let (mut harness, conn) = Harness::connected();
    let id = harness.get();
    harness.take_outputs();
    for _ in 0..5 {
        assert_eq!(harness.advance(5_000), [Output::Ping(conn)]);
        harness.receive(conn, ServerFrame::Pong);
    }
    harness.receive_result(conn, id);
    assert_eq!(settled(&harness.take_outputs()), [(id, None)]);
    assert_eq!(harness.advance(29_999), [], "nothing is probed without a pending request");
}

#[test]
fn each_connection_and_call_has_a_higher_generation_than_the_ones_before() {
    let mut harness = Harness::with_defaults();
    harness.get();
    let mut generations = Vec::new();
    for _ in 0..3 {
        let conn = harness.expect_open();
        harness.input(Input::Opened(conn));
        let hello = harness.take_outputs().into_iter().find_map(|output| match output {
            Output::Hello(_, hello) => hello.generation,
            _ => None,
        });
        generations.push(hello.unwrap());
        harness.input(Input::Closed(conn, 1006));
        let (call, _) = harness.expect_post();
        generations.push(call);
        harness.input(Input::PostFailed(call, HttpFailure::Network));
        harness.input(Input::Wake);
    }
    assert!(generations.is_sorted_by(|one, next| one < next), "{generations:?}");
}

#[test]
fn any_frame_postpones_the_silence_timeout() {
    let (mut harness, conn, _) = Harness::subscribed();
    for frame in [ServerFrame::Ping, ServerFrame::Pong, ServerFrame::Authenticated { token_expires_in: None }]
    {
        harness.advance(9_000);
        harness.receive(conn, frame);
    }
    harness.input(Input::UnknownFrame(conn));
    let outputs = harness.advance(34_999);
    assert!(!has(&outputs, |output| matches!(output, Output::Close(..))), "{outputs:?}");
    let outputs = harness.advance(1);
    assert!(matches!(outputs[..], [Output::Close(old, CloseCode::Silent), ..] if old == conn), "{outputs:?}");
}

#[test]
fn wake_probes_an_open_socket_once_and_replaces_it_without_a_response() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.take_outputs();
    harness.input(Input::Wake);
    harness.input(Input::Wake);
    assert_eq!(harness.take_outputs(), [Output::Ping(conn)], "one probe at a time");
    assert_eq!(harness.advance(3_999), []);
    let outputs = harness.advance(1);
    assert!(matches!(outputs[..], [Output::Close(old, CloseCode::Silent), Output::Open(_)] if old == conn));
}

#[test]
fn answered_probe_keeps_the_socket() {
    let (mut harness, conn, _) = Harness::subscribed();
    harness.input(Input::Wake);
    harness.take_outputs();
    harness.advance(2_000);
    harness.receive(conn, ServerFrame::Pong);
    assert_eq!(harness.advance(20_000), []);
    harness.input(Input::Wake);
    assert_eq!(harness.take_outputs(), [Output::Ping(conn)], "the next wake probes again");
}

#[test]
fn socket_past_its_silence_timeout_is_replaced_on_wake_without_a_probe() {
    let (mut harness, conn) = Harness::connected();
    harness.now += 20_000;
    harness.get();
    harness.take_outputs();
    harness.now += 16_000;
    harness.input(Input::Wake);
    let outputs = harness.take_outputs();
    assert!(
        matches!(outputs[..], [Output::Close(old, CloseCode::Silent), Output::Open(_)] if old == conn),
        "{outputs:?}"
    );
}

#[test]
fn inputs_about_a_replaced_socket_are_ignored() {
    let (mut harness, old) = Harness::connected();
    let id = harness.get();
    harness.input(Input::Wake);
    harness.take_outputs();
    let outputs = harness.advance(4_000);
    let Some(Output::Open(next)) = outputs.last() else { panic!("{outputs:?}") };
    let next = *next;
    harness.receive_result(old, id);
    harness.input(Input::Closed(old, 4404));
    harness.input(Input::Opened(old));
    harness.input(Input::UnknownFrame(old));
    assert_eq!(harness.take_outputs(), []);
    harness.input(Input::Opened(next));
    assert_eq!(sent_requests(&harness.take_outputs(), next), [id]);
}

#[test]
fn second_closed_input_is_ignored() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.take_outputs();
    harness.input(Input::Closed(conn, 1006));
    harness.input(Input::Closed(conn, 1006));
    let (_, next) = wait_for_socket(&mut harness);
    assert_ne!(next, conn, "a new socket");
}

#[test]
fn delays_grow_while_connections_fail_soon_after_welcome() {
    let (mut harness, mut conn) = Harness::connected();
    harness.get();
    harness.take_outputs();
    let mut delays = Vec::new();
    for _ in 0..14 {
        harness.receive(conn, welcome(None));
        harness.advance(1_000);
        harness.input(Input::Closed(conn, 1006));
        let (delay, next) = wait_for_socket(&mut harness);
        delays.push(delay);
        conn = next;
        harness.input(Input::Opened(conn));
        harness.take_outputs();
        harness.get();
    }
    assert!(delays[0] < 1_000, "{delays:?}");
    assert!(delays[1..].iter().all(|delay| (500..=20_000).contains(delay)), "{delays:?}");
    assert!(
        delays[6..].iter().any(|delay| *delay > 5_000),
        "welcome alone does not reset the backoff: {delays:?}"
    );
}

#[test]
fn delays_are_short_again_after_a_stable_connection() {
    for frame_before_close in [true, false] {
        let (mut harness, mut conn) = Harness::connected();
        for _ in 0..12 {
            harness.get();
            harness.input(Input::Closed(conn, 1006));
            let (_, next) = wait_for_socket(&mut harness);
            conn = next;
            harness.input(Input::Opened(conn));
            harness.receive(conn, welcome(None));
        }
        harness.advance(5_000);
        if frame_before_close {
            harness.receive(conn, ServerFrame::Ping);
        }
        harness.get();
        harness.take_outputs();
        harness.input(Input::Closed(conn, 1006));
        let (delay, _) = wait_for_socket(&mut harness);
        assert!(delay < 1_000, "{delay} ms (frame before close: {frame_before_close})");
    }
}

#[test]
fn retry_close_codes_lead_to_a_short_delay_and_the_same_requests() {
    for code in [1000, 1001, 1006, 1011, 1012, 3000, 4000, 4001, 4002, 4003, 4077, 4300, 4999] {
        let (mut harness, conn) = Harness::connected();
        let id = harness.get();
        harness.take_outputs();
        harness.input(Input::Closed(conn, code));
        let (delay, next) = wait_for_socket(&mut harness);
        assert!((100..300).contains(&delay), "{code}: {delay} ms");
        harness.input(Input::Opened(next));
        assert_eq!(sent_requests(&harness.take_outputs(), next), [id], "{code}");
    }
}

#[test]
fn retry_later_close_codes_lead_to_the_requested_delay_and_at_least_five_seconds() {
    for (code, retry_after, least) in [
        (4100, Some(12_000), 12_000),
        (4101, Some(7_000), 7_000),
        (4100, Some(3), 5_000),
        (4199, None, 5_000),
    ] {
        let (mut harness, conn) = Harness::connected();
        harness.get();
        harness.take_outputs();
        if let Some(retry_after) = retry_after {
            harness.receive(conn, error_frame(error(ErrorCode::RateLimited).after(retry_after)));
        }
        harness.input(Input::Closed(conn, code));
        harness.input(Input::Wake);
        assert!(
            !opens_socket(&harness.take_outputs()),
            "{code}: a wake does not shorten a delay that the server requested"
        );
        let (delay, _) = wait_for_socket(&mut harness);
        assert!((least + 500..least + 1_000).contains(&delay), "{code}: {delay} ms");
    }
}

#[test]
fn retry_after_of_one_connection_does_not_apply_to_the_next() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.receive(conn, error_frame(error(ErrorCode::RateLimited).after(9_000)));
    harness.input(Input::Closed(conn, 4100));
    let (_, next) = wait_for_socket(&mut harness);
    harness.input(Input::Opened(next));
    harness.receive(next, welcome(None));
    harness.take_outputs();
    harness.input(Input::Closed(next, 4100));
    let (delay, _) = wait_for_socket(&mut harness);
    assert!(delay < 7_000, "{delay} ms");
}

#[test]
fn wake_ends_a_delay_that_the_server_did_not_request() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.input(Input::Closed(conn, 1006));
    harness.take_outputs();
    harness.input(Input::Wake);
    assert!(opens_socket(&harness.take_outputs()));
}

#[test]
fn lost_connection_is_not_replaced_without_a_request() {
    let (mut harness, conn) = Harness::connected();
    harness.input(Input::Closed(conn, 1006));
    assert_eq!(harness.advance(600_000), []);
    assert_eq!(harness.engine.deadline(), None);
}

#[test]
fn request_made_during_the_delay_is_sent_after_the_earlier_ones() {
    let (mut harness, conn) = Harness::connected();
    let first = harness.get();
    harness.input(Input::Closed(conn, 1006));
    harness.take_outputs();
    let second = harness.get();
    assert_eq!(harness.take_outputs(), []);
    let (_, next) = wait_for_socket(&mut harness);
    harness.input(Input::Opened(next));
    let outputs = harness.take_outputs();
    assert_eq!(sent_requests(&outputs, next), [first, second]);
    assert_eq!(settled(&outputs), []);
}
