//! The device as a whole, and what every command has in common.

use std::time::{Duration, Instant};

use cantina::pb::cantina::{
    error::v1::ErrorReason,
    event::v1::{
        GetTraceRequest, GoodbyeReason, WatchRequest, event::Payload, snapshot_part::Part, watch_response::Frame,
    },
    system::v1::{
        CheckOutcome, ClearStopRequest, ComponentState, GetCapabilitiesRequest, GetFileDescriptorSetRequest,
        GetStatusRequest, ListErrorReasonsRequest, ListLogsRequest, Mode, PreflightRequest, RestartComponentRequest,
        RestartRequest, SetModeRequest, ShutdownRequest, StopAllRequest,
    },
};
use tonic::Code;

use crate::support::{TestServer, explain, request_id};

fn set_mode(mode: Mode) -> SetModeRequest {
    SetModeRequest { mode: mode.into(), reason: "a test".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_change_of_mode_is_answered_when_it_holds_and_shows_in_the_feed_up_to_its_commit() {
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let answer = server.system().await.set_mode(set_mode(Mode::Interactive)).await.expect("a change").into_inner();
    assert_eq!((answer.from(), answer.status.expect("a status").mode()), (Mode::Idle, Mode::Interactive));
    let (mut types, commit) = (Vec::new(), answer.commit.expect("a commit"));
    loop {
        let event = feed.event().await;
        if event
            .cause
            .as_ref()
            .is_some_and(|cause| cause.actor.as_ref().is_some_and(|actor| actor.address == "127.0.0.1"))
        {
            types.push(event.r#type.clone());
        }
        if event.sequence == commit.sequence {
            break;
        }
    }
    assert_eq!(types, ["system.mode_changing", "system.mode_changed", "command.completed"]);
}

#[tokio::test]
async fn the_trace_of_a_command_holds_its_effects_and_its_record() {
    let server = TestServer::start().await;
    let answer = server.system().await.set_mode(set_mode(Mode::Sleep)).await.expect("a change").into_inner();
    let sequence = answer.commit.expect("a commit").sequence;
    let trace = server.events().await.get_trace(GetTraceRequest { sequence }).await.expect("a trace").into_inner();
    let types: Vec<_> = trace.events.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(types, ["system.mode_changing", "system.mode_changed", "command.completed"]);
    let unknown =
        server.events().await.get_trace(GetTraceRequest { sequence: 999_999 }).await.expect_err("no such event");
    assert_eq!(explain(&unknown).reason, ErrorReason::EventUnknown);
}

#[tokio::test]
async fn a_repeated_request_id_has_one_effect_and_the_same_answer_even_after_a_power_cut() {
    let mut server = TestServer::start().await;
    let request = SetModeRequest { request_id: request_id(), ..set_mode(Mode::Ambient) };
    let first = server.system().await.set_mode(request.clone()).await.expect("a change").into_inner();
    server.system().await.set_mode(set_mode(Mode::Idle)).await.expect("another change");
    server.kill();
    server.launch();
    let mut system = server.system().await;
    let again = system.set_mode(request.clone()).await.expect("the stored answer").into_inner();
    let (first_commit, again_commit) = (first.commit.expect("a commit"), again.commit.expect("a commit"));
    assert!(again_commit.replayed && !first_commit.replayed);
    assert_eq!((again.status, again_commit.sequence), (first.status, first_commit.sequence));
    let status = system.get_status(GetStatusRequest {}).await.expect("a status").into_inner().status.expect("a status");
    assert_eq!(status.mode(), Mode::Idle, "the repeated request changed nothing, and the mode survived");
    let reused = SetModeRequest { mode: Mode::Sleep.into(), ..request };
    let error = explain(&system.set_mode(reused).await.expect_err("another request with the same id"));
    assert_eq!(error.reason, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn a_request_that_breaks_a_rule_names_the_field_the_rule_and_the_command() {
    let server = TestServer::start().await;
    let bad =
        SetModeRequest { request_id: "not a uuid".to_owned(), mode: Mode::Startup.into(), reason: "x".repeat(201) };
    let status = server.system().await.set_mode(bad).await.expect_err("three rules are broken");
    let error = explain(&status);
    assert_eq!((status.code(), error.reason), (Code::InvalidArgument, ErrorReason::ValidationFailed));
    assert_eq!(error.command.command, "cantina.system.v1.SystemService/SetMode");
    let rules: Vec<_> = error.fields.iter().map(|(field, rule, _)| (field.as_str(), rule.as_str())).collect();
    assert_eq!(rules, [("request_id", "string.uuid"), ("mode", "enum.in"), ("reason", "string.max_len")]);
    assert!(error.fields.iter().all(|(_, _, description)| description.contains("must be")), "{:?}", error.fields);
}

#[tokio::test]
async fn stop_all_latches_over_restarts_until_it_is_cleared() {
    let mut server = TestServer::start().await;
    let stop = StopAllRequest { reason: "smoke".to_owned() };
    server.system().await.stop_all(stop.clone()).await.expect("a stop");
    server.kill();
    server.launch();
    let mut system = server.system().await;
    let refused = system.set_mode(set_mode(Mode::Ambient)).await.expect_err("everything is stopped");
    assert_eq!((refused.code(), explain(&refused).reason), (Code::FailedPrecondition, ErrorReason::Stopped));
    let stopped =
        system.stop_all(stop).await.expect("stopping twice is stopping").into_inner().status.expect("a status");
    assert_eq!(stopped.stop_latch.expect("a latch").reason, "smoke");
    system.clear_stop(ClearStopRequest::default()).await.expect("a release");
    system.set_mode(set_mode(Mode::Ambient)).await.expect("works again");
}

#[tokio::test]
async fn the_snapshot_holds_the_device_its_components_and_its_settings() {
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    let sequence = feed.snapshot().await;
    assert!(sequence > 0);
    let has = |wanted: fn(&Part) -> bool| feed.parts.iter().any(|part| part.part.as_ref().is_some_and(wanted));
    assert!(has(|part| matches!(part, Part::SystemStatus(status) if status.mode() == Mode::Idle)));
    assert!(has(|part| matches!(part, Part::Component(component) if component.name == "storage")));
    assert!(has(|part| matches!(part, Part::Config(state) if !state.etag.is_empty())));
}

#[tokio::test]
async fn restart_says_goodbye_and_really_comes_back() {
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let restart = RestartRequest { delay: Some(pbjson_types::Duration::default()), ..Default::default() };
    server.system().await.restart(restart).await.expect("a restart");
    let goodbye = loop {
        match feed.frame().await {
            Some(Frame::Goodbye(goodbye)) => break goodbye,
            Some(_) => {}
            None => panic!("the stream ended without a goodbye"),
        }
    };
    assert_eq!(goodbye.reason(), GoodbyeReason::Restart);
    assert!(goodbye.reconnect_after.is_some());
    assert!(feed.frame().await.is_none());
    let begun = Instant::now();
    let status = loop {
        assert!(begun.elapsed() < Duration::from_secs(10), "it did not come back: {}", server.log());
        let Ok(channel) =
            tonic::transport::Channel::from_shared(server.url().to_owned()).expect("an address").connect().await
        else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut system = cantina::pb::cantina::system::v1::system_service_client::SystemServiceClient::new(channel);
        if let Ok(answer) = system.get_status(GetStatusRequest {}).await {
            break answer.into_inner().status.expect("a status");
        }
    };
    assert_eq!(status.mode(), Mode::Idle);
    let resumed = WatchRequest { resume_token: feed.token.clone(), ..Default::default() };
    let event = server.watch_with(resumed).await.event_of("system.daemon_started").await;
    assert!(matches!(event.payload, Some(Payload::SystemDaemonStarted(started)) if !started.after_unclean_shutdown));
}

#[tokio::test]
async fn it_ends_within_three_seconds_with_a_hundred_open_streams() {
    let mut server =
        TestServer::with(&[("CANTINA_MAX_STREAMS", "200"), ("CANTINA_MAX_STREAMS_PER_CLIENT", "200")]).await;
    let mut feeds = Vec::new();
    for _ in 0..100 {
        feeds.push(server.watch().await);
    }
    let (status, took) = server.terminate();
    assert!(status.success(), "{}", server.log());
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn shutdown_ends_the_daemon_with_success() {
    let mut server = TestServer::start().await;
    let now = ShutdownRequest { delay: Some(pbjson_types::Duration::default()), ..Default::default() };
    server.system().await.shutdown(now).await.expect("a shutdown");
    assert!(server.ended().success());
}

#[tokio::test]
async fn components_report_their_health_and_refuse_what_they_cannot_do() {
    let server = TestServer::start().await;
    let mut system = server.system().await;
    let status = system.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
    let storage = status.components.iter().find(|component| component.name == "storage").expect("storage");
    assert_eq!(storage.state(), ComponentState::Running);
    let restart = |name: &str| RestartComponentRequest { name: name.to_owned(), ..Default::default() };
    let unknown = system.restart_component(restart("flux")).await.expect_err("no such component");
    assert_eq!(explain(&unknown).reason, ErrorReason::ComponentUnknown);
    let fixed = system.restart_component(restart("storage")).await.expect_err("not alone");
    assert_eq!(explain(&fixed).reason, ErrorReason::ComponentNotRestartable);
}

#[tokio::test]
async fn preflight_answers_the_worst_of_its_checks_with_a_fix() {
    let server = TestServer::start().await;
    let mut system = server.system().await;
    system.stop_all(StopAllRequest::default()).await.expect("a stop");
    let answer = system.preflight(PreflightRequest {}).await.expect("checks").into_inner();
    assert_eq!(answer.outcome(), CheckOutcome::Fail);
    let stop = answer.checks.iter().find(|check| check.name == "stop").expect("the check of the latch");
    assert_eq!(stop.outcome(), CheckOutcome::Fail);
    assert!(!stop.fix.is_empty());
}

#[tokio::test]
async fn the_daemon_tells_its_contract_its_errors_its_abilities_and_its_log() {
    let server = TestServer::start().await;
    let mut system = server.system().await;
    let set = system.get_file_descriptor_set(GetFileDescriptorSetRequest {}).await.expect("the contract").into_inner();
    let encoded = prost::Message::encode_to_vec(&set.file_descriptor_set.expect("a set"));
    assert_eq!(encoded, cantina::pb::CONTRACT, "no option is lost on the way");
    let reasons = system.list_error_reasons(ListErrorReasonsRequest {}).await.expect("reasons").into_inner().reasons;
    assert!(reasons.iter().all(|row| !row.recovery.is_empty() && !row.description.is_empty() && row.code > 0));
    let able = system.get_capabilities(GetCapabilitiesRequest {}).await.expect("abilities").into_inner();
    assert!(able.services.contains(&"cantina.event.v1.EventService".to_owned()));
    let lines = system.list_logs(ListLogsRequest::default()).await.expect("lines").into_inner().lines;
    assert!(lines.iter().any(|line| line.message.contains("cantinad serves")), "{lines:?}");
}

#[tokio::test]
async fn a_reader_that_leaves_in_the_middle_of_a_snapshot_gets_it_when_it_comes_back() {
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    while !matches!(feed.frame().await.expect("a frame"), Frame::SnapshotPart(_)) {}
    let resumed = WatchRequest { resume_token: feed.token.clone(), ..Default::default() };
    let mut again = server.watch_with(resumed).await;
    again.snapshot().await;
    assert!(again.parts.iter().any(|part| matches!(part.part, Some(Part::SystemStatus(_)))));
    let complete = WatchRequest { resume_token: again.token.clone(), ..Default::default() };
    let first = server.watch_with(complete).await.frame().await.expect("a frame");
    assert!(matches!(first, Frame::Subscribed(subscribed) if subscribed.snapshot_part_count == 0));
}

#[tokio::test]
async fn a_device_that_is_renamed_says_so_in_the_feed() {
    use cantina::pb::cantina::config::v1::{Config, DeviceConfig, UpdateConfigRequest};
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let device = Some(DeviceConfig { name: Some("Rex".to_owned()) });
    let request = UpdateConfigRequest {
        config: Some(Config { device, ..Default::default() }),
        update_mask: Some(pbjson_types::FieldMask { paths: vec!["device.name".to_owned()] }),
        ..Default::default()
    };
    server.config().await.update_config(request).await.expect("a new name");
    let event = feed.event_of("system.status_changed").await;
    let named = |payload| matches!(payload, Payload::SystemStatusChanged(change) if change.status.as_ref().is_some_and(|status| status.device_name == "Rex"));
    assert!(event.payload.is_some_and(named));
}
