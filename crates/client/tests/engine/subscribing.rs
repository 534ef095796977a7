//! Subscriptions on one connection: how they are requested, which frames are delivered, how they end, and how
//! they affect the connection.

use causerie_client::{Config, Input, Output};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::SUBSCRIPTIONS;
use causerie_protocol::topic::Window;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, ServerFrame};

use crate::support::{
    Harness, config, conversations, delivered, ended, error, error_frame, events, has, messages, reset,
    sent_ids, sent_subscriptions, set_op, settled, update, welcome,
};

#[test]
fn subscription_opens_a_socket_and_follows_hello() {
    let mut harness = Harness::with_defaults();
    let id = harness.engine.subscribe(harness.now, messages("c"), Some(50)).unwrap();
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    let [Output::Hello(..), Output::Subscribe(on, subscribe)] = &outputs[..] else { panic!("{outputs:?}") };
    let window = Some(Window { limit: 50 });
    assert_eq!(*subscribe, Subscribe { id, topic: messages("c"), window, from: None });
    assert_eq!(*on, conn);
}

#[test]
fn frames_are_delivered_in_order_under_the_id_of_the_subscription() {
    let (mut harness, conn) = Harness::connected();
    let (a, b) = (harness.subscribe(messages("c")), harness.subscribe(conversations()));
    harness.take_outputs();
    let frames = [
        reset(b, None),
        reset(a, Some(5)),
        events(a, Some(5), Some(7)),
        update(),
        events(b, None, None),
        events(a, Some(7), Some(8)),
        reset(a, Some(20)),
        events(a, Some(20), Some(21)),
        reset(a, None),
        reset(a, Some(3)),
    ];
    for frame in frames.clone() {
        harness.receive(conn, frame);
    }
    assert_eq!(harness.take_outputs(), frames.map(Output::Deliver));
}

#[test]
fn requests_and_subscriptions_share_one_id_sequence_and_are_sent_in_its_order() {
    let mut harness = Harness::with_defaults();
    let request_ids = [
        harness.get(),
        harness.subscribe(messages("a")),
        harness.request(set_op("Ada")),
        harness.subscribe(messages("b")),
        harness.subscribe(conversations()),
        harness.get(),
    ];
    assert!(request_ids.is_sorted_by(|a, b| a < b), "{request_ids:?}");
    let conn = harness.open_socket();
    assert_eq!(sent_ids(&harness.take_outputs(), conn), request_ids);
}

#[test]
fn after_unsubscribe_late_frames_are_not_delivered() {
    let (mut harness, conn, id) = Harness::subscribed();
    let other = harness.subscribe(conversations());
    harness.take_outputs();
    harness.unsubscribe(id);
    assert_eq!(harness.take_outputs(), [Output::Unsubscribe(conn, id)]);
    harness.unsubscribe(id);
    for frame in [
        reset(id, Some(9)),
        events(id, Some(5), Some(6)),
        events(id, Some(9), Some(9)),
        ended(id, error(ErrorCode::InvalidArgument)),
        ended(id, error(ErrorCode::ServerError)),
        reset(0, None),
        events(4_000_000, None, None),
    ] {
        harness.receive(conn, frame);
    }
    assert_eq!(
        harness.advance_with_pings(conn, 60_000),
        [],
        "a second unsubscribe and late frames have no effect"
    );
    harness.receive(conn, reset(other, None));
    assert_eq!(delivered(&harness.take_outputs()).len(), 1);
}

#[test]
fn subscription_cancelled_before_it_was_sent_is_never_sent() {
    let mut harness = Harness::with_defaults();
    let id = harness.subscribe(messages("c"));
    let conn = harness.expect_open();
    harness.unsubscribe(id);
    let active = harness.subscribe(messages("c"));
    harness.input(Input::Opened(conn));
    let outputs = harness.take_outputs();
    assert_eq!(sent_ids(&outputs, conn), [active]);
    assert!(!has(&outputs, |output| matches!(output, Output::Unsubscribe(..))));
}

#[test]
fn connection_with_subscription_never_becomes_idle() {
    let (mut harness, conn, _) = Harness::subscribed();
    assert_eq!(harness.advance_with_pings(conn, 600_000), []);
    assert!(harness.has_open_socket());
}

#[test]
fn socket_closes_thirty_seconds_after_the_last_unsubscribe_without_a_deadline_left() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.advance_with_pings(conn, 600_000);
    harness.unsubscribe(id);
    assert_eq!(harness.take_outputs(), [Output::Unsubscribe(conn, id)]);
    assert_eq!(harness.advance_with_pings(conn, 29_999), []);
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
    assert_eq!(harness.engine.deadline(), None);
    let id = harness.subscribe(messages("c"));
    let conn = harness.open_socket();
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id], "the next subscription reopens it");
}

