//! The reference pages, made from the contract: methods, events, errors, settings.
//!
//! `cantinad docs docs` writes them; a test compares them with what is committed.

use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path};

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MethodDescriptor};

use crate::pb::{
    CONTRACT,
    cantina::error::v1::ErrorReason,
    registry::{EVENTS, METHODS, MethodInfo, REASONS, SETTINGS},
};

const NOTE: &str = "<!-- Made from the contract by `cantinad docs docs`: change proto/, not this page. -->\n\n";

/// The names that the gRPC specification gives to its status codes.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The error names of the systems that Cantina succeeds, what replaced them, and how.
const PREDECESSORS: [(&str, &[ErrorReason], &str); 10] = [
    (
        "VALIDATION_ERROR",
        &[ErrorReason::ValidationFailed, ErrorReason::RequestUndecodable, ErrorReason::ConfigInvalid],
        "every field that breaks a rule is named, with the rule",
    ),
    (
        "EXECUTION_ERROR",
        &[ErrorReason::TrackUnreadable, ErrorReason::ModeChangeFailed, ErrorReason::NothingPlaying],
        "each way to fail has a reason of its own; the ones named are examples",
    ),
    (
        "CONNECTION_ERROR",
        &[ErrorReason::OutputUnavailable],
        "to a device; a client that cannot connect gets UNAVAILABLE",
    ),
    ("TIMEOUT_ERROR", &[ErrorReason::DeadlineExceeded], "the deadline of each method is in methods.md"),
    (
        "SEND_ERROR",
        &[ErrorReason::RequestInterrupted],
        "an answer means that the effect has happened, so sending alone can no longer succeed or fail",
    ),
    ("UNEXPECTED_ERROR", &[ErrorReason::Internal], "a defect"),
    ("AUTHORIZATION_ERROR", &[ErrorReason::RoleInsufficient], "the message names the role that the method needs"),
    (
        "SERVICE_UNAVAILABLE",
        &[ErrorReason::ShuttingDown, ErrorReason::StorageFailed, ErrorReason::LibraryUnavailable],
        "each says which part is not there",
    ),
    ("SERVICE_DEGRADED", &[], "not an error of a call: the state DEGRADED of a component, which carries its reason"),
    ("PROCESSING_ERROR", &[ErrorReason::TrackUndecodable], "the library lists the file with what is wrong"),
];

/// Writes the pages into a folder.
///
/// # Errors
/// Fails when the folder cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    pages().into_iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// The file names and texts of all pages.
#[must_use]
pub fn pages() -> Vec<(&'static str, String)> {
    let contract = Contract::read();
    vec![
        ("methods.md", contract.methods()),
        ("events.md", contract.events()),
        ("errors.md", errors(&contract)),
        ("settings.md", settings()),
    ]
}

/// The descriptors with their comments.
struct Contract(DescriptorPool);

impl Contract {
    fn read() -> Self {
        Self(DescriptorPool::decode(CONTRACT).expect("build.rs wrote the descriptor set"))
    }

    /// The name of a value of one of the option enums, without its prefix and in small letters.
    fn word(&self, name: &str, number: i32) -> String {
        let of = |values: EnumDescriptor| values.get_value(number).map(|value| value.name().to_owned());
        let full = self.0.get_enum_by_name(&format!("cantina.options.v1.{name}")).and_then(of).unwrap_or_default();
        let prefix =
            name.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain([c])).collect::<String>();
        full.trim_start_matches(&format!("{}_", prefix.trim_start_matches('_').to_uppercase())).to_lowercase()
    }

    fn methods(&self) -> String {
        let mut page = format!("{NOTE}# Methods\n\nEvery unary method also takes JSON: `POST /SERVICE/METHOD`.\n");
        for service in self.0.services().filter(|s| s.full_name().starts_with("cantina.")) {
            let comment = comment(&service.parent_file(), service.path());
            _ = write!(page, "\n## {}\n\n{comment}\n", service.full_name());
            for method in service.methods() {
                self.method(&mut page, &method);
            }
        }
        page
    }

    fn method(&self, page: &mut String, method: &MethodDescriptor) {
        let name = format!("{}/{}", method.parent_service().full_name(), method.name());
        let Some(info) = METHODS.iter().find(|row| row.name == name) else { return };
        let comment = comment(&method.parent_service().parent_file(), method.path());
        _ = write!(page, "\n### {}\n\n{comment}\n\n{}\n", method.name(), self.policy(info));
        for (title, message) in [("Request", method.input()), ("Answer", method.output())] {
            if message.fields().len() == 0 {
                continue;
            }
            _ = write!(page, "\n| {title} field | Type | Meaning |\n| --- | --- | --- |\n");
            for field in message.fields() {
                let meaning = self::comment(&message.parent_file(), field.path());
                _ = writeln!(page, "| `{}` | {} | {} |", field.name(), kind(&field), cell(&meaning));
            }
        }
    }

    fn policy(&self, info: &MethodInfo) -> String {
        let mut words = vec![format!("Role: {}.", self.word("Role", info.role))];
        words.push(if info.streaming { "A stream.".into() } else { format!("Deadline: {} ms.", info.deadline_ms) });
        words.extend(info.audited.then(|| "Recorded as `command.completed`.".into()));
        words.extend((!info.allowed_while_stopped).then(|| "Refused while StopAll is latched.".into()));
        words.join(" ")
    }

    fn events(&self) -> String {
        let mut page = format!("{NOTE}# Events\n\nWho publishes for whom, with the number of event types:\n\n");
        let mut wires: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for event in EVENTS {
            event.consumers.iter().for_each(|reader| *wires.entry((event.producer, reader)).or_default() += 1);
        }
        page += "```mermaid\nflowchart LR\n";
        for ((producer, reader), count) in wires {
            _ = writeln!(page, "  {producer}([{producer}]) -->|{count}| {reader}_reads[{reader}]");
        }
        page += "```\n\n| Event | When | From | To | On disk | Rate | Kept as |\n| --- | --- | --- | --- | --- | --- | --- |\n";
        for event in EVENTS {
            let [disk, rate, kept] =
                [("Durability", event.durability), ("RateClass", event.rate), ("Retention", event.retention)]
                    .map(|(name, number)| self.word(name, number));
            let (when, to) = (cell(event.description), event.consumers.join(", "));
            _ = writeln!(page, "| `{}` | {when} | {} | {to} | {disk} | {rate} | {kept} |", event.name, event.producer);
        }
        page += "\nWhat the words mean: ";
        page + "`Durability`, `RateClass` and `Retention` in [options.proto](../proto/cantina/options/v1/options.proto).\n"
    }
}

