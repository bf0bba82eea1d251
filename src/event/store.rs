//! The log on disk.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use sqlx::{Row, Sqlite, SqliteConnection, SqlitePool, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Identity, frame::Batch, requests};
use crate::{
    call::Request,
    clock::Clock,
    pb::cantina::options::v1,
    storage::{Database, Error, Write, begin, end},
};

/// How long a request id is remembered.
const REQUEST_MEMORY: Duration = Duration::from_secs(24 * 3600);
/// How many rows one step of retention removes.
const RETENTION_STEP: i64 = 32;

/// The limits of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of what happened.
    pub record_max_bytes: u64,
    /// Age of what happened.
    pub record_max_age: Duration,
    /// Bytes of logs and progress.
    pub trace_max_bytes: u64,
    /// Age of logs and progress.
    pub trace_max_age: Duration,
}

/// The retention classes, in the order of the floors.
pub(super) const CLASSES: [i32; 2] = [v1::Retention::Record as i32, v1::Retention::Trace as i32];

/// The stored outcome of a command with a request id.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The hash of the request it answers.
    pub hash: Vec<u8>,
    /// `None` when the daemon ended between the effect and the answer.
    pub outcome: Option<Outcome>,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The sequence of its `command.completed` event.
    pub sequence: u64,
    /// The encoded answer.
    pub answer: Vec<u8>,
}

/// The end of a command with a request id.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub request: Request,
    /// The encoded answer to repeat; `None` after a failure, which may be tried again.
    pub answer: Option<Vec<u8>>,
}

/// What the log knows when it opens.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub identity: Identity,
    pub next: u64,
    pub lost: Vec<(u64, u64)>,
    pub floors: [u64; 2],
}

/// One group of commits on its way to disk.
#[derive(Default)]
pub(super) struct Group {
    pub segments: Vec<Segment>,
    pub writes: Vec<Write>,
    pub started: Vec<Request>,
    pub completed: Vec<(Completion, u64)>,
}

/// The events of one group and one class.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub first: u64,
    pub last: u64,
    pub class: i32,
    pub min_root: u64,
    pub body: Bytes,
}

/// Rows of one class that retention removes in one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surplus {
    class: usize,
    /// The first sequence of the newest of the rows.
    first: u64,
    /// The last sequence that goes.
    pub last: u64,
    /// The bytes that stay.
    bytes: u64,
}

/// The writer's side of the log on disk.
pub(super) struct Store {
    connection: SqliteConnection,
    clock: Clock,
    bytes: [u64; 2],
    reserved_until: u64,
}

impl Store {
    pub async fn open(database: &Database, clock: &Clock) -> Result<(Self, Start), Error> {
        let mut connection = database.writer().await?;
        sqlx::query("INSERT OR IGNORE INTO log_state VALUES (1, ?, ?, 0, 1, 0, 0, 0, 0)")
            .bind(Uuid::new_v4().to_string())
            .bind(Uuid::new_v4().to_string())
            .execute(&mut connection)
            .await?;
        let state = sqlx::query("SELECT * FROM log_state").fetch_one(&mut connection).await?;
        let reserved_until = unsigned(&state, "reserved_until");
        let clean = state.get::<i64, _>("clean") == 1;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT MAX(last) FROM segment WHERE first = (SELECT MAX(first) FROM segment)")
                .fetch_one(&mut connection)
                .await?;
        let last = last.map_or(0, |n| n.unsigned_abs());
        if !clean && reserved_until > last {
            sqlx::query("INSERT OR REPLACE INTO lost_range VALUES (?, ?)")
                .bind(signed(last + 1))
                .bind(signed(reserved_until))
                .execute(&mut connection)
                .await?;
        }
        sqlx::query("UPDATE log_state SET clean = 0").execute(&mut connection).await?;
        let lost = sqlx::query("SELECT first, last FROM lost_range ORDER BY first").fetch_all(&mut connection).await?;
        let start = Start {
            identity: Identity {
                device_id: state.get("device_id"),
                epoch: state.get("epoch"),
                after_unclean_shutdown: !clean,
            },
            next: reserved_until.max(last) + 1,
            lost: lost.iter().map(|row| (unsigned(row, "first"), unsigned(row, "last"))).collect(),
            floors: [unsigned(&state, "record_floor"), unsigned(&state, "trace_floor")],
        };
        let bytes = [unsigned(&state, "record_bytes"), unsigned(&state, "trace_bytes")];
        Ok((Self { connection, clock: clock.clone(), bytes, reserved_until: start.next - 1 }, start))
    }