#[test]
fn pending_request_keeps_the_socket_after_the_last_unsubscribe() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.advance_with_pings(conn, 10_000);
    let request = harness.get();
    harness.unsubscribe(id);
    harness.take_outputs();
    harness.advance_with_pings(conn, 29_000);
    harness.receive_result(conn, request);
    assert_eq!(settled(&harness.take_outputs()), [(request, None)]);
    assert_eq!(harness.advance_with_pings(conn, 29_999), []);
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn updates_are_delivered_only_while_there_is_a_subscription() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.receive(conn, update());
    assert_eq!(delivered(&harness.take_outputs()), [update()]);
    harness.unsubscribe(id);
    harness.take_outputs();
    harness.receive(conn, update());
    assert_eq!(harness.take_outputs(), []);
}

#[test]
fn permanent_end_is_delivered_once_and_not_requested_again() {
    let (mut harness, conn, id) = Harness::subscribed();
    let filtered = harness.subscribe(conversations());
    harness.take_outputs();
    let error = ErrorBody::invalid("filter", "means nothing");
    harness.receive(conn, ended(filtered, error.clone()));
    assert_eq!(harness.take_outputs(), [Output::Deliver(ended(filtered, error.clone()))]);
    harness.receive(conn, ended(filtered, error));
    harness.receive(conn, reset(filtered, None));
    harness.unsubscribe(filtered);
    assert_eq!(harness.take_outputs(), [], "neither a second end nor an unsubscribe");
    harness.input(Input::Closed(conn, 1006));
    let outputs = harness.advance(1_000);
    let Some(Output::Open(conn)) = outputs.last() else { panic!("{outputs:?}") };
    harness.input(Input::Opened(*conn));
    assert_eq!(sent_ids(&harness.take_outputs(), *conn), [id]);
}

#[test]
fn rejected_subscription_counts_as_use_of_the_connection() {
    let (mut harness, conn) = Harness::connected();
    harness.advance_with_pings(conn, 29_000);
    let id = harness.subscribe(conversations());
    harness.receive(conn, ended(id, error(ErrorCode::InvalidArgument)));
    harness.take_outputs();
    assert_eq!(harness.advance_with_pings(conn, 29_999), []);
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn temporary_end_is_retried_after_a_delay_and_not_delivered() {
    for code in [ErrorCode::ServerError, ErrorCode::RateLimited, ErrorCode::Offline] {
        let (mut harness, conn, id) = Harness::subscribed();
        harness.receive(conn, ended(id, error(code)));
        assert_eq!(harness.advance(499), [], "{code:?}");
        let outputs = harness.advance(501);
        let [retry] = &sent_subscriptions(&outputs, conn)[..] else { panic!("{outputs:?}") };
        assert_eq!((outputs.len(), &retry.topic), (1, &messages("c")));
        assert_eq!(retry.from.as_ref().map(|from| from.seq), Some(5), "the retry has the position reached");
        assert_ne!(retry.id, id);
        harness.receive(conn, events(retry.id, Some(5), Some(6)));
        assert_eq!(
            harness.take_outputs(),
            [Output::Deliver(events(id, Some(5), Some(6)))],
            "under the driver's id"
        );
        harness.receive(conn, events(id, Some(6), Some(7)));
        assert_eq!(harness.take_outputs(), [], "frames with the old wire_id id are ignored");
    }
}

#[test]
fn retry_after_of_an_ended_frame_is_respected() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.receive(conn, ended(id, error(ErrorCode::RateLimited).after(60_000)));
    let active = harness.subscribe(conversations());
    harness.receive(conn, reset(0, Some(9)));
    let outputs = harness.advance_with_pings(conn, 60_000);
    assert_eq!(delivered(&outputs), [], "a subscription without wire_id id matches no frame");
    assert_eq!(sent_ids(&outputs, conn), [active]);
    let outputs = harness.advance(1_000);
    assert_eq!(sent_subscriptions(&outputs, conn).len(), 1);
}

