//! What a route of the REST API is.

use axum::routing::MethodFilter;
use causerie_protocol::ErrorBody;

use super::call::Call;
use super::query::Parameter;
use crate::rules::RestCommand;

/// A route of the REST API.
pub struct Route {
    /// The HTTP method of the route.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The parameters of the query. Any other is refused.
    pub query: &'static [Parameter],
    pub(super) handler: Handler,
}

/// The code that executes the calls of a route.
pub(super) enum Handler {
    /// Makes one command of a call.
    Command(fn(&Call<'_>) -> Result<RestCommand, ErrorBody>),
    /// Executes the calls in the body.
    Batch,
    /// Stores the file in the body, which is a form.
    Upload,
}

/// The HTTP methods that the REST API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads an entity or a page of a list.
    Get,
    /// Creates an entity, or merges into an existing one.
    Put,
    /// Changes only the given fields.
    Patch,
    /// Adds entries to a list.
    Post,
    /// Deletes an entity.
    Delete,
}

impl Method {
    /// The method's name in HTTP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }

    pub(super) const fn filter(self) -> MethodFilter {
        match self {
            Method::Get => MethodFilter::GET,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Post => MethodFilter::POST,
            Method::Delete => MethodFilter::DELETE,
        }
    }

    pub(crate) const fn has_body(self) -> bool {
        !matches!(self, Method::Get | Method::Delete)
    }
}
