//! When a connection is made and when it is let go.

use causerie_client::{Input, Output};
use causerie_protocol::limits::PENDING_REQUESTS;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, RequestId, ServerFrame, SetUser, UserId};

use crate::support::{Bench, get_op, has, ok, sent, set_op, settled, welcome};

#[test]
fn nothing_is_opened_and_no_timer_is_set_before_the_first_request() {
    let mut bench = Bench::plain();
    bench.input(Input::Wake);
    bench.input(Input::Token("t".to_owned()));
    assert_eq!(bench.pass(3_600_000), []);
    assert_eq!(bench.engine.deadline(), None);
    assert!(!bench.has_open_socket());
}

#[test]
fn requests_follow_hello_at_once_in_the_order_they_were_made() {
    let mut bench = Bench::plain();
    let made = [bench.ask(set_op("Ada")), bench.get(), bench.ask(set_op("Ada L."))];
    let conn = bench.open();
    let out = bench.out();
    assert!(matches!(&out[0], Output::Hello(on, hello) if *on == conn && hello.user.as_str() == "ada"));
    assert_eq!(sent(&out, conn), made);
    assert_eq!(out.len(), 4, "nothing waits for welcome");
    let later = bench.get();
    assert_eq!(sent(&bench.out(), conn), [later], "nor do later ones");
}

#[test]
fn answers_settle_their_requests_in_the_order_they_come() {
    let mut bench = Bench::plain();
    let (first, second) = (bench.get(), bench.get());
    let conn = bench.open();
    bench.out();
    bench.frame(conn, welcome(None));
    bench.answer(conn, first);
    bench.answer(conn, second);
    assert_eq!(bench.out(), [Output::Settle(ok(first)), Output::Settle(ok(second))]);
    assert!(bench.has_open_socket());
}

#[test]
fn only_writes_carry_an_idempotency_key_and_no_two_the_same() {
    let mut bench = Bench::plain();
    for op in [set_op("a"), get_op("ada"), set_op("a")] {
        bench.ask(op);
    }
    bench.open();
    let keys: Vec<_> = bench
        .out()
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
fn a_wrong_parameter_is_refused_before_anything_is_opened() {
    let mut bench = Bench::plain();
    let data = SetUser { name: causerie_protocol::Patch::Clear, ..SetUser::default() };
    let op = causerie_protocol::Op::UserSet { user: UserId::new("ada").unwrap(), data };
    let refused = bench.engine.request(bench.now, op).unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::InvalidArgument, Some("name")));
    assert_eq!(bench.out(), []);
}

#[test]
fn one_request_over_the_limit_is_refused_and_harms_none_of_the_others() {
    let mut bench = Bench::plain();
    let made: Vec<RequestId> = (0..PENDING_REQUESTS).map(|_| bench.get()).collect();
    let refused = bench.engine.request(bench.now, get_op("ada")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.message.contains("wait"), "{refused}");
    let conn = bench.open();
    assert_eq!(sent(&bench.out(), conn), made);
    bench.answer(conn, made[0]);
    bench.out();
    let next = bench.get();
    assert_eq!(sent(&bench.out(), conn), [next], "an answer makes room");
}

#[test]
fn a_connection_without_use_is_closed_after_thirty_seconds_and_opened_again_by_the_next_request() {
    let (mut bench, conn) = Bench::greeted();
    bench.pass(20_000);
    bench.frame(conn, ServerFrame::Ping);
    assert_eq!(bench.pass(9_999), [], "the server's pings are no use of it");
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
    assert_eq!(bench.engine.deadline(), None, "no timer keeps a program alive");
    let id = bench.get();
    let conn = bench.open();
    assert_eq!(sent(&bench.out(), conn), [id]);
}

#[test]
fn a_connection_that_is_waited_on_is_not_idle() {
    let (mut bench, conn) = Bench::greeted();
    bench.pass(29_000);
    bench.frame(conn, ServerFrame::Ping);
    let id = bench.get();
    let out = bench.pass_alive(conn, 29_000);
    assert!(!has(&out, |output| matches!(output, Output::Close(..))));
    bench.answer(conn, id);
    bench.out();
    let out = bench.pass_alive(conn, 29_999);
    assert_eq!(out, [], "the answer was the last use of it");
    assert_eq!(bench.pass(1), [Output::Close(conn, CloseCode::Normal)]);
}

#[test]
fn a_page_that_is_put_away_holds_no_socket_and_comes_back_with_the_same_requests() {
    let (mut bench, conn) = Bench::greeted();
    let id = bench.ask(set_op("Ada"));
    let first = bench.out();
    bench.input(Input::Suspend);
    assert_eq!(bench.out(), [Output::Close(conn, CloseCode::Normal)]);
    let later = bench.get();
    bench.answer(conn, id);
    assert_eq!(bench.pass(10_000), [], "put away, it opens nothing and hears nothing of the old socket");
    bench.input(Input::Wake);
    let conn = bench.open();
    let out = bench.out();
    assert_eq!(sent(&out, conn), [id, later]);
    let request = |out: &[Output<_>]| {
        out.iter().find_map(|output| match output {
            Output::Request(_, request) => Some(request.clone()),
            _ => None,
        })
    };
    assert_eq!(request(&first), request(&out), "the same id, the same key, the same words");
}

#[test]
fn a_page_put_away_while_a_socket_opens_forgets_that_socket() {
    let mut bench = Bench::plain();
    let id = bench.get();
    let conn = bench.opening();
    bench.input(Input::Suspend);
    assert_eq!(bench.out(), [Output::Close(conn, CloseCode::Normal)]);
    bench.input(Input::Opened(conn));
    assert_eq!(bench.out(), []);
    bench.input(Input::Wake);
    let conn = bench.open();
    assert_eq!(sent(&bench.out(), conn), [id]);
}

#[test]
fn a_page_put_away_for_good_still_settles_its_requests() {
    let mut bench = Bench::plain();
    let id = bench.get();
    bench.opening();
    bench.input(Input::Suspend);
    let out = bench.pass(30_000);
    assert_eq!(settled(&out), [(id, Some(ErrorCode::Offline))]);
}

#[test]
fn a_socket_that_says_twice_that_it_is_open_is_greeted_once() {
    let mut bench = Bench::plain();
    bench.get();
    let conn = bench.open();
    bench.out();
    bench.input(Input::Opened(conn));
    assert_eq!(bench.out(), []);
}

#[test]
fn a_request_too_large_to_be_sent_is_settled_and_the_others_go_on() {
    let mut bench = Bench::plain();
    let (large, small) = (bench.ask(set_op("large")), bench.get());
    let conn = bench.open();
    bench.out();
    bench.input(Input::Unsendable(large, ErrorBody::new(ErrorCode::TooLarge, "over 64 KiB")));
    bench.input(Input::Unsendable(large, ErrorBody::new(ErrorCode::TooLarge, "over 64 KiB")));
    assert_eq!(settled(&bench.out()), [(large, Some(ErrorCode::TooLarge))], "once");
    bench.input(Input::Closed(conn, 1006));
    let (_, posted) = bench.posting();
    assert_eq!(posted, [small], "and is not tried again");
}

#[test]
fn frames_of_unknown_types_and_answers_to_unknown_requests_do_no_harm() {
    let (mut bench, conn) = Bench::greeted();
    bench.input(Input::UnknownFrame(conn));
    bench.answer(conn, 4_000_000);
    assert_eq!(bench.out(), []);
    assert!(bench.has_open_socket());
}
