//! `cantina.config.v1.ConfigService`.

use tonic::{Request, Response, Status};

use super::{
    Error, Settings, defaults,
    settings::{Change, Changed},
};
use crate::{
    call::Cause,
    clock,
    error::status,
    pb::cantina::config::v1::{
        ConfirmConfigRequest, ConfirmConfigResponse, GetConfigRequest, GetConfigResponse, ListConfigRevisionsRequest,
        ListConfigRevisionsResponse, ReloadConfigRequest, ReloadConfigResponse, RollbackConfigRequest,
        RollbackConfigResponse, UpdateConfigRequest, UpdateConfigResponse, config_service_server::ConfigService,
    },
};

const PAGE_SIZE: usize = 50;

/// Serves the settings.
#[derive(Clone, Debug)]
pub struct Service {
    settings: Settings,
}

impl Service {
    /// The service over the settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

#[tonic::async_trait]
impl ConfigService for Service {
    async fn get_config(&self, _request: Request<GetConfigRequest>) -> Result<Response<GetConfigResponse>, Status> {
        let state = self.settings.state().await.map_err(status)?;
        Ok(Response::new(GetConfigResponse { state: Some(state), defaults: Some(defaults()) }))
    }

    async fn update_config(
        &self,
        request: Request<UpdateConfigRequest>,
    ) -> Result<Response<UpdateConfigResponse>, Status> {
        let request = request.into_inner();
        let change = Change {
            config: request.config.unwrap_or_default(),
            paths: request.update_mask.unwrap_or_default().paths,
            etag: request.etag,
            validate_only: request.validate_only,
            confirm_within: request.confirm_within.as_ref().and_then(clock::duration),
            comment: request.comment,
        };
        let (state, changed_paths) = self.settings.update(change, Cause::current()).await.map_err(status)?;
        Ok(Response::new(UpdateConfigResponse { commit: None, state: Some(state), changed_paths }))
    }

    async fn confirm_config(
        &self,
        request: Request<ConfirmConfigRequest>,
    ) -> Result<Response<ConfirmConfigResponse>, Status> {
        let revision = request.into_inner().revision;
        let state = self.settings.confirm(revision, Cause::current()).await.map_err(status)?;
        Ok(Response::new(ConfirmConfigResponse { commit: None, state: Some(state) }))
    }

    async fn reload_config(
        &self,
        _request: Request<ReloadConfigRequest>,
    ) -> Result<Response<ReloadConfigResponse>, Status> {
        let (state, changed_paths) = self.settings.reload(Cause::current()).await.map_err(status)?;
        Ok(Response::new(ReloadConfigResponse { commit: None, state: Some(state), changed_paths }))
    }

    async fn list_config_revisions(
        &self,
        request: Request<ListConfigRevisionsRequest>,
    ) -> Result<Response<ListConfigRevisionsResponse>, Status> {
        let ListConfigRevisionsRequest { page_size, page_token } = request.into_inner();
        let size = usize::try_from(page_size).ok().filter(|size| *size > 0).unwrap_or(PAGE_SIZE);
        let before = parse_page(&page_token).map_err(status)?;
        let mut revisions = self.settings.revisions(before, size + 1).await.map_err(status)?;
        let more = revisions.len() > size;
        revisions.truncate(size);
        let last = revisions.last().filter(|_| more);
        let next_page_token = last.map(|revision| revision.revision.to_string()).unwrap_or_default();
        Ok(Response::new(ListConfigRevisionsResponse { revisions, next_page_token }))
    }

    async fn rollback_config(
        &self,
        request: Request<RollbackConfigRequest>,
    ) -> Result<Response<RollbackConfigResponse>, Status> {
        let RollbackConfigRequest { revision, etag, .. } = request.into_inner();
        let (state, changed_paths): Changed =
            self.settings.rollback(revision, etag, Cause::current()).await.map_err(status)?;
        Ok(Response::new(RollbackConfigResponse { commit: None, state: Some(state), changed_paths }))
    }
}

fn parse_page(token: &str) -> Result<u64, Error> {
    if token.is_empty() { Ok(u64::MAX) } else { token.parse().map_err(|_| Error::PageToken) }
}
