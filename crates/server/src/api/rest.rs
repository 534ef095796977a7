//! The REST API for backends. One table holds every route with the command it makes; the router and the tests of who may
//! do what are both made from it, so no route can be forgotten by either.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use causerie_protocol::{ConversationId, ErrorBody, ErrorCode, MessageId, UserId, decode};
use serde::de::DeserializeOwned;

use crate::admission::{Admission, Rejection};
use crate::auth;
use crate::response::{ApiError, json_bytes, log_api_error, text};
use crate::rules::RestCommand;
use crate::rules::command::{ConversationsPage, Page};
use crate::state::AppState;

/// One route of the REST API.
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    command: fn(&Call<'_>) -> Result<RestCommand, ErrorBody>,
}

/// The methods the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or merges into what is there.
    Put,
    /// Changes what is given.
    Patch,
    /// Adds.
    Post,
    /// Takes away.
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
                emoji: call.parameter("emoji"),
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
                emoji: call.parameter("emoji"),
                user: call.user()?,
            })
        },
    },
];

/// The router over [`ROUTES`].
pub(crate) fn routes() -> Router<Arc<AppState>> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let handler = move |State(state): State<Arc<AppState>>,
                            Extension(admission): Extension<Result<Admission, Rejection>>,
                            parameters: Result<Path<HashMap<String, String>>, PathRejection>,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Body| async move {
            let answered = match admission {
                Ok(admission) => answer(route, &state, &admission, parameters, query, &headers, body).await,
                Err(rejection) => Err(rejection.error),
            };
            answered.unwrap_or_else(|error| {
                log_api_error(&error, route.path);
                ApiError(error).into_response()
            })
        };
        router.route(route.path, on(route.method.filter(), handler))
    })
}

async fn answer(
    route: &Route,
    state: &AppState,
    admission: &Admission,
    parameters: Result<Path<HashMap<String, String>>, PathRejection>,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    state.rate_limits.address(admission.address)?;
    let shown =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(auth::bearer);
    auth::authorize_backend(&admission.app, shown, state.clock.now_ms())?;
    state.rate_limits.rest(&admission.app.id)?;
    let Ok(Path(parameters)) = parameters else {
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, "the address is not percent-encoded UTF-8"));
    };
    let body = if route.method.has_body() { text(body).await? } else { String::new() };
    let call = Call { parameters: &parameters, query: query.as_deref().unwrap_or_default(), body: &body };
    let command = (route.command)(&call)?;
    let answer = state.service.rest(&admission.app, command).await?;
    Ok(json_bytes(String::from(Box::<str>::from(answer))))
}

/// What a call came with.
struct Call<'a> {
    parameters: &'a HashMap<String, String>,
    query: &'a str,
    body: &'a str,
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_default()
    }

    fn user(&self) -> Result<UserId, ErrorBody> {
        UserId::new(self.parameter("user"))
    }

    fn conversation(&self) -> Result<ConversationId, ErrorBody> {
        ConversationId::new(self.parameter("conversation"))
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, ErrorBody> {
        decode::typed(self.body)
    }

    fn message(&self) -> Result<MessageId, ErrorBody> {
        MessageId::new(self.parameter("message"))
    }

    /// The parameters of the query, still encoded. Those that nobody knows are ignored, like unknown fields of a body,
    /// and for the same reason: an older server, a newer backend.
    fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    fn page(&self) -> Result<Page, ErrorBody> {
        let mut page = Page::default();
        for (name, value) in self.query() {
            match name {
                "limit" => page.limit = Some(number("limit", value)?),
                "startingAfter" => page.starting_after = Some(percent_decoded("startingAfter", value)?),
                _ => {}
            }
        }
        Ok(page)
    }

    fn conversations_page(&self) -> Result<ConversationsPage, ErrorBody> {
        let Page { limit, starting_after } = self.page()?;
        let mut page = ConversationsPage { limit, starting_after, ..ConversationsPage::default() };
        for (name, value) in self.query() {
            match (name, value) {
                ("unreadsOnly", "true" | "1" | "") => page.unreads_only = true,
                ("unreadsOnly", "false" | "0") => page.unreads_only = false,
                ("unreadsOnly", _) => {
                    return Err(ErrorBody::invalid("unreadsOnly", "must be \"true\" or \"false\""));
                }
                ("lastMessageBefore", time) => {
                    page.last_message_before = Some(number("lastMessageBefore", time)?);
                }
                ("lastMessageAfter", time) => {
                    page.last_message_after = Some(number("lastMessageAfter", time)?)
                }
                _ => {}
            }
        }
        Ok(page)
    }
}

fn number<T: FromStr>(field: &str, value: &str) -> Result<T, ErrorBody> {
    value.parse().map_err(|_| ErrorBody::invalid(field, "must be a whole number"))
}

/// Takes the percent-encoding off a value of the query.
fn percent_decoded(field: &str, value: &str) -> Result<String, ErrorBody> {
    let wrong = || ErrorBody::invalid(field, "is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
                u8::try_from(high * 16 + low).map_err(|_| wrong())?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, ErrorBody> {
        Call { parameters: &HashMap::new(), query, body: "" }.page()
    }

    #[test]
    fn a_page_is_read_from_the_query_and_what_is_wrong_is_named() {
        let read = page("limit=5&startingAfter=a%2Fb+c&new=1").unwrap();
        assert_eq!(read, Page { limit: Some(5), starting_after: Some("a/b c".to_owned()) });
        assert_eq!(page("").unwrap(), Page::default());
        assert_eq!(page("limit=many").unwrap_err().field.as_deref(), Some("limit"));
        for wrong in ["%", "%2", "%zz", "%ff"] {
            let error = page(&format!("startingAfter={wrong}")).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("startingAfter"), "{wrong}");
        }
    }

    fn conversations(query: &str) -> Result<ConversationsPage, ErrorBody> {
        Call { parameters: &HashMap::new(), query, body: "" }.conversations_page()
    }

    #[test]
    fn a_page_of_conversations_has_conditions() {
        let read =
            conversations("limit=5&unreadsOnly=true&lastMessageBefore=20&lastMessageAfter=-3").unwrap();
        let expected = ConversationsPage {
            limit: Some(5),
            starting_after: None,
            unreads_only: true,
            last_message_before: Some(20),
            last_message_after: Some(-3),
        };
        assert_eq!(read, expected);
        assert_eq!(conversations("unreadsOnly=false").unwrap(), ConversationsPage::default());
        for (query, field) in [
            ("unreadsOnly=maybe", "unreadsOnly"),
            ("lastMessageBefore=today", "lastMessageBefore"),
            ("lastMessageAfter=", "lastMessageAfter"),
            ("limit=-1", "limit"),
        ] {
            assert_eq!(conversations(query).unwrap_err().field.as_deref(), Some(field), "{query}");
        }
    }
}
