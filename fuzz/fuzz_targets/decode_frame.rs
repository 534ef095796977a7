//! Any text a client may send. Reading it must not panic, and what is read must say the same when it is
//! written and read again; what is refused must be refused with a short error of the right code. The first
//! inputs are in `seeds/`, made from the golden frames by a test of `causerie-protocol`.
#![no_main]

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::http::Batch;
use causerie_protocol::{ClientFrame, ErrorBody, ErrorCode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    frame(text);
    batch(text);
});

fn frame(text: &str) {
    match decode::client_frame(text) {
        Ok(frame) => {
            if let ClientFrame::Request(request) = &frame {
                let _ = request.op.check().map_err(|error| fit_for_people(&error));
            }
            let wire = serde_json::to_string(&frame).expect("a frame is always JSON");
            assert_eq!(decode::client_frame(&wire), Ok(frame), "{wire}");
        }
        Err(DecodeError::NotAFrame(error)) => {
            assert_eq!(error.code, ErrorCode::InvalidFrame);
            fit_for_people(&error);
        }
        Err(DecodeError::UnknownFrame(error)) => {
            assert_eq!(error.code, ErrorCode::Unsupported);
            fit_for_people(&error);
        }
        Err(DecodeError::BadRequest { error, .. } | DecodeError::BadSubscription { error, .. }) => {
            assert!(matches!(error.code, ErrorCode::InvalidArgument | ErrorCode::Unsupported), "{error:?}");
            fit_for_people(&error);
        }
    }
}

fn batch(text: &str) {
    match decode::batch(text) {
        Ok(read) => {
            for refused in read.requests.iter().filter_map(|one| one.as_ref().err()) {
                fit_for_people(&refused.1);
            }
            if let Ok(requests) = read.requests.iter().cloned().collect::<Result<Vec<_>, _>>() {
                let batch = Batch { v: 1, user: read.user.clone(), client: read.client.clone(), requests };
                let wire = serde_json::to_string(&batch).expect("a batch is always JSON");
                assert_eq!(decode::batch(&wire), Ok(read), "{wire}");
            }
        }
        Err(error) => fit_for_people(&error),
    }
}

fn fit_for_people(error: &ErrorBody) {
    assert!((8..1_500).contains(&error.message.len()), "{} bytes: {error:?}", error.message.len());
}
