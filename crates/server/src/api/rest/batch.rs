//! `POST /batch`: several calls in one, each with its own status.

use std::collections::HashMap;

use causerie_protocol::{ErrorBody, ErrorCode, decode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::call::Call;
use super::execution::execute_call;
use super::query::{self, Query};
use super::route::Route;
use super::routes::ROUTES;
use crate::admission::Admission;
use crate::state::AppState;

/// The largest number of calls in a batch.
pub(super) const CALLS: usize = 10;

/// One call of a batch.
struct Operation {
    /// The caller's own number of the call.
    number: Value,
    method: String,
    path: String,
    payload: Option<Box<RawValue>>,
}

/// The number of a call, its status and the body of its response.
#[derive(Serialize)]
struct Outcome(Value, u16, Box<RawValue>);

/// Executes the calls one after the other, in their order, also after one that fails. Each call counts
/// against the rate of the app.
pub(super) async fn execute(
    state: &AppState,
    admission: &Admission,
    body: &str,
) -> Result<Box<RawValue>, ErrorBody> {
    let mut outcomes = Vec::new();
    for operation in operations(body)? {
        let result = match state.rate_limits.check_rest(&admission.app.id) {
            Ok(()) => execute_one(state, admission, &operation).await,
            Err(error) => Err(error),
        };
        outcomes.push(match result {
            Ok(body) => Outcome(operation.number, 200, body),
            Err(error) => {
                let status = error.code.http_status();
                Outcome(operation.number, status, encoded(&causerie_protocol::http::Failure { error })?)
            }
        });
    }
    encoded(&outcomes)
}

async fn execute_one(
    state: &AppState,
    admission: &Admission,
    operation: &Operation,
) -> Result<Box<RawValue>, ErrorBody> {
    let (path, query) = operation.path.split_once('?').unwrap_or((&operation.path, ""));
    let (route, parameters) = find(&operation.method, path)?;
    let mut query = query::parse(query)?;
    let payload = operation.payload.as_deref().map(RawValue::get);
    let body = if route.method.has_body() { payload.unwrap_or_default() } else { "" };
    if !route.method.has_body()
        && let Some(payload) = payload
    {
        query.extend(query_of(payload)?);
    }
    let call = Call { parameters: &parameters, query: &query, body };
    // The future of a call is large, and a batch needs it once.
    Box::pin(execute_call(route, state, admission, &call)).await
}

/// Reads the calls: `[number, method, path, payload?, options?]` each.
fn operations(body: &str) -> Result<Vec<Operation>, ErrorBody> {
    let form = "must be [number, method, path, payload?, options?]";
    let list: Vec<Vec<Box<RawValue>>> = decode::typed(body)?;
    if !(1..=CALLS).contains(&list.len()) {
        let text = format!("the body must be an array of 1 to {CALLS} calls (got {})", list.len());
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, text));
    }
    let operations = list.into_iter().enumerate().map(|(index, parts)| {
        let invalid = |problem: &str| ErrorBody::invalid(format!("[{index}]"), problem);
        let mut parts = parts.into_iter();
        let (Some(number), Some(method), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(invalid(form));
        };
        let (payload, options) = (parts.next(), parts.next());
        if parts.next().is_some() || options.is_some_and(|options| !options.get().starts_with('{')) {
            return Err(invalid(form));
        }
        let number: Value = serde_json::from_str(number.get()).map_err(|_| invalid(form))?;
        if !(number.is_number() || number.is_string()) {
            return Err(invalid("must begin with a number"));
        }
        let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).map_err(|_| invalid(form));
        let payload = payload.filter(|payload| payload.get() != "null");
        Ok(Operation { number, method: text(&method)?, path: text(&path)?, payload })
    });
    operations.collect()
}

/// Finds the route of a path below `/v1/{app}`, and the parameters of the path.
fn find(method: &str, path: &str) -> Result<(&'static Route, HashMap<String, String>), ErrorBody> {
    let given: Vec<&str> = path.trim_matches('/').split('/').filter(|segment| !segment.is_empty()).collect();
    let of_method = ROUTES.iter().filter(|route| route.method.name().eq_ignore_ascii_case(method));
    for route in of_method {
        let segments: Vec<&str> = route.path.trim_start_matches("/v1/{app}").split('/').collect();
        let segments = segments.get(1..).unwrap_or_default();
        if segments.len() != given.len() {
            continue;
        }
        let mut parameters = HashMap::new();
        let matches = segments.iter().zip(&given).all(|(segment, given)| {
            match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                None => segment == given,
                Some(name) => percent_decode_str(given).decode_utf8().is_ok_and(|value| {
                    parameters.insert(name.to_owned(), value.into_owned());
                    true
                }),
            }
        });
        if matches {
            return Ok((route, parameters));
        }
    }
    Err(ErrorBody::new(ErrorCode::NotFound, "there is no such call: check the method and the path"))
}

/// Reads the query of a call without a body from its payload: an object of texts, numbers and booleans.
fn query_of(payload: &str) -> Result<Query, ErrorBody> {
    let object: serde_json::Map<String, Value> = decode::object(payload)?;
    let pairs = object.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
        // A filter is JSON, whether it is given as a text or not.
        Value::Object(_) | Value::Array(_) if name == "filter" => Ok((name, value.to_string())),
        _ => Err(ErrorBody::invalid(name, "must be a string")),
    });
    pairs.collect()
}

fn encoded<T: Serialize>(value: &T) -> Result<Box<RawValue>, ErrorBody> {
    to_raw_value(value)
        .map_err(|_| ErrorBody::new(ErrorCode::InternalError, "a response could not be encoded"))
}
