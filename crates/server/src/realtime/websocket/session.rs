//! Who is at the other end of a connection, once `hello` has said so.

use std::sync::Arc;

use causerie_protocol::frames::{Hello, Welcome};
use causerie_protocol::limits::PING_INTERVAL_MS;
use causerie_protocol::version::VERSION;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, UserId};

use super::close::CloseReason;
use crate::apps::App;
use crate::auth::{self, Grant};
use crate::fanout::Attendance;
use crate::rate_limits::{Permit, UserKey};
use crate::realtime::pipeline::Pipeline;
use crate::session_generations::SessionGeneration;
use crate::state::AppState;

/// A client that has been welcomed.
pub(super) struct Session {
    pub(super) key: UserKey,
    pub(super) pipeline: Pipeline,
    /// What the token gives; none where the app asks for none.
    pub(super) grant: Option<Grant>,
    /// The app's name, as the fan-out has it.
    pub(super) app: Arc<str>,
    _attendance: Attendance,
    generation: SessionGeneration,
    _place: Permit<UserKey>,
}

impl Session {
    /// Judges a `hello`.
    pub(super) fn begin(
        state: &AppState,
        app: &Arc<App>,
        hello: Hello,
    ) -> Result<(Session, Welcome), CloseReason> {
        let now = state.clock.now_ms();
        let grant = match (app.authentication, &hello.token) {
            (false, _) => None,
            (true, Some(token)) => Some(judge(app, &hello.user, token, now)?),
            (true, None) => return Err(CloseReason::Close(CloseCode::NotAuthenticated, auth::missing())),
        };
        let key: UserKey = Arc::new((app.id.clone(), hello.user.clone()));
        let place = state
            .rate_limits
            .user_place(&key)
            .map_err(|error| CloseReason::Close(CloseCode::TooManyConnections, error))?;
        let welcome = Welcome {
            protocol: VERSION,
            epoch: state.service.epoch().to_owned(),
            time: now,
            ping_interval: PING_INTERVAL_MS,
            token_expires_in: grant.as_ref().map(|grant| grant.expires_in(now)),
        };
        let generation = state.generations.begin((app.id.clone(), hello.user.clone(), hello.client.clone()));
        let name: Arc<str> = Arc::from(app.id.as_str());
        let attendance = state.service.hub().attend(&name, &hello.user);
        let pipeline = Pipeline::new(state.service.clone(), Arc::clone(app), hello.user, hello.client)
            .with_subscriptions();
        let session =
            Session { key, pipeline, grant, app: name, _attendance: attendance, generation, _place: place };
        Ok((session, welcome))
    }

    /// Takes another token of the same user. Returns the milliseconds until it expires.
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
        let grant = judge(app, self.user(), token, now)?;
        let expires_in = grant.expires_in(now);
        self.grant = Some(grant);
        Ok(Some(expires_in))
    }

    /// Whether the client has connected anew since, so that nothing more is to be carried out here.
    pub(super) fn is_superseded(&self) -> bool {
        !self.generation.is_current()
    }

    pub(super) fn user(&self) -> &UserId {
        &self.key.1
    }
}

fn judge(app: &App, user: &UserId, token: &str, now: i64) -> Result<Grant, CloseReason> {
    auth::user_grant(app, user, token, now).map_err(refused)
}

fn refused(error: ErrorBody) -> CloseReason {
    let code = match error.code {
        ErrorCode::TokenExpired => CloseCode::TokenExpired,
        _ => CloseCode::NotAuthenticated,
    };
    CloseReason::Close(code, error)
}
