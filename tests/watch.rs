//! The feed under everything at once: writers, readers, restarts and power cuts, judged by the checker.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cantina::pb::cantina::{
    config::v1::{Config, DeviceConfig, MusicConfig, UpdateConfigRequest},
    event::v1::{
        Event, EventSeverity, FeedFilter, GapReason, ListEventsRequest, ListEventsResponse, SnapshotMode, WatchRequest,
        WatchResponse, event_service_client::EventServiceClient, watch_response::Frame,
    },
    music::v1::SetVolumeRequest,
    system::v1::{ClearStopRequest, Mode, SetModeRequest, StopAllRequest},
};
use futures_util::future::join_all;
use pbjson_types::FieldMask;
use tokio::sync::watch;
use tonic::transport::Channel;

use crate::support::{
    PATIENCE, TestServer,
    checker::{Acknowledged, Seen, Session, Story, position},
    random::Random,
};

const MODES: [Mode; 4] = [Mode::Idle, Mode::Ambient, Mode::Interactive, Mode::Sleep];
pub const SMALL: [(&str, &str); 4] = [
    ("CANTINA_RECORD_MAX_BYTES", "1048576"),
    ("CANTINA_TRACE_MAX_BYTES", "1048576"),
    ("CANTINA_MAX_STREAMS", "200"),
    ("CANTINA_MAX_STREAMS_PER_CLIENT", "200"),
];

pub fn mode(mode: Mode, reason: &str) -> SetModeRequest {
    SetModeRequest { mode: mode.into(), reason: reason.to_owned(), ..Default::default() }
}

pub fn types(types: &[&str]) -> Option<FeedFilter> {
    Some(FeedFilter { types: types.iter().map(|one| (*one).to_owned()).collect(), ..FeedFilter::default() })
}

pub fn seconds(seconds: i64) -> Option<pbjson_types::Duration> {
    Some(pbjson_types::Duration { seconds, nanos: 0 })
}

/// Makes at least so many events, by changes of mode with long reasons.
pub async fn make_events(channel: &Channel, count: u64) {
    let change = |index: usize| async move {
        let mut system =
            cantina::pb::cantina::system::v1::system_service_client::SystemServiceClient::new(channel.clone());
        let to = if index.is_multiple_of(2) { Mode::Interactive } else { Mode::Sleep };
        let answer = system.set_mode(mode(to, &"x".repeat(200))).await.expect("a change of mode").into_inner();
        answer.commit.expect("a commit").sequence
    };
    let until = change(0).await + count;
    let one = |worker: usize| async move { while change(worker).await < until {} };
    join_all((0..32).map(one)).await;
}

/// All pages of a list.
pub async fn list_all(
    events: &mut EventServiceClient<Channel>,
    request: &ListEventsRequest,
) -> Vec<ListEventsResponse> {
    let mut pages: Vec<ListEventsResponse> = Vec::new();
    loop {
        let page_token = pages.last().map(|page| page.next_page_token.clone()).unwrap_or_default();
        let page = events.list_events(ListEventsRequest { page_token, ..request.clone() }).await.expect("a page");
        pages.push(page.into_inner());
        if pages.last().is_some_and(|page| page.next_page_token.is_empty()) {
            return pages;
        }
    }
}

pub fn sequences<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<u64> {
    events.into_iter().map(|event| event.sequence).collect()
}

// ---- The checker -----------------------------------------------------------------------------

/// What the writers and readers of one run share.
struct Run {
    /// The address while the daemon serves.
    up: watch::Receiver<Option<String>>,
    over: AtomicBool,
    /// Counts the commands that were answered.
    progress: watch::Sender<usize>,
    story: Mutex<Story>,
}

