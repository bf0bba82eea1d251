//! A reader of the feed: a cursor and a signal, no queue.
//!
//! The order of frames: `Subscribed`; then, for a reader that comes back, the gaps and events up to
//! the snapshot; the snapshot, if one is sent; then whatever happens. The snapshot is taken at the
//! moment of subscribing together with its sequence number, so it joins the events without hole or
//! overlap however long the reader takes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    EventLog, Filter,
    frame::{Batch, Meta},
    ring::{Found, Snapshot},
    store::{self, CLASSES, Range},
    token::{BadToken, Token},
};
use crate::{
    clock::Clock,
    codec::EncodedList,
    error::Failure,
    pb::{
        API_REVISION,
        cantina::event::v1::{
            Gap, GapReason, Goodbye, Heartbeat, SnapshotComplete, SnapshotMode, SnapshotPart, Subscribed, Telemetry,
            WatchResponse, watch_response::Frame,
        },
    },
};

/// How many bytes of events one frame carries, about.
pub(super) const FRAME_BYTES: usize = 128 * 1024;
/// How many numbers one read of the disk spans, about: what a reader holds that reads no further.
const DISK_EVENTS: u64 = 2048;

/// A telemetry channel with the least time between two values.
pub type Channel = (watch::Receiver<Option<Arc<Telemetry>>>, Duration);

/// What a client asks of the feed.
#[derive(Debug)]
pub struct WatchOptions {
    /// Selects events.
    pub filter: Filter,
    /// Where the client stopped reading; empty for the head.
    pub resume_token: String,
    /// When to send a snapshot.
    pub snapshot: SnapshotMode,
    /// The time between heartbeats.
    pub heartbeat: Duration,
    /// The telemetry channels with the least time between two values.
    pub telemetry: Vec<Channel>,
    /// Ends the subscription with a Goodbye.
    pub shutdown: CancellationToken,
    /// What the Goodbye says.
    pub goodbye: watch::Receiver<Goodbye>,
}

/// A subscription. It holds no event that its reader has not asked for.
#[derive(Debug)]
pub struct Subscription {
    log: EventLog,
    options: WatchOptions,
    head: watch::Receiver<u64>,
    cursor: u64,
    /// The epoch and the filter, as every token carries them.
    token: Token,
    /// Up to here, what retention removed has been named.
    named: u64,
    /// Frames that wait for the reader, each with the cursor that its token resumes from.
    ready: VecDeque<(u64, Frame)>,
    snapshot: Option<Snapshot>,
    heartbeat_at: Instant,
    telemetry_at: Vec<Instant>,
    ended: bool,
}

impl Subscription {
    pub(super) fn new(log: &EventLog, options: WatchOptions) -> Self {
        let now = Instant::now();
        let snapshot = log.ring.snapshot();
        let mut subscription = Self {
            log: log.clone(),
            head: log.ring.watch_head(),
            cursor: snapshot.sequence,
            token: Token::new(&log.identity.epoch, snapshot.sequence, &options.filter),
            named: 0,
            ready: VecDeque::new(),
            snapshot: None,
            heartbeat_at: now + options.heartbeat,
            telemetry_at: vec![now; options.telemetry.len()],
            ended: false,
            options,
        };
        subscription.open(snapshot);
        subscription
    }

    /// Checks a resume token.
    ///
    /// # Errors
    /// Fails for a text that is not a token.
    pub fn check_token(text: &str) -> Result<(), BadToken> {
        if text.is_empty() || Token::decode(text).is_some() { Ok(()) } else { Err(BadToken::Resume) }
    }

    /// Decides where to start and whether to send a snapshot.
    fn open(&mut self, snapshot: Snapshot) {
        let oldest = self.oldest();
        let mut gaps = Vec::new();
        let mut lost = self.options.resume_token.is_empty();
        if let Some(token) = Token::decode(&self.options.resume_token) {
            let same_epoch = token.epoch == self.token.epoch;
            if !same_epoch || token.cursor > self.log.ring.head() {
                lost = true;
                gaps.push(gap(1, snapshot.sequence, GapReason::DeviceReset));
            } else {
                self.cursor = token.cursor;
                lost = token.owed
                    || self.cursor + 1 < oldest
                    || self.log.ring.lost_within(self.cursor + 1, snapshot.sequence).is_some();
                let kept = self.floors().min().map_or(1, |floor| floor + 1);
                if token.filter != self.token.filter && self.cursor >= kept {
                    gaps.push(gap(kept, self.cursor, GapReason::FilterChanged));
                }
            }
        }
        let wanted = match self.options.snapshot {
            SnapshotMode::Always => true,
            SnapshotMode::Never => false,
            SnapshotMode::IfNeeded | SnapshotMode::Unspecified => lost,
        };
        let identity = self.log.identity();
        self.push(Frame::Subscribed(Subscribed {
            device_id: identity.device_id.clone(),
            epoch: identity.epoch.clone(),
            head_sequence: snapshot.sequence,
            oldest_sequence: oldest,
            server_time: Some(self.log.clock.now()),
            snapshot_part_count: if wanted { u32::try_from(snapshot.parts.len()).unwrap_or(u32::MAX) } else { 0 },
            api_revision: API_REVISION,
        }));
        gaps.into_iter().for_each(|gap| self.push(gap));
        self.token.owed = wanted;
        self.snapshot = wanted.then_some(snapshot);
    }

