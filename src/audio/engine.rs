//! The mixer behind the lease that says which output may pull it.

use std::sync::{
    Arc, Mutex,
    atomic::{
        AtomicU64,
        Ordering::{AcqRel, Acquire},
    },
};

use super::mixer::{Control, Mixer, Telltale};

/// Owns the mixer and knows which output it belongs to.
pub struct Engine {
    /// Only ever tried, never waited for: see [`Lease::render`].
    mixer: Mutex<Mixer>,
    holder: AtomicU64,
    leases: AtomicU64,
    /// Is what the mixer tells.
    pub telltale: Arc<Telltale>,
}

impl Engine {
    /// Makes a silent engine that no output holds.
    #[must_use]
    pub fn new() -> (Arc<Self>, Control) {
        let telltale = Arc::new(Telltale::default());
        let (mixer, control) = Mixer::new(telltale.clone());
        let engine = Self { mixer: Mutex::new(mixer), holder: AtomicU64::new(0), leases: AtomicU64::new(0), telltale };
        (Arc::new(engine), control)
    }

    /// Makes a lease that is not in force yet.
    #[must_use]
    pub fn lease(self: &Arc<Self>) -> Lease {
        let number = self.leases.fetch_add(1, AcqRel) + 1;
        Lease { engine: self.clone(), number, pulled: Arc::default() }
    }

    /// Puts a lease in force; the one before renders silence from now on.
    pub fn grant(&self, lease: &Lease) {
        self.holder.store(lease.number, std::sync::atomic::Ordering::Release);
    }
}

/// Lets one output pull the mixer while it is in force.
#[derive(Clone)]
pub struct Lease {
    engine: Arc<Engine>,
    number: u64,
    pulled: Arc<AtomicU64>,
}

impl Lease {
    /// Fills interleaved stereo samples. Answers false, with silence, while the lease is not in force
    /// or, for the moment of a hand-over, while another output still renders. Never waits.
    pub fn render(&self, out: &mut [f32]) -> bool {
        self.pulled.fetch_add(1, AcqRel);
        if self.is_in_force()
            && let Ok(mut mixer) = self.engine.mixer.try_lock()
        {
            mixer.render(out);
            return true;
        }
        out.fill(0.0);
        false
    }

    /// Tells whether this lease is the one in force.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.engine.holder.load(Acquire) == self.number
    }

    /// Counts the blocks that the output asked for, in force or not: an output that does not count is
    /// not running.
    #[must_use]
    pub fn pulled(&self) -> u64 {
        self.pulled.load(Acquire)
    }
}
