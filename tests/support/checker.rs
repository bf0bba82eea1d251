//! Checks the guarantees of the feed over what readers have recorded, as etcd's robustness tests do:
//! whatever happened, the frames of all readers and the list at the end must tell one story.

use std::collections::{BTreeMap, BTreeSet};

use cantina::pb::cantina::event::v1::{
    Event, FeedFilter, Gap, GapReason, SnapshotPart, event::Payload, snapshot_part::Part,
};

/// One subscription as its reader saw it.
#[derive(Clone, Debug)]
pub struct Session {
    pub filter: FeedFilter,
    /// What the reader had seen when it took its token; `None` without a token.
    pub from: Option<u64>,
    pub frames: Vec<Seen>,
}

/// One frame.
#[derive(Clone, Debug)]
pub enum Seen {
    Subscribed { head: u64, parts: u32 },
    Part(Box<SnapshotPart>),
    Complete(u64),
    Events(Vec<Event>),
    Gap(Gap),
    Heartbeat,
    Goodbye,
}

/// A command that was answered with success.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub sequence: u64,
    pub method: &'static str,
}

/// Everything that was recorded.
#[derive(Default)]
pub struct Story {
    pub sessions: Vec<Session>,
    pub acknowledged: Vec<Acknowledged>,
    /// What ListEvents answers at the end.
    pub listed: Vec<Event>,
    /// The oldest sequence that is still kept at the end.
    pub oldest: u64,
    pub kills: usize,
}

/// What a check found, beside that nothing is wrong: a run that checked nothing proves nothing.
#[derive(Debug, Default)]
pub struct Tally {
    pub events: usize,
    pub sessions: usize,
    pub gaps: BTreeMap<i32, usize>,
    pub snapshots: usize,
    pub folds: usize,
}

/// Up to where a reader has everything that it asked for, after some frames.
pub fn position(session: &Session, frames: usize) -> u64 {
    let mut position = session.from.unwrap_or(0);
    for frame in &session.frames[..frames] {
        position = position.max(match frame {
            Seen::Subscribed { head, .. } if session.from.is_none() => *head,
            Seen::Complete(sequence) => *sequence,
            Seen::Events(events) => events.last().map_or(0, |event| event.sequence),
            Seen::Gap(gap) if gap.reason() != GapReason::Retention => gap.last_sequence,
            _ => 0,
        });
    }
    position
}

/// Whether a filter selects an event.
pub fn selects(filter: &FeedFilter, event: &Event) -> bool {
    let wanted = |name: &String| match name.strip_suffix('*') {
        Some(feature) => event.r#type.starts_with(feature),
        None => event.r#type == *name,
    };
    (filter.types.is_empty() || filter.types.iter().any(wanted)) && event.severity >= filter.min_severity
}

impl Story {
    /// Checks every guarantee.
    pub fn check(&self) -> Result<Tally, String> {
        let truth = self.truth()?;
        let mut tally = Tally { sessions: self.sessions.len(), events: truth.len(), ..Tally::default() };
        let mut tails = BTreeSet::new();
        for (index, session) in self.sessions.iter().enumerate() {
            check_session(session, &truth, &mut tally).map_err(|wrong| format!("session {index}: {wrong}"))?;
            let unclean = gaps(session).filter(|gap| gap.reason() == GapReason::UncleanShutdown);
            tails.extend(unclean.map(|gap| gap.last_sequence));
        }
        if tails.len() > self.kills {
            return Err(format!("{} kills left {} lost tails: {tails:?}", self.kills, tails.len()));
        }
        self.check_acknowledged()?;
        self.check_folds(&truth, &mut tally)?;
        Ok(tally)
    }

    /// Every event that anybody has seen; no number stands for two.
    fn truth(&self) -> Result<BTreeMap<u64, &Event>, String> {
        let mut truth = BTreeMap::new();
        let seen = self.sessions.iter().flat_map(events);
        for event in seen.chain(&self.listed) {
            if let Some(known) = truth.insert(event.sequence, event)
                && known != event
            {
                return Err(format!("the number {} stands for two events: {known:?} and {event:?}", event.sequence));
            }
        }
        Ok(truth)
    }

