//! The owner of the mode and of the stop latch.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::{Error, ModeActions, modes};
use crate::{
    call::Cause,
    config::Settings,
    context::Context,
    error::Explain,
    event::Publisher,
    pb::{
        API_REVISION,
        cantina::{
            event::v1::{EventSeverity, snapshot_part::Part},
            system::v1::{
                Mode, ModeChangeFailed, ModeChanged, ModeChanging, StatusChanged, StopCleared, StopLatch, StopLatched,
                SystemStatus,
            },
        },
        registry::producer,
    },
    storage::put_state,
};

const STATE: &str = "system.status";
/// How long StopAll waits for a feature to fall silent before it answers all the same.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// The handle to the device as a whole. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Device {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<SystemStatus>,
    context: Context,
}

type Reply<T> = oneshot::Sender<Result<T, Error>>;

enum Command {
    SetMode(Mode, String, Cause, Reply<(SystemStatus, Mode)>),
    StopAll(String, Cause, Reply<SystemStatus>),
    ClearStop(Cause, Reply<SystemStatus>),
}

impl Device {
    pub(super) async fn start(
        context: &Context,
        settings: &Settings,
        actions: ModeActions,
    ) -> Result<(Self, watch::Receiver<bool>), Error> {
        let stored: SystemStatus = context.database().state(STATE).await?;
        let status = fresh_status(context, settings, &stored);
        let (stopped_sender, stopped) = watch::channel(stored.stopped);
        let (sender, receiver) = watch::channel(status);
        let (commands, inbox) = mpsc::channel(64);
        let mut owner = Owner {
            status: sender,
            stopped: stopped_sender,
            actions,
            publisher: context.publisher(),
            context: context.clone(),
        };
        let wanted = if stored.mode() == Mode::Unspecified { Mode::Idle } else { stored.mode() };
        owner.enter(wanted, "the daemon has started", &Cause::daemon("system"));
        let (shutdown, mut settings_changed) = (context.shutdown().clone(), settings.clone().follow());
        let problem = settings.problem();
        context.spawn("device", async move {
            let mut inbox = inbox;
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    command = inbox.recv() => match command {
                        Some(command) => owner.handle(command).await,
                        None => return,
                    },
                    changed = settings_changed.changed() => match changed {
                        Ok(()) => {
                            let device = settings_changed.borrow().device.clone().unwrap_or_default();
                            let safe_mode = problem.borrow().as_ref().map(crate::error::Failure::to_status);
                            owner.present(device.name(), safe_mode);
                        }
                        Err(_) => return,
                    },
                }
            }
        });
        Ok((Self { commands, status: receiver, context: context.clone() }, stopped))
    }

    /// The device as it is now.
    #[must_use]
    pub fn status(&self) -> SystemStatus {
        SystemStatus { server_time: Some(self.context.clock().now()), ..self.status.borrow().clone() }
    }

    /// Changes the mode; answers when the new one holds, with the one that was left.
    ///
    /// # Errors
    /// [`Error::ModeChangeFailed`]; the old mode holds then.
    pub async fn set_mode(&self, mode: Mode, reason: String, cause: Cause) -> Result<(SystemStatus, Mode), Error> {
        self.ask(|reply| Command::SetMode(mode, reason, cause, reply)).await
    }

    /// Silences everything and latches.
    ///
    /// # Errors
    /// Fails only while the daemon ends.
    pub async fn stop_all(&self, reason: String, cause: Cause) -> Result<SystemStatus, Error> {
        self.ask(|reply| Command::StopAll(reason, cause, reply)).await
    }

    /// Releases the latch.
    ///
    /// # Errors
    /// Fails only while the daemon ends.
    pub async fn clear_stop(&self, cause: Cause) -> Result<SystemStatus, Error> {
        self.ask(|reply| Command::ClearStop(cause, reply)).await
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| Error::Ending)?;
        answer.await?
    }
}

fn fresh_status(context: &Context, settings: &Settings, stored: &SystemStatus) -> SystemStatus {
    let now = context.clock().now();
    SystemStatus {
        mode: Mode::Startup.into(),
        mode_since: Some(now),
        stopped: stored.stopped,
        stop_latch: stored.stop_latch.clone(),
        safe_mode: settings.problem().borrow().as_ref().map(crate::error::Failure::to_status),
        device_id: context.log().identity().device_id.clone(),
        device_name: settings.current().device.clone().unwrap_or_default().name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        api_revision: API_REVISION,
        start_time: Some(now),
        server_time: Some(now),
    }
}

