//! The gate itself.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use tonic::{Code, Status, body::Body};
use tower::{Service, ServiceExt};

use super::{Policy, answers, audit, wire};
use crate::{
    call::{self, Call, Cause},
    clock::proto_duration,
    error::{Failure, status},
    event::StorageHealth,
    pb::{
        cantina::{
            command::v1::{Actor, ActorKind, CommandCompleted, CommitInfo},
            error::v1::ErrorReason,
            event::v1::EventSeverity,
        },
        registry::{METHODS, MethodInfo, producer},
    },
    storage,
};

/// Services of others that everybody may call: their methods have no policy of ours.
const OPEN: &[&str] =
    &["/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/", "/grpc.health.v1.Health/"];

/// The methods that work while the disk fails: what makes the device safe must not need it.
const WITHOUT_STORAGE: &[&str] = &["StopAll", "ClearStop", "Restart", "Shutdown", "Stop", "Pause"];

/// How long the request of a stream may take to arrive.
const STREAM_REQUEST: Duration = Duration::from_secs(10);

/// Where the method of each path stands in [`METHODS`].
static PLACES: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| METHODS.iter().enumerate().map(|(place, method)| (method.path, place)).collect());

/// The services behind the policy. Cheap to clone: every request has one of its own.
#[derive(Clone, Debug)]
pub struct Gate<S> {
    policy: Arc<Policy>,
    inner: S,
}

/// A service that answers gRPC.
pub trait GrpcService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> GrpcService for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Gate<S> {
    /// Puts services behind the policy.
    #[must_use]
    pub fn new(policy: Policy, inner: S) -> Self {
        Self { policy: Arc::new(policy), inner }
    }
}

impl<S: GrpcService> Service<Request<Body>> for Gate<S> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { Ok(gate.answer(request).await) })
    }
}

impl<S: GrpcService> Gate<S> {
    async fn answer(self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path();
        let Some(&index) = PLACES.get(path) else {
            if OPEN.iter().any(|service| path.starts_with(service)) {
                return self.inner.oneshot(request).await.unwrap_or_else(|never| match never {});
            }
            return unknown(path).into_http();
        };
        let method = &METHODS[index];
        let (begun, policy) = (Instant::now(), Arc::clone(&self.policy));
        let response =
            if method.streaming { self.stream(method, request).await } else { self.unary(method, request).await };
        let (response, code) = match response {
            Ok(response) => {
                let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
                (response, code)
            }
            Err(status) => {
                let code = status.code();
                (status.into_http(), code)
            }
        };
        policy.figures.count(index, code, begun.elapsed());
        response
    }

    fn admit(&self, method: &MethodInfo, client: IpAddr) -> Result<(), Failure> {
        self.policy.roles.admit(method, client)?;
        if *self.policy.stopped.borrow() && !method.allowed_while_stopped {
            let message = format!("{} is refused because everything is stopped", method.name);
            return Err(Failure::new(ErrorReason::Stopped, message).precondition("StopAll"));
        }
        let exempt = works_without_storage(method.name);
        match &*self.policy.storage.borrow() {
            StorageHealth::Full if method.audited && !exempt => Err(storage::Error::Full.into()),
            StorageHealth::Failed(why) if method.audited && !exempt => {
                let message = format!("{} is refused because the database cannot be written: {why}", method.name);
                Err(Failure::new(ErrorReason::StorageFailed, message).component("storage"))
            }
            _ => Ok(()),
        }
    }

    async fn stream(self, method: &'static MethodInfo, request: Request<Body>) -> Result<Response<Body>, Status> {
        let cause = cause(&request, None);
        let client = client(&request);
        Call { method: method.name, cause }
            .scope(async {
                self.admit(method, client)?;
                let permit = self.policy.limits.stream(client)?;
                let (parts, body) = request.into_parts();
                let late = |_| Failure::new(ErrorReason::DeadlineExceeded, "The request did not arrive in time");
                let body = tokio::time::timeout(STREAM_REQUEST, wire::read_request(body)).await.map_err(late)??;
                let request = Request::from_parts(parts, Body::new(http_body_util::Full::new(body)));
                let response = self.inner.oneshot(request).await.unwrap_or_else(|never| match never {});
                Ok(response.map(|body| {
                    // The permit lives as long as the stream.
                    Body::new(body.map_frame(move |frame| {
                        let _held = &permit;
                        frame
                    }))
                }))
            })
            .await
    }

    async fn unary(self, method: &'static MethodInfo, request: Request<Body>) -> Result<Response<Body>, Status> {
        let deadline = deadline(method, request.headers());
        let client = client(&request);
        let (parts, body) = request.into_parts();
        let call = Call { method: method.name, cause: cause_of(&parts, None) };
        let late = |_| {
            let message = format!("{} did not end within {} ms", method.name, deadline.as_millis());
            Failure::new(ErrorReason::DeadlineExceeded, message)
        };
        let run = async {
            self.admit(method, client)?;
            // However many calls are under way, or half sent: stopping finds a place.
            let _place = if method.name.ends_with("/StopAll") { None } else { Some(self.policy.limits.call()?) };
            let body = wire::read_request(body).await?;
            if method.audited {
                self.command(method, call.clone(), parts, body).await
            } else {
                Ok(self.pass(parts, body).await)
            }
        };
        call.clone().scope(async { tokio::time::timeout(deadline, run).await.map_err(late)? }).await
    }

