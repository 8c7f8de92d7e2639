//! What a turn has seen and said so far. It goes into the journal with each write, so that whoever goes on with the turn knows what
//! its receipt has to tell. No secret is in it: it has the receipt's words, and times to the nanosecond, since evidence is told
//! apart by them.

use serde::{Deserialize, Serialize};

use super::Turn;
use crate::{
    auth::rotation::Ending,
    secret::Fingerprint,
    session::rotate::{
        evidence::{By, Control, Observation},
        receipt::{At, Old, Seen, SentEnding},
    },
    store::vault::Journal,
};

/// What a turn has seen and said.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::session::rotate) struct Account {
    old: Vec<Told>,
    alarms: Vec<String>,
    left_to_do: Vec<String>,
    recovered: bool,
    /// By what the new session was tried.
    control_by: Option<By>,
    /// The server had called the new refresh token active.
    refresh_is_active: bool,
}

/// The same of an old token.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Told {
    token: String,
    /// Nothing was found that ends it.
    endless: bool,
    answered: bool,
    ended_at: Option<At>,
    endings: Vec<SentEnding>,
    evidence: Vec<Seen>,
}

impl Account {
    /// What the journal has of it.
    pub(in crate::session::rotate) fn of(journal: &Journal) -> Self {
        let text = journal.so_far.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// What was sent to end a token, and what was seen of it, as a receipt has it.
    pub(in crate::session::rotate) fn tell(&self, old: &mut Old, alarms: &mut Vec<String>) {
        if let Some(told) = self.old.iter().find(|told| told.token == old.fingerprint) {
            old.endings = told.endings.iter().map(SentEnding::rounded).collect();
            old.evidence = told.evidence.iter().map(Seen::rounded).collect();
        }
        alarms.extend(self.alarms.iter().filter(|alarm| !alarms.contains(alarm)).cloned().collect::<Vec<_>>());
    }
}

impl Turn {
    /// What was seen and said up to now, as text.
    pub(super) fn account(&self) -> String {
        let all = self.tokens.iter().zip(&self.endings).zip(&self.now.tokens);
        let old = all.map(|((token, endings), known)| Told {
            token: token.fingerprint().to_string(),
            endless: known.ending == Ending::None,
            answered: known.answered,
            ended_at: known.subject.ended_at.map(At),
            endings: endings.clone(),
            evidence: known.seen.iter().map(Seen::exact).collect(),
        });
        let account = Account {
            old: old.collect(),
            alarms: self.alarms.clone(),
            left_to_do: self.left_to_do.clone(),
            recovered: self.has_recovered,
            control_by: Some(self.control_by),
            refresh_is_active: self.refresh_is_active,
        };
        serde_json::to_string(&account).expect("an account has text keys only")
    }

    /// Takes up what an earlier process had seen and said.
    pub(super) fn recount(&mut self, journal: &Journal) {
        let account = Account::of(journal);
        (self.alarms, self.left_to_do) = (account.alarms, account.left_to_do);
        (self.has_recovered, self.refresh_is_active) = (account.recovered, account.refresh_is_active);
        self.control_by = account.control_by.unwrap_or(self.control_by);
        let own = self.is_own();
        for told in account.old {
            let is_it = |fingerprint: Fingerprint| fingerprint.to_string() == told.token;
            let Some(place) = self.tokens.iter().position(|token| is_it(token.fingerprint())) else { continue };
            let known = &mut self.now.tokens[place];
            known.seen = told.evidence.into_iter().map(|seen| seen.observation(own)).collect();
            known.ending = if told.endless { Ending::None } else { known.ending };
            (known.answered, known.subject.ended_at) = (told.answered, told.ended_at.map(|at| at.0));
            self.endings[place] = told.endings;
        }
    }

    /// How many of the endings of a token were answered as far as that is known.
    pub(super) fn told_endings(&self, place: usize) -> u32 {
        u32::try_from(self.endings[place].len()).unwrap_or(u32::MAX)
    }

    /// Tells of what needs attention at once: once.
    pub(super) fn alarm(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !self.alarms.contains(&words) {
            self.alarms.push(words);
        }
    }
}

impl Seen {
    fn observation(self, own: bool) -> Observation {
        let control =
            self.control.map(|control| Control { kind: control.kind, result: control.result, at: control.at.0 });
        Observation {
            at: self.at.0,
            by: self.by,
            call: self.call,
            own: own && self.by == By::Use,
            of_successor: false,
            status: self.status,
            result: self.result,
            words: self.words,
            control,
        }
    }

    fn rounded(&self) -> Self {
        let mut rounded = self.clone();
        rounded.at = At::of(self.at.0);
        rounded.control.iter_mut().for_each(|control| control.at = At::of(control.at.0));
        rounded
    }
}

impl SentEnding {
    /// Its time to the second.
    pub(super) fn rounded(&self) -> Self {
        Self { at: At::of(self.at.0), ..self.clone() }
    }
}
