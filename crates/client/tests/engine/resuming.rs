//! Subscriptions across connections: which are requested new_id, from which position, and that no event is
//! missed, delivered twice or taken from an old connection.

use causerie_client::{Config, ConnectionId, Input, Millis, Output};
use causerie_protocol::topic::{Position, Window};
use causerie_protocol::{CloseCode, ErrorCode, RequestId, ServerFrame};

use crate::support::{
    Harness, JsonOutput, config, conversations, delivered, ended, error, error_frame, events, messages,
    reset, sent_ids, sent_subscriptions, set_op, update, welcome, welcome_to,
};

fn from(epoch: &str, seq: u64) -> Option<Position> {
    Some(Position { epoch: epoch.to_owned(), seq })
}

/// Closes the connection and opens the next socket. Returns the socket and the outputs that follow.
fn reconnect(harness: &mut Harness, conn: ConnectionId) -> (ConnectionId, Vec<JsonOutput>) {
    harness.input(Input::Closed(conn, 1006));
    let mut outputs = harness.take_outputs();
    while outputs.is_empty() {
        harness.now = harness.engine.deadline().unwrap();
        harness.input(Input::Tick);
        outputs = harness.take_outputs();
    }
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    (conn, harness.take_outputs())
}

/// The wire_id id and the position of each subscription that was sent, in order.
fn positions(outputs: &[JsonOutput], conn: ConnectionId) -> Vec<(RequestId, Option<Position>)> {
    sent_subscriptions(outputs, conn).into_iter().map(|subscribe| (subscribe.id, subscribe.from)).collect()
}

#[test]
fn after_disconnect_subscription_resumes_from_its_position() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.receive(conn, events(id, Some(5), Some(8)));
    harness.take_outputs();
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert!(matches!(&outputs[..], [Output::Hello(..), Output::Subscribe(..)]), "{outputs:?}");
    assert_eq!(positions(&outputs, conn), [(id, from("e", 8))]);
    harness.receive(conn, welcome(None));
    harness.receive(conn, events(id, Some(8), Some(9)));
    assert_eq!(harness.take_outputs(), [Output::Deliver(events(id, Some(8), Some(9)))]);
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(positions(&outputs, conn), [(id, from("e", 9))]);
    harness.receive(conn, welcome(None));
    harness.receive(conn, reset(id, Some(900)));
    assert_eq!(
        harness.take_outputs(),
        [Output::Deliver(reset(id, Some(900)))],
        "a reset instead of events is delivered too"
    );
}

#[test]
fn after_disconnect_requests_and_subscriptions_are_resent_in_their_original_order() {
    let (mut harness, conn, first) = Harness::subscribed();
    let write = harness.request(set_op("a"));
    let answered = harness.get();
    let second = harness.subscribe(conversations());
    let cancelled = harness.subscribe(conversations());
    let read = harness.get();
    let third = harness.subscribe(messages("d"));
    harness.receive(conn, reset(second, None));
    harness.receive_result(conn, answered);
    harness.unsubscribe(cancelled);
    harness.take_outputs();
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(sent_ids(&outputs, conn), [first, write, second, read, third]);
    assert_eq!(positions(&outputs, conn), [(first, from("e", 5)), (second, None), (third, None)]);
}

#[test]
fn position_is_discarded_if_the_epoch_changes() {
    let (mut harness, conn, id) = Harness::subscribed();
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(positions(&outputs, conn), [(id, from("e", 5))], "the new epoch is not known yet");
    harness.receive(conn, welcome_to("f", None));
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(positions(&outputs, conn), [(id, None)], "position 5 belongs to the old epoch");
    harness.receive(conn, welcome_to("f", None));
    harness.receive(conn, reset(id, Some(2)));
    harness.take_outputs();
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(positions(&outputs, conn), [(id, from("f", 2))]);
}

#[test]
fn events_after_an_epoch_change_are_a_gap_even_if_the_numbers_match() {
    let (mut harness, conn, id) = Harness::subscribed();
    let (conn, _) = reconnect(&mut harness, conn);
    harness.receive(conn, welcome_to("f", None));
    harness.take_outputs();
    harness.receive(conn, events(id, Some(5), Some(6)));
    let outputs = harness.take_outputs();
    assert_eq!(delivered(&outputs), []);
    assert_eq!(positions(&outputs, conn).iter().map(|(_, from)| from).collect::<Vec<_>>(), [&None]);
}

