//! Music through the public door: what is heard, what fails, what survives.

use std::path::{Path, PathBuf};

use cantina::pb::cantina::{
    error::v1::ErrorReason,
    event::v1::{event::Payload, snapshot_part::Part},
    music::v1::{
        EnqueueRequest, GetArtworkRequest, GetPlaybackRequest, GetQueueRequest, GetTrackRequest, ListTracksRequest,
        MoveQueueItemRequest, NextRequest, PauseRequest, PlayRequest, Playback, PlaybackState, RescanLibraryRequest,
        ResumeRequest, SearchTracksRequest, SeekRequest, SetOutputRequest, SetVolumeRequest, StopRequest, Track,
        music_service_client::MusicServiceClient, play_request::Target,
    },
    system::v1::ComponentState,
};
use rustfft::{FftPlanner, num_complex::Complex};
use tempfile::TempDir;
use tonic::{Status, transport::Channel};

use crate::support::{TestServer, explain};

type Music = MusicServiceClient<Channel>;

/// Writes a tone of 16 bits at 44.1 kHz.
fn tone(path: &Path, frequency: f64, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).expect("a file");
    for n in 0..(seconds * 44_100.0) as u32 {
        let sample = (f64::from(n) / 44_100.0 * std::f64::consts::TAU * frequency).sin() * 16_000.0;
        file.write_sample(sample as i16).and_then(|()| file.write_sample(sample as i16)).expect("space");
    }
    file.finalize().expect("space");
}

/// A folder with tones of these lengths in seconds, `0.wav` and so on.
fn folder(lengths: &[f64]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let music = folder.path().join("music");
    std::fs::create_dir(&music).expect("a music folder");
    for (number, seconds) in lengths.iter().enumerate() {
        tone(&music.join(format!("{number}.wav")), 440.0, *seconds + number as f64 * 1e-3);
    }
    folder
}

/// Waits for the first scan and answers the tracks by path.
async fn tracks(server: &TestServer, count: usize) -> Vec<Track> {
    let mut music = server.music().await;
    loop {
        let request = ListTracksRequest { order_by: 2, ..Default::default() };
        let page = music.list_tracks(request).await.expect("a list").into_inner();
        if page.tracks.len() == count {
            return page.tracks;
        }
        tokio::task::yield_now().await;
    }
}

async fn play(music: &mut Music, track: &Track) -> Playback {
    let request = PlayRequest { target: Some(Target::TrackId(track.id.clone())), ..Default::default() };
    music.play(request).await.expect("it plays").into_inner().playback.expect("a playback")
}

async fn playback(music: &mut Music) -> Playback {
    music.get_playback(GetPlaybackRequest {}).await.expect("an answer").into_inner().playback.expect("a playback")
}

fn seconds(time: f64) -> pbjson_types::Duration {
    pbjson_types::Duration { seconds: time as i64, nanos: (time.fract() * 1e9) as i32 }
}

fn position(playback: &Playback) -> f64 {
    let position = playback.position.as_ref().and_then(|position| position.position.as_ref()).expect("a position");
    position.seconds as f64 + f64::from(position.nanos) / 1e9
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, Status>) -> ErrorReason {
    explain(&outcome.expect_err("it fails")).reason
}

/// The left channel of a recording.
fn recording(path: &Path) -> Vec<f64> {
    let file = hound::WavReader::open(path).expect("a readable recording");
    assert_eq!((file.spec().sample_rate, file.spec().channels), (48_000, 2));
    file.into_samples::<f32>().map(|sample| f64::from(sample.expect("a sample"))).step_by(2).collect()
}

