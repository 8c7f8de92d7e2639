use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokscope::auth::{Acceptance, Fate, Progress, TokenKind};

use crate::systems::{Client, Row, at, dead, pair, raw, row, script::Server};

/// Access and refresh tokens are base64 of 32 bytes.
const ACCESS: &str = "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=";
const PAIR: &str =
    r#"{"accessToken":"A2","refreshToken":"R2","accessTokenExpiredAt":1795296938,"refreshTokenExpiredAt":1795400000}"#;

fn client(server: &Server, more: &[(&str, &str)]) -> Client {
    let settings = [&[("url", &*server.url)][..], more].concat();
    Client::new("passwork", &settings, &[("access_token", ACCESS), ("refresh_token", "R1"), ("password", "hunter2")])
}

fn enveloped(json: &str) -> String {
    format!(r#"{{"format":"base64","content":"{}"}}"#, BASE64_STANDARD.encode(json))
}

#[tokio::test]
async fn a_pasted_pair_is_taken_as_it_is() {
    let server = Server::answering(&[]).await;
    let token_set = client(&server, &[]).login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, ACCESS), (TokenKind::Refresh, "R1")]);
    assert!(token_set.tokens.iter().all(|token| token.expires_at.is_none()), "unknown, neither valid nor expired");

    let alone = Client::new("passwork", &[("url", &server.url)], &[("access_token", ACCESS), ("refresh_token", "")]);
    let token_set = alone.login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, ACCESS)]);
    assert!(token_set.remarks.join("\n").contains("no refresh token"));
    let none = Client::new("passwork", &[("url", &server.url)], &[("access_token", " "), ("refresh_token", "R1")]);
    row(0, "", "no access token", "paste").check(none.login().await);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_pair_is_renewed_with_the_old_access_token_in_front() {
    let wrapped = enveloped(PAIR);
    let server = Server::answering(&[(200, PAIR), (200, &wrapped)]).await;
    for _ in 0..2 {
        let renewed =
            client(&server, &[("master_key", "plain:YWJj")]).refresh(&pair(ACCESS, "old-refresh")).await.unwrap();
        assert_eq!(raw(&renewed), [(TokenKind::Access, "A2"), (TokenKind::Refresh, "R2")]);
        let ends: Vec<_> = renewed.tokens.iter().map(|token| token.expires_at).collect();
        assert_eq!(ends, [Some(at("1795296938")), Some(at("1795400000"))]);
    }
    let request = &server.requests()[0];
    assert_eq!(request.line, "POST /api/v1/sessions/refresh");
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {ACCESS}")));
    assert_eq!(request.header("x-response-format"), Some("raw"));
    let hash = "35d95694d3f160215db293c7899daa5907837838fb4b8119ed713e32446c1266";
    assert_eq!(request.header("x-master-key-hash"), Some(hash));
    assert_eq!(request.json(), serde_json::json!({"refreshToken": "old-refresh"}));
}

