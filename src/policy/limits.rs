//! How much may be under way at once.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::Failure, pb::cantina::error::v1::ErrorReason};

/// The limits and how much of them is used.
#[derive(Debug)]
pub struct Limits {
    max_streams: u32,
    max_streams_per_client: u32,
    max_calls: u32,
    calls: Arc<Semaphore>,
    streams: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Limits {
    /// Limits for streams in all, streams of one client address, and calls.
    #[must_use]
    pub fn new(max_streams: u32, max_streams_per_client: u32, max_calls: u32) -> Self {
        let calls = Arc::new(Semaphore::new(max_calls as usize));
        Self { max_streams, max_streams_per_client, max_calls, calls, streams: Arc::default() }
    }

    /// The limit for streams in all.
    #[must_use]
    pub fn max_streams(&self) -> u32 {
        self.max_streams
    }

    /// The limit for streams of one client address.
    #[must_use]
    pub fn max_streams_per_client(&self) -> u32 {
        self.max_streams_per_client
    }

    /// How many streams are open.
    #[must_use]
    pub fn open_streams(&self) -> u32 {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// A place for one call.
    pub(super) fn call(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let full = |_| {
            let message = format!("{} calls are under way already", self.max_calls);
            Failure::new(ErrorReason::ConcurrencyLimit, message).retry_after(Duration::from_millis(100))
        };
        Arc::clone(&self.calls).try_acquire_owned().map_err(full)
    }

    /// A place for one stream of a client.
    pub(super) fn stream(&self, client: IpAddr) -> Result<StreamPermit, Failure> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let all: u32 = streams.values().sum();
        let own = streams.get(&client).copied().unwrap_or(0);
        let refused = |message| Failure::new(ErrorReason::StreamLimit, message).retry_after(Duration::from_secs(5));
        if own >= self.max_streams_per_client {
            return Err(refused(format!("{client} holds {own} streams already")));
        }
        if all >= self.max_streams {
            return Err(refused(format!("{all} streams are open already")));
        }
        streams.insert(client, own + 1);
        Ok(StreamPermit { client, streams: Arc::clone(&self.streams) })
    }
}

/// A place for one stream; given back when dropped.
#[derive(Debug)]
pub(super) struct StreamPermit {
    client: IpAddr,
    streams: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = streams.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                streams.remove(&self.client);
            }
        }
    }
}