/// The loudest frequency.
fn frequency(samples: &[f64]) -> f64 {
    let count = 1 << samples.len().ilog2();
    let window = |n: usize| 0.5 - 0.5 * (n as f64 / count as f64 * std::f64::consts::TAU).cos();
    let mut spectrum: Vec<_> = (0..count).map(|n| Complex::new(samples[n] * window(n), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(count).process(&mut spectrum);
    let loudest = (1..count / 2).max_by(|a, b| spectrum[*a].norm().total_cmp(&spectrum[*b].norm())).expect("a bin");
    loudest as f64 * 48_000.0 / count as f64
}

/// The largest third difference against the 99th percentile: a click stands far above a tone.
fn click_ratio(samples: &[f64]) -> f64 {
    let mut thirds: Vec<f64> =
        samples.windows(4).map(|w| (w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0]).abs()).filter(|d| *d > 1e-7).collect();
    thirds.sort_by(f64::total_cmp);
    thirds[thirds.len() - 1] / thirds[thirds.len() * 99 / 100]
}

#[tokio::test]
async fn a_recording_holds_the_tone_without_clicks_whatever_the_operator_does() {
    let folder = folder(&[2.0]);
    let path = folder.path().join("heard.wav");
    let output = format!("wav:{}", path.display());
    let server = TestServer::within(folder, &[("CANTINA_AUDIO_OUTPUT", &output)]).await;
    let track = tracks(&server, 1).await.remove(0);
    let (mut music, mut feed) = (server.music().await, server.watch().await);
    feed.snapshot().await;
    play(&mut music, &track).await;
    music.pause(PauseRequest::default()).await.expect("a pause");
    music.resume(ResumeRequest::default()).await.expect("it goes on");
    music.set_volume(SetVolumeRequest { volume: 0.5, ..Default::default() }).await.expect("a volume");
    let seek = SeekRequest { position: Some(seconds(0.5)), ..Default::default() };
    music.seek(seek).await.expect("a seek");
    feed.event_of("music.track_finished").await;
    let silence = SetOutputRequest { output: "null".into(), ..Default::default() };
    music.set_output(silence).await.expect("the recording is closed");
    let heard = recording(&path);
    let first = heard.iter().position(|sample| sample.abs() > 1e-4).expect("something is heard");
    let last = heard.iter().rposition(|sample| sample.abs() > 1e-4).expect("something is heard");
    assert!((frequency(&heard[last - 40_000..last]) - 440.0).abs() < 1.0);
    assert!((last - first) as f64 / 48_000.0 > 1.5, "{}", (last - first) as f64 / 48_000.0);
    // The source itself is cut off at its end; everything before is the daemon's doing.
    let ratio = click_ratio(&heard[first..last - 2000]);
    assert!(ratio < 3.0, "{ratio}");
    let level = heard[last - 24_000..last - 1000].iter().fold(0.0_f64, |peak, sample| peak.max(sample.abs()));
    assert!((level - 0.5 * 16_000.0 / 32_768.0).abs() < 0.005, "{level}");
}

#[tokio::test]
async fn a_track_is_heard_in_full_and_the_next_one_follows() {
    let folder = folder(&[0.7, 0.7]);
    let path = folder.path().join("heard.wav");
    let output = format!("wav:{}", path.display());
    let server = TestServer::within(folder, &[("CANTINA_AUDIO_OUTPUT", &output)]).await;
    let track_ids = tracks(&server, 2).await.into_iter().map(|track| track.id).collect();
    let (mut music, mut feed) = (server.music().await, server.watch().await);
    feed.snapshot().await;
    music.enqueue(EnqueueRequest { track_ids, ..Default::default() }).await.expect("a queue");
    music.play(PlayRequest::default()).await.expect("it plays");
    feed.event_of("music.track_finished").await;
    let second = feed.event_of("music.track_finished").await;
    let Some(Payload::MusicTrackFinished(finished)) = second.payload else { panic!("{second:?}") };
    assert_eq!(finished.playback.expect("a playback").state(), PlaybackState::Stopped);
    music.set_output(SetOutputRequest { output: "null".into(), ..Default::default() }).await.expect("closed");
    let heard = recording(&path);
    let loud = heard.iter().filter(|sample| sample.abs() > 1e-3).count() as f64 / 48_000.0;
    assert!((loud - 1.401).abs() < 0.03, "{loud} s were heard of 1.401 s");
}

#[tokio::test]
async fn bad_input_has_its_reason_and_harms_nothing() {
    let folder = folder(&[30.0]);
    std::fs::write(folder.path().join("music/broken.mp3"), b"not music").expect("space");
    let server = TestServer::within(folder, &[]).await;
    let track = tracks(&server, 1).await.remove(0);
    let mut music = server.music().await;
    assert_eq!(reason(music.pause(PauseRequest::default()).await), ErrorReason::NothingPlaying);
    assert_eq!(reason(music.next(NextRequest::default()).await), ErrorReason::QueueEmpty);
    let started = play(&mut music, &track).await;
    let broken = ListTracksRequest { problems_only: true, ..Default::default() };
    let broken = music.list_tracks(broken).await.expect("a list").into_inner().tracks.remove(0);
    assert!(broken.problem.expect("a problem").message.contains("broken.mp3"));
    for (id, wanted) in [
        ("nobody", ErrorReason::TrackUnknown),
        ("", ErrorReason::TrackUnknown),
        (&broken.id, ErrorReason::TrackUndecodable),
    ] {
        let request = PlayRequest { target: Some(Target::TrackId(id.into())), ..Default::default() };
        assert_eq!(reason(music.play(request).await), wanted);
    }
    let item = PlayRequest { target: Some(Target::QueueItemId("none".into())), ..Default::default() };
    assert_eq!(reason(music.play(item).await), ErrorReason::QueueItemUnknown);
    for (at, wanted) in [(31.0, ErrorReason::SeekOutOfRange), (-1.0, ErrorReason::ValidationFailed)] {
        let request = SeekRequest { position: Some(seconds(at)), ..Default::default() };
        assert_eq!(reason(music.seek(request).await), wanted);
    }
    for volume in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
        let request = SetVolumeRequest { volume, ..Default::default() };
        assert_eq!(reason(music.set_volume(request).await), ErrorReason::ValidationFailed);
    }
    let unknown = EnqueueRequest { track_ids: vec![track.id.clone(), "nobody".into()], ..Default::default() };
    assert_eq!(reason(music.enqueue(unknown).await), ErrorReason::TrackUnknown);
    let unknown = GetTrackRequest { track_id: "nobody".into() };
    assert_eq!(reason(music.get_track(unknown).await), ErrorReason::TrackUnknown);
    let bare = GetArtworkRequest { track_id: track.id.clone() };
    assert_eq!(reason(music.get_artwork(bare).await), ErrorReason::ArtworkAbsent);
    let token = ListTracksRequest { page_token: "made up".into(), ..Default::default() };
    assert_eq!(reason(music.list_tracks(token).await), ErrorReason::PageTokenInvalid);
    let stale = MoveQueueItemRequest { item_id: "none".into(), etag: "old".into(), ..Default::default() };
    assert_eq!(reason(music.move_queue_item(stale).await), ErrorReason::EtagMismatch);
    let master = server.music_dir().join("0.wav");
    let before = std::fs::read(&master).expect("the master");
    let over = SetOutputRequest { output: format!("wav:{}", master.display()), ..Default::default() };
    assert_eq!(reason(music.set_output(over).await), ErrorReason::OutputUnavailable);
    assert_eq!(std::fs::read(&master).expect("the master"), before, "a master is never written over");
    let after = playback(&mut music).await;
    assert_eq!((after.state(), after.playback_id), (PlaybackState::Playing, started.playback_id));
    let queue = music.get_queue(GetQueueRequest {}).await.expect("a queue").into_inner().queue.expect("a queue");
    assert_eq!(queue.items.len(), 1);
}

