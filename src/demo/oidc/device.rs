//! Device authorization (RFC 8628): the two codes, the page for the user code, and the poll of the token endpoint.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::HeaderMap,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    OAuthError, Oidc, Shared, USERS,
    authorize::{self, Decision},
    client::{Client, ClientRequest, DEVICE},
    grant::Grant,
    json_answer,
};
use crate::{
    clock::Timestamp,
    demo::{
        mint,
        wire::{self, Answer},
    },
};

/// The life of both codes in seconds.
const TTL: i64 = 300;
/// What a client has to wait between two polls, in seconds.
const INTERVAL: i64 = 1;
/// What `slow_down` adds, in seconds (RFC 8628 §3.5).
const SLOWER: i64 = 5;

/// A login that waits for its user.
#[derive(Debug)]
pub(super) struct Device {
    user_code: String,
    grant: Grant,
    expires_at: i64,
    /// `None`: not decided yet.
    approved: Option<bool>,
    polled_at: Option<Timestamp>,
    interval: i64,
}

pub(super) async fn authorization(State(oidc): Shared, headers: HeaderMap, body: Bytes) -> Result<Answer, OAuthError> {
    Ok(json_answer(200, &oidc.device_authorization(&ClientRequest::new(&headers, &body))?))
}

pub(super) async fn page(State(oidc): Shared, Query(query): Query<HashMap<String, String>>) -> Answer {
    let Some(typed) = query.get("user_code") else {
        let form = "<form><label>Code <input name=\"user_code\" autofocus></label> <button>Continue</button></form>";
        return wire::html(200, "Connect a device", form);
    };
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let now = oidc.world.seconds();
    let mut ledger = oidc.ledger();
    let open = |device: &&mut Device| device.approved.is_none() && device.expires_at > now;
    let mut devices = ledger.devices.values_mut().filter(open);
    let Some(device) = devices.find(|device| letters(&device.user_code) == letters(typed)) else {
        return wire::html(404, "Unknown code", "This code is wrong, was used, or has expired.");
    };
    match Decision::of(&query) {
        Decision::Open => {
            let words = format!(
                "{} on a device with the code {} wants: {}",
                device.grant.client.id, device.user_code, device.grant.scope
            );
            return authorize::question(
                &words,
                &format!("{}/oidc/device?user_code={}", oidc.world.prefix, device.user_code),
            );
        }
        Decision::Approved => device.approved = Some(true),
        Decision::Denied => device.approved = Some(false),
    }
    wire::html(200, "Done", "You can close this page and go back to the device.")
}

impl Oidc {
    fn device_authorization(&self, call: &ClientRequest) -> Result<Value, OAuthError> {
        let client = call.client(self)?;
        if !client.grants.contains(&DEVICE) {
            return Err(OAuthError::new("unauthorized_client", format!("{} may not use {DEVICE}", client.id)));
        }
        let scope = call.scope("openid")?;
        let now = self.world.seconds();
        let (device_code, user_code) = (mint::random_text(40), user_code());
        let family = self.family(client, USERS.first());
        let mut ledger = self.ledger();
        ledger.devices.retain(|_, device| device.expires_at + TTL > now);
        let grant = Grant {
            family,
            client,
            user: USERS.first(),
            scope,
            audience: call.audience().map(str::to_owned),
            nonce: None,
            auth_time: now,
        };
        let device = Device {
            user_code: user_code.clone(),
            grant,
            expires_at: now + TTL,
            approved: None,
            polled_at: None,
            interval: INTERVAL,
        };
        ledger.devices.insert(device_code.clone(), device);
        let page = format!("{}/device", self.issuer());
        Ok(json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": TTL,
            "interval": INTERVAL,
        }))
    }

    /// RFC 8628 §3.5.
    pub(super) fn device_code(&self, call: &ClientRequest, client: &Client) -> Result<Value, OAuthError> {
        let code = call.needed("device_code")?;
        let grant = {
            let now = self.world.clock.now();
            let mut ledger = self.ledger();
            let known = ledger.devices.get_mut(code).filter(|device| device.grant.client.id == client.id);
            let Some(device) = known else {
                return Err(OAuthError::new("invalid_grant", "the device code is unknown or was used"));
            };
            if device.expires_at <= now.timestamp() {
                return Err(OAuthError::new("expired_token", "the device code expired"));
            }
            let early = |last| now.signed_duration_since(last) < TimeDelta::seconds(device.interval);
            if device.polled_at.replace(now).is_some_and(early) {
                device.interval += SLOWER;
                return Err(OAuthError::new("slow_down", format!("poll every {} s", device.interval)));
            }
            match device.approved {
                None => return Err(OAuthError::new("authorization_pending", "not approved yet")),
                Some(false) => return Err(OAuthError::new("access_denied", "the user denied the request")),
                Some(true) => {}
            }
            let device = ledger.devices.remove(code).expect("it was there above");
            Grant { auth_time: now.timestamp(), ..device.grant }
        };
        Ok(self.issue(&grant, None))
    }
}

/// Eight consonants, which spell no words and are hard to mistake (RFC 8628 §6.1).
fn user_code() -> String {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    // The first 240 values are 12 times 20: taking no others keeps every letter equally likely.
    let bytes = std::iter::from_fn(|| Some(mint::random_bytes::<16>())).flatten().filter(|byte| *byte < 240);
    let letters: String = bytes.take(8).map(|byte| char::from(LETTERS[usize::from(byte % 20)])).collect();
    format!("{}-{}", &letters[..4], &letters[4..])
}
