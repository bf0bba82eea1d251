//! The feed as cheap readers see it, and events to fill it with.

use bytes::{Buf, Bytes};
use cantina::{
    call::Cause,
    event::Publisher,
    pb::{
        cantina::{
            event::v1::WatchRequest,
            music::v1::TrackEndingSoon,
            system::v1::{LogLevel, LogLine, LogRecorded},
        },
        registry::producer,
    },
};
use prost::{
    Message,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};
use tonic::{Streaming, client::Grpc, transport::Channel};

use super::bare::RawCodec;

/// Field numbers of `WatchResponse`.
const TOKEN: u32 = 1;
const EVENTS: u32 = 5;

/// One frame: its token, and its events in encoded form.
#[derive(Default)]
pub struct RawFrame {
    pub token: String,
    pub events: Vec<Bytes>,
}

impl RawFrame {
    /// Reads a frame without decoding its events.
    pub fn read(mut frame: Bytes) -> Self {
        let mut read = Self::default();
        while frame.has_remaining() {
            match entry(&mut frame) {
                (TOKEN, value) => read.token = String::from_utf8(value.to_vec()).expect("text"),
                (EVENTS, mut events) => {
                    while events.has_remaining() {
                        read.events.push(entry(&mut events).1);
                    }
                }
                _ => {}
            }
        }
        read
    }
}

/// How many events a frame holds, and the number of the last.
pub fn count(mut frame: Bytes) -> usize {
    let mut count = 0;
    while frame.has_remaining() {
        if let (EVENTS, mut events) = entry(&mut frame) {
            while events.has_remaining() {
                entry(&mut events);
                count += 1;
            }
        }
    }
    count
}

fn entry(message: &mut Bytes) -> (u32, Bytes) {
    let (tag, wire_type) = decode_key(message).expect("a field");
    if wire_type != WireType::LengthDelimited {
        skip_field(wire_type, tag, message, DecodeContext::default()).expect("a field");
        return (tag, Bytes::new());
    }
    let length = decode_varint(message).expect("a length");
    (tag, message.split_to(usize::try_from(length).expect("a length")))
}

/// What a reader must know of an event to tell its age.
#[derive(Clone, PartialEq, Message)]
pub struct Dated {
    #[prost(uint64, tag = "3")]
    pub sequence: u64,
    #[prost(message, optional, tag = "5")]
    pub time: Option<prost_types::Timestamp>,
}

/// Opens a Watch whose frames stay encoded.
pub async fn watch(channel: Channel, request: &WatchRequest) -> Streaming<Bytes> {
    open(channel, "/cantina.event.v1.EventService/Watch", request.encode_to_vec().into()).await
}

/// Opens a stream whose frames stay encoded.
pub async fn open(channel: Channel, path: &'static str, request: Bytes) -> Streaming<Bytes> {
    let mut grpc = Grpc::new(channel).max_decoding_message_size(usize::MAX);
    grpc.ready().await.expect("a connection");
    let path = http::uri::PathAndQuery::from_static(path);
    grpc.server_streaming(tonic::Request::new(request), path, RawCodec).await.expect("a stream").into_inner()
}

/// Publishes one event as the music does, about 200 bytes with its frame.
pub fn publish_music(publisher: &Publisher<producer::Music>, cause: &Cause, count: usize) {
    let event = || TrackEndingSoon { playback_id: "0193f4c2-7b3e".to_owned(), ..TrackEndingSoon::default() };
    let mut commit = publisher.commit(cause);
    for _ in 0..count {
        commit = commit.event(event()).resource("playback");
    }
    commit.send();
}

/// Publishes log lines.
pub fn publish_log(publisher: &Publisher<producer::System>, cause: &Cause, count: usize) {
    let line = |number| LogLine {
        number,
        level: LogLevel::Info.into(),
        component: "library".to_owned(),
        message: "scanned another folder of the library".to_owned(),
        ..LogLine::default()
    };
    let mut commit = publisher.commit(cause);
    for number in 0..count as u64 {
        commit = commit.event(LogRecorded { line: Some(line(number)) });
    }
    commit.send();
}