    /// The oldest sequence from which everything that the filter can select is still kept.
    fn oldest(&self) -> u64 {
        self.floors().max().map_or(1, |floor| floor + 1)
    }

    /// What retention has removed of each class that the filter can select.
    fn floors(&self) -> impl Iterator<Item = u64> {
        let floors = CLASSES.iter().zip(self.log.ring.floors());
        floors.filter(|(class, _)| self.options.filter.reaches(**class)).map(|(_, floor)| floor)
    }

    /// The next frame, as soon as there is one; `None` when the subscription is over.
    ///
    /// # Errors
    /// Fails when the log on disk cannot be read.
    pub async fn next(&mut self) -> Option<Result<WatchResponse, Failure>> {
        if self.ended && self.ready.is_empty() {
            return None;
        }
        loop {
            if let Some((cursor, frame)) = self.ready.pop_front() {
                return Some(Ok(self.response(cursor, frame)));
            }
            if self.options.shutdown.is_cancelled() {
                self.ended = true;
                let goodbye = *self.options.goodbye.borrow();
                return Some(Ok(self.response(self.cursor, Frame::Goodbye(goodbye))));
            }
            if Instant::now() >= self.heartbeat_at {
                self.beat();
                continue;
            }
            self.head.borrow_and_update();
            match self.advance().await {
                Ok(true) => {}
                Ok(false) => self.wait().await,
                Err(failure) => {
                    self.ended = true;
                    return Some(Err(failure));
                }
            }
        }
    }

    fn push(&mut self, frame: Frame) {
        self.ready.push_back((self.cursor, frame));
    }

    fn response(&mut self, cursor: u64, frame: Frame) -> WatchResponse {
        if matches!(frame, Frame::SnapshotComplete(_)) {
            self.token.owed = false;
        }
        let token = Token { cursor, ..self.token };
        WatchResponse { resume_token: token.encode(), frame: Some(frame) }
    }

    /// Makes the next frames ready; `false` when there is nothing to send.
    async fn advance(&mut self) -> Result<bool, Failure> {
        if let Some(snapshot) = self.snapshot.take_if(|snapshot| self.cursor >= snapshot.sequence) {
            for part in &snapshot.parts {
                self.push(Frame::SnapshotPart(SnapshotPart { part: Some((**part).clone()) }));
            }
            self.push(Frame::SnapshotComplete(SnapshotComplete { sequence: snapshot.sequence }));
            return Ok(true);
        }
        self.name_removed();
        let limit = self.snapshot.as_ref().map_or(u64::MAX, |snapshot| snapshot.sequence);
        match self.log.ring.after(self.cursor, FRAME_BYTES) {
            Found::Batches(batches) => self.take(&batches, limit),
            Found::OnDisk(until) => self.take_from_disk(until.min(limit)).await?,
            Found::Nothing => return Ok(!self.ready.is_empty()),
        }
        Ok(true)
    }

    async fn take_from_disk(&mut self, until: u64) -> Result<(), Failure> {
        let reader = self.log.database.reader();
        let first = store::row_after(reader, self.cursor).await?.unwrap_or(until);
        let end = until.min(first.max(self.cursor).saturating_add(DISK_EVENTS));
        let range = Range {
            after: self.cursor,
            until: end,
            backwards: false,
            root: 0,
            from_ms: 0,
            to_ms: i64::MAX,
            rows: u32::MAX,
        };
        let (batches, _) = store::read_batches(reader, range).await?;
        // The floor rises before rows are removed: whatever this read no longer found lies below it.
        self.name_removed();
        let (mut run, mut bytes): (Vec<Arc<Batch>>, usize) = (Vec::new(), 0);
        for batch in batches {
            let next = run.last().map_or(self.cursor, |last| last.last) + 1;
            if batch.first > next || bytes >= FRAME_BYTES {
                self.take(&run, until);
                self.name_hole_before(batch.first);
                (run, bytes) = (Vec::new(), 0);
            }
            bytes += batch.body.len();
            run.push(Arc::new(batch));
        }
        self.take(&run, until);
        if end == until {
            self.name_hole_before(until + 1);
            self.cursor = until.max(self.cursor);
        }
        Ok(())
    }

