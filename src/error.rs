//! Failures, as every caller sees them: one row of the catalogue with its standard details.

use std::{fmt, time::Duration};

use pbjson_types::Timestamp;
use prost::Message;
use tonic_types::pb;

use crate::{
    call::Call,
    clock,
    pb::cantina::error::v1::{CommandError, ErrorReason},
};

/// An error of a feature that can say which row of the catalogue it is.
pub trait Explain: std::error::Error {
    /// The failure as callers see it.
    fn failure(&self) -> Failure;
}

/// A failure with everything that its `google.rpc.Status` carries.
#[derive(Clone, Debug)]
pub struct Failure(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    reason: ErrorReason,
    message: String,
    metadata: Vec<(String, String)>,
    fields: Vec<pb::bad_request::FieldViolation>,
    resource: Option<(String, String)>,
    retry_after: Option<Duration>,
    precondition: Option<String>,
    components: Vec<String>,
}

impl Failure {
    /// A failure with a full sentence about what went wrong. The recovery of the catalogue is
    /// appended to the message, so that the message alone tells what to do.
    #[must_use]
    pub fn new(reason: ErrorReason, message: impl fmt::Display) -> Self {
        Self(Box::new(Parts {
            reason,
            message: message.to_string(),
            metadata: Vec::new(),
            fields: Vec::new(),
            resource: None,
            retry_after: None,
            precondition: None,
            components: Vec::new(),
        }))
    }

    /// Marks a field of the request: its path, the rule or reason, and a description.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>, rule: impl Into<String>, description: impl Into<String>) -> Self {
        self.0.fields.push(pb::bad_request::FieldViolation {
            field: path.into(),
            reason: rule.into(),
            description: description.into(),
            ..Default::default()
        });
        self
    }

    /// Names the resource that is missing or in conflict.
    #[must_use]
    pub fn resource(mut self, kind: impl Into<String>, name: impl Into<String>) -> Self {
        self.0.resource = Some((kind.into(), name.into()));
        self
    }

    /// Tells when to try again.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Names the state that stands in the way, for example `StopAll`.
    #[must_use]
    pub fn precondition(mut self, subject: impl Into<String>) -> Self {
        self.0.precondition = Some(subject.into());
        self
    }

    /// Names a component whose work is affected.
    #[must_use]
    pub fn component(mut self, name: impl Into<String>) -> Self {
        self.0.components.push(name.into());
        self
    }

    /// Adds a machine-readable fact, for example the current etag.
    #[must_use]
    pub fn fact(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.metadata.push((key.into(), value.into()));
        self
    }

    /// The row of the catalogue.
    #[must_use]
    pub fn reason(&self) -> ErrorReason {
        self.0.reason
    }

    /// The `google.rpc.Status` for events, component states and answers.
    #[must_use]
    pub fn to_status(&self) -> pb::Status {
        let parts = &*self.0;
        let row = parts.reason.info();
        let info = pb::ErrorInfo {
            reason: row.name.to_owned(),
            domain: "cantina".to_owned(),
            metadata: parts.metadata.iter().cloned().collect(),
        };
        let mut details = vec![any("google.rpc.ErrorInfo", &info)];
        if !parts.fields.is_empty() {
            let bad = pb::BadRequest { field_violations: parts.fields.clone() };
            details.push(any("google.rpc.BadRequest", &bad));
        }
        if let Some(delay) = parts.retry_after {
            let retry_delay = prost_types::Duration::try_from(delay).ok();
            details.push(any("google.rpc.RetryInfo", &pb::RetryInfo { retry_delay }));
        }
        if let Some((kind, name)) = &parts.resource {
            let resource = pb::ResourceInfo {
                resource_type: kind.clone(),
                resource_name: name.clone(),
                description: parts.message.clone(),
                ..Default::default()
            };
            details.push(any("google.rpc.ResourceInfo", &resource));
        }
        if let Some(subject) = &parts.precondition {
            let violation = pb::precondition_failure::Violation {
                r#type: row.name.to_owned(),
                subject: subject.clone(),
                description: parts.message.clone(),
            };
            details
                .push(any("google.rpc.PreconditionFailure", &pb::PreconditionFailure { violations: vec![violation] }));
        }
        details.push(any("cantina.error.v1.CommandError", &self.command_error(clock::Clock::system().now())));
        pb::Status { code: row.code, message: self.to_string(), details }
    }

    fn command_error(&self, time: Timestamp) -> CommandError {
        let call = Call::current();
        let row = self.0.reason.info();
        CommandError {
            reason: self.0.reason.into(),
            severity: row.severity,
            command: call.as_ref().map(|call| call.method.to_owned()).unwrap_or_default(),
            retryable: row.retryable,
            recovery: row.recovery.to_owned(),
            affected_components: self.0.components.clone(),
            request_id: call.and_then(|call| Some(call.cause.request()?.id.clone())).unwrap_or_default(),
            time: Some(time),
        }
    }
}

fn any(name: &str, message: &impl Message) -> prost_types::Any {
    prost_types::Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = self.0.message.trim_end_matches('.');
        write!(f, "{sentence}. {}", self.0.reason.info().recovery)
    }
}

impl std::error::Error for Failure {}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        error.failure()
    }
}

impl From<Failure> for tonic::Status {
    fn from(failure: Failure) -> Self {
        let status = failure.to_status();
        Self::with_details(tonic::Code::from(status.code), status.message.clone(), status.encode_to_vec().into())
    }
}

/// Turns an error of a feature into the answer of a service method.
pub fn status(error: impl Into<Failure>) -> tonic::Status {
    error.into().into()
}
