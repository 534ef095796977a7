//! Any text that a client may send. Decoding must not panic, and encoding and decoding a frame again must
//! give the same frame. A rejected text must have a short error with the right code. The first inputs are in
//! `seeds/`, generated from the golden frames by a test of `causerie-protocol`.
#![no_main]

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::http::Batch;
use causerie_protocol::{ClientFrame, ErrorBody, ErrorCode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    decode_frame(text);
    decode_batch(text);
});

fn decode_frame(text: &str) {
    match decode::client_frame(text) {
        Ok(frame) => {
            if let ClientFrame::Request(request) = &frame {
                let _ = request.op.check().map_err(|error| assert_readable(&error));
            }
            let wire = serde_json::to_string(&frame).expect("a frame is always JSON");
            assert_eq!(decode::client_frame(&wire), Ok(frame), "{wire}");
        }
        Err(DecodeError::NotAFrame(error)) => {
            assert_eq!(error.code, ErrorCode::InvalidFrame);
            assert_readable(&error);
        }
        Err(DecodeError::UnknownFrame(error)) => {
            assert_eq!(error.code, ErrorCode::Unsupported);
            assert_readable(&error);
        }
        Err(DecodeError::BadRequest { error, .. } | DecodeError::BadSubscription { error, .. }) => {
            assert!(matches!(error.code, ErrorCode::InvalidArgument | ErrorCode::Unsupported), "{error:?}");
            assert_readable(&error);
        }
    }
}

fn decode_batch(text: &str) {
    match decode::batch(text) {
        Ok(read) => {
            for (_, error) in read.requests.iter().filter_map(|request| request.as_ref().err()) {
                assert_readable(error);
            }
            if let Ok(requests) = read.requests.iter().cloned().collect::<Result<Vec<_>, _>>() {
                let (user, client, generation) = (read.user.clone(), read.client.clone(), read.generation);
                let batch = Batch { v: 1, user, client, generation, requests };
                let wire = serde_json::to_string(&batch).expect("a batch is always JSON");
                assert_eq!(decode::batch(&wire), Ok(read), "{wire}");
            }
        }
        Err(error) => assert_readable(&error),
    }
}

fn assert_readable(error: &ErrorBody) {
    assert!((8..1_500).contains(&error.message.len()), "{} bytes: {error:?}", error.message.len());
}
