//! Clients that break the rules, and machines that fail: each gets its answer and harms nothing else.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use bytes::Bytes;
use cantina::pb::{
    cantina::{
        error::v1::ErrorReason,
        event::v1::WatchRequest,
        system::v1::{
            ClearStopRequest, GetStatusRequest, Mode, SetModeRequest, StopAllRequest,
            system_service_client::SystemServiceClient,
        },
    },
    registry::METHODS,
};
use http::Version;
use prost::Message;
use tonic::{Code, Status, transport::Channel};

use crate::support::{PATIENCE, TestServer, explain, random::Random, raw};

const GET_STATUS: &str = "/cantina.system.v1.SystemService/GetStatus";
const SET_MODE: &str = "/cantina.system.v1.SystemService/SetMode";
const STOP_ALL: &str = "/cantina.system.v1.SystemService/StopAll";
const WATCH: &str = "/cantina.event.v1.EventService/Watch";
const LARGE: usize = 4 * 1024 * 1024 + 64;

fn sleep_mode() -> SetModeRequest {
    SetModeRequest { mode: Mode::Sleep.into(), ..Default::default() }
}

/// The daemon still answers, and nothing in it has panicked.
async fn unharmed(server: &TestServer) {
    server.system().await.get_status(GetStatusRequest {}).await.expect("it still answers");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

fn reason(result: Result<Bytes, Status>) -> (Code, ErrorReason) {
    let status = result.expect_err("a refusal");
    (status.code(), explain(&status).reason)
}

/// The status in the headers of an answer, or in the trailers that gRPC-Web puts into the body.
fn grpc_status(answer: &raw::Answer) -> String {
    let in_headers = answer.headers.get("grpc-status").map(|value| value.to_str().expect("a number").to_owned());
    let in_body = || {
        let text = answer.text();
        Some(text.split("grpc-status:").nth(1)?.chars().take_while(char::is_ascii_digit).collect())
    };
    in_headers.or_else(in_body).unwrap_or_else(|| panic!("{:?} {}", answer.headers, answer.text()))
}

async fn grpc_web(server: &TestServer, path: &str, message: &[u8]) -> raw::Answer {
    let request = raw::http1(server.url(), "POST", path).header("content-type", "application/grpc-web+proto");
    raw::send(server.url(), request.body(raw::frame(message)).expect("a request")).await
}

#[tokio::test]
async fn what_is_not_a_message_is_refused_as_such_on_every_way_in() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let undecodable = (Code::InvalidArgument, ErrorReason::RequestUndecodable);
    for path in [SET_MODE, GET_STATUS, WATCH] {
        assert_eq!(reason(raw::call(&channel, path, &b"\xff\xff\xff"[..]).await), undecodable, "{path}");
    }
    assert_eq!(grpc_status(&grpc_web(&server, SET_MODE, b"\xff\xff\xff").await), "3");
    for body in ["{", "[]", "{\"mode\": 3} trailing", "{\"mood\": 3}", "\u{0}"] {
        let answer = raw::json(server.url(), SET_MODE, body.to_owned()).await;
        assert_eq!((answer.status, answer.reason().as_str()), (400, "REQUEST_UNDECODABLE"), "{body}");
    }
    let unknown = raw::json(server.url(), SET_MODE, r#"{"mood": 3}"#).await.text();
    assert!(unknown.contains("mood"), "the unknown field is named: {unknown}");
    unharmed(&server).await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_as_such_on_every_way_in() {
    let server = TestServer::start().await;
    let large = StopAllRequest { reason: "x".repeat(LARGE) }.encode_to_vec();
    let channel = server.channel().await;
    for path in [STOP_ALL, WATCH] {
        let refused = reason(raw::call(&channel, path, large.clone()).await);
        assert_eq!(refused, (Code::ResourceExhausted, ErrorReason::RequestTooLarge), "{path}");
    }
    assert_eq!(grpc_status(&grpc_web(&server, STOP_ALL, &large).await), "8");
    let json = raw::json(server.url(), STOP_ALL, format!("{{\"reason\": \"{}\"}}", "x".repeat(LARGE))).await;
    assert_eq!((json.status, json.reason().as_str()), (429, "REQUEST_TOO_LARGE"));
    unharmed(&server).await;
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_named_on_every_way_in() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    for path in ["/cantina.system.v1.SystemService/Explode", "/nowhere.v1.Service/Method", "/x/y"] {
        let refused = reason(raw::call(&channel, path, Bytes::new()).await);
        assert_eq!(refused, (Code::Unimplemented, ErrorReason::MethodUnknown), "{path}");
        assert_eq!(grpc_status(&grpc_web(&server, path, b"").await), "12");
        let json = raw::json(server.url(), path, "{}").await;
        assert_eq!((json.status, json.reason().as_str()), (501, "METHOD_UNKNOWN"), "{path}");
    }
    let stream = raw::json(server.url(), WATCH, "{}").await;
    assert_eq!(stream.reason(), "METHOD_UNKNOWN", "streams have no JSON form");
}

#[tokio::test]
async fn every_way_in_leads_to_the_same_answer() {
    let server = TestServer::start().await;
    let json = raw::json(server.url(), GET_STATUS, "{}").await;
    assert_eq!((json.status, json.json()["status"]["mode"].as_str()), (200, Some("MODE_IDLE")));
    let bare = raw::http1(server.url(), "POST", GET_STATUS).body(Bytes::new()).expect("a request");
    assert_eq!(raw::send(server.url(), bare).await.status, 200, "curl without a body");
    let web = grpc_web(&server, GET_STATUS, b"").await;
    assert_eq!((web.status, grpc_status(&web).as_str()), (200, "0"));
    let request = http::Request::builder()
        .version(Version::HTTP_2)
        .method("POST")
        .uri(format!("{}{GET_STATUS}", server.url()))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let h2 = raw::send(server.url(), request.body(raw::frame(b"")).expect("a request")).await;
    assert_eq!((h2.status, grpc_status(&h2).as_str()), (200, "0"), "HTTP/2 with prior knowledge");
    let length = h2.body.len();
    let status =
        cantina::pb::cantina::system::v1::GetStatusResponse::decode(h2.body.slice(5..length)).expect("a status");
    assert_eq!(status.status.expect("a status").mode(), Mode::Idle);
}

#[tokio::test]
async fn an_older_or_newer_client_is_tolerated() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let mut newer = sleep_mode().encode_to_vec();
    prost::encoding::string::encode(999, &"of tomorrow".to_owned(), &mut newer);
    raw::call(&channel, SET_MODE, newer).await.expect("unknown fields are skipped");
    let unknown = SetModeRequest { mode: 99, ..Default::default() };
    let error = explain(&server.system().await.set_mode(unknown).await.expect_err("no such mode"));
    assert_eq!((error.reason, error.fields[0].0.as_str()), (ErrorReason::ValidationFailed, "mode"));
    let by_name = raw::json(server.url(), SET_MODE, r#"{"mode": "MODE_IDLE", "requestId": ""}"#).await;
    assert_eq!(by_name.status, 200, "{}", by_name.text());
}

#[tokio::test]
async fn pages_of_other_sites_and_borrowed_names_are_refused() {
    let server = TestServer::start().await;
    let get = |name: &'static str, value: &'static str| {
        let host = server.url().trim_start_matches("http://").to_owned();
        let host = if name == "host" { value.to_owned() } else { host };
        let request = http::Request::builder().uri(GET_STATUS).method("POST").header("host", host);
        let request = if name == "host" { request } else { request.header(name, value) };
        request.header("content-type", "application/json").body(Bytes::from_static(b"{}")).expect("a request")
    };
    assert_eq!(raw::send(server.url(), get("origin", "http://evil.example")).await.status, 403);
    assert_eq!(raw::send(server.url(), get("origin", "null")).await.status, 403);
    assert_eq!(raw::send(server.url(), get("host", "evil.example")).await.status, 421);
    assert_eq!(raw::send(server.url(), get("host", "localhost:1")).await.status, 200);
    // A form can only send types that need no permission: none of them is taken from a page.
    let own = server.url().to_owned();
    let form = raw::http1(&own, "POST", STOP_ALL).header("origin", &own).header("content-type", "text/plain");
    assert_eq!(raw::send(&own, form.body(Bytes::from_static(b"{}")).expect("a request")).await.status, 400);
}

#[tokio::test]
async fn no_path_leads_out_of_the_dashboard() {
    let server = TestServer::start().await;
    let paths = [
        "/../../../../etc/passwd",
        "/assets/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/../Cargo.toml",
    ];
    for path in paths {
        let answer =
            raw::send(server.url(), raw::http1(server.url(), "GET", path).body(Bytes::new()).expect("a request"));
        let answer = answer.await;
        assert!(!answer.text().contains("root:") && !answer.text().contains("[package]"), "{path}");
    }
    let put = raw::http1(server.url(), "PUT", "/index.html").body(Bytes::new()).expect("a request");
    assert_eq!(raw::send(server.url(), put).await.status, 405);
}

#[tokio::test]
async fn a_client_may_hold_only_so_many_streams_and_gets_them_back() {
    let server = TestServer::with(&[("CANTINA_MAX_STREAMS_PER_CLIENT", "2")]).await;
    let mut held = vec![server.watch().await, server.watch().await];
    let mut events = server.events().await;
    let status = events.watch(WatchRequest::default()).await.expect_err("one too many");
    assert_eq!((status.code(), explain(&status).reason), (Code::ResourceExhausted, ErrorReason::StreamLimit));
    assert!(explain(&status).command.retryable);
    held.pop();
    let begun = Instant::now();
    while events.watch(WatchRequest::default()).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "the place is not given back");
    }
}