#[test]
fn gap_resubscribes_without_position_under_a_new_wire_id_and_delivers_under_the_driver_id() {
    for (since, seq) in [(Some(6), Some(7)), (Some(4), Some(6)), (None, None), (None, Some(6))] {
        let (mut harness, conn, id) = Harness::subscribed();
        harness.receive(conn, events(id, since, seq));
        let outputs = harness.take_outputs();
        let [Output::Unsubscribe(on, old_id), Output::Subscribe(_, retry)] = &outputs[..] else {
            panic!("{outputs:?}")
        };
        assert_eq!((*on, *old_id), (conn, id));
        assert_eq!((&retry.topic, &retry.from), (&messages("c"), &None));
        assert!(retry.id > id, "late frames with the old id must not match the new subscription");
        harness.receive(conn, reset(id, Some(6)));
        harness.receive(conn, events(id, Some(6), Some(7)));
        harness.receive(conn, events(retry.id, Some(7), Some(8)));
        assert_eq!(delivered(&harness.take_outputs()), [], "neither late frames nor events before the reset");
    }
    let (mut harness, conn, id) = Harness::subscribed();
    harness.receive(conn, events(id, Some(9), Some(10)));
    let new_id = sent_subscriptions(&harness.take_outputs(), conn)[0].id;
    harness.receive(conn, reset(new_id, Some(10)));
    harness.receive(conn, events(new_id, Some(10), Some(11)));
    let expected = [reset(id, Some(10)), events(id, Some(10), Some(11))];
    assert_eq!(delivered(&harness.take_outputs()), expected);
    harness.unsubscribe(id);
    assert_eq!(harness.take_outputs(), [Output::Unsubscribe(conn, new_id)], "with the new wire_id id only");
}

#[test]
fn events_before_the_reset_of_a_list_are_a_gap_on_every_connection() {
    let (mut harness, conn) = Harness::connected();
    let id = harness.subscribe(conversations());
    harness.receive(conn, reset(id, None));
    harness.receive(conn, events(id, None, None));
    assert_eq!(delivered(&harness.take_outputs()), [reset(id, None), events(id, None, None)]);
    let (conn, _) = reconnect(&mut harness, conn);
    harness.receive(conn, welcome(None));
    harness.receive(conn, events(id, None, None));
    let outputs = harness.take_outputs();
    assert_eq!(delivered(&outputs), [], "the list may have changed in the meantime");
    let new_id = sent_subscriptions(&outputs, conn)[0].id;
    harness.receive(conn, reset(new_id, None));
    assert_eq!(delivered(&harness.take_outputs()), [reset(id, None)]);
}

#[test]
fn repeated_gaps_are_retried_with_growing_delays() {
    let (mut harness, conn, id) = Harness::subscribed();
    let mut wire_id = id;
    let start = harness.now;
    let mut count = 0;
    while harness.now < start + 60_000 {
        harness.receive(conn, events(wire_id, Some(1_000), Some(1_001)));
        let outputs = harness.advance(50);
        if let [retry] = &sent_subscriptions(&outputs, conn)[..] {
            wire_id = retry.id;
            count += 1;
            harness.receive(conn, reset(wire_id, Some(7)));
        }
    }
    assert!((5..40).contains(&count), "{count} retries in a minute");
}

#[test]
fn after_a_gap_the_subscription_is_ordered_by_its_new_wire_id() {
    let (mut harness, conn, id) = Harness::subscribed();
    let other = harness.subscribe(conversations());
    let write = harness.request(set_op("a"));
    harness.take_outputs();
    harness.receive(conn, events(id, Some(9), Some(10)));
    let new_id = sent_subscriptions(&harness.take_outputs(), conn)[0].id;
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(sent_ids(&outputs, conn), [other, write, new_id]);
}

#[test]
fn retry_delay_of_a_subscription_survives_a_reconnect() {
    let (mut harness, conn, id) = Harness::subscribed();
    let other = harness.subscribe(conversations());
    harness.receive(conn, ended(id, error(ErrorCode::RateLimited).after(30_000)));
    harness.take_outputs();
    let (conn, outputs) = reconnect(&mut harness, conn);
    assert_eq!(sent_ids(&outputs, conn), [other]);
    harness.receive(conn, welcome(None));
    let outputs = harness.advance_with_pings(conn, 31_000);
    let [retry] = &sent_subscriptions(&outputs, conn)[..] else { panic!("{outputs:?}") };
    assert_eq!(retry.from, from("e", 5));
}

