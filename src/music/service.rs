//! `cantina.music.v1.MusicService`.

use std::time::Duration;

use tonic::{Request, Response, Status};

use super::{Library, Player, Volume};
use crate::{
    call::Cause,
    clock,
    error::status,
    pb::cantina::music::v1::{
        ClearQueueRequest, ClearQueueResponse, EnqueueRequest, EnqueueResponse, GetArtworkRequest, GetArtworkResponse,
        GetPlaybackRequest, GetPlaybackResponse, GetQueueRequest, GetQueueResponse, GetTrackRequest, GetTrackResponse,
        ListOutputsRequest, ListOutputsResponse, ListTracksRequest, ListTracksResponse, MoveQueueItemRequest,
        MoveQueueItemResponse, NextRequest, NextResponse, PauseRequest, PauseResponse, PlayRequest, PlayResponse,
        PreviousRequest, PreviousResponse, RemoveQueueItemRequest, RemoveQueueItemResponse, RescanLibraryRequest,
        RescanLibraryResponse, ResumeRequest, ResumeResponse, SearchResult, SearchTracksRequest, SearchTracksResponse,
        SeekRequest, SeekResponse, SetOutputRequest, SetOutputResponse, SetVolumeRequest, SetVolumeResponse,
        StopRequest, StopResponse, music_service_server::MusicService,
    },
};

/// Serves music.
#[derive(Clone)]
pub struct Service {
    player: Player,
    library: Library,
}

