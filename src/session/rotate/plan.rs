//! What a rotation will do for each profile, what it can prove, and what will survive it. It sends nothing.

mod prospect;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::prospect::Prospect;
use super::evidence::By;
use crate::{
    auth::{
        TokenKind,
        rotation::{Ending, Kinship, RefreshWay, Replay, Way},
    },
    clock::Timestamp,
    profile::{Profile, Protected},
    secret::Fingerprint,
};

/// How a rotation is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How new sessions are obtained.
    pub way: Wanted,
    /// Old tokens are ended.
    pub revoke: bool,
    /// The old sessions are ended first.
    pub panic: bool,
    /// So many seconds an ended token that is accepted is tried again.
    pub prove_for: i64,
    /// So many profiles at once.
    pub parallel: u32,
}

/// How new sessions are obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// By the best way of each profile.
    #[default]
    Auto,
    /// By a login.
    Login,
    /// From the refresh token.
    Refresh,
}

/// What will be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How it was asked for.
    pub options: Options,
    /// A profile each.
    pub rows: Vec<Row>,
    /// The protected environments among them, each once: their names have to be typed.
    pub protected: Vec<String>,
    /// A run that is killed can be resumed: the vault is not only in memory.
    pub resumable: bool,
}

/// What will be done for a profile.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which one.
    pub profile: Profile,
    /// Where it logs in.
    pub origin: String,
    /// Whose session it is. Foreign text.
    pub account: Option<String>,
    /// How the new session is obtained.
    pub way: Option<Way>,
    /// Why there is no way, in words.
    pub obstacle: Option<String>,
    /// How the new session will be related to the old one.
    pub kinship: Option<Kinship>,
    /// The old session, as it was when the plan was made.
    pub generation: Option<Fingerprint>,
    /// Its tokens, in the order in which they are ended.
    pub tokens: Vec<Planned>,
    /// What nothing but a person can do.
    pub by_hand: Option<String>,
}

/// What will be done about an old token.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Which one.
    pub kind: TokenKind,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Services check it without asking.
    pub signed: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// By what it is ended.
    pub ending: Ending,
    /// By what it can be tried, a replay included.
    pub tests: Vec<By>,
    /// The use is the service's own API.
    pub own: bool,
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanTotals {
    /// All profiles.
    pub profiles: usize,
    /// They need no person.
    pub alone: usize,
    /// They need one.
    pub asks: usize,
    /// There is no way to a new session.
    pub cannot: usize,
    /// Old tokens that will survive.
    pub survivors: usize,
    /// When the last of those ends that have an end.
    pub until: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Self {
        Self { way: Wanted::Auto, revoke: true, panic: false, prove_for: 60, parallel: 16 }
    }
}

impl Options {
    /// So long an ended token that is accepted is tried again.
    pub fn proving(&self) -> TimeDelta {
        TimeDelta::try_seconds(self.prove_for).unwrap_or(TimeDelta::MAX).max(TimeDelta::zero())
    }
}

impl Wanted {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Login => "login",
            Self::Refresh => "refresh",
        }
    }

    fn covers(self, way: Way) -> bool {
        match self {
            Self::Auto => true,
            Self::Login => way != Way::Refresh,
            Self::Refresh => way == Way::Refresh,
        }
    }
}

/// The way to a new session: the first of these that is wanted and possible. In panic only a login without a person counts, since
/// there is nothing left to refresh, and no person is waited for.
pub fn way(ways: &[Way], options: &Options, attended: bool, refreshable: bool) -> Option<Way> {
    let possible = |way: &Way| match way {
        Way::Login => true,
        Way::Asked => attended && !options.panic,
        Way::Refresh => refreshable && !options.panic,
    };
    ways.iter().copied().filter(|way| options.way.covers(*way)).find(possible)
}

/// Why there is none, in words.
pub fn obstacle(ways: &[Way], options: &Options, attended: bool) -> &'static str {
    let has = |way| ways.contains(&way);
    match (options.panic, has(Way::Asked), has(Way::Refresh)) {
        (true, ..) => "no login without you: log in by hand afterwards",
        (false, true, _) if !attended => "the login needs a person, and this run cannot ask",
        (false, _, true) if options.way != Wanted::Login => "no refresh token that works",
        _ => "tokscope has no way to a new session: get one at its source",
    }
}

impl Plan {
    /// Of these profiles.
    pub fn new(options: Options, rows: Vec<Row>, protected: &Protected, resumable: bool) -> Self {
        let mut names = Vec::new();
        for name in
            rows.iter().filter_map(|row| row.profile.environment.as_deref()).filter(|name| protected.covers(name))
        {
            if !names.iter().any(|known: &String| known.trim().eq_ignore_ascii_case(name.trim())) {
                names.push(name.to_owned());
            }
        }
        Self { options, rows, protected: names, resumable }
    }

