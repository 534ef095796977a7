//! Webhook deliveries.

use super::{APP, conversation, read, user, write};
use crate::store::records::NewDelivery;
use crate::store::{Store, StoreResult, Write};

const URL: &str = "https://example.com/hook";

fn put(write: &mut dyn Write, url: &str, lane: &str, id: &str, now: i64) -> StoreResult<()> {
    write.put_delivery(&NewDelivery { app: APP, url, lane, kind: "message.sent", id, body: "{}", now })
}

/// The ids of the deliveries that are due, with their times.
async fn due<S: Store>(store: &S) -> Vec<(String, i64)> {
    let found = read(store, |read| read.next_deliveries(APP, URL, 10)).await;
    found.into_iter().map(|delivery| (delivery.id, delivery.due.unwrap())).collect()
}

async fn key<S: Store>(store: &S, id: &'static str) -> i64 {
    let mut all = read(store, |read| read.deliveries(APP, false, 0, 100)).await;
    all.extend(read(store, |read| read.deliveries(APP, true, 0, 100)).await);
    all.into_iter().find(|delivery| delivery.id == id && delivery.url == URL).unwrap().key
}

fn pair(id: &str, due: i64) -> (String, i64) {
    (id.to_owned(), due)
}

pub(in crate::store) async fn deliveries_of_a_lane_are_due_one_after_the_other<S: Store>(store: S) {
    write(&store, |write| {
        put(write, URL, "a", "a1", 1)?;
        put(write, URL, "a", "a2", 2)?;
        put(write, URL, "b", "b1", 3)?;
        put(write, "https://example.com/other", "a", "a1", 1)
    })
    .await;
    assert_eq!(due(&store).await, [pair("a1", 1), pair("b1", 3)]);
    assert_eq!(read(&store, |read| read.count_deliveries(APP, URL)).await, (3, 6));
    assert_eq!(read(&store, |read| read.count_deliveries("other", URL)).await, (0, 0));
    assert!(read(&store, |read| read.next_deliveries("other", URL, 10)).await.is_empty());
    let a1 = key(&store, "a1").await;
    write(&store, move |write| write.retry_delivery(a1, 50, "refused")).await;
    assert_eq!(due(&store).await, [pair("b1", 3), pair("a1", 50)], "its lane still waits");
    let retried = read(&store, |read| read.next_deliveries(APP, URL, 10)).await.pop().unwrap();
    assert_eq!((retried.attempts, retried.error.as_deref()), (1, Some("refused")));
    write(&store, move |write| write.settle_delivery(a1, 60)).await;
    assert_eq!(due(&store).await, [pair("b1", 3), pair("a2", 60)]);
    write(&store, move |write| write.settle_delivery(a1, 70)).await;
    assert_eq!(due(&store).await, [pair("b1", 3), pair("a2", 60)], "settling twice changes nothing");
    let (a2, b1) = (key(&store, "a2").await, key(&store, "b1").await);
    write(&store, move |write| {
        write.settle_delivery(a2, 80)?;
        write.settle_delivery(b1, 80)
    })
    .await;
    assert_eq!(read(&store, |read| read.count_deliveries(APP, URL)).await, (0, 0));
    write(&store, |write| put(write, URL, "a", "a3", 90)).await;
    assert_eq!(due(&store).await, [pair("a3", 90)]);
}

pub(in crate::store) async fn failed_deliveries_are_listed_replayed_and_pruned<S: Store>(store: S) {
    write(&store, |write| {
        for (id, now) in [("a1", 1), ("a2", 2), ("a3", 3), ("a4", 4)] {
            put(write, URL, "a", id, now)?;
        }
        Ok(())
    })
    .await;
    for id in ["a1", "a2"] {
        let key = key(&store, id).await;
        write(&store, move |write| write.fail_delivery(key, "gone", 10)).await;
    }
    assert_eq!(due(&store).await, [pair("a3", 10)]);
    let ids = async |failed| {
        let found = read(&store, move |read| read.deliveries(APP, failed, 0, 10)).await;
        found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(true).await, ids(false).await),
        (vec!["a1".to_owned(), "a2".to_owned()], vec!["a3".to_owned(), "a4".to_owned()])
    );
    assert_eq!(write(&store, |write| write.replay_deliveries(APP, Some("a9"), 20)).await, 0);
    assert_eq!(write(&store, |write| write.replay_deliveries("other", None, 20)).await, 0);
    assert_eq!(write(&store, |write| write.replay_deliveries(APP, None, 20)).await, 2);
    assert_eq!(due(&store).await, [pair("a3", 10), pair("a1", 20)]);
    let (a1, a3) = (key(&store, "a1").await, key(&store, "a3").await);
    write(&store, move |write| write.settle_delivery(a3, 30)).await;
    assert_eq!(due(&store).await, [pair("a1", 20)], "the replayed one is first");
    write(&store, move |write| write.settle_delivery(a1, 40)).await;
    assert_eq!(due(&store).await, [pair("a2", 40)]);
    let a2 = key(&store, "a2").await;
    write(&store, move |write| write.fail_delivery(a2, "gone", 50)).await;
    assert_eq!(due(&store).await, [pair("a4", 50)]);
    assert_eq!(write(&store, |write| write.prune_deliveries(20, 10)).await, 0, "it was replayed at 20");
    assert_eq!(write(&store, |write| write.prune_deliveries(21, 10)).await, 1);
    assert_eq!((ids(true).await.len(), ids(false).await.len()), (0, 1));
}

pub(in crate::store) async fn notifications_are_due_once_for_each_participant<S: Store>(store: S) {
    write(&store, |write| {
        for (id, name, due) in [("c", "bob", 9), ("c", "ada", 5), ("d", "ada", 7), ("c", "ada", 1)] {
            write.put_notification(APP, &conversation(id), &user(name), due)?;
        }
        Ok(())
    })
    .await;
    let due = async |now| {
        let found = read(&store, move |read| read.due_notifications(APP, now, 10)).await;
        found.into_iter().map(|(id, user)| format!("{id} {user}")).collect::<Vec<_>>()
    };
    assert_eq!(due(4).await, [] as [&str; 0], "the first time of a participant remains");
    assert_eq!(due(7).await, ["c ada", "d ada"]);
    write(&store, |write| write.delete_notification(APP, &conversation("c"), &user("ada"))).await;
    assert_eq!(due(9).await, ["d ada", "c bob"]);
    assert!(read(&store, |read| read.due_notifications("other", 9, 10)).await.is_empty());
}
