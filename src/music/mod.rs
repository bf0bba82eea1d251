//! Music: the library, the queue and the player.

mod decode;
pub mod demo;
mod error;
mod library;
mod queue;
mod store;
mod player;
mod service;
#[cfg(test)]
mod testing;

pub use error::Error;
pub use library::Library;
use player::Parts;
pub use player::{KeepOutput, Player};
pub use service::Service;

use std::{path::PathBuf, sync::Arc};

use tokio::sync::watch;

use crate::{
    audio::Audio,
    context::Context,
    pb::cantina::{config::v1::Config, music::v1 as proto},
};

/// Starts the library and the player over a sound layer. The scan runs in the background; queue,
/// volume and position are as the last run left them.
///
/// # Errors
/// [`Error::Storage`] when the database cannot be read.
pub async fn start(
    context: &Context,
    audio: Audio,
    settings: watch::Receiver<Arc<Config>>,
    keep_output: KeepOutput,
) -> Result<(Player, Library), Error> {
    let folders = watch::Sender::new(folders(&settings.borrow()));
    let library = Library::start(context, folders.subscribe()).await?;
    context.spawn("music folders", follow_folders(context.clone(), settings.clone(), folders));
    let parts = Parts { audio, library: library.clone(), settings, keep_output };
    Ok((Player::start(context, parts).await?, library))
}

fn folders(settings: &Config) -> Vec<PathBuf> {
    settings.music.iter().flat_map(|music| &music.folders).map(PathBuf::from).collect()
}

async fn follow_folders(
    context: Context,
    mut settings: watch::Receiver<Arc<Config>>,
    publish: watch::Sender<Vec<PathBuf>>,
) {
    loop {
        tokio::select! {
            () = context.shutdown().cancelled() => return,
            changed = settings.changed() => if changed.is_err() { return },
        }
        let now = folders(&settings.borrow_and_update());
        publish.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }
}

/// Is a volume, 0 to 1, where 1 leaves the samples as they are.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Volume(f64);

impl Volume {
    /// Leaves the samples as they are.
    pub const FULL: Self = Self(1.0);

    /// Takes a ratio; what lies outside, or is not a number, becomes the nearest volume (0 for NaN).
    #[must_use]
    pub fn new(ratio: f64) -> Self {
        Self(if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) })
    }

    /// Is the ratio, 0 to 1.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_always_between_silence_and_full() {
        assert_eq!([-1.0, 0.3, 7.0, f64::NAN].map(|ratio| Volume::new(ratio).ratio()), [0.0, 0.3, 1.0, 0.0]);
    }
}
