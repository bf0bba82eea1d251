//! One listener for everything: gRPC, gRPC-Web, JSON, the dashboard, metrics, health, the contract.

mod assets;
mod json;
mod listener;

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tonic::{body::Body, service::Routes};
use tonic_web::GrpcWebLayer;
use tower::{Layer, ServiceExt};

use crate::{
    error::{Failure, status},
    pb::{CONTRACT, cantina::error::v1::ErrorReason},
    policy::{Gate, Policy},
    stats::Stats,
};

pub use listener::{Listener, run};

/// Everything that the listener serves.
pub struct Site {
    gate: Gate<Routes>,
    stats: Stats,
    /// Whether only names of this machine may stand in the Host header.
    local_only: bool,
}

impl Site {
    /// The site over the services of the daemon.
    #[must_use]
    pub fn new(routes: Routes, policy: Policy, stats: Stats, local_only: bool) -> Self {
        Self { gate: Gate::new(policy, routes), stats, local_only }
    }

    /// Answers one request.
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let request = request.map(Body::new);
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if let Some(refusal) = self.refuse_strangers(&request) {
            return Ok(refusal);
        }
        if kind.starts_with("application/grpc") {
            let gate = self.gate.clone();
            // Plain gRPC needs no translation, and no box for it.
            if request.version() == http::Version::HTTP_2 && !kind.starts_with("application/grpc-web") {
                return gate.oneshot(request).await;
            }
            return GrpcWebLayer::new().layer(Buffered(gate)).oneshot(request).await;
        }
        let path = request.uri().path();
        Ok(match (request.method(), path) {
            (&Method::POST, _) => json::answer(self.gate.clone(), request).await,
            (&Method::GET | &Method::HEAD, "/healthz") => plain("text/plain", "serving\n"),
            (&Method::GET | &Method::HEAD, "/metrics") => plain("text/plain; version=0.0.4", self.stats.prometheus()),
            (&Method::GET | &Method::HEAD, "/contract.binpb") => plain("application/protobuf", CONTRACT),
            (&Method::GET | &Method::HEAD, _) => assets::answer(path, request.headers()),
            _ => refusal(StatusCode::METHOD_NOT_ALLOWED, "This address answers GET and POST.\n"),
        })
    }

    /// A page of another site must not command the device through the browser of somebody at it:
    /// its requests carry its own origin, or a name that it has bent to this machine.
    fn refuse_strangers(&self, request: &Request<Body>) -> Option<Response<Body>> {
        let headers = request.headers();
        let in_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host =
            in_header.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default();
        if self.local_only && !is_local(host) {
            return Some(refusal(
                StatusCode::MISDIRECTED_REQUEST,
                "This device answers only to names of this machine.\n",
            ));
        }
        let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("unreadable");
        let own = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
        (!own).then(|| refusal(StatusCode::FORBIDDEN, "Pages of other sites may not use this device.\n"))
    }
}

/// Whether a Host header names this machine itself: an IP address or `localhost`.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.is_empty() || name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// Reads the whole body of a request over HTTP/1 before the service sees it: an early error would
/// otherwise break a chunked connection that is kept alive.
#[derive(Clone)]
struct Buffered<S>(S);

impl tower::Service<Request<Body>> for Buffered<Gate<Routes>> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let gate = self.0.clone();
        Box::pin(async move {
            if request.version() == http::Version::HTTP_2 {
                return gate.oneshot(request).await;
            }
            let (parts, body) = request.into_parts();
            let limit = crate::policy::MAX_REQUEST_BYTES + 1024;
            match http_body_util::Limited::new(body, limit).collect().await {
                Ok(body) => {
                    let body = Body::new(http_body_util::Full::new(body.to_bytes()));
                    gate.oneshot(Request::from_parts(parts, body)).await
                }
                Err(_) => {
                    let failure =
                        Failure::new(ErrorReason::RequestTooLarge, format!("The request is larger than {limit} bytes"));
                    Ok(status(failure).into_http())
                }
            }
        })
    }
}

fn plain(kind: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::new(http_body_util::Full::new(text.into())));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn refusal(code: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = plain("text/plain", text);
    *response.status_mut() = code;
    response
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_addresses_and_localhost_count_as_names_of_this_machine() {
        for host in ["127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST:9", "192.168.1.4:80"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["evil.example", "evil.example:8080", "localhost.evil.example"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
