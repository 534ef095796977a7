//! Properties of all calls: order, durability, and the errors that callers receive if the store fails.

use std::path::PathBuf;

use causerie_protocol::error::ErrorCode;
use causerie_protocol::{CreateUser, IdempotencyKey, Op, Patch, SetUser};
use tempfile::TempDir;

use super::*;
use crate::apps::Origins;
use crate::clock::SystemClock;

struct ServiceFixture {
    folder: TempDir,
    apps: Arc<Apps>,
    app: Arc<App>,
}

impl ServiceFixture {
    fn new() -> ServiceFixture {
        let app = App {
            id: "app".to_owned(),
            secrets: vec!["secret".to_owned()],
            authentication: false,
            user_sync: true,
            conversation_sync: true,
            default_locale: "en".to_owned(),
            default_role: "default".to_owned(),
            roles: Default::default(),
            origins: Origins::default(),
            loopback_only: true,
            webhooks: Vec::new(),
            translator: None,
        };
        let apps = Arc::new(Apps::new([app]).unwrap());
        let app = Arc::clone(apps.get("app").unwrap());
        ServiceFixture { folder: TempDir::new().unwrap(), apps, app }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("causerie.db")
    }

    async fn open(&self) -> Service {
        Service::open(&self.path(), Arc::clone(&self.apps), Arc::new(SystemClock)).await.unwrap()
    }

    fn request(&self, service: &Service, op: Op) -> impl Future<Output = EncodedOutcome> + use<> {
        let client = ClientId::new("client").unwrap();
        service.execute_request(&self.app, &ada(), &client, Request { id: 1, key: None, op })
    }

    async fn name(&self, service: &Service) -> String {
        let outcome = self.request(service, Op::UserGet { user: ada() }).await;
        let body: causerie_protocol::entities::User =
            serde_json::from_str(&outcome.entities.users[0].json()).unwrap();
        body.name
    }
}

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn create(name: &str) -> Op {
    let data = CreateUser { name: Some(name.to_owned()), ..CreateUser::default() };
    Op::UserCreateIfNotExists { user: ada(), data }
}

fn set(name: &str) -> Op {
    Op::UserSet { user: ada(), data: SetUser { name: Patch::Set(name.to_owned()), ..SetUser::default() } }
}

#[tokio::test]
async fn calls_are_executed_in_order_without_awaiting_each() {
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    let calls: Vec<_> = (0..50)
        .map(|index| {
            fixture.request(&service, if index == 0 { create("0") } else { set(&index.to_string()) })
        })
        .collect();
    for call in calls.into_iter().rev() {
        assert_eq!(call.await.error, None);
    }
    assert_eq!(fixture.name(&service).await, "49");
}

#[tokio::test]
async fn an_acknowledged_write_survives_a_restart() {
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    assert_eq!(fixture.request(&service, create("Ada")).await.error, None);
    let epoch = service.epoch().to_owned();
    service.close().await;
    let service = fixture.open().await;
    assert_eq!(fixture.name(&service).await, "Ada");
    assert_eq!(service.epoch(), epoch);
}

/// After a failed sync and a kill, the disk has a refused write or it has not. Copies of the files before and
/// after the write are these two states.
#[tokio::test]
async fn repeating_a_refused_write_under_its_key_executes_it_once_whether_or_not_the_disk_had_it() {
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    let keyed = |service: &Service, fixture: &ServiceFixture, key: &str, op: Op| {
        let (client, key) = (ClientId::new("client").unwrap(), IdempotencyKey::new(key).ok());
        service.execute_request(&fixture.app, &ada(), &client, Request { id: 1, key, op })
    };
    let copy = || {
        let copy = ServiceFixture::new();
        for suffix in ["", "-wal", ".history"] {
            let name = format!("causerie.db{suffix}");
            std::fs::copy(fixture.folder.path().join(&name), copy.folder.path().join(&name)).unwrap();
        }
        copy
    };
    assert_eq!(fixture.request(&service, create("Ada")).await.error, None);
    let without = copy();
    assert_eq!(keyed(&service, &fixture, "refused", set("First")).await.error, None);
    let with = copy();
    for (disk, has_it) in [(without, false), (with, true)] {
        let service = disk.open().await;
        assert_eq!(disk.name(&service).await, if has_it { "First" } else { "Ada" });
        assert_eq!(keyed(&service, &disk, "refused", set("First")).await.error, None);
        assert_eq!(keyed(&service, &disk, "next", set("Second")).await.error, None);
        assert_eq!(keyed(&service, &disk, "refused", set("First")).await.error, None);
        assert_eq!(disk.name(&service).await, "Second", "it is not executed again");
    }
}

#[tokio::test]
async fn a_closed_service_is_not_ready_and_refuses_with_a_retryable_error() {
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    assert!(service.ready().await.is_ok());
    let other = service.clone();
    let accepted = fixture.request(&service, create("Ada"));
    service.close().await;
    assert_eq!(accepted.await.error, None, "an enqueued write is executed");
    assert!(other.ready().await.is_err());
    for op in [set("B"), Op::UserGet { user: ada() }] {
        let error = fixture.request(&other, op).await.error.unwrap();
        assert_eq!((error.code, error.code.retryable()), (ErrorCode::Offline, true));
    }
}

#[tokio::test]
async fn a_store_failure_is_a_server_error_without_details() {
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    assert_eq!(fixture.request(&service, create("Ada")).await.error, None);
    rusqlite::Connection::open(fixture.path())
        .unwrap()
        .execute("UPDATE users SET custom = 'canary'", [])
        .unwrap();
    for op in [Op::UserGet { user: ada() }, set("B")] {
        let error = fixture.request(&service, op).await.error.unwrap();
        assert_eq!(error.code, ErrorCode::ServerError);
        for detail in ["canary", "custom", "expected", "column", "line"] {
            assert!(!error.message.contains(detail), "{}", error.message);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_files_are_readable_only_by_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = ServiceFixture::new();
    let service = fixture.open().await;
    assert_eq!(fixture.request(&service, create("Ada")).await.error, None);
    for file in std::fs::read_dir(fixture.folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}
