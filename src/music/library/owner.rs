//! The owner of the library: runs scans, keeps their results, tells about them.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{
    Error,
    index::{File, Index},
    scan::{self, Job, Report},
    store,
};
use crate::{
    call::Cause,
    clock::{Clock, proto_duration},
    component::Health,
    context::Context,
    error::Explain,
    event::Publisher,
    music::proto::{Library, LibraryFolder, ScanCompleted, ScanProgress, ScanProgressed, ScanStarted},
    pb::{cantina::event::v1::snapshot_part::Part, registry::producer},
};

/// Asks for a scan.
pub struct Rescan {
    /// Is who asks.
    pub cause: Cause,
    /// Takes the library, and whether a scan was under way already.
    pub reply: oneshot::Sender<Result<(Library, bool), Error>>,
}

/// Is a scan under way.
struct Running {
    reports: mpsc::UnboundedReceiver<Report>,
    cancel: CancellationToken,
    cause: Cause,
    began: Instant,
    progress: ScanProgress,
    added: u32,
    changed: u32,
}

/// Owns the library.
pub struct Owner {
    folders: watch::Receiver<Vec<PathBuf>>,
    publish: watch::Sender<Arc<Index>>,
    publisher: Publisher<producer::Music>,
    health: Health,
    clock: Clock,
    shutdown: CancellationToken,
    problems: Vec<(PathBuf, String)>,
    last_scan_time: Option<pbjson_types::Timestamp>,
    running: Option<Running>,
}

impl Owner {
    /// Owns what `publish` holds.
    pub fn new(context: &Context, folders: watch::Receiver<Vec<PathBuf>>, publish: watch::Sender<Arc<Index>>) -> Self {
        Self {
            folders,
            publish,
            publisher: context.publisher(),
            health: context.component("library"),
            clock: context.clock().clone(),
            shutdown: context.shutdown().clone(),
            problems: Vec::new(),
            last_scan_time: None,
            running: None,
        }
    }

