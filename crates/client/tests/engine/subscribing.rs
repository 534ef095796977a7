//! Subscriptions while nothing goes wrong: how they are asked for, what is delivered, how they end, and what they mean
//! for the connection.

use causerie_client::{Config, Input, Output};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::SUBSCRIPTIONS;
use causerie_protocol::topic::Window;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, ServerFrame};

use crate::support::{
    Bench, asked, config, conversations, delivered, ended, error, error_frame, events, has, messages, reset,
    set_op, settled, subscribed, update, welcome,
};

#[test]
fn a_subscription_opens_a_socket_and_is_asked_for_right_behind_hello() {
    let mut bench = Bench::plain();
    let id = bench.engine.subscribe(bench.now, messages("c"), Some(50)).unwrap();
    let conn = bench.open();
    let out = bench.out();
    let [Output::Hello(..), Output::Subscribe(on, subscribe)] = &out[..] else { panic!("{out:?}") };
    let window = Some(Window { limit: 50 });
    assert_eq!(*subscribe, Subscribe { id, topic: messages("c"), window, from: None });
    assert_eq!(*on, conn);
}

#[test]
fn what_comes_for_it_is_delivered_in_order_under_its_id() {
    let (mut bench, conn) = Bench::greeted();
    let (a, b) = (bench.follow(messages("c")), bench.follow(conversations()));
    bench.out();
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
        bench.frame(conn, frame);
    }
    assert_eq!(bench.out(), frames.map(Output::Deliver));
}

#[test]
fn ids_are_of_the_numbering_of_requests_and_what_was_asked_for_first_is_sent_first() {
    let mut bench = Bench::plain();
    let made = [
        bench.get(),
        bench.follow(messages("a")),
        bench.ask(set_op("Ada")),
        bench.follow(messages("b")),
        bench.follow(conversations()),
        bench.get(),
    ];
    assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
    let conn = bench.open();
    assert_eq!(asked(&bench.out(), conn), made);
}

#[test]
fn after_unsubscribing_nothing_is_delivered_whatever_still_comes() {
    let (mut bench, conn, id) = Bench::following();
    let other = bench.follow(conversations());
    bench.out();
    bench.unsubscribe(id);
    assert_eq!(bench.out(), [Output::Unsubscribe(conn, id)]);
    bench.unsubscribe(id);
    for frame in [
        reset(id, Some(9)),
        events(id, Some(5), Some(6)),
        events(id, Some(9), Some(9)),
        ended(id, error(ErrorCode::InvalidArgument)),
        ended(id, error(ErrorCode::ServerError)),
        reset(0, None),
        events(4_000_000, None, None),
    ] {
        bench.frame(conn, frame);
    }
    assert_eq!(bench.pass_alive(conn, 60_000), [], "a second time it does nothing, nor does what comes late");
    bench.frame(conn, reset(other, None));
    assert_eq!(delivered(&bench.out()).len(), 1);
}

#[test]
fn one_that_is_given_up_before_it_was_sent_is_never_sent() {
    let mut bench = Bench::plain();
    let id = bench.follow(messages("c"));
    let conn = bench.opening();
    bench.unsubscribe(id);
    let kept = bench.follow(messages("c"));
    bench.input(Input::Opened(conn));
    let out = bench.out();
    assert_eq!(asked(&out, conn), [kept]);
    assert!(!has(&out, |output| matches!(output, Output::Unsubscribe(..))));
}

#[test]
fn a_connection_with_a_subscription_is_never_idle() {
    let (mut bench, conn, _) = Bench::following();
    assert_eq!(bench.pass_alive(conn, 600_000), []);
    assert!(bench.has_open_socket());
}

#[test]
fn thirty_seconds_after_the_last_unsubscribe_the_socket_is_closed_and_no_timer_is_left() {
    let (mut bench, conn, id) = Bench::following();
    bench.pass_alive(conn, 600_000);
    bench.unsubscribe(id);
    assert_eq!(bench.out(), [Output::Unsubscribe(conn, id)]);
    assert_eq!(bench.pass_alive(conn, 29_999), []);
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
    assert_eq!(bench.engine.deadline(), None);
    let id = bench.follow(messages("c"));
    let conn = bench.open();
    assert_eq!(asked(&bench.out(), conn), [id], "it opens again by itself");
}

