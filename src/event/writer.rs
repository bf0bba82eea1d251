//! The one writer: numbers commits, puts them on disk in groups, moves the head.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tracing::{error, info};

use super::{
    StorageHealth,
    draft::{Draft, Message},
    frame::{self, Batch, Meta},
    ring::Ring,
    store::{CLASSES, Group, Retention, Segment, Store},
};
use crate::{pb::cantina::event::v1::snapshot_part::Part, storage};

/// How long an event that need not wait may stay in memory only.
const GROUP_DELAY: Duration = Duration::from_millis(250);
/// How long to wait before a failed write is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How often the limits of what is kept are looked at.
const CLEAN_DELAY: Duration = Duration::from_secs(1);
/// How long the writer is left alone between two steps of retention.
const CLEAN_STEP_DELAY: Duration = Duration::from_millis(20);
/// How many sequence numbers are reserved at once.
const RESERVATION: u64 = 8192;
/// How many events make one group at the most.
const GROUP_EVENTS: u64 = 4096;
/// How many bytes make one group, about.
const GROUP_BYTES: usize = 512 * 1024;
/// How many bytes of events wait in memory while the disk fails, before the oldest are given up.
const BACKLOG_BYTES: usize = 16 * 1024 * 1024;

/// The writer of the event log.
pub(super) struct Writer {
    store: Store,
    ring: Arc<Ring>,
    clock: crate::clock::Clock,
    health: watch::Sender<StorageHealth>,
    retention: watch::Receiver<Retention>,
    next: u64,
    backlog: Backlog,
    flush_at: Option<Instant>,
    clean_at: Instant,
}

/// What is visible but not yet on disk.
#[derive(Default)]
struct Backlog {
    group: Group,
    bytes: usize,
}

/// A group that has its numbers.
struct Numbered {
    batch: Batch,
    parts: Vec<Part>,
    group: Group,
    durable: bool,
    receipts: Vec<(tokio::sync::oneshot::Sender<Result<u64, storage::Error>>, u64)>,
}

impl Writer {
    pub fn new(
        store: Store,
        ring: Arc<Ring>,
        clock: crate::clock::Clock,
        health: watch::Sender<StorageHealth>,
        retention: watch::Receiver<Retention>,
        next: u64,
    ) -> Self {
        let backlog = Backlog::default();
        Self {
            store,
            ring,
            clock,
            health,
            retention,
            next,
            backlog,
            flush_at: None,
            clean_at: Instant::now() + CLEAN_DELAY,
        }
    }

