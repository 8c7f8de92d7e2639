//! What a rotation may count on with an auth system: how a new session comes, whether an end of the old one can reach it, how an
//! old token is ended and how it is tried. One static table a provider ([`Rotation`]); where a system is not known, the cautious
//! row. Beside it what tells a new session from the old one ([`Kinship::between`]), a token that no server issued ([`made_up`]), and
//! what a receipt says of a call ([`observed`]).

mod kinship;
mod made_up;
mod observed;

pub use self::{
    made_up::made_up,
    observed::{Observed, observed},
};
use super::{AuthError, IssuedToken, SecretRef, Settings, TokenKind};

/// How a new session is obtained, in the order in which the ways are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A login without a person: all that it needs is at hand.
    Login,
    /// A login with a person: a browser, a device code, a password that is typed, a paste.
    Asked,
    /// From the refresh token: the grant stays the same.
    Refresh,
}

/// How the new session is related to the old one: whether an ending of the old can reach the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kinship {
    /// Another grant: each token of the old session can be ended.
    Separate,
    /// Both belong to one session of the server: their ID tokens have the same `sid`.
    Shared,
    /// Nothing tells.
    Maybe,
    /// The same grant: no revocation is ever sent, since it can end the new session.
    Same,
    /// The new tokens are the old ones, to the letter.
    Identical,
}

/// By what a token of an old session is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// A call of the server: RFC 7009, or its own.
    Revocation,
    /// A refresh whose answer is wiped unseen: so the token is used up, and no one holds the successor.
    UseUp,
    /// The refresh by which the new session came has ended it.
    Replaced,
    /// Nothing ends it before its time.
    None,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Login, Self::Asked, Self::Refresh];

    /// The word for programs and receipts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Asked => "asked",
            Self::Refresh => "refresh",
        }
    }
}

impl Kinship {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Separate, Self::Shared, Self::Maybe, Self::Same, Self::Identical];

    /// The word for programs and receipts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Separate => "separate",
            Self::Shared => "shared",
            Self::Maybe => "maybe",
            Self::Same => "same",
            Self::Identical => "identical",
        }
    }
}

/// The setting that a row of a table is for, and its values; `None`: any.
pub type When = Option<(&'static str, &'static [&'static str])>;

/// What is known of a provider: see the module's words.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Its logins; the first that fits the settings counts.
    pub logins: &'static [LoginWay],
    /// What a refresh is worth; the first row that fits the settings counts, and without one there is none.
    pub refreshes: &'static [RefreshOf],
    /// What ends a token; the first row that fits counts, and without one nothing does.
    pub endings: &'static [EndingOf],
    /// Whether an old refresh token may be sent once more to see that it is dead.
    pub replay: Replay,
    /// What it says to a dead refresh token where that is not `invalid_grant`: status and words, to the letter.
    pub replay_refused: &'static [(u16, &'static str)],
    /// Where a token is tried, if the profile names no `probe_url`.
    pub tried: Tried,
    /// A login in the second of the last one returns the same text.
    pub same_second: bool,
    /// Why no revocation can be asked for; `None` where it can, or where nothing is known.
    pub unrevocable: Option<&'static str>,
    /// What is left to do by hand where nothing ends a token, as an item of a list: `ask …`.
    pub by_hand: Option<&'static str>,
}

/// A login, and what its session has to do with the one before.
#[derive(Debug, Clone, Copy)]
pub struct LoginWay {
    /// The setting that it is for.
    pub when: When,
    /// The settings whose secrets it takes, the optional ones included: where all that are set are at hand, no person is needed.
    pub secrets: &'static [&'static str],
    /// A person pastes the tokens, for these settings if it has any: what they hold is the old session.
    pub pasted: Option<&'static [&'static str]>,
    /// It needs a person whatever is at hand: a browser, a code on another device.
    pub person: bool,
    /// How the new session is related to the old one.
    pub kinship: Kinship,
}

/// What a refresh is worth where a setting has one of these values.
#[derive(Debug, Clone, Copy)]
pub struct RefreshOf {
    /// The setting that it is for.
    pub when: When,
    /// What it is worth.
    pub way: RefreshWay,
}

/// What a refresh is worth as a way to a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshWay {
    /// It replaces the refresh token.
    Rotates,
    /// It ends the whole old pair.
    EndsOld,
    /// It leaves one of the tokens as it is, or there is none: no rotation.
    Keeps,
}

