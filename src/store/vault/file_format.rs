//! How a record is written: JSON with a version and the profile's name, inside of the encryption.
//!
//! Whoever adds a field raises [`VERSION`], gives the field a default for the older files, and so keeps older programs
//! from overwriting what they do not know. What authenticates it stands in `seal`.

mod generations;

use std::{borrow::Cow, collections::BTreeMap, io};

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use self::generations::{WrittenEvidence, WrittenGeneration};
use super::{
    event::{Event, EventKind, IssuedBy},
    generation::Generation,
    record::{Doubt, InFlight, Record, Retired},
    seal::{MAC_LENGTH, VERSION},
};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::{self, Timestamp},
    secret::{ExposeSecret as _, Fingerprint},
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

/// Text that is borrowed from the plaintext, which is wiped, where it has no escapes.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: u32,
    #[serde(borrow)]
    profile: Text<'a>,
    #[serde(default)]
    counter: u64,
    token_set: Option<Set<'a>>,
    #[serde(default)]
    issued_by: Option<Server<'a>>,
    /// Of versions 1 and 2: the generation before the current one, where it was kept.
    #[serde(default, skip_serializing)]
    previous: Option<Set<'a>>,
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    grant: u64,
    #[serde(default)]
    generations: Vec<WrittenGeneration<'a>>,
    #[serde(default)]
    evidence: BTreeMap<Text<'a>, WrittenEvidence<'a>>,
    in_flight: Option<Mark<'a>>,
    retired: Option<Dead<'a>>,
    #[serde(default)]
    doubt: Option<Doubted<'a>>,
    history: Vec<WrittenEvent<'a>>,
    secrets: BTreeMap<Text<'a>, Text<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    tokens: Vec<Issued<'a>>,
    scope: Option<Text<'a>>,
    account: Option<Text<'a>>,
    received_at: Text<'a>,
    remarks: Vec<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Issued<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    raw: Text<'a>,
    scheme: Text<'a>,
    expires_at: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Server<'a> {
    #[serde(borrow)]
    origins: Vec<Text<'a>>,
    client: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Mark<'a> {
    #[serde(borrow)]
    refresh_token: Text<'a>,
    since: Text<'a>,
    pid: u32,
    attempts: u32,
}

#[derive(Serialize, Deserialize)]
struct Dead<'a> {
    #[serde(borrow)]
    refresh_token: Text<'a>,
    at: Text<'a>,
    words: Text<'a>,
}

#[derive(Serialize, Deserialize)]
struct Doubted<'a> {
    #[serde(borrow)]
    at: Text<'a>,
    words: Text<'a>,
}

#[derive(Serialize, Deserialize)]
struct WrittenEvent<'a> {
    #[serde(borrow)]
    at: Text<'a>,
    kind: Text<'a>,
    access: Option<Text<'a>>,
    refresh: Option<Text<'a>>,
    expires_at: Option<Text<'a>>,
}

/// The plaintext of a record.
pub(super) fn write(profile: &str, counter: u64, record: &Record) -> Zeroizing<Vec<u8>> {
    let file = File {
        version: VERSION,
        profile: text(profile),
        counter,
        token_set: record.token_set.as_ref().map(Set::of),
        issued_by: record.issued_by.as_ref().map(Server::of),
        previous: None,
        number: Some(record.number),
        grant: record.grant,
        generations: record.generations.iter().map(WrittenGeneration::of).collect(),
        evidence: record.evidence.iter().map(|(of, known)| (shown(*of), WrittenEvidence::of(known))).collect(),
        in_flight: record.in_flight.as_ref().map(|mark| Mark {
            refresh_token: shown(mark.refresh_token),
            since: time(mark.since),
            pid: mark.pid,
            attempts: mark.attempts,
        }),
        retired: record.retired.as_ref().map(|retired| Dead {
            refresh_token: shown(retired.refresh_token),
            at: time(retired.at),
            words: text(&retired.words),
        }),
        doubt: record.doubt.as_ref().map(|doubt| Doubted { at: time(doubt.at), words: text(&doubt.words) }),
        history: record.history.iter().map(WrittenEvent::of).collect(),
        secrets: record.secrets.iter().map(|(key, secret)| (text(key), text(secret.expose_secret()))).collect(),
    };
    object(&file)
}

/// An object as text, with room for its code.
pub(super) fn object(file: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Counted first: a buffer that grows leaves copies behind that nobody wipes.
    let mut length = Length(0);
    serde_json::to_writer(&mut length, file).expect(WRITABLE);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0 + MAC_LENGTH));
    serde_json::to_writer(&mut *bytes, file).expect(WRITABLE);
    bytes
}

/// Reads a record.
pub(super) fn read(plaintext: &[u8]) -> Result<Written, Damaged> {
    let file: File<'_> = serde_json::from_slice(plaintext).map_err(|_| Damaged)?;
    let (profile, counter) = (file.profile.0.clone().into_owned(), file.counter);
    Ok(Written { profile, counter, record: file.into_record()? })
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

fn text(text: &str) -> Text<'_> {
    Text(Cow::Borrowed(text))
}

fn shown(fingerprint: Fingerprint) -> Text<'static> {
    Text(Cow::Owned(fingerprint.to_string()))
}

fn time(time: Timestamp) -> Text<'static> {
    // Whatever a server said: what is written must be readable.
    Text(Cow::Owned(clock::utc(clock::bounded(time))))
}

impl Text<'_> {
    fn owned(self) -> String {
        self.0.into_owned()
    }
    fn time(&self) -> Result<Timestamp, Damaged> {
        clock::parse(&self.0).ok_or(Damaged)
    }
    fn fingerprint(&self) -> Result<Fingerprint, Damaged> {
        Fingerprint::parse(&self.0).ok_or(Damaged)
    }
}

