//! The REST API for backends.
//!
//! One table has every route with the command that it makes. The router and the tests of access control are
//! made from this table, so neither can omit a route.

mod call;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use causerie_protocol::{ErrorBody, ErrorCode};

use self::call::Call;
use crate::admission::{Admission, Rejection};
use crate::auth;
use crate::response::{ApiError, encoded_json, log_api_error, read_text};
use crate::rules::RestCommand;
use crate::state::AppState;

/// A route of the REST API.
pub struct Route {
    /// The HTTP method of the route.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    command: fn(&Call<'_>) -> Result<RestCommand, ErrorBody>,
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

    const fn filter(self) -> MethodFilter {
        match self {
            Method::Get => MethodFilter::GET,
            Method::Put => MethodFilter::PUT,
            Method::Patch => MethodFilter::PATCH,
            Method::Post => MethodFilter::POST,
            Method::Delete => MethodFilter::DELETE,
        }
    }

    const fn has_body(self) -> bool {
        !matches!(self, Method::Get | Method::Delete)
    }
}

/// Every route of the REST API.
pub const ROUTES: &[Route] = &[
    Route {
        method: Method::Get,
        path: "/v1/{app}/users/{user}",
        command: |call| Ok(RestCommand::UserGet { user: call.user()? }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/users/{user}",
        command: |call| Ok(RestCommand::UserPut { user: call.user()?, data: call.body()? }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users",
        command: |call| Ok(RestCommand::UsersGet { page: call.page()? }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/users",
        command: |call| Ok(RestCommand::UsersPut { users: call.body()? }),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/presences",
        command: |call| Ok(RestCommand::PresencesPost { data: call.body()? }),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/users/{user}/revocations",
        command: |call| Ok(RestCommand::UserRevoke { user: call.user()?, data: call.body()? }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users/{user}/conversations",
        command: |call| {
            Ok(RestCommand::UserConversationsGet { user: call.user()?, page: call.conversations_page()? })
        },
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations",
        command: |call| Ok(RestCommand::ConversationsGet { page: call.page()? }),
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}",
        command: |call| Ok(RestCommand::ConversationDelete { conversation: call.conversation()? }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}",
        command: |call| Ok(RestCommand::ConversationGet { conversation: call.conversation()? }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}",
        command: |call| {
            Ok(RestCommand::ConversationPut { conversation: call.conversation()?, data: call.body()? })
        },
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        command: |call| {
            Ok(RestCommand::ParticipantPut {
                conversation: call.conversation()?,
                user: call.user()?,
                data: call.body()?,
            })
        },
    },
    Route {
        method: Method::Patch,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        command: |call| {
            Ok(RestCommand::ParticipantPatch {
                conversation: call.conversation()?,
                user: call.user()?,
                data: call.body()?,
            })
        },
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        command: |call| {
            Ok(RestCommand::ParticipantDelete { conversation: call.conversation()?, user: call.user()? })
        },
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/conversations/{conversation}/messages",
        command: |call| {
            Ok(RestCommand::MessagesPost { conversation: call.conversation()?, messages: call.body()? })
        },
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}/messages",
        command: |call| {
            Ok(RestCommand::MessagesGet { conversation: call.conversation()?, page: call.page()? })
        },
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        command: |call| {
            Ok(RestCommand::MessageGet { conversation: call.conversation()?, message: call.message()? })
        },
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        command: |call| {
            Ok(RestCommand::MessagePut {
                conversation: call.conversation()?,
                message: call.message()?,
                data: call.body()?,
            })
        },
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        command: |call| {
            Ok(RestCommand::MessageDelete { conversation: call.conversation()?, message: call.message()? })
        },
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}",
        command: |call| {
            Ok(RestCommand::ReactionPut {
                conversation: call.conversation()?,
                message: call.message()?,
                emoji: call.emoji(),
                user: call.user()?,
            })
        },
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}",
        command: |call| {
            Ok(RestCommand::ReactionDelete {
                conversation: call.conversation()?,
                message: call.message()?,
                emoji: call.emoji(),
                user: call.user()?,
            })
        },
    },
];

/// The router of [`ROUTES`].
pub(crate) fn routes() -> Router<Arc<AppState>> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let handler = move |State(state): State<Arc<AppState>>,
                            Extension(admission): Extension<Result<Admission, Rejection>>,
                            parameters: Result<Path<HashMap<String, String>>, PathRejection>,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Body| async move {
            let executed = match admission {
                Ok(admission) => execute(route, &state, &admission, parameters, query, &headers, body).await,
                Err(rejection) => Err(rejection.error),
            };
            executed.unwrap_or_else(|error| {
                log_api_error(&error);
                ApiError(error).into_response()
            })
        };
        router.route(route.path, on(route.method.filter(), handler))
    })
}

async fn execute(
    route: &Route,
    state: &AppState,
    admission: &Admission,
    parameters: Result<Path<HashMap<String, String>>, PathRejection>,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    auth::authorize_backend(&admission.app, auth::bearer_token(headers), state.clock.now_ms())?;
    state.rate_limits.check_rest(&admission.app.id)?;
    let Ok(Path(parameters)) = parameters else {
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, "the address is not percent-encoded UTF-8"));
    };
    let body = if route.method.has_body() { read_text(body).await? } else { String::new() };
    let call = Call { parameters: &parameters, query: query.as_deref().unwrap_or_default(), body: &body };
    let command = (route.command)(&call)?;
    let result = state.service.execute_command(&admission.app, command).await?;
    Ok(encoded_json(String::from(Box::<str>::from(result))))
}
