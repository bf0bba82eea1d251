//! A real daemon for each test: its own process, data directory and port.

pub mod checker;
pub mod random;
pub mod raw;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use cantina::pb::cantina::{
    config::v1::config_service_client::ConfigServiceClient,
    error::v1::{CommandError, ErrorReason},
    event::v1::{
        Event, SnapshotPart, WatchRequest, WatchResponse, event_service_client::EventServiceClient,
        watch_response::Frame,
    },
    music::v1::music_service_client::MusicServiceClient,
    system::v1::system_service_client::SystemServiceClient,
};
use prost::Message;
use tempfile::TempDir;
use tonic::{Status, Streaming, transport::Channel};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon with the null output on a free port.
pub struct TestServer {
    child: Option<Child>,
    address: String,
    pub folder: TempDir,
    environment: Vec<(String, String)>,
}

impl TestServer {
    /// Starts a daemon with an empty data directory.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a daemon with more environment variables.
    pub async fn with(environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("music")).expect("a music folder");
        Self::within(folder, environment).await
    }

    /// Starts a daemon in a folder that a test has prepared: `data` and `music` lie in it.
    pub async fn within(folder: TempDir, environment: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(own).collect();
        let mut server = Self { child: None, address: String::new(), folder, environment };
        server.launch();
        server
    }

    /// Starts the daemon again after [`TestServer::kill`] or its own end.
    pub fn launch(&mut self) {
        if self.address.is_empty() {
            // A port of its own, so that a restart comes back under the same address.
            let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            self.address = format!("http://{}", probe.local_addr().expect("an address"));
        }
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cantinad starts");
        let stderr = child.stderr.take().expect("a pipe");
        let log = self.folder.path().join("log");
        std::thread::spawn(move || {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log file");
            let _ended = std::io::copy(&mut BufReader::new(stderr), &mut file);
        });
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines.next().unwrap_or_else(|| panic!("cantinad ended: {}", self.log())).expect("text");
        assert!(line.ends_with(&self.address), "{line}");
        self.child = Some(child);
        // A restart in place prints another line; nobody reads it, so the pipe must not block.
        std::thread::spawn(move || lines.for_each(drop));
    }

    /// The command that starts this daemon.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cantinad"));
        let listen = self.address.trim_start_matches("http://");
        command
            .env_remove("CANTINA_CONFIG")
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("CANTINA_LISTEN", listen)
            .env("CANTINA_DATA_DIR", self.data_dir())
            .env("CANTINA_MUSIC_DIRS", self.music_dir())
            .env("CANTINA_AUDIO_OUTPUT", "null")
            .envs(self.environment.iter().cloned());
        command
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn music_dir(&self) -> PathBuf {
        self.folder.path().join("music")
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.address
    }

    /// What the daemon has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Ends the daemon as a power cut would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("a signal");
        child.wait().expect("an exit status");
    }

    /// Asks the daemon to end, and waits until it has.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("a signal");
        let status = self.child.take().expect("it runs").wait().expect("an exit status");
        (status, begun.elapsed())
    }

    /// Waits until the daemon has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.take().expect("it runs").wait().expect("an exit status")
    }

    /// A connection.
    pub async fn channel(&self) -> Channel {
        Channel::from_shared(self.address.clone()).expect("an address").connect().await.expect("a connection")
    }

    pub async fn system(&self) -> SystemServiceClient<Channel> {
        SystemServiceClient::new(self.channel().await)
    }

    pub async fn config(&self) -> ConfigServiceClient<Channel> {
        ConfigServiceClient::new(self.channel().await)
    }

    pub async fn events(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(self.channel().await)
    }

    pub async fn music(&self) -> MusicServiceClient<Channel> {
        MusicServiceClient::new(self.channel().await)
    }

    /// Follows the feed from its head on, with the snapshot.
    pub async fn watch(&self) -> Feed {
        self.watch_with(WatchRequest::default()).await
    }

    /// Follows the feed as asked.
    pub async fn watch_with(&self, request: WatchRequest) -> Feed {
        let stream = self.events().await.watch(request).await.expect("a feed").into_inner();
        Feed { stream, waiting: Vec::new(), parts: Vec::new(), token: String::new() }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended = child.kill();
            let _status = child.wait();
        }
    }
}

/// A feed and what it has shown.
pub struct Feed {
    stream: Streaming<WatchResponse>,
    waiting: Vec<Event>,
    pub parts: Vec<SnapshotPart>,
    pub token: String,
}

impl Feed {
    /// The next frame; `None` when the stream is over.
    pub async fn frame(&mut self) -> Option<Frame> {
        let frame = tokio::time::timeout(PATIENCE, self.stream.message()).await.expect("a frame in time");
        let response = frame.expect("a frame")?;
        self.token = response.resume_token;
        response.frame
    }

    /// Reads up to the end of the snapshot.
    pub async fn snapshot(&mut self) -> u64 {
        loop {
            match self.frame().await.expect("a snapshot") {
                Frame::SnapshotPart(part) => self.parts.push(part),
                Frame::SnapshotComplete(complete) => return complete.sequence,
                Frame::Events(events) => self.waiting.extend(events.decode_events().expect("events")),
                _ => {}
            }
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> Event {
        loop {
            if !self.waiting.is_empty() {
                return self.waiting.remove(0);
            }
            if let Frame::Events(events) = self.frame().await.expect("the feed goes on") {
                self.waiting.extend(events.decode_events().expect("events"));
            }
        }
    }

    /// The next event of a type.
    pub async fn event_of(&mut self, wanted: &str) -> Event {
        loop {
            let event = self.event().await;
            if event.r#type == wanted {
                return event;
            }
        }
    }
}

/// The reason of a failure, and everything that its details carry.
pub struct Explained {
    pub reason: ErrorReason,
    pub command: CommandError,
    pub fields: Vec<(String, String, String)>,
}

/// Reads the details of a failure; every failure of ours has exactly one ErrorInfo and one
/// CommandError, and they agree.
pub fn explain(status: &Status) -> Explained {
    let rich = tonic_types::pb::Status::decode(status.details()).expect("a google.rpc.Status");
    assert_eq!((rich.code, rich.message.as_str()), (status.code() as i32, status.message()));
    let of = |name: &str| rich.details.iter().filter(|any| any.type_url.ends_with(name)).collect::<Vec<_>>();
    let (infos, commands) = (of("google.rpc.ErrorInfo"), of("cantina.error.v1.CommandError"));
    assert_eq!((infos.len(), commands.len()), (1, 1), "{status:?}");
    let info = tonic_types::pb::ErrorInfo::decode(infos[0].value.as_slice()).expect("an ErrorInfo");
    let command = CommandError::decode(commands[0].value.as_slice()).expect("a CommandError");
    assert_eq!(info.reason, command.reason().info().name);
    assert_eq!((info.domain.as_str(), rich.code), ("cantina", command.reason().info().code));
    assert!(!command.recovery.is_empty() && status.message().contains(&command.recovery));
    let fields = of("google.rpc.BadRequest").into_iter().flat_map(|any| {
        tonic_types::pb::BadRequest::decode(any.value.as_slice()).expect("a BadRequest").field_violations
    });
    let fields = fields.map(|violation| (violation.field, violation.reason, violation.description)).collect();
    Explained { reason: command.reason(), command, fields }
}

/// A fresh request id.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
