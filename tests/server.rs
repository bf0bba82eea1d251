//! The listener beside gRPC: the dashboard, metrics, health.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use cantina::pb::cantina::event::v1::ListEventsRequest;

use crate::support::TestServer;

/// The head and the body of an answer over HTTP/1.
fn get(server: &TestServer, path: &str, headers: &str) -> (String, Vec<u8>) {
    let address = server.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n").expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer.split_off(end))
}

#[tokio::test]
async fn the_dashboard_is_small_on_the_wire_and_cached_by_content() {
    let server = TestServer::start().await;
    let (head, page) = get(&server, "/music", "");
    if head.starts_with("http/1.1 404") {
        assert!(
            String::from_utf8_lossy(&page).contains("without its dashboard"),
            "a build without the dashboard says so"
        );
        return;
    }
    assert!(head.contains("content-security-policy: default-src 'self'"), "{head}");
    let (packed_head, packed) = get(&server, "/music", "accept-encoding: gzip, br\r\n");
    assert!(packed_head.contains("content-encoding: gzip") && packed.len() < page.len(), "{packed_head}");
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("an etag");
    let (known, nothing) = get(&server, "/music", &format!("if-none-match: {etag}\r\n"));
    assert!(known.starts_with("http/1.1 304") && nothing.is_empty(), "{known}");
}

#[tokio::test]
async fn metrics_and_health_are_text_and_the_contract_is_the_contract() {
    let server = TestServer::start().await;
    // Listing puts everything on disk that has happened, and so into the figures.
    server.events().await.list_events(ListEventsRequest::default()).await.expect("events");
    let (_, metrics) = get(&server, "/metrics", "");
    let metrics = String::from_utf8(metrics).expect("text");
    assert!(metrics.contains("cantina_events_total{type=\"system.daemon_started\"} 1"), "{metrics}");
    assert!(metrics.contains("cantina_component_running{component=\"storage\",state=\"COMPONENT_STATE_RUNNING\"} 1"));
    assert_eq!(get(&server, "/healthz", "").1, b"serving\n");
    assert_eq!(get(&server, "/contract.binpb", "").1, cantina::pb::CONTRACT);
}
