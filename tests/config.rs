//! The settings: layers, files, revisions, and what happens when they are wrong.

use std::{path::PathBuf, process::Command};

use cantina::pb::cantina::{
    config::v1::{
        Config, ConfigChangeKind, ConfigChanged, ConfigLayer, ConfigRevisionState, ConfigState, ConfirmConfigRequest,
        DeviceConfig, GetConfigRequest, ListConfigRevisionsRequest, ReloadConfigRequest, RollbackConfigRequest,
        ServerConfig, UpdateConfigRequest, UpdateConfigResponse,
    },
    error::v1::ErrorReason,
    event::v1::event::Payload,
    system::v1::GetStatusRequest,
};
use pbjson_types::{Duration, FieldMask};
use tempfile::TempDir;
use tonic::{Code, Status};

use crate::support::{Explained, Feed, TestServer, explain};

fn rename(name: &str) -> UpdateConfigRequest {
    UpdateConfigRequest {
        config: Some(Config { device: Some(DeviceConfig { name: Some(name.to_owned()) }), ..Config::default() }),
        update_mask: Some(FieldMask { paths: vec!["device.name".to_owned()] }),
        ..Default::default()
    }
}

async fn update(server: &TestServer, request: UpdateConfigRequest) -> Result<UpdateConfigResponse, Status> {
    Ok(server.config().await.update_config(request).await?.into_inner())
}

async fn refused(server: &TestServer, request: UpdateConfigRequest) -> Explained {
    explain(&update(server, request).await.expect_err("a refusal"))
}

async fn state(server: &TestServer) -> ConfigState {
    let answer = server.config().await.get_config(GetConfigRequest {}).await.expect("the settings");
    answer.into_inner().state.expect("a state")
}

fn name(state: &ConfigState) -> String {
    state.config.clone().expect("settings").device.expect("a device").name().to_owned()
}

fn layer(state: &ConfigState, path: &str) -> ConfigLayer {
    state.origins.iter().find(|origin| origin.path == path).map_or(ConfigLayer::Default, |origin| origin.layer())
}

async fn safe_mode(server: &TestServer) -> Option<String> {
    let answer = server.system().await.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
    answer.status.expect("a status").safe_mode.map(|status| status.message)
}

async fn changed(feed: &mut Feed, kind: ConfigChangeKind) -> ConfigChanged {
    loop {
        match feed.event_of("config.changed").await.payload {
            Some(Payload::ConfigChanged(change)) if change.kind() == kind => return change,
            _ => {}
        }
    }
}

/// A folder with a settings file in it, and its path.
fn folder_with(file: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("music")).expect("a music folder");
    let path = folder.path().join(file);
    std::fs::write(&path, text).expect("a settings file");
    (folder, path)
}

async fn with_file(file: &str, text: &str, environment: &[(&str, &str)]) -> (TestServer, PathBuf) {
    let (folder, path) = folder_with(file, text);
    let text = path.to_string_lossy().into_owned();
    let environment: Vec<_> = environment.iter().copied().chain([("CANTINA_CONFIG", text.as_str())]).collect();
    (TestServer::within(folder, &environment).await, path)
}

#[tokio::test]
async fn a_revision_overrides_the_environment_which_overrides_the_file() {
    let toml = "[device]\nname = \"from the file\"\n[server]\nmax_streams = 7\n";
    let (server, path) = with_file("cantina.toml", toml, &[("CANTINA_NAME", "from the environment")]).await;
    let now = state(&server).await;
    assert_eq!((name(&now), layer(&now, "device.name")), ("from the environment".to_owned(), ConfigLayer::Environment));
    assert_eq!(layer(&now, "server.max_streams"), ConfigLayer::File);
    assert_eq!(layer(&now, "server.max_concurrent_calls"), ConfigLayer::Default);
    assert_eq!((now.file_path, now.revision), (path.to_string_lossy().into_owned(), 0));
    let now = update(&server, rename("from a revision")).await.expect("a change").state.expect("a state");
    assert_eq!((name(&now), layer(&now, "device.name")), ("from a revision".to_owned(), ConfigLayer::Revision));
    // A path whose field is absent goes back to the layer below.
    let back = UpdateConfigRequest { config: Some(Config::default()), ..rename("") };
    let now = update(&server, back).await.expect("a change").state.expect("a state");
    assert_eq!((name(&now), layer(&now, "device.name")), ("from the environment".to_owned(), ConfigLayer::Environment));
}

