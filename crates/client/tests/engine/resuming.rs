//! Subscriptions across connections: what is asked for again, from where, and that nothing is missed, told twice or
//! taken from an old connection.

use causerie_client::{Config, ConnectionId, Input, Millis, Output};
use causerie_protocol::topic::{Position, Window};
use causerie_protocol::{CloseCode, ErrorCode, RequestId, ServerFrame};

use crate::support::{
    Bench, Out, asked, config, conversations, delivered, ended, error, error_frame, events, messages, reset,
    set_op, subscribed, update, welcome, welcome_to,
};

fn from(epoch: &str, seq: u64) -> Option<Position> {
    Some(Position { epoch: epoch.to_owned(), seq })
}

/// Cuts the connection and lets the next socket open. What is sent there stands behind.
fn reconnect(bench: &mut Bench, conn: ConnectionId) -> (ConnectionId, Vec<Out>) {
    bench.input(Input::Closed(conn, 1006));
    let mut out = bench.out();
    while out.is_empty() {
        bench.now = bench.engine.deadline().unwrap();
        bench.input(Input::Tick);
        out = bench.out();
    }
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    (conn, bench.out())
}

/// Where each subscription goes on, in the order in which they are asked for.
fn positions(out: &[Out], conn: ConnectionId) -> Vec<(RequestId, Option<Position>)> {
    subscribed(out, conn).into_iter().map(|subscribe| (subscribe.id, subscribe.from)).collect()
}

#[test]
fn after_a_cut_a_subscription_goes_on_from_where_it_was() {
    let (mut bench, conn, id) = Bench::following();
    bench.frame(conn, events(id, Some(5), Some(8)));
    bench.out();
    let (conn, out) = reconnect(&mut bench, conn);
    assert!(matches!(&out[..], [Output::Hello(..), Output::Subscribe(..)]), "{out:?}");
    assert_eq!(positions(&out, conn), [(id, from("e", 8))]);
    bench.frame(conn, welcome(None));
    bench.frame(conn, events(id, Some(8), Some(9)));
    assert_eq!(bench.out(), [Output::Deliver(events(id, Some(8), Some(9)))]);
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(positions(&out, conn), [(id, from("e", 9))]);
    bench.frame(conn, welcome(None));
    bench.frame(conn, reset(id, Some(900)));
    assert_eq!(
        bench.out(),
        [Output::Deliver(reset(id, Some(900)))],
        "or with a reset, where too much is missing"
    );
}

#[test]
fn what_is_wanted_is_asked_for_in_the_order_in_which_it_was() {
    let (mut bench, conn, first) = Bench::following();
    let write = bench.ask(set_op("a"));
    let answered = bench.get();
    let second = bench.follow(conversations());
    let given_up = bench.follow(conversations());
    let read = bench.get();
    let third = bench.follow(messages("d"));
    bench.frame(conn, reset(second, None));
    bench.answer(conn, answered);
    bench.unsubscribe(given_up);
    bench.out();
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(asked(&out, conn), [first, write, second, read, third]);
    assert_eq!(positions(&out, conn), [(first, from("e", 5)), (second, None), (third, None)]);
}

#[test]
fn a_position_is_of_the_history_it_was_told_in() {
    let (mut bench, conn, id) = Bench::following();
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(positions(&out, conn), [(id, from("e", 5))], "nobody knows of another history yet");
    bench.frame(conn, welcome_to("f", None));
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(positions(&out, conn), [(id, None)], "5 was of the history before");
    bench.frame(conn, welcome_to("f", None));
    bench.frame(conn, reset(id, Some(2)));
    bench.out();
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(positions(&out, conn), [(id, from("f", 2))]);
}

#[test]
fn events_of_another_history_are_a_gap_even_where_the_numbers_fit() {
    let (mut bench, conn, id) = Bench::following();
    let (conn, _) = reconnect(&mut bench, conn);
    bench.frame(conn, welcome_to("f", None));
    bench.out();
    bench.frame(conn, events(id, Some(5), Some(6)));
    let out = bench.out();
    assert_eq!(delivered(&out), []);
    assert_eq!(positions(&out, conn).iter().map(|(_, from)| from).collect::<Vec<_>>(), [&None]);
}

