//! The end of a session: everything is settled, it is said once, and nothing comes after it.

use causerie_client::{HttpFailure, Input, Output};
use causerie_protocol::{CloseCode, ErrorCode, Recovery};

use crate::support::{Bench, Out, config, error, error_frame, get_op, ok, set_op, settled, welcome};

fn ended(out: &[Out]) -> usize {
    out.iter().filter(|output| matches!(output, Output::Ended(_))).count()
}

#[test]
fn a_fatal_close_settles_everything_with_the_cause_and_then_says_so_once() {
    for code in CloseCode::ALL.iter().copied().filter(|code| Recovery::of(code.number()) == Recovery::Never) {
        let (mut bench, conn) = Bench::greeted();
        let made = [bench.get(), bench.ask(set_op("a")), bench.get()];
        bench.out();
        bench.frame(conn, error_frame(error(code.error_code())));
        bench.input(Input::Closed(conn, code.number()));
        let out = bench.out();
        let expected: Vec<_> = made.iter().map(|id| (*id, Some(code.error_code()))).collect();
        assert_eq!(settled(&out), expected);
        assert_eq!(ended(&out), 1);
        let Some(Output::Ended(why)) = out.last() else { panic!("Ended comes last: {out:?}") };
        assert_eq!(*why, error(code.error_code()));
    }
}

#[test]
fn a_fatal_close_about_which_nothing_was_said_still_tells_its_code() {
    for (code, told) in
        [(4404, ErrorCode::NotFound), (4406, ErrorCode::ProtocolMismatch), (4499, ErrorCode::Offline)]
    {
        let (mut bench, conn) = Bench::greeted();
        bench.input(Input::Closed(conn, code));
        let out = bench.out();
        let [Output::Ended(why)] = &out[..] else { panic!("{out:?}") };
        assert_eq!(why.code, told);
        assert!(why.message.contains(&code.to_string()), "{why}");
    }
}

#[test]
fn what_was_said_on_an_earlier_connection_is_not_the_cause_of_this_end() {
    let (mut bench, conn) = Bench::greeted();
    bench.get();
    bench.frame(conn, error_frame(error(ErrorCode::RateLimited)));
    bench.input(Input::Closed(conn, 4100));
    let out = bench.pass(8_000);
    let Some(Output::Open(next)) = out.last() else { panic!("{out:?}") };
    bench.input(Input::Opened(*next));
    bench.input(Input::Closed(*next, 4404));
    let out = bench.out();
    let Some(Output::Ended(why)) = out.last() else { panic!("{out:?}") };
    assert_eq!(why.code, ErrorCode::NotFound);
}

#[test]
fn what_was_said_on_a_connection_that_fell_silent_is_not_the_cause_either() {
    let (mut bench, conn) = Bench::greeted();
    bench.pass(20_000);
    bench.get();
    bench.frame(conn, error_frame(error(ErrorCode::Unsupported)));
    bench.input(Input::Wake);
    bench.out();
    let out = bench.pass(4_000);
    let Some(Output::Open(next)) = out.last() else { panic!("{out:?}") };
    bench.input(Input::Opened(*next));
    bench.input(Input::Closed(*next, 4404));
    let out = bench.out();
    let Some(Output::Ended(why)) = out.last() else { panic!("{out:?}") };
    assert_eq!(why.code, ErrorCode::NotFound);
}

#[test]
fn a_fatal_refusal_by_http_ends_the_session_as_well() {
    for code in
        [ErrorCode::NotFound, ErrorCode::Forbidden, ErrorCode::ProtocolMismatch, ErrorCode::NotAuthenticated]
    {
        let mut bench = Bench::http();
        let id = bench.get();
        let (conn, _) = bench.posting();
        bench.post_refused(conn, error(code));
        assert_eq!(
            bench.out(),
            [Output::Settle(causerie_protocol::Outcome::failed(id, error(code))), Output::Ended(error(code))]
        );
    }
}

#[test]
fn after_the_end_nothing_is_done_and_new_requests_are_told_why() {
    let mut bench = Bench::new(causerie_client::Config { token_source: true, ..config() });
    bench.get();
    bench.input(Input::Token("t".to_owned()));
    let out = bench.out();
    let Some(Output::Open(conn)) = out.last() else { panic!("{out:?}") };
    let conn = *conn;
    bench.input(Input::Opened(conn));
    // The token is to be renewed in the same moment in which the session ends.
    bench.frame(conn, welcome(Some(2_000)));
    bench.out();
    bench.now += 1_000;
    bench.input(Input::Closed(conn, 4404));
    let out = bench.out();
    assert!(matches!(out.last(), Some(Output::Ended(_))), "{out:?}");
    for input in [
        Input::Tick,
        Input::Wake,
        Input::Suspend,
        Input::Token("t".to_owned()),
        Input::TokenSource(true),
        Input::TokenFailed("no".to_owned()),
        Input::Opened(conn),
        Input::Opened(conn + 1),
        Input::Closed(conn, 1006),
        Input::Frame(conn + 1, causerie_protocol::ServerFrame::Result(ok(1))),
        Input::PostFailed(conn + 1, HttpFailure::Network),
        Input::Unsendable(1, error(ErrorCode::TooLarge)),
    ] {
        bench.input(input);
        assert_eq!(bench.out(), []);
        assert_eq!(bench.engine.deadline(), None);
    }
    let refused = bench.engine.request(bench.now, get_op("ada")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionEnded);
    assert!(refused.message.contains("getTalkSession"), "{refused}");
    assert_eq!(bench.out(), []);
    assert!(!bench.has_open_socket());
}
