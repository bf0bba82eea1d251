//! `cantina.system.v1.SystemService`.

use std::time::Duration;

use bytes::Bytes;
use tonic::{Request, Response, Status};

use super::{Device, Ending, Error, Surroundings, modes, preflight};
use crate::{
    call::Cause,
    clock::{self, timestamp},
    codec::EncodedList,
    context::Context,
    error::status,
    pb::{
        CONTRACT,
        cantina::{
            error::v1::ErrorReason,
            event::v1::telemetry::Value,
            system::v1::{
                ClearStopRequest, ClearStopResponse, Component, ErrorReasonInfo, GetCapabilitiesRequest,
                GetCapabilitiesResponse, GetFileDescriptorSetRequest, GetFileDescriptorSetResponse, GetStatusRequest,
                GetStatusResponse, ListComponentsRequest, ListComponentsResponse, ListErrorReasonsRequest,
                ListErrorReasonsResponse, ListLogsRequest, ListLogsResponse, LogLevel, Mode, PreflightRequest,
                PreflightResponse, ResourceUsage, RestartComponentRequest, RestartComponentResponse, RestartRequest,
                RestartResponse, SetModeRequest, SetModeResponse, ShutdownRequest, ShutdownResponse, StopAllRequest,
                StopAllResponse, system_service_server::SystemService,
            },
        },
        registry::REASONS,
    },
    policy::MAX_REQUEST_BYTES,
    telemetry::CHANNELS,
};

const DEFAULT_DELAY: Duration = Duration::from_secs(5);
const DEFAULT_LINES: usize = 200;
/// The file names that the decoder knows.
const MUSIC_EXTENSIONS: &[&str] = &["mp3", "flac", "ogg", "oga", "m4a", "aac", "wav"];

/// Serves the device as a whole.
#[derive(Clone, Debug)]
pub struct Service {
    context: Context,
    device: Device,
    around: Surroundings,
}

impl Service {
    /// The service over a device and its surroundings.
    #[must_use]
    pub fn new(context: Context, device: Device, around: Surroundings) -> Self {
        Self { context, device, around }
    }

    fn resources(&self) -> Option<ResourceUsage> {
        match self.context.telemetry().latest("system.resources")?.value.clone()? {
            Value::Resources(usage) => Some(usage),
            Value::Meter(_) | Value::EventRates(_) => None,
        }
    }

    async fn restart(&self, name: &str) -> Result<Component, Error> {
        let components = &self.around.components;
        components.get(name).ok_or_else(|| Error::ComponentUnknown(name.to_owned()))?;
        let restart = components.restart(name).ok_or_else(|| Error::ComponentNotRestartable(name.to_owned()))?;
        restart().await;
        components.get(name).ok_or_else(|| Error::ComponentUnknown(name.to_owned()))
    }

    /// Ends the daemon after the delay and tells when that is.
    fn end(&self, ending: Ending, delay: Option<&pbjson_types::Duration>, reason: String) -> pbjson_types::Timestamp {
        let delay = delay.and_then(clock::duration).unwrap_or(DEFAULT_DELAY);
        self.around.ending.end(ending, delay, reason, &Cause::current());
        timestamp(self.context.clock().wall() + delay)
    }
}

#[tonic::async_trait]
impl SystemService for Service {
    async fn get_status(&self, _request: Request<GetStatusRequest>) -> Result<Response<GetStatusResponse>, Status> {
        Ok(Response::new(GetStatusResponse {
            status: Some(self.device.status()),
            components: self.around.components.list(),
            resources: self.resources(),
        }))
    }

    async fn get_capabilities(
        &self,
        _request: Request<GetCapabilitiesRequest>,
    ) -> Result<Response<GetCapabilitiesResponse>, Status> {
        let mode = self.device.status().mode();
        Ok(Response::new(GetCapabilitiesResponse {
            services: self.around.services.clone(),
            modes: modes::next(mode).iter().map(|mode| i32::from(*mode)).collect(),
            music_extensions: MUSIC_EXTENSIONS.iter().map(|name| (*name).to_owned()).collect(),
            max_request_bytes: MAX_REQUEST_BYTES as u64,
            max_streams_per_client: self.around.limits.max_streams_per_client(),
            max_streams: self.around.limits.max_streams(),
            telemetry_channels: CHANNELS.iter().map(|name| (*name).to_owned()).collect(),
        }))
    }

