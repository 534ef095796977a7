//! Subscriptions where no socket opens: they wait, requests do not, and nothing is given up.

use causerie_client::{HttpFailure, Input, Output};
use causerie_protocol::ErrorCode;

use crate::support::{Bench, asked, delivered, get_op, messages, sent, set_op, settled, welcome};

#[test]
fn a_session_that_goes_by_http_only_refuses_and_says_what_to_change() {
    let mut bench = Bench::http();
    let refused = bench.engine.subscribe(bench.now, messages("c"), None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unsupported);
    assert!(refused.message.contains("WebSocket") && refused.message.contains("transport"), "{refused}");
    assert_eq!((bench.out(), bench.engine.deadline()), (Vec::new(), None));
}

#[test]
fn where_no_socket_opens_a_subscription_waits_for_the_next_try_and_nothing_empty_is_posted() {
    let mut bench = Bench::plain();
    let id = bench.follow(messages("c"));
    let conn = bench.opening();
    bench.input(Input::Closed(conn, 1006));
    assert_eq!(bench.pass(59_999), []);
    let out = bench.pass(1);
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    assert_eq!(asked(&bench.out(), conn), [id]);
}

#[test]
fn requests_go_by_http_meanwhile_and_the_subscription_gets_its_socket_when_one_opens() {
    let mut bench = Bench::plain();
    let id = bench.follow(messages("c"));
    let conn = bench.opening();
    bench.input(Input::Closed(conn, 1006));
    let request = bench.ask(set_op("Ada"));
    let (conn, posted) = bench.posting();
    assert_eq!(posted, [request]);
    bench.post_answers(conn, &[request]);
    assert_eq!(settled(&bench.out()), [(request, None)]);
    bench.pass(59_999);
    let later = bench.get();
    let (conn, posted) = bench.posting();
    assert_eq!(posted, [later]);
    assert_eq!(bench.pass(1_000), [], "one thing at a time");
    bench.post_answers(conn, &[later]);
    let out = bench.out();
    let [Output::Settle(_), Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    assert_eq!(asked(&bench.out(), conn), [id]);
}

#[test]
fn where_a_socket_was_open_before_it_is_tried_again_soon() {
    let (mut bench, conn, _) = Bench::following();
    bench.input(Input::Closed(conn, 1006));
    let begun = bench.now;
    let mut tries = Vec::new();
    while bench.now < begun + 120_000 {
        for output in bench.pass(50) {
            let Output::Open(conn) = output else { panic!("only a socket helps: {output:?}") };
            tries.push(bench.now - begun);
            bench.input(Input::Closed(conn, 1006));
        }
    }
    assert!((6..40).contains(&tries.len()), "neither given up nor a storm: {tries:?}");
    assert!(tries[1] - tries[0] <= 1_050, "{tries:?}");
    let longest = tries.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(longest.is_some_and(|gap| (5_000..=20_050).contains(&gap)), "{tries:?}");
    bench.input(Input::Wake);
    let out = bench.out();
    let [Output::Open(conn)] = out[..] else { panic!("and at once when the network may be back: {out:?}") };
    bench.input(Input::Opened(conn));
    bench.frame(conn, welcome(None));
    bench.out();
    bench.input(Input::Closed(conn, 1006));
    let out = bench.pass(20_000);
    let Some(Output::Open(conn)) = out.last() else { panic!("{out:?}") };
    bench.input(Input::Closed(*conn, 1006));
    let out = bench.pass(1_000);
    assert!(matches!(out[..], [Output::Open(_)]), "the next outage begins anew: {out:?}");
}

#[test]
fn an_outage_in_which_http_answers_first_does_not_keep_a_subscription_from_its_socket() {
    let (mut bench, conn, id) = Bench::following();
    bench.input(Input::Closed(conn, 1006));
    let request = bench.get();
    let out = bench.pass(1_000);
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Closed(conn, 1006));
    let (conn, posted) = bench.posting();
    assert_eq!(posted, [request]);
    bench.post_answers(conn, &[request]);
    bench.out();
    let out = bench.pass(1_000);
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    assert_eq!(asked(&bench.out(), conn), [id]);
}

#[test]
fn when_http_fails_too_there_is_a_wait_and_then_a_socket_with_all_that_is_wanted() {
    let mut bench = Bench::plain();
    let (id, request) = (bench.follow(messages("c")), bench.get());
    let conn = bench.opening();
    bench.input(Input::Closed(conn, 1006));
    let (conn, _) = bench.posting();
    bench.input(Input::PostFailed(conn, HttpFailure::Network));
    let out = bench.pass(1_000);
    let [Output::Open(conn)] = out[..] else { panic!("{out:?}") };
    bench.input(Input::Opened(conn));
    let out = bench.out();
    assert_eq!(asked(&out, conn), [id, request]);
    assert_eq!(sent(&out, conn), [request]);
}

#[test]
fn a_subscription_does_not_time_out_however_long_there_is_no_network() {
    let mut bench = Bench::plain();
    let id = bench.follow(messages("c"));
    let request = bench.ask(get_op("ada"));
    bench.input(Input::Suspend);
    let out = bench.pass(86_400_000);
    assert_eq!(settled(&out), [(request, Some(ErrorCode::Offline))]);
    assert_eq!(delivered(&out), []);
    bench.input(Input::Wake);
    let conn = bench.open();
    assert_eq!(asked(&bench.out(), conn), [id]);
}
