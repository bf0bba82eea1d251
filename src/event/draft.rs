//! Commits on their way to the writer.

use std::marker::PhantomData;

use prost::{Message as _, encoding::WireType};
use tokio::sync::oneshot;

use super::{EventLog, store::Completion};
use crate::{
    call::Cause,
    clock::proto_duration,
    pb::{
        cantina::{
            event::v1::{Event, EventSeverity, snapshot_part::Part},
            options::v1::Durability,
        },
        registry::{EventKind, Payload, Producer},
    },
    storage::{self, Write},
};

/// What the writer is told.
pub(super) enum Message {
    Commit(Box<Draft>),
    /// Asks for the last sequence that is on disk afterwards.
    Flush(oneshot::Sender<u64>),
    Close(oneshot::Sender<()>),
}

/// A commit without its sequence numbers.
pub(super) struct Draft {
    pub cause: Cause,
    pub events: Vec<DraftEvent>,
    pub parts: Vec<Part>,
    pub writes: Vec<Write>,
    pub completion: Option<Completion>,
    pub receipt: Option<oneshot::Sender<Result<u64, storage::Error>>>,
}

impl Draft {
    /// Whether readers may see it only once it is on disk.
    pub fn is_durable(&self) -> bool {
        let committed = Durability::Committed as i32;
        self.receipt.is_some() || self.events.iter().any(|event| event.kind.info().durability == committed)
    }
}

/// An event that only lacks its sequence number and cause.
pub(super) struct DraftEvent {
    pub kind: EventKind,
    pub severity: EventSeverity,
    pub fields: Vec<u8>,
}

/// An event as its publisher describes it.
struct Described {
    kind: EventKind,
    head: Event,
    payload: Vec<u8>,
}

impl Described {
    /// Encodes all fields that do not depend on the place in the log.
    fn encode(mut self, log: &EventLog) -> DraftEvent {
        let info = self.kind.info();
        self.head.device_id.clone_from(&log.identity.device_id);
        self.head.epoch.clone_from(&log.identity.epoch);
        self.head.r#type = info.name.to_owned();
        self.head.time = Some(log.clock.now());
        self.head.uptime = Some(proto_duration(log.clock.uptime()));
        let mut fields = Vec::with_capacity(self.head.encoded_len() + self.payload.len() + 8);
        self.head.encode_raw(&mut fields);
        prost::encoding::encode_key(info.tag, WireType::LengthDelimited, &mut fields);
        prost::encoding::encode_varint(self.payload.len() as u64, &mut fields);
        fields.extend_from_slice(&self.payload);
        DraftEvent { kind: self.kind, severity: self.head.severity(), fields }
    }
}

/// Events, state and snapshot parts that become true together: one transaction, one place in the
/// feed.
#[must_use = "a commit that is not sent changes nothing"]
pub struct Commit<P> {
    log: EventLog,
    events: Vec<Described>,
    draft: Draft,
    producer: PhantomData<P>,
}

impl<P: Producer> Commit<P> {
    pub(super) fn new(log: EventLog, cause: Cause) -> Self {
        let draft =
            Draft { cause, events: Vec::new(), parts: Vec::new(), writes: Vec::new(), completion: None, receipt: None };
        Self { log, events: Vec::new(), draft, producer: PhantomData }
    }

    /// Adds an event, at INFO.
    pub fn event<E: Payload<Producer = P>>(mut self, payload: E) -> Self {
        let head = Event { severity: EventSeverity::Info.into(), ..Event::default() };
        self.events.push(Described { kind: E::KIND, head, payload: payload.encode_to_vec() });
        self
    }

    /// Names what the last event happened to, for example `components/audio`.
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        if let Some(event) = self.events.last_mut() {
            event.head.resource = name.into();
        }
        self
    }

    /// Sets the weight of the last event.
    pub fn severity(mut self, severity: EventSeverity) -> Self {
        if let Some(event) = self.events.last_mut() {
            event.head.severity = severity.into();
        }
        self
    }

    /// Marks the last event as coming from simulated hardware.
    pub fn simulated(mut self, simulated: bool) -> Self {
        if let Some(event) = self.events.last_mut() {
            event.head.simulated = simulated;
        }
        self
    }

    /// Replaces a part of the snapshot together with the events.
    pub fn part(mut self, part: Part) -> Self {
        self.draft.parts.push(part);
        self
    }

    /// Adds a change of the database to the transaction.
    pub fn write(mut self, write: Write) -> Self {
        self.draft.writes.push(write);
        self
    }

    /// Stores the outcome of a command in the transaction.
    pub(crate) fn completion(mut self, completion: Completion) -> Self {
        self.draft.completion = Some(completion);
        self
    }

    /// Hands the commit to the writer. Never waits; order of sending is order in the feed.
    pub fn send(mut self) {
        self.draft.events = self.events.into_iter().map(|event| event.encode(&self.log)).collect();
        let _closed = self.log.messages.send(Message::Commit(Box::new(self.draft)));
    }

    /// Hands the commit to the writer and waits until it is on disk. Answers the sequence number of
    /// its last event.
    ///
    /// # Errors
    /// Fails when it cannot be put on disk now: it has happened and shows in the feed, the writer
    /// goes on trying, but a restart may lose it.
    pub async fn settle(mut self) -> Result<u64, storage::Error> {
        let (receipt, settled) = oneshot::channel();
        self.draft.receipt = Some(receipt);
        self.send();
        settled.await.unwrap_or_else(|_| Err(storage::Error::Closed))
    }
}