#[test]
fn subscription_whose_retry_came_due_while_disconnected_is_sent_with_the_others() {
    let (mut harness, conn, id) = Harness::subscribed();
    let other = harness.subscribe(conversations());
    harness.receive(conn, ended(id, error(ErrorCode::ServerError)));
    harness.input(Input::Suspend);
    harness.advance(60_000);
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    let sent = sent_ids(&outputs, conn);
    assert_eq!((sent.len(), sent[0]), (2, other));
    assert_eq!(sent_subscriptions(&outputs, conn)[1].topic, messages("c"));
}

#[test]
fn resubscribing_requests_the_loaded_window_within_the_limits() {
    let (mut harness, conn, id) = Harness::subscribed();
    let mut conn = conn;
    for (loaded, expected) in [(90, 90), (0, 1), (5_000, 1_000)] {
        harness.engine.set_window(id, loaded);
        assert_eq!(harness.take_outputs(), [], "setting the window sends nothing");
        let outputs;
        (conn, outputs) = reconnect(&mut harness, conn);
        assert_eq!(sent_subscriptions(&outputs, conn)[0].window, Some(Window { limit: expected }));
        harness.receive(conn, welcome(None));
        harness.receive(conn, events(id, Some(5), Some(5)));
        harness.take_outputs();
    }
    harness.engine.set_window(4_000_000, 7);
    harness.receive(conn, events(id, Some(9), Some(10)));
    assert_eq!(
        sent_subscriptions(&harness.take_outputs(), conn)[0].window,
        Some(Window { limit: 1_000 }),
        "also after a gap"
    );
}

#[test]
fn frames_of_an_old_connection_are_ignored() {
    let (mut harness, old, id) = Harness::subscribed();
    let (conn, _) = reconnect(&mut harness, old);
    harness.receive(conn, welcome(None));
    harness.take_outputs();
    for frame in [
        events(id, Some(5), Some(6)),
        events(id, Some(9), Some(10)),
        reset(id, Some(6)),
        update(),
        ended(id, error(ErrorCode::InvalidArgument)),
        welcome_to("f", None),
    ] {
        harness.receive(old, frame);
    }
    assert_eq!(harness.take_outputs(), []);
    harness.receive(conn, events(id, Some(5), Some(6)));
    assert_eq!(harness.take_outputs(), [Output::Deliver(events(id, Some(5), Some(6)))]);
}

#[test]
fn subscription_cancelled_while_disconnected_is_not_resent() {
    let (mut harness, conn, id) = Harness::subscribed();
    let remaining = harness.subscribe(conversations());
    harness.take_outputs();
    harness.input(Input::Closed(conn, 1006));
    harness.unsubscribe(id);
    let outputs = harness.advance(1_000);
    let [Output::Open(conn)] = outputs[..] else { panic!("{outputs:?}") };
    harness.input(Input::Opened(conn));
    assert_eq!(sent_ids(&harness.take_outputs(), conn), [remaining]);
}

#[test]
fn cancelling_the_last_subscription_while_disconnected_stops_reconnecting() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.input(Input::Closed(conn, 1006));
    harness.unsubscribe(id);
    assert_eq!(harness.advance(600_000), []);
    assert_eq!(harness.engine.deadline(), None);
}

#[test]
fn suspended_subscription_resumes_from_its_position_on_wake() {
    let (mut harness, conn, id) = Harness::subscribed();
    harness.input(Input::Suspend);
    assert_eq!(harness.take_outputs(), [Output::Close(conn, CloseCode::Normal)]);
    harness.receive(conn, events(id, Some(5), Some(6)));
    assert_eq!(harness.advance(3_600_000), [], "frames of the closed socket are ignored");
    harness.input(Input::Wake);
    let conn = harness.open_socket();
    assert_eq!(positions(&harness.take_outputs(), conn), [(id, from("e", 5))]);
    harness.receive(conn, welcome(None));
    harness.receive(conn, events(id, Some(5), Some(70)));
    assert_eq!(harness.take_outputs(), [Output::Deliver(events(id, Some(5), Some(70)))]);
}

