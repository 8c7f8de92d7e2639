//! The tokens that the systems of a world have issued: whose they are, which grant they belong to, and whether they live.
//! What a token stands for is its system's; life and death are here, and so is most of what the modes change.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use serde_json::Value;

use super::mode::Mode;
use crate::auth::TokenKind;

/// So long an ended token is remembered, in seconds.
const MEMORY: i64 = 86_400;

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Account {
    pub(super) system: &'static str,
    /// The client; empty where the system has none.
    pub(super) client: &'static str,
    pub(super) user: &'static str,
}

/// A token as it is issued; times in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct New {
    pub(super) account: Account,
    pub(super) kind: TokenKind,
    pub(super) is_jwt: bool,
    /// What ends together: a login and its refreshes, or one reply, as the system has it.
    pub(super) grant: u64,
    /// By a login, not by a refresh.
    pub(super) login: bool,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// So often something was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) logins: u64,
    pub(super) refreshes: u64,
    pub(super) replays: u64,
    pub(super) revocations: u64,
}

/// A token that was issued.
pub(super) struct Issued {
    pub(super) new: New,
    pub(super) counts: Counts,
    ended_at: Option<i64>,
    /// Of a refresh token: when it was used, and until when it may be used again.
    used: Option<(i64, i64)>,
    /// What the use has returned, where a second use is to return the same.
    successor: Option<Value>,
    /// Uses and introspections since it has ended.
    turns: [u32; 2],
}

/// What a refresh token is that was presented.
pub(super) enum Presented {
    Good,
    /// It was used, and is answered as the first time.
    Again(Value),
    /// It was used.
    Used,
    /// It is revoked, or has expired.
    Over,
    Unknown,
}

/// What a revocation takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Itself,
    Grant,
}

/// The tokens of a world.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) mode: Mode,
    grants: u64,
    shared: HashMap<Account, u64>,
    issued: HashMap<String, Issued>,
    /// At so many tokens the old ones are forgotten.
    full: usize,
    /// By system.
    pub(super) totals: BTreeMap<&'static str, Counts>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Issued {
    /// Whether it was good at a time, by what the system remembers.
    pub(super) fn lived(&self, then: i64) -> bool {
        self.new.issued_at <= then && !self.is_over(then) && self.used.is_none_or(|(_, until)| until > then)
    }

    fn is_over(&self, then: i64) -> bool {
        self.new.expires_at <= then || self.ended_at.is_some_and(|end| end <= then)
    }
}

