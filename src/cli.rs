//! The command line.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt, reload, util::SubscriberInitExt};

use crate::{
    config::{self, Layers, Loaded},
    docs, doctor, music,
    system::Logs,
};

/// Changes what is logged while the daemon runs.
pub type LogFilter = reload::Handle<EnvFilter, Registry>;

/// The daemon inside things that talk, play and glow.
///
/// Without a command it serves: the dashboard, gRPC, gRPC-Web and JSON on one address. Settings come
/// from the file, then the environment (CANTINA_*), then these options, then the Settings page.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// Settings file (TOML, or JSON by its name) [default: $XDG_CONFIG_HOME/cantina/cantina.toml if it exists]
    #[arg(long, value_name = "FILE", global = true, env = "CANTINA_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Folder of the database [default: $XDG_DATA_HOME/cantina]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Music folders, separated by colons [default: ~/Music]
    #[arg(long, value_name = "FOLDERS")]
    music: Option<String>,
    /// Sound output: default, a device name, null, or wav:FILE
    #[arg(long, value_name = "OUTPUT")]
    output: Option<String>,
    /// Accept that everybody who reaches the address holds every role
    #[arg(long)]
    unprotected: bool,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test this machine: sound (plays a tone), disk, settings, GPIO, serial ports
    Doctor,
    /// Check a settings file and print the settings that would be in force
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
    /// Make a few tracks of demo music in a folder; files that exist are left as they are
    MakeDemoMusic {
        /// The folder; it is made if it is missing.
        folder: PathBuf,
    },
    /// Write the reference pages, which are made from the contract
    #[command(hide = true)]
    Docs {
        /// The folder; it is made if it is missing.
        folder: PathBuf,
    },
}

impl Arguments {
    /// The settings file: the one that is named, or the usual one if it exists.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| {
            let home = || Some(std::env::home_dir()?.join(".config"));
            let base = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home)?;
            Some(base.join("cantina/cantina.toml")).filter(|file| file.exists())
        })
    }

    /// An environment variable, or the option that stands for it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        let option = match name {
            "CANTINA_LISTEN" => self.listen.clone(),
            "CANTINA_DATA_DIR" => self.data_dir.clone(),
            "CANTINA_MUSIC_DIRS" => self.music.clone(),
            "CANTINA_AUDIO_OUTPUT" => self.output.clone(),
            "CANTINA_UNPROTECTED" => self.unprotected.then(|| "true".to_owned()),
            _ => None,
        };
        option.or_else(|| std::env::var(name).ok())
    }
}

impl Command {
    /// Does it.
    #[must_use]
    pub fn run(&self, arguments: &Arguments) -> ExitCode {
        let result = match self {
            Self::Doctor => {
                return doctor::run(Loaded::read(arguments.config_file().as_deref(), |name| arguments.variable(name)));
            }
            Self::CheckConfig { file } => check_config(file),
            Self::MakeDemoMusic { folder } => make_demo_music(folder),
            Self::Docs { folder } => docs::write(folder).map_err(Into::into),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cantinad: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

fn check_config(file: &Path) -> anyhow::Result<()> {
    let in_file = config::read_file(file)?;
    let layers = Layers { file: in_file, ..Layers::default() };
    config::check_whole(&layers.effective())?;
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&layers.effective())?)?;
    eprintln!("{} is good.", file.display());
    Ok(())
}

fn make_demo_music(folder: &Path) -> anyhow::Result<()> {
    let made = music::demo::make(folder, |step| eprintln!("{}/{} {}", step.done, step.total, step.path.display()))?;
    writeln!(io::stdout(), "{} tracks in {}", made.len(), folder.display())?;
    Ok(())
}

/// Begins to log: to the standard error and into the ring that the dashboard shows. Answers the
/// handle that changes the filter.
///
/// # Errors
/// Fails when the filter of the settings is none.
pub fn start_logging(loaded: &Loaded, logs: &Logs) -> anyhow::Result<LogFilter> {
    let log = loaded.layers.effective().log.unwrap_or_default();
    let (filter, handle) = reload::Layer::new(log_filter(log.filter())?);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter).with(lines).with(logs.tap()).try_init()?;
    Ok(handle)
}

/// What the settings select. Decoders and sound servers describe every file and every connection in
/// their own log; what matters of it stands in the library and in the health, so they are quiet unless
/// the settings name them.
///
/// # Errors
/// Fails when the text is no filter.
pub fn log_filter(text: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    EnvFilter::try_new(format!("symphonia=off,lofty=off,pulseaudio=off,{text}"))
}

/// Waits for a signal that asks the program to end, and names it.
pub async fn end_signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => "interrupted",
        () = wait(SignalKind::terminate()) => "terminated",
    }
}

/// Starts the program again in the same process, with the same arguments and environment.
#[must_use]
pub fn restart() -> ExitCode {
    let program = std::env::current_exe().unwrap_or_else(|_| "cantinad".into());
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).exec();
    eprintln!("cantinad: cannot start again: {error}");
    ExitCode::FAILURE
}
