//! The actions of a random run, with the weight of each.

use causerie_client::ConnectionId;
use causerie_protocol::ErrorCode;
use proptest::prelude::*;

/// An action of the driver, the server or the network. An index may be out of range, and an action may not
/// fit the current state. The driver then skips it or applies it to something unknown.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Request {
        write: bool,
    },
    Subscribe,
    Unsubscribe(usize),
    OpenSocket,
    Welcome {
        expires_in: Option<u32>,
        /// Whether the server has the usual epoch.
        same_epoch: bool,
    },
    Reset {
        index: usize,
        seq: Option<u64>,
    },
    Events {
        index: usize,
        /// Whether the events start at the position reached.
        in_sequence: bool,
    },
    Update,
    EndSubscription {
        index: usize,
        code: ErrorCode,
        retry_after: Option<u32>,
    },
    Result(usize),
    /// A ping, a pong or an `authenticated` frame.
    OtherFrame(u8),
    ErrorFrame {
        code: ErrorCode,
        retry_after: Option<u32>,
    },
    CloseSocket(u16),
    CompletePost {
        all: bool,
    },
    FailPost(Option<ErrorCode>),
    Unsendable(usize),
    Token,
    TokenFailed,
    TokenSource(bool),
    Wake,
    Suspend,
    /// Time passes with a tick at every deadline.
    Advance(u32),
    /// Time passes without a tick, because the timer was delayed.
    AdvanceWithoutTicks(u32),
    /// An input about an earlier connection, which is this many connections back.
    Stale {
        kind: u8,
        back: ConnectionId,
    },
}

pub(super) fn action() -> impl Strategy<Value = Action> {
    let close_codes = [1000_u16, 1001, 1006, 4000, 4003, 4100, 4101, 4200, 4201];
    let rejections =
        [ErrorCode::TooLarge, ErrorCode::RateLimited, ErrorCode::TokenExpired, ErrorCode::ServerError];
    let ends = [ErrorCode::InvalidArgument, ErrorCode::RateLimited, ErrorCode::ServerError];
    let index = || 0..4_usize;
    let end = (index(), prop::sample::select(ends.to_vec()), prop::option::of(0..30_000_u32));
    prop_oneof![
        12 => any::<bool>().prop_map(|write| Action::Request { write }),
        10 => Just(Action::OpenSocket),
        5 => Just(Action::Subscribe),
        2 => index().prop_map(Action::Unsubscribe),
        8 => (prop::option::of(0..90_000_u32), prop::bool::weighted(0.9))
            .prop_map(|(expires_in, same_epoch)| Action::Welcome { expires_in, same_epoch }),
        8 => (index(), prop::option::weighted(0.7, 0..50_u64))
            .prop_map(|(index, seq)| Action::Reset { index, seq }),
        8 => (index(), prop::bool::weighted(0.8))
            .prop_map(|(index, in_sequence)| Action::Events { index, in_sequence }),
        1 => Just(Action::Update),
        2 => end.prop_map(|(index, code, retry_after)| Action::EndSubscription { index, code, retry_after }),
        12 => index().prop_map(Action::Result),
        4 => any::<u8>().prop_map(Action::OtherFrame),
        2 => prop::option::of(0..9_000_u32)
            .prop_map(|retry_after| Action::ErrorFrame { code: ErrorCode::RateLimited, retry_after }),
        6 => prop::sample::select(close_codes.to_vec()).prop_map(Action::CloseSocket),
        1 => (4_400..4_420_u16).prop_map(Action::CloseSocket),
        8 => any::<bool>().prop_map(|all| Action::CompletePost { all }),
        5 => prop::option::of(prop::sample::select(rejections.to_vec())).prop_map(Action::FailPost),
        1 => index().prop_map(Action::Unsendable),
        4 => Just(Action::Token),
        1 => Just(Action::TokenFailed),
        1 => any::<bool>().prop_map(Action::TokenSource),
        3 => Just(Action::Wake),
        1 => Just(Action::Suspend),
        10 => (0..40_000_u32).prop_map(Action::Advance),
        2 => (0..90_000_u32).prop_map(Action::AdvanceWithoutTicks),
        3 => (any::<u8>(), 0..6_u32).prop_map(|(kind, back)| Action::Stale { kind, back }),
    ]
}