fn errors(contract: &Contract) -> String {
    let mut page = format!("{NOTE}# Errors\n\n");
    page +=
        "A failed call is a `google.rpc.Status` with `ErrorInfo{reason, domain: \"cantina\"}`, a `CommandError` with ";
    page += "the row below, and the standard details where they apply.\n\n";
    page += "| Reason | Code | Severity | Retry | Meaning | What to do |\n| --- | --- | --- | --- | --- | --- |\n";
    for row in REASONS.iter().filter(|row| row.reason != ErrorReason::Unspecified) {
        let severity = contract.word("ErrorSeverity", row.severity);
        let code = usize::try_from(row.code).ok().and_then(|code| CODES.get(code)).copied().unwrap_or("UNKNOWN");
        let retry = if row.retryable { "yes" } else { "no" };
        let [meaning, recovery] = [row.description, row.recovery].map(cell);
        _ = writeln!(page, "| `{}` | {code} | {severity} | {retry} | {meaning} | {recovery} |", row.name);
    }
    page += "\n## What replaced the names of the predecessors\n\n| Was | Is | How |\n| --- | --- | --- |\n";
    for (was, is, note) in PREDECESSORS {
        let names: Vec<_> = is.iter().map(|reason| format!("`{}`", reason.info().name)).collect();
        let is = if names.is_empty() { "no reason".to_owned() } else { names.join(", ") };
        _ = writeln!(page, "| {was} | {is} | {note} |");
    }
    page
}

fn settings() -> String {
    let mut page = format!("{NOTE}# Settings\n\n");
    page +=
        "Read from a TOML or JSON file, then from the environment, then from what was changed at run time; each layer ";
    page += "overrides the one before it, setting by setting. `cantinad check-config FILE` checks a file.\n";
    let mut section = "";
    for row in SETTINGS {
        if row.section != section {
            section = row.section;
            _ = write!(page, "\n## [{section}]\n\n");
            page += "| Setting | Variable | Default | Takes effect | Meaning |\n| --- | --- | --- | --- | --- |\n";
        }
        let effect = if row.needs_restart { "at the next start" } else { "at once" };
        let default =
            if row.default_json.is_empty() { "in words".to_owned() } else { format!("`{}`", row.default_json) };
        let meaning = cell(row.description);
        _ = writeln!(page, "| `{}` | `{}` | {default} | {effect} | {meaning} |", row.field, row.environment);
    }
    page
}

/// The leading comment of an element, in one line.
fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let found = info.and_then(|info| info.location.iter().find(|location| location.path == path));
    found.map_or_else(String::new, |l| l.leading_comments().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn kind(field: &FieldDescriptor) -> String {
    let name = match field.kind() {
        Kind::Message(message) => message.name().to_owned(),
        Kind::Enum(values) => values.name().to_owned(),
        kind => format!("{kind:?}").to_lowercase(),
    };
    if field.is_list() { format!("{name}, repeated") } else { name }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_what_the_contract_says() {
        for (name, text) in pages() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
            let committed = fs::read_to_string(path).unwrap_or_default();
            assert!(committed == text, "docs/{name} is out of date: run `cargo run -- docs docs`");
        }
    }

    #[test]
    fn every_method_event_reason_and_setting_has_a_row() {
        let all: String = pages().into_iter().map(|(_, text)| text).collect();
        let methods = METHODS.iter().map(|row| format!("\n### {}\n", row.name.split('/').nth(1).unwrap()));
        let others = EVENTS.iter().map(|row| format!("| `{}` |", row.name));
        let others = others.chain(REASONS.iter().skip(1).map(|row| format!("| `{}` |", row.name)));
        let others = others.chain(SETTINGS.iter().map(|row| format!("| `{}` | `{}` |", row.field, row.environment)));
        for wanted in methods.chain(others) {
            assert!(all.contains(&wanted), "no row {wanted}");
        }
        assert!(!all.contains("|  |"), "a cell is empty");
    }
}