impl Run {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// A connection, as soon as the daemon serves; `None` at the end of the run.
    async fn channel(&self) -> Option<Channel> {
        let mut up = self.up.clone();
        while !self.is_over() {
            let url = up.wait_for(Option::is_some).await.ok()?.clone().expect("an address");
            match Channel::from_shared(url).expect("an address").connect().await {
                Ok(channel) => return Some(channel),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        None
    }
}

/// Gives commands until the run ends, and notes those that were answered.
async fn write(run: Arc<Run>, mut random: Random) {
    use cantina::pb::cantina::{
        config::v1::config_service_client::ConfigServiceClient, music::v1::music_service_client::MusicServiceClient,
        system::v1::system_service_client::SystemServiceClient,
    };
    // Not in the mask, so only the record of the command grows: retention gets work.
    let bulk = MusicConfig { folders: vec!["z".repeat(4000)], fade: None };
    while let Some(channel) = run.channel().await {
        let mut system = SystemServiceClient::new(channel.clone());
        let mut settings = ConfigServiceClient::new(channel.clone());
        let mut music = MusicServiceClient::new(channel);
        while !run.is_over() {
            let (method, commit) = match random.below(10) {
                0..=3 => {
                    let to = *random.pick(&MODES);
                    ("SetMode", system.set_mode(mode(to, "checker")).await.map(|answer| answer.into_inner().commit))
                }
                4..=5 => {
                    let device = DeviceConfig { name: Some(format!("device {}", random.below(1000))) };
                    let request = UpdateConfigRequest {
                        config: Some(Config { device: Some(device), music: Some(bulk.clone()), ..Config::default() }),
                        update_mask: Some(FieldMask { paths: vec!["device.name".to_owned()] }),
                        comment: "y".repeat(200),
                        ..Default::default()
                    };
                    ("UpdateConfig", settings.update_config(request).await.map(|answer| answer.into_inner().commit))
                }
                6 => {
                    let stop = StopAllRequest { reason: "checker".to_owned() };
                    ("StopAll", system.stop_all(stop).await.map(|answer| answer.into_inner().commit))
                }
                7 => {
                    let clear = ClearStopRequest::default();
                    ("ClearStop", system.clear_stop(clear).await.map(|answer| answer.into_inner().commit))
                }
                _ => {
                    let volume = f64::from(u32::try_from(random.below(101)).expect("small")) / 100.0;
                    let request = SetVolumeRequest { volume, ..Default::default() };
                    ("SetVolume", music.set_volume(request).await.map(|answer| answer.into_inner().commit))
                }
            };
            match commit {
                Ok(commit) => {
                    let sequence = commit.expect("a commit").sequence;
                    run.story.lock().expect("a lock").acknowledged.push(Acknowledged { sequence, method });
                    run.progress.send_modify(|count| *count += 1);
                }
                Err(status) if status.code() == tonic::Code::FailedPrecondition => {}
                Err(_) => break,
            }
        }
    }
}

fn random_filter(random: &mut Random) -> FeedFilter {
    let wanted: &[&str] = match random.below(8) {
        0..=2 => &[],
        3 => &["system.*"],
        4 => &["config.changed", "command.completed"],
        5 => &["system.log_recorded"],
        6 => &["music.*", "system.mode_changed"],
        _ => &["command.*"],
    };
    let severities = [EventSeverity::Unspecified, EventSeverity::Info, EventSeverity::Warning];
    let min_severity = (*random.pick(&severities)).into();
    FeedFilter { min_severity, ..types(wanted).expect("a filter") }
}

/// Subscribes again and again until the run ends, and notes every frame.
async fn read(run: Arc<Run>, mut random: Random, thorough: bool) {
    // What each token stands for: the text, and what had been seen with it.
    let mut tokens: Vec<(String, u64)> = Vec::new();
    let mut filter = FeedFilter::default();
    while let Some(channel) = run.channel().await {
        if !thorough && random.percent(25) {
            filter = random_filter(&mut random);
        }
        let token = match random.below(100) {
            0..10 if !thorough => None,
            10..30 if !thorough && !tokens.is_empty() => Some(random.pick(&tokens).clone()),
            _ => tokens.last().cloned(),
        };
        let modes = [SnapshotMode::IfNeeded, SnapshotMode::Always, SnapshotMode::Never];
        let request = WatchRequest {
            filter: Some(filter.clone()),
            resume_token: token.clone().map(|(text, _)| text).unwrap_or_default(),
            snapshot: (*random.pick(&modes)).into(),
            heartbeat_interval: seconds(1),
            ..Default::default()
        };
        let session = Session { filter: filter.clone(), from: token.map(|(_, seen)| seen), frames: Vec::new() };
        let session = follow(&run, channel, request, session, &mut tokens, &mut random, thorough).await;
        run.story.lock().expect("a lock").sessions.push(session);
    }
}

/// One subscription: until the daemon dies, the reader has enough, or the run ends.
async fn follow(
    run: &Run,
    channel: Channel,
    request: WatchRequest,
    mut session: Session,
    tokens: &mut Vec<(String, u64)>,
    random: &mut Random,
    thorough: bool,
) -> Session {
    let enough = if thorough { usize::MAX } else { 1 + random.below(400) };
    let slow = !thorough && random.percent(30);
    let Ok(stream) = EventServiceClient::new(channel).watch(request).await else { return session };
    let mut stream = stream.into_inner();
    // The thorough reader reads on until it has met its last heartbeat.
    let mut over = false;
    while session.frames.len() < enough && !over {
        let Ok(Ok(Some(response))) = tokio::time::timeout(PATIENCE, stream.message()).await else { break };
        let WatchResponse { resume_token, frame } = response;
        let Some(seen) = frame.and_then(seen) else { continue };
        let late = run.is_over();
        over = late && (!thorough || matches!(seen, Seen::Heartbeat));
        session.frames.push(seen);
        tokens.push((resume_token, position(&session, session.frames.len())));
        if slow && random.percent(20) {
            // A slow reader is what is tested here, not something that is waited for.
            tokio::time::sleep(Duration::from_millis(random.next() % 200)).await;
        }
    }
    session
}

fn seen(frame: Frame) -> Option<Seen> {
    Some(match frame {
        Frame::Subscribed(first) => Seen::Subscribed { head: first.head_sequence, parts: first.snapshot_part_count },
        Frame::SnapshotPart(part) => Seen::Part(Box::new(part)),
        Frame::SnapshotComplete(complete) => Seen::Complete(complete.sequence),
        Frame::Events(events) => Seen::Events(events.decode_events().expect("events")),
        Frame::Gap(gap) => Seen::Gap(gap),
        Frame::Heartbeat(_) => Seen::Heartbeat,
        Frame::Goodbye(_) => Seen::Goodbye,
        Frame::Telemetry(_) => return None,
    })
}

/// One run: writers, readers and power cuts for a while; then the whole story is checked.
async fn run_checker(random: &mut Random, length: Duration, kills: usize) {
    let mut server = TestServer::with(&SMALL).await;
    let (up, receiver) = watch::channel(Some(server.url().to_owned()));
    let run = Arc::new(Run {
        up: receiver,
        over: AtomicBool::new(false),
        progress: watch::Sender::new(0),
        story: Mutex::default(),
    });
    let mut tasks = Vec::new();
    for _ in 0..4 {
        tasks.push(tokio::spawn(write(Arc::clone(&run), random.fork())));
    }
    tasks.push(tokio::spawn(read(Arc::clone(&run), random.fork(), true)));
    for _ in 0..6 {
        tasks.push(tokio::spawn(read(Arc::clone(&run), random.fork(), false)));
    }
    let mut progress = run.progress.subscribe();
    for phase in 1..=kills + 1 {
        // When the power fails is part of the randomness; a busy machine gets the time it needs.
        let share = length / u32::try_from(kills + 1).expect("few");
        tokio::time::sleep(share.mul_f64(0.5 + random.below(100) as f64 / 200.0)).await;
        let enough = progress.wait_for(|count| *count >= 60 * phase);
        tokio::time::timeout(PATIENCE * 3, enough).await.expect("commands are answered").expect("the run goes on");
        if phase <= kills {
            up.send_replace(None);
            server.kill();
            tokio::task::block_in_place(|| server.launch());
            up.send_replace(Some(server.url().to_owned()));
        }
    }
    run.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("no reader or writer may panic");
    }
    let mut events = server.events().await;
    let pages = list_all(&mut events, &ListEventsRequest { page_size: 1000, ..Default::default() }).await;
    let mut story = std::mem::take(&mut *run.story.lock().expect("a lock"));
    story.listed = pages.into_iter().flat_map(|page| page.events).collect();
    story.kills = kills;
    let mut feed =
        server.watch_with(WatchRequest { filter: types(&["command.completed"]), ..Default::default() }).await;
    let Some(Frame::Subscribed(first)) = feed.frame().await else { panic!("no Subscribed") };
    story.oldest = first.oldest_sequence;
    let acknowledged = story.acknowledged.len();
    let tally = story.check().unwrap_or_else(|wrong| panic!("{wrong}\n{}", server.log()));
    println!("{acknowledged} commands acknowledged, {kills} kills: {tally:?}");
    assert!(
        acknowledged > 50
            && tally.snapshots > 0
            && tally.folds > 0
            && tally.sessions > 7
            && tally.events >= acknowledged / 2,
        "{tally:?}"
    );
    assert!(kills == 0 || tally.gaps.contains_key(&GapReason::UncleanShutdown.into()), "{tally:?}");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// Rounds of eight seconds with two power cuts each; one round unless `CANTINA_CHECKER_ROUNDS` says more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_keeps_its_guarantees_whatever_readers_writers_and_the_power_do() {
    let rounds = std::env::var("CANTINA_CHECKER_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut random = Random::seeded();
    for round in 1..=rounds {
        println!("round {round} of {rounds}");
        run_checker(&mut random, Duration::from_secs(8), 2).await;
    }
}

// ---- One guarantee at a time -----------------------------------------------------------------
