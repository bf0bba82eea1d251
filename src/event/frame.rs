//! Events in their encoded form: one encoding from publication to disk to every wire.
//!
//! A batch is the concatenation of `Events.events` entries: for each event its key, its length and
//! its fields. Reading one again only skips over fields.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::{
    DecodeError, Message,
    encoding::{
        DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, encoded_len_varint, skip_field,
    },
};

use crate::pb::{cantina::command::v1::Cause, registry::EventKind};

/// Field numbers of `cantina.event.v1.Event` that the log reads or writes itself.
const SEQUENCE: u32 = 3;
const SEVERITY: u32 = 8;
const CAUSE: u32 = 9;
const FIRST_PAYLOAD: u32 = 100;
/// Field number of `Events.events`.
const ENTRY: u32 = 1;
/// Field number of `Cause.root_sequence`.
const ROOT: u32 = 4;

/// What the log knows of an encoded event without decoding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The sequence number.
    pub sequence: u64,
    /// The type; `None` for one that a newer daemon wrote.
    pub kind: Option<EventKind>,
    /// `EventSeverity` by number.
    pub severity: u8,
    /// The sequence of the root of its trace.
    pub root: u64,
    /// Where its entry begins in the batch.
    pub start: u32,
    /// Where its entry ends in the batch.
    pub end: u32,
}

/// A run of events in order, encoded.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The first sequence number of the group.
    pub first: u64,
    /// The last sequence number of the group.
    pub last: u64,
    /// One row for each event.
    pub metas: Vec<Meta>,
    /// The entries.
    pub body: Bytes,
}

impl Batch {
    /// The encoded `Event` of one row, without the key and length of its entry.
    #[must_use]
    pub fn event_bytes(&self, meta: &Meta) -> Bytes {
        let mut entry = self.body.slice(meta.start as usize..meta.end as usize);
        let skipped = decode_key(&mut entry).and_then(|_| decode_varint(&mut entry));
        debug_assert!(skipped.is_ok(), "a batch holds entries");
        entry
    }

    /// The entries of some rows, in one piece.
    #[must_use]
    pub fn copy(&self, metas: &[&Meta]) -> Bytes {
        let mut body = BytesMut::with_capacity(metas.iter().map(|meta| (meta.end - meta.start) as usize).sum());
        for meta in metas {
            body.put_slice(&self.body[meta.start as usize..meta.end as usize]);
        }
        body.freeze()
    }

    /// This batch and another of the same group, as one in order.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut rows: Vec<(&Self, &Meta)> =
            self.metas.iter().map(|meta| (self, meta)).chain(other.metas.iter().map(|meta| (other, meta))).collect();
        rows.sort_by_key(|(_, meta)| meta.sequence);
        let mut body = BytesMut::with_capacity(self.body.len() + other.body.len());
        let mut metas = Vec::with_capacity(rows.len());
        for (batch, meta) in rows {
            let start = offset(body.len());
            body.put_slice(&batch.body[meta.start as usize..meta.end as usize]);
            metas.push(Meta { start, end: offset(body.len()), ..*meta });
        }
        Self { first: self.first, last: self.last, metas, body: body.freeze() }
    }

    /// Reads the rows of an encoded batch.
    ///
    /// # Errors
    /// Fails when the bytes are not `Events.events` entries.
    pub fn read(first: u64, last: u64, body: Bytes) -> Result<Self, DecodeError> {
        let mut metas = Vec::new();
        let mut rest = &body[..];
        while rest.has_remaining() {
            let start = body.len() - rest.len();
            let (tag, wire_type) = decode_key(&mut rest)?;
            if tag != ENTRY || wire_type != WireType::LengthDelimited {
                skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
                continue;
            }
            let meta = read_event(read_field(&mut rest)?)?;
            metas.push(Meta { start: offset(start), end: offset(body.len() - rest.len()), ..meta });
        }
        Ok(Self { first, last, metas, body })
    }
}

