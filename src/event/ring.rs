//! The newest events and the current snapshot, in memory: what every reader reads first.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

use super::{frame::Batch, store::Start};
use crate::pb::{cantina::event::v1::snapshot_part::Part, registry::EVENTS};

/// How many bytes of events stay in memory.
const RING_BYTES: usize = 4 * 1024 * 1024;

/// The newest events and the current snapshot.
#[derive(Debug)]
pub(super) struct Ring {
    inner: RwLock<Inner>,
    head: watch::Sender<u64>,
    counts: Vec<AtomicU64>,
    lost: Vec<(u64, u64)>,
    floors: [AtomicU64; 2],
}

#[derive(Debug)]
struct Inner {
    batches: VecDeque<Arc<Batch>>,
    bytes: usize,
    /// Everything up to here has left memory, or never was in it.
    left: u64,
    parts: BTreeMap<String, Arc<Part>>,
}

/// A snapshot: its parts, and the sequence number after which they hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub sequence: u64,
    pub parts: Vec<Arc<Part>>,
}

/// Where a reader finds what follows its cursor.
#[derive(Debug)]
pub(super) enum Found {
    /// In memory.
    Batches(Vec<Arc<Batch>>),
    /// On disk, up to and including this sequence number.
    OnDisk(u64),
    /// Nowhere: the cursor is at the head.
    Nothing,
}

impl Ring {
    pub fn new(start: &Start) -> Self {
        let left = start.next - 1;
        let inner = Inner { batches: VecDeque::new(), bytes: 0, left, parts: BTreeMap::new() };
        Self {
            inner: RwLock::new(inner),
            head: watch::Sender::new(left),
            counts: EVENTS.iter().map(|_| AtomicU64::new(0)).collect(),
            lost: start.lost.clone(),
            floors: start.floors.map(AtomicU64::new),
        }
    }

    /// Makes a batch and the parts that became true with it visible. `on_disk` is the sequence up to
    /// which everything is on disk: what is not may not leave memory.
    pub fn push(&self, batch: Batch, parts: Vec<Part>, on_disk: u64) {
        for meta in &batch.metas {
            if let Some(kind) = meta.kind {
                self.counts[kind as usize].fetch_add(1, Ordering::Relaxed);
            }
        }
        let head = batch.last;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        for part in parts {
            inner.parts.insert(part_name(&part), Arc::new(part));
        }
        if !batch.metas.is_empty() {
            inner.bytes += batch.body.len();
            inner.batches.push_back(Arc::new(batch));
        }
        while inner.bytes > RING_BYTES && inner.batches.front().is_some_and(|oldest| oldest.last <= on_disk) {
            if let Some(oldest) = inner.batches.pop_front() {
                inner.bytes -= oldest.body.len();
                inner.left = oldest.last;
            }
        }
        drop(inner);
        self.head.send_replace(head);
    }

    /// What follows a cursor, at most about `max_bytes` of it.
    pub fn after(&self, cursor: u64, max_bytes: usize) -> Found {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        if cursor < inner.left {
            return Found::OnDisk(inner.left);
        }
        let first = inner.batches.partition_point(|batch| batch.last <= cursor);
        let mut bytes = 0;
        let wanted: Vec<_> = inner
            .batches
            .range(first..)
            .take_while(|batch| {
                let room = bytes < max_bytes;
                bytes += batch.body.len();
                room
            })
            .cloned()
            .collect();
        if wanted.is_empty() { Found::Nothing } else { Found::Batches(wanted) }
    }

    /// The snapshot and the head that it belongs to, as one.
    pub fn snapshot(&self) -> Snapshot {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let sequence = inner.batches.back().map_or(inner.left, |batch| batch.last);
        Snapshot { sequence, parts: inner.parts.values().cloned().collect() }
    }

    pub fn part(&self, name: &str) -> Option<Arc<Part>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).parts.get(name).cloned()
    }

    pub fn head(&self) -> u64 {
        *self.head.borrow()
    }

    pub fn watch_head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    pub fn counts(&self) -> Vec<u64> {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }

    /// The first range of numbers lost with the power that touches a range.
    pub fn lost_within(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let touches = |(lost_first, lost_last): &(u64, u64)| *lost_first <= last && *lost_last >= first;
        self.lost.iter().copied().find(touches)
    }

    /// The last sequence that retention removed, of the record class and of the trace class.
    pub fn floors(&self) -> [u64; 2] {
        [self.floors[0].load(Ordering::Acquire), self.floors[1].load(Ordering::Acquire)]
    }

    /// Notes what retention removed.
    pub fn raise_floor(&self, class: usize, floor: u64) {
        self.floors[class].fetch_max(floor, Ordering::AcqRel);
    }
}

/// The name under which a part of the snapshot is replaced, for example `component/audio`.
pub(super) fn part_name(part: &Part) -> String {
    match part {
        Part::SystemStatus(_) => "system_status".to_owned(),
        Part::Component(component) => format!("component/{}", component.name),
        Part::Config(_) => "config".to_owned(),
        Part::Playback(_) => "playback".to_owned(),
        Part::Queue(_) => "queue".to_owned(),
        Part::Library(_) => "library".to_owned(),
    }
}
