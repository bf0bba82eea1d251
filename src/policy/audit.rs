//! The record of a command: what was asked, by whom, how it ended.

use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage, SerializeOptions};

use crate::pb::descriptors;

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
    for field in secrets(&message.descriptor()) {
        message.clear_field(&field);
    }
    let nested: Vec<_> = message.fields().filter(|(field, _)| is_message(field)).map(|(field, _)| field).collect();
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

fn is_message(field: &prost_reflect::FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(_)) && !field.is_map()
}

fn secrets(message: &MessageDescriptor) -> Vec<prost_reflect::FieldDescriptor> {
    let Some(secret) = message.parent_pool().get_extension_by_name("cantina.options.v1.secret") else {
        return Vec::new();
    };
    let marked =
        |field: &prost_reflect::FieldDescriptor| field.options().get_extension(&secret).as_bool() == Some(true);
    message.fields().filter(marked).collect()
}