#[test]
fn subscription_resumes_after_a_silent_socket_is_replaced() {
    let (mut harness, conn, id) = Harness::subscribed();
    let silent = |outputs: &[JsonOutput], closed: ConnectionId| match outputs {
        [Output::Close(on, CloseCode::Silent), Output::Open(next)] if *on == closed => *next,
        other => panic!("{other:?}"),
    };
    let outputs = harness.advance(35_000);
    let conn = silent(&outputs, conn);
    harness.input(Input::Opened(conn));
    assert_eq!(positions(&harness.take_outputs(), conn), [(id, from("e", 5))]);
    harness.receive(conn, welcome(None));
    harness.input(Input::Wake);
    assert_eq!(harness.take_outputs(), [Output::Ping(conn)], "the socket is probed when the page wakes up");
    let outputs = harness.advance(4_000);
    let conn = silent(&outputs, conn);
    harness.input(Input::Opened(conn));
    assert_eq!(positions(&harness.take_outputs(), conn), [(id, from("e", 5))]);
}

/// An engine with a subscription and a token that lasts a minute.
fn with_token() -> (Harness, ConnectionId, RequestId) {
    let mut harness = Harness::new(Config { token_source: true, token: Some("t1".to_owned()), ..config() });
    let id = harness.subscribe(messages("c"));
    let conn = harness.open_socket();
    harness.take_outputs();
    harness.receive(conn, welcome(Some(60_000)));
    harness.receive(conn, reset(id, Some(5)));
    harness.take_outputs();
    (harness, conn, id)
}

#[test]
fn token_renewed_in_time_does_not_interrupt_subscriptions() {
    let (mut harness, conn, id) = with_token();
    assert_eq!(harness.advance_with_pings(conn, 30_000), [Output::NeedToken]);
    harness.receive(conn, events(id, Some(5), Some(6)));
    harness.input(Input::Token("t2".to_owned()));
    harness.receive(conn, events(id, Some(6), Some(7)));
    harness.receive(conn, ServerFrame::Authenticated { token_expires_in: Some(60_000) });
    harness.receive(conn, events(id, Some(7), Some(8)));
    let expected = [
        Output::Deliver(events(id, Some(5), Some(6))),
        Output::Auth(conn, "t2".to_owned()),
        Output::Deliver(events(id, Some(6), Some(7))),
        Output::Deliver(events(id, Some(7), Some(8))),
    ];
    assert_eq!(harness.take_outputs(), expected);
}

#[test]
fn token_renewed_too_late_causes_a_reconnect_without_missed_events() {
    let (mut harness, conn, id) = with_token();
    harness.advance_with_pings(conn, 60_000);
    harness.receive(conn, error_frame(error(ErrorCode::TokenExpired)));
    harness.input(Input::Closed(conn, 4201));
    assert!(
        !harness.take_outputs().iter().any(|output| matches!(output, Output::Open(_) | Output::Ended(_)))
    );
    harness.input(Input::Token("t2".to_owned()));
    let conn = harness.open_socket();
    let outputs = harness.take_outputs();
    assert!(matches!(&outputs[0], Output::Hello(_, hello) if hello.token.as_deref() == Some("t2")));
    assert_eq!(positions(&outputs, conn), [(id, from("e", 5))]);
    harness.receive(conn, welcome(Some(60_000)));
    harness.receive(conn, events(id, Some(5), Some(9)));
    assert_eq!(delivered(&harness.take_outputs()), [events(id, Some(5), Some(9))]);
}

#[test]
fn clients_reconnect_after_different_delays_when_the_server_restarts() {
    let delay = |seed: u64| -> Millis {
        let mut harness = Harness::new(Config { seed, ..config() });
        let id = harness.subscribe(messages("c"));
        let conn = harness.open_socket();
        harness.receive(conn, welcome(None));
        harness.receive(conn, reset(id, Some(5)));
        harness.take_outputs();
        harness.input(Input::Closed(conn, 4000));
        let start = harness.now;
        while harness.take_outputs().is_empty() {
            harness.now = harness.engine.deadline().unwrap();
            harness.input(Input::Tick);
        }
        harness.now - start
    };
    let mut delays: Vec<Millis> = (1..100).map(|seed| delay(seed * 7_919)).collect();
    assert!(delays.iter().all(|delay| (100..=300).contains(delay)), "{delays:?}");
    delays.sort_unstable();
    delays.dedup();
    assert!(delays.len() > 50, "{delays:?}");
}
