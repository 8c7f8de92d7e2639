//! A token with so much life left: the saved one, or what one refresh brings. What is asked for, and until when a token has it,
//! is decided only here, for commands, automatic refresh and the screen.
//!
//! | who asks | how much life must be left |
//! |---|---|
//! | a command | what it says; of a token that never lives so long, half of its life |
//! | automatic refresh | `refresh_margin`, else a tenth of the life and at least 30 s; never more than half of the life |

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{Session, no_tokens, revoked};
use crate::{
    auth::{AuthError, Interaction, Progress, Prompt, TokenKind, TokenSet},
    clock::{self, Timestamp},
    profile::Profile,
    secret::SecretString,
    token::lifetime::Lifetime,
};

const LEAST_AHEAD: TimeDelta = TimeDelta::seconds(30);

/// Which token is wanted, and how much life it must have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The kind. A refresh token is never renewed for its own sake.
    pub kind: TokenKind,
    /// How long it must live from now on.
    pub min_ttl: TimeDelta,
    /// Refresh whatever the saved one has left.
    pub force: bool,
}

impl Demand {
    /// An access token that lives so long.
    pub fn access(min_ttl: TimeDelta) -> Self {
        Self { kind: TokenKind::Access, min_ttl, force: false }
    }

    /// What automatic refresh asks of the access token of a profile, which has this life.
    pub fn ahead(profile: &Profile, life: &Lifetime) -> Self {
        let whole = life.whole();
        let given = profile.settings.get("refresh_margin").and_then(|text| text.trim().parse::<u32>().ok());
        let margin = match (given, whole) {
            (Some(seconds), _) => TimeDelta::seconds(seconds.into()),
            (None, Some(whole)) => (whole / 10).max(LEAST_AHEAD),
            (None, None) => LEAST_AHEAD,
        };
        Self::access(whole.map_or(margin, |whole| margin.min(whole / 2)))
    }

    /// Until when a token of this life has as much left as is asked for; `None`: it has no end.
    pub fn until(&self, life: &Lifetime) -> Option<Timestamp> {
        let end = life.expires_at?;
        let wanted = life.whole().filter(|whole| *whole <= self.min_ttl).map_or(self.min_ttl, |whole| whole / 2);
        Some(end.checked_sub_signed(wanted).unwrap_or(Timestamp::MIN_UTC))
    }
}

/// Whether a token has as much life left as is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has.
    Fresh,
    /// Its whole life is shorter than that; the first half of it is not over.
    Short,
    /// It has no expiry: nothing speaks against it.
    Endless,
    /// It has not.
    Stale,
    /// There is no such token.
    Missing,
}

impl Session {
    /// A token set whose token of this kind lives so long from now on: the saved one, if it does, and else what one refresh
    /// brings, however many ask for it. A token that never lives so long counts until half of its life is over, and one that
    /// has no expiry always does; both are remarked on. What the refresh brings is the newest that there is, however long it
    /// lives. A refused refresh token is sent again, and a revoked token set used again, only where `force` says so.
    pub async fn fresh(
        &self,
        profile: &Profile,
        demand: &Demand,
        interaction: &dyn Interaction,
    ) -> Result<TokenSet, AuthError> {
        let (saved, suffices) = self.saved_for(profile, demand, interaction)?;
        if suffices {
            return Ok(saved);
        }
        let kind = demand.kind;
        let user = Script { user: interaction, by_hand: demand.force && interaction.is_by_hand() };
        let renewed = self.refresh(profile, saved.generation(), &user).await?;
        match self::standing(&renewed, demand, clock::now()) {
            // Many servers send one only at a login.
            Standing::Stale | Standing::Missing if kind == TokenKind::Id => Err(AuthError::unsupported(
                format!("the server refreshed the tokens of {} without a new ID token", profile.name),
                "log in again",
            )),
            Standing::Stale => {
                let words = "the new access token has already expired by the clock of this machine";
                interaction.report(Progress::Remark(words.to_owned()));
                Ok(renewed)
            }
            standing => {
                tell(standing, kind, interaction);
                Ok(renewed)
            }
        }
    }
}

impl Session {
    /// The saved token set, and whether it has what is asked for. Nothing is sent.
    pub fn saved_for(
        &self,
        profile: &Profile,
        demand: &Demand,
        interaction: &dyn Interaction,
    ) -> Result<(TokenSet, bool), AuthError> {
        let record = self.record(&profile.name)?.unwrap_or_default();
        let is_revoked = record.is_revoked();
        let saved = record.token_set.ok_or_else(|| no_tokens(&profile.name, "tokens"))?;
        let kind = demand.kind;
        if kind == TokenKind::Refresh {
            return Ok((saved, true));
        }
        let standing = standing(&saved, demand, clock::now());
        if standing == Standing::Missing && kind == TokenKind::Id {
            return Err(no_tokens(&profile.name, "ID token"));
        }
        if !standing.is_good() || demand.force {
            return Ok((saved, false));
        }
        if is_revoked {
            return Err(revoked(&profile.name));
        }
        tell(standing, kind, interaction);
        Ok((saved, true))
    }
}

