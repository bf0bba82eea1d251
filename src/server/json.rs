//! Unary methods as JSON over HTTP, in the shape of the Connect protocol: the same services behind
//! the same gate, with another coat.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use prost::Message;
use prost_reflect::{DynamicMessage, MethodDescriptor, SerializeOptions};
use serde_json::json;
use tonic::{Code, Status, body::Body, service::Routes};
use tower::ServiceExt;

use super::plain;
use crate::{
    codec::undecodable,
    error::{Failure, status},
    pb::{cantina::error::v1::ErrorReason, descriptors},
    policy::{Gate, MAX_REQUEST_BYTES, unreadable},
};

/// Answers a unary method in JSON.
pub(super) async fn answer(gate: Gate<Routes>, request: Request<Body>) -> Response<Body> {
    call(gate, request).await.unwrap_or_else(|status| error(&status))
}

async fn call(gate: Gate<Routes>, request: Request<Body>) -> Result<Response<Body>, Status> {
    let path = request.uri().path().to_owned();
    let method = method(&path)?;
    let is_json = |kind: &HeaderValue| kind.as_bytes().starts_with(b"application/json");
    // A form of another site can send any type but this one without being asked first; curl's
    // own default is let through only without an origin.
    let from_page = request.headers().contains_key(header::ORIGIN);
    if from_page && !request.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(status(undecodable(&"the content type must be application/json")));
    }
    let (mut parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST_BYTES).collect().await;
    let body = body.map_err(|error| status(unreadable(&*error)))?.to_bytes();
    let body = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    let mut text = serde_json::Deserializer::from_slice(&body);
    let message =
        DynamicMessage::deserialize(method.input(), &mut text).map_err(|error| status(undecodable(&error)))?;
    text.end().map_err(|error| status(undecodable(&error)))?;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    parts.headers.remove(header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::new(Full::new(frame(&message))));
    let response = gate.oneshot(request).await.unwrap_or_else(|never| match never {});
    let message = read(response).await?;
    let answer =
        DynamicMessage::decode(method.output(), message).map_err(|error| Status::internal(error.to_string()))?;
    let mut json = serde_json::Serializer::new(Vec::new());
    let options = SerializeOptions::new();
    answer.serialize_with_options(&mut json, &options).map_err(|error| Status::internal(error.to_string()))?;
    Ok(plain("application/json", json.into_inner()))
}

fn method(path: &str) -> Result<MethodDescriptor, Status> {
    let unknown = || status(Failure::new(ErrorReason::MethodUnknown, format!("There is no unary method {path}")));
    let (service, name) = path.trim_start_matches('/').split_once('/').ok_or_else(unknown)?;
    let service = descriptors().get_service_by_name(service).ok_or_else(unknown)?;
    let found = service.methods().find(|method| method.name() == name && !method.is_server_streaming());
    found.ok_or_else(unknown)
}

fn frame(message: &DynamicMessage) -> Bytes {
    let length = message.encoded_len();
    let mut framed = BytesMut::with_capacity(length + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(length).expect("a request is limited to megabytes"));
    message.encode_raw(&mut framed);
    framed.freeze()
}

/// The message of a unary answer.
async fn read(response: Response<Body>) -> Result<Bytes, Status> {
    if let Some(status) = Status::from_header_map(response.headers()).filter(|status| status.code() != Code::Ok) {
        return Err(status);
    }
    let collected = response.into_body().collect().await?;
    if let Some(status) =
        collected.trailers().and_then(Status::from_header_map).filter(|status| status.code() != Code::Ok)
    {
        return Err(status);
    }
    let body = collected.to_bytes();
    Ok(body.slice(body.len().min(5)..))
}

/// An error in the shape of the Connect protocol.
fn error(status: &Status) -> Response<Body> {
    let details = tonic_types::pb::Status::decode(status.details()).unwrap_or_default().details;
    let details: Vec<_> = details
        .iter()
        .map(|any| {
            let name = any.type_url.rsplit('/').next().unwrap_or_default();
            json!({ "type": name, "value": STANDARD_NO_PAD.encode(&any.value) })
        })
        .collect();
    let (code, http) = connect_code(status.code());
    let body = json!({ "code": code, "message": status.message(), "details": details });
    let mut response = plain("application/json", body.to_string());
    *response.status_mut() = http;
    response
}

/// The name and the HTTP status of a code, from the specification of the Connect protocol.
fn connect_code(code: Code) -> (&'static str, StatusCode) {
    match code {
        Code::Ok => ("ok", StatusCode::OK),
        Code::Cancelled => ("canceled", StatusCode::REQUEST_TIMEOUT),
        Code::Unknown => ("unknown", StatusCode::INTERNAL_SERVER_ERROR),
        Code::InvalidArgument => ("invalid_argument", StatusCode::BAD_REQUEST),
        Code::DeadlineExceeded => ("deadline_exceeded", StatusCode::GATEWAY_TIMEOUT),
        Code::NotFound => ("not_found", StatusCode::NOT_FOUND),
        Code::AlreadyExists => ("already_exists", StatusCode::CONFLICT),
        Code::PermissionDenied => ("permission_denied", StatusCode::FORBIDDEN),
        Code::ResourceExhausted => ("resource_exhausted", StatusCode::TOO_MANY_REQUESTS),
        Code::FailedPrecondition => ("failed_precondition", StatusCode::BAD_REQUEST),
        Code::Aborted => ("aborted", StatusCode::CONFLICT),
        Code::OutOfRange => ("out_of_range", StatusCode::BAD_REQUEST),
        Code::Unimplemented => ("unimplemented", StatusCode::NOT_IMPLEMENTED),
        Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Code::DataLoss => ("data_loss", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED),
    }
}
