//! The tables and types made from the contract's own options.

use crate::pb::cantina::error::v1::ErrorReason;

/// A message whose rules can be run. Every message of the contract has it; the codec accepts no
/// other, so a request that nobody validates does not compile.
pub trait Checked {
    /// Runs the rules of a request; other messages always pass.
    ///
    /// # Errors
    /// Lists every violated rule with the path of its field.
    fn check(&self) -> Result<(), prost_protovalidate::ValidationError>;
}

/// A feature that publishes events.
pub trait Producer: Send + Sync + 'static {
    /// The name that the `(wiring)` options use.
    const NAME: &'static str;
}

/// The events that one feature reads, as an enum to match without a wildcard.
pub trait Consumer: Sized + Send + 'static {
    /// The name that the `(wiring)` options use.
    const NAME: &'static str;
    /// The types it reads.
    const KINDS: &'static [EventKind];

    /// The event, if this feature is wired to it.
    fn from_payload(payload: crate::pb::cantina::event::v1::event::Payload) -> Option<Self>;
}

/// A message that is the payload of an event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "give it a field with a (wiring) option in Event.payload of event.proto"
)]
pub trait Payload: prost::Message + Sized {
    /// Its type.
    const KIND: EventKind;
    /// The only feature that may publish it.
    type Producer: Producer;
}

/// One row of the event registry.
#[derive(Debug)]
pub struct EventInfo {
    /// The type.
    pub kind: EventKind,
    /// The name in the feed, for example `music.track_finished`.
    pub name: &'static str,
    /// The full name of the payload message.
    pub message_name: &'static str,
    /// When it happens.
    pub description: &'static str,
    /// The feature that publishes it.
    pub producer: &'static str,
    /// The features that read it.
    pub consumers: &'static [&'static str],
    /// `cantina.options.v1.Durability` by number.
    pub durability: i32,
    /// `cantina.options.v1.RateClass` by number.
    pub rate: i32,
    /// `cantina.options.v1.Retention` by number.
    pub retention: i32,
    /// The field number in `Event.payload`.
    pub tag: u32,
}

/// The policy of one method.
#[derive(Debug)]
pub struct MethodInfo {
    /// The HTTP path, `/package.Service/Method`.
    pub path: &'static str,
    /// The name in events and errors, `package.Service/Method`.
    pub name: &'static str,
    /// The full name of the request message.
    pub input: &'static str,
    /// `cantina.options.v1.Role` by number.
    pub role: i32,
    /// Whether each call is recorded.
    pub audited: bool,
    /// Whether it works while StopAll is latched.
    pub allowed_while_stopped: bool,
    /// The longest time for one call in milliseconds; 0 for streams.
    pub deadline_ms: u32,
    /// Whether it answers a stream.
    pub streaming: bool,
    /// The field number of `request_id` in the request, or 0.
    pub request_id_tag: u32,
    /// The field number of `commit` in the answer, or 0.
    pub commit_tag: u32,
}

/// One row of the error catalogue.
#[derive(Debug)]
pub struct ReasonInfo {
    /// The reason.
    pub reason: ErrorReason,
    /// Its name without the prefix of the enum, as in `ErrorInfo.reason`.
    pub name: &'static str,
    /// The gRPC code by number.
    pub code: i32,
    /// `cantina.options.v1.ErrorSeverity` by number.
    pub severity: i32,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What to do about it.
    pub recovery: &'static str,
    /// What it means.
    pub description: &'static str,
}

/// One setting.
#[derive(Debug)]
pub struct SettingInfo {
    /// The section, a field of `Config`.
    pub section: &'static str,
    /// The field in the section.
    pub field: &'static str,
    /// The environment variable, or empty.
    pub environment: &'static str,
    /// The default in JSON, or empty.
    pub default_json: &'static str,
    /// Whether a change waits for a restart.
    pub needs_restart: bool,
    /// How its text in the environment becomes JSON.
    pub shape: SettingShape,
    /// What it sets.
    pub description: &'static str,
}

/// How the text of an environment variable becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingShape {
    /// As it is.
    Text,
    /// A number.
    Number,
    /// `true`, `false`, `1` or `0`.
    Bool,
    /// Texts separated by colons.
    List,
}

impl EventKind {
    /// The row of the registry.
    #[must_use]
    pub fn info(self) -> &'static EventInfo {
        &EVENTS[self as usize]
    }

    /// The type whose payload has this field number.
    #[must_use]
    pub fn from_tag(tag: u32) -> Option<Self> {
        EVENTS.iter().find(|event| event.tag == tag).map(|event| event.kind)
    }
}

impl ErrorReason {
    /// The row of the catalogue.
    #[must_use]
    pub fn info(self) -> &'static ReasonInfo {
        REASONS.iter().find(|row| row.reason == self).expect("build.rs writes a row for every reason")
    }
}

include!(concat!(env!("OUT_DIR"), "/contract.rs"));
