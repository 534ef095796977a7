//! The uploads at once: a bound for the whole server, one for each user, and one for each file.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use causerie_protocol::{ErrorBody, ErrorCode};

/// How long a caller should wait for a free slot, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Counts the running uploads.
pub(super) struct Slots {
    running: Arc<Mutex<Running>>,
    all: u32,
    per_user: u32,
}

#[derive(Default)]
struct Running {
    files: HashSet<(String, String)>,
    users: HashMap<(String, String), u32>,
}

/// A running upload. Dropping it ends the upload.
pub struct Slot {
    running: Arc<Mutex<Running>>,
    file: (String, String),
    user: (String, String),
}

impl Slots {
    pub(super) fn new(all: u32, per_user: u32) -> Self {
        Slots { running: Arc::default(), all, per_user }
    }

    /// Begins the upload of a file. A backend, whose uploader is empty, has only the bound of the server.
    pub(super) fn begin(&self, app: &str, id: &str, uploader: &str) -> Result<Slot, ErrorBody> {
        let file = (app.to_owned(), id.to_owned());
        let user = (app.to_owned(), uploader.to_owned());
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.files.contains(&file) {
            return Err(ErrorBody::invalid("fileToken", "its file is being uploaded already"));
        }
        let of_user = running.users.get(&user).copied().unwrap_or_default();
        let too_many = if !uploader.is_empty() && of_user >= self.per_user {
            Some((self.per_user, "of one user"))
        } else {
            (running.files.len() >= self.all as usize).then_some((self.all, "of this server"))
        };
        if let Some((most, whose)) = too_many {
            let message = format!("at most {most} uploads {whose} run at once: try again later");
            return Err(ErrorBody::new(ErrorCode::RateLimited, message).after(RETRY_MS));
        }
        running.files.insert(file.clone());
        running.users.insert(user.clone(), of_user + 1);
        drop(running);
        Ok(Slot { running: Arc::clone(&self.running), file, user })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.files.remove(&self.file);
        match running.users.get_mut(&self.user) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(running.users.remove(&self.user)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_bounded_for_each_file_each_user_and_the_server() {
        let slots = Slots::new(3, 2);
        let first = slots.begin("app", "1", "ada").unwrap();
        let field = slots.begin("app", "1", "ada").err().unwrap().field;
        assert_eq!(field.as_deref(), Some("fileToken"));
        let _second = slots.begin("app", "2", "ada").unwrap();
        let error = slots.begin("app", "3", "ada").err().unwrap();
        assert!(error.message.contains("2 uploads of one user"), "{error}");
        assert_eq!((error.code, error.retry_after), (ErrorCode::RateLimited, Some(RETRY_MS)));
        let _other_app = slots.begin("other", "1", "ada").unwrap();
        let error = slots.begin("app", "4", "").err().unwrap();
        assert!(error.message.contains("3 uploads of this server"), "{error}");
        drop(first);
        let _backend = slots.begin("app", "1", "").unwrap();
    }
}