#[tokio::test]
async fn after_a_power_cut_queue_volume_and_position_are_back_and_nothing_plays() {
    let mut server = TestServer::within(folder(&[60.0, 1.0]), &[]).await;
    let track_ids = tracks(&server, 2).await.into_iter().map(|track| track.id).collect();
    let mut music = server.music().await;
    music.enqueue(EnqueueRequest { track_ids, ..Default::default() }).await.expect("a queue");
    music.set_volume(SetVolumeRequest { volume: 0.25, ..Default::default() }).await.expect("a volume");
    music.play(PlayRequest { start_position: Some(seconds(20.0)), ..Default::default() }).await.expect("it plays");
    let before = music.get_queue(GetQueueRequest {}).await.expect("a queue").into_inner().queue.expect("a queue");
    server.kill();
    server.launch();
    let mut music = server.music().await;
    let held = playback(&mut music).await;
    assert_eq!((held.state(), held.volume), (PlaybackState::Paused, 0.25));
    assert!((19.9..22.0).contains(&position(&held)), "{}", position(&held));
    let after = music.get_queue(GetQueueRequest {}).await.expect("a queue").into_inner().queue.expect("a queue");
    assert_eq!(after, before);
    let resumed = music.resume(ResumeRequest::default()).await.expect("it goes on").into_inner().playback;
    assert!(position(&resumed.expect("a playback")) >= position(&held));
}

