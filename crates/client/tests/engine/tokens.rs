//! Tokens: when the program is asked, when one is sent, and what a refusal leads to.

use causerie_client::{Config, Input, Output, Transport};
use causerie_protocol::{ErrorCode, ServerFrame};

use crate::support::{
    Bench, Out, config, error, error_frame, has, only_error, sent, set_op, settled, welcome,
};

fn with_source() -> Bench {
    Bench::new(Config { token_source: true, ..config() })
}

fn asks(out: &[Out]) -> usize {
    out.iter().filter(|output| matches!(output, Output::NeedToken)).count()
}

fn token_of_hello(out: &[Out]) -> Option<String> {
    let hello = out.iter().find_map(|output| match output {
        Output::Hello(_, hello) => Some(hello.token.clone()),
        _ => None,
    });
    hello.expect("a hello")
}

fn give(bench: &mut Bench, token: &str) {
    bench.input(Input::Token(token.to_owned()));
}

/// A connection that was greeted with this token, and its first request answered.
fn greeted_with(token: &str, expires_in: u64) -> (Bench, causerie_client::ConnectionId) {
    let mut bench = with_source();
    let id = bench.get();
    assert_eq!(bench.out(), [Output::NeedToken]);
    give(&mut bench, token);
    let conn = bench.open();
    assert_eq!(token_of_hello(&bench.out()).as_deref(), Some(token));
    bench.frame(conn, welcome(Some(expires_in)));
    bench.answer(conn, id);
    bench.out();
    (bench, conn)
}

#[test]
fn a_source_is_asked_once_before_the_first_request_goes_out() {
    let mut bench = with_source();
    assert_eq!(bench.pass(60_000), [], "not before there is a request");
    let made = [bench.get(), bench.get()];
    assert_eq!(bench.out(), [Output::NeedToken], "once, and nothing is opened without it");
    bench.input(Input::Wake);
    assert_eq!(bench.pass(10_000), []);
    give(&mut bench, "t1");
    let conn = bench.open();
    let out = bench.out();
    assert_eq!(token_of_hello(&out).as_deref(), Some("t1"));
    assert_eq!(sent(&out, conn), made);
}

#[test]
fn a_token_the_program_has_already_is_used_without_asking() {
    let mut bench = Bench::new(Config { token: Some("t0".to_owned()), token_source: true, ..config() });
    bench.get();
    bench.open();
    assert_eq!(token_of_hello(&bench.out()).as_deref(), Some("t0"));
}

#[test]
fn the_token_is_read_when_it_is_sent_not_when_the_socket_was_asked_for() {
    let mut bench = Bench::new(Config { token: Some("old".to_owned()), ..config() });
    bench.get();
    let conn = bench.opening();
    give(&mut bench, "new");
    assert_eq!(bench.out(), [], "there is no connection to send it on");
    bench.input(Input::Opened(conn));
    assert_eq!(token_of_hello(&bench.out()).as_deref(), Some("new"));
}

#[test]
fn set_token_on_a_live_connection_sends_it_at_once() {
    let (mut bench, conn) = Bench::greeted();
    give(&mut bench, "t2");
    assert_eq!(bench.out(), [Output::Auth(conn, "t2".to_owned())]);
}

#[test]
fn by_http_the_token_goes_with_every_call() {
    let mut bench =
        Bench::new(Config { token: Some("t".to_owned()), transport: Transport::Http, ..config() });
    bench.get();
    let out = bench.out();
    assert!(matches!(&out[..], [Output::Post(_, Some(token), _)] if token == "t"), "{out:?}");
}

#[test]
fn a_token_is_renewed_before_it_expires_by_the_time_the_server_told() {
    for (life, lead) in [(3_600_000, 360_000), (120_000, 30_000), (20_000, 10_000)] {
        let (mut bench, conn) = greeted_with("t1", life);
        let out = keep_busy(&mut bench, conn, life - lead - 1);
        assert_eq!(asks(&out), 0, "life {life}");
        let out = bench.pass(1);
        assert_eq!(asks(&out), 1, "life {life}: {lead} ms before the end");
        give(&mut bench, "t2");
        assert_eq!(bench.out(), [Output::Auth(conn, "t2".to_owned())], "on the same connection");
        bench.frame(conn, ServerFrame::Authenticated { token_expires_in: Some(life) });
        let out = keep_busy(&mut bench, conn, life - lead - 1);
        assert_eq!(asks(&out), 0);
        assert_eq!(asks(&bench.pass(1)), 1, "and again for the next");
    }
}