#[tokio::test]
async fn one_token_alone_is_renewed_and_the_other_stays() {
    let server = Server::answering(&[
        (200, r#"{"accessToken":"A2","accessTokenExpiredAt":1795296938}"#),
        (200, r#"{"refreshToken":"R2","refreshTokenExpiredAt":1795296938}"#),
    ])
    .await;
    let old = pair("old-access", "old-refresh");
    let renewed = client(&server, &[("refresh_mode", "access")]).refresh(&old).await.unwrap();
    assert_eq!(raw(&renewed), [(TokenKind::Access, "A2"), (TokenKind::Refresh, "old-refresh")]);
    let renewed = client(&server, &[("refresh_mode", "refresh")]).refresh(&old).await.unwrap();
    assert_eq!(raw(&renewed), [(TokenKind::Access, "old-access"), (TokenKind::Refresh, "R2")]);
    let [access, refresh] = server.requests().try_into().unwrap();
    assert_eq!(access.line, "POST /api/v1/sessions/refresh-access-token");
    assert_eq!(access.json(), serde_json::json!({"accessToken": "old-access"}));
    assert_eq!(refresh.line, "POST /api/v1/sessions/refresh-refresh-token");
    assert_eq!(refresh.json(), serde_json::json!({"refreshToken": "old-refresh"}));
    assert_eq!((access.header("authorization"), refresh.header("authorization")), (None, None));
}

#[tokio::test]
async fn a_rejected_refresh_says_that_the_pair_is_kept() {
    const EXPIRED: &str = r#"{"errors":[{"code":"accessTokenExpired","field":null,"message":"Access token expired"}]}"#;
    let rows: &[Row] = &[
        row(401, EXPIRED, "accessTokenExpired: Access token expired", "pair is kept"),
        row(403, r#"{"errors":[{"code":"forbidden","field":null,"message":"No"}]}"#, "forbidden: No", "pair is kept"),
        dead(row(401, "", "HTTP 401", "pair is kept")),
        row(422, r#"{"errors":[{"code":"x","field":"refreshToken","message":"bad"}]}"#, "refreshToken: bad", "kept"),
        row(404, r#"{"errors":[{"code":"notFound","field":null,"message":"no"}]}"#, "notFound", "7.6"),
        row(502, "<html><title>Bad Gateway</title>", "Bad Gateway", "server"),
        row(200, r#"{"format":"base64","content":"%"}"#, "format, content", "URL"),
        row(200, r#"{"expires":1}"#, "neither an accessToken", "URL"),
    ];
    for row in rows {
        for body in [row.body.to_owned(), enveloped(row.body)] {
            if body == enveloped("") || row.body.starts_with('<') || row.body.contains("base64") && body != row.body {
                continue;
            }
            let server = Server::answering(&[(row.status, &body)]).await;
            row.check(client(&server, &[]).refresh(&pair("old-access", "old-refresh")).await);
        }
    }
}

#[tokio::test]
async fn a_master_key_is_never_asked_for() {
    let server = Server::answering(&[]).await;
    let client = client(&server, &[("master_key", "prompt")]);
    row(0, "", "master key", "env:PASSWORK_MASTER_KEY").check(client.login().await);
    row(0, "", "master key", "env:PASSWORK_MASTER_KEY").check(client.refresh(&pair("a", "r")).await);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_login_by_password_is_marked_unconfirmed() {
    let wrapped = enveloped(PAIR);
    let refused = r#"{"errors":[{"code":"invalidCredentials","field":null,"message":"Wrong"}]}"#;
    let server = Server::answering(&[(200, &wrapped), (401, refused)]).await;
    let client = client(&server, &[("login", "password"), ("username", "me")]);
    let token_set = client.login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "A2"), (TokenKind::Refresh, "R2")]);
    assert!(matches!(&client.user.told.lock().unwrap()[0], Progress::Remark(words) if words.contains("unconfirmed")));
    let request = &server.requests()[0];
    assert_eq!(request.line, "POST /api/v1/users/login");
    assert_eq!(request.json(), serde_json::json!({"username": "me", "password": "hunter2"}));
    row(401, "", "invalidCredentials", "unconfirmed").check(client.login().await);
}

#[tokio::test]
async fn a_probe_takes_any_shape_of_user() {
    let wrapped = enveloped(r#"{"user":{"email":"me@x.example"}}"#);
    let expired = enveloped(r#"{"errors":[{"code":"accessTokenExpired","field":null,"message":"x"}]}"#);
    let server = Server::answering(&[(200, &wrapped), (200, r#"{"id":"1"}"#), (401, &expired)]).await;
    let client = client(&server, &[]);
    assert_eq!(client.probe(ACCESS).await.account.as_deref(), Some("me@x.example"));
    let verdict = client.probe(ACCESS).await;
    assert_eq!((verdict.acceptance, verdict.account), (Acceptance::Accepted, None));
    let verdict = client.probe(ACCESS).await;
    assert_eq!(verdict.acceptance, Acceptance::Rejected);
    assert!(verdict.detail.starts_with("accessTokenExpired: x; refresh"), "{}", verdict.detail);
    assert_eq!(server.requests()[0].line, "GET /api/v1/users/info");

    let revocation = client.provider.revoke(&client.settings, &pair("a", "r"), &client.cx()).await.unwrap();
    assert!(
        revocation
            .tokens
            .iter()
            .all(|(_, fate)| matches!(fate, Fate::Alive(why) if why.contains("knows of no Passwork call")))
    );
}
