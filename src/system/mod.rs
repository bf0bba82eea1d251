//! The device as a whole: mode, stop, health, logs, and how it ends.

mod device;
mod ending;
mod logs;
mod modes;
mod preflight;
mod resources;
mod service;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::{
    call::Cause,
    clock::proto_duration,
    component::Components,
    config::Settings,
    context::Context,
    error::{Explain, Failure},
    pb::{
        cantina::{
            error::v1::ErrorReason,
            system::v1::{DaemonStarted, Mode},
        },
        registry::producer,
    },
    policy::Limits,
    storage,
};

pub use device::Device;
pub use ending::{Ending, EndingHandle};
pub use logs::{LogTap, Logs};
pub use preflight::preflight;
pub use resources::{Resources, disk_free_bytes, resident_bytes};
pub use service::Service;

/// What can go wrong with the device as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No component has the name.
    #[error("there is no component {0}")]
    ComponentUnknown(String),
    /// The component cannot be restarted alone.
    #[error("the component {0} cannot be restarted alone")]
    ComponentNotRestartable(String),
    /// The new mode could not be reached.
    #[error("the device stays in {}: {cause}", .from.as_str_name())]
    ModeChangeFailed {
        /// The mode that holds.
        from: Mode,
        /// Why.
        cause: Failure,
    },
    /// The device is on its way down.
    #[error("the daemon is on its way down")]
    Ending,
    /// The state cannot be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl From<oneshot::error::RecvError> for Error {
    fn from(_: oneshot::error::RecvError) -> Self {
        Self::Ending
    }
}

impl Explain for Error {
    fn failure(&self) -> Failure {
        match self {
            Self::ComponentUnknown(name) => {
                Failure::new(ErrorReason::ComponentUnknown, self).resource("component", name)
            }
            Self::ComponentNotRestartable(name) => {
                Failure::new(ErrorReason::ComponentNotRestartable, self).precondition(format!("components/{name}"))
            }
            Self::ModeChangeFailed { .. } => Failure::new(ErrorReason::ModeChangeFailed, self).precondition("mode"),
            Self::Ending => Failure::new(ErrorReason::ShuttingDown, self).retry_after(Duration::from_secs(5)),
            Self::Storage(error) => error.failure(),
        }
    }
}

/// Something that a mode asks of the music.
pub type Action = Arc<dyn Fn(Cause) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// What modes ask of the features below.
#[derive(Clone)]
pub struct ModeActions {
    /// Stops the music.
    pub stop_music: Action,
    /// Plays the queue, if it holds anything.
    pub play_queue: Action,
}

/// What the service needs to know of its surroundings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The settings.
    pub settings: Settings,
    /// All components.
    pub components: Components,
    /// The limits of the gate.
    pub limits: Arc<Limits>,
    /// The log lines.
    pub logs: Logs,
    /// How the daemon ends.
    pub ending: EndingHandle,
    /// The name of every service.
    pub services: Vec<String>,
}

/// Starts the device: its mode and latch as they were, and the health of its storage.
///
/// # Errors
/// Fails when the stored state cannot be read.
pub async fn start(
    context: &Context,
    settings: &Settings,
    actions: ModeActions,
) -> Result<(Device, watch::Receiver<bool>), Error> {
    resources::watch_storage(context);
    Device::start(context, settings, actions).await
}

/// Reports that the daemon serves.
pub fn announce(context: &Context) {
    let event = DaemonStarted {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        after_unclean_shutdown: context.log().identity().after_unclean_shutdown,
        startup_duration: Some(proto_duration(context.clock().uptime())),
    };
    let publisher = context.publisher::<producer::System>();
    publisher.commit(&Cause::daemon("system")).event(event).resource("daemon").send();
}
