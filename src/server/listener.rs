//! Accepts connections, and ends them.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::Site;

/// How many connections may be open at once.
const MAX_CONNECTIONS: usize = 1024;
/// How many requests one connection may have under way.
const MAX_REQUESTS_PER_CONNECTION: u32 = 1024;
/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long connections may take to end by themselves.
const DRAIN: Duration = Duration::from_secs(2);

/// An address that is held but not yet served.
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Takes an address, so that a second daemon fails before it has done anything.
    ///
    /// # Errors
    /// Fails when the address is in use or not of this machine.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self)
    }

    /// The address, with the port that was taken for port 0.
    ///
    /// # Errors
    /// Fails when the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Serves a site until the token is cancelled, then gives connections a moment to end and drops
/// those that do not.
pub async fn run(listener: Listener, site: Site, shutdown: CancellationToken) {
    let site = Arc::new(site);
    let graceful = GracefulShutdown::new();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_REQUESTS_PER_CONNECTION)
        .keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT);
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener.0, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        let Some((stream, client, place)) = accepted else { continue };
        let site = Arc::clone(&site);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(client);
            Arc::clone(&site).answer(request)
        });
        let (builder, watcher, ending) = (builder.clone(), graceful.watcher(), shutdown.clone());
        connections.spawn(async move {
            // Who says nothing would hold a place forever: the headers' own limit begins with them.
            let mut first = [0];
            let speaks = tokio::time::timeout(HEADER_TIMEOUT, stream.peek(&mut first));
            if let Some(Ok(Ok(1))) = ending.run_until_cancelled(speaks).await {
                let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
                if let Err(error) = watcher.watch(connection.into_owned()).await {
                    debug!(%client, error, "a connection has ended early");
                }
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        warn!(open = connections.len(), "connections are dropped because they did not end in time");
    }
    connections.shutdown().await;
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, as soon as there is a place for one; `None` when accepting failed.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, client)) => {
            if let Err(error) = stream.set_nodelay(true) {
                debug!(%client, %error, "small packets may be delayed");
            }
            Some((stream, client, place))
        }
        Err(error) => {
            warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
