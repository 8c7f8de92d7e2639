//! The device authorization grant (RFC 8628): a code for another screen, and polling until somebody has approved.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value as Json;
use url::Url;

use super::{
    client::Client,
    token_endpoint::{self, Presented, TokenResponse},
};
use crate::{
    auth::{AuthError, Context, Step},
    clock::{self, Timestamp, bounded},
    http::{HttpError, Response, Value},
    secret::SecretString,
};

/// The grant type of the token request (§3.4).
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What `slow_down` adds to the interval (§3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The interval where the server names none (§3.2).
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// The life of the codes where the server does not say, though it must.
const DEFAULT_LIFE: TimeDelta = TimeDelta::minutes(10);

/// The answer of the device authorization endpoint (§3.2).
#[derive(Debug)]
struct Device {
    code: SecretString,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    pace: Pace,
}

/// When to poll, and when to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pace {
    interval: Duration,
    expires_at: Timestamp,
}

/// Asks for the codes, shows them, and polls until the user has approved. `fields` are `scope` and the like.
///
/// # Errors
/// [`AuthError::Refused`] where the user said no or the codes expired; [`AuthError::NeedsInteraction`] where nobody is
/// there.
pub async fn authorize(
    cx: &Context<'_>,
    client: &Client,
    device_endpoint: &Url,
    token_endpoint: &Url,
    fields: &[(String, String)],
) -> Result<TokenResponse, AuthError> {
    if !cx.interaction.is_attended() {
        return Err(AuthError::NeedsInteraction { what: "an approval on another device".to_owned() });
    }
    let request = fields.iter().map(|(name, value)| (name.as_str(), value.as_str().into())).collect();
    let response = client.post(cx, device_endpoint, "device authorization endpoint", request).await?;
    let device = read(&response)?;
    cx.interaction.report(Step::DeviceCode {
        user_code: device.user_code,
        verification_uri: device.verification_uri,
        verification_uri_complete: device.verification_uri_complete,
        expires_at: device.pace.expires_at,
    });
    let mut pace = device.pace;
    loop {
        tokio::time::sleep(pace.interval).await;
        if clock::now() >= pace.expires_at {
            return Err(expired());
        }
        let poll: Vec<(&str, Value)> = vec![("grant_type", GRANT_TYPE.into()), ("device_code", (&device.code).into())];
        let answer = client.post(cx, token_endpoint, "token endpoint", poll).await;
        match answer.and_then(|response| token_endpoint::read(&response, Presented::Code)) {
            Ok(tokens) => return Ok(tokens),
            Err(error) => pace = pace.after(error)?,
        }
    }
}

impl Pace {
    /// The pace after an answer that was no token response; the error where it ends the wait (§3.5).
    fn after(self, error: AuthError) -> Result<Self, AuthError> {
        let slower = |by: Duration| Ok(Self { interval: self.interval.saturating_add(by), ..self });
        match &error {
            AuthError::Refused { code: Some(code), .. } => match code.as_str() {
                "authorization_pending" => Ok(self),
                "slow_down" => slower(SLOWER),
                "expired_token" => Err(expired()),
                _ => Err(error),
            },
            AuthError::RateLimited { retry_after, .. } => slower(retry_after.unwrap_or(SLOWER).max(SLOWER)),
            // §3.5: a poll that got no answer is repeated, less often.
            AuthError::Http(HttpError::TimedOut { .. } | HttpError::Unreachable { .. } | HttpError::Broken { .. }) => {
                Ok(Self { interval: self.interval * 2, ..self })
            }
            _ => Err(error),
        }
    }
}

fn expired() -> AuthError {
    AuthError::Refused {
        status: 400,
        code: Some("expired_token".to_owned()),
        message: Some("nobody approved in time".to_owned()),
        hint: Some("log in again for a new code".to_owned()),
        credential_dead: false,
    }
}

fn read(response: &Response) -> Result<Device, AuthError> {
    const EXPECTED: &str = "a device authorization response";
    let json = response.json().filter(|_| response.is_success());
    let Some(json) = json else { return Err(token_endpoint::error(response, Presented::Client, EXPECTED)) };
    let text = |name: &str| json.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    // Before the RFC was one, Google called the address `verification_url`, and still does.
    let uri = text("verification_uri").or_else(|| text("verification_url"));
    let (Some(code), Some(user_code), Some(uri)) = (text("device_code"), text("user_code"), uri) else {
        return Err(token_endpoint::error(response, Presented::Client, EXPECTED));
    };
    let span = |name: &str| json.get(name).and_then(token_endpoint::seconds);
    let life = span("expires_in").unwrap_or(DEFAULT_LIFE);
    let interval = span("interval").and_then(|span| span.to_std().ok()).unwrap_or(DEFAULT_INTERVAL);
    Ok(Device {
        code: code.into(),
        user_code: user_code.to_owned(),
        verification_uri: uri.to_owned(),
        verification_uri_complete: text("verification_uri_complete").map(str::to_owned),
        pace: Pace {
            // Zero would be a loop without a pause.
            interval: interval.clamp(Duration::from_secs(1), Duration::from_secs(300)),
            expires_at: bounded(response.received_at.checked_add_signed(life).unwrap_or(Timestamp::MAX_UTC)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> AuthError {
        let code = Some(code.to_owned());
        AuthError::Refused { status: 400, code, message: None, hint: None, credential_dead: false }
    }

    fn answered(body: &str) -> Result<Device, AuthError> {
        read(&Response::scripted(200, body, clock::parse("0").unwrap()))
    }

    #[test]
    fn the_pace_follows_the_server() {
        let pace = Pace { interval: Duration::from_secs(5), expires_at: clock::parse("100").unwrap() };
        assert_eq!(pace.after(refused("authorization_pending")), Ok(pace));
        let slower = pace.after(refused("slow_down")).unwrap();
        assert_eq!(slower.interval, Duration::from_secs(10));
        assert_eq!(slower.after(refused("slow_down")).unwrap().interval, Duration::from_secs(15), "and it stays slow");
        let limited = AuthError::RateLimited { status: 429, retry_after: Some(Duration::from_secs(30)) };
        assert_eq!(pace.after(limited).unwrap().interval, Duration::from_secs(35));
        for last in ["access_denied", "expired_token", "invalid_grant"] {
            let error = pace.after(refused(last)).unwrap_err();
            assert!(matches!(&error, AuthError::Refused { code: Some(code), .. } if code == last), "{error}");
        }
    }

    #[test]
    fn codes_are_read_tolerantly() {
        let device = answered(
            r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_url":"https://a.example/device","expires_in":"1800"}"#,
        )
        .unwrap();
        assert_eq!(device.verification_uri, "https://a.example/device");
        assert_eq!(device.pace.interval, Duration::from_secs(5));
        assert_eq!(device.pace.expires_at, clock::parse("1800").unwrap());
        let eager = answered(r#"{"device_code":"d","user_code":"u","verification_uri":"v","interval":0}"#).unwrap();
        assert_eq!(eager.pace.interval, Duration::from_secs(1));
        assert!(matches!(answered(r#"{"device_code":"d"}"#), Err(AuthError::UnexpectedAnswer { .. })));
    }
}