    /// How many of what.
    pub fn totals(&self, now: Timestamp) -> PlanTotals {
        let count = |of: &dyn Fn(&&Row) -> bool| self.rows.iter().filter(of).count();
        let prospects: Vec<_> = self.rows.iter().flat_map(|row| row.prospects(&self.options, now)).collect();
        PlanTotals {
            profiles: self.rows.len(),
            alone: count(&|row| matches!(row.way, Some(Way::Login | Way::Refresh))),
            asks: count(&|row| row.asks()),
            cannot: count(&|row| row.way.is_none()),
            survivors: prospects.iter().filter(|(_, prospect)| prospect.survives()).count(),
            until: prospects.iter().filter_map(|(_, prospect)| prospect.until()).max(),
        }
    }

    /// Whether all of it can be done without a person.
    pub fn is_unattended(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.way, Some(Way::Login | Way::Refresh)))
    }
}

impl Row {
    /// Of a profile of which nothing is known.
    pub fn bare(profile: Profile) -> Self {
        Self {
            profile,
            origin: String::new(),
            account: None,
            way: None,
            obstacle: None,
            kinship: None,
            generation: None,
            tokens: Vec::new(),
            by_hand: None,
        }
    }

    /// Whether a person is needed.
    pub fn asks(&self) -> bool {
        self.way == Some(Way::Asked)
    }

    /// Whether a second login of a person may be needed: an ending may reach the new session.
    pub fn may_ask_twice(&self) -> bool {
        let ends = self.tokens.iter().any(|token| token.ending == Ending::Revocation);
        self.asks() && self.kinship != Some(Kinship::Separate) && ends
    }

    /// The column `new tokens by`.
    pub fn new_by(&self) -> String {
        match self.way {
            Some(Way::Login) => "login".to_owned(),
            Some(Way::Asked) => "login, asks you".to_owned(),
            Some(Way::Refresh) => "refresh, same grant".to_owned(),
            // Why, the obstacle says.
            None => "no way".to_owned(),
        }
    }

    /// The column `old tokens ended by`.
    pub fn ended_by(&self, options: &Options) -> String {
        // Which of them it ends, the other column says.
        let by = |ending| self.tokens.iter().any(|token| token.ending == ending);
        let [revoked, used, replaced] = [Ending::Revocation, Ending::UseUp, Ending::Replaced].map(by);
        if self.tokens.is_empty() {
            return "no old tokens".to_owned();
        }
        match () {
            () if !self.is_ended(options) && !options.revoke => "not revoked, as requested".to_owned(),
            () if !self.is_ended(options) => "not revoked: the session has no other".to_owned(),
            () if self.way == Some(Way::Refresh) && replaced => "the refresh replaces them".to_owned(),
            () if self.way == Some(Way::Refresh) => "not revoked: same grant".to_owned(),
            () if revoked => "revocation".to_owned(),
            () if used && !options.panic && self.kinship != Some(Kinship::Separate) => {
                "not used up: maybe the same grant".to_owned()
            }
            () if used => "using up the refresh token".to_owned(),
            () => "no way to revoke".to_owned(),
        }
    }
}

/// By what a token can be tried: its use, what the server says of it, and a replay where that is safe.
pub fn tests(kind: TokenKind, used: bool, introspected: bool, replay: Replay, by: Option<Way>) -> Vec<By> {
    let replayed = kind == TokenKind::Refresh
        && match replay {
            Replay::AfterLogin => matches!(by, Some(Way::Login | Way::Asked)),
            Replay::Always => by.is_some(),
            Replay::Never => false,
        };
    let used = used && matches!(kind, TokenKind::Access | TokenKind::Unknown);
    let all = [(By::Use, used), (By::Replay, replayed), (By::Introspect, introspected && kind != TokenKind::Id)];
    all.into_iter().filter(|(_, can)| *can).map(|(by, _)| by).collect()
}

/// By what a token is ended where the new session comes by this way.
pub fn ending_by(way: Option<Way>, refresh: RefreshWay, kind: TokenKind, by_table: Ending) -> Ending {
    match (way, refresh, kind) {
        (Some(Way::Refresh), RefreshWay::EndsOld, TokenKind::Access | TokenKind::Refresh) => Ending::Replaced,
        (Some(Way::Refresh), RefreshWay::Rotates, TokenKind::Refresh) => Ending::Replaced,
        (Some(Way::Refresh), ..) => Ending::None,
        _ if by_table == Ending::Replaced => Ending::None,
        _ => by_table,
    }
}

#[cfg(test)]
mod tests;
