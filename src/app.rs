//! The whole daemon: the only place that knows every feature.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::watch;
use tonic::service::Routes;
use tracing::{error, info};

use crate::{
    audio,
    call::Cause,
    cli::{LogFilter, log_filter},
    clock::{self, Clock},
    config::{self, Change, Loaded, Settings},
    context::Context,
    event::{self, EventLog, Retention},
    music::{self, KeepOutput, Player},
    pb::{
        CONTRACT,
        cantina::{
            config::v1::{AudioConfig, Config, config_service_server::ConfigServiceServer},
            event::v1::event_service_server::EventServiceServer,
            music::v1::music_service_server::MusicServiceServer,
            system::v1::system_service_server::SystemServiceServer,
        },
    },
    policy::{Limits, Policy, Roles},
    server::{self, Listener, Site},
    stats::Stats,
    storage::Database,
    system::{self, Ending, EndingHandle, Logs, ModeActions, Resources, Surroundings},
};

/// How long tasks may take to end before the daemon goes without them.
const PATIENCE: Duration = Duration::from_millis(500);

/// A daemon that serves.
#[derive(Debug)]
pub struct App {
    context: Context,
    address: SocketAddr,
    ending: EndingHandle,
    server: tokio::task::JoinHandle<()>,
}

impl App {
    /// Starts everything and answers when it serves.
    ///
    /// # Errors
    /// Fails when the data directory or the address cannot be used.
    pub async fn start(loaded: Loaded, logs: Logs, clock: Clock, filter: LogFilter) -> anyhow::Result<Self> {
        let boot = loaded.layers.effective();
        let database = Database::open(boot.storage.clone().unwrap_or_default().data_dir().as_ref()).await?;
        let (retention_sender, retention) = watch::channel(retention(&boot));
        let (log, writer) = EventLog::open(database.clone(), clock.clone(), retention).await?;
        tokio::spawn(writer);
        let context = Context::new(clock, database, log);
        let settings = config::start(&context, loaded).await?;
        let config = settings.current();
        let (server, ending) = (config.server.clone().unwrap_or_default(), EndingHandle::new(&context));
        let listener = Listener::bind(config::address(server.listen())?)
            .await
            .map_err(|error| address_error(server.listen(), &error))?;
        let address = listener.address()?;
        follow_retention(&context, settings.follow(), retention_sender);
        follow_log_filter(&context, settings.follow(), filter);
        logs.publish(&context);

        let audio = audio::start(&context, &config)?;
        let (player, library) =
            music::start(&context, audio.clone(), settings.follow(), keep_output(&settings)).await?;
        let (device, stopped) = system::start(&context, &settings, mode_actions(&player)).await?;
        let limits = Limits::new(server.max_streams(), server.max_streams_per_client(), server.max_concurrent_calls());
        let policy = Policy::new(context.log().clone(), stopped, Roles::new(server.unprotected()), limits);
        Resources::start(&context, Arc::clone(policy.limits()), Arc::new(move || audio.underrun_frames()));
        let surroundings = Surroundings {
            settings: settings.clone(),
            components: context.components().clone(),
            limits: Arc::clone(policy.limits()),
            logs,
            ending: ending.clone(),
            services: service_names(),
        };

        let (health, health_service) = tonic_health::server::health_reporter();
        let mut routes = Routes::builder();
        routes
            .add_service(EventServiceServer::new(event::Service::new(
                context.log().clone(),
                context.telemetry().clone(),
                context.shutdown().clone(),
                ending.goodbye(),
            )))
            .add_service(SystemServiceServer::new(system::Service::new(context.clone(), device, surroundings)))
            .add_service(ConfigServiceServer::new(config::Service::new(settings)))
            .add_service(MusicServiceServer::new(music::Service::new(player, library)))
            .add_service(health_service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        health.set_service_status("", tonic_health::ServingStatus::Serving).await;
        for service in service_names() {
            health.set_service_status(service, tonic_health::ServingStatus::Serving).await;
        }

        // The first reader must find the whole snapshot.
        context.log().flush().await;
        let stats = Stats::start(&context, policy.clone());
        let site = Site::new(routes.routes(), policy, stats, address.ip().is_loopback());
        let server = tokio::spawn(server::run(listener, site, context.shutdown().clone()));
        system::announce(&context);
        info!(%address, startup = ?context.clock().uptime(), "cantinad serves");
        Ok(Self { context, address, ending, server })
    }

    /// The address that is served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What every part of the daemon is given.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Ends the daemon with a goodbye to its readers.
    pub fn end(&self, reason: &str) {
        self.ending.end(Ending::Shutdown, Duration::ZERO, reason.to_owned(), &Cause::daemon("system"));
    }

    /// Waits until the daemon has ended, by whatever way, and has put everything on disk.
    pub async fn ended(self) -> Ending {
        self.context.shutdown().cancelled().await;
        if let Err(error) = self.server.await {
            error!(%error, "the listener has died");
        }
        if tokio::time::timeout(PATIENCE, self.context.wait()).await.is_err() {
            error!("some tasks did not end in time");
        }
        self.context.log().close().await;
        self.ending.ending()
    }
}

fn address_error(listen: &str, error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!(
        "cannot listen on {listen}: {error}. Is another cantinad running? Choose another address with --listen."
    )
}

/// The full names of the contract's services that this daemon serves.
fn service_names() -> Vec<String> {
    let mut names: Vec<String> = crate::pb::registry::METHODS
        .iter()
        .filter_map(|method| Some(method.name.split_once('/')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(CONTRACT)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// What modes ask of the player.
fn mode_actions(player: &Player) -> ModeActions {
    let (stopped, played) = (player.clone(), player.clone());
    ModeActions {
        stop_music: Arc::new(move |cause| {
            let player = stopped.clone();
            Box::pin(async move { Ok(player.stop_for(cause).await.map(drop)?) })
        }),
        play_queue: Arc::new(move |cause| {
            let player = played.clone();
            Box::pin(async move {
                match player.play_queue_for(cause).await {
                    Ok(_) | Err(music::Error::QueueEmpty) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            })
        }),
    }
}

/// Keeps the choice of an output as a revision of the settings.
fn keep_output(settings: &Settings) -> KeepOutput {
    let settings = settings.clone();
    Arc::new(move |output, cause| {
        let settings = settings.clone();
        let audio = Some(AudioConfig { output: Some(output), ..AudioConfig::default() });
        let change = Change {
            config: Config { audio, ..Config::default() },
            paths: vec!["audio.output".to_owned()],
            comment: "another output was chosen".to_owned(),
            ..Change::default()
        };
        Box::pin(async move { Ok(settings.update(change, cause).await.map(drop)?) })
    })
}

fn retention(config: &Config) -> Retention {
    let storage = config.storage.clone().unwrap_or_default();
    let age = |age: &Option<pbjson_types::Duration>| age.as_ref().and_then(clock::duration).unwrap_or(Duration::MAX);
    Retention {
        record_max_bytes: storage.record_max_bytes(),
        record_max_age: age(&storage.record_max_age),
        trace_max_bytes: storage.trace_max_bytes(),
        trace_max_age: age(&storage.trace_max_age),
    }
}

fn follow_retention(context: &Context, settings: config::Receiver, retained: watch::Sender<Retention>) {
    follow(context, settings, move |config| {
        retained.send_replace(retention(config));
    });
}

fn follow_log_filter(context: &Context, settings: config::Receiver, filter: LogFilter) {
    follow(context, settings, move |config| {
        let wanted = log_filter(config.log.clone().unwrap_or_default().filter());
        if let Err(error) = wanted.map_err(anyhow::Error::from).and_then(|wanted| Ok(filter.reload(wanted)?)) {
            error!(%error, "the log filter cannot be changed");
        }
    });
}

/// Runs a function with the settings whenever they change.
fn follow(context: &Context, mut settings: config::Receiver, mut apply: impl FnMut(&Config) + Send + 'static) {
    let shutdown = context.shutdown().clone();
    context.spawn("settings follower", async move {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = settings.changed() => match changed {
                    Ok(()) => apply(&settings.borrow_and_update()),
                    Err(_) => return,
                },
            }
        }
    });
}
