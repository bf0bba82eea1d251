//! The dashboard, carried inside the binary.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use rust_embed::RustEmbed;
use tonic::body::Body;

use super::{plain, refusal};

#[derive(RustEmbed)]
#[folder = "web-client/dist"]
#[allow_missing = true]
struct Dashboard;

/// What the browser may load, and from where: only from here.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
                              worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'";

/// Answers a file of the dashboard, compressed for a browser that takes it; a path without an extension
/// is a page of it.
pub(super) fn answer(path: &str, headers: &HeaderMap) -> Response<Body> {
    let path = path.trim_start_matches('/');
    let page = !path.contains('.');
    let name = if page { "index.html" } else { path };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let twin = accepted.contains("gzip").then(|| Dashboard::get(&format!("{name}.gz"))).flatten();
    let compressed = twin.is_some();
    let Some(file) = twin.or_else(|| Dashboard::get(name)) else {
        let text = match page {
            true => "This cantinad was built without its dashboard: run scripts/run.sh.\n",
            false => "There is no such file.\n",
        };
        return refusal(StatusCode::NOT_FOUND, text);
    };
    let etag = format!("\"{}\"", &blake3::Hash::from(file.metadata.sha256_hash()).to_hex()[..16]);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response =
        if known { refusal(StatusCode::NOT_MODIFIED, "") } else { plain("", Bytes::from(file.data.into_owned())) };
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let rows = [
        (header::CONTENT_TYPE, media_type(name)),
        (header::CACHE_CONTROL, cache),
        (header::ETAG, etag.as_str()),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in rows {
        response.headers_mut().insert(name, HeaderValue::from_str(value).expect("our own headers are ASCII"));
    }
    if compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
