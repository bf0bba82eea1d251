//! What the sound layer tells the rest of the daemon: its health and its levels.

use std::{sync::Arc, time::Duration};

use super::{Audio, AudioConfig, Error, OutputState};
use crate::{
    component::Health,
    context::Context,
    error::{Explain, Failure},
    pb::cantina::{config::v1::Config, error::v1::ErrorReason, event::v1::telemetry::Value, music::v1::OutputMeter},
};

/// Is how often the meter is read while somebody watches it.
const METER: Duration = Duration::from_millis(40);
/// Is how often to look whether somebody watches it.
const IDLE: Duration = Duration::from_millis(500);

impl Explain for Error {
    fn failure(&self) -> Failure {
        let failure = |reason| Failure::new(reason, self).component("audio");
        match self {
            Self::OutputUnknown { name } => {
                failure(ErrorReason::OutputUnknown).resource("cantina.music.v1.Output", name)
            }
            Self::OutputUnavailable { .. } => {
                failure(ErrorReason::OutputUnavailable).retry_after(Duration::from_secs(2))
            }
            Self::TooManyVoices { .. } => failure(ErrorReason::ConcurrencyLimit).retry_after(Duration::from_secs(1)),
        }
    }
}

/// Starts the sound layer as the settings say, and reports it.
///
/// # Errors
/// When the machine has no thread left.
pub fn start(context: &Context, settings: &Config) -> std::io::Result<Audio> {
    let settings = settings.audio.clone().unwrap_or_default();
    let output = settings.output.unwrap_or_else(|| "default".into());
    let audio = Audio::start(AudioConfig { output, buffer_frames: settings.buffer_frames.unwrap_or(480) })?;
    report(context, &audio);
    Ok(audio)
}

/// Reports the output as the health of the component `audio`, which can be restarted, and the level
/// as the channel `audio.meter`, until the shutdown.
fn report(context: &Context, audio: &Audio) {
    let health = context.component("audio");
    let restarted = audio.clone();
    health.on_restart(Arc::new(move || {
        let audio = restarted.clone();
        Box::pin(async move {
            // How it went shows in the health.
            drop(audio.reopen().await);
        })
    }));
    context.spawn("audio health", follow_output(context.clone(), audio.clone(), health));
    context.spawn("audio meter", publish_level(context.clone(), audio.clone()));
}

async fn follow_output(context: Context, audio: Audio, health: Health) {
    let mut outputs = audio.outputs();
    loop {
        let state = outputs.borrow_and_update().clone();
        tell(&health, &state);
        tokio::select! {
            () = context.shutdown().cancelled() => return,
            changed = outputs.changed() => if changed.is_err() { return },
        }
    }
}

fn tell(health: &Health, state: &OutputState) {
    match (&state.active, &state.problem) {
        (Some(active), None) => health.running(&active.display_name),
        (Some(_), Some(problem)) => health.degraded(&problem.failure(), "keeps time without sound"),
        (None, Some(problem)) => health.failed(&problem.failure(), "no output runs"),
        (None, None) => {}
    }
}

async fn publish_level(context: Context, audio: Audio) {
    let mut meter = audio.meter();
    loop {
        let watched = context.telemetry().is_read("audio.meter");
        tokio::select! {
            () = context.shutdown().cancelled() => return,
            () = tokio::time::sleep(if watched { METER } else { IDLE }) => {}
        }
        let levels = meter.read();
        if watched {
            context.telemetry().put(Value::Meter(OutputMeter {
                peak_left_dbfs: levels.peak_dbfs[0],
                peak_right_dbfs: levels.peak_dbfs[1],
                rms_left_dbfs: levels.rms_dbfs[0],
                rms_right_dbfs: levels.rms_dbfs[1],
            }));
        }
    }
}
