//! What a login or refresh yields: tokens as the server gave them.

use std::{borrow::Cow, fmt};

use crate::{
    clock::{self, Timestamp},
    secret::{ExposeSecret as _, Fingerprint, SecretString},
    token::{Form, Token, lifetime::Lifetime},
};

/// Which token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Goes to the API.
    Access,
    /// Goes to the authorization server, for a new access token.
    Refresh,
    /// Tells the client who logged in (OpenID Connect).
    Id,
    /// Pasted: its kind is not known.
    Unknown,
}

impl TokenKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Access, Self::Refresh, Self::Id, Self::Unknown];
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Id => "id",
            Self::Unknown => "token",
        })
    }
}

/// The authentication scheme that goes in front of a token in `Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme(Cow<'static, str>);

impl Scheme {
    /// RFC 6750.
    pub const BEARER: Self = Self(Cow::Borrowed("Bearer"));
    /// Open edX's own.
    pub const JWT: Self = Self(Cow::Borrowed("JWT"));

    /// Any other scheme; `None` where the text is not an RFC 9110 token.
    pub fn new(name: &str) -> Option<Self> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        (!name.is_empty() && name.chars().all(legal)).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The scheme as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One token as the server gave it.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Which one.
    pub kind: TokenKind,
    /// The token itself.
    pub raw: SecretString,
    /// When the server said that it ends: `expires_in` made absolute, or an absolute expiry of the reply.
    pub expires_at: Option<Timestamp>,
    /// How it is presented to the API.
    pub scheme: Scheme,
}

impl IssuedToken {
    /// The fingerprint by which people may talk about the token.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.raw.expose_secret())
    }

    /// Whether it is signed: services may check it without asking whoever issued it.
    pub fn is_signed(&self) -> bool {
        matches!(Token::inspect(self.raw.expose_secret()).form(), Form::Jws(_))
    }

    /// A string claim of a signed token, decoded and not verified: foreign text.
    pub fn claim(&self, name: &str) -> Option<String> {
        let token = Token::inspect(self.raw.expose_secret());
        let claims = token.claims()?;
        let node = claims.members(name).next()?;
        claims.string(node).map(Cow::into_owned)
    }

    /// Whether another one is the same text.
    pub fn is_same(&self, other: &Self) -> bool {
        self.raw.expose_secret() == other.raw.expose_secret()
    }
}

/// What one login or refresh yields.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The tokens, access first.
    pub tokens: Vec<IssuedToken>,
    /// The granted scope where the server named it (RFC 6749 §3.3).
    pub scope: Option<String>,
    /// Whose tokens they are, where the reply says so.
    pub account: Option<String>,
    /// When the reply arrived.
    pub received_at: Timestamp,
    /// What the user should know about this reply: "the server sent no refresh token".
    pub remarks: Vec<String>,
}

impl TokenSet {
    /// The first token of a kind.
    pub fn token(&self, kind: TokenKind) -> Option<&IssuedToken> {
        self.tokens.iter().find(|token| token.kind == kind)
    }

    /// Its tokens in the order in which they are ended: the refresh token first, since it makes new ones and with many servers
    /// takes the access tokens along; an ID token grants nothing.
    pub fn in_order_of_ending(&self) -> Vec<&IssuedToken> {
        let mut tokens: Vec<_> = self.tokens.iter().collect();
        tokens.sort_by_key(|token| match token.kind {
            TokenKind::Refresh => 0,
            TokenKind::Access => 1,
            TokenKind::Unknown => 2,
            TokenKind::Id => 3,
        });
        tokens
    }

    /// How long one of its tokens lives: by the token's own words, and by the server's.
    pub fn lifetime(&self, token: &IssuedToken) -> Lifetime {
        let inspected = Token::inspect(token.raw.expose_secret());
        Lifetime::new(inspected.dates(), token.expires_at, Some(self.received_at))
    }

    /// What tells this set from the one before and the one after it: a fingerprint of all its tokens and of when they came.
    /// Two refreshes in one second may bring the same access token, or the same refresh token. None for a set without tokens.
    pub fn generation(&self) -> Option<Fingerprint> {
        let tokens = self.tokens.iter().map(|token| token.raw.expose_secret());
        let all: SecretString = tokens.fold(clock::utc(self.received_at), |all, raw| all + " " + raw).into();
        (!self.tokens.is_empty()).then(|| Fingerprint::of(all.expose_secret()))
    }

    /// Completes the reply to a refresh: what it left out is still what the old set had. The old access token is not
    /// carried over: a reply without a new one is none.
    pub fn completed_from(mut self, old: &TokenSet) -> Self {
        for token in &old.tokens {
            if token.kind != TokenKind::Access && self.token(token.kind).is_none() {
                self.tokens.push(token.clone());
            }
        }
        self.scope = self.scope.or_else(|| old.scope.clone());
        self.account = self.account.or_else(|| old.account.clone());
        self
    }
}
