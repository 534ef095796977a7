//! Many runs, each from its own seed; and one scenario, cut at every text of it.

use causerie_client::Millis;

use super::judging::{LiveWorld, at_the_end, judge};
use super::person::{Act, PEOPLE, Person, What};
use super::sabotage::{Broken, Sabotage};
use super::server::RealServer;
use crate::chance::Chance;
use crate::link::Weather;
use crate::tests::number;
use crate::world::{PROGRAM, World};

/// How many seeds the test runs; `SIM_SEEDS` and `SIM_FIRST_SEED` say otherwise.
const SEEDS: u64 = 20;
/// How long after everything was said the network holds, in milliseconds: longer than any wait there is.
const CALM: Millis = 100_000;

/// How often the server's own tasks are waited for in the end, some real milliseconds each.
const PATIENCE: u64 = 400;

const FAIR: Weather = Weather { latency: 20, cuts: 0, silences: 0, refusals: 0, lost_calls: 0 };

/// Plays a whole run.
fn play(seed: u64, broken: Broken) -> LiveWorld {
    let mut chance = Chance::new(seed);
    let weather = Weather::draw(&mut chance);
    let people = (0..PEOPLE).map(|number| {
        let mut person = Person::new(number, chance.next());
        // Everybody follows something from the beginning.
        person.script.push_back(Act::Follow(What::Messages(number % 2), None));
        person
    });
    let people = people.collect();
    let mut world = World::new(people, RealServer::new(Sabotage::new(broken)), chance, weather);
    world.plan();
    world.run(PROGRAM);
    // What is broken does not come to be right.
    calm_down(&mut world, if broken == Broken::Nothing { PATIENCE } else { 8 });
    world
}

/// The network holds from now on, until everybody has heard of everything.
fn calm_down(world: &mut LiveWorld, patience: u64) {
    world.weather = FAIR;
    world.cut_at = None;
    let end = world.now.max(PROGRAM) + CALM;
    world.run(end);
    // The server's own tasks may be a little late, in real time.
    for late in 1..=patience {
        world.site.wait();
        world.listen();
        world.run(end + 100 * late);
        if late.is_multiple_of(4) && world.clients.iter().all(Person::settled) && at_the_end(world).is_ok() {
            return;
        }
    }
}

/// Plays the scenario of which every text is cut once.
fn recorded(cut_at: Option<u32>) -> LiveWorld {
    let scripts: [&[(Millis, Act)]; 2] = [
        &[
            (0, Act::Follow(What::Messages(0), None)),
            (0, Act::Say(0)),
            (0, Act::Follow(What::Conversations, None)),
            (1_000, Act::Say(0)),
            (1_000, Act::Say(1)),
            (3_000, Act::Edit(0, 0)),
            (4_000, Act::Remove(0, 1)),
            (5_000, Act::Say(0)),
            (6_000, Act::Invite(0, 1)),
            (8_000, Act::Delete(0, 1)),
            (8_000, Act::Say(0)),
        ],
        &[
            (10, Act::Follow(What::Messages(0), Some(2))),
            (10, Act::Follow(What::Participants(0), None)),
            (1_500, Act::Answer(0, 0)),
            (2_500, Act::Follow(What::Conversation(0), None)),
            (5_500, Act::Say(0)),
            (7_000, Act::Say(0)),
            (7_500, Act::More(0)),
            (9_000, Act::Unfollow(1)),
            (9_500, Act::Read(0)),
        ],
    ];
    let people: Vec<Person> = (0..2).map(|number| Person::new(number, 7 + number as u64)).collect();
    let site = RealServer::new(Sabotage::new(Broken::Nothing));
    let mut world = World::new(people, site, Chance::new(1), FAIR);
    world.cut_at = cut_at;
    for (number, script) in scripts.iter().enumerate() {
        for (at, act) in *script {
            world.clients[number].script.push_back(*act);
            world.ask_at(*at, number);
        }
    }
    world.run(20_000);
    calm_down(&mut world, PATIENCE);
    world
}

#[test]
fn over_any_network_every_list_is_what_was_there_at_its_number_and_in_the_end_what_a_newcomer_is_given() {
    let (first, count) = (number("SIM_FIRST_SEED", 1), number("SIM_SEEDS", SEEDS));
    let (mut resets, mut went_on, mut said) = (0, 0, 0);
    for seed in first..first + count {
        let run = std::panic::catch_unwind(|| {
            let mut world = play(seed, Broken::Nothing);
            judge(&mut world).unwrap_or_else(|wrong| panic!("{wrong}"));
            let sum = |of: fn(&Person) -> u32| world.clients.iter().map(of).sum::<u32>();
            (
                sum(|person| person.resets),
                sum(|person| person.went_on),
                sum(|person| person.sent.len() as u32),
            )
        });
        let Ok(figures) = run else {
            panic!("seed {seed} failed, see above; alone: SIM_FIRST_SEED={seed} SIM_SEEDS=1");
        };
        resets += figures.0;
        went_on += figures.1;
        said += figures.2;
    }
    // A run in which nothing was told would prove nothing.
    assert!(went_on > resets && said > 100, "{resets} resets, {went_on} times events, {said} said");
}

#[test]
fn a_cut_at_any_text_of_a_scenario_costs_nobody_anything() {
    let mut whole = recorded(None);
    judge(&mut whole).unwrap_or_else(|wrong| panic!("{wrong}"));
    let acknowledged = |world: &LiveWorld| {
        world
            .clients
            .iter()
            .flat_map(|person| person.sent.values())
            .filter(|sent| matches!(sent.outcome, Some(Ok(_))))
            .count()
    };
    let all = acknowledged(&whole);
    assert!(all >= 7, "{all} of what was said was acknowledged");
    for cut in 1..=whole.texts {
        let mut world = recorded(Some(cut));
        judge(&mut world).unwrap_or_else(|wrong| panic!("cut at {cut}: {wrong}"));
        assert!(acknowledged(&world) + 2 >= all, "cut at {cut}: only what depends on a list may not be said");
    }
}

#[test]
fn whoever_breaks_a_promise_is_found_out() {
    for broken in [
        Broken::SkipsEvents,
        Broken::ForgetsWhatWasMissed,
        Broken::KeepsDeleted,
        Broken::SendsOldWords,
        Broken::LetsEavesdrop,
        Broken::ForgetsKeys,
    ] {
        let found = (1..=12).any(|seed| {
            // A driver that notices at once that something does not fit, panics.
            std::panic::catch_unwind(|| judge(&mut play(seed, broken)).is_err()).unwrap_or(true)
        });
        assert!(found, "{broken:?} was not found in 12 runs");
    }
}