#[test]
fn a_gap_is_mended_by_asking_anew_without_a_position_and_the_driver_sees_only_its_own_id() {
    for (since, seq) in [(Some(6), Some(7)), (Some(4), Some(6)), (None, None), (None, Some(6))] {
        let (mut bench, conn, id) = Bench::following();
        bench.frame(conn, events(id, since, seq));
        let out = bench.out();
        let [Output::Unsubscribe(on, left), Output::Subscribe(_, again)] = &out[..] else {
            panic!("{out:?}")
        };
        assert_eq!((*on, *left), (conn, id));
        assert_eq!((&again.topic, &again.from), (&messages("c"), &None));
        assert!(
            again.id > id,
            "a new name, so that what still comes under the old one is not taken for an answer"
        );
        bench.frame(conn, reset(id, Some(6)));
        bench.frame(conn, events(id, Some(6), Some(7)));
        bench.frame(conn, events(again.id, Some(7), Some(8)));
        assert_eq!(delivered(&bench.out()), [], "neither what is late nor what has no reset before it");
    }
    let (mut bench, conn, id) = Bench::following();
    bench.frame(conn, events(id, Some(9), Some(10)));
    let again = subscribed(&bench.out(), conn)[0].id;
    bench.frame(conn, reset(again, Some(10)));
    bench.frame(conn, events(again, Some(10), Some(11)));
    let expected = [reset(id, Some(10)), events(id, Some(10), Some(11))];
    assert_eq!(delivered(&bench.out()), expected);
    bench.unsubscribe(id);
    assert_eq!(bench.out(), [Output::Unsubscribe(conn, again)], "and says only its own");
}

#[test]
fn events_of_a_list_before_its_reset_are_a_gap_on_every_connection() {
    let (mut bench, conn) = Bench::greeted();
    let id = bench.follow(conversations());
    bench.frame(conn, reset(id, None));
    bench.frame(conn, events(id, None, None));
    assert_eq!(delivered(&bench.out()), [reset(id, None), events(id, None, None)]);
    let (conn, _) = reconnect(&mut bench, conn);
    bench.frame(conn, welcome(None));
    bench.frame(conn, events(id, None, None));
    let out = bench.out();
    assert_eq!(delivered(&out), [], "what it says may be of a list that changed meanwhile");
    let again = subscribed(&out, conn)[0].id;
    bench.frame(conn, reset(again, None));
    assert_eq!(delivered(&bench.out()), [reset(id, None)]);
}

#[test]
fn a_server_that_sends_gap_after_gap_is_not_asked_in_a_loop() {
    let (mut bench, conn, id) = Bench::following();
    let mut wire = id;
    let begun = bench.now;
    let mut count = 0;
    while bench.now < begun + 60_000 {
        bench.frame(conn, events(wire, Some(1_000), Some(1_001)));
        let out = bench.pass(50);
        if let [again] = &subscribed(&out, conn)[..] {
            wire = again.id;
            count += 1;
            bench.frame(conn, reset(wire, Some(7)));
        }
    }
    assert!((5..40).contains(&count), "{count} times in a minute");
}

#[test]
fn after_a_gap_its_place_in_the_order_is_that_of_its_new_id() {
    let (mut bench, conn, id) = Bench::following();
    let other = bench.follow(conversations());
    let write = bench.ask(set_op("a"));
    bench.out();
    bench.frame(conn, events(id, Some(9), Some(10)));
    let again = subscribed(&bench.out(), conn)[0].id;
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(asked(&out, conn), [other, write, again]);
}

#[test]
fn one_that_waits_for_its_time_still_does_on_the_next_connection() {
    let (mut bench, conn, id) = Bench::following();
    let other = bench.follow(conversations());
    bench.frame(conn, ended(id, error(ErrorCode::RateLimited).after(30_000)));
    bench.out();
    let (conn, out) = reconnect(&mut bench, conn);
    assert_eq!(asked(&out, conn), [other]);
    bench.frame(conn, welcome(None));
    let out = bench.pass_alive(conn, 31_000);
    let [again] = &subscribed(&out, conn)[..] else { panic!("{out:?}") };
    assert_eq!(again.from, from("e", 5));
}

