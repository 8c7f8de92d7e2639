//! The ID token of a login or refresh, verified once the tokens are saved: whatever comes of it costs none of them, and no
//! server of keys that does not answer holds them up.

use std::{sync::PoisonError, time::Duration};

use super::Session;
use crate::{
    auth::{Context, TokenSet, UnverifiedIdToken},
    clock,
    http::Http,
    oauth::{
        id_token::{Authenticity, signature},
        metadata,
    },
    profile::Profile,
    secret::ExposeSecret as _,
    token::{Token, verify::key_set::KeySet},
};

/// So long a server of keys may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Session {
    /// Verifies the ID token that a provider left in the context, if it left one. An invalid one is noted in the vault, so
    /// that no refresh begins unasked until the user has acted; what is odd is a remark of the set.
    pub(super) async fn judge_id_token(
        &self,
        profile: &Profile,
        cx: &Context<'_>,
        token_set: &mut TokenSet,
        tells_all: bool,
    ) {
        let left = cx.id_token.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(id_token) = left else { return };
        let verdict = match id_token.faults.is_empty() {
            true => self.verified(cx.http, &id_token).await,
            false => Authenticity::Invalid(id_token.faults.join("; ")),
        };
        match verdict {
            Authenticity::Valid => {}
            Authenticity::NotVerified(why) if tells_all => {
                token_set.remarks.push(format!("the ID token is not verified: {why}"));
            }
            Authenticity::NotVerified(_) => {}
            Authenticity::Invalid(why) => {
                // The faults of its claims are among the remarks already.
                if id_token.faults.is_empty() {
                    token_set.remarks.push(format!("the ID token is not valid: {why}"));
                }
                if let Some(generation) = token_set.generation() {
                    // Where this cannot be written, the remark has said it, and the next refresh looks again.
                    let _ = self.vault.doubt(&profile.name, generation, clock::now(), why);
                }
            }
        }
    }

    /// By the client's secret or by the keys that the issuer publishes, where they may be fetched without a question.
    async fn verified(&self, http: &Http, id_token: &UnverifiedIdToken) -> Authenticity {
        let token = Token::inspect(id_token.raw.expose_secret());
        if token.alg().is_some_and(|alg| alg.starts_with("HS")) {
            return match &id_token.secret {
                Some(secret) => {
                    signature(&token, &KeySet::secret(secret.expose_secret().as_bytes(), "the client's secret"))
                }
                None => Authenticity::NotVerified("it is signed with a secret, but this client has none".to_owned()),
            };
        }
        let Some(url) = &id_token.jwks_uri else {
            return Authenticity::NotVerified("the profile names no issuer that publishes its keys".to_owned());
        };
        if !id_token.may_fetch {
            return Authenticity::NotVerified(format!(
                "its issuer's keys are at {url}, another origin: set verify_key to that URL to verify it"
            ));
        }
        let known = self.key_sets.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        // Any other verdict may be about keys that the issuer has replaced.
        if known.is_some_and(|keys| signature(&token, &keys) == Authenticity::Valid) {
            return Authenticity::Valid;
        }
        let fetched = tokio::time::timeout(PATIENCE, metadata::get(http, url.clone(), true)).await;
        let keys = match fetched {
            Err(_) => Err(format!("{url} did not answer within {} s", PATIENCE.as_secs())),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(answer)) if !answer.is_success() => Err(format!("{url} answered HTTP {}", answer.status)),
            Ok(Ok(answer)) => KeySet::read(&answer.body, url.as_str()).map_err(|error| error.to_string()),
        };
        match keys {
            Err(why) => Authenticity::NotVerified(format!("cannot get its issuer's keys: {why}")),
            Ok(keys) => {
                let verdict = signature(&token, &keys);
                self.key_sets.lock().unwrap_or_else(PoisonError::into_inner).insert(url.clone(), keys);
                verdict
            }
        }
    }
}
