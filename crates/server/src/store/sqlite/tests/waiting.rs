//! Reads and writes that must not wait for each other.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{on_disk, path, read, readers, user, user_record, write};
use crate::clock::SystemClock;
use crate::store::sqlite::{SqliteStore, Threads};
use crate::store::{Requester, Size, Store, StoreError};

/// Starts a list that takes until its sender is used or dropped.
async fn start_list(store: &SqliteStore) -> (Sender<()>, JoinHandle<()>) {
    let (end, ended) = channel();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let reading = store.read(Size::List, move |read| {
        read.user("app", &user("ada"))?;
        let _ = started.send(());
        let _ = ended.recv();
        Ok::<_, StoreError>(())
    });
    let task = tokio::spawn(async move { reading.await.unwrap() });
    has_started.await.unwrap();
    (end, task)
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(2), future).await.expect("it did not wait")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_reads_do_not_wait_for_lists_that_occupy_all_connections() {
    let (_folder, store) = on_disk();
    let mut lists = Vec::new();
    for _ in 0..readers::counts().1 {
        lists.push(start_list(&store).await);
    }
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.read(Size::List, |_| Ok::<_, StoreError>(())).await })
        })
        .collect();
    for _ in 0..100 {
        assert_eq!(soon(read(&store, |read| read.user("app", &user("ada")))).await, None);
    }
    drop(lists);
    for list in waiting {
        soon(list).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_list_gets_whichever_connection_is_free_first() {
    let (_folder, store) = on_disk();
    let mut lists = Vec::new();
    for _ in 0..readers::counts().1 {
        lists.push(start_list(&store).await);
    }
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.read(Size::List, |_| Ok::<_, StoreError>(())).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (end, task) = lists.swap_remove(0);
    drop(end);
    soon(task).await.unwrap();
    for list in waiting {
        soon(list).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lists_of_one_user_do_not_make_another_one_wait_for_all_of_them() {
    const LISTS: u32 = 400;
    let (_folder, store) = on_disk();
    let mut occupied = Vec::new();
    for _ in 0..readers::counts().1 {
        occupied.push(start_list(&store).await);
    }
    let started = Instant::now();
    let list = |user: &str| {
        let (store, requester) = (store.clone(), Requester::new("app", Some(user)));
        tokio::spawn(async move {
            let read = store.read_for(requester, Size::List, |_| {
                std::thread::sleep(Duration::from_millis(2));
                Ok::<_, StoreError>(())
            });
            read.await.unwrap();
            started.elapsed()
        })
    };
    let many: Vec<_> = (0..LISTS).map(|_| list("many")).collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let one = list("one");
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(occupied);
    let one = soon(one).await.unwrap();
    let mut last = Duration::ZERO;
    for list in many {
        last = last.max(soon(list).await.unwrap());
    }
    assert!(
        one - Duration::from_millis(100) < (last - Duration::from_millis(100)) / 4,
        "{one:?} of {last:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_two_thousand_writes_makes_another_one_wait_for_a_few() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    let executed = Arc::new(AtomicUsize::new(0));
    // The writer is blocked while the connection is in use.
    let guard = store.inner.readers.first().lock().unwrap();
    let write = |user: &str| {
        let executed = Arc::clone(&executed);
        let requester = Requester::new("app", Some(user));
        store.write_for(requester, move |_| Ok::<_, StoreError>(executed.fetch_add(1, Ordering::Relaxed)))
    };
    let many: Vec<_> = (0..2_000).map(|_| write("many")).collect();
    let others: Vec<_> = (0..20).map(|index| write(&format!("one{index}"))).collect();
    drop(guard);
    for other in others {
        let before = other.await.unwrap();
        // One that the writer had taken already, one in turn, and those of the other nineteen.
        assert!(before <= 21, "{before}");
    }
    let mut last = None;
    for write in many {
        let before = write.await.unwrap();
        assert!(last < Some(before), "the order of one user's writes is kept");
        last = Some(before);
    }
}

/// Executes a short write. Returns the name of the thread that executed it.
async fn thread_of_short_write(store: &SqliteStore, index: usize) -> Option<String> {
    let requester = Requester::new("app", Some("ada"));
    let write = store.write_point_for(requester, move |write| {
        write.put_user("app", &user(&format!("u{index}")), &user_record("Ada"))?;
        Ok::<_, StoreError>(std::thread::current().name().map(str::to_owned))
    });
    write.await.unwrap()
}

#[tokio::test]
async fn short_writes_of_one_caller_are_executed_on_its_thread_and_all_are_stored() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    let own = std::thread::current().name().map(str::to_owned);
    let mut executed = 0;
    for index in 0..500 {
        executed += usize::from(thread_of_short_write(&store, index).await == own);
        let stored = read(&store, move |read| read.user("app", &user(&format!("u{index}")))).await;
        assert!(stored.is_some());
    }
    assert!(executed > 50, "only {executed} were executed by the caller");
}

#[tokio::test]
async fn short_writes_that_come_together_are_left_to_the_writer() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    for index in 0..10 {
        thread_of_short_write(&store, index).await;
    }
    let writes: Vec<_> = (10..74).map(|index| thread_of_short_write(&store, index)).collect();
    for thread in futures_util::future::join_all(writes).await {
        assert_eq!(thread.as_deref(), Some("causerie-writer"));
    }
}

#[tokio::test]
async fn a_short_write_is_executed_although_its_future_is_dropped() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    for index in 0..100 {
        thread_of_short_write(&store, index).await;
        let (executed, is_executed) = channel();
        let requester = Requester::new("app", Some("ada"));
        drop(store.write_point_for(requester, move |_| {
            let _ = executed.send(());
            Ok::<_, StoreError>(())
        }));
        is_executed.recv_timeout(Duration::from_secs(10)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_do_not_wait_for_a_read_that_keeps_the_log_from_being_emptied() {
    let (folder, store) = on_disk();
    let (end, task) = start_list(&store).await;
    let put = async |index: usize| {
        let started = Instant::now();
        let name = "x".repeat(1 << 20);
        write(&store, move |write| write.put_user("app", &user(&format!("u{index}")), &user_record(&name)))
            .await;
        started.elapsed()
    };
    for index in 0..80 {
        let elapsed = put(index).await;
        assert!(elapsed < Duration::from_secs(3), "{index} took {elapsed:?}");
    }
    drop(end);
    task.await.unwrap();
    for index in 80..90 {
        put(index).await;
    }
    let log = std::fs::metadata(path(&folder).with_extension("db-wal")).unwrap().len();
    assert!(log < 20 << 20, "the log is emptied as soon as the read has ended: {log}");
}
