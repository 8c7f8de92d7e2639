//! How a record is written: JSON with a version and the profile's name, inside of the encryption.
//!
//! Whoever adds a field raises [`VERSION`], gives the field a default for the older files, and so keeps older programs
//! from overwriting what they do not know. What authenticates it stands in `seal`.

mod written;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io,
};

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use self::written::fields;
use super::{
    event::{Event, EventKind, IssuedBy},
    generation::{Evidence, Generation, Observation, OldToken},
    journal::{Attempts, Journal, OldSet, Step},
    record::{Doubt, InFlight, Record, Retired},
    seal::{MAC_LENGTH, VERSION},
};
use crate::{
    auth::{
        IssuedToken, Scheme, TokenKind, TokenSet,
        rotation::{Kinship, Way},
    },
    clock::Timestamp,
    secret::{Fingerprint, SecretString},
    store::runs::RunId,
};

/// A record that cannot be read. No contents are quoted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// A record as it was read.
pub(super) struct Written {
    /// Whose it says that it is.
    pub(super) profile: String,
    /// It grows with each write; 0 for version 1.
    pub(super) counter: u64,
    pub(super) record: Record,
}

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: u32,
    profile: Cow<'a, str>,
    #[serde(default)]
    counter: u64,
    /// Of versions 1 and 2: the generation before the current one, where it was kept.
    #[serde(default, skip_serializing, with = "written")]
    previous: Option<TokenSet>,
    #[serde(flatten, with = "written")]
    record: Cow<'a, Record>,
}

// How the types of a record look in the file: the members of their objects, in this order.
fields! {
    Record {
        token_set: Option<TokenSet>,
        issued_by: Option<IssuedBy>,
        #[serde(default)] number: u64,
        #[serde(default)] grant: u64,
        #[serde(default)] generations: Vec<Generation>,
        #[serde(default)] evidence: BTreeMap<Fingerprint, Evidence>,
        in_flight: Option<InFlight>,
        retired: Option<Retired>,
        doubt: Option<Doubt>,
        #[serde(default)] rotation: Option<Journal>,
        history: Vec<Event>,
        secrets: BTreeMap<String, SecretString>,
    }
    TokenSet {
        tokens: Vec<IssuedToken>,
        scope: Option<String>,
        account: Option<String>,
        received_at: Timestamp,
        remarks: Vec<String>,
    }
    Generation {
        number: u64,
        grant: u64,
        tokens: Vec<OldToken>,
        scope: Option<String>,
        account: Option<String>,
        received_at: Timestamp,
        issued_by: Option<IssuedBy>,
        replaced_at: Timestamp,
        replaced_by: EventKind,
    }
    IssuedToken { kind: TokenKind, raw: SecretString, scheme: Scheme, expires_at: Option<Timestamp> }
    OldToken {
        kind: TokenKind,
        fingerprint: Fingerprint,
        raw: Option<SecretString>,
        scheme: Scheme,
        expires_at: Option<Timestamp>,
    }
    IssuedBy { origins: BTreeSet<String>, client: Option<String> }
    Evidence { revocation: Option<Observation>, refused: Option<Observation>, accepted: Option<Observation> }
    Observation { at: Timestamp, status: Option<u16>, words: String }
    InFlight { refresh_token: Fingerprint, since: Timestamp, pid: u32, attempts: u32 }
    Retired { refresh_token: Fingerprint, at: Timestamp, words: String }
    Doubt { at: Timestamp, words: String }
    Journal {
        run: RunId,
        way: Option<Way>,
        kinship: Option<Kinship>,
        step: Step,
        attempts: Attempts,
        old: Option<OldSet>,
        remarks: Vec<String>,
        #[serde(default)] so_far: Option<String>,
        settled: Option<String>,
    }
    Attempts { obtain: u32, endings: BTreeMap<Fingerprint, u32>, use_up: u32, replay: u32, recover: u32 }
    OldSet { number: u64, grant: u64, token_set: TokenSet, issued_by: Option<IssuedBy> }
    Event {
        at: Timestamp,
        kind: EventKind,
        access: Option<Fingerprint>,
        refresh: Option<Fingerprint>,
        expires_at: Option<Timestamp>,
    }
}

/// The plaintext of a record.
pub(super) fn write(profile: &str, counter: u64, record: &Record) -> Zeroizing<Vec<u8>> {
    let record = Cow::Borrowed(record);
    object(&File { version: VERSION, profile: profile.into(), counter, previous: None, record })
}

/// An object as text, with room for its code.
pub(super) fn object(file: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Counted first: a buffer that grows leaves copies behind that are not wiped.
    let mut length = Length(0);
    serde_json::to_writer(&mut length, file).expect(WRITABLE);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0 + MAC_LENGTH));
    serde_json::to_writer(&mut *bytes, file).expect(WRITABLE);
    bytes
}

/// Reads a record.
pub(super) fn read(plaintext: &[u8]) -> Result<Written, Damaged> {
    let File { version, profile, counter, previous, record } =
        serde_json::from_slice(plaintext).map_err(|_| Damaged)?;
    let mut record = record.into_owned();
    // Before version 3, sets were not counted.
    if version < 3 && record.number == 0 {
        let came = record.history.iter().filter(|event| event.kind.brings_tokens()).count() as u64;
        record.number = came.max(record.token_set.is_some().into());
    }
    if let Some(previous) = previous {
        let replaced = record.token_set.as_ref().map_or(previous.received_at, |set| set.received_at);
        let by = record.history.iter().rfind(|event| event.kind.brings_tokens());
        let by = by.map_or(EventKind::Adopted, |event| event.kind);
        let place = (record.number.saturating_sub(1), 0);
        let (successor, issued_by) = (record.token_set.as_ref(), record.issued_by.clone());
        record.generations.extend(Generation::of(&previous, successor, place, issued_by, (replaced, by)));
    }
    Ok(Written { profile: profile.into_owned(), counter, record })
}

/// Whether a record says the same once it is written and read again.
pub(super) fn survives(profile: &str, counter: u64, record: &Record) -> bool {
    let written = write(profile, counter, record);
    read(&written).is_ok_and(|read| *write(&read.profile, read.counter, &read.record) == *written)
}

const WRITABLE: &str = "a record has text keys and finite numbers only, and memory takes it";

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
