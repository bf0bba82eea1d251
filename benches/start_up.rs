//! From exec to the first answer, with 1,000,000 events stored and 10,000 tracks in the library.

mod support;

use std::time::Instant;

use cantina::{
    call::Cause,
    pb::{
        cantina::{
            music::v1::ListTracksRequest,
            system::v1::{GetStatusRequest, system_service_client::SystemServiceClient},
        },
        registry::producer,
    },
};
use support::{feed, figure, method, percentile, server::TestServer};

const EVENTS: usize = 1_000_000;
const GROUP: usize = 100;
const TRACKS: u32 = 10_000;
const STARTS: usize = 11;

#[tokio::main]
async fn main() {
    let folder = support::fast_folder();
    support::make_tracks(&folder.path().join("music"), TRACKS, 1);
    let app = support::app(folder.path()).await;
    let (publisher, cause) = (app.context().publisher::<producer::Music>(), Cause::daemon("bench"));
    for _ in 0..EVENTS / GROUP {
        feed::publish_music(&publisher, &cause, GROUP);
        app.context().log().flush().await;
    }
    // The handle to the log holds the data directory.
    drop(publisher);
    app.end("the bench begins");
    app.ended().await;
    method(&format!(
        "start_up: {EVENTS} events in groups of {GROUP} in /dev/shm, {TRACKS} tracks in the library; median of {STARTS} starts, from exec to the first answer"
    ));
    let (mut clean, mut killed) = (Vec::new(), Vec::new());
    let mut server = TestServer::within(folder, support::ENVIRONMENT).await;
    wait_for_tracks(&server).await;
    for _ in 0..STARTS {
        server.terminate();
        clean.push(restart(&mut server).await);
    }
    for _ in 0..STARTS {
        server.kill();
        killed.push(restart(&mut server).await);
    }
    let show = |times: &mut [std::time::Duration]| {
        format!("median {:.0?}, slowest {:.0?}", percentile(times, 50), percentile(times, 100))
    };
    figure("start after a clean end", &show(&mut clean), "≤ 150 ms");
    figure("start after kill -9", &show(&mut killed), "≤ 150 ms");
}

async fn wait_for_tracks(server: &TestServer) {
    let mut music = server.music().await;
    while music.list_tracks(ListTracksRequest::default()).await.expect("an answer").get_ref().total_size < TRACKS {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn restart(server: &mut TestServer) -> std::time::Duration {
    let begun = Instant::now();
    server.launch();
    first_answer(server, begun).await
}

async fn first_answer(server: &TestServer, begun: Instant) -> std::time::Duration {
    let mut client = SystemServiceClient::new(server.channel().await);
    client.get_status(GetStatusRequest {}).await.expect("an answer");
    begun.elapsed()
}