    async fn set_mode(&self, request: Request<SetModeRequest>) -> Result<Response<SetModeResponse>, Status> {
        let request = request.into_inner();
        let (mode, reason): (Mode, String) = (request.mode(), request.reason);
        let (device, from) = self.device.set_mode(mode, reason, Cause::current()).await.map_err(status)?;
        Ok(Response::new(SetModeResponse { commit: None, status: Some(device), from: from.into() }))
    }

    async fn list_components(
        &self,
        _request: Request<ListComponentsRequest>,
    ) -> Result<Response<ListComponentsResponse>, Status> {
        Ok(Response::new(ListComponentsResponse { components: self.around.components.list() }))
    }

    async fn restart_component(
        &self,
        request: Request<RestartComponentRequest>,
    ) -> Result<Response<RestartComponentResponse>, Status> {
        let component = self.restart(&request.into_inner().name).await.map_err(status)?;
        Ok(Response::new(RestartComponentResponse { commit: None, component: Some(component) }))
    }

    async fn restart(&self, request: Request<RestartRequest>) -> Result<Response<RestartResponse>, Status> {
        let RestartRequest { delay, reason, .. } = request.into_inner();
        let stop_time = self.end(Ending::Restart, delay.as_ref(), reason);
        Ok(Response::new(RestartResponse { commit: None, stop_time: Some(stop_time) }))
    }

    async fn shutdown(&self, request: Request<ShutdownRequest>) -> Result<Response<ShutdownResponse>, Status> {
        let ShutdownRequest { delay, reason, .. } = request.into_inner();
        let stop_time = self.end(Ending::Shutdown, delay.as_ref(), reason);
        Ok(Response::new(ShutdownResponse { commit: None, stop_time: Some(stop_time) }))
    }

    async fn preflight(&self, _request: Request<PreflightRequest>) -> Result<Response<PreflightResponse>, Status> {
        let components = self.around.components.list();
        let checks = preflight(&self.device.status(), &components, self.context.database().folder());
        let outcome = checks.iter().map(|check| check.outcome).max().unwrap_or_default();
        Ok(Response::new(PreflightResponse { outcome, checks }))
    }

    async fn stop_all(&self, request: Request<StopAllRequest>) -> Result<Response<StopAllResponse>, Status> {
        let reason = request.into_inner().reason;
        let device = self.device.stop_all(reason, Cause::current()).await.map_err(status)?;
        Ok(Response::new(StopAllResponse { commit: None, status: Some(device) }))
    }

    async fn clear_stop(&self, _request: Request<ClearStopRequest>) -> Result<Response<ClearStopResponse>, Status> {
        let device = self.device.clear_stop(Cause::current()).await.map_err(status)?;
        Ok(Response::new(ClearStopResponse { commit: None, status: Some(device) }))
    }

    async fn get_file_descriptor_set(
        &self,
        _request: Request<GetFileDescriptorSetRequest>,
    ) -> Result<Response<GetFileDescriptorSetResponse>, Status> {
        let set = EncodedList::new(Bytes::from_static(CONTRACT));
        Ok(Response::new(GetFileDescriptorSetResponse { file_descriptor_set: Some(set) }))
    }

    async fn list_error_reasons(
        &self,
        _request: Request<ListErrorReasonsRequest>,
    ) -> Result<Response<ListErrorReasonsResponse>, Status> {
        let known = REASONS.iter().filter(|row| row.reason != ErrorReason::Unspecified);
        let reasons = known.map(|row| ErrorReasonInfo {
            reason: row.reason.into(),
            code: u32::try_from(row.code).unwrap_or(0),
            severity: row.severity,
            retryable: row.retryable,
            recovery: row.recovery.to_owned(),
            description: row.description.to_owned(),
        });
        Ok(Response::new(ListErrorReasonsResponse { reasons: reasons.collect() }))
    }

    async fn list_logs(&self, request: Request<ListLogsRequest>) -> Result<Response<ListLogsResponse>, Status> {
        let request = request.into_inner();
        let level = request.min_level().max(LogLevel::Unspecified);
        let level = if level == LogLevel::Unspecified { LogLevel::Info } else { level };
        let limit = usize::try_from(request.page_size).ok().filter(|size| *size > 0).unwrap_or(DEFAULT_LINES);
        let (lines, dropped_count) = self.around.logs.list(level, &request.component, request.before_number, limit);
        Ok(Response::new(ListLogsResponse { lines, dropped_count }))
    }
}
