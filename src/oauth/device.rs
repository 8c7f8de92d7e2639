//! The device authorization grant (RFC 8628): a code for another screen, and polling until the user has approved.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use url::Url;

use super::{
    client::Client,
    refusal::{self, Presented},
    token_endpoint::{self, TokenResponse},
};
use crate::{
    auth::{AuthError, Context, Progress},
    clock::{self, Timestamp, bounded},
    http::{RequestValue, Response},
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
    /// Polls in a row that had no answer of the token endpoint.
    lost: u32,
}

/// A poll that had no answer is repeated less often (§3.5), and no less often than this.
const SLOWEST: Duration = Duration::from_secs(60);

/// Asks for the codes, shows them, and polls until the user has approved. `fields` are `scope` and the like.
///
/// # Errors
/// [`AuthError::Refused`] where the server said no, or that the code expired; [`AuthError::Unfinished`] where the code's
/// time is over here; [`AuthError::NeedsInteraction`] where no user is there.
pub async fn authorize(
    cx: &Context<'_>,
    client: &Client,
    device_endpoint: &Url,
    token_endpoint: &Url,
    fields: &[(String, String)],
) -> Result<TokenResponse, AuthError> {
    if !cx.interaction.is_attended() {
        return Err(AuthError::NeedsInteraction("an approval on another device".to_owned()));
    }
    let request = fields.iter().map(|(name, value)| (name.as_str(), value.as_str().into())).collect();
    // It yields no token.
    let codes = client.post(cx, device_endpoint, "device authorization endpoint", request);
    let response = cx.pause(codes).await?;
    let device = read(&response)?;
    cx.interaction.report(Progress::DeviceCode {
        user_code: device.user_code,
        verification_uri: device.verification_uri,
        verification_uri_complete: device.verification_uri_complete,
        expires_at: device.pace.expires_at,
    });
    let mut pace = device.pace;
    let mut last = None;
    loop {
        let (now, wait) = (clock::now(), pace.wait(clock::now()));
        cx.interaction.report(Progress::Pausing { until: now + wait });
        cx.pause(tokio::time::sleep(wait)).await;
        if clock::now() >= pace.expires_at {
            return Err(over(last));
        }
        let poll: Vec<(&str, RequestValue)> =
            vec![("grant_type", GRANT_TYPE.into()), ("device_code", (&device.code).into())];
        let answer = client.post(cx, token_endpoint, "token endpoint", poll).await;
        match answer.and_then(|response| token_endpoint::read(&response, Presented::Code)) {
            Ok(tokens) => return Ok(tokens),
            Err(error) => {
                pace = pace.after(&error).ok_or_else(|| error.clone())?;
                last = (pace.lost > 0).then_some(error);
            }
        }
    }
}

impl Pace {
    /// How long until the next poll.
    fn wait(self, now: Timestamp) -> Duration {
        let slower = self.interval.saturating_mul(1 << self.lost.min(4));
        let wait = if self.lost > 0 { slower.min(SLOWEST).max(self.interval) } else { self.interval };
        // At the end of the code there is something to say.
        let left = (self.expires_at - now).to_std().unwrap_or_default();
        wait.min(left)
    }

    /// The pace after an answer that was no token response; `None` where it ends the wait (§3.5).
    fn after(self, error: &AuthError) -> Option<Self> {
        let slower = |by: Duration| Some(Self { interval: self.interval.saturating_add(by), lost: 0, ..self });
        let lost = || Some(Self { lost: self.lost.saturating_add(1), ..self });
        match error {
            AuthError::Refused { status: 500.., .. } => lost(),
            AuthError::Refused { code: Some(code), .. } => match code.as_str() {
                "authorization_pending" => Some(Self { lost: 0, ..self }),
                "slow_down" => slower(SLOWER),
                _ => None,
            },
            AuthError::RateLimited { .. } => slower(error.pause().unwrap_or_default().clamp(SLOWER, SLOWEST)),
            // A proxy's page, or nothing at all: the token endpoint has not spoken, and the code is still good.
            AuthError::UnexpectedAnswer { .. } | AuthError::Refused { code: None, .. } => lost(),
            AuthError::Http(error) if error.may_pass() => lost(),
            _ => None,
        }
    }
}

