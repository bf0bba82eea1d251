//! Stored events, by page and by trace.

use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;
use sqlx::SqlitePool;

use super::{
    EventLog, Filter,
    frame::{Batch, Meta},
    store::{self, Range},
    token::{BadToken, Token},
};
use crate::{
    error::{Explain, Failure},
    pb::cantina::{error::v1::ErrorReason, event::v1::Event},
    storage,
};

/// How many rows one read of the disk takes.
const ROWS: u32 = 64;
/// How long after an event its row may be written, with room for a disk that fails for a while.
const WRITE_DELAY_MS: i64 = 60_000;
/// How many events of a trace are answered at the most.
const TRACE_EVENTS: usize = 1000;

/// Reads stored events.
#[derive(Debug)]
pub struct History {
    log: EventLog,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Selects events.
    pub filter: Filter,
    /// How many events one page holds.
    pub page_size: usize,
    /// The page; empty for the first.
    pub page_token: String,
    /// Newest first.
    pub newest_first: bool,
    /// Only events after this number.
    pub after: u64,
    /// Only events at or after this time.
    pub start: Option<SystemTime>,
    /// Only events before this time.
    pub end: Option<SystemTime>,
}

/// One page of events.
#[derive(Debug, Default)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// The token of the next page; empty at the end.
    pub next_page_token: String,
    /// The newest number that the list takes into account.
    pub as_of: u64,
    /// Watches on from there.
    pub resume_token: String,
}

/// Why a page or a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The page token is not one of this list.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// The event is not kept, or there never was one.
    #[error("there is no event with the sequence {0}, or it is no longer kept")]
    Unknown(u64),
    /// The log cannot be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Explain for Error {
    fn failure(&self) -> Failure {
        match self {
            Self::Token(error) => error.failure(),
            Self::Storage(error) => error.failure(),
            Self::Unknown(sequence) => {
                Failure::new(ErrorReason::EventUnknown, self).resource("event", format!("events/{sequence}"))
            }
        }
    }
}

impl History {
    pub(super) fn new(log: &EventLog) -> Self {
        Self { log: log.clone() }
    }

    /// One page of stored events.
    ///
    /// # Errors
    /// [`Error::Token`] for a token of another list.
    pub async fn list(&self, query: &Query) -> Result<Page, Error> {
        let head = self.log.flush().await;
        let epoch = &self.log.identity().epoch;
        let (mut after, mut until) = (query.after, head);
        if !query.page_token.is_empty() {
            let token = Token::decode(&query.page_token).ok_or(BadToken::Page)?;
            if token != query.token(epoch, token.cursor) {
                return Err(BadToken::Page.into());
            }
            if query.newest_first { until = token.cursor.saturating_sub(1) } else { after = after.max(token.cursor) }
        }
        let mut page =
            Page { as_of: head, resume_token: Token::new(epoch, head, &query.filter).encode(), ..Page::default() };
        let mut range = self.range(query, after, until);
        loop {
            let (batches, complete) = store::read_batches(self.reader(), range).await?;
            let Some(edge) = batches.last().map(|batch| if query.newest_first { batch.first } else { batch.last })
            else {
                return Ok(page);
            };
            for (batch, meta) in rows(&batches, query.newest_first) {
                if meta.sequence <= after || meta.sequence > until || !query.filter.selects(meta) {
                    continue;
                }
                let Ok(event) = Event::decode(batch.event_bytes(meta)) else { continue };
                if !query.contains(&event) {
                    continue;
                }
                if page.events.len() == query.page_size {
                    let last = page.events.last().map_or(0, |event| event.sequence);
                    page.next_page_token = query.token(epoch, last).encode();
                    return Ok(page);
                }
                page.events.push(event);
            }
            if complete {
                return Ok(page);
            }
            if query.newest_first { range.until = edge.saturating_sub(1) } else { range.after = edge }
        }
    }

    /// All events of the trace that an event belongs to, at most 1,000, and whether there are more.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the event is not kept.
    pub async fn trace(&self, sequence: u64) -> Result<(Vec<Event>, bool), Error> {
        self.log.flush().await;
        let root = self.find(sequence).await?.root;
        let query = Query { page_size: TRACE_EVENTS, ..Query::default() };
        let mut range = Range { root, ..self.range(&query, root - 1, self.log.head()) };
        let mut events = Vec::new();
        loop {
            let (batches, complete) = store::read_batches(self.reader(), range).await?;
            for (batch, meta) in rows(&batches, false).filter(|(_, meta)| meta.root == root) {
                if events.len() == TRACE_EVENTS {
                    return Ok((events, true));
                }
                events.extend(Event::decode(batch.event_bytes(meta)));
            }
            match batches.last() {
                Some(batch) if !complete => range.after = batch.last,
                _ => return Ok((events, false)),
            }
        }
    }

    async fn find(&self, sequence: u64) -> Result<Meta, Error> {
        let range = self.range(&Query::default(), sequence.saturating_sub(1), sequence);
        let (batches, _) = store::read_batches(self.reader(), range).await?;
        let found = rows(&batches, false).find(|(_, meta)| meta.sequence == sequence).map(|(_, meta)| *meta);
        found.filter(|meta| meta.root > 0).ok_or(Error::Unknown(sequence))
    }

    fn range(&self, query: &Query, after: u64, until: u64) -> Range {
        // A row is written after its events happened, and soon unless the disk fails.
        let from_ms = query.start.map_or(0, milliseconds);
        let to_ms = query.end.map_or(i64::MAX, |end| milliseconds(end).saturating_add(WRITE_DELAY_MS));
        Range { after, until, backwards: query.newest_first, root: 0, from_ms, to_ms, rows: ROWS }
    }

    fn reader(&self) -> &SqlitePool {
        self.log.database.reader()
    }
}

impl Query {
    /// The place of a page: it belongs to this filter, order and range, and to no Watch.
    fn token(&self, epoch: &str, cursor: u64) -> Token {
        let text = format!("{:?}/{}/{}/{:?}/{:?}", self.filter, self.newest_first, self.after, self.start, self.end);
        let hash = blake3::hash(text.as_bytes());
        let list = u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"));
        Token { filter: list, ..Token::new(epoch, cursor, &self.filter) }
    }

    fn contains(&self, event: &Event) -> bool {
        let time = event.time.as_ref().and_then(crate::clock::system_time);
        let after_start = self.start.is_none_or(|start| time.is_some_and(|time| time >= start));
        after_start && self.end.is_none_or(|end| time.is_some_and(|time| time < end))
    }
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The rows of batches in the order of the list.
fn rows(batches: &[Batch], backwards: bool) -> Box<dyn Iterator<Item = (&Batch, &Meta)> + Send + '_> {
    if backwards {
        Box::new(batches.iter().flat_map(|batch| batch.metas.iter().rev().map(move |meta| (batch, meta))))
    } else {
        Box::new(batches.iter().flat_map(|batch| batch.metas.iter().map(move |meta| (batch, meta))))
    }
}
