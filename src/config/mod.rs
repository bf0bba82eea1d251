//! The settings: defaults, file, environment and revisions made at run time.

mod layers;
mod rules;
mod service;
mod settings;
mod source;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    context::Context,
    error::{Explain, Failure},
    pb::cantina::{config::v1::Config, error::v1::ErrorReason},
    storage,
};

pub use layers::{Layers, defaults};
pub use rules::{address, check_whole};
pub use service::Service;
pub use settings::{Change, Settings};
pub use source::{read_environment, read_file};

/// What can go wrong with settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings file cannot be used.
    #[error("the settings file {path} is broken: {what}")]
    FileBroken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// An environment variable does not hold a value of its setting.
    #[error("the environment variable {variable} is broken: {what}")]
    Environment {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Rules of the contract are broken.
    #[error("{0}")]
    Rules(Failure),
    /// A setting cannot be used.
    #[error("{path}: {what}")]
    Invalid {
        /// The setting.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// A change names no path, or too many.
    #[error("the update mask names {0} paths, and must name 1 to 64")]
    Paths(usize),
    /// The settings changed since the client read them.
    #[error("the settings changed since they were read")]
    Etag {
        /// The etag of the settings now.
        current: String,
    },
    /// No revision has the number.
    #[error("there is no revision {0}")]
    RevisionUnknown(u64),
    /// Nothing waits for confirmation.
    #[error("no revision waits for confirmation")]
    NothingPending,
    /// A revision waits for confirmation.
    #[error("revision {0} still waits for confirmation")]
    Pending(u64),
    /// The page token is not one of this list.
    #[error("the page token does not belong to this list")]
    PageToken,
    /// The revisions cannot be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl Error {
    fn invalid(path: impl Into<String>, what: impl ToString) -> Self {
        Self::Invalid { path: path.into(), what: what.to_string() }
    }
}

impl Explain for Error {
    fn failure(&self) -> Failure {
        let failure = |reason| Failure::new(reason, self);
        match self {
            Self::FileBroken { .. } => failure(ErrorReason::ConfigFileBroken).precondition("settings file"),
            Self::Environment { variable, what } => {
                failure(ErrorReason::ConfigInvalid).field(*variable, "environment", what)
            }
            Self::Rules(failure) => failure.clone(),
            Self::Invalid { path, what } => {
                failure(ErrorReason::ConfigInvalid).field(format!("config.{path}"), "usable", what)
            }
            Self::Paths(_) => failure(ErrorReason::ValidationFailed).field(
                "update_mask.paths",
                "repeated.min_items",
                "must name 1 to 64 paths",
            ),
            Self::Etag { current } => failure(ErrorReason::EtagMismatch).fact("etag", current),
            Self::RevisionUnknown(number) => {
                failure(ErrorReason::ConfigRevisionUnknown).resource("config revision", number.to_string())
            }
            Self::NothingPending => failure(ErrorReason::ConfigNothingPending).precondition("pending revision"),
            Self::Pending(_) => {
                failure(ErrorReason::ConfigPending).precondition("pending revision").retry_after(Duration::from_secs(5))
            }
            Self::PageToken => failure(ErrorReason::PageTokenInvalid).field("page_token", "token", self.to_string()),
            Self::Storage(error) => error.failure(),
        }
    }
}

/// What is known of the settings before the data directory is open.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The layers of the file and the environment.
    pub layers: Layers,
    /// The settings file, when there is one.
    pub file: Option<PathBuf>,
    /// Why the file is not used: the daemon runs in safe mode.
    pub problem: Option<Failure>,
}

impl Loaded {
    /// Reads the settings of a file and of an environment. A broken file is kept as the problem and
    /// the rest goes on without it, so that the daemon can start and be mended.
    ///
    /// # Errors
    /// Fails when the environment or the command line is broken, or when the settings as a whole
    /// cannot be started with: nobody is there yet to mend them.
    pub fn read(file: Option<&Path>, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let environment = read_environment(lookup)?;
        let (in_file, problem) = match file.map(read_file).transpose() {
            Ok(config) => (config.unwrap_or_default(), None),
            Err(error) => (Config::default(), Some(error.failure())),
        };
        let layers = Layers { file: in_file, environment, overrides: Config::default() };
        rules::check_whole(&layers.effective())?;
        Ok(Self { layers, file: file.map(Path::to_owned), problem })
    }
}

/// Follows the settings in force.
pub type Receiver = watch::Receiver<Arc<Config>>;

/// Starts the settings: reads the revisions and takes back one that was never confirmed.
///
/// # Errors
/// Fails when the revisions cannot be read.
pub async fn start(context: &Context, loaded: Loaded) -> Result<Settings, Error> {
    Settings::start(context, loaded).await
}