struct Owner {
    status: watch::Sender<SystemStatus>,
    stopped: watch::Sender<bool>,
    actions: ModeActions,
    publisher: Publisher<producer::System>,
    context: Context,
}

impl Owner {
    async fn handle(&mut self, command: Command) {
        match command {
            Command::SetMode(mode, reason, cause, reply) => {
                drop(reply.send(self.set_mode(mode, &reason, &cause).await))
            }
            Command::StopAll(reason, cause, reply) => drop(reply.send(Ok(self.stop_all(reason, &cause).await))),
            Command::ClearStop(cause, reply) => drop(reply.send(Ok(self.clear_stop(&cause)))),
        }
    }

    async fn set_mode(&mut self, to: Mode, reason: &str, cause: &Cause) -> Result<(SystemStatus, Mode), Error> {
        let from = self.status.borrow().mode();
        if from == to {
            return Ok((self.now(), from));
        }
        debug_assert!(modes::next(from).contains(&to), "the contract admits only modes of the table");
        let changing = ModeChanging { from: from.into(), to: to.into(), reason: reason.to_owned() };
        self.publisher.commit(cause).event(changing).resource("mode").send();
        let effect = match modes::entering(to) {
            modes::Entering::Nothing => Ok(()),
            modes::Entering::StopMusic => (self.actions.stop_music)(cause.clone()).await,
            modes::Entering::PlayQueue => (self.actions.play_queue)(cause.clone()).await,
        };
        if let Err(failure) = effect {
            let error = Error::ModeChangeFailed { from, cause: failure };
            let failed =
                ModeChangeFailed { from: from.into(), to: to.into(), error: Some(error.failure().to_status()) };
            self.publisher.commit(cause).event(failed).resource("mode").severity(EventSeverity::Warning).send();
            return Err(error);
        }
        self.enter(to, reason, cause);
        Ok((self.now(), from))
    }

    /// Makes a mode hold.
    fn enter(&mut self, to: Mode, reason: &str, cause: &Cause) {
        let from = self.status.borrow().mode();
        let now = self.context.clock().now();
        self.status.send_modify(|status| {
            status.set_mode(to);
            status.mode_since = Some(now);
        });
        let event = ModeChanged { from: from.into(), status: Some(self.now()), reason: reason.to_owned() };
        self.stored(self.publisher.commit(cause).event(event).resource("mode")).send();
    }

    async fn stop_all(&mut self, reason: String, cause: &Cause) -> SystemStatus {
        let latch = StopLatch { actor: Some(cause.actor().clone()), time: Some(self.context.clock().now()), reason };
        self.stopped.send_replace(true);
        self.status.send_modify(|status| {
            status.stopped = true;
            status.stop_latch = Some(latch);
        });
        if tokio::time::timeout(STOP_PATIENCE, self.context.stop_all(cause)).await.is_err() {
            tracing::error!("a feature did not fall silent in time");
        }
        let event = StopLatched { status: Some(self.now()) };
        self.stored(self.publisher.commit(cause).event(event).resource("stop").severity(EventSeverity::Warning)).send();
        self.now()
    }

    fn clear_stop(&mut self, cause: &Cause) -> SystemStatus {
        if !self.status.borrow().stopped {
            return self.now();
        }
        self.status.send_modify(|status| {
            status.stopped = false;
            status.stop_latch = None;
        });
        let event = StopCleared { status: Some(self.now()) };
        self.stored(self.publisher.commit(cause).event(event).resource("stop")).send();
        self.stopped.send_replace(false);
        self.now()
    }

    /// Follows the settings: the name of the device, and whether the file is mended.
    fn present(&mut self, name: &str, safe_mode: Option<tonic_types::pb::Status>) {
        let changed = self.status.send_if_modified(|status| {
            let same = status.device_name == name && status.safe_mode == safe_mode;
            name.clone_into(&mut status.device_name);
            status.safe_mode = safe_mode;
            !same
        });
        if changed {
            let event = StatusChanged { status: Some(self.now()) };
            self.stored(self.publisher.commit(&Cause::daemon("system")).event(event).resource("device")).send();
        }
    }

    fn now(&self) -> SystemStatus {
        SystemStatus { server_time: Some(self.context.clock().now()), ..self.status.borrow().clone() }
    }

    fn stored(&self, commit: crate::event::Commit<producer::System>) -> crate::event::Commit<producer::System> {
        commit.part(Part::SystemStatus(self.now())).write(put_state(STATE, &self.now()))
    }
}
