//! A place for music: a data directory, a music folder, a kernel.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use super::library::{Index, Library};
use crate::{
    clock::Clock,
    context::Context,
    event::{EventLog, Retention},
    storage::Database,
};

/// Is a kernel over a folder of its own, with an empty music folder.
pub struct Place {
    pub music: PathBuf,
    pub context: Context,
    pub folders: watch::Sender<Vec<PathBuf>>,
    pub home: tempfile::TempDir,
}

impl Place {
    pub async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let music = home.path().join("music");
        std::fs::create_dir(&music).unwrap();
        let context = open(&home.path().join("data")).await;
        let folders = watch::Sender::new(vec![music.clone()]);
        Self { music, context, folders, home }
    }

    /// Puts a tone into the music folder.
    pub fn tone(&self, name: &str, seconds: f32, arguments: &[&str]) -> PathBuf {
        let path = self.music.join(name);
        let frequency = 200 + name.bytes().map(u32::from).sum::<u32>() % 800;
        let source = format!("sine=frequency={frequency}:duration={seconds}");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-y", "-f", "lavfi", "-i", &source]).args(arguments).arg(&path);
        assert!(ffmpeg.status().unwrap().success());
        path
    }
}

/// Opens a kernel over a data directory.
pub async fn open(folder: &Path) -> Context {
    let database = Database::open(folder).await.unwrap();
    let clock = Clock::system();
    let year = Duration::from_secs(365 * 24 * 3600);
    let retention =
        Retention { record_max_bytes: 1 << 30, record_max_age: year, trace_max_bytes: 1 << 30, trace_max_age: year };
    let (_limits, watcher) = watch::channel(retention);
    let (log, writer) = EventLog::open(database.clone(), clock.clone(), watcher).await.unwrap();
    tokio::spawn(writer);
    Context::new(clock, database, log)
}

/// Waits until the library holds what is wanted.
pub async fn scanned(library: &Library, wanted: impl Fn(&Index) -> bool) -> Arc<Index> {
    let mut index = library.follow();
    let found = tokio::time::timeout(Duration::from_secs(20), index.wait_for(|index| wanted(index))).await;
    found.unwrap().unwrap().clone()
}