    pub async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut waiting = None;
        loop {
            let flush_at = self.flush_at;
            let message = tokio::select! {
                biased;
                () = std::future::ready(()), if waiting.is_some() => waiting.take(),
                () = sleep_until(flush_at.unwrap_or_else(Instant::now)), if flush_at.is_some() => {
                    match self.flush_beside(&mut inbox).await {
                        Some(message) => message,
                        None => continue,
                    }
                }
                () = sleep_until(self.clean_at) => {
                    self.clean().await;
                    continue;
                }
                message = inbox.recv() => message,
            };
            match message {
                None => break,
                Some(Message::Flush(done)) => {
                    self.flush().await;
                    let _gone = done.send(self.on_disk());
                }
                Some(Message::Close(done)) => {
                    self.close().await;
                    let _gone = done.send(());
                    return;
                }
                Some(Message::Commit(draft)) => waiting = self.commit(*draft, &mut inbox).await,
            }
        }
    }

    /// Takes the commit and those that wait behind it as one group. Answers what waits behind them.
    async fn commit(&mut self, first: Draft, inbox: &mut mpsc::UnboundedReceiver<Message>) -> Option<Message> {
        let mut drafts = vec![first];
        let mut events = drafts[0].events.len() as u64;
        let mut bytes = size(&drafts[0]);
        let mut control = None;
        while events < GROUP_EVENTS && bytes < GROUP_BYTES {
            match inbox.try_recv() {
                Ok(Message::Commit(draft)) => {
                    events += draft.events.len() as u64;
                    bytes += size(&draft);
                    drafts.push(*draft);
                }
                Ok(other) => {
                    control = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        let numbered = number(&mut self.next, drafts);
        self.land(numbered).await;
        control
    }

    /// Makes a group visible: after it is on disk when it must be, else at once.
    async fn land(&mut self, numbered: Numbered) {
        let Numbered { batch, parts, group, durable, receipts } = numbered;
        if batch.last > self.store.reserved_until() {
            let result = self.store.reserve(batch.last + RESERVATION).await;
            self.report(&result);
        }
        self.backlog.add(group);
        let result = if durable { self.write_backlog().await } else { Ok(()) };
        self.ring.push(batch, parts, self.on_disk());
        if !durable && self.flush_at.is_none() {
            self.flush_at = Some(Instant::now() + GROUP_DELAY);
        }
        for (receipt, sequence) in receipts {
            let answer = match &result {
                Ok(()) => Ok(sequence),
                Err(StorageHealth::Full) => Err(storage::Error::Full),
                Err(StorageHealth::Failed(why)) => Err(storage::Error::Failed(why.clone())),
                Err(StorageHealth::Writable) => Err(storage::Error::Closed),
            };
            let _gone = receipt.send(answer);
        }
    }

    async fn write_backlog(&mut self) -> Result<(), StorageHealth> {
        let result = self.store.write(&self.backlog.group).await;
        match self.written(&result, Backlog::default()) {
            StorageHealth::Writable => Ok(()),
            health => Err(health),
        }
    }

    /// Notes how writing the backlog went; what has come since stays to be written.
    fn written(&mut self, result: &Result<(), storage::Error>, newer: Backlog) -> StorageHealth {
        let health = self.report(result);
        if health == StorageHealth::Writable {
            self.backlog = newer;
            self.flush_at = (!self.backlog.is_empty()).then(|| Instant::now() + GROUP_DELAY);
        } else {
            self.backlog.add(newer.group);
            self.backlog.shrink();
            self.flush_at = Some(Instant::now() + RETRY_DELAY);
        }
        health
    }

    /// Puts the backlog on disk while events that need not wait for the disk become visible behind
    /// it. Answers the message that had to wait, if one came.
    async fn flush_beside(&mut self, inbox: &mut mpsc::UnboundedReceiver<Message>) -> Option<Option<Message>> {
        let (on_disk, reserved) = (self.on_disk(), self.store.reserved_until());
        let backlog = std::mem::take(&mut self.backlog);
        self.flush_at = None;
        if backlog.is_empty() {
            return None;
        }
        let mut waiting = None;
        let result = {
            let write = self.store.write(&backlog.group);
            tokio::pin!(write);
            loop {
                let message = tokio::select! {
                    biased;
                    result = &mut write => break result,
                    message = inbox.recv(), if waiting.is_none() => message,
                };
                match message {
                    Some(Message::Commit(draft))
                        if !draft.is_durable() && self.next - 1 + draft.events.len() as u64 <= reserved =>
                    {
                        let numbered = number(&mut self.next, vec![*draft]);
                        self.backlog.add(numbered.group);
                        self.ring.push(numbered.batch, numbered.parts, on_disk);
                    }
                    message => waiting = Some(message),
                }
            }
        };
        let newer = std::mem::replace(&mut self.backlog, backlog);
        self.written(&result, newer);
        waiting
    }

    async fn flush(&mut self) {
        if !self.backlog.is_empty() {
            let _reported = self.write_backlog().await;
        } else {
            self.flush_at = None;
        }
    }

    /// One small step of retention.
    async fn clean(&mut self) {
        self.clean_at = Instant::now() + CLEAN_DELAY;
        let retention = *self.retention.borrow();
        for class in 0..CLASSES.len() {
            if let Err(error) = self.retain(class, &retention).await {
                error!(%error, "retention failed");
            }
        }
        if let Err(error) = self.store.forget_requests().await {
            error!(%error, "old request ids cannot be removed");
        }
    }

    /// Raises the floor before the rows go, so that a reader who misses them finds the reason.
    async fn retain(&mut self, class: usize, retention: &Retention) -> Result<(), storage::Error> {
        let Some(surplus) = self.store.surplus(class, retention).await? else { return Ok(()) };
        self.ring.raise_floor(class, surplus.last);
        self.store.remove(&surplus).await?;
        self.clean_at = Instant::now() + CLEAN_STEP_DELAY;
        Ok(())
    }

    /// The last sequence that is on disk with all before it.
    fn on_disk(&self) -> u64 {
        self.backlog.first().min(self.next) - 1
    }

    async fn close(&mut self) {
        self.flush().await;
        let last = self.next - 1;
        if self.backlog.is_empty()
            && let Err(error) = self.store.mark_clean(last).await
        {
            error!(%error, "the event log could not be closed cleanly");
        }
        info!(last, uptime = ?self.clock.uptime(), "event log closed");
    }

    fn report(&self, result: &Result<(), storage::Error>) -> StorageHealth {
        let health = match result {
            Ok(()) => StorageHealth::Writable,
            Err(storage::Error::Full) => StorageHealth::Full,
            Err(error) => StorageHealth::Failed(error.to_string()),
        };
        self.health.send_if_modified(|current| {
            let changed = *current != health;
            current.clone_from(&health);
            changed
        });
        health
    }
}

impl Backlog {
    fn add(&mut self, group: Group) {
        self.bytes += group.segments.iter().map(|segment| segment.body.len()).sum::<usize>();
        self.group.segments.extend(group.segments);
        self.group.writes.extend(group.writes);
        self.group.started.extend(group.started);
        self.group.completed.extend(group.completed);
    }

    fn is_empty(&self) -> bool {
        self.group.segments.is_empty() && self.group.writes.is_empty() && self.group.completed.is_empty()
    }

    fn first(&self) -> u64 {
        self.group.segments.first().map_or(u64::MAX, |segment| segment.first)
    }

    /// Gives up the oldest events when the disk has failed for too long; readers are told by a gap.
    fn shrink(&mut self) {
        while self.bytes > BACKLOG_BYTES && !self.group.segments.is_empty() {
            self.bytes -= self.group.segments.remove(0).body.len();
        }
    }
}

fn size(draft: &Draft) -> usize {
    draft.events.iter().map(|event| event.fields.len()).sum()
}

/// Gives a group its numbers, from `next` on.
fn number(next: &mut u64, drafts: Vec<Draft>) -> Numbered {
    let first = *next;
    let mut body = Vec::new();
    let mut metas = Vec::new();
    let mut done = Numbered {
        batch: Batch { first, last: first - 1, metas: Vec::new(), body: Bytes::new() },
        parts: Vec::new(),
        group: Group::default(),
        durable: false,
        receipts: Vec::new(),
    };
    for draft in drafts {
        done.durable |= draft.is_durable();
        for event in &draft.events {
            let cause = draft.cause.message(*next);
            let (start, end) = frame::append(&mut body, &event.fields, *next, &cause);
            let severity = u8::try_from(event.severity as i32).unwrap_or(0);
            let (kind, root) = (Some(event.kind), cause.root_sequence);
            metas.push(Meta { sequence: *next, kind, severity, root, start, end });
            *next += 1;
        }
        let last = *next - 1;
        match draft.completion {
            Some(completion) => done.group.completed.push((completion, last)),
            None => done.group.started.extend(draft.cause.request().cloned()),
        }
        done.receipts.extend(draft.receipt.map(|receipt| (receipt, last)));
        done.group.writes.extend(draft.writes);
        done.parts.extend(draft.parts);
    }
    done.batch = Batch { first, last: *next - 1, metas, body: body.into() };
    done.group.segments = segments(&done.batch);
    done
}

/// Splits a batch by retention class.
fn segments(batch: &Batch) -> Vec<Segment> {
    let class_of = |meta: &Meta| meta.kind.map_or(CLASSES[0], |kind| kind.info().retention);
    let mut segments = Vec::new();
    for class in CLASSES {
        let metas: Vec<_> = batch.metas.iter().filter(|meta| class_of(meta) == class).collect();
        let Some(min_root) = metas.iter().map(|meta| meta.root).min() else { continue };
        let body = if metas.len() == batch.metas.len() { batch.body.clone() } else { batch.copy(&metas) };
        segments.push(Segment { first: batch.first, last: batch.last, class, min_root, body });
    }
    segments
}
