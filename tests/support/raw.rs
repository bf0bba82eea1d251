//! Clients that are not ours: raw bytes over gRPC, and requests over HTTP/1 and HTTP/2 by hand.

use bytes::{Buf, BufMut, Bytes};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::{
    Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

use super::PATIENCE;

/// Passes messages through as they are.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// Calls any method with any bytes; of a stream, answers the first message.
pub async fn call(channel: &Channel, path: &str, message: impl Into<Bytes>) -> Result<Bytes, Status> {
    let mut grpc = Grpc::new(channel.clone()).max_decoding_message_size(64 << 20);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().expect("a path");
    let answer = grpc.server_streaming(tonic::Request::new(message.into()), path, Raw);
    let mut stream = tokio::time::timeout(PATIENCE, answer).await.expect("an answer in time")?.into_inner();
    let first = tokio::time::timeout(PATIENCE, stream.message()).await.expect("a message in time")?;
    first.ok_or_else(|| Status::unknown("the stream was empty"))
}

/// What came back over HTTP.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The reason in the details of an error in the shape of the Connect protocol.
    pub fn reason(&self) -> String {
        use base64::Engine;
        let json = self.json();
        let details = json["details"].as_array().unwrap_or_else(|| panic!("{json}"));
        let info = details.iter().find(|one| one["type"] == "google.rpc.ErrorInfo").expect("an ErrorInfo");
        let value = info["value"].as_str().expect("base64");
        let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(value).expect("base64");
        <tonic_types::pb::ErrorInfo as prost::Message>::decode(bytes.as_slice()).expect("an ErrorInfo").reason
    }
}

/// Sends one request over a connection of its own; the version of the request chooses the protocol.
pub async fn send(url: &str, request: Request<Bytes>) -> Answer {
    let authority = url.trim_start_matches("http://");
    let stream = TokioIo::new(TcpStream::connect(authority).await.expect("a connection"));
    let request = request.map(Full::new);
    let exchange = async {
        let response: Response<hyper::body::Incoming> = if request.version() == Version::HTTP_2 {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.expect("a handshake");
            tokio::spawn(connection);
            sender.send_request(request).await.expect("an answer")
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.expect("a handshake");
            tokio::spawn(connection);
            sender.send_request(request).await.expect("an answer")
        };
        let (parts, body) = response.into_parts();
        let collected = body.collect().await.expect("a body");
        let mut headers = parts.headers;
        headers.extend(collected.trailers().cloned().unwrap_or_default());
        Answer { status: parts.status.as_u16(), headers, body: collected.to_bytes() }
    };
    tokio::time::timeout(PATIENCE, exchange).await.expect("an answer in time")
}

/// A request over HTTP/1 with the Host header that a browser would send.
pub fn http1(url: &str, method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("host", url.trim_start_matches("http://"))
}

/// A unary call as JSON.
pub async fn json(url: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = http1(url, "POST", path).header("content-type", "application/json").body(body.into());
    send(url, request.expect("a request")).await
}

/// A message in the frame of gRPC.
pub fn frame(message: &[u8]) -> Bytes {
    let mut framed = Vec::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).expect("a small message"));
    framed.put_slice(message);
    framed.into()
}
