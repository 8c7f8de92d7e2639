//! A call of a turn: through the gates, and again where the server wants that.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::Turn;
use crate::{
    auth::{
        AuthError, Context, Fate, Interaction, IssuedToken, NoInteraction, ProbeVerdict, TokenSet, Unasked,
        rotation::{Observed, observed},
    },
    session::{
        remember::Remembering,
        rotate::{
            event::Waiting,
            gate::{LONGEST, TRIES},
            step::{Cancelled, Hint},
        },
    },
};

/// What issuers publish of themselves, by their names.
pub(super) type Published = BTreeMap<String, Map<String, Value>>;

/// What is called for.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// Show the token to an API.
    Use(IssuedToken),
    /// Ask the server about it.
    Introspect(IssuedToken),
    /// Ask the server to end it.
    End(IssuedToken, Hint),
    /// A new set from this one.
    Refresh(TokenSet),
}

/// What a call has brought.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Verdict(ProbeVerdict),
    Fate(Fate),
    Set(TokenSet),
}

impl Turn {
    /// Makes a call. A server that wants fewer requests is waited for: that is no answer.
    pub(super) async fn send(&mut self, call: &Call) -> Observed<Said> {
        for attempt in 1.. {
            let pass = self.run.gates.enter(&self.origin, |pause| self.limited(pause));
            // What was begun is led to its end, but no server is waited for any more.
            let pass = self.unless(Cancelled::Prove, pass).await;
            let mut said = self.send_once(call).await;
            drop(pass);
            if let Some(skew) = said.clock_skew {
                self.now.clock.skew = Some(skew);
            }
            let gates = &self.run.gates;
            match &said.outcome {
                // It may have worked: that is proven, and it is asked once more.
                Err(AuthError::RateLimited { status: 503, .. }) if matches!(call, Call::End(..)) => {}
                Err(limited @ AuthError::RateLimited { .. }) => {
                    gates.close(&self.origin, limited.pause().map(|pause| pause.min(LONGEST)));
                    let goes_on = attempt < TRIES && self.now.cancelled < Cancelled::Prove;
                    if goes_on && limited.pause().is_none_or(|pause| pause <= LONGEST) {
                        continue;
                    }
                }
                _ => gates.open(&self.origin),
            }
            said.at += self.shift;
            return said;
        }
        unreachable!("the last attempt is answered")
    }

    /// The server wants fewer requests.
    pub(super) fn limited(&self, pause: Duration) {
        let until = self.time() + TimeDelta::from_std(pause).unwrap_or_default();
        self.wait_for(Waiting::Limit, Some(until));
    }

    async fn send_once(&mut self, call: &Call) -> Observed<Said> {
        let published = std::mem::take(&mut self.published);
        let session = self.run.session.clone();
        let remembers = self.row.profile.settings.get("remember_secrets").is_some_and(|on| on == "true");
        let record = if remembers { session.vault.read(&self.row.profile.name).ok().flatten() } else { None };
        let user = Unasked(&NoInteraction);
        let remembered = Remembering::new(&session, &self.row.profile, record, &user);
        let user: &dyn Interaction = match &remembered {
            Ok(remembering) => remembering,
            Err(_) => &user,
        };
        let cx = Context { published: published.into(), ..session.context(&self.call, user) };
        let (provider, settings) = (self.call.provider, &self.call.settings);
        let said = match call {
            Call::Use(token) => {
                observed(&cx, async { session.present(&self.call, token, &cx).await.map(Said::Verdict) }).await
            }
            Call::Introspect(token) => {
                observed(&cx, async { provider.introspect(settings, token, &cx).await.map(Said::Verdict) }).await
            }
            Call::End(token, hint) => {
                let hinted = *hint == Hint::Kind;
                observed(&cx, async { provider.end(settings, token, hinted, &cx).await.map(Said::Fate) }).await
            }
            Call::Refresh(set) => {
                observed(&cx, async { provider.refresh(settings, set, &cx).await.map(Said::Set) }).await
            }
        };
        self.published = cx.published.into_inner().unwrap_or_default();
        said
    }
}
