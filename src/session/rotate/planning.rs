//! A plan from what the vault keeps and the systems can do. At most, servers are asked for their metadata.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    evidence::By,
    plan::{self, Options, Plan, Planned, Row},
    turn::end_of,
};
use crate::{
    auth::{
        AuthError, NoInteraction, TokenKind, TokenSet,
        rotation::{Ending, Kinship, Tried, Way},
    },
    clock,
    profile::{Profile, Protected},
    session::{Caller, Session, UNATTENDED_ATTEMPTS, origin},
    store::vault::{Record, VaultError},
};

/// So many servers are asked for their metadata at once.
const AT_ONCE: usize = 16;

impl Session {
    /// What a rotation of these profiles would do. `attended`: a person is there who can be asked.
    pub async fn plan_rotation(
        &self,
        profiles: &[Profile],
        options: Options,
        attended: bool,
        protected: &Protected,
    ) -> Result<Plan, AuthError> {
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        let mut planned = JoinSet::new();
        for (place, profile) in profiles.iter().cloned().enumerate() {
            let (session, options, at_once) = (self.clone(), options.clone(), Arc::clone(&at_once));
            planned.spawn(async move {
                let _turn = at_once.acquire().await;
                (place, session.row(&profile, &options, attended, None).await)
            });
        }
        let mut rows = Vec::new();
        while let Some(done) = planned.join_next().await {
            let (place, row) = done.map_err(|_| AuthError::Cancelled)?;
            rows.push((place, row?));
        }
        rows.sort_by_key(|(place, _)| *place);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        Ok(Plan::new(options, rows, protected, self.is_durable()))
    }

    /// What old tokens can be tried by.
    pub(super) async fn survivors(&self, profile: &Profile, record: &Record, old: &TokenSet) -> Result<Row, AuthError> {
        let call = self.call(profile)?;
        let mut row = Row::bare(profile.clone());
        row.tokens = self.planned(&call, old, record, None).await;
        Ok(row)
    }

    /// `began`: an interrupted run goes on, with the way by which it began.
    pub(super) async fn row(
        &self,
        profile: &Profile,
        options: &Options,
        attended: bool,
        began: Option<Option<Way>>,
    ) -> Result<Row, AuthError> {
        let mut row = Row::bare(profile.clone());
        let record = match self.vault.read(&profile.name) {
            Err(VaultError::Locked) => return Err(VaultError::Locked.into()),
            Err(error) => Err(error.into()),
            Ok(record) => Ok(record.unwrap_or_default()),
        };
        // Another run is at it.
        let record = record.and_then(|record: Record| {
            let admitted = if began.is_none() { record.admits(&profile.name, None) } else { Ok(()) };
            admitted.map(|()| record).map_err(AuthError::from)
        });
        let (record, call) = match record.and_then(|record| Ok((record, self.call(profile)?))) {
            Ok(ready) => ready,
            Err(error) => {
                row.obstacle = Some(error.to_string());
                return Ok(row);
            }
        };
        let rotation = &call.provider.descriptor().rotation;
        let ways = self.ways(profile, &call, &record);
        row.origin = call.settings.server().unwrap_or_default();
        row.way = began.unwrap_or_else(|| plan::way(&ways, options, attended, is_refreshable(&record)));
        row.obstacle = row.way.is_none().then(|| plan::obstacle(&ways, options, attended).to_owned());
        row.kinship = row.way.map(|way| match way {
            Way::Refresh => Kinship::Same,
            Way::Login | Way::Asked => rotation.login(&call.settings).map_or(Kinship::Maybe, |login| login.kinship),
        });
        row.by_hand = rotation.by_hand.map(str::to_owned);
        // What an interrupted run has taken away is still what it is about.
        let old = record.open_rotation().and_then(|journal| journal.old.as_ref()).map(|old| &old.token_set);
        if let Some(old) = old.or(record.token_set.as_ref()) {
            row.account.clone_from(&old.account);
            row.generation = old.generation();
            row.tokens = self.planned(&call, old, &record, row.way).await;
        }
        Ok(row)
    }

    fn ways(&self, profile: &Profile, call: &Caller, record: &Record) -> Vec<Way> {
        let known = origin::fits(record, &call.settings)
            && profile.settings.get("remember_secrets").is_some_and(|on| on == "true");
        let remembered = |key: &str| known && record.secrets.contains_key(key);
        call.provider.descriptor().rotation.ways(&call.settings, remembered)
    }

    async fn planned(&self, call: &Caller, old: &TokenSet, record: &Record, way: Option<Way>) -> Vec<Planned> {
        let rotation = &call.provider.descriptor().rotation;
        let tried = rotation.tried(&call.settings);
        // Tokens of another server are not sent to this one.
        let (fits, fits_api) = (origin::fits(record, &call.settings), origin::fits_api(record, &call.settings));
        let cx = self.context(call, &NoInteraction);
        let mut tokens = Vec::new();
        for token in old.in_order_of_ending() {
            let by_table = match call.provider.ending(&call.settings, token, &cx).await {
                Ok(ending) if fits => ending,
                Err(_) if fits => rotation.ending(token),
                _ => Ending::None,
            };
            let introspected = rotation.tried == Tried::Userinfo && fits;
            let tests =
                plan::tests(token.kind, tried != Tried::Nowhere && fits_api, introspected, rotation.replay, way);
            tokens.push(Planned {
                kind: token.kind,
                fingerprint: token.fingerprint(),
                signed: token.is_signed(),
                expires_at: end_of(old, token),
                ending: plan::ending_by(way, rotation.refresh(&call.settings), token.kind, by_table),
                tests: if fits { tests } else { tests.into_iter().filter(|by| *by == By::Use).collect() },
                own: tried == Tried::OwnApi,
            });
        }
        tokens
    }
}

/// Whether the refresh token may be sent.
fn is_refreshable(record: &Record) -> bool {
    let Some(token) = record.token_set.as_ref().and_then(|set| set.token(TokenKind::Refresh)) else { return false };
    let lives = token.expires_at.is_none_or(|end| end > clock::now());
    let tried = record.in_flight.as_ref().map_or(0, |mark| mark.attempts);
    lives && record.retired.is_none() && tried < UNATTENDED_ATTEMPTS
}
