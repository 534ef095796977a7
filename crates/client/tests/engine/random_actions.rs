//! The engine under random sequences of actions: a driver that checks every output, and the state after every
//! action.

mod actions;
mod driver;
mod perform;
mod subscription_model;

use causerie_client::{Millis, Transport};
use causerie_protocol::limits::REQUEST_TIMEOUT_MS;
use proptest::prelude::*;

use actions::action;
use driver::Driver;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_request_is_settled_once_in_time_and_subscriptions_get_exactly_the_next_frames_under_any_actions(
        http in prop::bool::weighted(0.2),
        token in prop::option::of(Just("t0".to_owned())),
        token_source in any::<bool>(),
        seed in any::<u64>(),
        actions in prop::collection::vec(action(), 1..150),
    ) {
        let transport = if http { Transport::Http } else { Transport::Auto };
        let mut driver = Driver::new(transport, token, token_source, seed);
        for action in actions {
            driver.perform(action);
        }
        driver.advance(Millis::from(REQUEST_TIMEOUT_MS));
        prop_assert_eq!(driver.pending.len(), 0);
    }
}
