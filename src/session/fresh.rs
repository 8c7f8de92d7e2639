//! A token with so much life left: the saved one, or what one refresh brings.

use chrono::TimeDelta;

use super::Session;
use crate::{
    auth::{AuthError, Interaction, TokenKind, TokenSet},
    clock::{self, Timestamp},
    profile::Profile,
    secret::ExposeSecret as _,
    token::{Token, lifetime::Lifetime},
};

impl Session {
    /// A token set whose access token lives for `min_ttl` from now on: the saved one, if it does, and else what one refresh
    /// brings, however many ask for it. A token that never lives so long counts until half of its life is over, and one that
    /// has no expiry always does. What the refresh brings is the newest that there is, however long it lives.
    pub async fn fresh(
        &self,
        profile: &Profile,
        min_ttl: TimeDelta,
        interaction: &dyn Interaction,
    ) -> Result<TokenSet, AuthError> {
        let saved = self.saved(profile)?;
        match lives(&saved, min_ttl, clock::now()) {
            true => Ok(saved),
            false => self.refresh(profile, saved.generation(), interaction).await,
        }
    }
}

/// Whether the access token lives for so long from now on.
pub(super) fn lives(token_set: &TokenSet, min_ttl: TimeDelta, now: Timestamp) -> bool {
    let access = token_set.token(TokenKind::Access).or_else(|| token_set.token(TokenKind::Unknown));
    let Some(token) = access else { return false };
    let inspected = Token::inspect(token.raw.expose_secret());
    let life = Lifetime::new(inspected.dates(), token.expires_at, Some(token_set.received_at));
    let Some(end) = life.expires_at else { return true };
    let whole = life.issued_at.map(|start| end - start).filter(|whole| *whole > TimeDelta::zero());
    let wanted = whole.filter(|whole| *whole <= min_ttl).map_or(min_ttl, |whole| whole / 2);
    now < end && end - now >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{IssuedToken, Scheme};

    fn at(seconds: i64) -> Timestamp {
        clock::parse(&seconds.to_string()).unwrap()
    }

    /// Received at 1000, with this kind and end.
    fn set(kind: TokenKind, raw: &str, end: Option<i64>) -> TokenSet {
        let token = IssuedToken { kind, raw: raw.into(), expires_at: end.map(at), scheme: Scheme::BEARER };
        TokenSet { tokens: vec![token], scope: None, account: None, received_at: at(1_000), remarks: Vec::new() }
    }

    #[test]
    fn a_token_lives_so_long_or_half_of_its_life() {
        // Its end, what is asked for, and when it is not enough any more.
        for (end, min_ttl, until) in [(2_000, 0, 2_000), (2_000, 100, 1_901), (1_060, 100, 1_031), (1_100, 100, 1_051)]
        {
            for kind in [TokenKind::Access, TokenKind::Unknown] {
                let lives = |now| lives(&set(kind, "opaque", Some(end)), TimeDelta::seconds(min_ttl), at(now));
                assert!(lives(until - 1) && !lives(until), "{end} {min_ttl}: until {until}");
            }
        }
    }

    #[test]
    fn what_nobody_limits_lives_and_a_refresh_token_is_none() {
        let year = TimeDelta::days(365);
        assert!(lives(&set(TokenKind::Access, "opaque", None), year, at(5_000)));
        assert!(!lives(&set(TokenKind::Refresh, "opaque", None), TimeDelta::zero(), at(1_000)));
        // {"alg":"none"}.{"iat":1000,"exp":1600}: the token's own word counts.
        let raw = "eyJhbGciOiJub25lIn0.eyJpYXQiOjEwMDAsImV4cCI6MTYwMH0.";
        let lives =
            |min_ttl, now| lives(&set(TokenKind::Access, raw, Some(9_000)), TimeDelta::seconds(min_ttl), at(now));
        assert!(lives(100, 1_500) && !lives(100, 1_501));
    }
}
