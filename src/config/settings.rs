//! The owner of the settings.

use std::{sync::Arc, time::Duration};

use prost::Message;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};

use super::{Error, Layers, Loaded, Receiver, layers, rules, source, store};
use crate::{
    call::Cause,
    clock::{Clock, timestamp},
    context::Context,
    error::Failure,
    event::Publisher,
    pb::{
        cantina::{
            config::v1::{Config, ConfigChangeKind, ConfigChanged, ConfigRevision, ConfigRevisionState, ConfigState},
            event::v1::snapshot_part::Part,
        },
        registry::producer,
    },
    storage::Database,
};

/// The handle to the settings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Settings {
    commands: mpsc::Sender<Command>,
    effective: Receiver,
    problem: watch::Receiver<Option<Failure>>,
    database: Database,
}

/// A change of the settings.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Holds the new values.
    pub config: Config,
    /// The paths to change.
    pub paths: Vec<String>,
    /// The etag it is based on; empty for any.
    pub etag: String,
    /// Only validate.
    pub validate_only: bool,
    /// Revert unless confirmed within.
    pub confirm_within: Option<Duration>,
    /// Why.
    pub comment: String,
}

/// How many paths one change may name.
const MAX_PATHS: usize = 64;

/// The settings after a change, and the paths that changed.
pub type Changed = (ConfigState, Vec<String>);
type Reply<T> = oneshot::Sender<Result<T, Error>>;

enum Command {
    State(Reply<ConfigState>),
    Update(Box<Change>, Cause, Reply<Changed>),
    Confirm(u64, Cause, Reply<ConfigState>),
    Reload(Cause, Reply<Changed>),
    Rollback(u64, String, Cause, Reply<Changed>),
}

