//! Telemetry channels: the latest value of each, never a queue.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    pb::cantina::event::v1::{Telemetry, telemetry::Value},
};

/// The names of all channels, as Watch and GetCapabilities know them.
pub const CHANNELS: &[&str] = &["audio.meter", "event.rates", "system.resources"];

/// The channels of the daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TelemetryHub {
    channels: Arc<BTreeMap<&'static str, watch::Sender<Option<Arc<Telemetry>>>>>,
    clock: Clock,
}

impl TelemetryHub {
    /// All channels, still without a value.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { channels: Arc::new(CHANNELS.iter().map(|name| (*name, watch::Sender::new(None))).collect()), clock }
    }

    /// Whether anybody reads a channel: what nobody reads need not be measured.
    #[must_use]
    pub fn is_read(&self, channel: &str) -> bool {
        self.channels.get(channel).is_some_and(|sender| sender.receiver_count() > 0)
    }

    /// Replaces the value of the channel that carries this kind of value.
    pub fn put(&self, value: Value) {
        let channel = match &value {
            Value::Resources(_) => "system.resources",
            Value::Meter(_) => "audio.meter",
            Value::EventRates(_) => "event.rates",
        };
        if let Some(sender) = self.channels.get(channel) {
            let telemetry = Telemetry { channel: channel.to_owned(), time: Some(self.clock.now()), value: Some(value) };
            sender.send_replace(Some(Arc::new(telemetry)));
        }
    }

    /// The latest value of a channel.
    #[must_use]
    pub fn latest(&self, channel: &str) -> Option<Arc<Telemetry>> {
        self.channels.get(channel)?.borrow().clone()
    }

    /// Follows a channel; `None` when there is none of that name.
    #[must_use]
    pub fn follow(&self, channel: &str) -> Option<watch::Receiver<Option<Arc<Telemetry>>>> {
        self.channels.get(channel).map(watch::Sender::subscribe)
    }
}
