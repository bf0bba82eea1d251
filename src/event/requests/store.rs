//! The request ids on disk: which commands have begun, and how they ended.

use futures_util::{Stream, TryStreamExt};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::super::store::{Answer, Group, Outcome, signed};
use crate::{call::Request, storage::Error};

/// Notes which commands have begun to take effect, and the outcomes of those that have ended.
pub(in crate::event) async fn insert(connection: &mut SqliteConnection, group: &Group, now: i64) -> Result<(), Error> {
    let ended = |request: &Request| group.completed.iter().any(|(done, _)| done.request.id == request.id);
    let begun: Vec<_> = group.started.iter().filter(|request| !ended(request)).collect();
    for chunk in begun.chunks(100) {
        let mut query = sqlx::QueryBuilder::new("INSERT OR IGNORE INTO request (id, hash, time_ms) ");
        query.push_values(chunk, |mut row, request| {
            row.push_bind(&request.id).push_bind(&request.hash[..]).push_bind(now);
        });
        query.build().execute(&mut *connection).await?;
    }
    let answered: Vec<_> =
        group.completed.iter().filter_map(|(done, at)| Some((&done.request, done.answer.as_ref()?, at))).collect();
    for chunk in answered.chunks(100) {
        let mut query =
            sqlx::QueryBuilder::new("INSERT OR REPLACE INTO request (id, hash, time_ms, sequence, answer) ");
        query.push_values(chunk, |mut row, (request, answer, sequence)| {
            row.push_bind(&request.id)
                .push_bind(&request.hash[..])
                .push_bind(now)
                .push_bind(signed(**sequence))
                .push_bind(*answer);
        });
        query.build().execute(&mut *connection).await?;
    }
    for (done, _) in group.completed.iter().filter(|(done, _)| done.answer.is_none()) {
        sqlx::query("DELETE FROM request WHERE id = ?").bind(&done.request.id).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The ids of all stored requests.
pub(in crate::event) fn request_ids(reader: &SqlitePool) -> impl Stream<Item = Result<String, Error>> + '_ {
    sqlx::query_scalar("SELECT id FROM request").fetch(reader).map_err(Error::from)
}

/// The stored outcome of a request id.
pub(in crate::event) async fn read(reader: &SqlitePool, id: &str) -> Result<Option<Answer>, Error> {
    let row =
        sqlx::query("SELECT hash, sequence, answer FROM request WHERE id = ?").bind(id).fetch_optional(reader).await?;
    Ok(row.map(|row| {
        let outcome = row.get::<Option<i64>, _>("sequence").map(|sequence| Outcome {
            sequence: sequence.unsigned_abs(),
            answer: row.get::<Option<Vec<u8>>, _>("answer").unwrap_or_default(),
        });
        Answer { hash: row.get("hash"), outcome }
    }))
}
