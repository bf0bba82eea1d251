//! The data directory: one SQLite database, one daemon.
//!
//! All writes go through the event log's writer, in the transaction of the events that report them
//! ([`Write`]). Everybody may read through [`Database::reader`].

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use prost::Message;
use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{error::Explain, error::Failure, pb::cantina::error::v1::ErrorReason};

/// A change of the database that is carried out in the transaction of the events that report it. It
/// may run again after a failure, so it must not depend on having run.
pub type Write = Arc<dyn for<'c> Fn(&'c mut SqliteConnection) -> BoxFuture<'c, sqlx::Result<()>> + Send + Sync>;

/// What can go wrong with the data directory.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another daemon works in the directory.
    #[error("another cantinad already uses the data directory {0}")]
    InUse(PathBuf),
    /// The directory cannot be made or opened.
    #[error("the data directory {0} cannot be used: {1}")]
    Unusable(PathBuf, #[source] io::Error),
    /// The disk is full.
    #[error("the disk that holds the data directory is full")]
    Full,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// The database failed before, for the reason given.
    #[error("the database cannot be written: {0}")]
    Failed(String),
    /// The daemon is on its way down and writes no more.
    #[error("the event log is closed")]
    Closed,
    /// A stored message cannot be read.
    #[error("the stored state {0} is damaged: {1}")]
    Damaged(String, #[source] prost::DecodeError),
}

/// SQLITE_FULL and SQLITE_IOERR_SHMSIZE in the result codes of SQLite: no room for the database, the
/// log, or the index of the log.
const SQLITE_FULL: &[&str] = &["13", "4874"];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let full = error.as_database_error().and_then(|e| e.code()).is_some_and(|code| SQLITE_FULL.contains(&&*code));
        if full { Self::Full } else { Self::Database(error) }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Database(error.into())
    }
}

impl Explain for Error {
    fn failure(&self) -> Failure {
        let reason = match self {
            Self::Full => ErrorReason::StorageFull,
            _ => ErrorReason::StorageFailed,
        };
        Failure::new(reason, self).component("storage").retry_after(Duration::from_secs(5))
    }
}

/// The database of one data directory.
#[derive(Clone, Debug)]
pub struct Database {
    folder: PathBuf,
    options: SqliteConnectOptions,
    reader: SqlitePool,
    _lock: Arc<File>,
}

impl Database {
    /// Opens the database of a folder, making both where they are missing, and brings its tables up
    /// to date.
    ///
    /// # Errors
    /// [`Error::InUse`] when another daemon holds the folder, [`Error::Unusable`] when the folder
    /// cannot be made or written.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        let unusable = |error| Error::Unusable(folder.to_owned(), error);
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let lock = File::create(folder.join("cantinad.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let options = SqliteConnectOptions::new()
            .filename(folder.join("cantina.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-2000")
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        sqlx::migrate!("./migrations").run(&mut connection).await?;
        drop(connection);
        let reader = SqlitePoolOptions::new()
            .max_connections(2)
            .min_connections(0)
            .connect_lazy_with(options.clone().read_only(true).create_if_missing(false));
        Ok(Self { folder: folder.to_owned(), options, reader, _lock: Arc::new(lock) })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Connections for reading.
    #[must_use]
    pub fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// The connection for writing, for the event log's writer.
    pub(crate) async fn writer(&self) -> Result<SqliteConnection, Error> {
        Ok(self.options.connect().await?)
    }

    /// The last state that a feature stored under a key; the default before the first.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the bytes are not such a message.
    pub async fn state<M: Message + Default>(&self, key: &str) -> Result<M, Error> {
        let bytes: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT value FROM state WHERE key = ?").bind(key).fetch_optional(&self.reader).await?;
        M::decode(bytes.unwrap_or_default().as_slice()).map_err(|error| Error::Damaged(key.to_owned(), error))
    }
}

/// The write that stores the state of a feature under a key.
pub fn put_state(key: &'static str, value: &impl Message) -> Write {
    let value: Arc<[u8]> = value.encode_to_vec().into();
    Arc::new(move |connection| {
        let value = Arc::clone(&value);
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )
            .bind(key)
            .bind(&*value)
            .execute(connection)
            .await?;
            Ok(())
        })
    })
}

/// Begins a transaction. Not sqlx's own: when SQLite has rolled back by itself because the disk is full,
/// sqlx still counts the transaction and refuses every further one.
pub(crate) async fn begin(connection: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await?;
    Ok(())
}

/// Commits a transaction whose work has succeeded, and takes back any other.
pub(crate) async fn end(connection: &mut SqliteConnection, work: Result<(), Error>) -> Result<(), Error> {
    let ended = match work {
        Ok(()) => sqlx::query("COMMIT").execute(&mut *connection).await.map(drop).map_err(Error::from),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // Fails when SQLite has done it already.
        let _done = sqlx::query("ROLLBACK").execute(connection).await;
    }
    ended
}
