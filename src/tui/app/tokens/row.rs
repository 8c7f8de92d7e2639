//! A token in the list, with all that the list and the inspector say about it.

use std::{borrow::Cow, sync::Arc};

use chrono::TimeDelta;

use super::{Old, texts::Texts};
use crate::{
    auth::{IssuedToken, Scheme, TokenKind},
    clock::Timestamp,
    profile::ProfileName,
    secret::{ExposeSecret as _, Fingerprint},
    store::vault::{Generation, Observation, OldToken},
    text,
    token::{
        Token,
        diff::{self, Change},
        json::{Kind, Node},
        lifetime::{Lifetime, NumericDate, NumericDates, TimeState},
        verify::StepOutcome,
    },
    tui::app::{machine::HeldBy, message::Loose},
};

/// Identifies a row for the life of the process: a renewed token keeps its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RowId(pub(super) u64);

/// A token in the list. In memory its parts lie in this order: a filter goes through many rows, and what it reads stands together.
#[derive(Debug, Clone)]
#[repr(C)]
pub(crate) struct Row {
    pub(crate) owner: Owner,
    pub(crate) kind: TokenKind,
    /// What a filter looks through.
    pub(crate) texts: Texts,
    pub(crate) id: RowId,
    pub(crate) token: Arc<Token>,
    /// By our clock.
    pub(crate) lifetime: Lifetime,
    /// When the server said that it ends, where it said so beside the token.
    pub(crate) server_said: Option<Timestamp>,
    /// When it came from the server.
    received_at: Option<Timestamp>,
    /// How far the clock that wrote its dates is ahead of ours: the lifetime is in our time.
    pub(crate) skew: TimeDelta,
    /// Whose token it is, in one line, the account's name first: a `sub` may be an unreadable id. Sanitized.
    pub(crate) subject: String,
    /// Whose server has issued it, as its `iss` claim says: the host of an address. Sanitized, as the next two are.
    pub(crate) issuer: Option<String>,
    /// Whom it is for.
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) scheme: Scheme,
    /// `alg` of the JOSE header; sanitized.
    pub(crate) algorithm: Option<String>,
    pub(crate) fingerprint: Fingerprint,
    /// The raw token is printable ASCII: each byte is a column.
    pub(crate) plain: bool,
    /// How many characters the raw token takes on screen.
    pub(crate) columns: usize,
    /// A revocation tried to end it.
    pub(crate) revoked: bool,
    /// A server refused it after that: it is dead.
    pub(crate) refused: Option<Observation>,
    /// Of a set that is not current any more.
    pub(crate) old: Option<Old>,
    /// What is different from the token that it took the place of, or was made from.
    pub(crate) changes: Vec<Change>,
    /// Of a token that nobody issued: what it was made from and how it is signed. Sanitized.
    pub(crate) made: Option<String>,
    /// What was around it in the text that was pasted, where it was the only one.
    pub(in crate::tui::app) came: Option<StepOutcome>,
}

/// Where a token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A login or refresh of this profile.
    Profile(ProfileName),
    /// `pasted`, `stdin`, a file's name; sanitized.
    Source(String),
    /// Another program of this machine keeps it.
    Program(Arc<HeldBy>),
}

impl Owner {
    /// The profile's name, the program's, or where it was found.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Profile(name) => name.as_str(),
            Self::Source(source) => source,
            Self::Program(keeper) => keeper.name,
        }
    }
}

/// What the list says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowState {
    /// What the clock says.
    Time(TimeState),
    /// A revocation tried to end it; it is not known to be dead.
    Alive,
    /// A server refused it after that.
    Revoked,
}

