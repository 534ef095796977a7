//! Attacks on the real binary with the default limits, beside honest clients and with the server's memory
//! before and after. `cargo xtask attack` runs them one at a time, against a release build.
#![cfg(target_os = "linux")]

mod attackers;
mod honest;
mod idle;

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use self::attackers::{Attack, Attacker};
use self::honest::{Honest, Latencies};
use crate::support::http::Backend;
use crate::support::process::ServerProcess;

/// How long the honest clients are measured without the attack, and beside it.
const MEASURED: Duration = Duration::from_secs(4);
/// The time that an attack has before the measurement.
const WARM_UP: Duration = Duration::from_secs(1);
/// A latency that is no consequence of an attack on a machine with two processors and a slow disk, on which
/// the attackers run, too.
const FLOOR: Duration = Duration::from_millis(100);
/// How often the honest clients are measured beside an attack if they exceed the bound: something else may
/// delay them once.
const ROUNDS: usize = 3;
/// How long the server may take to give memory back.
const SETTLES_WITHIN: Duration = Duration::from_secs(15);
/// An amount of memory that is no consequence of an attack: caches of fixed size that fill up.
const FLOOR_BYTES: u64 = 8 << 20;

struct Arena {
    _folder: TempDir,
    server: ServerProcess,
    backend: Backend,
}

impl Arena {
    async fn start() -> Arena {
        let folder = tempfile::tempdir().unwrap();
        let server = ServerProcess::start_public(folder.path()).await;
        let backend = server.backend();
        for user in ["eve", "mallory"] {
            backend.ok("PUT", &format!("/users/{user}"), Some(json!({ "name": user }))).await;
        }
        let eve = json!({ "participants": ["eve"] });
        backend.ok("PUT", "/conversations/attack", Some(eve)).await;
        Arena { _folder: folder, server, backend }
    }

    /// Makes calls with a few connections at a time.
    async fn put_all(&self, calls: Vec<(String, serde_json::Value)>) {
        let mut tasks = Vec::new();
        for chunk in calls.chunks(calls.len().div_ceil(8)) {
            let (backend, chunk) = (self.backend.clone(), chunk.to_vec());
            tasks.push(tokio::spawn(async move {
                for (path, body) in chunk {
                    backend.ok("PUT", &path, Some(body)).await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    }

    /// Measures the honest clients without the attack and beside it, and the memory before and after. Prints
    /// the figures, and checks their bounds.
    async fn beside(self, name: &str, attack: Attack) {
        let honest = Honest::connect(self.server.address).await;
        honest.talk(WARM_UP).await;
        let without = honest.talk(MEASURED).await;
        let before = self.server.memory();
        let attacker = Attacker::start(self.server.address, attack);
        tokio::time::sleep(WARM_UP).await;
        let bound = (2 * without.p99()).max(FLOOR);
        let mut with = honest.talk(MEASURED).await;
        for _ in 1..ROUNDS {
            if with.p99() > bound {
                with = honest.talk(MEASURED).await;
            }
        }
        let during = self.server.memory();
        let done = attacker.stop();
        let memory_bound = (2 * before).max(before + FLOOR_BYTES);
        let mut after = self.server.memory();
        let deadline = tokio::time::Instant::now() + SETTLES_WITHIN;
        while after > memory_bound && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(250)).await;
            after = self.server.memory();
        }
        report(name, done, (&without, &with, bound), [before, during, after]);
        let problems = honest.problems();
        assert!(problems.is_empty(), "honest clients beside {name}: {problems:?}");
        assert!(with.p99() <= bound, "{name}: p99 {:?} beside the attack (at most {bound:?})", with.p99());
        assert!(after <= memory_bound, "{name}: {} MiB stay of {} before", after >> 20, before >> 20);
    }
}

#[allow(clippy::print_stdout, reason = "the output of a command")]
fn report(
    name: &str,
    done: u64,
    (without, with, bound): (&Latencies, &Latencies, Duration),
    [before, during, after]: [u64; 3],
) {
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let mib = |bytes: u64| format!("{:.1}", bytes as f64 / 1_048_576.0);
    println!(
        "figure: {name} ({done} times): honest p50 {} → {} ms, p99 {} → {} ms (at most {}), 0 disconnected; \
         memory {} → {} → {} MiB",
        ms(without.p50()),
        ms(with.p50()),
        ms(without.p99()),
        ms(with.p99()),
        ms(bound),
        mib(before),
        mib(during),
        mib(after)
    );
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_a_flood_of_requests() {
    let arena = Arena::start().await;
    arena.beside("a flood of requests of one user", |target| Box::pin(attackers::requests(target))).await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_a_flood_of_messages() {
    let arena = Arena::start().await;
    arena.beside("a flood of messages of one user", |target| Box::pin(attackers::messages(target))).await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_lists_that_match_nothing() {
    let arena = Arena::start().await;
    seed_conversations(&arena).await;
    arena
        .beside("lists of 2,000 conversations that match nothing", |target| {
            Box::pin(attackers::lists(target))
        })
        .await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_answers_that_are_not_read() {
    let arena = Arena::start().await;
    seed_long_messages(&arena).await;
    arena
        .beside("POSTs of 100 pages that are not read", |target| Box::pin(attackers::unread_posts(target)))
        .await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_subscriptions_that_are_not_read() {
    let arena = Arena::start().await;
    arena
        .beside("connections with 499 subscriptions that do not read", |target| {
            Box::pin(attackers::unread_subscriptions(target))
        })
        .await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_connections_without_hello() {
    let arena = Arena::start().await;
    arena
        .beside("connections and unfinished heads of four addresses", |target| {
            Box::pin(attackers::connections(target))
        })
        .await;
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn honest_clients_beside_a_large_conversation() {
    let arena = Arena::start().await;
    seed_participants(&arena).await;
    arena
        .beside("messages to a conversation of 1,000 users", |target| Box::pin(attackers::messages(target)))
        .await;
}

/// Adds eve to 2,000 conversations.
async fn seed_conversations(arena: &Arena) {
    let put = |index| (format!("/conversations/of-eve-{index}"), json!({ "participants": ["eve"] }));
    arena.put_all((0..2_000).map(put).collect()).await;
}

/// Sends 12 messages of the maximum length to the conversation.
async fn seed_long_messages(arena: &Arena) {
    for _ in 0..12 {
        let message = json!([{ "type": "UserMessage", "sender": "eve", "text": "🦀".repeat(10_000) }]);
        arena.backend.ok("POST", "/conversations/attack/messages", Some(message)).await;
    }
}

/// Adds 1,000 users to the conversation.
async fn seed_participants(arena: &Arena) {
    let users: Vec<String> = (0..1_000).map(|index| format!("member-{index}")).collect();
    arena
        .put_all(users.iter().map(|user| (format!("/users/{user}"), json!({ "name": user }))).collect())
        .await;
    for users in users.chunks(250) {
        let participants = json!({ "participants": users });
        arena.backend.ok("PUT", "/conversations/attack", Some(participants)).await;
    }
}