impl Tokens {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, full: 1_024, ..Self::default() }
    }

    /// A grant that no token is in yet; with [`Mode::SharedGrant`] the one that the account has.
    pub(super) fn grant(&mut self, account: Account) -> u64 {
        self.grants += 1;
        match self.mode {
            Mode::SharedGrant => *self.shared.entry(account).or_insert(self.grants),
            _ => self.grants,
        }
    }

    /// The token that is returned instead of a new one.
    pub(super) fn same(&self, new: &New) -> Option<String> {
        let is_same = |token: &Issued| {
            let New { account, kind, is_jwt, .. } = token.new;
            (account, kind, is_jwt) == (new.account, new.kind, new.is_jwt) && token.lived(new.issued_at)
        };
        let mut same = self.issued.iter().filter(|(_, token)| self.mode == Mode::SameToken && is_same(token));
        same.next().map(|(text, _)| text.clone())
    }

    /// Remembers a token. A text that was issued before stays what it is.
    pub(super) fn issue(&mut self, text: &str, new: New) {
        if self.issued.len() >= self.full {
            self.issued.retain(|_, token| token.new.expires_at.saturating_add(MEMORY) > new.issued_at);
            self.full = (2 * self.issued.len()).max(1_024);
        }
        let token = self.issued.entry(text.to_owned()).or_insert(Issued {
            new,
            counts: Counts::default(),
            ended_at: None,
            used: None,
            successor: None,
            turns: [0; 2],
        });
        token.counts.logins += u64::from(new.login);
        let totals = self.totals.entry(new.account.system).or_default();
        totals.logins += u64::from(new.login && new.kind == TokenKind::Access);
    }

    pub(super) fn find(&self, text: &str) -> Option<&Issued> {
        self.issued.get(text)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Issued)> {
        self.issued.iter().map(|(text, token)| (text.as_str(), token))
    }

    /// Whether the system still honours a token.
    pub(super) fn lives(&self, text: &str, now: i64) -> bool {
        self.find(text).is_some_and(|token| token.lived(now))
    }

    /// Whether a service that asks the system accepts a token.
    pub(super) fn accepted(&mut self, text: &str, now: i64) -> bool {
        self.node_honours(text, 0, now)
    }

    /// Whether a service that remembers what it has asked accepts it.
    pub(super) fn remembered(&mut self, text: &str, now: i64) -> bool {
        match self.mode {
            Mode::Cached(age) if self.lives(text, now - age) => true,
            _ => self.accepted(text, now),
        }
    }

    /// Whether introspection calls a token active (RFC 7662 §2.2).
    pub(super) fn active(&mut self, text: &str, now: i64) -> bool {
        let is_refresh = self.find(text).is_some_and(|token| token.new.kind == TokenKind::Refresh);
        match self.mode {
            Mode::InactiveRefresh if is_refresh => false,
            Mode::Cached(age) => self.lives(text, now - age),
            _ => self.node_honours(text, 1, now),
        }
    }

    /// By the node whose turn it is for this kind of call: every second one has not heard that the token has ended.
    fn node_honours(&mut self, text: &str, call: usize, now: i64) -> bool {
        let Some(token) = self.issued.get_mut(text) else { return false };
        let flaps = self.mode == Mode::Flap && token.new.kind == TokenKind::Access && token.new.expires_at > now;
        if token.lived(now) || !flaps {
            return token.lived(now);
        }
        token.turns[call] += 1;
        token.turns[call].is_multiple_of(2)
    }

    /// What a refresh token is that comes to the token endpoint.
    pub(super) fn presented(&mut self, text: &str, now: i64) -> Presented {
        let is_refresh = |token: &&Issued| token.new.kind == TokenKind::Refresh;
        let Some(token) = self.issued.get(text).filter(is_refresh) else { return Presented::Unknown };
        if token.used.is_some_and(|(_, until)| until <= now) {
            self.count(text, |counts| counts.replays += 1);
            return Presented::Used;
        }
        match &token.successor {
            _ if token.is_over(now) => Presented::Over,
            Some(reply) => Presented::Again(reply.clone()),
            None => Presented::Good,
        }
    }

    /// A refresh token has been used; it may be used again for so many seconds of `grace`. The same text where it stays good.
    pub(super) fn rotate(&mut self, text: &str, grace: i64, now: i64) -> Option<String> {
        let grace = if let Mode::Grace(seconds) = self.mode { seconds } else { grace };
        let keeps = matches!(self.mode, Mode::NoRotation | Mode::SameToken);
        self.refreshed(text);
        let token = self.issued.get_mut(text)?;
        if !keeps {
            token.used.get_or_insert((now, now + grace));
        }
        keeps.then(|| text.to_owned())
    }

    /// A refresh token has given new tokens.
    pub(super) fn refreshed(&mut self, text: &str) {
        self.count(text, |counts| counts.refreshes += 1);
    }

    fn count(&mut self, text: &str, count: impl Fn(&mut Counts)) {
        if let Some(token) = self.issued.get_mut(text) {
            count(&mut token.counts);
            count(self.totals.entry(token.new.account.system).or_default());
        }
    }

    /// What the use of a refresh token has returned.
    pub(super) fn answered(&mut self, text: &str, reply: &Value) {
        if let (Mode::Grace(_), Some(token)) = (self.mode, self.issued.get_mut(text)) {
            token.successor = Some(reply.clone());
        }
    }

    /// A revocation was asked for (RFC 7009), with a hint or without.
    pub(super) fn revoke(&mut self, text: &str, reach: Reach, hinted: bool, now: i64) {
        let mode = self.mode;
        self.count(text, |counts| counts.revocations += 1);
        let Some(named) = self.issued.get(text) else { return };
        let New { account, grant, .. } = named.new;
        let end = match mode {
            Mode::Noop => return,
            Mode::HintBroken if hinted => return,
            Mode::Twice if named.counts.revocations < 2 => return,
            Mode::Delay(seconds) => now + seconds,
            _ => now,
        };
        for (other, token) in &mut self.issued {
            let meant = other == text
                || (reach == Reach::Grant && token.new.grant == grant)
                || (mode == Mode::TooMuch && token.new.account == account);
            let spared = match mode {
                Mode::AccessOnly => token.new.kind != TokenKind::Access,
                Mode::RefreshOnly => token.new.kind != TokenKind::Refresh,
                _ => false,
            };
            if meant && !spared {
                token.ended_at.get_or_insert(end);
            }
        }
    }

    /// Ends a token, by what the system does itself.
    pub(super) fn end(&mut self, text: &str, now: i64) {
        if let Some(token) = self.issued.get_mut(text) {
            token.ended_at.get_or_insert(now);
        }
    }

    /// Ends all tokens of a grant.
    pub(super) fn end_grant(&mut self, grant: u64, now: i64) {
        for token in self.issued.values_mut().filter(|token| token.new.grant == grant) {
            token.ended_at.get_or_insert(now);
        }
    }
}
