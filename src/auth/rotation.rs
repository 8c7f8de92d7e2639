//! What a rotation may count on with an auth system: how a new session comes, whether an end of the old one can reach it, how an
//! old token is ended and how it is tried. One static table a provider ([`Rotation`]); where a system is not known, the cautious
//! row.

use super::TokenKind;

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

/// What is known of a provider: see the module's words.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Its logins; the first that fits the settings counts.
    pub logins: &'static [LoginWay],
    /// What a refresh is worth.
    pub refresh: RefreshWay,
    /// What ends a token; the first row that fits counts, and without one nothing does.
    pub endings: &'static [EndingOf],
    /// Whether an old refresh token may be sent once more to see that it is dead.
    pub replay: Replay,
    /// Where a token is tried.
    pub tried: Tried,
    /// A login in the second of the last one returns the same text.
    pub same_second: bool,
    /// What is left to do by hand where nothing ends a token; a sentence.
    pub by_hand: Option<&'static str>,
}

/// A login, and what its session has to do with the one before.
#[derive(Debug, Clone, Copy)]
pub struct LoginWay {
    /// The setting that it is for, and its values; `None`: any.
    pub when: Option<(&'static str, &'static [&'static str])>,
    /// The settings whose secrets it needs: where all are at hand, no person is needed.
    pub secrets: &'static [&'static str],
    /// It needs a person whatever is at hand: a browser, a code on another device.
    pub person: bool,
    /// How the new session is related to the old one.
    pub kinship: Kinship,
}

/// What a refresh is worth as a way to a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshWay {
    /// It replaces the refresh token.
    Rotates,
    /// It ends the whole old pair.
    EndsOld,
    /// It leaves the refresh token as it is, or there is none: no rotation.
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

/// Where a token is tried, beside the profile's `probe_url`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The service's own API: what it refuses is dead there, also where the token is signed.
    OwnApi,
    /// The authorization server's userinfo: its word counts for opaque tokens only.
    Userinfo,
    /// Nowhere.
    Nowhere,
}
