//! How a lost connection is noticed, and when the next one is tried.

use causerie_client::{ConnectionId, Input, Millis, Output};
use causerie_protocol::{CloseCode, ErrorCode, ServerFrame};

use crate::support::{Bench, Out, error, error_frame, has, sent, set_op, settled, welcome};

fn opens(out: &[Out]) -> bool {
    has(out, |output| matches!(output, Output::Open(_)))
}

/// How long after this moment the engine wants another socket.
fn wait_for_socket(bench: &mut Bench) -> (Millis, ConnectionId) {
    let start = bench.now;
    for _ in 0..1_000 {
        for output in bench.out() {
            match output {
                Output::Open(conn) => return (bench.now - start, conn),
                Output::Post(conn, ..) => panic!("wanted a socket, not POST {conn}"),
                _ => {}
            }
        }
        bench.now = bench.engine.deadline().expect("a request waits, so there is something to do");
        bench.input(Input::Tick);
    }
    panic!("no socket was wanted");
}

#[test]
fn after_a_cut_the_same_requests_go_out_under_the_same_ids_and_keys() {
    let (mut bench, conn) = Bench::greeted();
    let made = [bench.ask(set_op("a")), bench.get(), bench.ask(set_op("b"))];
    let before: Vec<_> = bench.out();
    bench.answer(conn, made[0]);
    bench.out();
    bench.input(Input::Closed(conn, 1006));
    let (_, next) = wait_for_socket(&mut bench);
    bench.input(Input::Opened(next));
    let after = bench.out();
    assert_eq!(sent(&after, next), made[1..]);
    let requests = |out: Vec<Out>| -> Vec<_> {
        out.into_iter()
            .filter_map(|output| match output {
                Output::Request(_, request) => Some(request),
                _ => None,
            })
            .collect()
    };
    assert_eq!(requests(after), requests(before)[1..], "word for word");
}

#[test]
fn a_half_open_socket_is_replaced_after_thirty_five_seconds_of_silence() {
    let (mut bench, conn) = Bench::greeted();
    bench.pass(29_000);
    let id = bench.get();
    bench.out();
    let out = bench.pass(5_999);
    assert_eq!(out, []);
    let out = bench.pass(1);
    let [Output::Close(old, CloseCode::Silent), Output::Open(next)] = out[..] else { panic!("{out:?}") };
    assert_eq!(old, conn);
    bench.input(Input::Opened(next));
    assert_eq!(sent(&bench.out(), next), [id]);
}

#[test]
fn any_frame_is_a_sign_of_life() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.out();
    for frame in [ServerFrame::Ping, ServerFrame::Pong, ServerFrame::Authenticated { token_expires_in: None }]
    {
        bench.pass(9_000);
        bench.frame(conn, frame);
    }
    bench.input(Input::UnknownFrame(conn));
    bench.get();
    let mut out = bench.pass(20_000);
    bench.get();
    out.extend(bench.pass(14_999));
    assert!(!has(&out, |output| matches!(output, Output::Close(..))), "{out:?}");
    let out = bench.pass(1);
    assert!(matches!(out[..], [Output::Close(old, CloseCode::Silent), ..] if old == conn), "{out:?}");
}

#[test]
fn on_wake_a_live_socket_is_probed_once_and_replaced_if_it_does_not_answer() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.out();
    bench.input(Input::Wake);
    bench.input(Input::Wake);
    assert_eq!(bench.out(), [Output::Ping(conn)], "one probe at a time");
    assert_eq!(bench.pass(3_999), []);
    let out = bench.pass(1);
    assert!(matches!(out[..], [Output::Close(old, CloseCode::Silent), Output::Open(_)] if old == conn));
}

#[test]
fn a_probe_that_is_answered_leaves_the_socket_alone() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.out();
    bench.input(Input::Wake);
    bench.out();
    bench.pass(2_000);
    bench.frame(conn, ServerFrame::Pong);
    assert_eq!(bench.pass(20_000), []);
    bench.input(Input::Wake);
    assert_eq!(bench.out(), [Output::Ping(conn)], "the next wake probes again");
}

#[test]
fn a_socket_that_was_silent_for_too_long_is_replaced_on_wake_without_a_probe() {
    let (mut bench, conn) = Bench::greeted();
    bench.now += 20_000;
    bench.get();
    bench.out();
    bench.now += 16_000;
    bench.input(Input::Wake);
    let out = bench.out();
    assert!(
        matches!(out[..], [Output::Close(old, CloseCode::Silent), Output::Open(_)] if old == conn),
        "{out:?}"
    );
}

#[test]
fn news_of_a_replaced_socket_is_not_heard() {
    let (mut bench, old) = Bench::greeted();
    let id = bench.get();
    bench.input(Input::Wake);
    bench.out();
    let out = bench.pass(4_000);
    let Some(Output::Open(next)) = out.last() else { panic!("{out:?}") };
    let next = *next;
    bench.answer(old, id);
    bench.input(Input::Closed(old, 4404));
    bench.input(Input::Opened(old));
    bench.input(Input::UnknownFrame(old));
    assert_eq!(bench.out(), []);
    bench.input(Input::Opened(next));
    assert_eq!(sent(&bench.out(), next), [id]);
}

