//! Executes a call, which came on its own or in a batch.

use causerie_protocol::{ErrorBody, ErrorCode};
use serde_json::value::RawValue;

use super::call::Call;
use super::query;
use super::route::{Handler, Route};
use crate::admission::Admission;
use crate::state::AppState;

/// Executes a call of a route that makes one command. Returns the body of the response.
pub(super) async fn execute_call(
    route: &Route,
    state: &AppState,
    admission: &Admission,
    call: &Call<'_>,
) -> Result<Box<RawValue>, ErrorBody> {
    query::check(call.query, route.query)?;
    let Handler::Command(command) = route.handler else {
        return Err(ErrorBody::new(
            ErrorCode::Unsupported,
            "a batch must not contain another batch or a file",
        ));
    };
    state.service.execute_command(&admission.app, command(call)?).await
}