    async fn pass(self, parts: http::request::Parts, body: Bytes) -> Response<Body> {
        let request = Request::from_parts(parts, Body::new(http_body_util::Full::new(body)));
        self.inner.oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    async fn command(
        self,
        method: &'static MethodInfo,
        mut call: Call,
        parts: http::request::Parts,
        body: Bytes,
    ) -> Result<Response<Body>, Status> {
        let message = wire::message(&body).unwrap_or_default();
        let id = wire::text_field(message.clone(), method.request_id_tag).filter(|_| method.request_id_tag > 0);
        let request = id.map(|id| call::Request { hash: hash(method, &message), id: id.to_lowercase() });
        if request.is_some() {
            call.cause = cause_of(&parts, request.clone());
        }
        // Dropping the client's connection must not leave a command half recorded.
        let run = tokio::spawn(call.clone().scope(async move {
            let _turn = match &request {
                Some(request) => Some(self.policy.answers.turn(request).await),
                None => None,
            };
            if let Some(request) = &request
                && let Some((answer, commit)) = answers::stored(&self.policy.log, request).await?
            {
                return Ok(wire::fresh_answer(&wire::with_commit(&answer, method.commit_tag, commit)));
            }
            self.carry_out(method, call, parts, body, message).await
        }));
        run.await.unwrap_or_else(|error| {
            Err(status(Failure::new(ErrorReason::Internal, format!("{} has failed: {error}", method.name))))
        })
    }

    async fn carry_out(
        self,
        method: &'static MethodInfo,
        call: Call,
        parts: http::request::Parts,
        body: Bytes,
        message: Bytes,
    ) -> Result<Response<Body>, Status> {
        let begun = Instant::now();
        let policy = Arc::clone(&self.policy);
        let (parts, answered) = wire::read_answer(self.pass(parts, body).await).await;
        if answered.status.code() == Code::InvalidArgument {
            return Err(answered.status);
        }
        let record = record(method, &message, &answered.status, begun.elapsed());
        let severity = if record.status.is_some() { EventSeverity::Warning } else { EventSeverity::Info };
        let succeeded = answered.status.code() == Code::Ok;
        let publisher = policy.log.publisher::<producer::Policy>();
        let mut commit = publisher.commit(&call.cause).event(record).resource(call.method).severity(severity);
        if let Some(request) = call.cause.request().cloned() {
            let answer = succeeded.then(|| answered.message.to_vec());
            commit = commit.completion(crate::event::Completion { request, answer });
        }
        let settled = commit.settle().await;
        if !succeeded {
            return Err(answered.status);
        }
        let sequence = match settled {
            Ok(sequence) => sequence,
            // Its record is in the feed and will be on disk when the disk works again.
            Err(_) if works_without_storage(call.method) => policy.log.head(),
            Err(error) => return Err(status(Failure::from(error).fact("effect", "happened"))),
        };
        Ok(wire::answer(
            parts,
            &wire::with_commit(&answered.message, method.commit_tag, CommitInfo { sequence, replayed: false }),
        ))
    }
}

fn works_without_storage(method: &str) -> bool {
    WITHOUT_STORAGE.iter().any(|name| method.ends_with(&format!("/{name}")))
}

fn record(method: &MethodInfo, message: &Bytes, status: &Status, duration: Duration) -> CommandCompleted {
    let failed = status.code() != Code::Ok;
    CommandCompleted {
        method: method.name.to_owned(),
        duration: Some(proto_duration(duration)),
        status: failed.then(|| prost::Message::decode(status.details()).unwrap_or_default()),
        request_json: audit::request_json(method.input, message),
    }
}

fn unknown(path: &str) -> Status {
    status(Failure::new(ErrorReason::MethodUnknown, format!("There is no method {path}")))
}

fn hash(method: &MethodInfo, message: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(method.name.as_bytes()).update(message).finalize().as_bytes()
}

fn client<B>(request: &Request<B>) -> IpAddr {
    request.extensions().get::<SocketAddr>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip)
}

fn cause<B>(request: &Request<B>, id: Option<call::Request>) -> Cause {
    actor_cause(request.headers(), client(request), id)
}

fn cause_of(parts: &http::request::Parts, id: Option<call::Request>) -> Cause {
    let client = parts.extensions.get::<SocketAddr>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip);
    actor_cause(&parts.headers, client, id)
}

fn actor_cause(headers: &HeaderMap, client: IpAddr, id: Option<call::Request>) -> Cause {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = [text("x-client"), text("user-agent")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let name = name.chars().take(64).collect();
    let actor = Actor { kind: ActorKind::Client.into(), name, address: client.to_string() };
    Cause::client(actor, id, text("traceparent").chars().take(64).collect())
}

/// The shorter of the method's deadline and the client's.
fn deadline(method: &MethodInfo, headers: &HeaderMap) -> Duration {
    let own = Duration::from_millis(method.deadline_ms.into());
    let asked = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(grpc_timeout);
    asked.map_or(own, |asked| asked.min(own))
}

/// The value of a `grpc-timeout` header: at most eight digits and a unit.
fn grpc_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let value: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(value * 3600),
        "M" => Duration::from_secs(value * 60),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    })
}
