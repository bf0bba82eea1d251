//! The library over real files.

use super::*;
use crate::music::testing::{Place, scanned};

#[tokio::test]
async fn files_are_found_with_their_tags_and_broken_ones_with_their_reason() {
    let place = Place::new().await;
    let tags = ["-metadata", "title=Lapti Nek", "-metadata", "artist=Max Rebo", "-metadata", "date=1983"];
    std::fs::create_dir(place.music.join("deep")).unwrap();
    place.tone("deep/one.mp3", 1.0, &tags);
    place.tone("Figrin - Mad About Me.flac", 1.0, &[]);
    place.tone(".hidden.flac", 1.0, &[]);
    std::fs::write(place.music.join("broken.mp3"), b"").unwrap();
    std::os::unix::fs::symlink(&place.music, place.music.join("loop")).unwrap();
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    let index = scanned(&library, |index| index.playable().len() == 2 && index.problems().len() == 1).await;
    let page = index.list(&ListTracksRequest::default()).unwrap();
    let [mad, lapti] = &page.tracks[..] else { panic!("{page:?}") };
    assert_eq!((mad.artist.as_str(), mad.title.as_str(), mad.format.as_str()), ("Figrin", "Mad About Me", "flac"));
    assert_eq!((lapti.title.as_str(), lapti.year, lapti.sample_rate_hz), ("Lapti Nek", Some(1983), 44_100));
    assert!((duration(lapti).unwrap().as_secs_f64() - 1.0).abs() < 0.05, "{lapti:?}");
    let problems = index.list(&ListTracksRequest { problems_only: true, ..Default::default() }).unwrap();
    assert!(problems.tracks[0].problem.as_ref().unwrap().message.contains("broken.mp3"));
    assert!(matches!(library.artwork(&lapti.id).await, Err(Error::ArtworkAbsent(_))));
    assert_eq!(library.search("lapti nek".into(), 0).await[0].score, 1.0);
}

#[tokio::test]
async fn only_what_changed_is_read_again_and_a_moved_file_keeps_its_id() {
    let place = Place::new().await;
    place.tone("a.flac", 1.0, &[]);
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    let before = scanned(&library, |index| index.playable().len() == 1).await;
    std::fs::rename(place.music.join("a.flac"), place.music.join("b.flac")).unwrap();
    place.tone("c.flac", 1.0, &["-ac", "2"]);
    let rescan = async {
        while library.rescan(Cause::daemon("test")).await.unwrap().1 {
            tokio::task::yield_now().await;
        }
    };
    rescan.await;
    let after = scanned(&library, |index| index.playable().len() == 2 && index.files().len() == 2).await;
    let (old, new) = (&before.playable()[0].track, &after.playable()[0].track);
    assert_eq!((&old.id, &old.create_time), (&new.id, &new.create_time));
    assert!(new.path.ends_with("b.flac"));
}

#[tokio::test]
async fn a_folder_that_vanishes_keeps_its_tracks_and_says_so() {
    let place = Place::new().await;
    place.tone("a.flac", 1.0, &[]);
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    scanned(&library, |index| index.playable().len() == 1).await;
    let away = place.music.with_extension("away");
    std::fs::rename(&place.music, &away).unwrap();
    let refused = async {
        loop {
            match library.rescan(Cause::daemon("test")).await {
                Err(error) => break error,
                Ok(_) => tokio::task::yield_now().await,
            }
        }
    };
    assert!(matches!(refused.await, Error::LibraryUnavailable(_)));
    place.folders.send_replace(vec![place.music.clone(), away]);
    scanned(&library, |index| index.files().len() == 2).await;
    assert_eq!(library.index().playable().len(), 1, "the same content twice is one track");
}

#[tokio::test]
async fn a_disk_that_is_not_mounted_keeps_its_tracks_and_says_so() {
    let place = Place::new().await;
    place.tone("a.flac", 1.0, &[]);
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    scanned(&library, |index| index.playable().len() == 1).await;
    std::fs::remove_file(place.music.join("a.flac")).unwrap();
    let folder = loop {
        let (message, _) = library.rescan(Cause::daemon("test")).await.unwrap();
        if let Some(folder) = message.folders.into_iter().find(|folder| folder.problem.is_some()) {
            break folder;
        }
        tokio::task::yield_now().await;
    };
    assert!(folder.problem.unwrap().message.contains("mounted"));
    assert_eq!(library.index().playable().len(), 1);
}

#[tokio::test]
async fn what_was_found_is_known_after_a_restart() {
    let place = Place::new().await;
    place.tone("a.flac", 1.0, &[]);
    let library = Library::start(&place.context, place.folders.subscribe()).await.unwrap();
    scanned(&library, |index| index.playable().len() == 1).await;
    place.context.log().flush().await;
    let files = store::load_files(place.context.database().reader()).await.unwrap();
    assert_eq!(files, [(**library.index().playable().first().unwrap()).clone()]);
}
