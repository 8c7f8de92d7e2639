//! What is true of a token, whatever the systems say of it: for tests, which hold a verdict against it. Off unless asked for.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    mode::Mode,
    tokens::{Counts, Issued},
    wire::{self, Answer},
    world::World,
    worlds::Worlds,
};
use crate::{auth::TokenKind, clock, secret::Fingerprint};

pub(super) fn routes(worlds: Arc<Worlds>) -> Router {
    Router::new().route("/truth", get(totals)).route("/truth/{fingerprint}", get(token)).with_state(worlds)
}

/// How a server finds out whether a token is good.
#[derive(Debug, Clone, Copy)]
enum Judge {
    /// By what the system remembers of it.
    State,
    /// By asking the system, some time ago perhaps.
    Memory,
    /// By signature and expiry.
    Offline,
}

/// The servers that a token goes to.
fn servers(token: &Issued) -> &'static [(&'static str, Judge)] {
    match (token.new.kind, token.new.account.system, token.new.is_jwt) {
        (TokenKind::Refresh, ..) => &[("authorization", Judge::State)],
        (_, "oidc", _) => &[("authorization", Judge::State), ("checked", Judge::Memory), ("offline", Judge::Offline)],
        (_, _, true) => &[("resource", Judge::Offline)],
        (_, _, false) => &[("resource", Judge::State)],
    }
}

impl Judge {
    fn accepts(self, token: &Issued, mode: Mode, now: i64) -> bool {
        let in_time = token.new.expires_at > now;
        match (self, mode) {
            (Self::Offline, _) => token.new.is_jwt && in_time,
            (_, Mode::Flap) if token.new.kind == TokenKind::Access => in_time,
            (Self::Memory, Mode::Cached(age)) => token.lived(now) || token.lived(now - age),
            _ => token.lived(now),
        }
    }
}

/// How often something was done in each world with the tokens of each system.
async fn totals(State(worlds): State<Arc<Worlds>>) -> Answer {
    let of = |world: &World| -> Value {
        world.tokens().totals.iter().map(|(system, sum)| ((*system).to_owned(), counts(sum))).collect()
    };
    wire::json(200, &worlds.all().iter().map(|(_, systems)| (systems.world.url.clone(), of(&systems.world))).collect())
}

async fn token(State(worlds): State<Arc<Worlds>>, Path(fingerprint): Path<String>) -> Answer {
    let found = Fingerprint::parse(&fingerprint)
        .and_then(|wanted| worlds.all().iter().find_map(|(_, systems)| told(&systems.world, wanted)));
    found.map_or_else(
        || wire::json(404, &json!({"error": "no token here has this fingerprint"})),
        |it| wire::json(200, &it),
    )
}

fn told(world: &World, wanted: Fingerprint) -> Option<Value> {
    let (now, tokens) = (world.clock.now(), world.tokens());
    let (_, token) = tokens.iter().find(|(text, _)| Fingerprint::of(text) == wanted)?;
    let state = |judge: Judge| if judge.accepts(token, tokens.mode, now.timestamp()) { "alive" } else { "dead" };
    let servers = servers(token).iter().map(|(server, judge)| ((*server).to_owned(), Value::from(state(*judge))));
    let mut told = json!({
        "fingerprint": wanted.to_string(),
        "kind": token.new.kind.to_string(),
        "form": if token.new.is_jwt { "jwt" } else { "opaque" },
        "system": token.new.account.system,
        "url": world.url,
        "at": clock::utc(now),
        "servers": servers.collect::<Value>(),
    });
    if let (Value::Object(told), Value::Object(counts)) = (&mut told, counts(&token.counts)) {
        told.extend(counts);
    }
    Some(told)
}

fn counts(counts: &Counts) -> Value {
    json!({
        "logins": counts.logins,
        "refreshes": counts.refreshes,
        "replays": counts.replays,
        "revocations": counts.revocations,
    })
}
