//! The record of a command: what was asked, by whom, how it ended.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, SerializeOptions};

use crate::pb::{descriptors, registry::SECRETS};

/// How much of a request is recorded.
const MAX_JSON_BYTES: usize = 4096;

/// A request as JSON without its secrets, for the record.
pub fn request_json(message_name: &str, encoded: &[u8]) -> String {
    let Some(descriptor) = descriptors().get_message_by_name(message_name) else { return String::new() };
    let Ok(mut message) = DynamicMessage::decode(descriptor, encoded) else { return String::new() };
    redact(&mut message);
    let mut json = serde_json::Serializer::new(Vec::new());
    let written = message.serialize_with_options(&mut json, &SerializeOptions::new());
    let mut text = written.map(|()| String::from_utf8(json.into_inner()).unwrap_or_default()).unwrap_or_default();
    let end = (0..=MAX_JSON_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text
}

/// Removes every field marked `(secret)`, at any depth.
fn redact(message: &mut DynamicMessage) {
    let given: Vec<_> = message.fields().map(|(field, _)| field).collect();
    let (secret, open): (Vec<_>, Vec<_>) = given.into_iter().partition(|field| SECRETS.contains(&field.full_name()));
    secret.iter().for_each(|field| message.clear_field(field));
    let nested = open.into_iter().filter(is_message);
    for field in nested {
        match message.get_field_mut(&field) {
            prost_reflect::Value::Message(inner) => redact(inner),
            prost_reflect::Value::List(items) => {
                items.iter_mut().filter_map(|item| item.as_message_mut()).for_each(redact);
            }
            _ => {}
        }
    }
}

fn is_message(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(_)) && !field.is_map()
}
