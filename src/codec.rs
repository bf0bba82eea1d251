//! The codec of every method: decodes, validates, encodes.
//!
//! A request that breaks a rule never reaches a service; one whose type has no rules to run does not
//! compile ([`Checked`]). [`EncodedList`] lets one encoding of an event serve every reader.

use std::marker::PhantomData;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, encode_key, encode_varint, skip_field},
};
use prost_protovalidate::{ValidationError, Violation};
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::{
    error::{Failure, status},
    pb::{
        cantina::{error::v1::ErrorReason, event::v1::Event},
        registry::Checked,
    },
};

/// The codec for messages `E` out and validated messages `D` in.
#[derive(Debug)]
pub struct ContractCodec<E, D>(PhantomData<(E, D)>);

impl<E, D> Default for ContractCodec<E, D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E, D> Codec for ContractCodec<E, D>
where
    E: Message + Send + 'static,
    D: Message + Checked + Default + Send + 'static,
{
    type Encode = E;
    type Decode = D;
    type Encoder = ContractEncoder<E>;
    type Decoder = ContractDecoder<D>;

    fn encoder(&mut self) -> Self::Encoder {
        ContractEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ContractDecoder(PhantomData)
    }
}

/// Encodes messages.
#[derive(Debug)]
pub struct ContractEncoder<E>(PhantomData<E>);

impl<E: Message> Encoder for ContractEncoder<E> {
    type Item = E;
    type Error = Status;

    fn encode(&mut self, item: E, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer).expect("the buffer grows");
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(2 * 1024, 64 * 1024)
    }
}

/// Decodes and validates messages.
#[derive(Debug)]
pub struct ContractDecoder<D>(PhantomData<D>);

impl<D: Message + Checked + Default> Decoder for ContractDecoder<D> {
    type Item = D;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<D>, Status> {
        let message = D::decode(buffer).map_err(|error| status(undecodable(&error)))?;
        message.check().map_err(|error| status(violations(&error)))?;
        Ok(Some(message))
    }
}

/// The failure for bytes that are not a message of the expected type.
#[must_use]
pub fn undecodable(error: &impl std::fmt::Display) -> Failure {
    Failure::new(ErrorReason::RequestUndecodable, format!("The request cannot be decoded: {error}"))
}

/// The failure for violated rules: each with its field, rule and description.
#[must_use]
pub fn violations(error: &ValidationError) -> Failure {
    let described: Vec<_> =
        error.violations().iter().map(|v| (v.field_path(), v.rule_id().to_owned(), describe(v))).collect();
    let sentence = described.iter().map(|(field, _, text)| format!("{field}: {text}")).collect::<Vec<_>>().join("; ");
    let failure = Failure::new(ErrorReason::ValidationFailed, format!("The request breaks the contract: {sentence}"));
    described.into_iter().fold(failure, |failure, (field, rule, text)| failure.field(field, rule, text))
}

/// What a rule wants; the validator leaves some descriptions empty.
fn describe(violation: &Violation) -> String {
    match (violation.message(), violation.rule_id()) {
        ("", "string.uuid" | "string.uuid_empty") => "must be a UUID".to_owned(),
        ("", "required") => "must be given".to_owned(),
        ("", rule) => format!("must satisfy {rule}"),
        (message, _) => message.replacen("value ", "", 1),
    }
}

/// Whether a text is a UUID: 8-4-4-4-12 hexadecimal digits of either case. The rule `string.uuid`.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    let fits =
        |(at, byte): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// A message whose only field is repeated and has the number 1, kept in its encoded form.
///
/// It stands for `cantina.event.v1.Events`, so that events are encoded once, when they are published,
/// and copied from there to the disk and to every reader; and for
/// `google.protobuf.FileDescriptorSet`, so that no option of the contract is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodedList(Bytes);

impl EncodedList {
    /// Wraps the encoded fields of such a message.
    #[must_use]
    pub fn new(encoded: Bytes) -> Self {
        Self(encoded)
    }

    /// Decodes the events, for readers in Rust.
    ///
    /// # Errors
    /// Fails when the bytes are not an `Events` message.
    pub fn decode_events(&self) -> Result<Vec<Event>, DecodeError> {
        Ok(Plain::decode(self.0.clone())?.events)
    }
}

#[derive(Clone, PartialEq, Message)]
struct Plain {
    #[prost(message, repeated, tag = "1")]
    events: Vec<Event>,
}

impl Message for EncodedList {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(&self.0);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buffer: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        let mut kept = BytesMut::from(std::mem::take(&mut self.0));
        if tag == 1 && wire_type == WireType::LengthDelimited {
            let mut event = Bytes::new();
            prost::encoding::bytes::merge(wire_type, &mut event, buffer, context)?;
            encode_key(tag, wire_type, &mut kept);
            encode_varint(event.len() as u64, &mut kept);
            kept.put(event);
        } else {
            skip_field(wire_type, tag, buffer, context)?;
        }
        self.0 = kept.freeze();
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0 = Bytes::new();
    }
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn a_uuid_has_hexadecimal_digits_and_hyphens_in_their_places() {
        for text in ["0b9d6a4e-4f5e-4c1b-9a55-3f7b8f1f2a10", "0B9D6A4E-4F5E-4C1B-9A55-3F7B8F1F2A10"] {
            assert!(is_uuid(text), "{text}");
        }
        let short = "0b9d6a4e-4f5e-4c1b-9a55-3f7b8f1f2a1";
        for text in ["", short, "0b9d6a4e4f5e4c1b9a553f7b8f1f2a10aaaa", "0b9d6a4e-4f5e-4c1b-9a55-3f7b8f1f2a1g"] {
            assert!(!is_uuid(text), "{text}");
        }
        assert!(!is_uuid("0b9d6a4-e4f5e-4c1b-9a55-3f7b8f1f2a10"));
    }
}
