//! The contract says everything.

use cantina::pb::{CONTRACT, registry::METHODS};
use prost::Message;
use prost_reflect::{DescriptorPool, FileDescriptor};

fn files() -> Vec<FileDescriptor> {
    let pool = DescriptorPool::decode(CONTRACT).expect("the contract");
    pool.files().filter(|file| file.package_name().starts_with("cantina.")).collect()
}

#[test]
fn every_element_has_a_comment_that_is_a_sentence() {
    let mut bare = Vec::new();
    for file in files() {
        let proto = file.file_descriptor_proto();
        let info = proto.source_code_info.as_ref().expect("comments");
        for location in &info.location {
            // Messages, fields, enums, values, services, methods and extensions: paths of their declarations.
            let declaration = matches!(
                location.path.as_slice(),
                [4..=7, _] | [4, _, 2, _] | [5, _, 2, _] | [6, _, 2, _] | [4, _, 8, _]
            );
            let comment = location.leading_comments().trim();
            if declaration && !comment.ends_with(['.', '?', ':']) {
                bare.push(format!("{} {:?}: {comment:?}", file.name(), location.path));
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn every_method_is_unary_or_streams_answers_and_has_a_policy() {
    for service in files().iter().flat_map(FileDescriptor::services) {
        for method in service.methods() {
            assert!(!method.is_client_streaming(), "browsers cannot stream up: {}", method.full_name());
            let path = format!("/{}/{}", service.full_name(), method.name());
            assert!(METHODS.iter().any(|row| row.path == path), "{path} has no policy");
        }
    }
}

#[test]
fn every_number_carries_its_unit() {
    let units =
        ["_ms", "_bytes", "_hz", "_count", "_size", "_dbfs", "_bpm", "_frames", "_per_second", "_number", "_cores"];
    let plain = ["sequence", "revision", "code", "number", "size", "index"];
    let mut bare = Vec::new();
    for message in files().iter().flat_map(FileDescriptor::messages) {
        for field in message.fields() {
            use prost_reflect::Kind::{Double, Float, Int32, Int64, Sint32, Sint64, Uint32, Uint64};
            let number = matches!(field.kind(), Double | Float | Int32 | Int64 | Sint32 | Sint64 | Uint32 | Uint64);
            let unit = field.options().encode_to_vec();
            let has_unit = !unit.is_empty();
            let named = units.iter().any(|end| field.name().ends_with(end))
                || plain.iter().any(|word| field.name() == *word || field.name().ends_with(&format!("_{word}")));
            let bounded = ["max_streams", "max_streams_per_client", "max_concurrent_calls", "channels", "open_streams"];
            let counted = bounded.contains(&field.name())
                || field.name().ends_with("_underruns")
                || field.name() == "since"
                || field.name() == "deprecated_in";
            if number && !named && !counted && !has_unit {
                bare.push(field.full_name().to_owned());
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}
