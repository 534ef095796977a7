//! The HTTP twin: when it is used instead of a WebSocket, and how.

use causerie_client::{ConnectionId, HttpFailure, Input, Output};
use causerie_protocol::limits::BATCH_REQUESTS;
use causerie_protocol::{CloseCode, ErrorCode, RequestId};

use crate::support::{Bench, Out, error, has, ids, sent, set_op, settled};

/// Makes the engine give WebSockets up for a while.
fn blocked() -> (Bench, RequestId, ConnectionId) {
    let mut bench = Bench::plain();
    let id = bench.ask(set_op("Ada"));
    let conn = bench.opening();
    bench.input(Input::Closed(conn, 1006));
    let (conn, posted) = bench.posting();
    assert_eq!(posted, [id]);
    (bench, id, conn)
}

fn sockets(out: &[Out]) -> bool {
    has(out, |output| matches!(output, Output::Open(_)))
}

#[test]
fn a_socket_closed_while_opening_is_followed_at_once_by_a_post_of_the_same_requests() {
    let (mut bench, id, conn) = blocked();
    bench.post_answers(conn, &[id]);
    assert_eq!(settled(&bench.out()), [(id, None)]);
}

#[test]
fn a_socket_that_does_not_open_in_six_seconds_is_given_up_for_a_post() {
    let mut bench = Bench::plain();
    let id = bench.get();
    let conn = bench.opening();
    assert_eq!(bench.pass(5_999), []);
    let out = bench.pass(1);
    let [Output::Close(closed, CloseCode::Normal), Output::Post(_, None, requests)] = &out[..] else {
        panic!("{out:?}")
    };
    assert_eq!((*closed, ids(requests)), (conn, vec![id]));
}

#[test]
fn a_socket_cut_before_welcome_is_followed_by_a_post_with_the_same_key() {
    let mut bench = Bench::plain();
    bench.ask(set_op("Ada"));
    let conn = bench.open();
    let out = bench.out();
    let Output::Request(_, before) = &out[1] else { panic!("{out:?}") };
    bench.input(Input::Closed(conn, 1006));
    let out = bench.out();
    let [Output::Post(_, None, after)] = &out[..] else { panic!("{out:?}") };
    assert_eq!(after[..], *std::slice::from_ref(before));
}

#[test]
fn a_socket_that_opens_and_is_never_greeted_is_given_up_for_a_post() {
    let mut bench = Bench::plain();
    let id = bench.get();
    let conn = bench.open();
    bench.out();
    assert_eq!(bench.pass(5_999), []);
    let out = bench.pass(1);
    let [Output::Close(closed, CloseCode::Silent), Output::Post(_, None, requests)] = &out[..] else {
        panic!("{out:?}")
    };
    assert_eq!((*closed, ids(requests)), (conn, vec![id]));
}

#[test]
fn a_server_that_refuses_before_welcome_is_not_asked_again_by_http() {
    for code in [4000, 4100] {
        let mut bench = Bench::plain();
        bench.get();
        let conn = bench.open();
        bench.out();
        bench.input(Input::Closed(conn, code));
        assert_eq!(bench.out(), [], "{code}: it is there, and asked for a pause");
    }
}

#[test]
fn http_is_kept_to_for_a_minute_and_then_a_socket_is_tried_again() {
    let (mut bench, id, conn) = blocked();
    bench.post_answers(conn, &[id]);
    bench.out();
    bench.pass(59_999);
    let id = bench.get();
    let (conn, posted) = bench.posting();
    assert_eq!(posted, [id]);
    bench.post_answers(conn, &[id]);
    bench.out();
    bench.pass(1);
    bench.get();
    bench.opening();
}

#[test]
fn when_http_fails_too_there_is_a_wait_and_then_a_socket_again() {
    let (mut bench, id, conn) = blocked();
    bench.input(Input::PostFailed(conn, HttpFailure::Network));
    assert_eq!(bench.out(), []);
    assert_eq!(bench.pass(499), []);
    let out = bench.pass(501);
    let [Output::Open(next)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(next));
    assert_eq!(sent(&bench.out(), next), [id]);
}

#[test]
fn a_post_that_hangs_is_aborted_and_its_late_answer_not_heard() {
    let (mut bench, id, conn) = blocked();
    let out = bench.pass(15_000);
    assert_eq!(out, [Output::AbortPost(conn)]);
    bench.post_answers(conn, &[id]);
    assert_eq!(bench.out(), []);
    assert!(sockets(&bench.pass(1_000)));
}

