//! A stock tonic server that does nothing beside: what every ratio is held against.

use std::{
    convert::Infallible,
    future::Future,
    io::{BufRead, BufReader},
    net::SocketAddr,
    pin::Pin,
    process::{Child, Command, Stdio},
    task::{Context, Poll},
};

use bytes::{Buf, BufMut, Bytes};
use tokio::sync::broadcast;
use tokio_stream::{StreamExt, wrappers::BroadcastStream};
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, NamedService, ServerStreamingService, UnaryService},
    transport::{Channel, Server, server::TcpIncoming},
};

/// The message of the echo: as large as a small command.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Echo {
    #[prost(string, tag = "1")]
    pub request_id: String,
    #[prost(double, tag = "2")]
    pub volume: f64,
}

/// Echoes, and broadcasts ready bytes.
#[derive(Clone)]
pub struct BareService(pub broadcast::Sender<Bytes>);

impl NamedService for BareService {
    const NAME: &'static str = "bare.Bare";
}

impl UnaryService<Echo> for BareService {
    type Response = Echo;
    type Future = std::future::Ready<Result<Response<Echo>, Status>>;

    fn call(&mut self, request: Request<Echo>) -> Self::Future {
        std::future::ready(Ok(Response::new(request.into_inner())))
    }
}

impl ServerStreamingService<Bytes> for BareService {
    type Response = Bytes;
    type ResponseStream = Pin<Box<dyn tokio_stream::Stream<Item = Result<Bytes, Status>> + Send>>;
    type Future = std::future::Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _request: Request<Bytes>) -> Self::Future {
        let frames = BroadcastStream::new(self.0.subscribe()).map(|frame| Ok(frame.expect("no reader falls behind")));
        std::future::ready(Ok(Response::new(Box::pin(frames))))
    }
}

impl tower::Service<http::Request<Body>> for BareService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            Ok(match request.uri().path() {
                "/bare.Bare/Echo" => Grpc::new(tonic_prost::ProstCodec::default()).unary(service, request).await,
                _ => Grpc::new(RawCodec).server_streaming(service, request).await,
            })
        })
    }
}

/// Serves on a free port of the loopback interface.
pub async fn serve(service: BareService) -> SocketAddr {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let incoming = incoming.with_nodelay(Some(true));
    let address = incoming.local_addr().expect("an address");
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
    address
}

const ROLE: &str = "CANTINA_BENCH_BARE";

/// The bare server as a process of its own: this program, started again.
pub struct BareProcess {
    child: Child,
    url: String,
}

impl BareProcess {
    pub fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program).env(ROLE, "1").stdout(Stdio::piped()).spawn().expect("it starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut url).expect("an address");
        Self { child, url: url.trim().to_owned() }
    }

    /// Becomes the bare server when this program was started as one.
    pub async fn serve_if_asked() {
        if std::env::var_os(ROLE).is_some() {
            println!("http://{}", serve(BareService(broadcast::Sender::new(1))).await);
            std::future::pending().await
        }
    }

    pub async fn channel(&self) -> Channel {
        Channel::from_shared(self.url.clone()).expect("an address").connect().await.expect("a connection")
    }
}

impl Drop for BareProcess {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Calls the echo as generated clients call.
pub async fn echo(channel: Channel, message: Echo) -> Echo {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("a connection");
    let path = http::uri::PathAndQuery::from_static("/bare.Bare/Echo");
    let codec = tonic_prost::ProstCodec::default();
    grpc.unary(Request::new(message), path, codec).await.expect("an answer").into_inner()
}

/// Messages as they are on the wire, so that a reader costs as little as it can.
#[derive(Clone, Copy, Default)]
pub struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}
