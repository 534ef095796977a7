//! The table of routes.

use super::query::{CONVERSATIONS, EVENTS, PAGE, USER_CONVERSATIONS, USERS};
use super::route::{Handler, Method, Route};
use crate::rules::RestCommand;

/// Every route of the REST API.
pub const ROUTES: &[Route] = &[
    Route {
        method: Method::Get,
        path: "/v1/{app}",
        query: &[],
        handler: Handler::Command(|_| Ok(RestCommand::AppGet)),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::AppPut { data: call.object()? })),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/import/conversations/{conversation}/messages",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ImportPost { conversation: call.conversation()?, messages: call.objects()? })
        }),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}/readBy",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ReadersPost {
                conversation: call.conversation()?,
                message: call.message()?,
                data: call.object_or_list()?,
            })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users/{user}",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::UserGet { user: call.user()? })),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/users/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::UserPut { user: call.user()?, data: call.object()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users",
        query: USERS,
        handler: Handler::Command(|call| Ok(RestCommand::UsersGet { page: call.users_page()? })),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/users",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::UsersPut { users: call.object_map()? })),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users/{user}/sessions",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::UserSessionsGet { user: call.user()? })),
    },
    Route { method: Method::Post, path: "/v1/{app}/files", query: &[], handler: Handler::Upload },
    Route { method: Method::Post, path: "/v1/{app}/batch", query: &[], handler: Handler::Batch },
    Route {
        method: Method::Post,
        path: "/v1/{app}/presences",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::PresencesPost { data: call.object()? })),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/users/{user}/revocations",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::UserRevoke { user: call.user()?, data: call.object()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/users/{user}/conversations",
        query: USER_CONVERSATIONS,
        handler: Handler::Command(|call| {
            Ok(RestCommand::UserConversationsGet { user: call.user()?, page: call.conversations_page()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations",
        query: CONVERSATIONS,
        handler: Handler::Command(|call| {
            Ok(RestCommand::ConversationsGet { page: call.conversations_page()? })
        }),
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ConversationDelete { conversation: call.conversation()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ConversationGet { conversation: call.conversation()? })
        }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ConversationPut { conversation: call.conversation()?, data: call.object()? })
        }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ParticipantPut {
                conversation: call.conversation()?,
                user: call.user()?,
                data: call.object()?,
            })
        }),
    },
    Route {
        method: Method::Patch,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ParticipantPatch {
                conversation: call.conversation()?,
                user: call.user()?,
                data: call.object()?,
            })
        }),
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/participants/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ParticipantDelete { conversation: call.conversation()?, user: call.user()? })
        }),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/conversations/{conversation}/messages",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::MessagesPost { conversation: call.conversation()?, messages: call.objects()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}/messages",
        query: PAGE,
        handler: Handler::Command(|call| {
            Ok(RestCommand::MessagesGet { conversation: call.conversation()?, page: call.page()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::MessageGet { conversation: call.conversation()?, message: call.message()? })
        }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::MessagePut {
                conversation: call.conversation()?,
                message: call.message()?,
                data: call.object()?,
            })
        }),
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::MessageDelete { conversation: call.conversation()?, message: call.message()? })
        }),
    },
    Route {
        method: Method::Put,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ReactionPut {
                conversation: call.conversation()?,
                message: call.message()?,
                emoji: call.emoji(),
                user: call.user()?,
            })
        }),
    },
    Route {
        method: Method::Delete,
        path: "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::ReactionDelete {
                conversation: call.conversation()?,
                message: call.message()?,
                emoji: call.emoji(),
                user: call.user()?,
            })
        }),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/conversations/{conversation}/notifications",
        query: &[],
        handler: Handler::Command(|call| {
            Ok(RestCommand::NotificationsPost { conversation: call.conversation()?, data: call.object()? })
        }),
    },
    Route {
        method: Method::Get,
        path: "/v1/{app}/webhooks",
        query: EVENTS,
        handler: Handler::Command(|call| Ok(RestCommand::WebhookEventsGet { page: call.events_page()? })),
    },
    Route {
        method: Method::Post,
        path: "/v1/{app}/webhooks/replay",
        query: &[],
        handler: Handler::Command(|call| Ok(RestCommand::WebhookEventsReplay { data: call.object()? })),
    },
];