impl Service {
    /// The service over a player and its library.
    #[must_use]
    pub fn new(player: Player, library: Library) -> Self {
        Self { player, library }
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn length(time: Option<pbjson_types::Duration>) -> Duration {
    time.as_ref().and_then(clock::duration).unwrap_or_default()
}

#[tonic::async_trait]
impl MusicService for Service {
    async fn play(&self, request: Request<PlayRequest>) -> Answer<PlayResponse> {
        let PlayRequest { target, start_position, .. } = request.into_inner();
        let playback = self.player.play(target, length(start_position)).await.map_err(status)?;
        Ok(Response::new(PlayResponse { commit: None, playback: Some(playback) }))
    }

    async fn pause(&self, _request: Request<PauseRequest>) -> Answer<PauseResponse> {
        let playback = self.player.pause().await.map_err(status)?;
        Ok(Response::new(PauseResponse { commit: None, playback: Some(playback) }))
    }

    async fn resume(&self, _request: Request<ResumeRequest>) -> Answer<ResumeResponse> {
        let playback = self.player.resume().await.map_err(status)?;
        Ok(Response::new(ResumeResponse { commit: None, playback: Some(playback) }))
    }

    async fn stop(&self, _request: Request<StopRequest>) -> Answer<StopResponse> {
        let playback = self.player.stop().await.map_err(status)?;
        Ok(Response::new(StopResponse { commit: None, playback: Some(playback) }))
    }

    async fn next(&self, _request: Request<NextRequest>) -> Answer<NextResponse> {
        let playback = self.player.next().await.map_err(status)?;
        Ok(Response::new(NextResponse { commit: None, playback: Some(playback) }))
    }

    async fn previous(&self, _request: Request<PreviousRequest>) -> Answer<PreviousResponse> {
        let playback = self.player.previous().await.map_err(status)?;
        Ok(Response::new(PreviousResponse { commit: None, playback: Some(playback) }))
    }

    async fn seek(&self, request: Request<SeekRequest>) -> Answer<SeekResponse> {
        let SeekRequest { position, playback_id, .. } = request.into_inner();
        let playback = self.player.seek(length(position), playback_id).await.map_err(status)?;
        Ok(Response::new(SeekResponse { commit: None, playback: Some(playback) }))
    }

    async fn set_volume(&self, request: Request<SetVolumeRequest>) -> Answer<SetVolumeResponse> {
        let SetVolumeRequest { volume, .. } = request.into_inner();
        let playback = self.player.set_volume(Volume::new(volume)).await.map_err(status)?;
        Ok(Response::new(SetVolumeResponse { commit: None, playback: Some(playback) }))
    }

    async fn get_playback(&self, _request: Request<GetPlaybackRequest>) -> Answer<GetPlaybackResponse> {
        Ok(Response::new(GetPlaybackResponse { playback: Some(self.player.playback()) }))
    }

    async fn get_queue(&self, _request: Request<GetQueueRequest>) -> Answer<GetQueueResponse> {
        let queue = self.player.queue().await.map_err(status)?;
        Ok(Response::new(GetQueueResponse { queue: Some(queue) }))
    }

    async fn enqueue(&self, request: Request<EnqueueRequest>) -> Answer<EnqueueResponse> {
        let EnqueueRequest { track_ids, index, .. } = request.into_inner();
        let (items, etag) = self.player.enqueue(track_ids, index).await.map_err(status)?;
        Ok(Response::new(EnqueueResponse { commit: None, items, etag }))
    }

    async fn move_queue_item(&self, request: Request<MoveQueueItemRequest>) -> Answer<MoveQueueItemResponse> {
        let MoveQueueItemRequest { item_id, etag, index, .. } = request.into_inner();
        let queue = self.player.move_item(item_id, index, etag).await.map_err(status)?;
        Ok(Response::new(MoveQueueItemResponse { commit: None, queue: Some(queue) }))
    }

    async fn remove_queue_item(&self, request: Request<RemoveQueueItemRequest>) -> Answer<RemoveQueueItemResponse> {
        let RemoveQueueItemRequest { item_id, etag, .. } = request.into_inner();
        let queue = self.player.remove_item(item_id, etag).await.map_err(status)?;
        Ok(Response::new(RemoveQueueItemResponse { commit: None, queue: Some(queue) }))
    }

    async fn clear_queue(&self, request: Request<ClearQueueRequest>) -> Answer<ClearQueueResponse> {
        let ClearQueueRequest { etag, .. } = request.into_inner();
        let (queue, removed_items) = self.player.clear_queue(etag).await.map_err(status)?;
        Ok(Response::new(ClearQueueResponse { commit: None, queue: Some(queue), removed_items }))
    }

    async fn list_tracks(&self, request: Request<ListTracksRequest>) -> Answer<ListTracksResponse> {
        let page = self.library.list(request.get_ref()).map_err(status)?;
        let total_size = u32::try_from(page.total).unwrap_or(u32::MAX);
        let next_page_token = page.next_page_token;
        Ok(Response::new(ListTracksResponse { tracks: page.tracks, next_page_token, total_size }))
    }

    async fn get_track(&self, request: Request<GetTrackRequest>) -> Answer<GetTrackResponse> {
        let track = self.library.track(&request.get_ref().track_id).map_err(status)?;
        Ok(Response::new(GetTrackResponse { track: Some(track) }))
    }

    async fn search_tracks(&self, request: Request<SearchTracksRequest>) -> Answer<SearchTracksResponse> {
        let SearchTracksRequest { query, page_size } = request.into_inner();
        let found = self.library.search(query, page_size).await.into_iter();
        let result = found.map(|found| SearchResult { track: Some((*found.file.track).clone()), score: found.score });
        Ok(Response::new(SearchTracksResponse { results: result.collect() }))
    }

    async fn get_artwork(&self, request: Request<GetArtworkRequest>) -> Answer<GetArtworkResponse> {
        let (media_type, data) = self.library.artwork(&request.get_ref().track_id).await.map_err(status)?;
        Ok(Response::new(GetArtworkResponse { media_type, data: data.into() }))
    }

    async fn rescan_library(&self, _request: Request<RescanLibraryRequest>) -> Answer<RescanLibraryResponse> {
        let (library, already_running) = self.library.rescan(Cause::current()).await.map_err(status)?;
        Ok(Response::new(RescanLibraryResponse { commit: None, library: Some(library), already_running }))
    }

    async fn list_outputs(&self, _request: Request<ListOutputsRequest>) -> Answer<ListOutputsResponse> {
        Ok(Response::new(ListOutputsResponse { outputs: self.player.outputs().await }))
    }

    async fn set_output(&self, request: Request<SetOutputRequest>) -> Answer<SetOutputResponse> {
        let SetOutputRequest { output, .. } = request.into_inner();
        let playback = self.player.set_output(output).await.map_err(status)?;
        Ok(Response::new(SetOutputResponse { commit: None, playback: Some(playback) }))
    }
}
