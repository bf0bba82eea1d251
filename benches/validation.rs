//! What the rules of the contract cost for each request, in the code that the codec runs.

mod support;

use std::{hint::black_box, time::Instant};

use cantina::pb::{
    cantina::{
        config::v1::{AudioConfig, Config, UpdateConfigRequest},
        event::v1::{FeedFilter, WatchRequest},
        music::v1::{EnqueueRequest, PlayRequest, SetVolumeRequest, play_request::Target},
    },
    registry::Checked,
};
use support::{figure, median, method};

const ROUNDS: usize = 11;
const CALLS: u32 = 20_000;

fn main() {
    method(&format!("validation: median of {ROUNDS} rounds of {CALLS} calls of Checked::check"));
    let id = "0b9d6a4e-4f5e-4c1b-9a55-3f7b8f1f2a10".to_owned();
    let volume = |volume| SetVolumeRequest { request_id: id.clone(), volume };
    pair("SetVolumeRequest", "≤ 100 ns", &volume(0.5), &volume(1.5));
    let play = |track: &str, seconds| PlayRequest {
        request_id: id.clone(),
        target: Some(Target::TrackId(track.to_owned())),
        start_position: Some(pbjson_types::Duration { seconds, nanos: 0 }),
    };
    pair("PlayRequest", "≤ 100 ns", &play("3f2a", 10), &play("3f2a", -1));
    let enqueue = |last: &str| {
        let mut track_ids: Vec<String> = (0..99).map(|number| format!("track-{number}")).collect();
        track_ids.push(last.to_owned());
        EnqueueRequest { request_id: id.clone(), track_ids, index: None }
    };
    pair("EnqueueRequest (100 ids)", "≤ 5 µs", &enqueue("last"), &enqueue(""));
    let update = |buffer_frames| UpdateConfigRequest {
        request_id: id.clone(),
        config: Some(Config {
            audio: Some(AudioConfig { buffer_frames: Some(buffer_frames), ..AudioConfig::default() }),
            ..Config::default()
        }),
        update_mask: Some(pbjson_types::FieldMask { paths: vec!["audio.buffer_frames".to_owned()] }),
        ..UpdateConfigRequest::default()
    };
    pair("UpdateConfigRequest", "≤ 5 µs", &update(480), &update(1));
    let watch = |seconds| WatchRequest {
        filter: Some(FeedFilter { types: vec!["music.*".to_owned()], ..FeedFilter::default() }),
        heartbeat_interval: Some(pbjson_types::Duration { seconds, nanos: 0 }),
        ..WatchRequest::default()
    };
    pair("WatchRequest", "≤ 5 µs", &watch(5), &watch(0));
}

fn pair(name: &str, goal: &str, valid: &impl Checked, invalid: &impl Checked) {
    assert!(valid.check().is_ok() && invalid.check().is_err(), "{name}");
    let (valid, invalid) = (nanoseconds(valid), nanoseconds(invalid));
    figure(name, &format!("valid {valid:.0} ns, invalid {invalid:.0} ns"), goal);
}

fn nanoseconds(message: &impl Checked) -> f64 {
    median((0..ROUNDS).map(|_| {
        let begun = Instant::now();
        for _ in 0..CALLS {
            let _checked = black_box(black_box(message).check());
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    }))
}
