//! "Can I start the show?"

use std::path::Path;

use super::resources::disk_free_bytes;
use crate::pb::cantina::system::v1::{CheckOutcome, Component, ComponentState, PreflightCheck, SystemStatus};

/// Below this much free space a show may end in a full disk.
const LOW_DISK_BYTES: u64 = 500 * 1024 * 1024;

/// All checks: of the device, of its disk, and of each component by its own word.
#[must_use]
pub fn preflight(status: &SystemStatus, components: &[Component], data_dir: &Path) -> Vec<PreflightCheck> {
    let mut checks = vec![stop_check(status), settings_check(status), disk_check(data_dir)];
    checks.extend(components.iter().map(component_check));
    checks
}

fn check(name: &str, outcome: CheckOutcome, finding: impl Into<String>, fix: impl Into<String>) -> PreflightCheck {
    PreflightCheck { name: name.to_owned(), outcome: outcome.into(), finding: finding.into(), fix: fix.into() }
}

fn stop_check(status: &SystemStatus) -> PreflightCheck {
    if status.stopped {
        return check("stop", CheckOutcome::Fail, "Everything is stopped.", "Clear the stop when it is safe to go on.");
    }
    check("stop", CheckOutcome::Pass, "Nothing is stopped.", "")
}

fn settings_check(status: &SystemStatus) -> PreflightCheck {
    match &status.safe_mode {
        Some(problem) => check(
            "settings",
            CheckOutcome::Fail,
            problem.message.clone(),
            "Mend the settings file and reload it on the Settings page.",
        ),
        None => check("settings", CheckOutcome::Pass, "The settings are in force.", ""),
    }
}

fn disk_check(data_dir: &Path) -> PreflightCheck {
    let free = disk_free_bytes(data_dir);
    let finding = format!("{} MiB are free in the data directory.", free / (1024 * 1024));
    if free < LOW_DISK_BYTES {
        return check("disk", CheckOutcome::Warn, finding, "Free some space before the show.");
    }
    check("disk", CheckOutcome::Pass, finding, "")
}

fn component_check(component: &Component) -> PreflightCheck {
    let outcome = match component.state() {
        ComponentState::Running => CheckOutcome::Pass,
        ComponentState::Failed => CheckOutcome::Fail,
        _ => CheckOutcome::Warn,
    };
    let (finding, fix) = match &component.reason {
        Some(reason) => (reason.message.clone(), recovery(component)),
        None if outcome == CheckOutcome::Pass => (component.detail.clone(), String::new()),
        None => (format!("It is {}.", component.state().as_str_name()), "Wait a moment and check again.".to_owned()),
    };
    check(&component.name, outcome, finding, fix)
}

/// The recovery sentence of the reason of a component.
fn recovery(component: &Component) -> String {
    use prost::Message;
    let details = component.reason.iter().flat_map(|status| &status.details);
    let own = details.filter(|any| any.type_url.ends_with("cantina.error.v1.CommandError"));
    let errors = own.filter_map(|any| crate::pb::cantina::error::v1::CommandError::decode(any.value.as_slice()).ok());
    errors.map(|error| error.recovery).next().unwrap_or_default()
}
