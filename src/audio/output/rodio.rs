//! Sound cards and sound servers, through rodio: PulseAudio and PipeWire where a server answers, else
//! ALSA.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use rodio::{
    DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink, Source,
    cpal::{
        self, BufferSize,
        traits::{DeviceTrait, HostTrait},
    },
};

use super::{Backend, OutputDescription, OutputKind, RunningOutput};
use crate::audio::{CHANNELS, Error, SAMPLE_RATE_HZ, engine::Lease, frames_to_duration};

/// Is the row of the table.
pub const BACKEND: Backend = Backend { claims: |_| true, open, list };

/// Is how long a sound server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

const DEFAULT: &str = "default";

/// Is the shortest block that a sound server is asked for, in frames. PipeWire works in quanta of 1024
/// and takes one shorter block in each: with 480 frames it was seen to play at 47 % of the speed.
const SERVER_BLOCK_FRAMES: u32 = 1024;

struct Device {
    description: OutputDescription,
    problem: Arc<Mutex<Option<String>>>,
    /// Ends the thread that owns the stream when it is dropped.
    _stop: mpsc::Sender<()>,
}

impl RunningOutput for Device {
    fn description(&self) -> OutputDescription {
        self.description.clone()
    }

    fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Opens a stream on a thread of its own: opening and closing may hang in a sound server, and only
/// that thread then hangs.
fn open(name: &str, block_frames: u32, lease: Lease) -> Result<Box<dyn RunningOutput>, Error> {
    let server = cpal::default_host().id() != cpal::HostId::Alsa;
    let block_frames = if server { block_frames.max(SERVER_BLOCK_FRAMES) } else { block_frames };
    let unavailable = |detail: String| Error::OutputUnavailable { name: name.to_owned(), detail };
    let problem = Arc::new(Mutex::new(None));
    let (stop, stopped) = mpsc::channel();
    let (opened, answer) = mpsc::channel();
    let (wanted, report) = (name.to_owned(), problem.clone());
    let run = move || {
        let outcome = open_stream(&wanted, block_frames, lease, report);
        let (sink, answer) = match outcome {
            Ok((sink, display_name)) => (Some(sink), Ok(display_name)),
            Err(error) => (None, Err(error)),
        };
        if opened.send(answer).is_ok() && sink.is_some() {
            // Answers only when the other side is dropped.
            let _dropped = stopped.recv();
        }
    };
    let thread = thread::Builder::new().name("audio device".into()).spawn(run);
    thread.map_err(|error| unavailable(error.to_string()))?;
    let display_name =
        answer.recv_timeout(PATIENCE).map_err(|_| unavailable("the sound server does not answer".into()))??;
    let description = OutputDescription {
        name: name.to_owned(),
        display_name,
        kind: OutputKind::Device,
        sample_rate_hz: SAMPLE_RATE_HZ,
        latency: Some(frames_to_duration(u64::from(block_frames) * 2)),
    };
    Ok(Box::new(Device { description, problem, _stop: stop }))
}

fn open_stream(
    name: &str,
    block_frames: u32,
    lease: Lease,
    problem: Arc<Mutex<Option<String>>>,
) -> Result<(MixerDeviceSink, String), Error> {
    let unavailable =
        |error: DeviceSinkError| Error::OutputUnavailable { name: name.to_owned(), detail: explain(&error) };
    let device = find(name)?;
    let display_name = display_name(&device);
    let report = move |error: cpal::Error| {
        if !matches!(error.kind(), cpal::ErrorKind::Xrun | cpal::ErrorKind::RealtimeDenied) {
            *problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
    };
    let mut sink = DeviceSinkBuilder::from_device(device)
        .map_err(unavailable)?
        .with_channels(NonZero::new(CHANNELS as u16).expect("two is not zero"))
        .with_sample_rate(NonZero::new(SAMPLE_RATE_HZ).expect("48000 is not zero"))
        .with_sample_format(cpal::SampleFormat::F32)
        .with_buffer_size(BufferSize::Fixed(block_frames))
        .with_error_callback(report)
        .open_sink_or_fallback()
        .map_err(unavailable)?;
    sink.log_on_drop(false);
    sink.mixer().add(EngineSource::new(block_frames, lease));
    Ok((sink, display_name))
}

fn find(name: &str) -> Result<cpal::Device, Error> {
    let unavailable =
        |detail: &dyn std::fmt::Display| Error::OutputUnavailable { name: name.to_owned(), detail: detail.to_string() };
    let host = cpal::default_host();
    if name == DEFAULT {
        if !has_default(&host) {
            return Err(unavailable(&"this machine has no sound card and no sound server"));
        }
        return host.default_output_device().ok_or_else(|| unavailable(&"this machine has no sound device"));
    }
    let mut devices = host.output_devices().map_err(|error| unavailable(&error))?;
    devices.find(|device| id(device) == name).ok_or_else(|| Error::OutputUnknown { name: name.to_owned() })
}

/// Tells whether it makes sense to open the default device. ALSA always names one, and complains on
/// the error output at each attempt when there is no card behind it.
fn has_default(host: &cpal::Host) -> bool {
    let cards = || std::fs::read_dir("/dev/snd").into_iter().flatten().flatten();
    let plays = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("pcm");
    host.id() != cpal::HostId::Alsa || cards().any(|entry| plays(&entry.file_name()))
}

fn id(device: &cpal::Device) -> String {
    device.id().map(|id| id.to_string()).unwrap_or_default()
}

fn display_name(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "Sound device".to_owned(), |description| description.name().to_owned())
}

fn explain(error: &DeviceSinkError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

fn list() -> Vec<OutputDescription> {
    let host = cpal::default_host();
    let describe = |name: String, display_name: String| OutputDescription {
        name,
        display_name,
        kind: OutputKind::Device,
        sample_rate_hz: 0,
        latency: None,
    };
    let default = host.default_output_device().filter(|_| has_default(&host));
    let default = default.map(|device| describe(DEFAULT.into(), format!("Default ({})", display_name(&device))));
    let devices = host.output_devices().into_iter().flatten();
    let devices = devices.map(|device| describe(id(&device), display_name(&device)));
    default.into_iter().chain(devices.filter(|output| !output.name.is_empty())).collect()
}

/// Hands the engine's samples to rodio one by one, a block at a time.
struct EngineSource {
    lease: Lease,
    block: Vec<f32>,
    next: usize,
}

impl EngineSource {
    fn new(block_frames: u32, lease: Lease) -> Self {
        let samples = block_frames as usize * CHANNELS;
        Self { lease, block: vec![0.0; samples], next: samples }
    }
}

impl Iterator for EngineSource {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.next == self.block.len() {
            self.lease.render(&mut self.block);
            self.next = 0;
        }
        let sample = self.block[self.next];
        self.next += 1;
        Some(sample)
    }
}

impl Source for EngineSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> NonZero<u16> {
        NonZero::new(CHANNELS as u16).expect("two is not zero")
    }

    fn sample_rate(&self) -> NonZero<u32> {
        NonZero::new(SAMPLE_RATE_HZ).expect("48000 is not zero")
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