/// What ends a kind of token.
#[derive(Debug, Clone, Copy)]
pub struct EndingOf {
    /// The kind.
    pub kind: TokenKind,
    /// Only where the token is opaque: a signed one outlasts it.
    pub opaque_only: bool,
    /// By what.
    pub by: Ending,
}

/// When an old refresh token may be sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// After a login of another grant.
    AfterLogin,
    /// Whatever the way was: this system has no detection of reuse.
    Always,
    /// Never: it is not known what it would end.
    Never,
}

/// Where a token is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The service's own API: what it refuses is dead there, also where the token is signed.
    OwnApi,
    /// The authorization server's userinfo: its word counts for opaque tokens only.
    Userinfo,
    /// Nowhere.
    Nowhere,
}

impl Rotation {
    /// Of a system of which nothing is known: there is no way to a new session, and nothing is sent to end the old one.
    pub const UNKNOWN: Self = Self {
        logins: &[],
        refreshes: &[],
        endings: &[],
        replay: Replay::Never,
        replay_refused: &[],
        tried: Tried::Nowhere,
        same_second: false,
        unrevocable: None,
        by_hand: None,
    };

    /// The login of a profile with these settings.
    pub fn login(&self, settings: &Settings) -> Option<&'static LoginWay> {
        self.logins.iter().find(|login| fits(login.when, settings))
    }

    /// What a refresh is worth to a profile with these settings.
    pub fn refresh(&self, settings: &Settings) -> RefreshWay {
        let row = self.refreshes.iter().find(|refresh| fits(refresh.when, settings));
        row.map_or(RefreshWay::Keeps, |row| row.way)
    }

    /// The ways to a new session, the best first. `remembered`: whether the vault has the secret of a setting. That a login needs no
    /// person is what the settings say; a key may be encrypted all the same, and a server may want a code
    /// ([`AuthError::NeedsInteraction`]).
    pub fn ways(&self, settings: &Settings, remembered: impl Fn(&str) -> bool) -> Vec<Way> {
        let login = self.login(settings);
        let login = login.map(|login| if login.is_unattended(settings, remembered) { Way::Login } else { Way::Asked });
        match (login, self.refresh(settings)) {
            // It ends what no other call can end.
            (login, RefreshWay::EndsOld) => [Some(Way::Refresh), login].into_iter().flatten().collect(),
            (login, RefreshWay::Rotates) => login.into_iter().chain([Way::Refresh]).collect(),
            (login, RefreshWay::Keeps) => login.into_iter().collect(),
        }
    }

    /// By what a token is ended, as far as the table knows.
    pub fn ending(&self, token: &IssuedToken) -> Ending {
        let fits = |row: &&EndingOf| row.kind == token.kind && !(row.opaque_only && token.is_signed());
        self.endings.iter().find(fits).map_or(Ending::None, |row| row.by)
    }

    /// Where the tokens of a profile are tried: its own `probe_url` is the service's API.
    pub fn tried(&self, settings: &Settings) -> Tried {
        settings.lookup("probe_url").map_or(self.tried, |_| Tried::OwnApi)
    }

    /// Whether this answer to a replay says that the refresh token is dead. Less is enough for a refresh to give it up
    /// ([`AuthError::Refused`]): an empty answer, or that the user has to approve again. That proves nothing.
    pub fn refuses_replay(&self, error: &AuthError) -> bool {
        let AuthError::Refused { status: status @ 400..500, code, message, .. } = error else { return false };
        let known = |(at, words): &(u16, &str)| at == status && message.as_deref() == Some(*words);
        code.as_deref() == Some("invalid_grant") || self.replay_refused.iter().any(known)
    }
}

impl LoginWay {
    /// Whether it needs no person: every secret that it takes can be had.
    fn is_unattended(&self, settings: &Settings, remembered: impl Fn(&str) -> bool) -> bool {
        let at_hand = |key: &&'static str| match settings.secret_ref(key) {
            Some(SecretRef::Prompt) => remembered(key),
            Some(_) | None => true,
        };
        !self.person && self.secrets.iter().all(at_hand)
    }
}

impl Tried {
    /// Whether its refusal of a token proves anything.
    pub fn judges(self, token: &IssuedToken) -> bool {
        match self {
            Self::OwnApi => true,
            Self::Userinfo => !token.is_signed(),
            Self::Nowhere => false,
        }
    }
}

fn fits(when: When, settings: &Settings) -> bool {
    when.is_none_or(|(key, values)| settings.lookup(key).is_some_and(|value| values.contains(&value)))
}
