//! The feed and its guarantees, one at a time.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use cantina::pb::cantina::{
    error::v1::ErrorReason,
    event::v1::{GapReason, ListEventsRequest, SnapshotMode, TelemetryRequest, WatchRequest, watch_response::Frame},
    system::v1::Mode,
};

use crate::support::{Feed, PATIENCE, TestServer, explain};

use crate::watch::{SMALL, list_all, make_events, mode, seconds, sequences, types};

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