    /// The last sequence number that may be used before the next [`Store::reserve`].
    pub fn reserved_until(&self) -> u64 {
        self.reserved_until
    }

    /// Reserves sequence numbers, so that none is used twice whatever happens.
    pub async fn reserve(&mut self, until: u64) -> Result<(), Error> {
        sqlx::query("UPDATE log_state SET reserved_until = ?")
            .bind(signed(until))
            .execute(&mut self.connection)
            .await?;
        self.reserved_until = until;
        Ok(())
    }

    /// Puts a group on disk: all of it or nothing.
    pub async fn write(&mut self, group: &Group) -> Result<(), Error> {
        let now = self.now_ms();
        let mut bytes = self.bytes;
        for segment in &group.segments {
            bytes[class_index(segment.class)] += segment.body.len() as u64;
        }
        begin(&mut self.connection).await?;
        let written = write_group(&mut self.connection, group, bytes, now).await;
        end(&mut self.connection, written).await?;
        self.bytes = bytes;
        Ok(())
    }

    /// Which of the oldest rows of a class are to go because it is over its limits, a few at a time.
    pub async fn surplus(&mut self, class: usize, retention: &Retention) -> Result<Option<Surplus>, Error> {
        let (max_bytes, max_age) = match class {
            0 => (retention.record_max_bytes, retention.record_max_age),
            _ => (retention.trace_max_bytes, retention.trace_max_age),
        };
        let oldest_ms = self.now_ms() - i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX);
        let rows = sqlx::query(
            "SELECT first, last, length(body) AS size, time_ms FROM segment WHERE class = ? ORDER BY first LIMIT ?",
        )
        .bind(CLASSES[class])
        .bind(RETENTION_STEP)
        .fetch_all(&mut self.connection)
        .await?;
        let mut bytes = self.bytes[class];
        let mut surplus = None;
        for row in rows {
            if bytes <= max_bytes && row.get::<i64, _>("time_ms") >= oldest_ms {
                break;
            }
            bytes = bytes.saturating_sub(unsigned(&row, "size"));
            surplus = Some(Surplus { class, first: unsigned(&row, "first"), last: unsigned(&row, "last"), bytes });
        }
        Ok(surplus)
    }

    /// Removes the surplus. Readers must have been told of its floor before.
    pub async fn remove(&mut self, surplus: &Surplus) -> Result<(), Error> {
        begin(&mut self.connection).await?;
        let removed = remove_rows(&mut self.connection, surplus).await;
        end(&mut self.connection, removed).await?;
        self.bytes[surplus.class] = surplus.bytes;
        Ok(())
    }

    /// Forgets request ids that are older than a day.
    pub async fn forget_requests(&mut self) -> Result<(), Error> {
        let oldest = self.now_ms() - i64::try_from(REQUEST_MEMORY.as_millis()).unwrap_or(i64::MAX);
        sqlx::query("DELETE FROM request WHERE id IN (SELECT id FROM request WHERE time_ms < ? LIMIT 1000)")
            .bind(oldest)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Marks the log as cleanly closed: no number behind `last` was used.
    pub async fn mark_clean(&mut self, last: u64) -> Result<(), Error> {
        sqlx::query("UPDATE log_state SET clean = 1, reserved_until = ?")
            .bind(signed(last))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    fn now_ms(&self) -> i64 {
        let since = self.clock.wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

async fn write_group(c: &mut SqliteConnection, group: &Group, bytes: [u64; 2], now: i64) -> Result<(), Error> {
    for write in &group.writes {
        write(c).await?;
    }
    for segment in &group.segments {
        insert_segment(c, segment, now).await?;
    }
    requests::store::insert(c, group, now).await?;
    if !group.segments.is_empty() {
        sqlx::query("UPDATE log_state SET record_bytes = ?, trace_bytes = ?")
            .bind(signed(bytes[0]))
            .bind(signed(bytes[1]))
            .execute(c)
            .await?;
    }
    Ok(())
}

async fn remove_rows(connection: &mut SqliteConnection, surplus: &Surplus) -> Result<(), Error> {
    let column = ["record", "trace"][surplus.class];
    sqlx::query("DELETE FROM segment WHERE class = ? AND first <= ?")
        .bind(CLASSES[surplus.class])
        .bind(signed(surplus.first))
        .execute(&mut *connection)
        .await?;
    let update = format!("UPDATE log_state SET {column}_bytes = ?, {column}_floor = ?");
    sqlx::query::<Sqlite>(sqlx::AssertSqlSafe(update))
        .bind(signed(surplus.bytes))
        .bind(signed(surplus.last))
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_segment(connection: &mut SqliteConnection, segment: &Segment, now: i64) -> Result<(), Error> {
    sqlx::query("INSERT INTO segment (first, class, last, time_ms, min_root, body) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(signed(segment.first))
        .bind(segment.class)
        .bind(signed(segment.last))
        .bind(now)
        .bind(signed(segment.min_root))
        .bind(&segment.body[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Which rows of the log to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// Rows with events after this number.
    pub after: u64,
    /// Rows that begin at or before this number.
    pub until: u64,
    /// Newest first.
    pub backwards: bool,
    /// Only rows that may hold events of this trace; 0 for all.
    pub root: u64,
    /// Only rows that were written at or after this time, in ms since 1970.
    pub from_ms: i64,
    /// Only rows that were written before this time, in ms since 1970.
    pub to_ms: i64,
    /// At most so many rows.
    pub rows: u32,
}

/// The first number of the first row that holds an event after a number; `None` when there is none.
pub(super) async fn row_after(reader: &SqlitePool, after: u64) -> Result<Option<u64>, Error> {
    let sql = format!("SELECT first FROM segment WHERE first >= {ROW_OF} AND last > ? ORDER BY first LIMIT 1");
    let first = sqlx::query_scalar::<Sqlite, i64>(sqlx::AssertSqlSafe(sql))
        .bind(signed(after.saturating_add(1)))
        .bind(signed(after))
        .fetch_optional(reader);
    Ok(first.await?.map(i64::unsigned_abs))
}

/// Where the last row begins that begins at or before a number: rows of groups do not overlap.
const ROW_OF: &str = "COALESCE((SELECT MAX(first) FROM segment WHERE first <= ?), 0)";

/// Reads rows of the log, the classes of a group merged by number. Answers whether that is all that
/// the range holds.
pub(super) async fn read_batches(reader: &SqlitePool, range: Range) -> Result<(Vec<Batch>, bool), Error> {
    let order = if range.backwards { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT first, last, body FROM segment WHERE first >= {ROW_OF} AND first <= ? AND last > ? AND (? = 0 OR min_root <= ?) \
         AND time_ms >= ? AND time_ms < ? ORDER BY first {order}, class LIMIT ?"
    );
    let rows = sqlx::query::<Sqlite>(sqlx::AssertSqlSafe(sql))
        .bind(signed(range.after.saturating_add(1)))
        .bind(signed(range.until))
        .bind(signed(range.after))
        .bind(signed(range.root))
        .bind(signed(range.root))
        .bind(range.from_ms)
        .bind(range.to_ms)
        .bind(range.rows)
        .fetch_all(reader)
        .await?;
    let complete = rows.len() < range.rows as usize;
    let mut batches: Vec<Batch> = Vec::with_capacity(rows.len());
    for row in rows {
        let (first, last) = (unsigned(&row, "first"), unsigned(&row, "last"));
        let body: Vec<u8> = row.get("body");
        let batch =
            Batch::read(first, last, body.into()).map_err(|error| Error::Damaged(format!("event {first}"), error))?;
        match batches.last_mut() {
            Some(previous) if previous.first == first => *previous = previous.merge(&batch),
            _ => batches.push(batch),
        }
    }
    // The last row may lack its other class: leave it for the next read unless it is all there is.
    if !complete && batches.len() > 1 {
        batches.pop();
    }
    Ok((batches, complete))
}

fn class_index(class: i32) -> usize {
    usize::from(class == CLASSES[1])
}

pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(row: &SqliteRow, column: &str) -> u64 {
    row.get::<i64, _>(column).unsigned_abs()
}
