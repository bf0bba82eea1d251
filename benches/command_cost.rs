//! What a validated, policed, audited, traced command costs beside a bare tonic echo: the same
//! client in the same run, each server a process of its own.

mod support;

use std::time::Duration;

use cantina::pb::cantina::{
    music::v1::{GetPlaybackRequest, music_service_client::MusicServiceClient},
    system::v1::{ClearStopRequest, system_service_client::SystemServiceClient},
};
use support::{
    Storm,
    bare::{self, BareProcess, Echo},
    figure, median, median_storm, method,
    server::{TestServer, request_id},
    storm,
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1000);

#[tokio::main]
async fn main() {
    BareProcess::serve_if_asked().await;
    let (bare, daemon) = (BareProcess::start(), TestServer::with(support::ENVIRONMENT).await);
    let (bare_channel, channel) = (bare.channel().await, daemon.channel().await);
    let (music, system) = (MusicServiceClient::new(channel.clone()), SystemServiceClient::new(channel));
    method(&format!(
        "command_cost: one connection, {ROUNDS} rounds of {ROUND:?} each in turns, medians; both servers are processes"
    ));
    for in_flight in [1, 64] {
        let mut rounds: [Vec<Storm>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let channel = bare_channel.clone();
            let echo = move || {
                let channel = channel.clone();
                async move {
                    bare::echo(channel, Echo { request_id: request_id(), volume: 0.5 }).await;
                }
            };
            rounds[0].push(storm(in_flight, ROUND, echo).await);
            let query = music.clone();
            rounds[1].push(
                storm(in_flight, ROUND, move || {
                    let mut client = query.clone();
                    async move {
                        client.get_playback(GetPlaybackRequest {}).await.expect("an answer");
                    }
                })
                .await,
            );
            for (place, with_id) in [(2, false), (3, true)] {
                let command = system.clone();
                rounds[place].push(
                    storm(in_flight, ROUND, move || {
                        let mut client = command.clone();
                        let request_id = if with_id { request_id() } else { String::new() };
                        async move {
                            client.clear_stop(ClearStopRequest { request_id }).await.expect("an answer");
                        }
                    })
                    .await,
                );
            }
        }
        report(in_flight, &rounds);
    }
}

fn report(in_flight: usize, rounds: &[Vec<Storm>; 4]) {
    let names = ["bare tonic echo", "GetPlayback", "ClearStop (durable)", "ClearStop with request_id"];
    let goals = ["", "≥ 0.7 of bare", "≥ 0.4 of bare at 64", "≥ 0.4 of bare at 64"];
    for ((name, goal), measured) in names.iter().zip(goals).zip(rounds) {
        let Storm { per_second, p50, p99 } = median_storm(measured);
        let ratio = median(measured.iter().zip(&rounds[0]).map(|(own, bare)| own.per_second / bare.per_second));
        let value = format!("{per_second:.0}/s, p50 {p50:.0?}, p99 {p99:.0?}, ratio {ratio:.2}");
        figure(&format!("{name}, {in_flight} in flight"), &value, goal);
    }
}
