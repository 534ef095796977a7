//! What holds for every call, whatever it asks: order, durability, and what callers are told when the store fails.

use std::path::PathBuf;

use causerie_protocol::error::ErrorCode;
use causerie_protocol::{CreateUser, Op, Patch, SetUser};
use tempfile::TempDir;

use super::*;
use crate::apps::Origins;
use crate::clock::SystemClock;

struct Place {
    folder: TempDir,
    apps: Arc<Apps>,
    app: Arc<App>,
}

impl Place {
    fn new() -> Place {
        let app = App {
            id: "app".to_owned(),
            secrets: vec!["secret".to_owned()],
            authentication: false,
            user_sync: true,
            conversation_sync: true,
            default_locale: "en".to_owned(),
            default_role: "default".to_owned(),
            origins: Origins::default(),
            loopback_only: true,
        };
        let apps = Arc::new(Apps::new([app]).unwrap());
        let app = Arc::clone(apps.get("app").unwrap());
        Place { folder: TempDir::new().unwrap(), apps, app }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("causerie.db")
    }

    async fn open(&self) -> Service {
        Service::open(&self.path(), Arc::clone(&self.apps), Arc::new(SystemClock)).await.unwrap()
    }

    fn ask(&self, service: &Service, op: Op) -> impl Future<Output = Outcome<Box<RawValue>>> + use<> {
        let client = ClientId::new("client").unwrap();
        service.client(&self.app, &ada(), &client, Request { id: 1, key: None, op })
    }

    async fn name(&self, service: &Service) -> String {
        let outcome = self.ask(service, Op::UserGet { user: ada() }).await;
        let body: causerie_protocol::entities::User =
            serde_json::from_str(outcome.entities.users[0].get()).unwrap();
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
async fn calls_are_carried_out_in_their_order_without_being_awaited_in_between() {
    let place = Place::new();
    let service = place.open().await;
    let calls: Vec<_> = (0..50)
        .map(|index| place.ask(&service, if index == 0 { create("0") } else { set(&index.to_string()) }))
        .collect();
    for call in calls.into_iter().rev() {
        assert_eq!(call.await.error, None);
    }
    assert_eq!(place.name(&service).await, "49");
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let place = Place::new();
    let service = place.open().await;
    assert_eq!(place.ask(&service, create("Ada")).await.error, None);
    let epoch = service.epoch().to_owned();
    service.close().await;
    let service = place.open().await;
    assert_eq!(place.name(&service).await, "Ada");
    assert_eq!(service.epoch(), epoch);
}

#[tokio::test]
async fn a_closed_service_is_not_ready_and_says_to_come_back() {
    let place = Place::new();
    let service = place.open().await;
    assert!(service.ready().await.is_ok());
    let other = service.clone();
    let accepted = place.ask(&service, create("Ada"));
    service.close().await;
    assert_eq!(accepted.await.error, None, "what was accepted is carried out");
    assert!(other.ready().await.is_err());
    for op in [set("B"), Op::UserGet { user: ada() }] {
        let error = place.ask(&other, op).await.error.unwrap();
        assert_eq!((error.code, error.code.retryable()), (ErrorCode::Offline, true));
    }
}

#[tokio::test]
async fn a_store_that_fails_is_a_server_error_without_its_details() {
    let place = Place::new();
    let service = place.open().await;
    assert_eq!(place.ask(&service, create("Ada")).await.error, None);
    rusqlite::Connection::open(place.path())
        .unwrap()
        .execute("UPDATE users SET custom = 'canary'", [])
        .unwrap();
    for op in [Op::UserGet { user: ada() }, set("B")] {
        let error = place.ask(&service, op).await.error.unwrap();
        assert_eq!(error.code, ErrorCode::ServerError);
        for detail in ["canary", "custom", "expected", "column", "line"] {
            assert!(!error.message.contains(detail), "{}", error.message);
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let service = place.open().await;
    assert_eq!(place.ask(&service, create("Ada")).await.error, None);
    for file in std::fs::read_dir(place.folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
    }
}
