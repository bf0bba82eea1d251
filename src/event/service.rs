//! `cantina.event.v1.EventService`.

use std::{pin::Pin, time::Duration};

use futures_util::{Stream, stream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{EventLog, Filter, Subscription, WatchOptions, history::Query};
use crate::{
    clock,
    error::{Failure, status},
    pb::{
        cantina::{
            error::v1::ErrorReason,
            event::v1::{
                EventType, GetTraceRequest, GetTraceResponse, Goodbye, ListEventTypesRequest, ListEventTypesResponse,
                ListEventsRequest, ListEventsResponse, TelemetryRequest, WatchRequest, WatchResponse,
                event_service_server::EventService,
            },
            options::v1::Wiring,
        },
        registry::{EVENTS, EventInfo},
    },
    telemetry::TelemetryHub,
};

const HEARTBEAT: Duration = Duration::from_secs(5);
const TELEMETRY_INTERVAL: Duration = Duration::from_secs(1);
const PAGE_SIZE: usize = 100;

/// Serves the feed.
#[derive(Clone, Debug)]
pub struct Service {
    log: EventLog,
    telemetry: TelemetryHub,
    shutdown: CancellationToken,
    goodbye: watch::Receiver<Goodbye>,
}

impl Service {
    /// The service over a log. Streams end with the goodbye when the token is cancelled.
    #[must_use]
    pub fn new(
        log: EventLog,
        telemetry: TelemetryHub,
        shutdown: CancellationToken,
        goodbye: watch::Receiver<Goodbye>,
    ) -> Self {
        Self { log, telemetry, shutdown, goodbye }
    }

    fn follow(&self, request: &TelemetryRequest) -> Result<super::subscription::Channel, Failure> {
        let unknown = || {
            Failure::new(ErrorReason::EventTypeUnknown, format!("There is no telemetry channel {}", request.channel))
                .field("telemetry.channel", "known", "must be a channel of GetCapabilities")
        };
        let channel = self.telemetry.follow(&request.channel).ok_or_else(unknown)?;
        let interval = request.min_interval.as_ref().and_then(clock::duration).unwrap_or(TELEMETRY_INTERVAL);
        Ok((channel, interval))
    }
}

#[tonic::async_trait]
impl EventService for Service {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let request = request.into_inner();
        Subscription::check_token(&request.resume_token).map_err(status)?;
        let telemetry = request.telemetry.iter().map(|one| self.follow(one)).collect::<Result<_, _>>()?;
        let subscription = self.log.subscribe(WatchOptions {
            snapshot: request.snapshot(),
            heartbeat: request.heartbeat_interval.as_ref().and_then(clock::duration).unwrap_or(HEARTBEAT),
            filter: Filter::parse(request.filter).map_err(status)?,
            resume_token: request.resume_token,
            telemetry,
            shutdown: self.shutdown.clone(),
            goodbye: self.goodbye.clone(),
        });
        let frames = stream::unfold(subscription, |mut subscription| async move {
            let frame = subscription.next().await?;
            Some((frame.map_err(Status::from), subscription))
        });
        Ok(Response::new(Box::pin(frames)))
    }

    async fn list_events(&self, request: Request<ListEventsRequest>) -> Result<Response<ListEventsResponse>, Status> {
        let request = request.into_inner();
        let query = Query {
            filter: Filter::parse(request.filter).map_err(status)?,
            page_size: usize::try_from(request.page_size).ok().filter(|size| *size > 0).unwrap_or(PAGE_SIZE),
            page_token: request.page_token,
            newest_first: request.newest_first,
            after: request.after_sequence,
            start: request.start_time.as_ref().and_then(clock::system_time),
            end: request.end_time.as_ref().and_then(clock::system_time),
        };
        let page = self.log.history().list(&query).await.map_err(status)?;
        Ok(Response::new(ListEventsResponse {
            events: page.events,
            next_page_token: page.next_page_token,
            as_of_sequence: page.as_of,
            resume_token: page.resume_token,
        }))
    }

    async fn list_event_types(
        &self,
        _request: Request<ListEventTypesRequest>,
    ) -> Result<Response<ListEventTypesResponse>, Status> {
        Ok(Response::new(ListEventTypesResponse { event_types: EVENTS.iter().map(event_type).collect() }))
    }

    async fn get_trace(&self, request: Request<GetTraceRequest>) -> Result<Response<GetTraceResponse>, Status> {
        let GetTraceRequest { sequence } = request.into_inner();
        let (events, truncated) = self.log.history().trace(sequence).await.map_err(status)?;
        Ok(Response::new(GetTraceResponse { events, truncated }))
    }
}

fn event_type(info: &EventInfo) -> EventType {
    EventType {
        r#type: info.name.to_owned(),
        message_name: info.message_name.to_owned(),
        description: info.description.to_owned(),
        wiring: Some(Wiring {
            producer: info.producer.to_owned(),
            consumers: info.consumers.iter().map(|consumer| (*consumer).to_owned()).collect(),
            durability: info.durability,
            rate: info.rate,
            retention: info.retention,
        }),
    }
}