    /// Whatever was acknowledged is on disk, unless retention has removed it.
    fn check_acknowledged(&self) -> Result<(), String> {
        let listed: BTreeMap<u64, &Event> = self.listed.iter().map(|event| (event.sequence, event)).collect();
        if !self.listed.is_sorted_by(|before, after| before.sequence < after.sequence) {
            return Err("the list is not in order".to_owned());
        }
        for command in self.acknowledged.iter().filter(|command| command.sequence >= self.oldest) {
            let recorded = listed.get(&command.sequence).and_then(|event| event.payload.as_ref());
            let Some(Payload::CommandCompleted(completed)) = recorded else {
                return Err(format!("{command:?} is lost"));
            };
            if !completed.method.ends_with(command.method) {
                return Err(format!("{command:?} is recorded as {}", completed.method));
            }
        }
        Ok(())
    }

    /// A snapshot is the fold of all events up to its number, wherever all of them are known.
    fn check_folds(&self, truth: &BTreeMap<u64, &Event>, tally: &mut Tally) -> Result<(), String> {
        let lost: Vec<&Gap> =
            self.sessions.iter().flat_map(gaps).filter(|gap| gap.reason() != GapReason::Retention).collect();
        let never = |number: u64| lost.iter().any(|gap| (gap.first_sequence..=gap.last_sequence).contains(&number));
        for session in &self.sessions {
            let mut parts = Vec::new();
            for frame in &session.frames {
                match frame {
                    Seen::Part(part) => parts.extend(&part.part),
                    Seen::Complete(sequence) => {
                        tally.snapshots += 1;
                        for part in parts.drain(..) {
                            let Some((at, folded, shown)) = fold(part, truth, *sequence) else { continue };
                            if ((at + 1)..=*sequence).any(|number| !truth.contains_key(&number) && !never(number)) {
                                continue;
                            }
                            tally.folds += 1;
                            if folded != shown {
                                return Err(format!(
                                    "the snapshot of {sequence} shows {shown}, and event {at} said {folded}"
                                ));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The last event that decides about a part, what it says, and what the part shows.
fn fold(part: &Part, truth: &BTreeMap<u64, &Event>, until: u64) -> Option<(u64, String, String)> {
    let before = truth.range(..=until).rev().map(|(sequence, event)| (*sequence, event.payload.as_ref()));
    let mut before = before.filter_map(|(sequence, payload)| Some((sequence, payload?)));
    match part {
        Part::SystemStatus(shown) => before.find_map(|(at, payload)| {
            let said = match payload {
                Payload::SystemModeChanged(changed) => changed.status.as_ref()?,
                Payload::SystemStopLatched(latched) => latched.status.as_ref()?,
                Payload::SystemStopCleared(cleared) => cleared.status.as_ref()?,
                _ => return None,
            };
            let text = |mode: i32, stopped: bool| format!("mode {mode}, stopped {stopped}");
            Some((at, text(said.mode, said.stopped), text(shown.mode, shown.stopped)))
        }),
        Part::Config(shown) => before.find_map(|(at, payload)| match payload {
            Payload::ConfigChanged(changed) => {
                let name = |state: &cantina::pb::cantina::config::v1::ConfigState| {
                    let device = state.config.clone().unwrap_or_default().device.unwrap_or_default();
                    format!("{} {}", state.revision, device.name())
                };
                Some((at, name(changed.state.as_ref()?), name(shown)))
            }
            _ => None,
        }),
        Part::Playback(shown) => before.find_map(|(at, payload)| match payload {
            Payload::MusicVolumeChanged(changed) => Some((at, changed.volume.to_string(), shown.volume.to_string())),
            _ => None,
        }),
        _ => None,
    }
}

fn events(session: &Session) -> impl Iterator<Item = &Event> {
    session.frames.iter().flat_map(|frame| match frame {
        Seen::Events(events) => events.as_slice(),
        _ => &[],
    })
}

fn gaps(session: &Session) -> impl Iterator<Item = &Gap> {
    session.frames.iter().filter_map(|frame| match frame {
        Seen::Gap(gap) => Some(gap),
        _ => None,
    })
}

fn check_session(session: &Session, truth: &BTreeMap<u64, &Event>, tally: &mut Tally) -> Result<(), String> {
    for gap in gaps(session) {
        *tally.gaps.entry(gap.reason).or_default() += 1;
        if gap.first_sequence > gap.last_sequence || gap.reason() == GapReason::Unspecified {
            return Err(format!("{gap:?} makes no sense"));
        }
    }
    check_frames(session)?;
    let Some(first) = session.frames.first() else { return Ok(()) };
    let Seen::Subscribed { head, .. } = first else { return Err("the first frame is not Subscribed".to_owned()) };
    let start = session.from.unwrap_or(*head);
    let (mut last, mut delivered) = (start, BTreeSet::new());
    for event in events(session) {
        if event.sequence <= last {
            return Err(format!("event {} came after {last}", event.sequence));
        }
        if !selects(&session.filter, event) {
            return Err(format!("the filter {:?} does not select {}", session.filter, event.r#type));
        }
        last = event.sequence;
        delivered.insert(last);
    }
    let named = |number: u64| gaps(session).any(|gap| (gap.first_sequence..=gap.last_sequence).contains(&number));
    let until = position(session, session.frames.len());
    for (sequence, event) in truth.range(start + 1..=until.max(start + 1)) {
        if *sequence <= until && selects(&session.filter, event) && !delivered.contains(sequence) && !named(*sequence) {
            return Err(format!("{} {sequence} is missing, and no gap names it (from {start})", event.r#type));
        }
    }
    Ok(())
}

/// The order of frames, and that the snapshot joins the events.
fn check_frames(session: &Session) -> Result<(), String> {
    let (mut expected, mut parts, mut complete) = (0, 0, None);
    for (index, frame) in session.frames.iter().enumerate() {
        match frame {
            Seen::Subscribed { parts, .. } if index == 0 => expected = *parts,
            Seen::Subscribed { .. } => return Err("Subscribed came twice".to_owned()),
            Seen::Part(_) if complete.is_some() => return Err("a snapshot part came behind the snapshot".to_owned()),
            Seen::Part(_) => parts += 1,
            Seen::Complete(sequence) => {
                if parts != expected || complete.replace(*sequence).is_some() {
                    return Err(format!("{parts} parts came instead of {expected}"));
                }
            }
            Seen::Events(events) => {
                let overlaps = |event: &&Event| complete.is_some_and(|sequence| event.sequence <= sequence);
                if let Some(event) = events.iter().find(overlaps) {
                    return Err(format!("event {} is part of the snapshot of {complete:?}", event.sequence));
                }
            }
            Seen::Goodbye if index + 1 < session.frames.len() => return Err("a frame came behind Goodbye".to_owned()),
            Seen::Gap(_) | Seen::Heartbeat | Seen::Goodbye => {}
        }
    }
    Ok(())
}

/// The checker itself must be able to fail.
#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64) -> Event {
        Event { sequence, r#type: "system.mode_changed".to_owned(), severity: 2, ..Event::default() }
    }

    fn session(from: u64, events: &[u64]) -> Session {
        let subscribed = Seen::Subscribed { head: from, parts: 0 };
        let events = Seen::Events(events.iter().map(|sequence| event(*sequence)).collect());
        Session { filter: FeedFilter::default(), from: Some(from), frames: vec![subscribed, events] }
    }

    fn check(sessions: Vec<Session>) -> Result<Tally, String> {
        let kills = 1;
        Story { sessions, listed: (1..=9).map(event).collect(), kills, ..Story::default() }.check()
    }

    fn gap(first_sequence: u64, last_sequence: u64, reason: GapReason) -> Seen {
        Seen::Gap(Gap { first_sequence, last_sequence, reason: reason.into() })
    }

    #[test]
    fn the_checker_accepts_a_true_story_and_refuses_every_kind_of_lie() {
        check(vec![session(2, &[3, 4, 5])]).expect("a true story");
        check(vec![session(2, &[3, 5])]).expect_err("4 is missing");
        check(vec![session(2, &[4, 3])]).expect_err("3 came late");
        check(vec![session(2, &[2, 3])]).expect_err("2 came again");
        let mut named = session(2, &[3, 6]);
        named.frames.insert(1, gap(4, 5, GapReason::UncleanShutdown));
        check(vec![named.clone()]).expect("the gap names them");
        let mut second = named.clone();
        second.frames[1] = gap(4, 4, GapReason::UncleanShutdown);
        second.frames.insert(1, gap(5, 5, GapReason::UncleanShutdown));
        check(vec![second]).expect_err("one kill leaves one tail");
        let mut other = session(2, &[3]);
        other.filter.types = vec!["music.*".to_owned()];
        check(vec![other]).expect_err("the filter does not select it");
        let mut changed = session(2, &[3]);
        if let Seen::Events(events) = &mut changed.frames[1] {
            events[0].resource = "elsewhere".to_owned();
        }
        check(vec![changed]).expect_err("3 stands for two events");
        let mut overlap = session(2, &[3]);
        overlap.frames.insert(1, Seen::Complete(3));
        check(vec![overlap]).expect_err("3 is in the snapshot");
        let lost = Acknowledged { sequence: 7, method: "SetMode" };
        let story = Story { acknowledged: vec![lost], listed: (1..=9).map(event).collect(), ..Story::default() };
        story.check().expect_err("7 is not the record of a command");
    }
}