impl Row {
    /// A token from anywhere, whole.
    pub(super) fn new(id: RowId, owner: Owner, token: Token) -> Self {
        let raw = token.raw().expose_secret();
        let plain = raw.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let columns = if plain { raw.len() } else { text::visible(raw).chars().count() };
        let subject = subject(&token);
        Self {
            id,
            owner,
            kind: TokenKind::Unknown,
            lifetime: token.lifetime(),
            server_said: None,
            received_at: None,
            skew: TimeDelta::zero(),
            texts: Texts::of(&token, &subject),
            subject,
            issuer: claim(&token, "iss").map(|issuer| head(host(&issuer))),
            audience: claim(&token, "aud").map(|audience| head(&audience)),
            scope: claim(&token, "scope").or_else(|| claim(&token, "scp")).map(|scope| head(&scope)),
            algorithm: token.alg().map(|alg| head(&alg)),
            fingerprint: token.fingerprint(),
            plain,
            columns,
            token: Arc::new(token),
            scheme: Scheme::BEARER,
            revoked: false,
            refused: None,
            old: None,
            changes: Vec::new(),
            made: None,
            came: None,
        }
    }

    /// A token that a profile's server gave.
    pub(super) fn issued(id: RowId, profile: &ProfileName, issued: &IssuedToken, received_at: Timestamp) -> Self {
        let token = Token::inspect(issued.raw.expose_secret());
        let row = Self::new(id, Owner::Profile(profile.clone()), token);
        Self {
            kind: issued.kind,
            lifetime: Lifetime::new(row.token.dates(), issued.expires_at, Some(received_at)),
            server_said: issued.expires_at,
            received_at: Some(received_at),
            scheme: issued.scheme.clone(),
            ..row
        }
    }

    /// A token of a set that is not current any more; without its text, where that is not kept.
    pub(super) fn kept(
        id: RowId,
        profile: &ProfileName,
        (set, kept): (&Generation, &OldToken),
        old: Option<Old>,
    ) -> Self {
        let raw = kept.issued().map(|issued| issued.raw);
        let token = Token::inspect(raw.as_ref().map_or("", |raw| raw.expose_secret()));
        let row = Self::new(id, Owner::Profile(profile.clone()), token);
        let account = set.account.as_deref().map(head).filter(|_| row.subject.is_empty());
        let subject = account.unwrap_or_else(|| row.subject.clone());
        Self {
            kind: kept.kind,
            old,
            fingerprint: kept.fingerprint,
            lifetime: Lifetime::new(row.token.dates(), kept.expires_at, Some(set.received_at)),
            server_said: kept.expires_at,
            received_at: Some(set.received_at),
            scheme: kept.scheme.clone(),
            texts: Texts::of(&row.token, &subject),
            subject,
            ..row
        }
    }

    /// A token that nothing else has, if it is one.
    pub(super) fn into_loose(self) -> Option<Loose> {
        let Owner::Source(source) = self.owner else { return None };
        Some(Loose { source, kind: self.kind, raw: self.token.raw().clone(), expires_at: self.server_said })
    }

    /// A token that another program keeps. Where it does not say whose it is, its file may.
    pub(super) fn held(id: RowId, keeper: &Arc<HeldBy>, token: Token) -> Self {
        let row = Self::new(id, Owner::Program(Arc::clone(keeper)), token);
        let subject = keeper.account.as_deref().map(head).filter(|_| row.subject.is_empty());
        Self { subject: subject.unwrap_or_else(|| row.subject.clone()), ..row }
    }

    /// The same, back again.
    pub(super) fn loose(id: RowId, Loose { source, kind, raw, expires_at }: Loose) -> Self {
        Self::new(id, Owner::Source(source), Token::inspect(raw.expose_secret())).said(kind, expires_at)
    }

    /// A token of which the text around it said what it is for, and when it ends.
    pub(super) fn said(self, kind: TokenKind, expires_at: Option<Timestamp>) -> Self {
        let lifetime = Lifetime::new(self.token.dates(), expires_at, None);
        Self { kind, lifetime, server_said: expires_at, ..self }
    }

    /// A token that was made here from another one, and knows what is different.
    pub(super) fn made(id: RowId, original: &Self, how: &str, token: Token) -> Self {
        let row = Self::new(id, Owner::Source("made here".to_owned()), token);
        Self {
            kind: original.kind,
            scheme: original.scheme.clone(),
            changes: diff::diff(&original.token, &row.token),
            made: Some(format!("from the {}: {how}", original.words())),
            ..row
        }
    }

