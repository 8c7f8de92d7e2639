//! Servers that do not keep to the letter, and servers that say no.

use tokscope::auth::{AuthError, Fate, TokenKind, TokenSet};

use crate::oauth2::{
    server::{Answer, Received, Server},
    user::{Client, raw},
};

/// A server with these answers by path, and what it was sent.
async fn scripted(answers: &'static [(&'static str, u16, &'static str)]) -> Server {
    Server::start(move |request: &Received| {
        let found = answers.iter().find(|(path, ..)| request.line.ends_with(path));
        found.map_or_else(|| Answer::html(404, "Not found"), |(_, status, body)| Answer::json(*status, body))
    })
    .await
}

/// The profile of a machine whose token endpoint is the script's.
fn machine(server: &Server, more: &[(&str, &str)]) -> Client {
    let at = |path: &str| format!("{}/{path}", server.url());
    let (token, revoke) = (at("token"), at("revoke"));
    let settings = [
        ("grant", "client_credentials"),
        ("client_id", "a:b c"),
        ("token_endpoint", &token),
        ("revocation_endpoint", &revoke),
    ];
    Client::new(&[&settings[..], more].concat())
}

fn field(request: &Received, name: &str) -> Option<String> {
    request.field(name)
}

#[tokio::test]
async fn a_sloppy_token_response_is_taken() {
    let server = scripted(&[("/token", 200, r#"{"access_token":"a","expires_in":"3600","refresh_token":""}"#)]).await;
    let set = machine(&server, &[]).login().await.unwrap();
    assert_eq!((set.expires_in(), set.tokens.len()), (3600, 1));
    assert!(set.remarks.iter().any(|remark| remark.contains("token_type")), "{:?}", set.remarks);
}

trait ExpiresIn {
    fn expires_in(&self) -> i64;
}

impl ExpiresIn for TokenSet {
    fn expires_in(&self) -> i64 {
        (self.tokens[0].expires_at.unwrap() - self.received_at).num_seconds()
    }
}

#[tokio::test]
async fn a_reply_without_a_refresh_token_keeps_the_old_one_and_the_id_token() {
    let server = scripted(&[("/token", 200, r#"{"access_token":"new","token_type":"bearer","expires_in":60}"#)]).await;
    let client = machine(&server, &[("scope", "openid x"), ("resource", "https://api.example.org")]);
    let mut old = client.login().await.unwrap();
    for (kind, text) in [(TokenKind::Refresh, "old-refresh"), (TokenKind::Id, "old-id")] {
        old.tokens.push(tokscope::auth::IssuedToken { kind, raw: text.into(), ..old.tokens[0].clone() });
    }
    let new = client.refresh(&old).await.unwrap();
    assert_eq!((raw(&new, TokenKind::Refresh), raw(&new, TokenKind::Id)), ("old-refresh", "old-id"));
    let refresh = server.received().pop().unwrap();
    assert_eq!(field(&refresh, "grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(field(&refresh, "resource").as_deref(), Some("https://api.example.org"));
    assert_eq!(field(&refresh, "scope"), None, "a refresh never names a scope");
}

#[tokio::test]
async fn what_the_profile_adds_is_sent() {
    let server = scripted(&[("/token", 200, r#"{"access_token":"a"}"#)]).await;
    let settings = [("parameters", "tenant=a%20b&tenant2=%26"), ("headers", "X-Tenant=t1&x-b=2"), ("audience", "api")];
    let settings = [&settings[..], &[("client_auth", "basic"), ("client_secret", "env:S")]].concat();
    machine(&server, &settings).secret("S", "p@ss:w%rd +/~").login().await.unwrap();
    let request = server.received().pop().unwrap();
    let fields = ["tenant", "tenant2", "audience", "client_id", "client_secret"].map(|name| field(&request, name));
    assert_eq!(fields, [Some("a b".into()), Some("&".into()), Some("api".into()), None, None]);
    assert_eq!((request.header("x-tenant"), request.header("x-b")), (Some("t1"), Some("2")));
    // base64("a%3Ab+c:p%40ss%3Aw%25rd+%2B%2F%7E")
    assert_eq!(request.header("authorization"), Some("Basic YSUzQWIrYzpwJTQwc3MlM0F3JTI1cmQrJTJCJTJGJTdF"));
}

#[tokio::test]
async fn a_token_that_cannot_be_revoked_lives_on_and_the_rest_is_revoked() {
    let server = Server::start(|request: &Received| match request.field("token_type_hint").as_deref() {
        Some("access_token") => Answer::json(400, r#"{"error":"unsupported_token_type"}"#),
        Some("refresh_token") => Answer::with(200, &[], ""),
        _ => Answer::json(200, r#"{"access_token":"a","refresh_token":"r","token_type":"Bearer"}"#),
    })
    .await;
    let client = machine(&server, &[]);
    let set = client.login().await.unwrap();
    let fates = client.revoke(&set).await.unwrap().tokens;
    assert_eq!(fates[0], (TokenKind::Refresh, Fate::Asked(200)));
    assert!(matches!(&fates[1], (TokenKind::Access, Fate::Alive(why)) if why.contains("cannot revoke")), "{fates:?}");
}

#[tokio::test]
async fn a_refresh_that_ends_at_discovery_has_used_up_nothing() {
    let server = Server::always(Answer::Cut).await;
    let client = Client::new(&[("issuer", &server.url()), ("client_id", "cli")]);
    let scripted = scripted(&[("/token", 200, r#"{"access_token":"a","refresh_token":"r"}"#)]).await;
    let old = machine(&scripted, &[]).login().await.unwrap();
    let error = client.refresh(&old).await.unwrap_err();
    assert!(matches!(&error, AuthError::Discovery { issuer, .. } if *issuer == server.url()), "{error}");
    assert!(!error.may_have_been_processed() && error.hint().is_some());
    assert!(server.received().iter().all(|request| request.line.starts_with("GET ")), "the token was not sent");
}
