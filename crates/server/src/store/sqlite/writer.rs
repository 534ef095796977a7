//! The writer: one thread that executes all writes. The requesters take turns, and the writes of each are
//! executed in the order in which they were enqueued (`queue`).
//!
//! It takes up to [`GROUP_JOBS`] waiting jobs, for up to [`GROUP_TIME`], runs them apart from one another,
//! and commits them together, so that they share one sync of the disk. After the commit, the events that the
//! jobs published go to the sink, and then the results are delivered. A caller that has a successful
//! result can therefore rely on the event being queued for all followers before anything that the caller does
//! next. A job that fails is rolled back and does not affect others; a commit that fails fails all jobs of
//! its group.
//!
//! A short job that is alone is executed by its caller, if the writer is idle and the disk syncs quickly: it
//! costs less than handing the job over to the thread and the result back. Jobs that come meanwhile wait for
//! the thread.
//!
//! A single job does not wait for others: while the disk syncs, the next group gathers by itself. If the last
//! group had several jobs, the writer waits a moment for as many to come again. Without that, callers that
//! send their next request when they have the result of the last, and so were all served by one commit, would
//! be spread over several commits.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::age::Age;
use super::connection::{Slot, Threads};
use super::error::SqliteError;
use super::group::{Group, Job};
use super::history::History;
use super::queue::{Claimed, Receiver, Sender, fair_queue};
use super::readers::Readers;
use super::schedule::Schedule;
use crate::events::EventSink;
use crate::store::{Requester, StoreError, StoreResult};

/// The most jobs in one commit.
const GROUP_JOBS: usize = 64;
/// How long a group accepts further jobs.
const GROUP_TIME: Duration = Duration::from_millis(2);
/// The longest commit after which the next job may be executed by its caller, whose thread serves other
/// connections too.
const SHORT_COMMIT: Duration = Duration::from_millis(1);
/// The number of pages in the log from which on it is moved into the database file: 4 MB.
pub(super) const CHECKPOINT_PAGES: i32 = 1_000;

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// A handle to the writer.
pub(super) struct Writer {
    queue: Sender<Message>,
    closing: AtomicBool,
    worker: Arc<Mutex<Worker>>,
    /// Whether callers may execute jobs, see [`Worker::suits_callers`].
    suits_callers: Arc<AtomicBool>,
    /// The other end of the queue, if the worker has no thread: each job is executed by the call that
    /// enqueues it.
    inline: Option<Receiver<Message>>,
}

impl Writer {
    /// Starts a thread, which uses the connection in `slot`. Without a thread, each job is executed and
    /// committed on its own by the call that enqueues it, and there is no maintenance.
    pub(super) fn start(
        slot: Slot,
        history: Option<History>,
        readers: Arc<Readers>,
        age: Age,
        sink: Arc<dyn EventSink>,
        threads: Threads,
    ) -> std::io::Result<Writer> {
        let waiting = Arc::new(AtomicUsize::new(0));
        let (queue, messages) = fair_queue(Arc::clone(&waiting));
        let log_pages = Arc::new(AtomicI32::new(0));
        let suits_callers = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            slot,
            history,
            readers,
            waiting,
            log_pages,
            next_checkpoint: Cell::new(CHECKPOINT_PAGES),
            age,
            sink,
            last: Cell::default(),
            suits_callers: Arc::clone(&suits_callers),
            wrote: Cell::default(),
            failing: Cell::default(),
        };
        let worker = Arc::new(Mutex::new(worker));
        let inline = match threads {
            Threads::Own => {
                let worker = Arc::clone(&worker);
                let run = move || run(&worker, &messages);
                thread::Builder::new().name("causerie-writer".to_owned()).spawn(run)?;
                None
            }
            Threads::Caller => Some(messages),
        };
        Ok(Writer { queue, closing: AtomicBool::new(false), worker, suits_callers, inline })
    }

    /// Puts a job in the queue.
    pub(super) fn enqueue(&self, requester: Requester, job: Job) -> StoreResult<()> {
        if self.closing.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        self.queue.send(requester, Message::Job(job))?;
        if let Some(messages) = &self.inline {
            let worker = lock(&self.worker);
            while let Ok(Message::Job(job)) = messages.try_recv() {
                worker.group(messages, job);
            }
        }
        Ok(())
    }

    /// Puts a short job in the queue. Returns whether the writer was not woken although it is idle: then
    /// [`Writer::execute_or_wake`] or [`Writer::wake`] must follow.
    pub(super) fn enqueue_short(&self, requester: Requester, job: Job) -> StoreResult<bool> {
        if self.inline.is_some() || !self.suits_callers.load(Ordering::Relaxed) {
            return self.enqueue(requester, job).map(|()| false);
        }
        if self.closing.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        self.queue.send_claimable(requester, Message::Job(job))
    }

    /// Executes the job in the queue if it is the only one and the writer is idle. Otherwise wakes the
    /// writer.
    pub(super) fn execute_or_wake(&self) {
        if let Some(Claimed(Message::Job(job))) = self.queue.claim() {
            let is_maintenance_due = lock(&self.worker).execute_alone(job);
            self.queue.release(is_maintenance_due);
        }
    }

    /// Wakes the writer.
    pub(super) fn wake(&self) {
        self.queue.wake();
    }

    /// Returns the error of a job that was dropped without a result.
    pub(super) fn dropped(&self) -> StoreError {
        if self.closing.load(Ordering::Acquire) {
            StoreError::Closed
        } else {
            SqliteError::WriteDropped.into()
        }
    }

    /// Ends the thread after the jobs in the queue.
    pub(super) async fn close(&self) {
        self.closing.store(true, Ordering::Release);
        if self.inline.is_some() {
            return;
        }
        let (done, closed) = oneshot::channel();
        if self.queue.close(Message::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }
}