#[test]
fn one_whose_time_came_while_there_was_no_connection_is_asked_for_with_the_others() {
    let (mut bench, conn, id) = Bench::following();
    let other = bench.follow(conversations());
    bench.frame(conn, ended(id, error(ErrorCode::ServerError)));
    bench.input(Input::Suspend);
    bench.pass(60_000);
    bench.input(Input::Wake);
    let conn = bench.open();
    let out = bench.out();
    let sent = asked(&out, conn);
    assert_eq!((sent.len(), sent[0]), (2, other));
    assert_eq!(subscribed(&out, conn)[1].topic, messages("c"));
}

#[test]
fn the_window_that_was_loaded_is_asked_for_again_as_far_as_that_is_allowed() {
    let (mut bench, conn, id) = Bench::following();
    let mut conn = conn;
    for (loaded, wanted) in [(90, 90), (0, 1), (5_000, 1_000)] {
        bench.engine.set_window(id, loaded);
        assert_eq!(bench.out(), [], "that alone is no reason to ask");
        let out;
        (conn, out) = reconnect(&mut bench, conn);
        assert_eq!(subscribed(&out, conn)[0].window, Some(Window { limit: wanted }));
        bench.frame(conn, welcome(None));
        bench.frame(conn, events(id, Some(5), Some(5)));
        bench.out();
    }
    bench.engine.set_window(4_000_000, 7);
    bench.frame(conn, events(id, Some(9), Some(10)));
    assert_eq!(
        subscribed(&bench.out(), conn)[0].window,
        Some(Window { limit: 1_000 }),
        "after a gap as well"
    );
}

#[test]
fn what_an_old_connection_still_says_is_not_heard() {
    let (mut bench, old, id) = Bench::following();
    let (conn, _) = reconnect(&mut bench, old);
    bench.frame(conn, welcome(None));
    bench.out();
    for frame in [
        events(id, Some(5), Some(6)),
        events(id, Some(9), Some(10)),
        reset(id, Some(6)),
        update(),
        ended(id, error(ErrorCode::InvalidArgument)),
        welcome_to("f", None),
    ] {
        bench.frame(old, frame);
    }
    assert_eq!(bench.out(), []);
    bench.frame(conn, events(id, Some(5), Some(6)));
    assert_eq!(bench.out(), [Output::Deliver(events(id, Some(5), Some(6)))]);
}

#[test]
fn one_given_up_while_there_is_no_connection_is_not_asked_for_again() {
    let (mut bench, conn, id) = Bench::following();
    let kept = bench.follow(conversations());
    bench.out();
    bench.input(Input::Closed(conn, 1006));
    bench.unsubscribe(id);
    let out = bench.pass(1_000);
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    assert_eq!(asked(&bench.out(), conn), [kept]);
}

#[test]
fn with_the_last_one_given_up_while_there_is_no_connection_none_is_made() {
    let (mut bench, conn, id) = Bench::following();
    bench.input(Input::Closed(conn, 1006));
    bench.unsubscribe(id);
    assert_eq!(bench.pass(600_000), []);
    assert_eq!(bench.engine.deadline(), None);
}

#[test]
fn a_page_that_is_put_away_and_comes_back_misses_nothing() {
    let (mut bench, conn, id) = Bench::following();
    bench.input(Input::Suspend);
    assert_eq!(bench.out(), [Output::Close(conn, CloseCode::Normal)]);
    bench.frame(conn, events(id, Some(5), Some(6)));
    assert_eq!(bench.pass(3_600_000), [], "what still came there comes again");
    bench.input(Input::Wake);
    let conn = bench.open();
    assert_eq!(positions(&bench.out(), conn), [(id, from("e", 5))]);
    bench.frame(conn, welcome(None));
    bench.frame(conn, events(id, Some(5), Some(70)));
    assert_eq!(bench.out(), [Output::Deliver(events(id, Some(5), Some(70)))]);
}