impl Settings {
    pub(super) async fn start(context: &Context, loaded: Loaded) -> Result<Self, Error> {
        let newest = store::list(context.database().reader(), u64::MAX, 50).await?;
        let (inbox_sender, inbox) = mpsc::channel(64);
        let (problem_sender, problem) = watch::channel(loaded.problem);
        let mut layers = loaded.layers;
        let pending = newest.first().filter(|revision| revision.state() == ConfigRevisionState::Pending);
        let active = newest.iter().find(|revision| revision.state() == ConfigRevisionState::Active);
        if let Some(overrides) = active.and_then(|revision| revision.overrides.clone()) {
            let base = std::mem::replace(&mut layers.overrides, overrides);
            if rules::check_whole(&layers.effective()).is_err() {
                layers.overrides = base;
            }
        }
        let effective = Arc::new(layers.effective());
        let mut owner = Owner {
            active: active.cloned(),
            revision: newest.first().map_or(0, |revision| revision.revision),
            layers,
            running: effective.clone(),
            effective: watch::Sender::new(effective),
            file: loaded.file,
            problem: problem_sender,
            pending: None,
            publisher: context.publisher(),
            clock: context.clock().clone(),
            database: context.database().clone(),
        };
        let handle = Self {
            commands: inbox_sender,
            effective: owner.effective.subscribe(),
            problem,
            database: context.database().clone(),
        };
        if let Some(revision) = pending {
            owner.publish_reverted(revision.clone());
        } else {
            owner.publish_part();
        }
        let shutdown = context.shutdown().clone();
        context.spawn("settings", async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = owner.run(inbox) => {}
            }
        });
        Ok(handle)
    }

    /// The settings in force.
    #[must_use]
    pub fn current(&self) -> Arc<Config> {
        self.effective.borrow().clone()
    }

    /// Follows the settings in force.
    #[must_use]
    pub fn follow(&self) -> Receiver {
        self.effective.clone()
    }

    /// Why the settings file is not used, if it is not.
    #[must_use]
    pub fn problem(&self) -> watch::Receiver<Option<Failure>> {
        self.problem.clone()
    }

    /// The state of the settings.
    ///
    /// # Errors
    /// Fails only while the daemon ends.
    pub async fn state(&self) -> Result<ConfigState, Error> {
        self.ask(Command::State).await
    }

    /// Changes settings.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Rules`], [`Error::Etag`] or [`Error::Pending`]; nothing has
    /// changed then.
    pub async fn update(&self, change: Change, cause: Cause) -> Result<Changed, Error> {
        self.ask(|reply| Command::Update(Box::new(change), cause, reply)).await
    }

    /// Keeps the pending revision; 0 stands for whichever is pending.
    ///
    /// # Errors
    /// [`Error::NothingPending`].
    pub async fn confirm(&self, revision: u64, cause: Cause) -> Result<ConfigState, Error> {
        self.ask(|reply| Command::Confirm(revision, cause, reply)).await
    }

    /// Reads the settings file again.
    ///
    /// # Errors
    /// [`Error::FileBroken`]; nothing has changed then.
    pub async fn reload(&self, cause: Cause) -> Result<Changed, Error> {
        self.ask(|reply| Command::Reload(cause, reply)).await
    }

    /// Goes back to the run-time settings of a revision; 0 stands for none.
    ///
    /// # Errors
    /// [`Error::RevisionUnknown`], [`Error::Etag`] or [`Error::Pending`].
    pub async fn rollback(&self, revision: u64, etag: String, cause: Cause) -> Result<Changed, Error> {
        self.ask(|reply| Command::Rollback(revision, etag, cause, reply)).await
    }

    /// Revisions before a number, newest first.
    ///
    /// # Errors
    /// Fails when the database cannot be read.
    pub async fn revisions(&self, before: u64, limit: usize) -> Result<Vec<ConfigRevision>, Error> {
        Ok(store::list(self.database.reader(), before, limit).await?)
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let closed = || Error::Storage(crate::storage::Error::Closed);
        self.commands.send(command(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

/// A revision that reverts unless it is confirmed.
struct Pending {
    revision: ConfigRevision,
    before: Config,
    revert_at: Instant,
    revert_time: pbjson_types::Timestamp,
}

struct Owner {
    layers: Layers,
    running: Arc<Config>,
    effective: watch::Sender<Arc<Config>>,
    revision: u64,
    active: Option<ConfigRevision>,
    pending: Option<Pending>,
    file: Option<std::path::PathBuf>,
    problem: watch::Sender<Option<Failure>>,
    publisher: Publisher<producer::Config>,
    clock: Clock,
    database: Database,
}

impl Owner {
    async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        loop {
            let revert_at = self.pending.as_ref().map(|pending| pending.revert_at);
            tokio::select! {
                () = sleep_until(revert_at.unwrap_or_else(Instant::now)), if revert_at.is_some() => self.revert(),
                command = inbox.recv() => match command {
                    Some(command) => self.handle(command).await,
                    None => return,
                },
            }
        }
    }

    async fn handle(&mut self, command: Command) {
        match command {
            Command::State(reply) => drop(reply.send(Ok(self.state()))),
            Command::Update(change, cause, reply) => drop(reply.send(self.update(*change, &cause))),
            Command::Confirm(revision, cause, reply) => drop(reply.send(self.confirm(revision, &cause))),
            Command::Reload(cause, reply) => drop(reply.send(self.reload(&cause))),
            Command::Rollback(revision, etag, cause, reply) => {
                drop(reply.send(self.rollback(revision, &etag, &cause).await));
            }
        }
    }

    fn update(&mut self, change: Change, cause: &Cause) -> Result<Changed, Error> {
        self.check_free(&change.etag)?;
        if !(1..=MAX_PATHS).contains(&change.paths.len()) {
            return Err(Error::Paths(change.paths.len()));
        }
        let mut settings = Vec::new();
        for path in &change.paths {
            let found = layers::resolve(path).ok_or_else(|| Error::invalid(path, "is not a setting"))?;
            settings.extend(found);
        }
        if settings.iter().any(|setting| setting.path() == "storage.data_dir") {
            return Err(Error::invalid("storage.data_dir", "can be set only in the settings file or the environment"));
        }
        rules::check(&change.config)?;
        let next = Layers { overrides: self.layers.overridden(&change.config, &settings), ..self.layers.clone() };
        rules::check_whole(&next.effective())?;
        let changed = layers::differences(&self.effective.borrow(), &next.effective());
        if change.validate_only {
            let state =
                ConfigState { config: Some(next.effective()), origins: next.origins(&self.running), ..self.state() };
            return Ok((state, changed));
        }
        self.revise(next, changed, &change, ConfigChangeKind::Updated, cause)
    }

    /// Puts new run-time settings in force as a revision.
    fn revise(
        &mut self,
        next: Layers,
        changed: Vec<String>,
        change: &Change,
        kind: ConfigChangeKind,
        cause: &Cause,
    ) -> Result<Changed, Error> {
        let before = std::mem::replace(&mut self.layers, next).overrides;
        self.revision += 1;
        let pending = change.confirm_within;
        let state = if pending.is_some() { ConfigRevisionState::Pending } else { ConfigRevisionState::Active };
        let revision = ConfigRevision {
            revision: self.revision,
            create_time: Some(self.clock.now()),
            actor: Some(cause.actor().clone()),
            comment: change.comment.clone(),
            state: state.into(),
            overrides: Some(self.layers.overrides.clone()),
            changed_paths: changed.clone(),
        };
        self.pending = pending.map(|within| Pending {
            revision: revision.clone(),
            before,
            revert_at: Instant::now() + within,
            revert_time: timestamp(self.clock.wall() + within),
        });
        Ok((self.publish(kind, changed.clone(), Some(revision), cause), changed))
    }

    fn confirm(&mut self, revision: u64, cause: &Cause) -> Result<ConfigState, Error> {
        let meant = |pending: &mut Pending| revision == 0 || pending.revision.revision == revision;
        let mut kept = self.pending.take_if(meant).ok_or(Error::NothingPending)?.revision;
        kept.set_state(ConfigRevisionState::Active);
        Ok(self.publish(ConfigChangeKind::Confirmed, Vec::new(), Some(kept), cause))
    }

    fn revert(&mut self) {
        let Some(Pending { mut revision, before, .. }) = self.pending.take() else { return };
        let unconfirmed = self.layers.effective();
        self.layers.overrides = before;
        revision.set_state(ConfigRevisionState::Reverted);
        let changed = layers::differences(&unconfirmed, &self.layers.effective());
        self.publish(ConfigChangeKind::Reverted, changed, Some(revision), &Cause::daemon("config"));
    }

    fn reload(&mut self, cause: &Cause) -> Result<Changed, Error> {
        let file = self.file.as_deref().map(source::read_file).transpose()?.unwrap_or_default();
        let next = Layers { file, ..self.layers.clone() };
        rules::check_whole(&next.effective())?;
        let changed = layers::differences(&self.layers.effective(), &next.effective());
        self.layers = next;
        self.problem.send_replace(None);
        Ok((self.publish(ConfigChangeKind::Reloaded, changed.clone(), None, cause), changed))
    }

    async fn rollback(&mut self, revision: u64, etag: &str, cause: &Cause) -> Result<Changed, Error> {
        self.check_free(etag)?;
        let overrides = match revision {
            0 => Config::default(),
            number => {
                let found = store::list(self.database.reader(), number.saturating_add(1), 1).await?.pop();
                let found = found.filter(|found| found.revision == number).ok_or(Error::RevisionUnknown(number))?;
                found.overrides.unwrap_or_default()
            }
        };
        let next = Layers { overrides, ..self.layers.clone() };
        rules::check_whole(&next.effective())?;
        let changed = layers::differences(&self.layers.effective(), &next.effective());
        let change = Change { comment: format!("back to revision {revision}"), ..Change::default() };
        self.revise(next, changed, &change, ConfigChangeKind::RolledBack, cause)
    }

    fn check_free(&self, etag: &str) -> Result<(), Error> {
        if let Some(pending) = &self.pending {
            return Err(Error::Pending(pending.revision.revision));
        }
        let current = self.etag();
        if etag.is_empty() || etag == current { Ok(()) } else { Err(Error::Etag { current }) }
    }

    fn etag(&self) -> String {
        let mut bytes = self.layers.effective().encode_to_vec();
        bytes.extend_from_slice(&self.revision.to_le_bytes());
        blake3::hash(&bytes).to_hex()[..16].to_owned()
    }

    fn state(&self) -> ConfigState {
        ConfigState {
            config: Some(self.layers.effective()),
            etag: self.etag(),
            origins: self.layers.origins(&self.running),
            revision: self.revision,
            revert_time: self.pending.as_ref().map(|pending| pending.revert_time),
            file_path: self.file.as_ref().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default(),
        }
    }

    fn publish(
        &mut self,
        kind: ConfigChangeKind,
        changed_paths: Vec<String>,
        revision: Option<ConfigRevision>,
        cause: &Cause,
    ) -> ConfigState {
        let state = self.state();
        let event = ConfigChanged { state: Some(state.clone()), kind: kind.into(), changed_paths };
        let mut commit = self.publisher.commit(cause).event(event).resource("config").part(Part::Config(state.clone()));
        if let Some(revision) = revision {
            commit = commit.write(store::put(&revision));
            if revision.state() == ConfigRevisionState::Active
                && let Some(mut superseded) = self.active.replace(revision)
            {
                superseded.set_state(ConfigRevisionState::Superseded);
                commit = commit.write(store::put(&superseded));
            }
        }
        commit.send();
        self.effective.send_replace(Arc::new(self.layers.effective()));
        state
    }

    /// Takes back, at the start, a revision that the last run never confirmed.
    fn publish_reverted(&mut self, mut revision: ConfigRevision) {
        revision.set_state(ConfigRevisionState::Reverted);
        let changed = revision.changed_paths.clone();
        self.publish(ConfigChangeKind::Reverted, changed, Some(revision), &Cause::daemon("config"));
    }

    fn publish_part(&self) {
        self.publisher.commit(&Cause::daemon("config")).part(Part::Config(self.state())).send();
    }
}