#[test]
fn a_close_that_is_told_twice_counts_once() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.out();
    bench.input(Input::Closed(conn, 1006));
    bench.input(Input::Closed(conn, 1006));
    let (_, next) = wait_for_socket(&mut bench);
    assert_ne!(next, conn, "a socket, not the HTTP twin");
}

#[test]
fn waits_grow_while_connections_fail_soon_after_welcome() {
    let (mut bench, mut conn) = Bench::greeted();
    bench.get();
    bench.out();
    let mut waits = Vec::new();
    for _ in 0..14 {
        bench.frame(conn, welcome(None));
        bench.pass(1_000);
        bench.input(Input::Closed(conn, 1006));
        let (wait, next) = wait_for_socket(&mut bench);
        waits.push(wait);
        conn = next;
        bench.input(Input::Opened(conn));
        bench.out();
        bench.get();
    }
    assert!(waits[0] < 1_000, "{waits:?}");
    assert!(waits.iter().all(|wait| (500..=20_000).contains(wait)), "{waits:?}");
    assert!(waits[6..].iter().any(|wait| *wait > 5_000), "being welcomed alone resets nothing: {waits:?}");
}

#[test]
fn the_waits_begin_anew_once_a_connection_has_held() {
    for told_by_frame in [true, false] {
        let (mut bench, mut conn) = Bench::greeted();
        for _ in 0..12 {
            bench.get();
            bench.input(Input::Closed(conn, 1006));
            let (_, next) = wait_for_socket(&mut bench);
            conn = next;
            bench.input(Input::Opened(conn));
            bench.frame(conn, welcome(None));
        }
        bench.pass(5_000);
        if told_by_frame {
            bench.frame(conn, ServerFrame::Ping);
        }
        bench.get();
        bench.out();
        bench.input(Input::Closed(conn, 1006));
        let (wait, _) = wait_for_socket(&mut bench);
        assert!(wait < 1_000, "{wait} ms (told by a frame: {told_by_frame})");
    }
}

#[test]
fn codes_that_say_retry_are_followed_by_a_short_wait_and_the_same_requests() {
    for code in [1000, 1001, 1006, 1011, 1012, 3000, 4000, 4001, 4002, 4003, 4077, 4300, 4999] {
        let (mut bench, conn) = Bench::greeted();
        let id = bench.get();
        bench.out();
        bench.input(Input::Closed(conn, code));
        let (wait, next) = wait_for_socket(&mut bench);
        assert!((500..1_000).contains(&wait), "{code}: {wait} ms");
        bench.input(Input::Opened(next));
        assert_eq!(sent(&bench.out(), next), [id], "{code}");
    }
}

#[test]
fn codes_that_say_retry_later_are_followed_by_the_time_the_server_told_or_five_seconds() {
    for (code, told, least) in [(4100, Some(12_000), 12_000), (4101, Some(7_000), 7_000), (4199, None, 5_000)]
    {
        let (mut bench, conn) = Bench::greeted();
        bench.get();
        bench.out();
        if let Some(told) = told {
            bench.frame(conn, error_frame(error(ErrorCode::RateLimited).after(told)));
        }
        bench.input(Input::Closed(conn, code));
        bench.input(Input::Wake);
        assert!(!opens(&bench.out()), "{code}: a wake does not cut a wait short that the server asked for");
        let (wait, _) = wait_for_socket(&mut bench);
        assert!((least + 500..least + 1_000).contains(&wait), "{code}: {wait} ms");
    }
}

#[test]
fn the_time_told_on_one_connection_is_not_taken_for_the_next() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.frame(conn, error_frame(error(ErrorCode::RateLimited).after(9_000)));
    bench.input(Input::Closed(conn, 4100));
    let (_, next) = wait_for_socket(&mut bench);
    bench.input(Input::Opened(next));
    bench.frame(next, welcome(None));
    bench.out();
    bench.input(Input::Closed(next, 4100));
    let (wait, _) = wait_for_socket(&mut bench);
    assert!(wait < 7_000, "{wait} ms");
}

#[test]
fn a_wake_ends_a_wait_at_once_when_no_server_asked_for_it() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.input(Input::Closed(conn, 1006));
    bench.out();
    bench.input(Input::Wake);
    assert!(opens(&bench.out()));
}

#[test]
fn without_a_request_a_lost_connection_is_not_replaced() {
    let (mut bench, conn) = Bench::greeted();
    bench.input(Input::Closed(conn, 1006));
    assert_eq!(bench.pass(600_000), []);
    assert_eq!(bench.engine.deadline(), None);
}

#[test]
fn a_request_made_while_waiting_waits_its_turn_and_goes_with_the_others() {
    let (mut bench, conn) = Bench::greeted();
    let first = bench.get();
    bench.input(Input::Closed(conn, 1006));
    bench.out();
    let second = bench.get();
    assert_eq!(bench.out(), []);
    let (_, next) = wait_for_socket(&mut bench);
    bench.input(Input::Opened(next));
    let out = bench.out();
    assert_eq!(sent(&out, next), [first, second]);
    assert_eq!(settled(&out), []);
}