/// Appends the entry of an event: the fields its publisher encoded, with the number and the cause
/// that only the writer knows.
pub fn append(batch: &mut Vec<u8>, fields: &[u8], sequence: u64, cause: &Cause) -> (u32, u32) {
    let start = batch.len();
    let numbered = 1 + encoded_len_varint(sequence);
    let length = fields.len() + numbered + prost::encoding::message::encoded_len(CAUSE, cause);
    encode_key(ENTRY, WireType::LengthDelimited, batch);
    encode_varint(length as u64, batch);
    prost::encoding::uint64::encode(SEQUENCE, &sequence, batch);
    prost::encoding::message::encode(CAUSE, cause, batch);
    batch.put_slice(fields);
    (offset(start), offset(batch.len()))
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).expect("a group of events is limited to megabytes")
}

fn read_length(bytes: &mut &[u8]) -> Result<usize, DecodeError> {
    let length = decode_varint(bytes)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= bytes.len());
    // prost offers no constructor for its error: decoding a truncated message makes one.
    length.map_or_else(|| <()>::decode(&[0x0a_u8, 0x01][..]).map(|()| 0), Ok)
}

/// The bytes of a field. Over a slice: a shared buffer would count references for each.
fn read_field<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], DecodeError> {
    let length = read_length(bytes)?;
    let (field, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(field)
}

fn read_event(mut event: &[u8]) -> Result<Meta, DecodeError> {
    let mut meta = Meta { sequence: 0, kind: None, severity: 0, root: 0, start: 0, end: 0 };
    while event.has_remaining() {
        let (tag, wire_type) = decode_key(&mut event)?;
        match (tag, wire_type) {
            (SEQUENCE, WireType::Varint) => meta.sequence = decode_varint(&mut event)?,
            (SEVERITY, WireType::Varint) => meta.severity = u8::try_from(decode_varint(&mut event)?).unwrap_or(u8::MAX),
            (CAUSE, WireType::LengthDelimited) => meta.root = read_root(read_field(&mut event)?)?,
            (tag, WireType::LengthDelimited) => {
                if tag >= FIRST_PAYLOAD {
                    meta.kind = EventKind::from_tag(tag);
                }
                read_field(&mut event)?;
            }
            _ => skip_field(wire_type, tag, &mut event, DecodeContext::default())?,
        }
    }
    Ok(meta)
}

fn read_root(mut cause: &[u8]) -> Result<u64, DecodeError> {
    let mut root = 0;
    while cause.has_remaining() {
        let (tag, wire_type) = decode_key(&mut cause)?;
        match (tag, wire_type) {
            (ROOT, WireType::Varint) => root = decode_varint(&mut cause)?,
            _ => skip_field(wire_type, tag, &mut cause, DecodeContext::default())?,
        }
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pb::cantina::event::v1::Event;

    proptest! {
        #[test]
        fn what_was_appended_is_read_back_row_by_row(sequences in proptest::collection::vec(1..u64::MAX, 0..20)) {
            let (mut body, mut places) = (Vec::new(), Vec::new());
            for sequence in &sequences {
                let cause = Cause { root_sequence: sequence / 2, ..Cause::default() };
                let head = Event { severity: 3, resource: "x".repeat(usize::try_from(sequence % 300)?), ..Event::default() };
                places.push(append(&mut body, &head.encode_to_vec(), *sequence, &cause));
            }
            let batch = Batch::read(1, 9, body.into())?;
            prop_assert_eq!(batch.metas.len(), sequences.len());
            for (meta, (sequence, place)) in batch.metas.iter().zip(sequences.iter().zip(places)) {
                prop_assert_eq!((meta.sequence, meta.root, meta.severity), (*sequence, sequence / 2, 3));
                prop_assert_eq!((meta.start, meta.end), place);
                let event = Event::decode(batch.event_bytes(meta))?;
                prop_assert_eq!((event.sequence, event.severity), (*sequence, 3));
            }
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut entry = vec![0x0a, u8::try_from(bytes.len() % 128)?];
            entry.extend_from_slice(&bytes);
            for bytes in [bytes, entry] {
                if let Ok(batch) = Batch::read(1, 1, bytes.into()) {
                    for meta in &batch.metas {
                        let _event = batch.event_bytes(meta);
                    }
                }
            }
        }
    }
}
