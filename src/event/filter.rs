//! Which events a reader wants.

use super::frame::Meta;
use crate::{
    error::{Explain, Failure},
    pb::{
        cantina::{error::v1::ErrorReason, event::v1::FeedFilter, options::v1},
        registry::EVENTS,
    },
};

/// A filter, resolved against the registry. The default selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// One flag for each type of the registry; empty for all, types of newer daemons included.
    types: Vec<bool>,
    min_severity: u8,
}

/// A type in a filter that is not in the registry.
#[derive(Debug, thiserror::Error)]
#[error("there is no event type {0}")]
pub struct UnknownType(String);

impl Explain for UnknownType {
    fn failure(&self) -> Failure {
        Failure::new(ErrorReason::EventTypeUnknown, self).field("filter.types", "known", self.to_string())
    }
}

impl Filter {
    /// Resolves a filter of the contract.
    ///
    /// # Errors
    /// Names the first type that does not exist.
    pub fn parse(filter: Option<FeedFilter>) -> Result<Self, UnknownType> {
        let Some(filter) = filter else { return Ok(Self::default()) };
        let mut types = if filter.types.is_empty() { Vec::new() } else { vec![false; EVENTS.len()] };
        for wanted in &filter.types {
            let mut known = false;
            for (flag, event) in types.iter_mut().zip(EVENTS) {
                let matches = match wanted.strip_suffix('*') {
                    Some(feature) => event.name.starts_with(feature),
                    None => event.name == wanted,
                };
                *flag |= matches;
                known |= matches;
            }
            if !known {
                return Err(UnknownType(wanted.clone()));
            }
        }
        Ok(Self { types, min_severity: u8::try_from(filter.min_severity).unwrap_or(0) })
    }

    /// Whether it selects everything.
    #[must_use]
    pub fn selects_all(&self) -> bool {
        self.types.is_empty() && self.min_severity == 0
    }

    /// Whether it selects an event.
    #[must_use]
    pub fn selects(&self, meta: &Meta) -> bool {
        let wanted = self.types.is_empty() || meta.kind.is_some_and(|kind| self.types[kind as usize]);
        wanted && meta.severity >= self.min_severity
    }

    /// Whether it can select an event of a retention class.
    #[must_use]
    pub fn reaches(&self, class: i32) -> bool {
        let of_class = |index: usize| EVENTS[index].retention == class;
        self.types.is_empty() || (0..EVENTS.len()).any(|index| self.types[index] && of_class(index))
    }

    /// Whether it can select what is removed first: logs and progress.
    #[must_use]
    pub fn reaches_trace(&self) -> bool {
        self.reaches(v1::Retention::Trace as i32)
    }

    /// A number that two different filters hardly share: a resume token carries it.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut names: Vec<&str> =
            EVENTS.iter().zip(&self.types).filter(|(_, wanted)| **wanted).map(|(event, _)| event.name).collect();
        names.sort_unstable();
        let text = format!("{}/{}", self.min_severity, names.join(","));
        u64::from_le_bytes(blake3::hash(text.as_bytes()).as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
    }
}
