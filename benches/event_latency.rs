//! How long an event takes from its publisher to its readers: 1,000 events/s, 100 readers, all in
//! this process, through a real connection each.

mod support;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use cantina::{
    call::Cause,
    pb::{
        cantina::event::v1::{SnapshotMode, WatchRequest},
        registry::producer,
    },
};
use prost::Message;
use support::{feed, figure, method, percentile};
use tokio::time::MissedTickBehavior;
use tonic::{Streaming, transport::Channel};

const READERS: usize = 100;
const EVENTS: usize = 10_000;
const INTERVAL: Duration = Duration::from_millis(1);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = support::app(folder.path()).await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let endpoint = Channel::from_shared(format!("http://{}", app.address())).expect("an address");
        let request = WatchRequest { snapshot: SnapshotMode::Never.into(), ..WatchRequest::default() };
        let mut stream = feed::watch(endpoint.connect().await.expect("a connection"), &request).await;
        stream.message().await.expect("a frame");
        readers.push(tokio::spawn(read(stream)));
    }
    let publisher = app.context().publisher::<producer::Music>();
    let cause = Cause::daemon("bench");
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..EVENTS {
        ticks.tick().await;
        feed::publish_music(&publisher, &cause, 1);
    }
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await.expect("a reader"));
    }
    method(&format!("event_latency: {EVENTS} events, one each {INTERVAL:?}, {READERS} readers with a connection each"));
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    figure("publish → received", &format!("p50 {p50:.0?}, p99 {p99:.0?}"), "p99 < 5 ms");
}

async fn read(mut stream: Streaming<Bytes>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(EVENTS);
    while times.len() < EVENTS {
        let frame = stream.message().await.expect("a frame").expect("the feed goes on");
        let now = SystemTime::now();
        for event in feed::RawFrame::read(frame).events {
            let published = feed::Dated::decode(event).expect("an event").time.expect("a time");
            let published = SystemTime::try_from(published).expect("a time");
            times.push(now.duration_since(published).unwrap_or_default());
        }
    }
    times
}
