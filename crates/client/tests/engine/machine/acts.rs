//! What may happen to an engine, and how often.

use causerie_client::ConnectionId;
use causerie_protocol::ErrorCode;
use proptest::prelude::*;

/// Something that may happen. What does not fit the moment happens all the same, to a connection of old.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Ask {
        write: bool,
    },
    Follow,
    Unfollow(usize),
    Open,
    /// The server's greeting; whether its database is the one it mostly is.
    Welcome {
        expires_in: Option<u32>,
        same: bool,
    },
    Reset(usize, Option<u64>),
    Events {
        place: usize,
        fits: bool,
    },
    Update,
    Over(usize, ErrorCode, Option<u32>),
    Answer(usize),
    Life(u8),
    Told(ErrorCode, Option<u32>),
    Close(u16),
    PostAnswer {
        all: bool,
    },
    PostFail(Option<ErrorCode>),
    Unsendable(usize),
    Token,
    TokenFailed,
    Source(bool),
    Wake,
    Suspend,
    /// Time passes, with a tick whenever one was asked for.
    Pass(u32),
    /// Time passes without a tick: the timer was held up.
    Sleep(u32),
    Stale(u8, ConnectionId),
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let codes = [1000_u16, 1001, 1006, 4000, 4003, 4100, 4101, 4200, 4201];
    let refusals =
        [ErrorCode::TooLarge, ErrorCode::RateLimited, ErrorCode::TokenExpired, ErrorCode::ServerError];
    let ends = [ErrorCode::InvalidArgument, ErrorCode::RateLimited, ErrorCode::ServerError];
    prop_oneof![
        12 => any::<bool>().prop_map(|write| Act::Ask { write }),
        10 => Just(Act::Open),
        5 => Just(Act::Follow),
        2 => (0..4_usize).prop_map(Act::Unfollow),
        8 => (prop::option::of(0..90_000_u32), prop::bool::weighted(0.9))
            .prop_map(|(expires_in, same)| Act::Welcome { expires_in, same }),
        8 => (0..4_usize, prop::option::weighted(0.7, 0..50_u64)).prop_map(|(place, seq)| Act::Reset(place, seq)),
        8 => (0..4_usize, prop::bool::weighted(0.8)).prop_map(|(place, fits)| Act::Events { place, fits }),
        1 => Just(Act::Update),
        2 => (0..4_usize, prop::sample::select(ends.to_vec()), prop::option::of(0..30_000_u32))
            .prop_map(|(place, code, after)| Act::Over(place, code, after)),
        12 => (0..4_usize).prop_map(Act::Answer),
        4 => any::<u8>().prop_map(Act::Life),
        2 => prop::option::of(0..9_000_u32).prop_map(|after| Act::Told(ErrorCode::RateLimited, after)),
        6 => prop::sample::select(codes.to_vec()).prop_map(Act::Close),
        1 => (4_400..4_420_u16).prop_map(Act::Close),
        8 => any::<bool>().prop_map(|all| Act::PostAnswer { all }),
        5 => prop::option::of(prop::sample::select(refusals.to_vec())).prop_map(Act::PostFail),
        1 => (0..4_usize).prop_map(Act::Unsendable),
        4 => Just(Act::Token),
        1 => Just(Act::TokenFailed),
        1 => any::<bool>().prop_map(Act::Source),
        3 => Just(Act::Wake),
        1 => Just(Act::Suspend),
        10 => (0..40_000_u32).prop_map(Act::Pass),
        2 => (0..90_000_u32).prop_map(Act::Sleep),
        3 => (any::<u8>(), 0..6_u32).prop_map(|(kind, back)| Act::Stale(kind, back)),
    ]
}