impl Standing {
    /// Whether the token will do.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Fresh | Self::Short | Self::Endless)
    }
}

fn tell(standing: Standing, kind: TokenKind, interaction: &dyn Interaction) {
    let words = match standing {
        Standing::Short => {
            format!("the {kind} token never lives as long as --min-ttl asks; it counts as fresh for half of its life")
        }
        Standing::Endless => format!("the {kind} token has no expiry, so it counts as fresh"),
        _ => return,
    };
    interaction.report(Progress::Remark(words));
}

/// How much of what is asked for a token set has.
pub fn standing(token_set: &TokenSet, demand: &Demand, now: Timestamp) -> Standing {
    let pasted = || token_set.token(TokenKind::Unknown).filter(|_| demand.kind == TokenKind::Access);
    let Some(token) = token_set.token(demand.kind).or_else(pasted) else { return Standing::Missing };
    let life = token_set.lifetime(token);
    match demand.until(&life) {
        None => Standing::Endless,
        Some(until) if now > until || life.expires_at <= Some(now) => Standing::Stale,
        Some(_) if life.whole().is_some_and(|whole| whole < demand.min_ttl) => Standing::Short,
        Some(_) => Standing::Fresh,
    }
}

/// Whether the access token lives for so long from now on.
pub(super) fn lives(token_set: &TokenSet, min_ttl: TimeDelta, now: Timestamp) -> bool {
    standing(token_set, &Demand::access(min_ttl), now).is_good()
}

/// The user of a command that runs unattended: only a forced refresh sends a refused token again.
pub(super) struct Script<'a> {
    pub(super) user: &'a dyn Interaction,
    pub(super) by_hand: bool,
}

#[async_trait]
impl Interaction for Script<'_> {
    fn report(&self, step: Progress) {
        self.user.report(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.user.ask(prompt).await
    }
    async fn given_up(&self) {
        self.user.given_up().await;
    }
    fn is_attended(&self) -> bool {
        self.user.is_attended()
    }
    fn is_by_hand(&self) -> bool {
        self.by_hand
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{IssuedToken, Scheme},
        profile::ProfileName,
    };

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
    fn automatic_refresh_asks_for_a_tenth_or_what_the_profile_says_and_half_at_most() {
        // The life, the setting, and how long before the end it is due.
        for (life, setting, before) in [
            (Some(3_600), None, 360),
            (Some(90), None, 30),
            (Some(40), None, 20),
            (None, None, 30),
            (Some(3_600), Some("600"), 600),
            (Some(3_600), Some(" 9999 "), 1_800),
            (Some(3_600), Some("soon"), 360),
            (None, Some("600"), 600),
            (Some(-5), Some("600"), 600),
        ] {
            let setting = setting.map(|text: &str| ("refresh_margin".to_owned(), text.to_owned()));
            let (name, provider) = (ProfileName::new("a").unwrap(), "x".to_owned());
            let settings = setting.into_iter().collect();
            let profile = Profile { name, provider, settings, environment: None, tags: Vec::new() };
            let issued_at = life.map(|life| at(10_000 - life));
            let life = Lifetime { issued_at, expires_at: Some(at(10_000)), ..Lifetime::default() };
            let until = Demand::ahead(&profile, &life).until(&life);
            assert_eq!(until, Some(at(10_000 - before)), "{life:?} {setting:?}", setting = profile.settings);
        }
        assert_eq!(Demand::access(TimeDelta::MAX).until(&Lifetime::default()), None);
    }

    #[test]
    fn what_is_short_or_endless_or_missing_is_told_apart() {
        let of = |kind, end, wanted, min_ttl| {
            let demand = Demand { kind: wanted, min_ttl: TimeDelta::seconds(min_ttl), force: false };
            standing(&set(kind, "opaque", end), &demand, at(1_010))
        };
        let (access, id) = (TokenKind::Access, TokenKind::Id);
        assert_eq!(of(access, Some(1_100), access, 90), Standing::Fresh);
        assert_eq!(of(access, Some(1_100), access, 100), Standing::Fresh, "half of it, and never shorter");
        assert_eq!(of(access, Some(1_100), access, 101), Standing::Short);
        assert_eq!(of(access, Some(1_100), access, 95), Standing::Stale);
        assert_eq!(of(access, None, access, 95), Standing::Endless);
        assert_eq!(of(access, Some(1_100), id, 0), Standing::Missing);
        assert_eq!(of(id, Some(1_100), id, 0), Standing::Fresh);
        assert_eq!(of(TokenKind::Unknown, Some(1_100), access, 0), Standing::Fresh);
        assert_eq!(of(TokenKind::Unknown, Some(1_100), id, 0), Standing::Missing);
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