/// The code's time is over by our clock, and what the last poll came to, if that was no answer of the token endpoint.
fn over(last: Option<AuthError>) -> AuthError {
    let hint = "log in again for a new code".to_owned();
    match last {
        None => AuthError::unfinished("the code expired before the login was approved", hint),
        Some(error) => AuthError::unfinished(
            format!("the code expired before the token endpoint responded; the last poll: {error}"),
            error.hint().map_or(hint.clone(), |first| format!("{first}; then {hint}")),
        ),
    }
}

fn read(response: &Response) -> Result<Device, AuthError> {
    const EXPECTED: &str = "a device authorization response";
    let json = response.json().filter(|_| response.is_success());
    let Some(json) = json else { return Err(refusal::of(response, Presented::Client, EXPECTED)) };
    let text = |name: &str| json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // Before the RFC was one, Google called the address `verification_url`, and still does.
    let uri = text("verification_uri").or_else(|| text("verification_url"));
    let (Some(code), Some(user_code), Some(uri)) = (text("device_code"), text("user_code"), uri) else {
        return Err(refusal::of(response, Presented::Client, EXPECTED));
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
            lost: 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{HttpError, Unreachable};

    fn refused(code: &str) -> AuthError {
        let code = Some(code.to_owned());
        AuthError::Refused { status: 400, code, message: None, hint: None, credential_dead: false }
    }

    fn answered(body: &str) -> Result<Device, AuthError> {
        read(&Response::scripted(200, body, clock::parse("0").unwrap()))
    }

    #[test]
    fn the_pace_follows_the_server() {
        let now = clock::parse("0").unwrap();
        let pace = Pace { interval: Duration::from_secs(5), expires_at: clock::parse("100").unwrap(), lost: 0 };
        assert_eq!(pace.after(&refused("authorization_pending")), Some(pace));
        let slower = pace.after(&refused("slow_down")).unwrap();
        assert_eq!(slower.interval, Duration::from_secs(10));
        assert_eq!(slower.after(&refused("slow_down")).unwrap().interval, Duration::from_secs(15), "and it stays slow");
        let limited = |wait| AuthError::RateLimited { status: 429, retry_after: Some(wait), words: None };
        assert_eq!(pace.after(&limited(Duration::from_secs(30))).unwrap().interval, Duration::from_secs(35));
        assert_eq!(pace.after(&limited(Duration::MAX)).unwrap().interval, Duration::from_secs(65));
        for last in ["access_denied", "authorization_declined", "expired_token", "invalid_grant"] {
            assert_eq!(pace.after(&refused(last)), None, "{last}");
        }
        assert_eq!(Pace { interval: Duration::MAX, ..pace }.wait(now), Duration::from_secs(100), "the code's end");
    }

    #[test]
    fn what_is_no_answer_of_the_token_endpoint_ends_nothing() {
        let now = clock::parse("0").unwrap();
        let pace = Pace { interval: Duration::from_secs(5), expires_at: clock::parse("1000").unwrap(), lost: 0 };
        let of = |status, body| refusal::of(&Response::scripted(status, body, now), Presented::Code, "x");
        let host = String::new;
        let lost = [
            of(502, "<html>Bad Gateway"),
            of(500, r#"{"error":"server_error"}"#),
            of(503, ""),
            of(200, "<html>Sign in"),
            of(404, ""),
            of(400, ""),
            AuthError::Http(HttpError::Broken { host: host(), reason: String::new() }),
            AuthError::Http(HttpError::Unreachable { host: host(), cause: Unreachable::UnknownHost }),
            AuthError::Http(HttpError::Redirected { host: host(), status: 302, to: String::new() }),
        ];
        let mut slow = pace;
        for error in lost {
            slow = slow.after(&error).unwrap_or_else(|| panic!("{error:?}"));
        }
        assert_eq!((slow.lost, slow.wait(now)), (9, SLOWEST));
        let again = slow.after(&refused("authorization_pending")).unwrap();
        assert_eq!(again.wait(now), Duration::from_secs(5), "an answer makes it quick again");
        assert_eq!(pace.after(&AuthError::Http(HttpError::BadHeader)), None);

        assert_eq!(over(None).to_string(), "the code expired before the login was approved");
        let error = over(Some(of(502, "<html><title>Bad Gateway</title>")));
        assert!(error.to_string().contains("Bad Gateway") && error.hint().unwrap().contains("new code"), "{error}");
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
