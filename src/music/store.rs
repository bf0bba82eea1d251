//! What music keeps on disk. Writes are made here and carried out by the event log's writer, in the
//! transaction of the events that report them.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use prost::Message;
use sqlx::SqlitePool;

use super::{
    Error, Volume,
    library::File,
    proto::{Queue, Track},
};
use crate::storage::Write;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Reads every file that the library knows.
///
/// # Errors
/// [`Error::Storage`] when the database cannot be read. A row that cannot be decoded is left out: the
/// next scan makes it again.
pub async fn load_files(pool: &SqlitePool) -> Result<Vec<File>, Error> {
    let rows: Vec<(Vec<u8>, i64, i64, Vec<u8>)> =
        sqlx::query_as("SELECT path, size, modified_ns, track FROM library_file").fetch_all(pool).await?;
    let file = |(path, size, modified_ns, track): (Vec<u8>, i64, i64, Vec<u8>)| {
        let path = PathBuf::from(OsStr::from_bytes(&path));
        let track = Arc::new(Track::decode(track.as_slice()).ok()?);
        Some(File { path, size: size.cast_unsigned(), modified_ns, track })
    };
    Ok(rows.into_iter().filter_map(file).collect())
}

/// Keeps files, replacing what was known of them.
pub fn put_files(files: Vec<Arc<File>>) -> Write {
    let files: Arc<[Arc<File>]> = files.into();
    Arc::new(move |connection| {
        let files = files.clone();
        Box::pin(async move {
            for file in files.iter() {
                sqlx::query("REPLACE INTO library_file (path, size, modified_ns, track) VALUES (?, ?, ?, ?)")
                    .bind(bytes(&file.path))
                    .bind(file.size.cast_signed())
                    .bind(file.modified_ns)
                    .bind(file.track.encode_to_vec())
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    })
}

/// Forgets files.
pub fn remove_files(paths: Vec<PathBuf>) -> Write {
    let paths: Arc<[PathBuf]> = paths.into();
    Arc::new(move |connection| {
        let paths = paths.clone();
        Box::pin(async move {
            for path in paths.iter() {
                sqlx::query("DELETE FROM library_file WHERE path = ?")
                    .bind(bytes(path))
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    })
}

/// Is what the player remembers over a restart.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// Tells that a track was playing or paused.
    pub playing: bool,
    /// Is the current item, or empty.
    pub item_id: String,
    /// Is the playing, or empty.
    pub playback_id: String,
    /// Is the position in the current track.
    pub position: Duration,
    /// Is the volume.
    pub volume: Volume,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            playing: false,
            item_id: String::new(),
            playback_id: String::new(),
            position: Duration::ZERO,
            volume: Volume::FULL,
        }
    }
}

/// Reads what the player remembers; absent before the first time.
///
/// # Errors
/// [`Error::Storage`].
pub async fn load_player(pool: &SqlitePool) -> Result<Option<Remembered>, Error> {
    let row: Option<(bool, String, String, i64, f64)> =
        sqlx::query_as("SELECT playing, item_id, playback_id, position_ns, volume FROM music_player")
            .fetch_optional(pool)
            .await?;
    Ok(row.map(|(playing, item_id, playback_id, position_ns, volume)| Remembered {
        playing,
        item_id,
        playback_id,
        position: Duration::from_nanos(position_ns.max(0).cast_unsigned()),
        volume: Volume::new(volume),
    }))
}

/// Keeps what the player remembers.
pub fn put_player(remembered: Remembered) -> Write {
    let remembered = Arc::new(remembered);
    Arc::new(move |connection| {
        let remembered = remembered.clone();
        Box::pin(async move {
            let position_ns = i64::try_from(remembered.position.as_nanos()).unwrap_or(i64::MAX);
            sqlx::query(
                "REPLACE INTO music_player (id, playing, item_id, playback_id, position_ns, volume) \
                 VALUES (1, ?, ?, ?, ?, ?)",
            )
            .bind(remembered.playing)
            .bind(&remembered.item_id)
            .bind(&remembered.playback_id)
            .bind(position_ns)
            .bind(remembered.volume.ratio())
            .execute(connection)
            .await?;
            Ok(())
        })
    })
}

/// Reads the queue: item ids, and of each track only what [`put_queue`] kept.
///
/// # Errors
/// [`Error::Storage`].
pub async fn load_queue(pool: &SqlitePool) -> Result<Queue, Error> {
    let row: Option<Vec<u8>> = sqlx::query_scalar("SELECT items FROM music_queue").fetch_optional(pool).await?;
    Ok(row.and_then(|items| Queue::decode(items.as_slice()).ok()).unwrap_or_default())
}

/// Keeps the queue.
pub fn put_queue(queue: &Queue) -> Write {
    let items: Arc<[u8]> = queue.encode_to_vec().into();
    Arc::new(move |connection| {
        let items = items.clone();
        Box::pin(async move {
            sqlx::query("REPLACE INTO music_queue (id, items) VALUES (1, ?)").bind(&*items).execute(connection).await?;
            Ok(())
        })
    })
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}
