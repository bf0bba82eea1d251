//! Looking through the music folders, on a thread of its own at low priority.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, UNIX_EPOCH},
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use walkdir::{DirEntry, WalkDir};

use super::{
    index::{File, Index},
    tags::read_track,
};
use crate::clock::Clock;

/// Are the extensions of files that are looked into, in small letters.
const EXTENSIONS: &[&str] = &["mp3", "flac", "ogg", "oga", "m4a", "mp4", "aac", "wav", "wave"];
/// Is how often results are handed over.
const REPORT: Duration = Duration::from_millis(500);
/// Is the niceness of the thread: everything else goes first.
const NICENESS: i32 = 15;

/// Is what a scan looks through.
pub struct Job {
    /// Are the folders.
    pub folders: Vec<PathBuf>,
    /// Is what is known already.
    pub known: Arc<Index>,
    /// Tells when a content is seen for the first time.
    pub clock: Clock,
    /// Ends the scan early.
    pub cancel: CancellationToken,
}

/// Is what a scan tells while it runs.
pub enum Report {
    /// Files that are new or changed, and how far the scan is.
    Progress {
        /// Are the files.
        files: Vec<Arc<File>>,
        /// Counts the files that are done.
        done: u64,
        /// Counts all files; absent while they are being listed.
        total: Option<u64>,
    },
    /// The scan is over.
    Done {
        /// Are the last files that are new or changed.
        files: Vec<Arc<File>>,
        /// Are the files that are gone from folders that can be read.
        removed: Vec<PathBuf>,
        /// Are the folders that cannot be read, and why.
        problems: Vec<(PathBuf, String)>,
        /// Tells that it was cancelled, and nothing is known about what is gone.
        cancelled: bool,
    },
}

/// Runs a scan to its end. Blocks.
pub fn scan(job: &Job, reports: &mpsc::UnboundedSender<Report>) {
    // On Linux the niceness is that of this thread; without permission it just stays as it is.
    let _kept = rustix::process::setpriority_process(None, NICENESS);
    let mut listing = Listing::default();
    for folder in &job.folders {
        listing.walk(folder, job, reports);
    }
    let last = read_changed(job, &listing, reports).filter(|_| !job.cancel.is_cancelled());
    let cancelled = last.is_none();
    let removed = if cancelled { Vec::new() } else { listing.removed(job) };
    let files = last.unwrap_or_default();
    let _gone = reports.send(Report::Done { files, removed, problems: listing.problems, cancelled });
}

/// Reads the files that are not known as they are, and answers those that were not reported yet; absent
/// when it was cancelled.
fn read_changed(job: &Job, listing: &Listing, reports: &mpsc::UnboundedSender<Report>) -> Option<Vec<Arc<File>>> {
    let total = Some(listing.found.len() as u64);
    let mut files = Vec::new();
    let mut reported = Instant::now();
    for (done, (path, size, modified_ns)) in listing.found.iter().enumerate() {
        if job.cancel.is_cancelled() {
            return None;
        }
        let known = job.known.files().get(path);
        if !known.is_some_and(|file| file.size == *size && file.modified_ns == *modified_ns) {
            files.push(Arc::new(read_file(job, path, *size, *modified_ns)));
        }
        if reported.elapsed() >= REPORT {
            reported = Instant::now();
            let files = std::mem::take(&mut files);
            reports.send(Report::Progress { files, done: done as u64 + 1, total }).ok()?;
        }
    }
    Some(files)
}

fn read_file(job: &Job, path: &Path, size: u64, modified_ns: i64) -> File {
    let mut track = read_track(path, size, job.clock.now());
    if let Ok(before) = job.known.file(&track.id) {
        track.create_time.clone_from(&before.track.create_time);
    }
    File { path: path.to_owned(), size, modified_ns, track: Arc::new(track) }
}

/// Is what lies in the folders.
#[derive(Default)]
struct Listing {
    found: Vec<(PathBuf, u64, i64)>,
    seen: HashSet<PathBuf>,
    unreadable: Vec<PathBuf>,
    problems: Vec<(PathBuf, String)>,
}

impl Listing {
    fn walk(&mut self, folder: &Path, job: &Job, reports: &mpsc::UnboundedSender<Report>) {
        let known = || job.known.files().keys().any(|path| path.starts_with(folder));
        let problem = match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
            Err(error) => Some(error.to_string()),
            // What is left of a disk that is not mounted is an empty folder.
            Ok(true) if known() => Some("it is empty although it held tracks: is its disk mounted?".to_owned()),
            Ok(_) => None,
        };
        if let Some(problem) = problem {
            self.unreadable.push(folder.to_owned());
            self.problems.push((folder.to_owned(), problem));
            return;
        }
        let mut reported = Instant::now();
        let entries = WalkDir::new(folder).follow_links(true).into_iter();
        for entry in entries.filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name())) {
            if job.cancel.is_cancelled() {
                return;
            }
            match entry {
                Ok(entry) => self.take(&entry),
                // A loop of links was walked already; what cannot be read keeps its tracks.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => self.unreadable.extend(error.path().map(Path::to_owned)),
            }
            if reported.elapsed() >= REPORT {
                reported = Instant::now();
                let progress = Report::Progress { files: Vec::new(), done: 0, total: None };
                let _gone = reports.send(progress);
            }
        }
    }

    fn take(&mut self, entry: &DirEntry) {
        let extension = entry.path().extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
        if !entry.file_type().is_file() || !EXTENSIONS.contains(&&*extension) {
            return;
        }
        let path = entry.path().to_owned();
        match entry.metadata() {
            Ok(metadata) if self.seen.insert(path.clone()) => {
                self.found.push((path, metadata.len(), modified_ns(&metadata)));
            }
            Ok(_) => {}
            Err(_) => self.unreadable.push(path),
        }
    }

    /// Are the known files that are gone: not found, and not below anything that could not be read.
    fn removed(&self, job: &Job) -> Vec<PathBuf> {
        let gone = |path: &&PathBuf| {
            !self.seen.contains(*path) && !self.unreadable.iter().any(|unreadable| path.starts_with(unreadable))
        };
        job.known.files().keys().filter(gone).cloned().collect()
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn modified_ns(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}