/// Lets time pass on a connection that is in use the whole time.
fn keep_busy(bench: &mut Bench, conn: causerie_client::ConnectionId, time: u64) -> Vec<Out> {
    let (end, mut out) = (bench.now + time, Vec::new());
    while bench.now < end {
        let id = bench.get();
        bench.answer(conn, id);
        out.extend(bench.pass(9_000.min(end - bench.now)));
    }
    out
}

#[test]
fn a_program_that_does_not_answer_is_asked_again_after_thirty_seconds_and_not_sooner() {
    let (mut bench, conn) = greeted_with("t1", 120_000);
    let out = keep_busy(&mut bench, conn, 90_000);
    assert_eq!(asks(&out), 1);
    assert_eq!(
        asks(&keep_busy(&mut bench, conn, 29_999)),
        0,
        "one request for a token is under way at a time"
    );
    assert_eq!(asks(&bench.pass(1)), 1);
}

#[test]
fn a_token_nobody_uses_is_not_renewed_until_there_is_a_request() {
    let (mut bench, _) = greeted_with("t1", 120_000);
    let out = bench.pass(3_600_000);
    assert_eq!(asks(&out), 0, "the connection was closed as idle before");
    assert_eq!(bench.engine.deadline(), None);
    bench.get();
    assert_eq!(asks(&bench.out()), 1);
}

#[test]
fn a_life_without_bounds_is_no_trouble() {
    let (mut bench, conn) = greeted_with("t1", u64::MAX);
    bench.frame(conn, ServerFrame::Authenticated { token_expires_in: Some(0) });
    assert_eq!(asks(&bench.out()), 1);
}

#[test]
fn an_expired_token_is_replaced_and_the_same_requests_go_out_again() {
    let (mut bench, conn) = greeted_with("t1", 3_600_000);
    let id = bench.ask(set_op("Ada"));
    bench.out();
    bench.frame(conn, error_frame(error(ErrorCode::TokenExpired)));
    bench.input(Input::Closed(conn, 4201));
    assert_eq!(bench.out(), [Output::NeedToken], "at once, and no socket with the old token");
    give(&mut bench, "t2");
    let conn = bench.open();
    let out = bench.out();
    assert_eq!(token_of_hello(&out).as_deref(), Some("t2"));
    assert_eq!(sent(&out, conn), [id]);
}

#[test]
fn a_program_at_work_on_a_token_is_not_asked_again_when_the_old_one_runs_out() {
    let (mut bench, conn) = greeted_with("t1", 120_000);
    let out = keep_busy(&mut bench, conn, 90_000);
    assert_eq!(asks(&out), 1);
    bench.get();
    bench.out();
    bench.pass(5_000);
    bench.input(Input::Closed(conn, 4201));
    assert_eq!(bench.out(), [], "the answer is still to come");
    give(&mut bench, "t2");
    bench.open();
    assert_eq!(token_of_hello(&bench.out()).as_deref(), Some("t2"));
}

#[test]
fn a_token_that_crossed_the_refusal_of_the_old_one_is_tried_before_anything_else() {
    for token_source in [true, false] {
        let mut bench = Bench::new(Config { token: Some("old".to_owned()), token_source, ..config() });
        let id = bench.get();
        let conn = bench.open();
        bench.frame(conn, welcome(Some(40_000)));
        bench.out();
        give(&mut bench, "new");
        bench.out();
        bench.input(Input::Closed(conn, 4201));
        let conn = bench.open();
        let out = bench.out();
        assert_eq!(token_of_hello(&out).as_deref(), Some("new"));
        assert_eq!(sent(&out, conn), [id]);
    }
}

#[test]
fn by_http_too_a_token_that_crossed_a_refusal_is_tried() {
    let mut bench =
        Bench::new(Config { token: Some("old".to_owned()), transport: Transport::Http, ..config() });
    bench.get();
    let (conn, _) = match &bench.out()[..] {
        [Output::Post(conn, _, requests)] => (*conn, requests.len()),
        other => panic!("{other:?}"),
    };
    give(&mut bench, "new");
    bench.post_refused(conn, error(ErrorCode::TokenExpired));
    let out = bench.out();
    assert!(matches!(&out[..], [Output::Post(_, Some(token), _)] if token == "new"), "{out:?}");
    let [Output::Post(conn, ..)] = out[..] else { panic!() };
    bench.post_refused(conn, error(ErrorCode::NotAuthenticated));
    assert!(has(&bench.out(), |output| matches!(output, Output::Ended(_))), "but once only");
}