#[test]
fn a_socket_that_fell_silent_is_replaced_and_the_subscription_goes_on() {
    let (mut bench, conn, id) = Bench::following();
    let silent = |out: &[Out], closed: ConnectionId| match out {
        [Output::Close(on, CloseCode::Silent), Output::Open(next)] if *on == closed => *next,
        other => panic!("{other:?}"),
    };
    let out = bench.pass(35_000);
    let conn = silent(&out, conn);
    bench.input(Input::Opened(conn));
    assert_eq!(positions(&bench.out(), conn), [(id, from("e", 5))]);
    bench.frame(conn, welcome(None));
    bench.input(Input::Wake);
    assert_eq!(bench.out(), [Output::Ping(conn)], "and asked for a sign of life when the page wakes");
    let out = bench.pass(4_000);
    let conn = silent(&out, conn);
    bench.input(Input::Opened(conn));
    assert_eq!(positions(&bench.out(), conn), [(id, from("e", 5))]);
}

/// An engine with a token of a minute, which it renews.
fn with_token() -> (Bench, ConnectionId, RequestId) {
    let mut bench = Bench::new(Config { token_source: true, token: Some("t1".to_owned()), ..config() });
    let id = bench.follow(messages("c"));
    let conn = bench.open();
    bench.out();
    bench.frame(conn, welcome(Some(60_000)));
    bench.frame(conn, reset(id, Some(5)));
    bench.out();
    (bench, conn, id)
}

#[test]
fn a_token_renewed_in_time_leaves_subscriptions_alone() {
    let (mut bench, conn, id) = with_token();
    assert_eq!(bench.pass_alive(conn, 30_000), [Output::NeedToken]);
    bench.frame(conn, events(id, Some(5), Some(6)));
    bench.input(Input::Token("t2".to_owned()));
    bench.frame(conn, events(id, Some(6), Some(7)));
    bench.frame(conn, ServerFrame::Authenticated { token_expires_in: Some(60_000) });
    bench.frame(conn, events(id, Some(7), Some(8)));
    let expected = [
        Output::Deliver(events(id, Some(5), Some(6))),
        Output::Auth(conn, "t2".to_owned()),
        Output::Deliver(events(id, Some(6), Some(7))),
        Output::Deliver(events(id, Some(7), Some(8))),
    ];
    assert_eq!(bench.out(), expected);
}

#[test]
fn a_token_renewed_too_late_costs_a_connection_and_no_events() {
    let (mut bench, conn, id) = with_token();
    bench.pass_alive(conn, 60_000);
    bench.frame(conn, error_frame(error(ErrorCode::TokenExpired)));
    bench.input(Input::Closed(conn, 4201));
    assert!(!bench.out().iter().any(|output| matches!(output, Output::Open(_) | Output::Ended(_))));
    bench.input(Input::Token("t2".to_owned()));
    let conn = bench.open();
    let out = bench.out();
    assert!(matches!(&out[0], Output::Hello(_, hello) if hello.token.as_deref() == Some("t2")));
    assert_eq!(positions(&out, conn), [(id, from("e", 5))]);
    bench.frame(conn, welcome(Some(60_000)));
    bench.frame(conn, events(id, Some(5), Some(9)));
    assert_eq!(delivered(&bench.out()), [events(id, Some(5), Some(9))]);
}

#[test]
fn a_server_that_restarts_is_asked_again_after_a_wait_that_is_not_the_same_for_all() {
    let wait = |seed: u64| -> Millis {
        let mut bench = Bench::new(Config { seed, ..config() });
        let id = bench.follow(messages("c"));
        let conn = bench.open();
        bench.frame(conn, welcome(None));
        bench.frame(conn, reset(id, Some(5)));
        bench.out();
        bench.input(Input::Closed(conn, 4000));
        let begun = bench.now;
        while bench.out().is_empty() {
            bench.now = bench.engine.deadline().unwrap();
            bench.input(Input::Tick);
        }
        bench.now - begun
    };
    let mut waits: Vec<Millis> = (1..100).map(|seed| wait(seed * 7_919)).collect();
    assert!(waits.iter().all(|wait| (500..=1_000).contains(wait)), "{waits:?}");
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 50, "{waits:?}");
}
