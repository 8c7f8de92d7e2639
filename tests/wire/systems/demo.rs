//! Whole sessions against the embedded server, which the vendors' own clients accept.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use serde_json::Value;
use tokscope::{
    auth::{Acceptance, AuthError, TokenKind, TokenSet},
    clock,
    demo::{Clock, Options, Server},
    secret::ExposeSecret as _,
};

use crate::systems::{Client, dead, raw, row};

/// A server whose time moves when it is told to.
struct Demo {
    server: Server,
    ahead: Arc<AtomicI64>,
}

impl Demo {
    async fn start() -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let seen = ahead.clone();
        let clock = Clock::new(move || clock::now() + chrono::TimeDelta::seconds(seen.load(Ordering::SeqCst)));
        Self { server: Server::start(Options { clock, ..Options::default() }).await.unwrap(), ahead }
    }

    fn pass(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    fn text(&self, pointer: &str) -> String {
        let description = self.server.description();
        description.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}")).to_owned()
    }

    fn practicus(&self, user: usize) -> Client {
        let of = |key| self.text(&format!("/practicus/users/{user}/{key}"));
        let settings = [("url", self.server.url().to_owned()), ("email", of("email"))];
        let settings = settings.each_ref().map(|(key, value)| (*key, value.as_str()));
        Client::new("practicus", &settings, &[("password", &of("password")), ("otp_code", "123456")])
    }

    fn seta(&self, username: &str, provider: &str) -> Client {
        let settings = [("url", self.server.url()), ("username", username), ("identity_provider", provider)];
        Client::new("seta", &settings, &[("private_key", &self.text("/seta/private_key"))])
    }

    fn passwork(&self, which: &str, more: &[(&str, &str)]) -> Client {
        let of = |key| self.text(&format!("/passwork/{which}/{key}"));
        let settings = [&[("url", self.server.url())], more].concat();
        let answers =
            [("access_token", &*of("accessToken")), ("refresh_token", &of("refreshToken")), ("password", "wrong")];
        Client::new("passwork", &settings, &answers)
    }
}

fn access(token_set: &TokenSet) -> &str {
    token_set.token(TokenKind::Access).unwrap().raw.expose_secret()
}

async fn accepts(client: &Client, token_set: &TokenSet) -> Acceptance {
    client.probe(access(token_set)).await.acceptance
}

#[tokio::test]
async fn practicus_lives_through_logins_refreshes_and_expiry() {
    let demo = Demo::start().await;
    let client = demo.practicus(0);
    let first = client.login().await.unwrap();
    assert!(first.account.as_ref().unwrap().starts_with("ada@127.0.0.1:"));
    assert!(first.remarks[0].contains("demo-region"), "{:?}", first.remarks);
    assert_eq!(accepts(&client, &first).await, Acceptance::Accepted);

    let with_code = demo.practicus(1);
    with_code.login().await.unwrap();
    assert_eq!(with_code.asked(), ["password", "otp_code"]);

    let refresh = first.token(TokenKind::Refresh).unwrap().raw.expose_secret().to_owned();
    for (token, has_refresh) in [(refresh.as_str(), true), (access(&first), false)] {
        let settings = [("url", demo.server.url()), ("login", "token")];
        let by_token = Client::new("practicus", &settings, &[("token", token)]).login().await.unwrap();
        assert_eq!(by_token.token(TokenKind::Refresh).is_some(), has_refresh);
        assert_eq!(accepts(&client, &by_token).await, Acceptance::Accepted);
    }

    demo.pass(120);
    assert_eq!(accepts(&client, &first).await, Acceptance::Rejected);
    let client = demo.practicus(0);
    let second = client.refresh(&first).await.unwrap();
    assert_eq!(raw(&second)[1], (TokenKind::Refresh, refresh.as_str()), "it does not rotate");
    assert_eq!(accepts(&client, &second).await, Acceptance::Accepted);

    demo.pass(8 * 86_400);
    dead(row(401, "", "token_not_valid", "log in again")).check(client.refresh(&second).await);
}

#[tokio::test]
async fn seta_rotates_and_names_each_refusal() {
    let demo = Demo::start().await;
    let client = demo.seta("ada", "ECAS");
    let first = client.login().await.unwrap();
    let verdict = client.probe(access(&first)).await;
    assert_eq!((verdict.acceptance, verdict.account.as_deref()), (Acceptance::Accepted, Some("ada@example.org")));

    let client = demo.seta("ada", "ecas");
    let second = client.refresh(&first).await.unwrap();
    assert_ne!(raw(&first)[1], raw(&second)[1]);
    dead(row(401, "", "Token has been revoked", "used before")).check(client.refresh(&first).await);
    assert_eq!(accepts(&client, &first).await, Acceptance::Accepted, "the old access token stays valid");

    row(401, "", "Invalid User", "blocked").check(demo.seta("mallory", "ecas").login().await);
    row(401, "", "Invalid user", "no public key").check(demo.seta("grace", "github").login().await);
    row(400, "", "validation failed: provider", "ecas").check(demo.seta("ada", "nobody").login().await);
    let settings = [("url", demo.server.url()), ("username", "ada"), ("private_key", "file:pkcs8.pem")];
    row(403, "", "Invalid Signature", "public key").check(Client::new("seta", &settings, &[]).login().await);

    let mut swapped = second.clone();
    swapped.tokens[1].raw = access(&second).into();
    row(422, "", "Only refresh tokens", "access token").check(client.refresh(&swapped).await);
    demo.pass(86_401);
    dead(row(401, "", "Token has expired", "log in again")).check(client.refresh(&second).await);
    assert_eq!(accepts(&client, &second).await, Acceptance::Rejected);
}

#[tokio::test]
async fn passwork_renews_pairs_and_single_tokens() {
    let demo = Demo::start().await;
    let expired = demo.passwork("expired", &[]).login().await.unwrap();
    let client = demo.passwork("expired", &[("master_key", "plain:YWJj")]);
    let verdict = client.probe(access(&expired)).await;
    assert_eq!(verdict.acceptance, Acceptance::Rejected);
    assert!(verdict.detail.contains("accessTokenExpired"), "{}", verdict.detail);
    let renewed = client.refresh(&expired).await.unwrap();
    assert!(renewed.tokens.iter().all(|token| token.expires_at.is_some()));
    assert_eq!(accepts(&client, &renewed).await, Acceptance::Accepted);
    dead(row(401, "", "refreshTokenInvalid", "pair is kept")).check(client.refresh(&expired).await);

    let first = demo.passwork("fresh", &[]).login().await.unwrap();
    let by_access = demo.passwork("fresh", &[("refresh_mode", "access")]);
    let second = by_access.refresh(&first).await.unwrap();
    assert_eq!((raw(&first)[1], accepts(&by_access, &second).await), (raw(&second)[1], Acceptance::Accepted));
    let by_refresh = demo.passwork("fresh", &[("refresh_mode", "refresh")]);
    let third = by_refresh.refresh(&second).await.unwrap();
    assert_eq!((raw(&second)[0], accepts(&by_refresh, &third).await), (raw(&third)[0], Acceptance::Accepted));
    assert_ne!(raw(&second)[1], raw(&third)[1]);

    let wrong = demo.passwork("fresh", &[("login", "password"), ("username", "ada")]);
    let error = wrong.login().await.unwrap_err();
    assert!(matches!(&error, AuthError::Refused { code: Some(code), .. } if code == "invalidCredentials"), "{error:?}");
}
