//! `cantinad doctor`: what is wrong with this machine, and how to mend it.

use std::{f32::consts::TAU, fs, path::Path, process::ExitCode, time::Duration};

use crate::{
    audio::{Audio, AudioConfig, Bus, CHANNELS, Curve, Fade, SAMPLE_RATE_HZ, Then, voice},
    config::{Error, Loaded},
    storage::Database,
    system::disk_free_bytes,
};

/// One finding.
struct Finding {
    name: &'static str,
    good: Result<String, (String, String)>,
}

/// Tests the machine and prints a line for each finding. The exit code tells whether all is well.
#[must_use]
pub fn run(loaded: Result<Loaded, Error>) -> ExitCode {
    let mut findings = Vec::new();
    match loaded {
        Err(error) => findings.push(bad("settings", error, "Correct the variable or option that is named.")),
        Ok(loaded) => {
            findings.push(settings(&loaded));
            let config = loaded.layers.effective();
            let storage = config.storage.clone().unwrap_or_default();
            let audio = config.audio.clone().unwrap_or_default();
            findings.push(sound(audio.output(), audio.buffer_frames()));
            findings.push(data_dir(Path::new(storage.data_dir())));
            let music = config.music.clone().unwrap_or_default();
            findings.extend(music.folders.iter().map(|folder| music_folder(folder)));
            if music.folders.is_empty() {
                findings.push(bad(
                    "music",
                    "no music folder is set",
                    "Set CANTINA_MUSIC_DIRS, or run `cantinad make-demo-music ~/Music`.",
                ));
            }
        }
    }
    findings.push(devices(
        "gpio",
        "/dev",
        "gpiochip",
        "Only a Raspberry Pi and its like have one; simulated hardware works without.",
    ));
    findings.push(devices("serial", "/dev", "tty[AU]", "Connect the board, and add the user to the group dialout."));
    let mut well = true;
    for finding in &findings {
        match &finding.good {
            Ok(text) => println!("ok    {:<10} {text}", finding.name),
            Err((text, fix)) => {
                well &= matches!(finding.name, "gpio" | "serial");
                println!("CHECK {:<10} {text}\n      {:<10} {fix}", finding.name, "");
            }
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn bad(name: &'static str, what: impl ToString, fix: &str) -> Finding {
    Finding { name, good: Err((what.to_string(), fix.to_owned())) }
}

fn good(name: &'static str, what: impl ToString) -> Finding {
    Finding { name, good: Ok(what.to_string()) }
}

fn settings(loaded: &Loaded) -> Finding {
    match (&loaded.problem, &loaded.file) {
        (Some(problem), _) => bad("settings", problem, "Correct the file; the daemon starts in safe mode meanwhile."),
        (None, Some(file)) => good("settings", file.display()),
        (None, None) => good("settings", "no settings file: defaults and environment"),
    }
}

/// Plays a tone of 440 Hz for half a second through the output of the settings.
fn sound(output: &str, buffer_frames: u32) -> Finding {
    let fix = "Check the cable and that no other program holds the device, or choose another output with --output.";
    match block_on(play_tone(output.to_owned(), buffer_frames)) {
        Ok(output) => good("sound", format!("a tone was played on {output}")),
        Err(error) => bad("sound", error, fix),
    }
}

async fn play_tone(output: String, buffer_frames: u32) -> Result<String, String> {
    let audio = Audio::start(AudioConfig { output, buffer_frames }).map_err(|error| error.to_string())?;
    let mut outputs = audio.outputs();
    let state = outputs.wait_for(|state| state.active.is_some() || state.problem.is_some()).await;
    let state = state.map_err(|error| error.to_string())?.clone();
    if let Some(problem) = state.problem {
        return Err(problem.to_string());
    }
    let frames = SAMPLE_RATE_HZ / 2;
    #[allow(clippy::cast_precision_loss, reason = "half a second of frames is exact")]
    let sample = |frame: u32| (TAU * 440.0 * frame as f32 / SAMPLE_RATE_HZ as f32).sin() * 0.25;
    let samples: Vec<f32> = (0..frames).flat_map(|frame| [sample(frame); CHANNELS]).collect();
    let (tone, mut feed, handle) = voice(Bus::Effects);
    feed.push(&samples);
    feed.finish();
    let fade = Fade { at: 0, to: 1.0, frames: SAMPLE_RATE_HZ / 100, curve: Curve::EqualGain, then: Then::Play };
    audio.start_voice(tone, fade).map_err(|error| error.to_string())?;
    audio.until(Duration::from_secs(3), || handle.is_over()).await.map_err(|error| error.to_string())?;
    Ok(state.active.map(|output| output.display_name).unwrap_or_default())
}

fn block_on<T>(task: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(task)
}

fn data_dir(folder: &Path) -> Finding {
    match block_on(async { Database::open(folder).await.map(drop).map_err(|error| error.to_string()) }) {
        Ok(()) => good("data", format!("{}, {} MiB free", folder.display(), disk_free_bytes(folder) / (1024 * 1024))),
        Err(error) => bad("data", error, "Stop the other daemon, or choose another folder with --data-dir."),
    }
}

fn music_folder(folder: &str) -> Finding {
    match fs::read_dir(folder) {
        Ok(entries) => good("music", format!("{folder}, {} entries", entries.count())),
        Err(error) => bad("music", format!("{folder}: {error}"), "Mount the folder, or correct music.folders."),
    }
}

/// Device files whose name begins with a prefix; a class in brackets stands for any of its letters.
fn devices(name: &'static str, folder: &str, prefix: &str, fix: &str) -> Finding {
    let (stem, class) = prefix.split_once('[').unwrap_or((prefix, ""));
    let matches = |file: &str| {
        file.strip_prefix(stem).is_some_and(|rest| {
            class.is_empty() || rest.chars().next().is_some_and(|letter| class.trim_end_matches(']').contains(letter))
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|file| matches(file)).collect();
    found.sort();
    if found.is_empty() { bad(name, "none found", fix) } else { good(name, found.join(", ")) }
}
