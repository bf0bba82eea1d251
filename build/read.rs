//! Reads options and comments out of the contract.

use prost_reflect::{DynamicMessage, Value};

/// The leading comment of every element of a file, by full name, in one line.
pub fn comments(file: prost_reflect::FileDescriptor) -> Vec<(String, String)> {
    let proto = file.file_descriptor_proto();
    let mut found = Vec::new();
    for location in proto.source_code_info.iter().flat_map(|info| &info.location) {
        let text = location.leading_comments().split_whitespace().collect::<Vec<_>>().join(" ");
        if let (false, Some(name)) = (text.is_empty(), element_name(proto, &location.path)) {
            found.push((format!("{}.{name}", proto.package()), text));
        }
    }
    found
}

/// The name of the element at a path of `SourceCodeInfo`, for the kinds that this build reads.
fn element_name(file: &prost_types::FileDescriptorProto, path: &[i32]) -> Option<String> {
    let at = |i: usize| path.get(i).and_then(|n| usize::try_from(*n).ok());
    match (path.first()?, path.get(2), path.len()) {
        (4, Some(2), 4) => {
            let message = file.message_type.get(at(1)?)?;
            Some(format!("{}.{}", message.name(), message.field.get(at(3)?)?.name()))
        }
        (5, Some(2), 4) => {
            let values = file.enum_type.get(at(1)?)?;
            Some(format!("{}.{}", values.name(), values.value.get(at(3)?)?.name()))
        }
        _ => None,
    }
}

pub fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub fn texts(message: &DynamicMessage, field: &str) -> Vec<String> {
    let values = message.get_field_by_name(field);
    let list = values.as_deref().and_then(Value::as_list).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub fn number(message: &DynamicMessage, field: &str) -> i32 {
    message.get_field_by_name(field).and_then(|v| v.as_enum_number()).unwrap_or(0)
}

pub fn flag(message: &DynamicMessage, field: &str) -> bool {
    message.get_field_by_name(field).and_then(|v| v.as_bool()).unwrap_or(false)
}
