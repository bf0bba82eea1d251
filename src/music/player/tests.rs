//! The player over real files and the clocked null output.

use super::*;
use crate::{
    audio::AudioConfig,
    clock,
    music::{
        proto::{EndReason, PlaybackState, TrackFinished},
        testing::{Place, open, scanned},
    },
    pb::{
        cantina::event::v1::event::Payload,
        registry::{Consumer, EventKind},
    },
};

/// Reads what the player tells of tracks.
struct Heard(Payload);

impl Consumer for Heard {
    const NAME: &'static str = "test";
    const KINDS: &'static [EventKind] = &[EventKind::MusicTrackFinished, EventKind::MusicTrackEndingSoon];

    fn from_payload(payload: Payload) -> Option<Self> {
        Some(Self(payload))
    }
}

type Ears = mpsc::UnboundedReceiver<Payload>;

/// Listens from now on.
fn listen(context: &Context) -> Ears {
    let mut events = context.log().consume::<Heard>();
    let (hear, ears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some((_, Heard(payload))) = events.next().await {
            if hear.send(payload).is_err() {
                return;
            }
        }
    });
    ears
}

struct Stage {
    place: Place,
    player: Player,
    library: Library,
    ids: Vec<String>,
}

fn silent() -> Audio {
    Audio::start(AudioConfig { output: "null".into(), buffer_frames: 480 }).unwrap()
}

async fn start(context: &Context, library: &Library, audio: Audio) -> Player {
    let settings = Config {
        audio: Some(crate::pb::cantina::config::v1::AudioConfig { output: Some("null".into()), buffer_frames: None }),
        ..Config::default()
    };
    let (_settings, settings) = watch::channel(Arc::new(settings));
    let keep_output: KeepOutput = Arc::new(|_, _| Box::pin(async { Ok(()) }));
    Player::start(context, Parts { audio, library: library.clone(), settings, keep_output }).await.unwrap()
}

/// Is a player over tones of the given lengths, in the order of their names.
async fn stage(lengths: &[f32]) -> Stage {
    let place = Place::new().await;
    for (number, length) in lengths.iter().enumerate() {
        place.tone(&format!("{number}.flac"), *length, &[]);
    }
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    let index = scanned(&library, |index| index.playable().len() == lengths.len()).await;
    let ids = index.playable().iter().map(|file| file.track.id.clone()).collect();
    let player = start(&place.context, &library, silent()).await;
    Stage { place, player, library, ids }
}

impl Stage {
    async fn play(&self, number: usize) -> Playback {
        let target = Target::TrackId(self.ids[number].clone());
        self.player.play(Some(target), Duration::ZERO).await.unwrap()
    }

    async fn enqueue_all(&self) -> Vec<QueueItem> {
        self.player.enqueue(self.ids.clone(), None).await.unwrap().0
    }

    async fn until(&self, wanted: impl Fn(&Playback) -> bool) -> Playback {
        let mut playback = self.player.follow();
        let found = tokio::time::timeout(Duration::from_secs(10), playback.wait_for(|playback| wanted(playback))).await;
        found.unwrap().unwrap().clone()
    }

    /// Watches the ends of tracks from now on.
    fn ends(&self) -> Ears {
        listen(&self.place.context)
    }
}