/// Begins a call and never ends it: the headers come, and half of the message.
fn half_a_request(server: &TestServer, path: &str, kind: &str) -> TcpStream {
    let host = server.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n\0\0");
    stream.write_all(head.as_bytes()).expect("half a request");
    stream
}

#[tokio::test]
async fn clients_that_stall_hinder_nobody() {
    let server = TestServer::start().await;
    let host = server.url().trim_start_matches("http://");
    let mut silent: Vec<_> = (0..100).map(|_| TcpStream::connect(host).expect("a connection")).collect();
    let mut stalled = Vec::new();
    for kind in ["application/json", "application/grpc-web+proto", "application/grpc"] {
        stalled.extend((0..20).map(|_| half_a_request(&server, SET_MODE, kind)));
    }
    for _ in 0..20 {
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.write_all(b"POST / HTTP/1.1\r\nHost: ").expect("half a header");
        stalled.push(stream);
    }
    let begun = Instant::now();
    server.system().await.set_mode(sleep_mode()).await.expect("others are served");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    // Who says nothing loses the place again.
    let one = silent.first_mut().expect("a hundred");
    one.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    assert_eq!(one.read(&mut [0; 16]).expect("it is closed"), 0);
    unharmed(&server).await;
}

#[tokio::test]
async fn too_many_calls_at_once_are_refused_but_never_stop_all_and_a_late_call_is_told_so() {
    let server = TestServer::with(&[("CANTINA_MAX_CONCURRENT_CALLS", "2")]).await;
    let channel = server.channel().await;
    let mut system = SystemServiceClient::new(channel);
    // Two calls whose bodies never end hold both places until their deadline.
    let stalled = [stalled_call(&server).await, stalled_call(&server).await];
    let begun = Instant::now();
    let status = loop {
        match system.get_status(GetStatusRequest {}).await {
            Err(status) => break status,
            Ok(_) => assert!(begun.elapsed() < PATIENCE, "the places are free"),
        }
    };
    assert_eq!((status.code(), explain(&status).reason), (Code::ResourceExhausted, ErrorReason::ConcurrencyLimit));
    system.stop_all(StopAllRequest::default()).await.expect("stopping finds a place");
    for call in stalled {
        let (status, details) = call.await.expect("an answer");
        assert_eq!(status, "4", "{details}");
        assert!(details.contains("DEADLINE_EXCEEDED") || !details.is_empty());
    }
    system.get_status(GetStatusRequest {}).await.expect("the places are free again");
}

