//! The user and client at the other end of a connection, known after `hello`.

use std::sync::Arc;
use std::task::Context;

use causerie_protocol::frames::{Hello, Welcome};
use causerie_protocol::limits::PING_INTERVAL_MS;
use causerie_protocol::version::VERSION;
use causerie_protocol::{CloseCode, UserId};

use super::close::CloseReason;
use crate::apps::App;
use crate::auth::{self, AuthError, Grant};
use crate::connection_limits::{Permit, UserKey};
use crate::fanout::PresenceGuard;
use crate::realtime::pipeline::Pipeline;
use crate::revocations::Revocable;
use crate::session_generations::SessionGeneration;
use crate::state::AppState;

/// A client after `welcome`.
pub(super) struct Session {
    pub(super) user_key: UserKey,
    pub(super) pipeline: Pipeline,
    /// The grant of the client's token, or `None` if the app has no authentication.
    pub(super) grant: Option<Grant>,
    /// The app's id, shared with the fan-out.
    pub(super) app_id: Arc<str>,
    /// The registration for revocations, or `None` if the app has no authentication.
    revocable: Option<Revocable>,
    generation: SessionGeneration,
    _presence: PresenceGuard,
    _permit: Permit<UserKey>,
}

impl Session {
    /// Checks a `hello`, and begins a session generation of its client.
    ///
    /// # Errors
    /// The reason to close the connection: a missing or wrong token, too many connections of the user, or a
    /// later connection of the client.
    pub(super) fn begin(
        state: &AppState,
        app: &Arc<App>,
        hello: Hello,
    ) -> Result<(Session, Welcome), CloseReason> {
        let now = state.clock.now_ms();
        let grant = match (app.authentication, &hello.token) {
            (false, _) => None,
            (true, Some(token)) => Some(verify(app, &hello.user, token, now)?),
            (true, None) => return Err(not_authenticated(AuthError::TokenMissing)),
        };
        let user_key: UserKey = Arc::new((app.id.clone(), hello.user.clone()));
        let revocable =
            grant.as_ref().map(|grant| state.service.revocations().register(&user_key, grant.issued_at));
        if let Some(grant) = &grant {
            check_revoked(state, &user_key, grant)?;
        }
        let too_many = |error| CloseReason::Close(CloseCode::TooManyConnections, error);
        let permit = state.connection_limits.user_permit(&user_key).map_err(too_many)?;
        let welcome = Welcome {
            protocol: VERSION,
            epoch: state.service.epoch().to_owned(),
            time: now,
            ping_interval: PING_INTERVAL_MS,
            token_expires_in: grant.as_ref().map(|grant| grant.expires_in(now)),
        };
        let client = (app.id.clone(), hello.user.clone(), hello.client.clone());
        // The client is on a later connection and no longer reads this one.
        let generation =
            state.generations.begin(client, hello.generation).map_err(|_superseded| CloseReason::Gone)?;
        let app_id: Arc<str> = Arc::from(app.id.as_str());
        let presence = state.service.hub().connect(&app_id, &hello.user);
        let pipeline = Pipeline::new(state.service.clone(), Arc::clone(app), hello.user, hello.client)
            .with_subscriptions();
        let session = Session {
            user_key,
            pipeline,
            grant,
            app_id,
            revocable,
            generation,
            _presence: presence,
            _permit: permit,
        };
        Ok((session, welcome))
    }

    /// Replaces the token by another one of the same user. Returns the milliseconds until it expires, or
    /// `None` if the app has no authentication.
    pub(super) fn renew(
        &mut self,
        state: &AppState,
        app: &App,
        token: &str,
    ) -> Result<Option<u64>, CloseReason> {
        if !app.authentication {
            return Ok(None);
        }
        let now = state.clock.now_ms();
        let grant = verify(app, self.user(), token, now)?;
        check_revoked(state, &self.user_key, &grant)?;
        if let Some(revocable) = &self.revocable {
            revocable.renew(grant.issued_at);
        }
        let expires_in = grant.expires_in(now);
        self.grant = Some(grant);
        Ok(Some(expires_in))
    }

    /// Returns the reason to close the connection if its token was revoked, and wakes the task when it is.
    pub(super) fn poll_revoked(&self, cx: &Context<'_>) -> Option<CloseReason> {
        let is_revoked = self.revocable.as_ref().is_some_and(|revocable| revocable.poll_revoked(cx));
        is_revoked.then(|| not_authenticated(AuthError::TokenRevoked))
    }

    /// Whether the client has a newer connection, so that frames of this one are not executed any more.
    pub(super) fn is_superseded(&self) -> bool {
        !self.generation.is_current()
    }

    pub(super) fn user(&self) -> &UserId {
        &self.user_key.1
    }
}

fn verify(app: &App, user: &UserId, token: &str, now: i64) -> Result<Grant, CloseReason> {
    auth::user_grant(app, user, token, now).map_err(not_authenticated)
}

fn check_revoked(state: &AppState, key: &UserKey, grant: &Grant) -> Result<(), CloseReason> {
    if state.service.revocations().is_revoked(key, grant.issued_at) {
        return Err(not_authenticated(AuthError::TokenRevoked));
    }
    Ok(())
}

fn not_authenticated(error: AuthError) -> CloseReason {
    let code = match error {
        AuthError::TokenExpired => CloseCode::TokenExpired,
        _ => CloseCode::NotAuthenticated,
    };
    CloseReason::Close(code, error.into())
}