#[test]
fn a_post_answered_in_part_is_repeated_for_the_rest_after_a_wait() {
    let mut bench = Bench::http();
    let first = bench.get();
    let (conn, _) = bench.posting();
    let (second, third) = (bench.get(), bench.get());
    assert_eq!(bench.out(), [], "one call at a time");
    bench.post_answers(conn, &[first]);
    let out = bench.out();
    assert_eq!(settled(&out), [(first, None)]);
    let [_, Output::Post(conn, None, requests)] = &out[..] else { panic!("{out:?}") };
    assert_eq!(ids(requests), [second, third]);
    let conn = *conn;
    bench.post_answers(conn, &[second]);
    assert_eq!(settled(&bench.out()), [(second, None)]);
    let out = bench.pass(1_000);
    assert!(matches!(&out[..], [Output::Post(_, None, requests)] if ids(requests) == [third]), "{out:?}");
}

#[test]
fn transport_http_never_opens_a_socket() {
    let mut bench = Bench::http();
    for round in 0..40 {
        bench.get();
        let mut out = bench.pass(3_000);
        while let Some(Output::Post(conn, _, requests)) = out.pop() {
            match round % 4 {
                0 => bench.post_answers(conn, &ids(&requests)),
                1 => bench.input(Input::PostFailed(conn, HttpFailure::Network)),
                2 => bench.post_refused(conn, error(ErrorCode::ServerError)),
                _ => bench.input(Input::PostFailed(conn, HttpFailure::Status(502))),
            }
            assert!(!sockets(&out));
        }
        bench.input(Input::Wake);
        bench.input(Input::Suspend);
        bench.input(Input::Wake);
        assert!(!sockets(&bench.out()));
    }
    assert!(!sockets(&bench.pass(600_000)));
}

#[test]
fn many_requests_go_in_batches_of_a_hundred_one_after_the_other() {
    let mut bench = Bench::http();
    let made: Vec<RequestId> = (0..250).map(|_| bench.get()).collect();
    let (conn, first) = bench.posting();
    assert_eq!(first, made[..1], "the first goes at once");
    bench.post_answers(conn, &first);
    let mut posted = first;
    while posted.len() < made.len() {
        let out = bench.out();
        let Some(Output::Post(conn, None, requests)) = out.last() else { panic!("{out:?}") };
        assert!(requests.len() <= BATCH_REQUESTS);
        posted.extend(ids(requests));
        bench.post_answers(*conn, &ids(requests));
    }
    assert_eq!(posted, made);
}

#[test]
fn a_batch_that_is_too_large_is_halved_by_what_it_held_and_grows_again() {
    let mut bench = Bench::http();
    let blocker = bench.get();
    let (conn, _) = bench.posting();
    let made: Vec<RequestId> = (0..9).map(|_| bench.get()).collect();
    bench.post_answers(conn, &[blocker]);
    let mut sizes = Vec::new();
    let mut answered = Vec::new();
    while answered.len() < made.len() {
        let out = bench.out();
        let Some(Output::Post(conn, None, requests)) = out.last() else { panic!("{out:?}") };
        sizes.push(requests.len());
        if requests.len() > 2 && sizes.len() < 6 {
            bench.post_refused(*conn, error(ErrorCode::TooLarge));
        } else {
            answered.extend(ids(requests));
            bench.post_answers(*conn, &ids(requests));
        }
    }
    assert_eq!(sizes, [9, 4, 2, 4, 2, 4, 1], "halved at once, doubled after each success");
    assert_eq!(answered, made);
}

#[test]
fn a_request_too_large_on_its_own_is_settled_with_that_error_and_the_others_go_on() {
    let mut bench = Bench::http();
    let large = bench.ask(set_op("large"));
    let (conn, _) = bench.posting();
    let small = bench.get();
    bench.post_refused(conn, error(ErrorCode::TooLarge));
    let out = bench.out();
    assert_eq!(settled(&out), [(large, Some(ErrorCode::TooLarge))]);
    assert!(matches!(&out[..], [_, Output::Post(_, None, requests)] if ids(requests) == [small]), "{out:?}");
}

#[test]
fn a_refused_call_that_can_be_made_later_is_made_later() {
    for (code, told, least) in [
        (ErrorCode::RateLimited, Some(8_000), 8_500),
        (ErrorCode::RateLimited, None, 5_500),
        (ErrorCode::ServerError, None, 500),
        (ErrorCode::Offline, None, 500),
    ] {
        let mut bench = Bench::http();
        let id = bench.get();
        let (conn, _) = bench.posting();
        let refusal = told.map_or(error(code), |told| error(code).after(told));
        bench.post_refused(conn, refusal);
        assert_eq!(bench.pass(least - 1), [], "{code:?}");
        let out = bench.pass(501);
        assert!(
            matches!(&out[..], [Output::Post(_, None, requests)] if ids(requests) == [id]),
            "{code:?}: {out:?}"
        );
    }
}