#[test]
fn three_refusals_in_a_row_end_the_session_and_between_them_is_a_wait() {
    let mut bench = with_source();
    let id = bench.get();
    assert_eq!(bench.out(), [Output::NeedToken]);
    for refusal in 1..=3 {
        give(&mut bench, "bad");
        let conn = bench.open();
        bench.out();
        bench.frame(conn, error_frame(error(ErrorCode::NotAuthenticated)));
        bench.input(Input::Closed(conn, 4200));
        match refusal {
            1 => assert_eq!(bench.out(), [Output::NeedToken], "the first may have been out of date"),
            2 => {
                assert_eq!(bench.pass(499), [], "the second was not");
                assert_eq!(asks(&bench.pass(2_000)), 1);
            }
            _ => {
                let out = bench.out();
                assert_eq!(settled(&out), [(id, Some(ErrorCode::NotAuthenticated))]);
                let Some(Output::Ended(why)) = out.last() else { panic!("{out:?}") };
                assert_eq!(why.message, "the server's own words");
            }
        }
    }
}

#[test]
fn a_token_that_is_welcomed_and_thrown_out_at_once_still_counts_as_refused() {
    let mut bench = with_source();
    bench.get();
    let mut rounds = 0;
    while !has(&bench.pass(2_000), |output| matches!(output, Output::Ended(_))) {
        rounds += 1;
        assert!(rounds < 10, "this goes round for ever");
        give(&mut bench, "cached and stale");
        let conn = bench.open();
        bench.frame(conn, welcome(Some(1)));
        bench.input(Input::Closed(conn, 4201));
    }
    assert_eq!(rounds, 3);
}

#[test]
fn refusals_apart_from_each_other_do_not_add_up() {
    let (mut bench, mut conn) = greeted_with("t", 3_600_000);
    for _ in 0..5 {
        bench.pass(6_000);
        bench.frame(conn, ServerFrame::Ping);
        bench.get();
        bench.out();
        bench.input(Input::Closed(conn, 4201));
        assert_eq!(bench.out(), [Output::NeedToken]);
        give(&mut bench, "t");
        conn = bench.open();
        bench.frame(conn, welcome(Some(3_600_000)));
        bench.out();
    }
}

#[test]
fn a_refused_token_without_a_source_ends_the_session() {
    for code in [4200, 4201, 4299] {
        let (mut bench, conn) = Bench::greeted();
        let id = bench.get();
        bench.out();
        bench.input(Input::Closed(conn, code));
        let out = bench.out();
        assert_eq!(settled(&out).len(), 1, "{code}");
        assert_eq!(settled(&out)[0].0, id);
        assert!(matches!(out.last(), Some(Output::Ended(_))), "{code}");
    }
}

#[test]
fn a_source_that_fails_is_asked_again_after_a_wait() {
    let mut bench = with_source();
    bench.get();
    assert_eq!(bench.out(), [Output::NeedToken]);
    bench.input(Input::TokenFailed("the token service is down".to_owned()));
    assert_eq!(bench.pass(499), []);
    assert_eq!(bench.pass(501), [Output::NeedToken]);
    give(&mut bench, "t");
    bench.open();
}

#[test]
fn a_request_without_a_token_in_time_says_why_and_what_to_do() {
    let mut bench = with_source();
    bench.get();
    let silent = only_error(&bench.pass(30_000));
    assert_eq!(silent.code, ErrorCode::NotAuthenticated);
    assert_eq!(silent.message, "no token was provided in time; call setToken() from onNeedToken");
    bench.get();
    assert_eq!(bench.out(), [Output::NeedToken], "the next request asks again");
    bench.input(Input::TokenFailed("the token service is down".to_owned()));
    let failed = only_error(&bench.pass(30_000));
    assert_eq!(failed.code, ErrorCode::NotAuthenticated);
    assert!(failed.message.starts_with("the token service is down"), "{failed}");
}

#[test]
fn a_source_that_comes_later_is_used_and_one_that_goes_is_not_waited_for() {
    let mut bench = Bench::plain();
    bench.get();
    let conn = bench.opening();
    bench.input(Input::TokenSource(true));
    assert_eq!(bench.out(), [Output::NeedToken]);
    bench.input(Input::Opened(conn));
    let out = bench.out();
    assert!(
        matches!(out[..], [Output::Close(closed, _)] if closed == conn),
        "no hello without a token: {out:?}"
    );
    bench.input(Input::TokenSource(false));
    bench.open();
    assert_eq!(token_of_hello(&bench.out()), None);
}
