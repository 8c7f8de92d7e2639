//! What a plan may say of an old token before anything was checked, in data and in words.

use super::{Options, Planned, Row};
use crate::{
    auth::{
        TokenKind,
        rotation::{Ending, Kinship, Way},
    },
    clock::{self, Timestamp, Zone},
};

/// What a rotation can do about an old token. Nothing of it was checked: only the receipt calls a token dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// It can be ended, and that can be shown.
    CanEnd,
    /// It can be ended, and nothing can show it.
    Unproven,
    /// Nothing ends it before this time.
    Outlasts(Timestamp),
    /// Nothing ends it, and it has no known end.
    CannotEnd,
    /// This plan does not end it, and it has no known end.
    Spared,
    /// Its time is over.
    Expired,
}

impl Prospect {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CanEnd => "can_end",
            Self::Unproven => "can_end_unproven",
            Self::Outlasts(_) => "outlasts",
            Self::CannotEnd => "cannot_end",
            Self::Spared => "not_ended",
            Self::Expired => "expired",
        }
    }

    /// The words for people: `can be ended`, `outlasts it until 14:46:20`.
    pub fn words(self, now: Timestamp, zone: Zone) -> String {
        match self {
            Self::CanEnd => "can be ended".to_owned(),
            Self::Unproven => "can be ended, not proven".to_owned(),
            Self::Outlasts(end) => format!("outlasts it until {}", clock::of_day(end, now, zone)),
            Self::CannotEnd => "cannot be ended".to_owned(),
            Self::Spared => "is not ended".to_owned(),
            Self::Expired => "expired already".to_owned(),
        }
    }

    /// Until when nothing ends it, where that is known.
    pub fn until(self) -> Option<Timestamp> {
        if let Self::Outlasts(end) = self { Some(end) } else { None }
    }

    /// Whether it is there after the rotation, although all went well.
    pub fn survives(self) -> bool {
        matches!(self, Self::Outlasts(_) | Self::CannotEnd | Self::Spared)
    }
}

impl Row {
    /// What can be done about each old token.
    pub fn prospects(&self, options: &Options, now: Timestamp) -> Vec<(&Planned, Prospect)> {
        self.tokens.iter().map(|token| (token, token.prospect(self, options, now))).collect()
    }

    /// All of them in words. ID tokens grant nothing.
    pub fn afterwards(&self, options: &Options, now: Timestamp, zone: Zone) -> String {
        let grants = |(token, _): &(&Planned, Prospect)| token.kind != TokenKind::Id;
        let all: Vec<_> = self.prospects(options, now).into_iter().filter(grants).collect();
        if all.is_empty() {
            return "no old tokens".to_owned();
        }
        if all.iter().all(|(_, prospect)| *prospect == Prospect::Expired) {
            return Prospect::Expired.words(now, zone);
        }
        let words = all.iter().map(|(token, prospect)| format!("{} {}", token.kind, prospect.words(now, zone)));
        words.collect::<Vec<_>>().join(", ")
    }

    /// What is left to do by hand, where a token is left to do it about.
    pub fn advice(&self, options: &Options, now: Timestamp) -> Option<&str> {
        let all = self.prospects(options, now);
        let is_left = all.iter().any(|(token, prospect)| token.kind != TokenKind::Id && prospect.survives());
        self.by_hand.as_deref().filter(|_| is_left)
    }

    /// Whether old tokens are ended at all: see the ordering rule of [`crate::session::rotate::step`].
    pub(super) fn is_ended(&self, options: &Options) -> bool {
        options.revoke && (options.panic || self.way.is_some())
    }
}

impl Planned {
    fn prospect(&self, row: &Row, options: &Options, now: Timestamp) -> Prospect {
        let by_refresh = row.way == Some(Way::Refresh);
        let ends = match self.ending {
            Ending::Replaced => by_refresh,
            Ending::Revocation => row.is_ended(options) && (!by_refresh || options.panic),
            Ending::UseUp => row.is_ended(options) && (options.panic || row.kinship == Some(Kinship::Separate)),
            Ending::None => false,
        };
        // Other services accept it although this one may not.
        let is_free = self.signed && matches!(self.kind, TokenKind::Access | TokenKind::Unknown) && !self.own;
        match self.expires_at {
            Some(end) if end <= now => Prospect::Expired,
            Some(end) if is_free || !ends || self.kind == TokenKind::Id => Prospect::Outlasts(end),
            _ if !ends && (self.ending != Ending::None || by_refresh || !row.is_ended(options)) => Prospect::Spared,
            _ if !ends => Prospect::CannotEnd,
            _ if is_free || self.tests.is_empty() => Prospect::Unproven,
            _ => Prospect::CanEnd,
        }
    }
}
