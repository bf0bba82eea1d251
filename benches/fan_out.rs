//! Events delivered to many subscribers, beside a bare tonic broadcast of ready bytes: the same
//! readers, the same frames, the same run, all in this process.

mod support;

use std::{net::SocketAddr, time::Instant};

use bytes::Bytes;
use cantina::{
    call::Cause,
    pb::{
        cantina::event::v1::{SnapshotMode, WatchRequest},
        registry::producer,
    },
};
use support::{bare, feed, figure, median, method};
use tokio::sync::{broadcast, watch};
use tonic::{Streaming, transport::Channel};

const ROUNDS: usize = 7;
/// Events that all subscribers together receive in a round.
const DELIVERIES: usize = 400_000;
const SUBSCRIBERS: [usize; 3] = [1, 100, 1000];
/// How many streams share a connection.
const STREAMS_PER_CONNECTION: usize = 100;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = support::app(folder.path()).await;
    let frames = broadcast::Sender::new(1024);
    let bare = bare::serve(bare::BareService(frames.clone())).await;
    let publisher = app.context().publisher::<producer::Music>();
    let cause = Cause::daemon("bench");
    method(&format!(
        "fan_out: {ROUNDS} rounds in turns, medians; a burst is published when all have the one before; {DELIVERIES} deliveries a round"
    ));
    for subscribers in SUBSCRIBERS {
        for burst in [1, 256] {
            let request = WatchRequest { snapshot: SnapshotMode::Never.into(), ..WatchRequest::default() };
            let request: Bytes = prost::Message::encode_to_vec(&request).into();
            let path = "/cantina.event.v1.EventService/Watch";
            let mut own = Readers::open(app.address(), path, &request, subscribers).await;
            let mut others = Readers::open(bare, "/bare.Bare/Broadcast", &Bytes::new(), subscribers).await;
            let frame = sample(&mut own, burst, || feed::publish_music(&publisher, &cause, burst)).await;
            let bursts = (DELIVERIES / subscribers / burst).clamp(20, 20_000);
            let mut rates = [Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                rates[0].push(others.round(bursts, burst, || drop(frames.send(frame.clone()))).await);
                rates[1].push(own.round(bursts, burst, || feed::publish_music(&publisher, &cause, burst)).await);
            }
            let ratio = median(rates[1].iter().zip(&rates[0]).map(|(own, bare)| own / bare));
            let [bare, own] = rates.map(median);
            let what = format!("fan-out to {subscribers}, bursts of {burst}");
            figure(&what, &format!("{own:.0}/s, bare {bare:.0}/s, ratio {ratio:.2}"), "≥ 0.7 of bare");
        }
    }
}

/// Subscribers that count.
struct Readers {
    counts: Vec<watch::Receiver<usize>>,
    last: watch::Receiver<Bytes>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    async fn open(address: SocketAddr, path: &'static str, request: &Bytes, count: usize) -> Self {
        let (last_sender, last) = watch::channel(Bytes::new());
        let (mut counts, mut tasks) = (Vec::new(), Vec::new());
        let mut channel = None;
        for number in 0..count {
            if number % STREAMS_PER_CONNECTION == 0 {
                let endpoint = Channel::from_shared(format!("http://{address}")).expect("an address");
                channel = Some(endpoint.connect().await.expect("a connection"));
            }
            let stream = feed::open(channel.clone().expect("a channel"), path, request.clone()).await;
            let (sender, received) = watch::channel(0);
            counts.push(received);
            tasks.push(tokio::spawn(read(stream, sender, (number == 0).then(|| last_sender.clone()))));
        }
        Self { counts, last, tasks }
    }

    /// Sends bursts, each when everybody has the one before. Answers events received per second.
    async fn round(&mut self, bursts: usize, burst: usize, mut send: impl FnMut()) -> f64 {
        let mut wanted = *self.counts[0].borrow();
        let begun = Instant::now();
        for _ in 0..bursts {
            wanted += burst;
            send();
            for count in &mut self.counts {
                count.wait_for(|count| *count >= wanted).await.expect("a reader");
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "a count of events")]
        let delivered = (bursts * burst * self.counts.len()) as f64;
        delivered / begun.elapsed().as_secs_f64()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn read(mut stream: Streaming<Bytes>, received: watch::Sender<usize>, last: Option<watch::Sender<Bytes>>) {
    while let Ok(Some(frame)) = stream.message().await {
        let events = feed::count(frame.clone());
        if let Some(last) = last.as_ref().filter(|_| events > 0) {
            last.send_replace(frame);
        }
        received.send_modify(|count| *count += events);
    }
}

/// The frame that a burst makes, for the bare server to send. The daemon's own events may share one.
async fn sample(readers: &mut Readers, burst: usize, mut publish: impl FnMut()) -> Bytes {
    loop {
        readers.round(1, burst, &mut publish).await;
        let frame = readers.last.borrow().clone();
        if feed::count(frame.clone()) == burst {
            return frame;
        }
    }
}
