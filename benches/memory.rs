//! Resident memory: idle, with 100 open feeds, and after a storm of commands.

mod support;

use std::time::Duration;

use cantina::pb::cantina::{
    event::v1::WatchRequest,
    system::v1::{ClearStopRequest, system_service_client::SystemServiceClient},
};
use support::{feed, figure, method, resident_mb, server::TestServer, server::request_id};

const SETTLE: Duration = Duration::from_secs(3);
const DASHBOARDS: usize = 100;
const COMMANDS: usize = 2000;

#[tokio::main]
async fn main() {
    method(&format!(
        "memory: VmRSS of cantinad, {SETTLE:?} after the start; with {DASHBOARDS} feeds on a connection each; \
         with these after {COMMANDS} commands that all of them see"
    ));
    let daemon = TestServer::with(support::ENVIRONMENT).await;
    tokio::time::sleep(SETTLE).await;
    figure("idle", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 25 MB");
    let mut readers = Vec::new();
    for _ in 0..DASHBOARDS {
        let mut stream = feed::watch(daemon.channel().await, &WatchRequest::default()).await;
        stream.message().await.expect("a frame");
        readers.push(tokio::spawn(async move { while let Ok(Some(_)) = stream.message().await {} }));
    }
    tokio::time::sleep(SETTLE).await;
    figure("with 100 dashboards", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 60 MB");
    let mut client = SystemServiceClient::new(daemon.channel().await);
    for _ in 0..COMMANDS {
        client.clear_stop(ClearStopRequest { request_id: request_id() }).await.expect("an answer");
    }
    tokio::time::sleep(SETTLE).await;
    figure("with 100 dashboards after 2,000 commands", &format!("{:.1} MB", resident_mb(daemon.pid())), "≤ 60 MB");
}