impl File<'_> {
    fn into_record(self) -> Result<Record, Damaged> {
        let history: Vec<_> = self.history.iter().map(WrittenEvent::event).collect::<Result<_, _>>()?;
        let token_set = self.token_set.map(Set::into_token_set).transpose()?;
        let issued_by = self.issued_by.map(Server::issued_by);
        // Before version 3, sets were not counted.
        let came = || history.iter().filter(|event| event.kind.brings_tokens()).count() as u64;
        let number = self.number.unwrap_or_else(|| came().max(token_set.is_some().into()));
        let mut generations: Vec<_> =
            self.generations.into_iter().map(WrittenGeneration::generation).collect::<Result<_, _>>()?;
        if let Some(previous) = self.previous.map(Set::into_token_set).transpose()? {
            let replaced = token_set.as_ref().map_or(previous.received_at, |set| set.received_at);
            let by =
                history.iter().rfind(|event| event.kind.brings_tokens()).map_or(EventKind::Adopted, |event| event.kind);
            let place = (number.saturating_sub(1), 0);
            generations.extend(Generation::of(&previous, token_set.as_ref(), place, issued_by.clone(), (replaced, by)));
        }
        let evidence = self.evidence.into_iter().map(|(of, known)| Ok((of.fingerprint()?, known.evidence()?)));
        Ok(Record {
            evidence: evidence.collect::<Result<_, _>>()?,
            token_set,
            issued_by,
            number,
            grant: self.grant,
            generations,
            in_flight: self.in_flight.map(Mark::in_flight).transpose()?,
            retired: self.retired.map(Dead::into_retired).transpose()?,
            doubt: self.doubt.map(Doubted::into_doubt).transpose()?,
            history,
            secrets: self.secrets.into_iter().map(|(key, secret)| (key.owned(), secret.0.as_ref().into())).collect(),
        })
    }
}

impl<'a> Set<'a> {
    fn of(set: &'a TokenSet) -> Self {
        let issued = |token: &'a IssuedToken| Issued {
            kind: text(word(token.kind)),
            raw: text(token.raw.expose_secret()),
            scheme: text(token.scheme.as_str()),
            expires_at: token.expires_at.map(time),
        };
        Self {
            tokens: set.tokens.iter().map(issued).collect(),
            scope: set.scope.as_deref().map(text),
            account: set.account.as_deref().map(text),
            received_at: time(set.received_at),
            remarks: set.remarks.iter().map(|remark| text(remark)).collect(),
        }
    }

    fn into_token_set(self) -> Result<TokenSet, Damaged> {
        Ok(TokenSet {
            tokens: self.tokens.into_iter().map(Issued::into_token).collect::<Result<_, _>>()?,
            scope: self.scope.map(Text::owned),
            account: self.account.map(Text::owned),
            received_at: self.received_at.time()?,
            remarks: self.remarks.into_iter().map(Text::owned).collect(),
        })
    }
}

impl Issued<'_> {
    fn into_token(self) -> Result<IssuedToken, Damaged> {
        Ok(IssuedToken {
            kind: kind(&self.kind.0)?,
            raw: self.raw.0.as_ref().into(),
            scheme: Scheme::new(&self.scheme.0).ok_or(Damaged)?,
            expires_at: self.expires_at.as_ref().map(Text::time).transpose()?,
        })
    }
}

impl<'a> Server<'a> {
    fn of(server: &'a IssuedBy) -> Self {
        let origins = server.origins.iter().map(|origin| text(origin)).collect();
        Self { origins, client: server.client.as_deref().map(text) }
    }

    fn issued_by(self) -> IssuedBy {
        let origins = self.origins.into_iter().map(Text::owned).collect();
        IssuedBy { origins, client: self.client.map(Text::owned) }
    }
}

impl Mark<'_> {
    fn in_flight(self) -> Result<InFlight, Damaged> {
        let (refresh_token, since) = (self.refresh_token.fingerprint()?, self.since.time()?);
        Ok(InFlight { refresh_token, since, pid: self.pid, attempts: self.attempts })
    }
}

impl Dead<'_> {
    fn into_retired(self) -> Result<Retired, Damaged> {
        let (refresh_token, at) = (self.refresh_token.fingerprint()?, self.at.time()?);
        Ok(Retired { refresh_token, at, words: self.words.owned() })
    }
}

impl Doubted<'_> {
    fn into_doubt(self) -> Result<Doubt, Damaged> {
        Ok(Doubt { at: self.at.time()?, words: self.words.owned() })
    }
}

impl<'a> WrittenEvent<'a> {
    fn of(event: &'a Event) -> Self {
        Self {
            at: time(event.at),
            kind: text(event.kind.as_str()),
            access: event.access.map(shown),
            refresh: event.refresh.map(shown),
            expires_at: event.expires_at.map(time),
        }
    }

    fn event(&self) -> Result<Event, Damaged> {
        Ok(Event {
            at: self.at.time()?,
            kind: event_kind(&self.kind.0)?,
            access: self.access.as_ref().map(Text::fingerprint).transpose()?,
            refresh: self.refresh.as_ref().map(Text::fingerprint).transpose()?,
            expires_at: self.expires_at.as_ref().map(Text::time).transpose()?,
        })
    }
}

fn event_kind(word: &str) -> Result<EventKind, Damaged> {
    EventKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(Damaged)
}

fn kind(word: &str) -> Result<TokenKind, Damaged> {
    KINDS.into_iter().find(|kind| self::word(*kind) == word).ok_or(Damaged)
}

const KINDS: [TokenKind; 4] = [TokenKind::Access, TokenKind::Refresh, TokenKind::Id, TokenKind::Unknown];

fn word(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        TokenKind::Id => "id",
        TokenKind::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests;
