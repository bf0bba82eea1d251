//! The log as publishers and readers use it, with a database of its own.

use std::{path::Path, time::Duration};

use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{EventLog, Filter, Retention, WatchOptions, token::Token};
use crate::{
    call::Cause,
    clock::Clock,
    pb::{
        cantina::{
            event::v1::{FeedFilter, GapReason, SnapshotMode, watch_response::Frame},
            music::v1::TrackEndingSoon,
            system::v1::LogRecorded,
        },
        registry::producer,
    },
    storage::Database,
};

async fn open(folder: &Path) -> (EventLog, JoinHandle<()>) {
    let retention = Retention {
        record_max_bytes: u64::MAX,
        record_max_age: Duration::MAX,
        trace_max_bytes: u64::MAX,
        trace_max_age: Duration::MAX,
    };
    let database = Database::open(folder).await.expect("a database");
    let log = EventLog::open(database, Clock::system(), watch::channel(retention).1);
    let (log, writer) = log.await.expect("a log");
    (log, tokio::spawn(writer))
}

fn watching(filter: Option<FeedFilter>, resume_token: String) -> WatchOptions {
    WatchOptions {
        filter: Filter::parse(filter).expect("known types"),
        resume_token,
        snapshot: SnapshotMode::Never,
        heartbeat: Duration::from_secs(60),
        telemetry: Vec::new(),
        shutdown: CancellationToken::new(),
        goodbye: watch::channel(Default::default()).1,
    }
}

/// Publishes commits of one to seven events of two retention classes, flushed in uneven groups.
async fn publish(log: &EventLog, commits: usize) -> (usize, usize) {
    let (music, system) = (log.publisher::<producer::Music>(), log.publisher::<producer::System>());
    let (mut music_events, mut all) = (0, 0);
    for number in 0..commits {
        let size = number % 7 + 1;
        if number % 3 == 0 {
            let events = (0..size)
                .fold(music.commit(&Cause::daemon("test")), |commit, _| commit.event(TrackEndingSoon::default()));
            events.send();
            music_events += size;
        } else {
            let events =
                (0..size).fold(system.commit(&Cause::daemon("test")), |commit, _| commit.event(LogRecorded::default()));
            events.send();
        }
        all += size;
        if number % 13 == 0 {
            log.flush().await;
        }
    }
    log.flush().await;
    (music_events, all)
}

/// Reads up to the head. Answers the sequence numbers, and the gaps.
async fn read(log: &EventLog, options: WatchOptions) -> (Vec<u64>, Vec<(u64, u64, GapReason)>) {
    let (mut feed, mut cursor) = (log.subscribe(options), 0);
    let (mut numbers, mut gaps) = (Vec::new(), Vec::new());
    while cursor < log.head() {
        let response = feed.next().await.expect("the feed goes on").expect("a frame");
        cursor = Token::decode(&response.resume_token).expect("a token").cursor;
        match response.frame.expect("a frame") {
            Frame::Events(events) => {
                numbers.extend(events.decode_events().expect("events").iter().map(|event| event.sequence));
                // A reader that comes back with this token must get all that follows.
                assert!(numbers.last().is_some_and(|last| *last <= cursor && cursor - last < 100), "{cursor}");
            }
            Frame::Gap(gap) => gaps.push((gap.first_sequence, gap.last_sequence, gap.reason())),
            _ => {}
        }
    }
    (numbers, gaps)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_away_misses_only_what_one_gap_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let filter = FeedFilter { types: vec!["music.*".to_owned()], ..FeedFilter::default() };
    let (log, writer) = open(folder.path()).await;
    let token = |filter: Option<FeedFilter>| {
        let log = log.clone();
        async move {
            let first = log.subscribe(watching(filter, String::new())).next().await;
            first.expect("a frame").expect("a frame").resume_token
        }
    };
    let (all_token, music_token) = (token(None).await, token(Some(filter.clone())).await);
    let (music_before, before) = publish(&log, 2000).await;
    writer.abort();
    let _aborted = writer.await;
    drop(log);

    let (log, _writer) = open(folder.path()).await;
    let (music_after, after) = publish(&log, 19).await;
    let (numbers, gaps) = read(&log, watching(None, all_token)).await;
    let lost = (before as u64 + 1, log.head() - after as u64, GapReason::UncleanShutdown);
    let expected: Vec<u64> = (1..lost.0).chain(lost.1 + 1..=log.head()).collect();
    assert_eq!((numbers, gaps), (expected, vec![lost]));
    let (numbers, gaps) = read(&log, watching(Some(filter), music_token)).await;
    assert_eq!((numbers.len(), gaps), (music_before + music_after, vec![lost]));
    assert!(numbers.is_sorted_by(|one, next| one < next));
}