#[test]
fn retry_delays_of_a_subscription_grow_and_are_reset_once_it_is_stable() {
    let (mut harness, conn, id) = Harness::subscribed();
    let mut wire_id = id;
    let end_and_await_retry = |harness: &mut Harness, wire_id: u32| {
        harness.receive(conn, ended(wire_id, error(ErrorCode::ServerError)));
        let start = harness.now;
        while harness.now < start + 21_000 {
            let outputs = harness.advance(100);
            harness.receive(conn, ServerFrame::Ping);
            if let [retry] = &sent_subscriptions(&outputs, conn)[..] {
                return (retry.id, harness.now - start);
            }
        }
        panic!("never requested retry");
    };
    let mut delays = Vec::new();
    for _ in 0..40 {
        let delay;
        (wire_id, delay) = end_and_await_retry(&mut harness, wire_id);
        harness.receive(conn, reset(wire_id, Some(6)));
        delays.push(delay);
    }
    assert!(delays[0] <= 1_000, "{delays:?}");
    assert!(delays[10..].iter().any(|delay| *delay > 10_000), "{delays:?}");
    harness.advance_with_pings(conn, 5_000);
    let (_, delay) = end_and_await_retry(&mut harness, wire_id);
    assert!(delay <= 1_000, "{delay} ms, though it was stable for five seconds");
}

#[test]
fn subscription_waiting_for_its_retry_can_be_cancelled() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.receive(conn, ended(id, error(ErrorCode::ServerError)));
    harness.unsubscribe(id);
    let outputs = harness.advance_with_pings(conn, 29_999);
    assert_eq!(outputs, [], "the server has ended it, so no unsubscribe is sent");
    assert_eq!(harness.advance(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn subscription_over_the_limit_is_rejected() {
    let mut harness = Harness::with_defaults();
    let request_ids: Vec<_> = (0..SUBSCRIPTIONS).map(|_| harness.subscribe(conversations())).collect();
    let error = harness.engine.subscribe(harness.now, conversations(), None).unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert!(error.message.contains("unsubscribe"), "{error}");
    harness.unsubscribe(request_ids[3]);
    harness.subscribe(conversations());
    let conn = harness.open_socket();
    assert_eq!(sent_ids(&harness.take_outputs(), conn).len(), SUBSCRIPTIONS);
}

#[test]
fn ten_thousand_sequential_subscriptions_leave_no_state_behind() {
    let (mut harness, conn) = Harness::connected();
    for _ in 0..10_000 {
        let id = harness.subscribe(messages("c"));
        harness.receive(conn, reset(id, Some(1)));
        harness.unsubscribe(id);
        harness.take_outputs();
    }
    let full: Vec<_> = (0..SUBSCRIPTIONS).map(|_| harness.subscribe(conversations())).collect();
    assert_eq!(sent_ids(&harness.take_outputs(), conn), full);
}

#[test]
fn unsendable_subscription_is_ended_once_and_the_others_proceed() {
    let mut harness = Harness::with_defaults();
    let (large, small) = (harness.subscribe(conversations()), harness.subscribe(messages("c")));
    let conn = harness.open_socket();
    harness.take_outputs();
    let too_large = error(ErrorCode::TooLarge);
    harness.input(Input::Unsendable(large, too_large.clone()));
    harness.input(Input::Unsendable(large, too_large.clone()));
    assert_eq!(harness.take_outputs(), [Output::Deliver(ended(large, too_large))], "once");
    harness.receive(conn, welcome(None));
    harness.receive(conn, reset(small, Some(1)));
    assert_eq!(harness.take_outputs(), [Output::Deliver(reset(small, Some(1)))]);
}

#[test]
fn end_of_session_ends_every_subscription_with_its_error_and_then_ends_once() {
    let (mut harness, conn, id) = Harness::subscribed();
    let request = harness.get();
    let waiting = harness.subscribe(conversations());
    harness.receive(conn, ended(waiting, error(ErrorCode::ServerError)));
    let unsent = harness.subscribe(messages("d"));
    harness.take_outputs();
    let cause = error(ErrorCode::NotFound);
    harness.receive(conn, error_frame(cause.clone()));
    harness.input(Input::Closed(conn, 4404));
    let outputs = harness.take_outputs();
    assert_eq!(settled(&outputs), [(request, Some(ErrorCode::NotFound))]);
    assert_eq!(delivered(&outputs), [id, waiting, unsent].map(|id| ended(id, cause.clone())));
    assert_eq!(outputs.last(), Some(&Output::Ended(cause)));
    harness.unsubscribe(id);
    harness.engine.set_window(id, 40);
    harness.receive(conn, reset(id, Some(6)));
    assert_eq!((harness.take_outputs(), harness.engine.deadline()), (Vec::new(), None));
    let error = harness.engine.subscribe(harness.now, messages("c"), None).unwrap_err();
    assert_eq!(error.code, ErrorCode::SessionEnded);
}

#[test]
fn subscription_waits_for_the_first_token() {
    let mut harness = Harness::new(Config { token_source: true, ..config() });
    let id = harness.subscribe(messages("c"));
    assert_eq!(harness.take_outputs(), [Output::NeedToken]);
    harness.input(Input::Token("t".to_owned()));
    let conn = harness.open_socket();
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [id]);
}
