//! The feed and its guarantees.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use cantina::pb::cantina::{
    config::v1::{Config, DeviceConfig, MusicConfig, UpdateConfigRequest},
    error::v1::ErrorReason,
    event::v1::{
        Event, EventSeverity, FeedFilter, GapReason, ListEventsRequest, ListEventsResponse, SnapshotMode,
        TelemetryRequest, WatchRequest, WatchResponse, event_service_client::EventServiceClient, watch_response::Frame,
    },
    music::v1::SetVolumeRequest,
    system::v1::{ClearStopRequest, Mode, SetModeRequest, StopAllRequest},
};
use futures_util::future::join_all;
use pbjson_types::FieldMask;
use tokio::sync::watch;
use tonic::transport::Channel;

use crate::support::{
    Feed, PATIENCE, TestServer,
    checker::{Acknowledged, Seen, Session, Story, position},
    explain,
    random::Random,
};

const MODES: [Mode; 4] = [Mode::Idle, Mode::Ambient, Mode::Interactive, Mode::Sleep];
const SMALL: [(&str, &str); 4] = [
    ("CANTINA_RECORD_MAX_BYTES", "1048576"),
    ("CANTINA_TRACE_MAX_BYTES", "1048576"),
    ("CANTINA_MAX_STREAMS", "200"),
    ("CANTINA_MAX_STREAMS_PER_CLIENT", "200"),
];

fn mode(mode: Mode, reason: &str) -> SetModeRequest {
    SetModeRequest { mode: mode.into(), reason: reason.to_owned(), ..Default::default() }
}

fn types(types: &[&str]) -> Option<FeedFilter> {
    Some(FeedFilter { types: types.iter().map(|one| (*one).to_owned()).collect(), ..FeedFilter::default() })
}

fn seconds(seconds: i64) -> Option<pbjson_types::Duration> {
    Some(pbjson_types::Duration { seconds, nanos: 0 })
}

