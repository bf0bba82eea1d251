//! The rules of the settings: those of the contract, and those that it cannot say.

use std::net::{SocketAddr, ToSocketAddrs};

use tracing_subscriber::EnvFilter;

use super::Error;
use crate::pb::{cantina::config::v1::Config, registry::Checked};

/// Checks settings field by field.
///
/// # Errors
/// [`Error::Invalid`] names each field and what it must be.
pub fn check(config: &Config) -> Result<(), Error> {
    config.check().map_err(|error| Error::Rules(crate::codec::violations(&error)))?;
    if let Some(filter) = config.log.as_ref().and_then(|log| log.filter.as_deref()) {
        EnvFilter::try_new(filter).map_err(|error| Error::invalid("log.filter", error))?;
    }
    if let Some(listen) = config.server.as_ref().and_then(|server| server.listen.as_deref()) {
        address(listen)?;
    }
    let output = config.audio.as_ref().and_then(|audio| audio.output.as_deref());
    if output.is_some_and(|output| output == "wav:") {
        return Err(Error::invalid("audio.output", "wav: needs a file name, as in wav:/tmp/take.wav"));
    }
    Ok(())
}

/// Checks settings as a whole: what the daemon could not start with is refused before.
///
/// # Errors
/// [`Error::Invalid`] names the field that stands in the way.
pub fn check_whole(config: &Config) -> Result<(), Error> {
    check(config)?;
    let server = config.server.clone().unwrap_or_default();
    let listen = address(server.listen())?;
    if !listen.ip().is_loopback() && !server.unprotected() {
        return Err(Error::invalid(
            "server.listen",
            format!(
                "{listen} can be reached by others, who would hold every role: listen on 127.0.0.1, or set \
                 server.unprotected (CANTINA_UNPROTECTED=1, --unprotected) to accept that"
            ),
        ));
    }
    Ok(())
}

/// The address of a text like `127.0.0.1:8080` or `localhost:0`.
///
/// # Errors
/// [`Error::Invalid`] when it is none.
pub fn address(text: &str) -> Result<SocketAddr, Error> {
    let addresses = text.to_socket_addrs().map_err(|error| Error::invalid("server.listen", error));
    addresses?.next().ok_or_else(|| Error::invalid("server.listen", "names no address"))
}
