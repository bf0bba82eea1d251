//! The house keeps its own rules.

use std::{collections::BTreeMap, fs, path::Path};

use walkdir::WalkDir;

use crate::support::root;

/// Every Rust file under `src/` with its text, by its path from there.
fn sources() -> BTreeMap<String, String> {
    let source = root().join("src");
    let files =
        WalkDir::new(&source).into_iter().flatten().filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"));
    let read = |path: &Path| fs::read_to_string(path).expect("text");
    let name = |path: &Path| path.strip_prefix(&source).expect("below src").to_string_lossy().into_owned();
    files.map(|entry| (name(entry.path()), read(entry.path()))).collect()
}

/// The modules in the order of `src/lib.rs`.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn module_of(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

#[test]
fn a_module_uses_only_modules_listed_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let Some(own) = place(module_of(&file)) else { continue };
        for used in modules.iter().skip(own + 1) {
            let inner = used_in_braces(&text, used);
            if text.contains(&format!("crate::{used}::")) || inner {
                wrong.push(format!("{file} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether `use crate::{…}` names a module at its first level.
fn used_in_braces(text: &str, module: &str) -> bool {
    text.split("use crate::{").skip(1).any(|rest| {
        let mut depth = 0_i32;
        let mut first_level = String::new();
        for letter in rest.chars() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                letter if depth == 0 => first_level.push(letter),
                _ => {}
            }
        }
        first_level.split(',').any(|item| item.trim().split("::").next() == Some(module))
    })
}

#[test]
fn libraries_stay_in_their_rooms() {
    let rooms: &[(&str, &[&str])] = &[
        ("tonic::", &["service.rs", "server/", "app.rs", "error.rs", "codec.rs", "pb.rs", "pb/", "policy/"]),
        ("sqlx::", &["store.rs", "storage/", "history.rs"]),
        ("rodio::", &["rodio.rs"]),
        ("rppal::", &["rppal.rs"]),
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (library, allowed) in rooms {
            let inside =
                allowed.iter().any(|room| if room.ends_with('/') { file.contains(room) } else { file.ends_with(room) });
            if text.contains(&format!("use {library}")) && !inside {
                wrong.push(format!("{file} uses {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_event_is_produced_by_its_feature() {
    let sources = sources();
    for event in cantina::pb::registry::EVENTS {
        let message = event.message_name.rsplit('.').next().expect("a name");
        let made =
            |text: &String| text.contains(&format!("{message} {{")) || text.contains(&format!("proto::{message} {{"));
        let producer =
            |file: &str| module_of(file) == event.producer || (event.producer == "system" && file == "component.rs");
        let found = sources.iter().any(|(file, text)| producer(file) && made(text));
        assert!(found, "{} is wired to {} but never made there", event.name, event.producer);
    }
}

#[test]
fn every_consumer_reads_its_events() {
    let sources = sources();
    let consumers = cantina::pb::registry::EVENTS.iter().flat_map(|event| event.consumers);
    for consumer in consumers.filter(|consumer| **consumer != "dashboard") {
        let reads =
            |(file, text): (&String, &String)| module_of(file) == *consumer && text.contains(".consume::<consumer::");
        assert!(sources.iter().any(reads), "{consumer} is wired to events but never reads them");
    }
}

#[test]
fn every_error_reason_is_produced() {
    let sources = sources();
    for row in cantina::pb::registry::REASONS.iter().skip(1) {
        let name = format!("ErrorReason::{:?}", row.reason);
        let found = sources.values().any(|text| text.contains(&name));
        assert!(found, "nothing produces {name}");
    }
}

#[test]
fn files_are_of_a_size_to_read_at_once() {
    let long: Vec<_> =
        sources().into_iter().filter(|(_, text)| text.lines().count() > 400).map(|(file, _)| file).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn nothing_unwraps_outside_tests() {
    let mut wrong = Vec::new();
    for (file, text) in
        sources().into_iter().filter(|(file, _)| !file.ends_with("tests.rs") && !file.ends_with("testing.rs"))
    {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        wrong.extend(code.lines().filter(|line| line.contains(".unwrap()")).map(|line| format!("{file}: {line}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
