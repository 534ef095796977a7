//! The end of a session: everything pending is settled, the end is reported once, and no output follows.

use causerie_client::{HttpFailure, Input, Output};
use causerie_protocol::{CloseCode, ErrorCode, Recovery, ServerFrame};

use crate::support::{
    Harness, JsonOutput, config, error, error_frame, get_op, ok, only_error, set_op, settled, welcome,
};

fn count_ended(outputs: &[JsonOutput]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::Ended(_))).count()
}

#[test]
fn fatal_close_settles_all_requests_with_its_error_and_then_ends_once() {
    for code in CloseCode::ALL.iter().copied().filter(|code| Recovery::of(code.number()) == Recovery::Never) {
        let (mut harness, conn) = Harness::connected();
        let request_ids = [harness.get(), harness.request(set_op("a")), harness.get()];
        harness.take_outputs();
        harness.receive(conn, error_frame(error(code.error_code())));
        harness.input(Input::Closed(conn, code.number()));
        let outputs = harness.take_outputs();
        let expected: Vec<_> = request_ids.iter().map(|id| (*id, Some(code.error_code()))).collect();
        assert_eq!(settled(&outputs), expected);
        assert_eq!(count_ended(&outputs), 1);
        let Some(Output::Ended(cause)) = outputs.last() else { panic!("Ended comes last: {outputs:?}") };
        assert_eq!(*cause, error(code.error_code()));
    }
}

#[test]
fn fatal_close_without_error_frame_names_its_code() {
    for (code, expected) in
        [(4404, ErrorCode::NotFound), (4406, ErrorCode::ProtocolMismatch), (4499, ErrorCode::Offline)]
    {
        let (mut harness, conn) = Harness::connected();
        harness.input(Input::Closed(conn, code));
        let outputs = harness.take_outputs();
        let [Output::Ended(cause)] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!(cause.code, expected);
        assert!(cause.message.contains(&code.to_string()), "{cause}");
    }
}

#[test]
fn error_frame_of_an_earlier_connection_is_not_the_cause_of_the_end() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.receive(conn, error_frame(error(ErrorCode::RateLimited)));
    harness.input(Input::Closed(conn, 4100));
    let outputs = harness.advance(8_000);
    let Some(Output::Open(next)) = outputs.last() else { panic!("{outputs:?}") };
    harness.input(Input::Opened(*next));
    harness.input(Input::Closed(*next, 4404));
    let outputs = harness.take_outputs();
    let Some(Output::Ended(cause)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(cause.code, ErrorCode::NotFound);
}

#[test]
fn error_frame_of_a_silent_connection_is_not_the_cause_of_the_end() {
    let (mut harness, conn) = Harness::connected();
    harness.advance(20_000);
    harness.get();
    harness.receive(conn, error_frame(error(ErrorCode::Unsupported)));
    harness.input(Input::Wake);
    harness.take_outputs();
    let outputs = harness.advance(4_000);
    let Some(Output::Open(next)) = outputs.last() else { panic!("{outputs:?}") };
    harness.input(Input::Opened(*next));
    harness.input(Input::Closed(*next, 4404));
    let outputs = harness.take_outputs();
    let Some(Output::Ended(cause)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(cause.code, ErrorCode::NotFound);
}

#[test]
fn error_frame_about_one_frame_is_not_the_cause_of_the_end() {
    let of_one_frame = [ErrorCode::Unsupported, ErrorCode::RateLimited].map(|code| error_frame(error(code)));
    let earlier = [error_frame(error(ErrorCode::Forbidden)), ServerFrame::Ping];
    for frames in [&of_one_frame[..1], &of_one_frame[1..], &earlier] {
        let (mut harness, conn) = Harness::connected();
        for frame in frames {
            harness.receive(conn, frame.clone());
        }
        harness.input(Input::Closed(conn, 4404));
        let outputs = harness.take_outputs();
        let [Output::Ended(cause)] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!(cause.code, ErrorCode::NotFound, "{frames:?}");
    }
}

#[test]
fn error_frame_about_one_frame_is_not_the_reason_of_a_broken_connection() {
    let (mut harness, conn) = Harness::connected();
    harness.get();
    harness.receive(conn, error_frame(error(ErrorCode::RateLimited).after(200)));
    harness.input(Input::Closed(conn, 1006));
    harness.input(Input::Suspend);
    let error = only_error(&harness.advance(30_000));
    assert!(error.message.contains("closed the connection with code 1006"), "{error}");
}

#[test]
fn fatal_rejection_of_a_post_ends_the_session() {
    for code in
        [ErrorCode::NotFound, ErrorCode::Forbidden, ErrorCode::ProtocolMismatch, ErrorCode::NotAuthenticated]
    {
        let mut harness = Harness::http();
        let id = harness.get();
        let (conn, _) = harness.expect_post();
        harness.reject_post(conn, error(code));
        assert_eq!(
            harness.take_outputs(),
            [Output::Settle(causerie_protocol::Outcome::failed(id, error(code))), Output::Ended(error(code))]
        );
    }
}

#[test]
fn after_the_end_inputs_are_ignored_and_requests_fail_with_session_ended() {
    let mut harness = Harness::new(causerie_client::Config { token_source: true, ..config() });
    harness.get();
    harness.input(Input::Token("t".to_owned()));
    let outputs = harness.take_outputs();
    let Some(Output::Open(conn)) = outputs.last() else { panic!("{outputs:?}") };
    let conn = *conn;
    harness.input(Input::Opened(conn));
    // The renewal of the token is due at the time at which the session ends.
    harness.receive(conn, welcome(Some(2_000)));
    harness.take_outputs();
    harness.now += 1_000;
    harness.input(Input::Closed(conn, 4404));
    let outputs = harness.take_outputs();
    assert!(matches!(outputs.last(), Some(Output::Ended(_))), "{outputs:?}");
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
        harness.input(input);
        assert_eq!(harness.take_outputs(), []);
        assert_eq!(harness.engine.deadline(), None);
    }
    let error_of_request = harness.engine.request(harness.now, get_op("ada")).unwrap_err();
    assert_eq!(error_of_request.code, ErrorCode::SessionEnded);
    assert!(error_of_request.message.contains("getTalkSession"), "{error_of_request}");
    assert_eq!(harness.take_outputs(), []);
    assert!(!harness.has_open_socket());
}