#[tokio::test]
async fn without_the_output_it_keeps_time_says_so_and_goes_back_when_the_output_returns() {
    let folder = folder(&[60.0]);
    let mount = folder.path().join("mount");
    let output = format!("wav:{}/heard.wav", mount.display());
    let server = TestServer::within(folder, &[("CANTINA_AUDIO_OUTPUT", &output)]).await;
    let track = tracks(&server, 1).await.remove(0);
    let mut music = server.music().await;
    let playing = play(&mut music, &track).await;
    let stand_in = playing.output.expect("an output");
    assert_eq!((stand_in.name.as_str(), stand_in.fallback), ("null", true));
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let audio = feed.parts.iter().find_map(|part| match &part.part {
        Some(Part::Component(component)) if component.name == "audio" => Some(component.clone()),
        _ => None,
    });
    let audio = audio.expect("the component");
    assert_eq!(audio.state(), ComponentState::Degraded);
    assert!(audio.reason.expect("a reason").message.contains("not available"));
    std::fs::create_dir(&mount).expect("the disk is back");
    let changed = feed.event_of("music.output_changed").await;
    let Some(Payload::MusicOutputChanged(changed)) = changed.payload else { panic!("{changed:?}") };
    assert_eq!((changed.output.expect("an output").name, changed.problem), (output, None));
    let after = playback(&mut music).await;
    assert_eq!((after.state(), after.playback_id), (PlaybackState::Playing, playing.playback_id));
}

#[tokio::test]
async fn a_music_folder_that_vanishes_keeps_its_tracks_and_a_rescan_says_why() {
    let server = TestServer::within(folder(&[1.0, 1.0]), &[]).await;
    let found = tracks(&server, 2).await;
    let away: PathBuf = server.folder.path().join("away");
    std::fs::rename(server.music_dir(), &away).expect("the folder goes");
    let mut music = server.music().await;
    let refused = loop {
        match music.rescan_library(RescanLibraryRequest::default()).await {
            Err(status) => break status,
            Ok(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(explain(&refused).reason, ErrorReason::LibraryUnavailable);
    assert_eq!(tracks(&server, 2).await, found);
    let gone = PlayRequest { target: Some(Target::TrackId(found[0].id.clone())), ..Default::default() };
    assert_eq!(reason(music.play(gone).await), ErrorReason::TrackUnreadable);
    std::fs::rename(&away, server.music_dir()).expect("the folder is back");
    play(&mut music, &found[0]).await;
    let stopped = music.stop(StopRequest::default()).await.expect("it stops").into_inner().playback;
    assert_eq!(stopped.expect("a playback").state(), PlaybackState::Stopped);
}

#[tokio::test]
async fn a_search_ranks_what_fits_and_substitutes_nothing() {
    let server = TestServer::start().await;
    for name in ["Max Rebo - Lapti Nek.wav", "Figrin D'an - Mad About Me.wav"] {
        tone(&server.music_dir().join(name), name.len() as f64 * 20.0, 0.1);
    }
    let mut music = server.music().await;
    music.rescan_library(RescanLibraryRequest::default()).await.expect("a scan");
    while music.rescan_library(RescanLibraryRequest::default()).await.expect("a scan").into_inner().already_running {}
    tracks(&server, 2).await;
    let mut search = async |query: &str| {
        let request = SearchTracksRequest { query: query.into(), page_size: 0 };
        music.search_tracks(request).await.expect("an answer").into_inner().results
    };
    let exact = search("lapti nek").await;
    assert_eq!((exact.len(), exact[0].score), (1, 1.0));
    let near = search("figrin mad abuot").await;
    assert!(near[0].track.as_ref().is_some_and(|track| track.title == "Mad About Me") && near[0].score < 1.0);
    assert!(search("never gonna").await.is_empty());
}
