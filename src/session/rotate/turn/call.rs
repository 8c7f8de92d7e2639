//! A call of a turn: through the gates, and again where the server wants that.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Turn;
use crate::{
    auth::{
        AuthError, Context, Fate, IssuedToken, NoInteraction, ProbeVerdict, TokenSet, Unasked,
        rotation::{Observed, observed},
    },
    session::{
        remember::Remembering,
        rotate::{
            event::{Event, Waiting},
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
            let tell = |pause| {
                let until = self.time() + pause;
                self.tell(|profile| Event::Waiting { profile, what: Waiting::Limit, until: Some(until) });
            };
            let pass = self.run.gates.enter(&self.origin, |pause| {
                tell(chrono::TimeDelta::from_std(pause).unwrap_or_default());
            });
            let pass = pass.await;
            let mut said = self.send_once(call).await;
            drop(pass);
            if let Some(skew) = said.clock_skew {
                self.now.clock.skew = Some(skew);
            }
            let gates = &self.run.gates;
            match &said.outcome {
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

    async fn send_once(&mut self, call: &Call) -> Observed<Said> {
        let published = std::mem::take(&mut self.published);
        let session = self.run.session.clone();
        let record = session.vault.read(&self.row.profile.name).ok().flatten();
        let user = Unasked(&NoInteraction);
        let remembered = Remembering::new(&session, &self.row.profile, record, &user);
        let user: &dyn crate::auth::Interaction = match &remembered {
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