/// A call over HTTP/2 with a deadline of 5 s whose message never comes; answers its status.
async fn stalled_call(server: &TestServer) -> tokio::task::JoinHandle<(String, String)> {
    use http_body_util::StreamBody;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let host = server.url().trim_start_matches("http://").to_owned();
    let stream = TokioIo::new(tokio::net::TcpStream::connect(&host).await.expect("a connection"));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.expect("a handshake");
    tokio::spawn(connection);
    let never = futures_util::stream::pending::<Result<http_body::Frame<Bytes>, std::convert::Infallible>>();
    let request = http::Request::builder()
        .method("POST")
        .uri(format!("http://{host}{GET_STATUS}"))
        .header("content-type", "application/grpc")
        .header("grpc-timeout", "5S")
        .body(StreamBody::new(never))
        .expect("a request");
    tokio::spawn(async move {
        let response = sender.send_request(request).await.expect("an answer");
        let text = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
        (text("grpc-status").unwrap_or_default(), text("grpc-message").unwrap_or_default())
    })
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_or_port_ends_with_a_sentence_and_harms_nothing() {
    let server = TestServer::start().await;
    let same_data = server.command().env("CANTINA_LISTEN", "127.0.0.1:0").output().expect("it runs");
    let said = String::from_utf8_lossy(&same_data.stderr).into_owned();
    assert!(same_data.status.code() == Some(1) && said.contains("another cantinad already uses"), "{said}");
    let elsewhere = server.folder.path().join("elsewhere");
    let same_port = server.command().env("CANTINA_DATA_DIR", elsewhere).output().expect("it runs");
    let said = String::from_utf8_lossy(&same_port.stderr).into_owned();
    assert!(same_port.status.code() == Some(1) && said.contains("Is another cantinad running?"), "{said}");
    server.system().await.set_mode(sleep_mode()).await.expect("the first one is unharmed");
    unharmed(&server).await;
}

/// Bytes that look like a message: a few fields with plausible numbers and types.
fn plausible(random: &mut Random) -> Vec<u8> {
    let mut message = Vec::new();
    for _ in 0..random.below(6) {
        let tag = u32::try_from(1 + random.below(8)).expect("small");
        match random.below(3) {
            0 => prost::encoding::uint64::encode(tag, &random.next(), &mut message),
            1 => prost::encoding::double::encode(tag, &f64::from_bits(random.next()), &mut message),
            _ => {
                let length = random.below(40);
                prost::encoding::bytes::encode(tag, &random.bytes(length), &mut message);
            }
        }
    }
    message
}

#[tokio::test]
async fn no_bytes_sent_to_any_method_kill_the_daemon_and_every_refusal_has_a_reason() {
    let server = TestServer::start().await;
    let channel: Channel = server.channel().await;
    let mut random = Random::seeded();
    for method in METHODS {
        server.system().await.clear_stop(ClearStopRequest::default()).await.expect("a release");
        // What ends the daemon on purpose gets only what cannot be decoded.
        let ends = method.name.ends_with("/Restart") || method.name.ends_with("/Shutdown");
        let mut messages = vec![vec![0xff; 7]];
        if !ends {
            messages.push(Vec::new());
            messages.extend((0..8).map(|_| plausible(&mut random)));
            messages.extend((0..8).map(|_| {
                let length = random.below(64);
                random.bytes(length)
            }));
        }
        for message in messages {
            if let Err(status) = raw::call(&channel, method.path, message.clone()).await {
                assert!(
                    !matches!(status.code(), Code::Internal | Code::Unknown),
                    "{} {message:?}: {status:?}",
                    method.name
                );
                explain(&status);
            }
        }
    }
    unharmed(&server).await;
}

/// A file system of its own, unmounted when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir(&path).expect("a folder");
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(&path).stderr(std::process::Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_must_be_kept_but_stops_and_recovers_without_a_hole() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("music")).expect("a music folder");
    let Some(disk) = SmallDisk::mount(folder.path().join("data")) else {
        println!("skipped: no file system can be mounted here");
        return;
    };
    let server = TestServer::within(folder, &[]).await;
    let mut feed = server.watch().await;
    let mut last = feed.snapshot().await;
    let filler = disk.0.join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file");
    while file.write_all(&[0; 1024]).is_ok() {}
    drop(file);
    let mut system = server.system().await;
    let begun = Instant::now();
    let mut index = 0;
    let refused = loop {
        let mode = if index % 2 == 0 { Mode::Sleep } else { Mode::Interactive };
        index += 1;
        let request = SetModeRequest { mode: mode.into(), reason: "x".repeat(200), ..Default::default() };
        match system.set_mode(request).await {
            Err(status) => break status,
            Ok(_) => assert!(begun.elapsed() < PATIENCE, "the disk is not full"),
        }
    };
    assert_eq!(explain(&refused).reason, ErrorReason::StorageFull, "{refused:?}");
    let stopped =
        system.stop_all(StopAllRequest { reason: "full".to_owned() }).await.expect("StopAll works").into_inner();
    assert!(stopped.status.expect("a status").stopped && stopped.commit.expect("a commit").sequence > 0);
    std::fs::remove_file(filler).expect("space again");
    let begun = Instant::now();
    while system.clear_stop(ClearStopRequest::default()).await.is_err() || system.set_mode(sleep_mode()).await.is_err()
    {
        assert!(begun.elapsed() < PATIENCE, "it does not recover");
    }
    let end = system.stop_all(StopAllRequest::default()).await.expect("a stop").into_inner().commit.expect("a commit");
    while last < end.sequence {
        let event = feed.event().await;
        assert_eq!(event.sequence, last + 1, "the feed has no hole");
        last = event.sequence;
    }
    drop(server);
}
