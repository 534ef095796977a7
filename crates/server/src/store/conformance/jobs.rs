//! What holds for jobs whatever they do: all or nothing, in order, one moment, and an orderly end.

use super::{APP, conversation, furnish, message, person, read, user, write};
use crate::store::{Size, Store, StoreError, StoreResult};

pub(in crate::store) async fn a_job_that_fails_leaves_nothing_and_harms_no_other<S: Store>(store: S) {
    let jobs: Vec<_> = (0..200)
        .map(|index| {
            store.write(move |write| {
                write.put_user(APP, &user(&format!("u{index}")), &person("Somebody"))?;
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

pub(in crate::store) async fn a_job_that_panics_leaves_nothing_and_harms_no_other<S: Store>(store: S) {
    let before = store.write(|write| write.put_user(APP, &user("before"), &person("B")));
    let panics = store.write(|write| -> StoreResult<()> {
        write.put_user(APP, &user("lost"), &person("L"))?;
        panic!("on purpose")
    });
    let after = store.write(|write| write.put_user(APP, &user("after"), &person("A")));
    assert_eq!(before.await, Ok(()));
    assert!(matches!(panics.await, Err(StoreError::Failed(_))));
    assert_eq!(after.await, Ok(()));
    let found = read(&store, |read| {
        let there = |id| Ok::<_, StoreError>(read.user(APP, &user(id))?.is_some());
        Ok([there("before")?, there("lost")?, there("after")?])
    });
    assert_eq!(found.await, [true, false, true]);
}

pub(in crate::store) async fn writes_are_carried_out_in_the_order_of_their_calls<S: Store>(store: S) {
    furnish(&store).await;
    let calls: Vec<_> = (1..=500)
        .map(|index| {
            store.write(move |write| {
                write.append_message(APP, &conversation("c"), &message(&index.to_string(), None, index))
            })
        })
        .collect();
    // Awaited backwards: the order is that of the calls, not of who waits first.
    for (index, call) in calls.into_iter().enumerate().rev() {
        assert_eq!(call.await.map(|appended| appended.seq), Ok(index as i64 + 1));
    }
}

pub(in crate::store) async fn a_write_goes_on_when_nobody_waits_for_it<S: Store>(store: S) {
    drop(store.write(|write| write.put_user(APP, &user("ada"), &person("Ada"))));
    write(&store, |_| Ok(())).await;
    assert!(read(&store, |read| read.user(APP, &user("ada"))).await.is_some());
}

pub(in crate::store) async fn a_read_sees_whole_transactions_only<S: Store>(store: S) {
    furnish(&store).await;
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..300 {
                let name = format!("name {round}");
                write(&store, move |write| {
                    write.put_user(APP, &user("ada"), &person(&name))?;
                    write.put_user(APP, &user("bob"), &person(&name))
                })
                .await;
            }
        })
    };
    let mut rounds = 0;
    write(&store, |write| {
        write.put_user(APP, &user("ada"), &person("same"))?;
        write.put_user(APP, &user("bob"), &person("same"))
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

pub(in crate::store) async fn closing_carries_out_what_is_queued_and_refuses_what_comes_later<S: Store>(
    store: S,
) {
    let queued: Vec<_> = (0..100)
        .map(|index| store.write(move |write| write.put_user(APP, &user(&index.to_string()), &person("P"))))
        .collect();
    store.close().await;
    for write in queued {
        assert_eq!(write.await, Ok(()));
    }
    assert_eq!(store.write(|_| Ok::<_, StoreError>(())).await, Err(StoreError::Closed));
    for size in [Size::Point, Size::List] {
        assert_eq!(store.read(size, |_| Ok::<_, StoreError>(())).await, Err(StoreError::Closed));
    }
    store.close().await;
}
