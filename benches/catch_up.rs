//! How fast a reader that was away reads what it missed, from disk: 1,000,000 stored events.

mod support;

use std::time::Instant;

use cantina::{
    call::Cause,
    pb::{
        cantina::event::v1::{FeedFilter, SnapshotMode, WatchRequest},
        registry::producer,
    },
};
use support::{feed, figure, median, method};
use tonic::transport::Channel;

const EVENTS: u64 = 1_000_000;
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    method(&format!(
        "catch_up: {EVENTS} events on disk, one in ten of them selected by the filter; median of {ROUNDS} readings; \
         stored in groups as a busy daemon and as a quiet one writes them, in memory (/dev/shm)"
    ));
    for (what, group) in [("groups of 1,000 (busy)", 1000), ("groups of 20 (quiet)", 20)] {
        let folder = support::fast_folder();
        let app = support::app(folder.path()).await;
        let url = format!("http://{}", app.address());
        let channel = Channel::from_shared(url).expect("an address").connect().await.expect("a connection");
        let request = WatchRequest { snapshot: SnapshotMode::Never.into(), ..WatchRequest::default() };
        let token = |request: WatchRequest| {
            let channel = channel.clone();
            async move {
                let mut stream = feed::watch(channel, &request).await;
                feed::RawFrame::read(stream.message().await.expect("a frame").expect("a frame")).token
            }
        };
        let filter = FeedFilter { types: vec!["music.*".to_owned()], ..FeedFilter::default() };
        let filtered = WatchRequest { filter: Some(filter), ..request.clone() };
        let unfiltered = WatchRequest { resume_token: token(request.clone()).await, ..request };
        let filtered = WatchRequest { resume_token: token(filtered.clone()).await, ..filtered };
        fill(app.context().log(), group).await;
        for (how, request, wanted) in [("unfiltered", unfiltered, EVENTS), ("filtered", filtered, EVENTS / 10)] {
            let mut rates = Vec::new();
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                let mut stream = feed::watch(channel.clone(), &request).await;
                let mut read = 0;
                while read < wanted {
                    read += feed::count(stream.message().await.expect("a frame").expect("a frame")) as u64;
                }
                #[allow(clippy::cast_precision_loss, reason = "a million")]
                rates.push(EVENTS as f64 / begun.elapsed().as_secs_f64());
            }
            figure(&format!("catch-up {how}, {what}"), &format!("{:.0} events/s", median(rates)), "≥ 500,000/s");
        }
        app.end("the bench is over");
        app.ended().await;
    }
}

/// Stores events: of ten, nine log lines and one of the music.
async fn fill(log: &cantina::event::EventLog, group: usize) {
    let (music, system) = (log.publisher::<producer::Music>(), log.publisher::<producer::System>());
    let cause = Cause::daemon("bench");
    for _ in 0..EVENTS / group as u64 {
        feed::publish_log(&system, &cause, group * 9 / 10);
        feed::publish_music(&music, &cause, group / 10);
        log.flush().await;
    }
}
