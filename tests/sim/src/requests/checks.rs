//! Checks of a run, by the outcomes of the requests and by the values that the store had, one after the
//! other.
//!
//! Every value is written by one request. A value that occurs twice was written twice, a missing value was
//! lost, and the order of the values is the order of the writes.

use std::collections::BTreeMap;

use causerie_protocol::{ErrorCode, RequestId};

use super::client::{Client, Operation, RequestRecord};
use super::server::ServiceServer;
use crate::simulation::Simulation;

/// Returns the first violation of a guarantee in a run.
pub(crate) fn check(simulation: &Simulation<Client, ServiceServer>) -> Result<(), String> {
    for (user, values) in &simulation.server.values {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("{user}: {} was written twice: {values:?}", pair[0]));
        }
    }
    for client in &simulation.clients {
        let mut users: BTreeMap<&str, Vec<(RequestId, &RequestRecord)>> = BTreeMap::new();
        for (id, record) in &client.records {
            users.entry(&record.user).or_default().push((*id, record));
        }
        for (user, records) in users {
            let values = simulation.server.values.get(user).map_or(&[][..], Vec::as_slice);
            check_user(&records, values).map_err(|problem| {
                format!("client {}, {user}: {problem}; values of the store: {values:?}", client.number)
            })?;
        }
    }
    Ok(())
}

/// Checks the requests of one client about one user, in the order in which they were made.
fn check_user(records: &[(RequestId, &RequestRecord)], values: &[String]) -> Result<(), String> {
    let index_of = |value: &String| values.iter().position(|other| other == value);
    // The index of the last write of this client that is in the store's values.
    let mut last: Option<usize> = None;
    for (number, (id, record)) in records.iter().enumerate() {
        let outcome =
            record.outcome.as_ref().ok_or_else(|| format!("request {id} was never settled: {record:?}"))?;
        let violation = |problem: &str| Err(format!("request {id} {problem}: {record:?}"));
        if let Some(value) = record.operation.value() {
            let index = index_of(value);
            match outcome {
                Ok(_) => {
                    if index.is_none() && !matches!(record.operation, Operation::Create { .. }) {
                        return violation("was acknowledged and is not in the store");
                    }
                }
                Err(ErrorCode::NameRequired) if matches!(record.operation, Operation::SetNameless { .. }) => {
                    if index.is_some() {
                        return violation("was rejected and is in the store");
                    }
                }
                Err(ErrorCode::Offline | ErrorCode::TimedOut) => {
                    if index.is_some() && record.times_sent == 0 {
                        return violation("was never sent and is in the store");
                    }
                }
                Err(_) => return violation("failed without a reason"),
            }
            if index.is_some() {
                if index < last {
                    return violation("was executed before an earlier write");
                }
                last = index;
            }
            continue;
        }
        match outcome {
            Ok(read) => {
                let index = read.as_ref().map(index_of);
                if index == Some(None) {
                    return violation("read a value that the store never had");
                }
                let index = index.flatten();
                if index < last {
                    return violation("did not read a value that was written before");
                }
                // A read that was sent more than once may return a later value. Otherwise it may not.
                let later = records[number..].iter().find_map(|(_, later)| later.operation.value());
                let later = later.and_then(index_of);
                if record.times_sent == 1 && later.is_some_and(|later| index >= Some(later)) {
                    return violation("read a value that was written later");
                }
            }
            Err(ErrorCode::Offline | ErrorCode::TimedOut) => {}
            Err(_) => return violation("failed without a reason"),
        }
    }
    Ok(())
}
