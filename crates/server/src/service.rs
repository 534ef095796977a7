//! What the doors call: a request or a REST command goes in, a future of its answer comes out.
//!
//! A write is put in the writer's queue at the call itself, before anything is awaited, so calls made in order are
//! carried out in order; its future is ready once the change is durable. A read is carried out when its future is
//! first polled, and sees every write whose future was ready by then.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{Outcome, Request};
use causerie_protocol::ids::{ClientId, UserId};
use serde_json::value::RawValue;

use crate::apps::{App, Apps};
use crate::clock::Clock;
use crate::rules::RestCommand;
use crate::store::OpenError;

/// The server without its doors. Clones share it.
#[derive(Clone)]
pub struct Service {
    epoch: Arc<str>,
}

impl Service {
    /// Opens (or makes) the database file and starts its writer. The file's directory must exist.
    ///
    /// # Errors
    /// [`OpenError`]: one line that says what is wrong with which file.
    pub async fn open(path: &Path, apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        let _ = (path, apps, clock);
        Ok(Service { epoch: Arc::from("") })
    }

    /// The same over a database in memory, which is gone with the service. For tests.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_in_memory(apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        let _ = (apps, clock);
        Ok(Service { epoch: Arc::from("") })
    }

    /// A request of a client, over whichever transport. `user` is the one that the door has made sure of.
    pub fn client(
        &self,
        app: &Arc<App>,
        user: &UserId,
        client: &ClientId,
        request: Request,
    ) -> impl Future<Output = Outcome<Box<RawValue>>> + Send + use<> {
        let _ = (app, user, client);
        async move { Outcome::failed(request.id, ErrorBody::new(ErrorCode::Unsupported, "not yet")) }
    }

    /// A call of the REST API, from a door that has made sure that the app's backend is calling. The answer is the
    /// JSON body of the response.
    pub fn rest(
        &self,
        app: &Arc<App>,
        command: RestCommand,
    ) -> impl Future<Output = Result<Box<RawValue>, ErrorBody>> + Send + use<> {
        let _ = (app, command);
        async move { Err(ErrorBody::new(ErrorCode::Unsupported, "not yet")) }
    }


    /// The epoch of all positions: names this database's history.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Whether the database answers, reads and writes both, within two seconds.
    ///
    /// # Errors
    /// What does not, for the operator.
    pub async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    /// Carries out what is in the queue, checkpoints and closes the database. Later calls on clones fail with
    /// `offline`.
    pub async fn close(self) {}
}
