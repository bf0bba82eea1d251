//! gRPC messages in their encoded form.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Frame;
use http_body_util::{BodyExt, Limited, StreamBody};
use prost::{
    Message,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};
use tonic::{Status, body::Body};

use super::MAX_REQUEST_BYTES;
use crate::{
    error::{Failure, status},
    pb::cantina::{command::v1::CommitInfo, error::v1::ErrorReason},
};

/// The length of the prefix of a gRPC message: one flag and four bytes of length.
const PREFIX: usize = 5;

/// Reads the body of a request with one message.
pub async fn read_request(body: Body) -> Result<Bytes, Status> {
    let collected = Limited::new(body, MAX_REQUEST_BYTES + PREFIX).collect().await;
    let body = collected.map_err(|error| status(unreadable(&*error)))?.to_bytes();
    // A compressed message is for the service to refuse, in the words of gRPC.
    let compressed = body.first().is_some_and(|flag| *flag == 1);
    if message(&body).is_none() && !compressed {
        return Err(status(crate::codec::undecodable(&"the body is not exactly one gRPC message")));
    }
    Ok(body)
}

/// The failure for a body that is too large, or that breaks off.
pub fn unreadable(error: &(dyn std::error::Error + 'static)) -> Failure {
    if error.is::<http_body_util::LengthLimitError>() {
        let message = format!("The request is larger than {MAX_REQUEST_BYTES} bytes");
        return Failure::new(ErrorReason::RequestTooLarge, message);
    }
    crate::codec::undecodable(&error)
}

/// The message in a body of exactly one; `None` for anything else, which the service refuses itself.
pub fn message(body: &Bytes) -> Option<Bytes> {
    let length = body.get(1..PREFIX)?.try_into().map(u32::from_be_bytes).ok()? as usize;
    (body[0] == 0 && body.len() == PREFIX + length).then(|| body.slice(PREFIX..))
}

/// A body with one message.
pub fn body(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(PREFIX + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).expect("a message is limited to megabytes"));
    framed.put_slice(message);
    framed.freeze()
}

/// The text in a field of an encoded message; `None` when it is absent or the message is broken.
pub fn text_field(mut message: Bytes, wanted: u32) -> Option<String> {
    let mut found = None;
    while message.has_remaining() {
        let (tag, wire_type) = decode_key(&mut message).ok()?;
        if tag == wanted && wire_type == WireType::LengthDelimited {
            let length = usize::try_from(decode_varint(&mut message).ok()?).ok()?;
            let bytes = (length <= message.len()).then(|| message.split_to(length))?;
            found = String::from_utf8(bytes.to_vec()).ok();
        } else {
            skip_field(wire_type, tag, &mut message, DecodeContext::default()).ok()?;
        }
    }
    found.filter(|text| !text.is_empty())
}

/// An encoded answer with its `commit` filled in: a field at the end of a message merges into it.
pub fn with_commit(answer: &[u8], tag: u32, commit: CommitInfo) -> Vec<u8> {
    let mut message = Vec::with_capacity(answer.len() + 16);
    message.extend_from_slice(answer);
    prost::encoding::message::encode(tag, &commit, &mut message);
    debug_assert!(commit.encoded_len() > 0, "a commit has a sequence");
    message
}

/// An answer: its message and its trailers.
pub struct Answered {
    /// The message; empty after a failure.
    pub message: Bytes,
    /// How it ended.
    pub status: Status,
}

/// Reads the whole answer of a unary method.
pub async fn read_answer(response: http::Response<Body>) -> (http::response::Parts, Answered) {
    let (parts, body) = response.into_parts();
    if let Some(status) = Status::from_header_map(&parts.headers) {
        return (parts, Answered { message: Bytes::new(), status });
    }
    let answered = match body.collect().await {
        Ok(collected) => {
            let status = collected.trailers().and_then(Status::from_header_map);
            let message = message(&collected.to_bytes()).unwrap_or_default();
            Answered { message, status: status.unwrap_or_else(|| Status::ok("")) }
        }
        Err(status) => Answered { message: Bytes::new(), status },
    };
    (parts, answered)
}

/// A successful answer of a unary method.
pub fn answer(parts: http::response::Parts, message: &[u8]) -> http::Response<Body> {
    let mut trailers = http::HeaderMap::with_capacity(1);
    trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
    let frames = [Ok::<_, Status>(Frame::data(body(message))), Ok(Frame::trailers(trailers))];
    http::Response::from_parts(parts, Body::new(StreamBody::new(futures_util::stream::iter(frames))))
}

/// A successful answer of a unary method, made from nothing.
pub fn fresh_answer(message: &[u8]) -> http::Response<Body> {
    let mut response = http::Response::new(());
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/grpc"));
    answer(response.into_parts().0, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_found_among_other_fields(text in ".{1,40}", number: u64) {
            let mut message = Vec::new();
            prost::encoding::uint64::encode(2, &number, &mut message);
            prost::encoding::string::encode(1, &text, &mut message);
            prop_assert_eq!(text_field(message.clone().into(), 1), Some(text));
            prop_assert_eq!(text_field(message.into(), 3), None);
        }

        #[test]
        fn hostile_bytes_are_no_text_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _text = text_field(bytes.clone().into(), 1);
            let framed = body(&bytes);
            prop_assert_eq!(message(&framed), Some(Bytes::copy_from_slice(&bytes)));
            let _message = message(&bytes.into());
        }
    }
}