/// The state of the writer's thread. Its maintenance tasks are in `maintenance`.
pub(super) struct Worker {
    pub(super) slot: Slot,
    /// The history file; `None` for a database in memory.
    pub(super) history: Option<History>,
    pub(super) readers: Arc<Readers>,
    /// The number of jobs in the queue.
    waiting: Arc<AtomicUsize>,
    /// The number of pages in SQLite's write-ahead log.
    pub(super) log_pages: Arc<AtomicI32>,
    /// The number of pages in the log from which on the next checkpoint is made.
    pub(super) next_checkpoint: Cell<i32>,
    pub(super) age: Age,
    sink: Arc<dyn EventSink>,
    last: Cell<LastGroup>,
    /// Whether the last group had one job and its commit was short, so that a caller may execute the next
    /// one.
    suits_callers: Arc<AtomicBool>,
    /// Whether jobs were executed since the last step of indexing.
    pub(super) wrote: Cell<bool>,
    /// Whether the last write failed, which was logged.
    failing: Cell<bool>,
}

/// The size and the cost of the last group.
#[derive(Clone, Copy, Debug, Default)]
struct LastGroup {
    jobs: usize,
    /// How long its commit took. The writer waits for further jobs for at most half of this, which never
    /// costs more than it saves.
    commit: Duration,
}

/// What the thread does after a group.
enum Next {
    Continue,
    Close(oneshot::Sender<()>),
}

fn lock(worker: &Mutex<Worker>) -> MutexGuard<'_, Worker> {
    worker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the thread of the writer, which uses the worker with its callers in turn.
fn run(worker: &Mutex<Worker>, messages: &Receiver<Message>) {
    lock(worker).watch_log();
    let mut maintenance = Schedule::new();
    let closing = loop {
        let received = messages.recv_or_claim(maintenance.wait());
        let worker = lock(worker);
        match received {
            Ok(Message::Job(job)) => {
                if let Next::Close(done) = worker.group(messages, job) {
                    break Some(done);
                }
            }
            Ok(Message::Close(done)) => break Some(done),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        if let Some(history) = &worker.history {
            history.sync_if_due();
        }
        worker.checkpoint();
        if worker.wrote.get() {
            maintenance.note_write();
        }
        maintenance.run(|task| worker.perform(task));
    };
    lock(worker).end();
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

impl Worker {
    /// Returns a worker without a thread, to which no jobs are sent.
    #[cfg(test)]
    pub(super) fn idle(slot: Slot, age: Age) -> Worker {
        Worker {
            slot,
            history: None,
            readers: Arc::default(),
            waiting: Arc::default(),
            log_pages: Arc::default(),
            next_checkpoint: Cell::new(CHECKPOINT_PAGES),
            age,
            sink: Arc::new(()),
            last: Cell::default(),
            suits_callers: Arc::default(),
            wrote: Cell::default(),
            failing: Cell::default(),
        }
    }

    /// Calls a function with the connection, as long as it is open. The connection is held for a whole group,
    /// so that a store whose readers share it (in memory) never shows uncommitted data.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }

    /// Executes a first job and those that wait after it, in one commit.
    fn group(&self, messages: &Receiver<Message>, first: Job) -> Next {
        let started = Instant::now();
        let last = self.last.get();
        let patience = started + GROUP_TIME.min(last.commit / 2);
        let mut next = Next::Continue;
        self.with(|connection| {
            let mut group = self.begin(connection);
            let mut job = first;
            let mut jobs = 0;
            loop {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                group.execute(job);
                jobs += 1;
                if jobs >= GROUP_JOBS || started.elapsed() >= GROUP_TIME {
                    break;
                }
                let another = match messages.try_recv() {
                    Err(TryRecvError::Empty) if jobs < last.jobs => {
                        messages.recv_timeout(patience.saturating_duration_since(Instant::now())).ok()
                    }
                    another => another.ok(),
                };
                match another {
                    Some(Message::Job(another)) => job = another,
                    Some(Message::Close(done)) => {
                        next = Next::Close(done);
                        break;
                    }
                    None => break,
                }
            }
            self.end_group(group, jobs);
        });
        self.wrote.set(true);
        next
    }

    /// Executes a job for its caller, in a commit of its own. Returns whether maintenance is due, which is
    /// left to the thread.
    fn execute_alone(&self, job: Job) -> bool {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.with(|connection| {
            let mut group = self.begin(connection);
            group.execute(job);
            self.end_group(group, 1);
        });
        let is_first = !self.wrote.replace(true);
        is_first || self.is_checkpoint_due() || self.history.as_ref().is_some_and(History::is_sync_due)
    }

    fn begin<'a>(&'a self, connection: &'a Connection) -> Group<'a> {
        Group::new(connection, self.history.as_ref(), &self.failing, &*self.sink, self.age.now())
    }

    fn end_group(&self, group: Group<'_>, jobs: usize) {
        let commit = group.commit();
        self.last.set(LastGroup { jobs, commit });
        self.suits_callers.store(jobs == 1 && commit < SHORT_COMMIT, Ordering::Relaxed);
    }
}