/// Makes at least so many events, by changes of mode with long reasons.
async fn make_events(channel: &Channel, count: u64) {
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
async fn list_all(events: &mut EventServiceClient<Channel>, request: &ListEventsRequest) -> Vec<ListEventsResponse> {
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

fn sequences<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<u64> {
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

#[tokio::test]
async fn a_wiped_device_is_told_as_a_reset_with_a_fresh_snapshot() {
    let mut server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let token = feed.token.clone();
    server.kill();
    std::fs::remove_dir_all(server.data_dir()).expect("a wiped device");
    server.launch();
    let mut again = server.watch_with(WatchRequest { resume_token: token, ..Default::default() }).await;
    let Some(Frame::Subscribed(first)) = again.frame().await else { panic!("no Subscribed") };
    assert!(first.snapshot_part_count > 0);
    let Some(Frame::Gap(gap)) = again.frame().await else { panic!("no gap") };
    assert_eq!((gap.reason(), gap.first_sequence, gap.last_sequence), (GapReason::DeviceReset, 1, first.head_sequence));
    assert_eq!(again.snapshot().await, first.head_sequence);
}

#[tokio::test]
async fn a_power_cut_leaves_exactly_one_gap_and_no_number_is_used_twice() {
    let mut server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let commit = server.system().await.set_mode(mode(Mode::Sleep, "")).await.expect("a change").into_inner().commit;
    while feed.event().await.sequence < commit.expect("a commit").sequence {}
    let (token, mut last) = (feed.token.clone(), commit.expect("a commit").sequence);
    server.kill();
    server.launch();
    let mut again = server.watch_with(WatchRequest { resume_token: token, ..Default::default() }).await;
    let mut gaps = Vec::new();
    let mut started = false;
    while !started {
        match again.frame().await.expect("the feed goes on") {
            Frame::Gap(gap) => {
                assert_eq!((gap.reason(), gap.first_sequence), (GapReason::UncleanShutdown, last + 1));
                last = gap.last_sequence;
                gaps.push(gap);
            }
            Frame::Events(events) => {
                for event in events.decode_events().expect("events") {
                    assert_eq!(event.sequence, last + 1, "nothing is missing but what the gap names");
                    last = event.sequence;
                    started |= event.r#type == "system.daemon_started";
                }
            }
            _ => {}
        }
    }
    assert_eq!(gaps.len(), 1, "{gaps:?}");
}

#[tokio::test]
async fn what_retention_has_removed_is_named_and_everything_else_is_delivered() {
    let mut server = TestServer::with(&SMALL).await;
    let mut feed = server.watch().await;
    let first = feed.snapshot().await;
    let token = feed.token.clone();
    make_events(&server.channel().await, 8_000).await;
    // Retention goes in small steps; a reader without a token tells how far it has come.
    let begun = Instant::now();
    while oldest(&server).await <= first + 1 {
        assert!(begun.elapsed() < PATIENCE, "retention does nothing while commands go on");
        server.system().await.set_mode(mode(Mode::Idle, "")).await.expect("a change");
    }
    server.terminate();
    server.launch();
    let mut feed = server.watch_with(WatchRequest { resume_token: token, ..Default::default() }).await;
    let (mut last, mut named, mut reasons) = (first, first, BTreeSet::new());
    let head = loop {
        match feed.frame().await.expect("the feed goes on") {
            Frame::Subscribed(subscribed) => {
                assert!(subscribed.snapshot_part_count > 0, "what is lost is in a snapshot")
            }
            Frame::Gap(gap) => {
                assert_eq!(gap.first_sequence, last.max(named) + 1);
                named = gap.last_sequence;
                reasons.insert(gap.reason());
            }
            Frame::Events(events) => {
                for event in events.decode_events().expect("events") {
                    assert!(event.sequence == last + 1 || event.sequence <= named + 1, "{last} {named}");
                    assert!(event.sequence > last);
                    last = event.sequence;
                }
            }
            Frame::SnapshotComplete(complete) => break complete.sequence,
            _ => {}
        }
    };
    assert_eq!((last, reasons.into_iter().collect::<Vec<_>>()), (head, vec![GapReason::Retention]));
}

/// The oldest sequence that is still kept of everything.
async fn oldest(server: &TestServer) -> u64 {
    let mut feed = server.watch().await;
    let Some(Frame::Subscribed(first)) = feed.frame().await else { panic!("no Subscribed") };
    first.oldest_sequence
}

#[tokio::test]
async fn a_token_of_another_filter_is_told_what_it_has_not_seen() {
    let server = TestServer::start().await;
    let request =
        WatchRequest { filter: types(&["music.*"]), snapshot: SnapshotMode::Never.into(), ..Default::default() };
    let mut feed = server.watch_with(request.clone()).await;
    let Some(Frame::Subscribed(first)) = feed.frame().await else { panic!("no Subscribed") };
    let changed = WatchRequest { filter: types(&["system.*"]), resume_token: feed.token.clone(), ..request.clone() };
    let mut feed = server.watch_with(changed).await;
    feed.frame().await;
    let Some(Frame::Gap(gap)) = feed.frame().await else { panic!("no gap") };
    assert_eq!((gap.reason(), gap.first_sequence), (GapReason::FilterChanged, 1));
    assert!(gap.last_sequence >= first.head_sequence);
}

#[tokio::test]
async fn every_frame_s_token_resumes_exactly_behind_it_even_from_disk() {
    let mut server = TestServer::start().await;
    let mut feed = server.watch_with(WatchRequest { snapshot: SnapshotMode::Never.into(), ..Default::default() }).await;
    feed.frame().await;
    let token = feed.token.clone();
    for _ in 0..20 {
        server.system().await.set_mode(mode(Mode::Sleep, "")).await.expect("a change");
        server.system().await.set_mode(mode(Mode::Idle, "")).await.expect("a change");
    }
    server.terminate();
    server.launch();
    // Nothing of it is in memory now: one read of the disk makes many frames.
    let resume = |resume_token: String| WatchRequest { resume_token, ..Default::default() };
    let whole = read_until_started(server.watch_with(resume(token.clone())).await).await;
    let (mut stepwise, mut token) = (Vec::new(), token);
    while stepwise.len() < whole.len() {
        let mut feed = server.watch_with(resume(token.clone())).await;
        loop {
            if let Frame::Events(events) = feed.frame().await.expect("a frame") {
                stepwise.extend(sequences(&events.decode_events().expect("events")));
                break;
            }
        }
        token.clone_from(&feed.token);
    }
    stepwise.truncate(whole.len());
    assert_eq!(stepwise, whole);
}

async fn read_until_started(mut feed: Feed) -> Vec<u64> {
    let mut seen = Vec::new();
    loop {
        let event = feed.event().await;
        seen.push(event.sequence);
        if event.r#type == "system.daemon_started" {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_never_reads_costs_no_memory_and_catches_up_exactly() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let resident = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line").to_owned();
        line.split_whitespace().nth(1).expect("a number").parse::<u64>().expect("a number") / 1024
    };
    // First the ring and the caches fill, which costs the same whoever reads.
    make_events(&channel, 8_000).await;
    let mut feed = server.watch_with(WatchRequest { snapshot: SnapshotMode::Never.into(), ..Default::default() }).await;
    let Some(Frame::Subscribed(first)) = feed.frame().await else { panic!("no Subscribed") };
    let before = resident();
    make_events(&channel, 20_000).await;
    let after = resident();
    println!("{before} MiB before, {after} MiB after 20,000 events of about 10 MB");
    assert!(after < before + 6, "{before} MiB became {after} MiB");
    let newest = ListEventsRequest { page_size: 1, newest_first: true, ..Default::default() };
    let head = server.events().await.list_events(newest).await.expect("a page").into_inner().as_of_sequence;
    assert!(head >= first.head_sequence + 20_000);
    for expected in first.head_sequence + 1..=head {
        assert_eq!(feed.event().await.sequence, expected);
    }
}

#[tokio::test]
async fn pages_forwards_backwards_and_the_feed_tell_the_same() {
    let server = TestServer::start().await;
    make_events(&server.channel().await, 120).await;
    let mut events = server.events().await;
    for filter in [None, types(&["system.*"]), types(&["command.completed"])] {
        let request = ListEventsRequest { filter: filter.clone(), page_size: 7, ..Default::default() };
        let forwards = list_all(&mut events, &request).await;
        let pages = list_all(&mut events, &ListEventsRequest { newest_first: true, ..request.clone() }).await;
        assert!(forwards.len() > 3 && forwards.iter().rev().skip(1).all(|page| page.events.len() == 7));
        let list = sequences(forwards.iter().flat_map(|page| &page.events));
        let mut backwards = sequences(pages.iter().flat_map(|page| &page.events));
        backwards.reverse();
        assert_eq!(list, backwards);
        // List, then watch on: a change that comes between the two is in the feed, and only there.
        let last = forwards.last().expect("a page");
        server.system().await.set_mode(mode(Mode::Ambient, "")).await.expect("a change");
        server.system().await.set_mode(mode(Mode::Idle, "")).await.expect("a change");
        let mut feed = server
            .watch_with(WatchRequest { filter, resume_token: last.resume_token.clone(), ..Default::default() })
            .await;
        let joined = feed.event().await.sequence;
        assert!(joined > last.as_of_sequence && joined > *list.last().expect("events"));
        let all = list_all(&mut events, &request).await;
        let all = sequences(all.iter().flat_map(|page| &page.events));
        assert_eq!(all[list.len()], joined, "no hole and no overlap");
        let after = ListEventsRequest { after_sequence: joined - 1, ..request };
        assert_eq!(list_all(&mut events, &after).await[0].events[0].sequence, joined);
    }
}

#[tokio::test]
async fn a_page_token_belongs_to_its_list_and_a_resume_token_to_the_feed() {
    let server = TestServer::start().await;
    make_events(&server.channel().await, 10).await;
    let mut events = server.events().await;
    let request = ListEventsRequest { page_size: 2, ..Default::default() };
    let page = events.list_events(request.clone()).await.expect("a page").into_inner();
    let again = |page_token: &str| ListEventsRequest { page_token: page_token.to_owned(), ..request.clone() };
    let own = again(&page.next_page_token);
    events.list_events(own.clone()).await.expect("its own token");
    let others = [
        ListEventsRequest { filter: types(&["system.*"]), ..own.clone() },
        ListEventsRequest { newest_first: true, ..own.clone() },
        ListEventsRequest { after_sequence: 1, ..own.clone() },
        again(&page.resume_token),
        again("nonsense"),
    ];
    for other in others {
        let status = events.list_events(other.clone()).await.expect_err("another list");
        assert_eq!(explain(&status).reason, ErrorReason::PageTokenInvalid, "{other:?}");
    }
    for token in ["nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let request = WatchRequest { resume_token: token.to_owned(), ..Default::default() };
        let status = events.watch(request).await.expect_err("no token of ours");
        assert_eq!(explain(&status).reason, ErrorReason::ResumeTokenInvalid);
    }
}

#[tokio::test]
async fn what_is_not_in_the_registry_is_refused_by_name() {
    let server = TestServer::start().await;
    let mut events = server.events().await;
    let unknown = WatchRequest { filter: types(&["music.track_evaporated"]), ..Default::default() };
    let error = explain(&events.watch(unknown).await.expect_err("no such type"));
    assert_eq!((error.reason, error.fields[0].0.as_str()), (ErrorReason::EventTypeUnknown, "filter.types"));
    let list = ListEventsRequest { filter: types(&["nothing.*"]), ..Default::default() };
    let error = explain(&events.list_events(list).await.expect_err("no such feature"));
    assert_eq!(error.reason, ErrorReason::EventTypeUnknown);
    let telemetry = vec![TelemetryRequest { channel: "audio.smell".to_owned(), min_interval: None }];
    let error = explain(&events.watch(WatchRequest { telemetry, ..Default::default() }).await.expect_err("no channel"));
    assert_eq!(error.reason, ErrorReason::EventTypeUnknown);
}

#[tokio::test]
async fn heartbeats_come_although_the_filter_selects_nothing_and_much_happens() {
    let server = TestServer::start().await;
    let request = WatchRequest {
        filter: types(&["music.scan_started"]),
        snapshot: SnapshotMode::Never.into(),
        heartbeat_interval: seconds(1),
        ..Default::default()
    };
    let mut feed = server.watch_with(request).await;
    feed.frame().await;
    let channel = server.channel().await;
    let begun = Instant::now();
    let noise = tokio::spawn(async move { make_events(&channel, 1_000_000).await });
    let mut heads = Vec::new();
    while heads.len() < 3 {
        match feed.frame().await.expect("the feed goes on") {
            Frame::Heartbeat(heartbeat) => heads.push(heartbeat.head_sequence),
            Frame::Events(_) => {}
            other => panic!("{other:?}"),
        }
    }
    noise.abort();
    assert!(heads.is_sorted_by(|before, after| before < after), "much happened: {heads:?}");
    let took = begun.elapsed();
    assert!(took > Duration::from_millis(2_500) && took < Duration::from_secs(9), "{took:?}");
}

#[tokio::test]
async fn telemetry_comes_on_the_channels_that_were_asked_for_and_not_more_often() {
    let server = TestServer::start().await;
    let channel = |channel: &str| TelemetryRequest { channel: channel.to_owned(), min_interval: seconds(1) };
    let request = WatchRequest {
        telemetry: vec![channel("system.resources"), channel("event.rates")],
        snapshot: SnapshotMode::Never.into(),
        ..Default::default()
    };
    let mut feed = server.watch_with(request).await;
    let (mut channels, mut resources) = (BTreeSet::new(), Vec::new());
    while channels.len() < 2 || resources.len() < 3 {
        if let Frame::Telemetry(telemetry) = feed.frame().await.expect("the feed goes on") {
            if telemetry.channel == "system.resources" {
                resources.push(Instant::now());
            }
            channels.insert(telemetry.channel);
        }
    }
    assert_eq!(channels.into_iter().collect::<Vec<_>>(), ["event.rates", "system.resources"]);
    assert!(resources[2] - resources[0] > Duration::from_millis(1_900), "{resources:?}");
}
