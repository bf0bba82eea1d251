//! The rules of the contract, by examples that the TypeScript tests share: tests/vectors/validation.json.

use cantina::pb::{
    cantina::{config::v1 as config, event::v1 as event, music::v1 as music, system::v1 as system},
    descriptors,
    registry::{Checked, METHODS},
};
use prost::Message;
use prost_reflect::DynamicMessage;
use serde::Deserialize;

/// A request in its JSON form, and which rules it breaks.
#[derive(Deserialize)]
struct Vector {
    message: String,
    json: serde_json::Value,
    valid: bool,
    violations: Vec<Violation>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Violation {
    field: String,
    rule: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors/validation.json")).expect("vectors")
}

fn check<M: Message + Checked + Default>(bytes: &[u8]) -> Vec<Violation> {
    let Err(error) = M::decode(bytes).expect("a message").check() else { return Vec::new() };
    let violation =
        |one: &prost_protovalidate::Violation| Violation { field: one.field_path(), rule: one.rule_id().to_owned() };
    error.violations().iter().map(violation).collect()
}

/// Checks an encoded message of any request type that has rules.
macro_rules! check_by_name {
    ($name:expr, $bytes:expr, $($package:ident: $($message:ident)+;)+) => {
        match $name {
            $($(concat!("cantina.", stringify!($package), ".v1.", stringify!($message)) => {
                check::<$package::$message>($bytes)
            })+)+
            other => panic!("{other} is not in the list of this test"),
        }
    };
}

fn violations(vector: &Vector) -> Vec<Violation> {
    let descriptor = descriptors().get_message_by_name(&vector.message).expect("a message of the contract");
    let message = DynamicMessage::deserialize(descriptor, &vector.json);
    let bytes = message.unwrap_or_else(|error| panic!("{} {}: {error}", vector.message, vector.json)).encode_to_vec();
    check_by_name!(vector.message.as_str(), &bytes,
        system: SetModeRequest RestartComponentRequest RestartRequest ShutdownRequest StopAllRequest ClearStopRequest
            ListLogsRequest;
        config: UpdateConfigRequest ConfirmConfigRequest ReloadConfigRequest ListConfigRevisionsRequest
            RollbackConfigRequest;
        event: WatchRequest ListEventsRequest GetTraceRequest;
        music: PlayRequest PauseRequest ResumeRequest StopRequest NextRequest PreviousRequest SeekRequest
            SetVolumeRequest EnqueueRequest MoveQueueItemRequest RemoveQueueItemRequest ClearQueueRequest
            ListTracksRequest GetTrackRequest SearchTracksRequest GetArtworkRequest RescanLibraryRequest
            SetOutputRequest;
    )
}

#[test]
fn every_example_breaks_exactly_the_rules_that_it_names() {
    let mut wrong = Vec::new();
    for vector in vectors() {
        let found = violations(&vector);
        if found != vector.violations || vector.valid != found.is_empty() {
            wrong.push(format!("{} {:.200}: {found:?}", vector.message, vector.json.to_string()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_request_with_rules_has_an_example_that_passes_or_breaks_one() {
    let rule = descriptors().get_extension_by_name("buf.validate.field").expect("the rules");
    let examples = vectors();
    let mut bare = Vec::new();
    for method in METHODS {
        let message = descriptors().get_message_by_name(method.input).expect("a request");
        let has_rules = message.fields().any(|field| field.options().has_extension(&rule));
        let refused = |vector: &Vector| vector.message == method.input && !vector.valid;
        if has_rules && !examples.iter().any(refused) {
            bare.push(method.input);
        }
    }
    assert!(bare.is_empty(), "{bare:?}");
}