async fn next_end(ends: &mut Ears) -> TrackFinished {
    let wanted = async {
        loop {
            if let Payload::MusicTrackFinished(finished) = ends.recv().await.unwrap() {
                return finished;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wanted).await.unwrap()
}

fn position(playback: &Playback) -> Duration {
    let position = playback.position.as_ref().unwrap().position.as_ref().unwrap();
    clock::duration(position).unwrap()
}

#[tokio::test]
async fn play_answers_when_it_is_heard_and_pause_holds_the_position() {
    let stage = stage(&[20.0]).await;
    let playing = stage.play(0).await;
    assert_eq!(playing.state(), PlaybackState::Playing);
    assert!(position(&playing) > Duration::ZERO);
    let paused = stage.player.pause().await.unwrap();
    assert_eq!((paused.state(), paused.position.as_ref().unwrap().rate), (PlaybackState::Paused, 0.0));
    assert_eq!(position(&stage.player.pause().await.unwrap()), position(&paused));
    let resumed = stage.player.resume().await.unwrap();
    assert_eq!((resumed.state(), &resumed.playback_id), (PlaybackState::Playing, &playing.playback_id));
    assert!(position(&resumed) > position(&paused) && position(&resumed) < position(&paused) + Duration::from_secs(1));
}

#[tokio::test]
async fn seek_is_exact_and_bounded_by_the_track() {
    let stage = stage(&[20.0]).await;
    assert!(matches!(stage.player.seek(Duration::ZERO, String::new()).await, Err(Error::NothingPlaying)));
    let playing = stage.play(0).await;
    let target = Duration::from_secs(7);
    let sought = stage.player.seek(target, playing.playback_id.clone()).await.unwrap();
    assert!(position(&sought) > target && position(&sought) < target + Duration::from_millis(100));
    assert_eq!(sought.playback_id, playing.playback_id);
    let beyond = stage.player.seek(Duration::from_secs(21), String::new()).await;
    assert!(matches!(beyond, Err(Error::SeekOutOfRange(_))));
    let other = stage.player.seek(target, "another".into()).await;
    assert!(matches!(other, Err(Error::NothingPlaying)));
    stage.player.pause().await.unwrap();
    let held = stage.player.seek(Duration::from_secs(3), String::new()).await.unwrap();
    assert_eq!((held.state(), position(&held)), (PlaybackState::Paused, Duration::from_secs(3)));
    assert!(position(&stage.player.resume().await.unwrap()) > Duration::from_secs(3));
}

#[tokio::test]
async fn tracks_follow_each_other_and_the_player_stops_behind_the_last() {
    let stage = stage(&[0.4, 0.5]).await;
    let mut ends = stage.ends();
    let items = stage.enqueue_all().await;
    stage.player.play(None, Duration::ZERO).await.unwrap();
    let first = next_end(&mut ends).await;
    assert_eq!((first.end_reason(), first.track.unwrap().id), (EndReason::Finished, stage.ids[0].clone()));
    assert_eq!(first.playback.unwrap().queue_item_id, items[1].id);
    assert!((clock::duration(&first.position.unwrap()).unwrap().as_secs_f64() - 0.4).abs() < 0.001);
    let second = next_end(&mut ends).await;
    assert_eq!(second.end_reason(), EndReason::Finished);
    assert_eq!(second.playback.unwrap().state(), PlaybackState::Stopped);
    assert_eq!(stage.player.queue().await.unwrap().current_item_id, "");
}

#[tokio::test]
async fn next_and_previous_move_through_the_queue_and_fail_at_its_end() {
    let stage = stage(&[9.0, 9.5]).await;
    let mut ends = stage.ends();
    assert!(matches!(stage.player.next().await, Err(Error::QueueEmpty)));
    let items = stage.enqueue_all().await;
    assert_eq!(stage.player.next().await.unwrap().queue_item_id, items[0].id);
    assert_eq!(stage.player.next().await.unwrap().queue_item_id, items[1].id);
    assert_eq!(next_end(&mut ends).await.end_reason(), EndReason::Skipped);
    assert!(matches!(stage.player.next().await, Err(Error::QueueEmpty)));
    assert_eq!(stage.player.playback().state(), PlaybackState::Playing);
    assert_eq!(stage.player.previous().await.unwrap().queue_item_id, items[0].id);
    stage.player.seek(Duration::from_secs(4), String::new()).await.unwrap();
    let again = stage.player.previous().await.unwrap();
    assert!(again.queue_item_id == items[0].id && position(&again) < Duration::from_secs(1));
}

#[tokio::test]
async fn a_bad_target_leaves_what_plays_playing() {
    let stage = stage(&[9.0, 9.5]).await;
    let playing = stage.play(0).await;
    std::fs::remove_file(stage.place.music.join("1.flac")).unwrap();
    let gone = stage.player.play(Some(Target::TrackId(stage.ids[1].clone())), Duration::ZERO).await;
    assert!(matches!(gone, Err(Error::TrackUnreadable { .. })));
    let unknown = stage.player.play(Some(Target::TrackId("none".into())), Duration::ZERO).await;
    assert!(matches!(unknown, Err(Error::TrackUnknown(_))));
    let unknown = stage.player.play(Some(Target::QueueItemId(String::new())), Duration::ZERO).await;
    assert!(matches!(unknown, Err(Error::QueueItemUnknown(_))));
    let after = stage.player.playback();
    assert_eq!((after.state(), after.playback_id), (PlaybackState::Playing, playing.playback_id));
    assert_eq!(stage.player.queue().await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_track_that_fails_is_told_and_the_next_one_plays() {
    let stage = stage(&[0.5, 9.0, 9.5]).await;
    let mut ends = stage.ends();
    let items = stage.enqueue_all().await;
    std::fs::write(stage.place.music.join("1.flac"), b"broken").unwrap();
    stage.player.play(None, Duration::ZERO).await.unwrap();
    let failed = next_end(&mut ends).await;
    assert_eq!((failed.end_reason(), failed.track.unwrap().id), (EndReason::Failed, stage.ids[1].clone()));
    assert!(failed.error.unwrap().message.contains("cannot be decoded"));
    assert_eq!(next_end(&mut ends).await.end_reason(), EndReason::Finished);
    stage.until(|playback| playback.queue_item_id == items[2].id).await;
}

#[tokio::test]
async fn the_queue_is_guarded_by_its_etag_and_removing_the_current_item_plays_the_next() {
    let stage = stage(&[9.0, 9.5]).await;
    let items = stage.enqueue_all().await;
    stage.player.play(None, Duration::ZERO).await.unwrap();
    let stale = stage.player.queue().await.unwrap().etag;
    let moved = stage.player.move_item(items[1].id.clone(), 0, stale.clone()).await.unwrap();
    assert_eq!(moved.items[0].id, items[1].id);
    let refused = stage.player.clear_queue(stale).await;
    assert!(matches!(refused, Err(Error::EtagMismatch { current }) if current == moved.etag));
    stage.player.move_item(items[0].id.clone(), 0, String::new()).await.unwrap();
    let left = stage.player.remove_item(items[0].id.clone(), String::new()).await.unwrap();
    assert_eq!((left.items.len(), &left.current_item_id), (1, &items[1].id));
    assert_eq!(stage.player.playback().queue_item_id, items[1].id);
    let (left, removed) = stage.player.clear_queue(String::new()).await.unwrap();
    assert_eq!((left.items.len(), removed.len()), (1, 0));
    let items = stage.enqueue_all().await;
    stage.player.pause().await.unwrap();
    let left = stage.player.remove_item(left.items[0].id.clone(), String::new()).await.unwrap();
    let held = stage.player.playback();
    assert_eq!((held.state(), &held.queue_item_id), (PlaybackState::Paused, &items[0].id));
    assert_eq!(left.current_item_id, items[0].id);
}

#[tokio::test]
async fn queue_volume_and_position_survive_and_nothing_plays_by_itself() {
    let stage = stage(&[20.0, 9.0]).await;
    let items = stage.enqueue_all().await;
    let playing = stage.player.play(None, Duration::from_secs(5)).await.unwrap();
    stage.player.set_volume(Volume::new(0.25)).await.unwrap();
    stage.place.context.log().flush().await;
    let copy = stage.place.home.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in ["cantina.db", "cantina.db-wal"] {
        std::fs::copy(stage.place.home.path().join("data").join(file), copy.join(file)).unwrap();
    }
    let context = open(&copy).await;
    let mut ends = listen(&context);
    let player = start(&context, &stage.library, silent()).await;
    let restored = player.playback();
    assert_eq!((restored.state(), restored.volume), (PlaybackState::Paused, 0.25));
    assert_eq!(restored.queue_item_id, items[0].id);
    assert!(position(&restored).abs_diff(Duration::from_secs(5)) < Duration::from_millis(1500));
    let interrupted = next_end(&mut ends).await;
    assert_eq!((interrupted.end_reason(), interrupted.playback_id), (EndReason::Interrupted, playing.playback_id));
    assert_eq!(player.queue().await.unwrap().items, items);
    let resumed = player.resume().await.unwrap();
    assert!(resumed.state() == PlaybackState::Playing && position(&resumed) >= position(&restored));
}

#[tokio::test]
async fn the_end_is_announced_once_and_stop_forgets_the_position() {
    let stage = stage(&[31.0]).await;
    let mut ears = stage.ends();
    stage.play(0).await;
    let announced = async {
        loop {
            if let Payload::MusicTrackEndingSoon(soon) = ears.recv().await.unwrap() {
                return soon;
            }
        }
    };
    let soon = tokio::time::timeout(Duration::from_secs(10), announced).await.unwrap();
    let remaining = clock::duration(&soon.remaining.unwrap()).unwrap();
    assert!(remaining <= Duration::from_secs(30) && remaining > Duration::from_millis(29_400), "{remaining:?}");
    let stopped = stage.player.stop().await.unwrap();
    assert!(stopped.state() == PlaybackState::Stopped && stopped.position.is_none());
    assert_eq!(stage.player.stop().await.unwrap().state(), PlaybackState::Stopped);
}

#[tokio::test]
async fn another_output_is_told_and_an_unknown_one_changes_nothing() {
    let stage = stage(&[20.0]).await;
    let playing = stage.play(0).await;
    let path = stage.place.home.path().join("heard.wav");
    let name = format!("wav:{}", path.display());
    let moved = stage.player.set_output(name.clone()).await.unwrap();
    assert_eq!(moved.output.as_ref().unwrap().name, name);
    assert!(moved.playback_id == playing.playback_id && position(&moved) >= position(&playing));
    assert!(stage.player.set_output("no such output".into()).await.is_err());
    assert_eq!(stage.player.playback().output.unwrap().name, name);
    assert!(stage.player.outputs().await.iter().any(|output| output.active && output.name == name));
}