    /// A renewed token takes the place of the old one, and knows what is different.
    pub(super) fn succeed(self, old: &Self) -> Self {
        Self { id: old.id, changes: diff::diff(&old.token, &self.token), ..self }
    }

    /// The server's clock is so far ahead of ours. What a token says of itself is in its issuer's time; `expires_in` was
    /// counted from when the reply came, in ours.
    pub(super) fn correct(&mut self, skew: TimeDelta) {
        let dates = self.token.dates().map(|dates| by_our_clock(dates, skew));
        self.lifetime = Lifetime::new(dates.as_ref(), self.server_said, self.received_at);
        self.skew = skew;
    }

    /// The state at a time.
    pub(crate) fn state(&self, now: Timestamp) -> RowState {
        match self.lifetime.state(now) {
            _ if self.refused.is_some() => RowState::Revoked,
            TimeState::Expired => RowState::Time(TimeState::Expired),
            _ if self.revoked => RowState::Alive,
            state => RowState::Time(state),
        }
    }

    /// The profile, where there is one.
    pub(crate) fn profile(&self) -> Option<&ProfileName> {
        match &self.owner {
            Owner::Profile(name) => Some(name),
            Owner::Source(_) | Owner::Program(_) => None,
        }
    }

    /// The profile's name, or where it was found.
    pub(crate) fn name(&self) -> &str {
        let name = self.owner.name();
        name.strip_prefix("pasted: ").unwrap_or(name)
    }

    /// `access token of edx-demo`, `pasted token ba7816bf`, `token ba7816bf, made here`.
    pub(crate) fn words(&self) -> String {
        match (&self.owner, self.kind) {
            _ if self.made.is_some() => format!("token {}, made here", self.fingerprint),
            (Owner::Profile(name), kind) => match self.old {
                Some(old) => format!("{kind} token of {name}, generation {}", old.generation),
                None => format!("{kind} token of {name}"),
            },
            (owner, _) => format!("{} token {}", owner.name(), self.fingerprint),
        }
    }
}

/// Between the name of an account and its id.
pub(crate) const SEPARATOR: &str = " · ";

/// `ada · 5c10f66f`: the account's name and the subject; one of them where they are the same or the other is missing.
fn subject(token: &Token) -> String {
    let (account, subject) = (token.account(), token.subject());
    match (account, subject) {
        (Some(account), Some(subject)) if account != subject => {
            format!("{}{SEPARATOR}{}", head(&account), head(&subject))
        }
        (account, subject) => account.or(subject).map(|text| head(&text)).unwrap_or_default(),
    }
}

/// A claim's text, or its texts.
fn claim(token: &Token, name: &str) -> Option<String> {
    let json = token.claims()?;
    let named = |(_, node): &(usize, &Node)| json.key(node).is_some_and(|key| key == name);
    let (at, node) = json.children(0).filter(named).last()?;
    match node.kind {
        Kind::Array => {
            let texts: Vec<_> = json.children(at).filter_map(|(_, node)| json.string(node)).collect();
            Some(texts.join(" ")).filter(|texts| !texts.is_empty())
        }
        _ => json.string(node).map(Cow::into_owned),
    }
}

/// `seta.example.eu` of `https://seta.example.eu/authentication/v1`.
fn host(issuer: &str) -> &str {
    let rest = issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://")).unwrap_or(issuer);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// The dates of a claims set by our clock, which the clock that wrote them is ahead of by `skew`.
fn by_our_clock(dates: &NumericDates, skew: TimeDelta) -> NumericDates {
    let corrected = |date: &Option<NumericDate>| {
        let ours = |time: Timestamp| time.checked_sub_signed(skew);
        date.clone().map(|date| NumericDate { time: date.time.and_then(ours), ..date })
    };
    NumericDates { nbf: corrected(&dates.nbf), iat: corrected(&dates.iat), exp: corrected(&dates.exp) }
}

/// The start of a text, in one sanitized line.
pub(super) fn head(text: &str) -> String {
    text::visible(&text[..text.floor_char_boundary(240)]).into_owned()
}
