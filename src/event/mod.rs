//! The feed: one ordered, numbered, durable log that is also the queue of every reader.
//!
//! Publishers hand commits to one writer ([`Publisher`]); the writer numbers them, puts state and
//! events on disk in one transaction and moves the head; a reader is a cursor ([`Subscription`]).

mod consumed;
mod draft;
mod filter;
pub mod frame;
mod history;
mod known;
mod requests {
    pub(super) mod store;
}
mod ring;
mod service;
mod store;
mod subscription;
#[cfg(test)]
mod tests;
mod token;
mod writer;

use std::{marker::PhantomData, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    call::Cause,
    clock::Clock,
    pb::{
        cantina::event::v1::snapshot_part::Part,
        registry::{Consumer, Producer},
    },
    storage::{self, Database},
};

pub use draft::Commit;
pub use filter::Filter;
pub use history::History;
pub use service::Service;
pub(crate) use store::Completion;
pub use store::{Answer, Retention};
pub use subscription::{Subscription, WatchOptions};

use draft::Message;
use known::Known;
use ring::Ring;

/// The handle to the event log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EventLog {
    identity: Arc<Identity>,
    ring: Arc<Ring>,
    messages: mpsc::UnboundedSender<Message>,
    storage: watch::Receiver<StorageHealth>,
    database: Arc<Database>,
    known: Arc<Known>,
    clock: Clock,
}

/// Who numbers the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The stable name of the device.
    pub device_id: String,
    /// Changes only when the device loses its data.
    pub epoch: String,
    /// Whether the last run ended without a clean stop.
    pub after_unclean_shutdown: bool,
}

/// Whether the writer can keep what it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StorageHealth {
    /// Everything so far is on disk, or will be within 250 ms.
    #[default]
    Writable,
    /// The disk is full: events are kept in memory and tried again.
    Full,
    /// The database cannot be written, for the reason given.
    Failed(String),
}

impl EventLog {
    /// Opens the log of a database. The returned future is the writer; it runs until
    /// [`EventLog::close`].
    ///
    /// # Errors
    /// Fails when the database cannot be read or written.
    pub async fn open(
        database: Database,
        clock: Clock,
        retention: watch::Receiver<Retention>,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), storage::Error> {
        let (store, start) = store::Store::open(&database, &clock).await?;
        let identity = Arc::new(start.identity.clone());
        let ring = Arc::new(Ring::new(&start));
        let (messages, inbox) = mpsc::unbounded_channel();
        let (health, storage) = watch::channel(StorageHealth::Writable);
        let writer = writer::Writer::new(store, Arc::clone(&ring), clock.clone(), health, retention, start.next);
        let (database, known) = (Arc::new(database), Arc::new(Known::new()));
        let log = Self { identity, ring, messages, storage, database, known, clock };
        let (reader, known) = (log.database.reader().clone(), Arc::clone(&log.known));
        let run = async move {
            tokio::join!(writer.run(inbox), known.learn(requests::store::request_ids(&reader)));
        };
        Ok((log, run))
    }

    /// The publisher of one feature.
    #[must_use]
    pub fn publisher<P: Producer>(&self) -> Publisher<P> {
        Publisher { log: self.clone(), producer: PhantomData }
    }

    /// Subscribes a client.
    #[must_use]
    pub fn subscribe(&self, options: WatchOptions) -> Subscription {
        Subscription::new(self, options)
    }

    /// Reads the events that one feature is wired to, from now on. A reader that falls behind what
    /// memory holds goes on with what is there.
    #[must_use]
    pub fn consume<C: Consumer>(&self) -> consumed::Consumed<C> {
        consumed::Consumed::new(self)
    }

    /// Who numbers the events.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The newest sequence number.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.ring.head()
    }

    /// How often each event happened since the start, in the order of the registry.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        self.ring.counts()
    }

    /// The current part of the snapshot under a name, as [`ring::part_name`] gives it.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<Arc<Part>> {
        self.ring.part(name)
    }

    /// Whether the writer can keep what it is given.
    #[must_use]
    pub fn storage(&self) -> watch::Receiver<StorageHealth> {
        self.storage.clone()
    }

    /// The stored outcome of a command with this request id.
    ///
    /// # Errors
    /// Fails when the database cannot be read.
    pub async fn answer(&self, request_id: &str) -> Result<Option<Answer>, storage::Error> {
        if self.known.is_new(request_id) {
            return Ok(None);
        }
        requests::store::read(self.database.reader(), request_id).await
    }

    /// Reads stored events.
    #[must_use]
    pub fn history(&self) -> History {
        History::new(self)
    }

    /// Puts everything on disk that is not yet. Answers the newest number that is there with all
    /// before it: the head, unless the disk fails.
    pub async fn flush(&self) -> u64 {
        let (done, flushed) = oneshot::channel();
        let _closed = self.messages.send(Message::Flush(done));
        flushed.await.unwrap_or_else(|_| self.head())
    }

    /// Puts everything on disk, marks the log as cleanly closed and ends the writer.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.messages.send(Message::Close(done)).is_ok() {
            let _gone = tokio::time::timeout(Duration::from_secs(2), closed).await;
        }
    }
}

/// Publishes the events of one feature, and no others: a wrong type does not compile.
///
/// ```compile_fail
/// use cantina::{event::Publisher, pb::{cantina::system::v1::DaemonStopping, registry::producer}};
/// fn wrong(publisher: &Publisher<producer::Music>, cause: &cantina::call::Cause) {
///     publisher.commit(cause).event(DaemonStopping::default());
/// }
/// ```
#[derive(Debug)]
pub struct Publisher<P> {
    log: EventLog,
    producer: PhantomData<P>,
}

impl<P> Clone for Publisher<P> {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), producer: PhantomData }
    }
}

impl<P: Producer> Publisher<P> {
    /// Begins a commit: events, state and snapshot parts that become true together.
    pub fn commit(&self, cause: &Cause) -> Commit<P> {
        Commit::new(self.log.clone(), cause.clone())
    }
}