#[test]
fn a_request_that_waits_keeps_the_socket_after_the_last_unsubscribe() {
    let (mut bench, conn, id) = Bench::following();
    bench.pass_alive(conn, 10_000);
    let asked = bench.get();
    bench.unsubscribe(id);
    bench.out();
    bench.pass_alive(conn, 29_000);
    bench.answer(conn, asked);
    assert_eq!(settled(&bench.out()), [(asked, None)]);
    assert_eq!(bench.pass_alive(conn, 29_999), []);
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn updates_are_for_those_who_hold_bodies() {
    let (mut bench, conn, id) = Bench::following();
    bench.frame(conn, update());
    assert_eq!(delivered(&bench.out()), [update()]);
    bench.unsubscribe(id);
    bench.out();
    bench.frame(conn, update());
    assert_eq!(bench.out(), []);
}

#[test]
fn an_end_for_good_is_delivered_once_and_the_subscription_forgotten() {
    let (mut bench, conn, id) = Bench::following();
    let filtered = bench.follow(conversations());
    bench.out();
    let refused = ErrorBody::invalid("filter", "means nothing");
    bench.frame(conn, ended(filtered, refused.clone()));
    assert_eq!(bench.out(), [Output::Deliver(ended(filtered, refused.clone()))]);
    bench.frame(conn, ended(filtered, refused));
    bench.frame(conn, reset(filtered, None));
    bench.unsubscribe(filtered);
    assert_eq!(bench.out(), [], "nobody is told twice, and the server has forgotten it as well");
    bench.input(Input::Closed(conn, 1006));
    let out = bench.pass(1_000);
    let Some(Output::Open(conn)) = out.last() else { panic!("{out:?}") };
    bench.input(Input::Opened(*conn));
    assert_eq!(asked(&bench.out(), *conn), [id]);
}

#[test]
fn a_subscription_that_is_refused_was_a_use_of_the_connection_all_the_same() {
    let (mut bench, conn) = Bench::greeted();
    bench.pass_alive(conn, 29_000);
    let id = bench.follow(conversations());
    bench.frame(conn, ended(id, error(ErrorCode::InvalidArgument)));
    bench.out();
    assert_eq!(bench.pass_alive(conn, 29_999), []);
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn an_end_for_a_while_is_not_told_to_the_driver_but_mended_after_a_wait() {
    for code in [ErrorCode::ServerError, ErrorCode::RateLimited, ErrorCode::Offline] {
        let (mut bench, conn, id) = Bench::following();
        bench.frame(conn, ended(id, error(code)));
        assert_eq!(bench.pass(499), [], "{code:?}");
        let out = bench.pass(501);
        let [again] = &subscribed(&out, conn)[..] else { panic!("{out:?}") };
        assert_eq!((out.len(), &again.topic), (1, &messages("c")));
        assert_eq!(
            again.from.as_ref().map(|from| from.seq),
            Some(5),
            "nothing that was had is asked for again"
        );
        assert_ne!(again.id, id);
        bench.frame(conn, events(again.id, Some(5), Some(6)));
        assert_eq!(
            bench.out(),
            [Output::Deliver(events(id, Some(5), Some(6)))],
            "under the id that is known"
        );
        bench.frame(conn, events(id, Some(6), Some(7)));
        assert_eq!(bench.out(), [], "and nothing that comes under the old one");
    }
}

#[test]
fn a_server_that_names_a_time_to_wait_is_given_it() {
    let (mut bench, conn, id) = Bench::following();
    bench.frame(conn, ended(id, error(ErrorCode::RateLimited).after(60_000)));
    let kept = bench.follow(conversations());
    bench.frame(conn, reset(0, Some(9)));
    let out = bench.pass_alive(conn, 60_000);
    assert_eq!(delivered(&out), [], "what waits has no name that anything could come under");
    assert_eq!(asked(&out, conn), [kept]);
    let out = bench.pass(1_000);
    assert_eq!(subscribed(&out, conn).len(), 1);
}

#[test]
fn a_subscription_that_the_server_ends_again_and_again_is_asked_for_ever_more_rarely_and_then_anew() {
    let (mut bench, conn, id) = Bench::following();
    let mut wire = id;
    let again = |bench: &mut Bench, wire: u32| {
        bench.frame(conn, ended(wire, error(ErrorCode::ServerError)));
        let begun = bench.now;
        while bench.now < begun + 21_000 {
            let out = bench.pass(100);
            bench.frame(conn, ServerFrame::Ping);
            if let [again] = &subscribed(&out, conn)[..] {
                return (again.id, bench.now - begun);
            }
        }
        panic!("never asked for again");
    };
    let mut waits = Vec::new();
    for _ in 0..40 {
        let wait;
        (wire, wait) = again(&mut bench, wire);
        bench.frame(conn, reset(wire, Some(6)));
        waits.push(wait);
    }
    assert!(waits[0] <= 1_000, "{waits:?}");
    assert!(waits[10..].iter().any(|wait| *wait > 10_000), "{waits:?}");
    bench.pass_alive(conn, 5_000);
    let (_, wait) = again(&mut bench, wire);
    assert!(wait <= 1_000, "it had held for five seconds, and waited {wait} ms");
}

#[test]
fn one_that_waits_to_be_asked_for_again_can_be_given_up() {
    let (mut bench, conn, id) = Bench::following();
    bench.frame(conn, ended(id, error(ErrorCode::ServerError)));
    bench.unsubscribe(id);
    let out = bench.pass_alive(conn, 29_999);
    assert_eq!(out, [], "the server has it no longer, so there is nothing to take back");
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn so_many_subscriptions_and_no_more() {
    let mut bench = Bench::plain();
    let made: Vec<_> = (0..SUBSCRIPTIONS).map(|_| bench.follow(conversations())).collect();
    let refused = bench.engine.subscribe(bench.now, conversations(), None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.message.contains("unsubscribe"), "{refused}");
    bench.unsubscribe(made[3]);
    bench.follow(conversations());
    let conn = bench.open();
    assert_eq!(asked(&bench.out(), conn).len(), SUBSCRIPTIONS);
}

#[test]
fn ten_thousand_subscriptions_one_after_the_other_leave_nothing_behind() {
    let (mut bench, conn) = Bench::greeted();
    for _ in 0..10_000 {
        let id = bench.follow(messages("c"));
        bench.frame(conn, reset(id, Some(1)));
        bench.unsubscribe(id);
        bench.out();
    }
    let full: Vec<_> = (0..SUBSCRIPTIONS).map(|_| bench.follow(conversations())).collect();
    assert_eq!(asked(&bench.out(), conn), full);
}

#[test]
fn a_subscription_too_large_to_be_sent_is_ended_and_the_others_go_on() {
    let mut bench = Bench::plain();
    let (large, small) = (bench.follow(conversations()), bench.follow(messages("c")));
    let conn = bench.open();
    bench.out();
    let too_large = error(ErrorCode::TooLarge);
    bench.input(Input::Unsendable(large, too_large.clone()));
    bench.input(Input::Unsendable(large, too_large.clone()));
    assert_eq!(bench.out(), [Output::Deliver(ended(large, too_large))], "once");
    bench.frame(conn, welcome(None));
    bench.frame(conn, reset(small, Some(1)));
    assert_eq!(bench.out(), [Output::Deliver(reset(small, Some(1)))]);
}

#[test]
fn the_end_of_the_session_ends_every_subscription_with_its_cause_and_then_says_so_once() {
    let (mut bench, conn, id) = Bench::following();
    let asked = bench.get();
    let waiting = bench.follow(conversations());
    bench.frame(conn, ended(waiting, error(ErrorCode::ServerError)));
    let unsent = bench.follow(messages("d"));
    bench.out();
    let cause = error(ErrorCode::NotFound);
    bench.frame(conn, error_frame(cause.clone()));
    bench.input(Input::Closed(conn, 4404));
    let out = bench.out();
    assert_eq!(settled(&out), [(asked, Some(ErrorCode::NotFound))]);
    assert_eq!(delivered(&out), [id, waiting, unsent].map(|id| ended(id, cause.clone())));
    assert_eq!(out.last(), Some(&Output::Ended(cause)));
    bench.unsubscribe(id);
    bench.engine.set_window(id, 40);
    bench.frame(conn, reset(id, Some(6)));
    assert_eq!((bench.out(), bench.engine.deadline()), (Vec::new(), None));
    let refused = bench.engine.subscribe(bench.now, messages("c"), None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionEnded);
}

#[test]
fn a_subscription_waits_for_the_first_token() {
    let mut bench = Bench::new(Config { token_source: true, ..config() });
    let id = bench.follow(messages("c"));
    assert_eq!(bench.out(), [Output::NeedToken]);
    bench.input(Input::Token("t".to_owned()));
    let conn = bench.open();
    assert_eq!(asked(&bench.out(), conn), [id]);
}
