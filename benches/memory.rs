//! Resident memory: idle, playing, with 100 open feeds, and after a storm of commands.

mod support;

use std::time::Duration;

use cantina::pb::cantina::{
    event::v1::WatchRequest,
    music::v1::{ListTracksRequest, PlayRequest, SetVolumeRequest, StopRequest, play_request::Target},
};
use support::{feed, figure, method, resident_mb, server::TestServer, server::request_id};

const SETTLE: Duration = Duration::from_secs(3);
const DASHBOARDS: usize = 100;
const COMMANDS: usize = 2000;

#[tokio::main]
async fn main() {
    method(&format!(
        "memory: VmRSS of cantinad, each time after {SETTLE:?}: after the start; playing a WAV file to the null output; \
         stopped, with {DASHBOARDS} feeds on a connection each; with these after {COMMANDS} commands that all of them see"
    ));
    let folder = tempfile::tempdir().expect("a folder");
    support::make_tracks(&folder.path().join("music"), 1, 60 * 44_100);
    let daemon = TestServer::within(folder, support::ENVIRONMENT).await;
    tokio::time::sleep(SETTLE).await;
    figure("idle", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 25 MB");
    let mut music = daemon.music().await;
    let tracks = music.list_tracks(ListTracksRequest::default()).await.expect("an answer").into_inner().tracks;
    let target = Some(Target::TrackId(tracks[0].id.clone()));
    music.play(PlayRequest { target, ..PlayRequest::default() }).await.expect("it plays");
    tokio::time::sleep(SETTLE).await;
    figure("playing", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 40 MB");
    music.stop(StopRequest::default()).await.expect("it stops");
    let mut readers = Vec::new();
    for _ in 0..DASHBOARDS {
        let mut stream = feed::watch(daemon.channel().await, &WatchRequest::default()).await;
        stream.message().await.expect("a frame");
        readers.push(tokio::spawn(async move { while let Ok(Some(_)) = stream.message().await {} }));
    }
    tokio::time::sleep(SETTLE).await;
    figure("with 100 dashboards", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 60 MB");
    for _ in 0..COMMANDS {
        music.set_volume(SetVolumeRequest { request_id: request_id(), volume: 0.5 }).await.expect("an answer");
    }
    tokio::time::sleep(SETTLE).await;
    figure("with 100 dashboards after 2,000 commands", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 60 MB");
}