    /// Scans once, then again whenever somebody asks or the folders change, until the shutdown.
    pub async fn run(mut self, mut inbox: mpsc::Receiver<Rescan>) {
        self.begin(Cause::daemon("music"));
        let shutdown = self.shutdown.clone();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(rescan) = inbox.recv() => self.answer(rescan),
                Some(report) = next(&mut self.running) => self.take(report),
                Ok(()) = self.folders.changed() => self.restart(),
            }
        }
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
    }

    fn answer(&mut self, rescan: Rescan) {
        let already = self.running.is_some();
        let folders = self.folders.borrow().clone();
        let unreadable = || folders.iter().map(|folder| format!("{}", folder.display())).collect::<Vec<_>>().join(", ");
        let outcome = if !already && folders.iter().all(|folder| std::fs::read_dir(folder).is_err()) {
            Err(Error::LibraryUnavailable(unreadable()))
        } else {
            if !already {
                self.begin(rescan.cause);
            }
            Ok((self.message(), already))
        };
        // Whoever asked may have gone away; the scan runs all the same.
        drop(rescan.reply.send(outcome));
    }

    /// Gives up the scan of the folders as they were.
    fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.cancel.cancel();
        }
        self.begin(Cause::daemon("music"));
    }

    fn begin(&mut self, cause: Cause) {
        let (sender, reports) = mpsc::unbounded_channel();
        let cancel = self.shutdown.child_token();
        let job = Job {
            folders: self.folders.borrow_and_update().clone(),
            known: self.publish.borrow().clone(),
            clock: self.clock.clone(),
            cancel: cancel.clone(),
        };
        let spawned = thread::Builder::new().name("library scan".into()).spawn(move || scan::scan(&job, &sender));
        if let Err(error) = spawned {
            let failure = Error::LibraryUnavailable(error.to_string()).failure();
            self.health.degraded(&failure, "no scan could be started");
            return;
        }
        let progress = ScanProgress { start_time: Some(self.clock.now()), ..ScanProgress::default() };
        let began = Instant::now();
        self.running = Some(Running { reports, cancel, cause: cause.clone(), began, progress, added: 0, changed: 0 });
        let library = self.message();
        let started = ScanStarted { library: Some(library.clone()) };
        self.publisher.commit(&cause).event(started).resource("library").part(Part::Library(library)).send();
    }

    fn take(&mut self, report: Option<Report>) {
        match report {
            Some(Report::Progress { files, done, total }) => self.progress(files, done, total),
            Some(Report::Done { files, removed, problems, cancelled }) => {
                self.problems = problems;
                self.complete(files, removed, cancelled);
            }
            // The thread died without a word: a defect, which the log has.
            None => self.complete(Vec::new(), Vec::new(), true),
        }
    }

    fn progress(&mut self, files: Vec<Arc<File>>, done: u64, total: Option<u64>) {
        self.adopt(&files);
        let Some(running) = &mut self.running else { return };
        let seconds = running.began.elapsed().as_secs_f64().max(1e-3);
        let rate = done as f64 / seconds;
        let left = total.map(|total| total.saturating_sub(done) as f64);
        let eta = left.filter(|_| rate > 0.0).map(|left| Duration::from_secs_f64((left / rate).min(1e6)));
        running.progress.done = done;
        running.progress.total = total;
        running.progress.rate = rate;
        running.progress.eta = eta.map(proto_duration);
        let event = ScanProgressed { progress: Some(running.progress) };
        let commit = self.publisher.commit(&running.cause.clone()).event(event).resource("library");
        commit.part(Part::Library(self.message())).write(store::put_files(files)).send();
    }

    /// Takes new and changed files into the picture.
    fn adopt(&mut self, files: &[Arc<File>]) {
        let Some(running) = self.running.as_mut().filter(|_| !files.is_empty()) else { return };
        let mut all = self.publish.borrow().files().clone();
        for file in files {
            match all.insert(file.path.clone(), file.clone()) {
                Some(_) => running.changed += 1,
                None => running.added += 1,
            }
        }
        self.replace(all);
    }

    fn complete(&mut self, files: Vec<Arc<File>>, removed: Vec<PathBuf>, cancelled: bool) {
        self.adopt(&files);
        let Some(running) = self.running.take() else { return };
        if !removed.is_empty() {
            let mut all: BTreeMap<PathBuf, Arc<File>> = self.publish.borrow().files().clone();
            removed.iter().for_each(|path| drop(all.remove(path)));
            self.replace(all);
        }
        if !cancelled {
            self.last_scan_time = Some(self.clock.now());
        }
        self.report_health();
        let library = self.message();
        let event = ScanCompleted {
            library: Some(library.clone()),
            added_count: running.added,
            changed_count: running.changed,
            removed_count: u32::try_from(removed.len()).unwrap_or(u32::MAX),
            duration: Some(proto_duration(running.began.elapsed())),
        };
        let commit = self.publisher.commit(&running.cause).event(event).resource("library");
        commit.part(Part::Library(library)).write(store::put_files(files)).write(store::remove_files(removed)).send();
    }

    fn replace(&self, files: BTreeMap<PathBuf, Arc<File>>) {
        self.publish.send_replace(Arc::new(Index::new(files)));
    }

    fn report_health(&self) {
        let index = self.publish.borrow().clone();
        let detail = format!("{} tracks, {} problems", index.playable().len(), index.problems().len());
        match self.problems.first() {
            None => self.health.running(&detail),
            Some((folder, why)) => {
                let what = format!("{} ({why})", folder.display());
                self.health.degraded(&Error::LibraryUnavailable(what).failure(), &detail);
            }
        }
    }

    fn message(&self) -> Library {
        let index = self.publish.borrow().clone();
        let folders = self.folders.borrow();
        let folders = folders.iter().map(|folder| {
            let problem = self.problems.iter().find(|(path, _)| path == folder);
            let problem = problem.map(|(path, why)| Error::LibraryUnavailable(format!("{} ({why})", path.display())));
            LibraryFolder {
                path: folder.to_string_lossy().into_owned(),
                problem: problem.map(|problem| problem.failure().to_status()),
                track_count: u32::try_from(index.count_below(folder)).unwrap_or(u32::MAX),
            }
        });
        Library {
            track_count: u32::try_from(index.playable().len()).unwrap_or(u32::MAX),
            problem_count: u32::try_from(index.problems().len()).unwrap_or(u32::MAX),
            total_duration: Some(proto_duration(index.total_duration())),
            folders: folders.collect(),
            scan: self.running.as_ref().map(|running| running.progress),
            last_scan_time: self.last_scan_time,
            etag: index.etag().to_owned(),
        }
    }
}

/// Waits for the next report of the scan under way; for ever when none is.
async fn next(running: &mut Option<Running>) -> Option<Option<Report>> {
    match running {
        Some(running) => Some(running.reports.recv().await),
        None => std::future::pending().await,
    }
}
