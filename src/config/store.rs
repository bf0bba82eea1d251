//! The revisions on disk.

use std::sync::Arc;

use prost::Message;
use sqlx::{Row, SqlitePool};

use crate::{
    pb::cantina::config::v1::ConfigRevision,
    storage::{Error, Write},
};

/// Stores a revision, replacing the one with its number.
pub fn put(revision: &ConfigRevision) -> Write {
    let number = i64::try_from(revision.revision).unwrap_or(i64::MAX);
    let body: Arc<[u8]> = revision.encode_to_vec().into();
    Arc::new(move |connection| {
        let body = Arc::clone(&body);
        Box::pin(async move {
            sqlx::query("INSERT OR REPLACE INTO config_revision (revision, body) VALUES (?, ?)")
                .bind(number)
                .bind(&*body)
                .execute(connection)
                .await?;
            Ok(())
        })
    })
}

/// Revisions before a number, newest first.
pub async fn list(reader: &SqlitePool, before: u64, limit: usize) -> Result<Vec<ConfigRevision>, Error> {
    let rows =
        sqlx::query("SELECT revision, body FROM config_revision WHERE revision < ? ORDER BY revision DESC LIMIT ?")
            .bind(i64::try_from(before).unwrap_or(i64::MAX))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(reader)
            .await?;
    let decode = |row: &sqlx::sqlite::SqliteRow| {
        let body: Vec<u8> = row.get("body");
        let name = || format!("config revision {}", row.get::<i64, _>("revision"));
        ConfigRevision::decode(body.as_slice()).map_err(|error| Error::Damaged(name(), error))
    };
    rows.iter().map(decode).collect()
}
