//! `cantinad doctor`: what is wrong with this machine, and how to mend it.

use std::{fs, path::Path, process::ExitCode};

use crate::{
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

fn data_dir(folder: &Path) -> Finding {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let opened = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        runtime.block_on(async { Database::open(folder).await.map(drop) }).map_err(|error| error.to_string())
    });
    match opened {
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