#[tokio::test]
async fn a_json_file_is_read_like_a_toml_file_and_a_revision_survives_a_power_cut() {
    let (mut server, _) = with_file("cantina.json", r#"{"device": {"name": "from JSON"}}"#, &[]).await;
    let now = state(&server).await;
    assert_eq!((name(&now), layer(&now, "device.name")), ("from JSON".to_owned(), ConfigLayer::File));
    update(&server, rename("kept")).await.expect("a change");
    server.kill();
    server.launch();
    assert_eq!(name(&state(&server).await), "kept");
}

#[tokio::test]
async fn a_broken_file_starts_safe_mode_in_which_settings_can_be_edited_and_the_file_mended() {
    let (server, path) = with_file("cantina.toml", "[device]\nname = 7\n", &[]).await;
    let why = safe_mode(&server).await.expect("safe mode");
    assert!(why.contains("cantina.toml") && why.contains("check-config"), "{why}");
    update(&server, rename("edited in safe mode")).await.expect("the editor works");
    let reload = || async { server.config().await.reload_config(ReloadConfigRequest::default()).await };
    let still = reload().await.expect_err("it is still broken");
    assert_eq!((still.code(), explain(&still).reason), (Code::FailedPrecondition, ErrorReason::ConfigFileBroken));
    let mut feed = server.watch().await;
    feed.snapshot().await;
    std::fs::write(path, "[server]\nmax_streams = 9\n").expect("a mended file");
    let answer = reload().await.expect("it is mended").into_inner();
    assert_eq!(answer.changed_paths, ["server.max_streams"]);
    let change = changed(&mut feed, ConfigChangeKind::Reloaded).await;
    assert_eq!(change.changed_paths, answer.changed_paths);
    assert_eq!(safe_mode(&server).await, None, "the answer is the effect");
}

#[tokio::test]
async fn the_answer_to_a_change_holds_everywhere_at_once() {
    let server = TestServer::start().await;
    let mut system = server.system().await;
    for index in 0..20 {
        update(&server, rename(&format!("name {index}"))).await.expect("a change");
        let answer = system.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
        assert_eq!(answer.status.expect("a status").device_name, format!("name {index}"));
    }
}

#[tokio::test]
async fn validate_only_tells_what_would_be_and_changes_nothing() {
    let server = TestServer::start().await;
    let before = state(&server).await;
    let answer = update(&server, UpdateConfigRequest { validate_only: true, ..rename("would be") }).await;
    let answer = answer.expect("a valid change");
    assert_eq!(
        (name(&answer.state.expect("a state")), answer.changed_paths),
        ("would be".to_owned(), vec!["device.name".to_owned()])
    );
    assert_eq!(state(&server).await, before);
}

#[tokio::test]
async fn a_stale_etag_is_refused_with_the_current_one() {
    let server = TestServer::start().await;
    let etag = state(&server).await.etag;
    let now = update(&server, UpdateConfigRequest { etag: etag.clone(), ..rename("first") }).await.expect("a change");
    let status = update(&server, UpdateConfigRequest { etag, ..rename("second") }).await.expect_err("it is stale");
    assert_eq!((status.code(), explain(&status).reason), (Code::Aborted, ErrorReason::EtagMismatch));
    let rich = <tonic_types::pb::Status as prost::Message>::decode(status.details()).expect("a status");
    let info = rich.details.iter().find(|any| any.type_url.ends_with("ErrorInfo")).expect("an ErrorInfo");
    let info = <tonic_types::pb::ErrorInfo as prost::Message>::decode(info.value.as_slice()).expect("an ErrorInfo");
    assert_eq!(info.metadata["etag"], now.state.expect("a state").etag);
    assert_eq!(name(&state(&server).await), "first");
}

#[tokio::test]
async fn a_change_reverts_by_itself_unless_it_is_confirmed() {
    let server = TestServer::start().await;
    let mut feed = server.watch().await;
    feed.snapshot().await;
    let second = Some(Duration { seconds: 1, nanos: 0 });
    let trial = |name: &str| UpdateConfigRequest { confirm_within: second, ..rename(name) };
    let answer = update(&server, trial("on trial")).await.expect("a change").state.expect("a state");
    assert!(answer.revert_time.is_some() && name(&answer) == "on trial");
    assert_eq!(refused(&server, rename("meanwhile")).await.reason, ErrorReason::ConfigPending);
    let reverted = changed(&mut feed, ConfigChangeKind::Reverted).await;
    assert_eq!(
        (name(&reverted.state.expect("a state")), reverted.changed_paths),
        ("Cantina".to_owned(), vec!["device.name".to_owned()])
    );
    let late = server.config().await.confirm_config(ConfirmConfigRequest::default()).await.expect_err("too late");
    assert_eq!(explain(&late).reason, ErrorReason::ConfigNothingPending);

    let long = Some(Duration { seconds: 60, nanos: 0 });
    update(&server, UpdateConfigRequest { confirm_within: long, ..rename("kept") }).await.expect("a change");
    let wrong = ConfirmConfigRequest { revision: 99, ..Default::default() };
    server.config().await.confirm_config(wrong).await.expect_err("another revision");
    let right = ConfirmConfigRequest { revision: 2, ..Default::default() };
    let kept = server.config().await.confirm_config(right).await.expect("a confirmation").into_inner();
    assert!(kept.state.expect("a state").revert_time.is_none());
    changed(&mut feed, ConfigChangeKind::Confirmed).await;
    assert_eq!(name(&state(&server).await), "kept");
}

#[tokio::test]
async fn a_change_that_was_never_confirmed_is_taken_back_at_the_next_start() {
    let mut server = TestServer::start().await;
    update(&server, rename("before")).await.expect("a change");
    let long = Some(Duration { seconds: 600, nanos: 0 });
    update(&server, UpdateConfigRequest { confirm_within: long, ..rename("fatal") }).await.expect("a change");
    server.kill();
    server.launch();
    assert_eq!(name(&state(&server).await), "before");
    let list = server.config().await.list_config_revisions(ListConfigRevisionsRequest::default()).await;
    let states: Vec<_> = list.expect("revisions").into_inner().revisions.iter().map(|one| one.state()).collect();
    assert_eq!(states, [ConfigRevisionState::Reverted, ConfigRevisionState::Active]);
}

#[tokio::test]
async fn revisions_are_listed_in_pages_and_an_old_one_comes_back_as_a_new_one() {
    let server = TestServer::start().await;
    for index in 1..=5 {
        let comment = format!("change {index}");
        update(&server, UpdateConfigRequest { comment, ..rename(&format!("name {index}")) }).await.expect("a change");
    }
    let mut config = server.config().await;
    let (mut numbers, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListConfigRevisionsRequest { page_size: 2, page_token };
        let page = config.list_config_revisions(request).await.expect("a page").into_inner();
        numbers.extend(page.revisions.iter().map(|one| (one.revision, one.comment.clone(), one.state())));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let expected = |number: u64| {
        let state = if number == 5 { ConfigRevisionState::Active } else { ConfigRevisionState::Superseded };
        (number, format!("change {number}"), state)
    };
    assert_eq!(numbers, (1..=5).rev().map(expected).collect::<Vec<_>>());
    let other = ListConfigRevisionsRequest { page_token: "nonsense".to_owned(), ..Default::default() };
    let status = config.list_config_revisions(other).await.expect_err("no token of this list");
    assert_eq!(explain(&status).reason, ErrorReason::PageTokenInvalid);

    let back = |revision: u64| RollbackConfigRequest { revision, ..Default::default() };
    let now = config.rollback_config(back(2)).await.expect("a rollback").into_inner().state.expect("a state");
    assert_eq!((name(&now), now.revision), ("name 2".to_owned(), 6));
    let now = config.rollback_config(back(0)).await.expect("a rollback").into_inner().state.expect("a state");
    assert_eq!((name(&now), now.revision), ("Cantina".to_owned(), 7));
    for unknown in [99, u64::MAX] {
        let status = config.rollback_config(back(unknown)).await.expect_err("no such revision");
        assert_eq!(explain(&status).reason, ErrorReason::ConfigRevisionUnknown);
    }
    let stale = RollbackConfigRequest { etag: "stale".to_owned(), ..back(2) };
    let status = config.rollback_config(stale).await.expect_err("a stale etag");
    assert_eq!(explain(&status).reason, ErrorReason::EtagMismatch);
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_by_name_and_changes_nothing() {
    let server = TestServer::start().await;
    let before = state(&server).await;
    let paths = |paths: &[&str]| Some(FieldMask { paths: paths.iter().map(|one| (*one).to_owned()).collect() });
    let unknown = refused(&server, UpdateConfigRequest { update_mask: paths(&["device.colour"]), ..rename("x") }).await;
    assert_eq!((unknown.reason, unknown.fields[0].0.as_str()), (ErrorReason::ConfigInvalid, "config.device.colour"));
    let none = refused(&server, UpdateConfigRequest { update_mask: paths(&[]), ..rename("x") }).await;
    assert_eq!((none.reason, none.fields[0].0.as_str()), (ErrorReason::ValidationFailed, "update_mask.paths"));
    let many = refused(&server, UpdateConfigRequest { update_mask: paths(&["device.name"; 65]), ..rename("x") }).await;
    assert_eq!(many.reason, ErrorReason::ValidationFailed);
    let empty = refused(&server, rename("")).await;
    assert_eq!((empty.reason, empty.fields[0].1.as_str()), (ErrorReason::ValidationFailed, "string.min_len"));
    let fixed =
        refused(&server, UpdateConfigRequest { update_mask: paths(&["storage.data_dir"]), ..rename("x") }).await;
    assert_eq!(fixed.reason, ErrorReason::ConfigInvalid);
    let filter = cantina::pb::cantina::config::v1::LogConfig { filter: Some("cantina=shouting".to_owned()) };
    let request = UpdateConfigRequest {
        config: Some(Config { log: Some(filter), ..Config::default() }),
        update_mask: paths(&["log.filter"]),
        ..Default::default()
    };
    assert_eq!(refused(&server, request).await.reason, ErrorReason::ConfigInvalid);
    let open = ServerConfig { listen: Some("0.0.0.0:8080".to_owned()), ..ServerConfig::default() };
    let request = UpdateConfigRequest {
        config: Some(Config { server: Some(open), ..Config::default() }),
        update_mask: paths(&["server.listen"]),
        ..Default::default()
    };
    let refused = refused(&server, request).await;
    assert_eq!((refused.reason, refused.fields[0].0.as_str()), (ErrorReason::ConfigInvalid, "config.server.listen"));
    assert_eq!(state(&server).await, before);
}

#[tokio::test]
async fn a_setting_that_needs_a_restart_says_so_until_then() {
    let mut server = TestServer::start().await;
    let streams = ServerConfig { max_streams: Some(5), ..ServerConfig::default() };
    let request = UpdateConfigRequest {
        config: Some(Config { server: Some(streams), ..Config::default() }),
        update_mask: Some(FieldMask { paths: vec!["server.max_streams".to_owned()] }),
        ..Default::default()
    };
    update(&server, request).await.expect("a change");
    let pending = |state: &ConfigState| {
        state.origins.iter().any(|origin| origin.path == "server.max_streams" && origin.restart_pending)
    };
    assert!(pending(&state(&server).await));
    server.terminate();
    server.launch();
    assert!(!pending(&state(&server).await));
}

/// Runs cantinad to its end with an environment of its own.
fn run(folder: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cantinad"));
    command.args(arguments).env("XDG_CONFIG_HOME", folder.path()).env("CANTINA_DATA_DIR", folder.path().join("data"));
    command.env_remove("CANTINA_CONFIG").envs(environment.iter().copied()).output().expect("cantinad runs")
}

#[test]
fn the_daemon_refuses_to_start_where_others_reach_it_unless_it_is_told_to() {
    let folder = TempDir::new().expect("a temporary folder");
    let output = run(&folder, &[], &[("CANTINA_LISTEN", "0.0.0.0:0")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--unprotected") && said.contains("0.0.0.0:0"), "{said}");
    let output = run(&folder, &[], &[("CANTINA_MAX_STREAMS", "many")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("CANTINA_MAX_STREAMS"), "{said}");
}

#[test]
fn check_config_tells_good_from_bad_before_anything_runs() {
    let (folder, path) = folder_with("good.toml", "[device]\nname = \"Good\"\n");
    let good = run(&folder, &["check-config", &path.to_string_lossy()], &[]);
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&good.stdout).expect("the settings in force as JSON");
    assert_eq!(shown["device"]["name"], "Good");
    let bad = [
        ("unknown.toml", "[device]\ncolour = \"red\"\n", "colour"),
        ("syntax.toml", "[device\n", "syntax.toml"),
        ("rule.toml", "[server]\nmax_streams = 0\n", "max_streams"),
        ("open.toml", "[server]\nlisten = \"0.0.0.0:80\"\n", "unprotected"),
        ("shape.json", "{\"device\": []}", "shape.json"),
        ("absent.toml", "", "absent.toml"),
    ];
    for (file, text, says) in bad {
        let (folder, path) = folder_with(file, text);
        if file == "absent.toml" {
            std::fs::remove_file(&path).expect("it was there");
        }
        let output = run(&folder, &["check-config", &path.to_string_lossy()], &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(says), "{file}: {said}");
    }
}
