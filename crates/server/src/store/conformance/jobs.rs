//! The guarantees of a store for all jobs: atomicity, order, isolation, and an orderly end.

use super::{APP, conversation, message, read, seed, user, user_record, write};
use crate::store::{Size, Store, StoreError, StoreResult};

pub(in crate::store) async fn failing_job_changes_nothing_and_does_not_affect_others<S: Store>(store: S) {
    let jobs: Vec<_> = (0..200)
        .map(|index| {
            store.write(move |write| {
                write.put_user(APP, &user(&format!("u{index}")), &user_record("Name"))?;
                if index % 3 == 0 { Err(StoreError::failed("on purpose")) } else { Ok(index) }
            })
        })
        .collect();
    for (index, job) in jobs.into_iter().enumerate() {
        let result = job.await;
        let found = read(&store, move |read| read.user(APP, &user(&format!("u{index}")))).await;
        assert_eq!((result.is_ok(), found.is_some()), (index % 3 != 0, index % 3 != 0), "{index}");
    }
}

pub(in crate::store) async fn panicking_job_changes_nothing_and_does_not_affect_others<S: Store>(store: S) {
    let before = store.write(|write| write.put_user(APP, &user("before"), &user_record("B")));
    let panics = store.write(|write| -> StoreResult<()> {
        write.put_user(APP, &user("failed"), &user_record("L"))?;
        panic!("on purpose")
    });
    let after = store.write(|write| write.put_user(APP, &user("after"), &user_record("A")));
    assert_eq!(before.await, Ok(()));
    assert!(matches!(panics.await, Err(StoreError::Failed(_))));
    assert_eq!(after.await, Ok(()));
    let found = read(&store, |read| {
        let exists = |id| Ok::<_, StoreError>(read.user(APP, &user(id))?.is_some());
        Ok([exists("before")?, exists("failed")?, exists("after")?])
    });
    assert_eq!(found.await, [true, false, true]);
}

pub(in crate::store) async fn writes_are_executed_in_the_order_of_their_calls<S: Store>(store: S) {
    seed(&store).await;
    let calls: Vec<_> = (1..=500)
        .map(|index| {
            store.write(move |write| {
                write.append_message(APP, &conversation("c"), &message(&index.to_string(), None, index))
            })
        })
        .collect();
    // The order does not depend on the order in which the futures are awaited.
    for (index, call) in calls.into_iter().enumerate().rev() {
        assert_eq!(call.await.map(|appended| appended.seq), Ok(index as i64 + 1));
    }
}

pub(in crate::store) async fn write_is_executed_even_if_its_future_is_dropped<S: Store>(store: S) {
    drop(store.write(|write| write.put_user(APP, &user("ada"), &user_record("Ada"))));
    write(&store, |_| Ok(())).await;
    assert!(read(&store, |read| read.user(APP, &user("ada"))).await.is_some());
}

pub(in crate::store) async fn read_sees_only_complete_transactions<S: Store>(store: S) {
    seed(&store).await;
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..300 {
                let name = format!("name {round}");
                write(&store, move |write| {
                    write.put_user(APP, &user("ada"), &user_record(&name))?;
                    write.put_user(APP, &user("bob"), &user_record(&name))
                })
                .await;
            }
        })
    };
    let mut rounds = 0;
    write(&store, |write| {
        write.put_user(APP, &user("ada"), &user_record("same"))?;
        write.put_user(APP, &user("bob"), &user_record("same"))
    })
    .await;
    while !writing.is_finished() || rounds < 100 {
        let size = if rounds % 2 == 0 { Size::Point } else { Size::List };
        let names = store.read(size, |read| {
            let ada = read.user(APP, &user("ada"))?;
            std::thread::yield_now();
            Ok::<_, StoreError>((ada, read.user(APP, &user("bob"))?))
        });
        let (ada, bob) = names.await.unwrap();
        assert_eq!(ada, bob);
        rounds += 1;
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

pub(in crate::store) async fn closing_executes_queued_writes_and_rejects_later_ones<S: Store>(store: S) {
    let queued: Vec<_> = (0..100)
        .map(|index| {
            store.write(move |write| write.put_user(APP, &user(&index.to_string()), &user_record("P")))
        })
        .collect();
    store.close().await;
    for write in queued {
        assert_eq!(write.await, Ok(()));
    }
    assert_eq!(store.write(|_| Ok::<_, StoreError>(())).await, Err(StoreError::Closed));
    for size in [Size::Point, Size::Page, Size::List] {
        assert_eq!(store.read(size, |_| Ok::<_, StoreError>(())).await, Err(StoreError::Closed));
    }
    store.close().await;
}
