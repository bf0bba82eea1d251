//! The reader inside the daemon: the events that one feature is wired to.

use std::{collections::VecDeque, marker::PhantomData};

use prost::Message;
use tokio::sync::watch;

use super::{
    EventLog,
    frame::{Batch, Meta},
    ring::Found,
    subscription::FRAME_BYTES,
};
use crate::pb::{cantina::event::v1::Event, registry::Consumer};

/// The events that one feature of the daemon is wired to.
#[derive(Debug)]
pub struct Consumed<C> {
    log: EventLog,
    head: watch::Receiver<u64>,
    cursor: u64,
    ready: VecDeque<(Event, C)>,
    consumer: PhantomData<C>,
}

impl<C: Consumer> Consumed<C> {
    pub(super) fn new(log: &EventLog) -> Self {
        let head = log.ring.watch_head();
        Self { log: log.clone(), cursor: log.ring.head(), head, ready: VecDeque::new(), consumer: PhantomData }
    }

    /// The next event, without its payload, and the payload as the feature reads it. `None` when
    /// the log is closed.
    pub async fn next(&mut self) -> Option<(Event, C)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            self.head.borrow_and_update();
            match self.log.ring.after(self.cursor, FRAME_BYTES) {
                Found::Batches(batches) => batches.iter().for_each(|batch| self.take(batch)),
                Found::OnDisk(left) => self.cursor = left,
                Found::Nothing => self.head.changed().await.ok()?,
            }
        }
    }

    fn take(&mut self, batch: &Batch) {
        let wanted =
            |meta: &&Meta| meta.sequence > self.cursor && meta.kind.is_some_and(|kind| C::KINDS.contains(&kind));
        let events = batch.metas.iter().filter(wanted).filter_map(|meta| Event::decode(batch.event_bytes(meta)).ok());
        let read = events.filter_map(|mut event| Some((C::from_payload(event.payload.take()?)?, event)));
        self.ready.extend(read.map(|(payload, event)| (event, payload)));
        self.cursor = batch.last;
    }
}