    /// Names what retention has removed behind the cursor. Only some of it is gone: what another class
    /// still has is sent all the same.
    fn name_removed(&mut self) {
        let (unnamed, oldest) = (self.cursor.max(self.named) + 1, self.oldest());
        if unnamed < oldest {
            self.named = oldest - 1;
            self.push(gap(unnamed, self.named, GapReason::Retention));
        }
    }

    /// Names the numbers between the cursor and `next` that are missing for another reason than
    /// retention: lost with the power, or given up while the disk failed.
    fn name_hole_before(&mut self, next: u64) {
        let removed = self.log.ring.floors().into_iter().max().unwrap_or(0);
        while self.cursor + 1 < next {
            let first = self.cursor + 1;
            let (missing_first, missing_last) = match self.log.ring.lost_within(first, next - 1) {
                Some((lost_first, lost_last)) if lost_first <= first => (first, lost_last.min(next - 1)),
                Some((lost_first, _)) => (first.max(removed + 1), lost_first - 1),
                None => (first.max(removed + 1), next - 1),
            };
            self.cursor = missing_last;
            if missing_first <= missing_last {
                self.push(gap(missing_first, missing_last, GapReason::UncleanShutdown));
            }
        }
    }

    /// Makes frames of batches and moves the cursor behind them. A batch is one group of commits and
    /// is not split unless it is larger than a frame may be.
    fn take(&mut self, batches: &[Arc<Batch>], limit: u64) {
        let mut pieces = Vec::with_capacity(batches.len());
        for batch in batches {
            if batch.first > limit {
                break;
            }
            if batch.last <= self.cursor {
                continue;
            }
            let whole = batch.first > self.cursor && self.options.filter.selects_all();
            if whole {
                pieces.push(batch.body.clone());
            } else {
                let wanted = |meta: &&Meta| meta.sequence > self.cursor && self.options.filter.selects(meta);
                pieces.push(batch.copy(&batch.metas.iter().filter(wanted).collect::<Vec<_>>()));
            }
            self.cursor = batch.last;
        }
        let body = join(pieces);
        if !body.is_empty() {
            self.push(Frame::Events(EncodedList::new(body)));
        }
    }

    /// Waits for whatever comes first, and makes its frame ready if it has one.
    async fn wait(&mut self) {
        let heartbeat_at = self.heartbeat_at;
        tokio::select! {
            biased;
            () = self.options.shutdown.cancelled() => {}
            changed = self.head.changed() => {
                if changed.is_err() {
                    self.ended = true;
                }
            }
            value = next_telemetry(&mut self.options.telemetry, &mut self.telemetry_at) => {
                self.push(Frame::Telemetry((*value).clone()));
            }
            () = sleep_until(heartbeat_at) => self.beat(),
        }
    }

    fn beat(&mut self) {
        self.heartbeat_at = Instant::now() + self.options.heartbeat;
        self.push(heartbeat(self.log.ring.head(), &self.log.clock));
    }
}

/// The pieces as one; a single piece is not copied.
fn join(mut pieces: Vec<Bytes>) -> Bytes {
    if pieces.len() == 1 {
        return pieces.swap_remove(0);
    }
    let mut body = BytesMut::with_capacity(pieces.iter().map(Bytes::len).sum());
    pieces.into_iter().for_each(|piece| body.put(piece));
    body.freeze()
}

/// The next value of any channel whose time has come. Safe to drop at any await.
async fn next_telemetry(channels: &mut [Channel], due: &mut [Instant]) -> Arc<Telemetry> {
    if channels.is_empty() {
        return std::future::pending().await;
    }
    let waits = channels.iter_mut().zip(due.iter_mut()).map(|((channel, interval), due)| {
        Box::pin(async move {
            sleep_until(*due).await;
            loop {
                if channel.changed().await.is_err() {
                    return std::future::pending().await;
                }
                if let Some(value) = channel.borrow_and_update().clone() {
                    *due = Instant::now() + *interval;
                    return value;
                }
            }
        })
    });
    futures_util::future::select_all(waits).await.0
}

fn heartbeat(head: u64, clock: &Clock) -> Frame {
    Frame::Heartbeat(Heartbeat { head_sequence: head, server_time: Some(clock.now()) })
}

fn gap(first: u64, last: u64, reason: GapReason) -> Frame {
    Frame::Gap(Gap { first_sequence: first, last_sequence: last, reason: reason.into() })
}
