use tokscope::auth::{Acceptance, AuthError, Fate, TokenKind};

use crate::systems::{Client, Row, dead, pair, raw, row, script::Server};

const TOKENS: (u16, &str) = (200, r#"{"access_token":"A1","refresh_token":"R1"}"#);

fn client(server: &Server, key: &str) -> Client {
    let settings = [("url", &*server.url), ("username", "me"), ("identity_provider", "ECAS"), ("private_key", key)];
    Client::new("seta", &settings, &[("passphrase", "mellon")])
}

#[tokio::test]
async fn a_login_sends_a_fresh_signed_message() {
    let server = Server::answering(&[TOKENS, TOKENS]).await;
    let client = client(&server, "file:pkcs8.pem");
    let token_set = client.login().await.unwrap();
    client.login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "A1"), (TokenKind::Refresh, "R1")]);
    assert_eq!(token_set.account.as_deref(), Some("me"));
    let [first, second] = server.requests().try_into().unwrap();
    assert_eq!(first.line, "POST /authentication/v1/token");
    assert_eq!(first.header("content-type"), Some("application/json"));
    let (first, second) = (first.json(), second.json());
    let keys: Vec<_> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["username", "provider", "rsa_original_message", "rsa_message_signature"]);
    assert_eq!((&first["username"], &first["provider"]), (&"me".into(), &"ecas".into()), "the provider is lowered");
    assert_ne!(first["rsa_original_message"], second["rsa_original_message"]);
    let signature = first["rsa_message_signature"].as_str().unwrap();
    assert_eq!(signature.len(), 512);
    assert!(signature.chars().all(|c| c.is_ascii_hexdigit()));
    assert!(client.asked().is_empty(), "a plain key needs no passphrase");
}

#[tokio::test]
async fn an_encrypted_key_asks_for_its_passphrase_once() {
    for key in ["pkcs8-aes256.pem", "traditional-des3.pem", "openssh-enc"] {
        let server = Server::answering(&[TOKENS]).await;
        let asked = client(&server, &format!("file:{key}"));
        asked.login().await.unwrap();
        assert_eq!(asked.asked(), ["passphrase"]);

        let server = Server::answering(&[TOKENS]).await;
        let settings = [("url", &*server.url), ("username", "me"), ("passphrase", "plain:mellon")];
        let key = format!("file:{key}");
        let given = Client::new("seta", &[&settings[..], &[("private_key", &*key)]].concat(), &[]);
        given.login().await.unwrap();
        assert!(given.asked().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_cannot_sign_sends_nothing() {
    let server = Server::answering(&[]).await;
    let rows = [("ec.pem", "RSA", "RSA"), ("public.pem", "public half", "file:PATH"), ("weak.pem", "sign", "2048")];
    for (key, says, hint) in rows {
        row(0, "", says, hint).check(client(&server, &format!("file:{key}")).login().await);
    }
    let settings = [("url", &*server.url), ("username", "me"), ("private_key", "file:openssh-enc")];
    row(0, "", "passphrase", "passphrase").check(Client::new("seta", &settings, &[("passphrase", "no")]).login().await);
    assert_eq!(Client::new("seta", &settings, &[]).login().await.unwrap_err(), AuthError::Cancelled);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_refresh_shows_the_refresh_token_and_takes_the_new_one() {
    let server = Server::answering(&[TOKENS, (200, r#"{"access_token":"A2"}"#)]).await;
    let client = client(&server, "file:pkcs8.pem");
    let second = client.refresh(&pair("old-access", "old-refresh")).await.unwrap();
    assert_eq!(raw(&second), [(TokenKind::Access, "A1"), (TokenKind::Refresh, "R1")]);
    assert_eq!(second.account.as_deref(), Some("me@example"));
    let third = client.refresh(&second).await.unwrap();
    assert_eq!(raw(&third), [(TokenKind::Access, "A2"), (TokenKind::Refresh, "R1")], "older servers send none");
    let request = &server.requests()[0];
    assert_eq!(request.line, "POST /authentication/v1/token/refresh");
    assert_eq!((request.header("authorization"), &*request.body), (Some("Bearer old-refresh"), ""));
}

#[tokio::test]
async fn each_refusal_ends_in_a_message_with_a_hint() {
    let login: &[Row] = &[
        row(403, r#"{"message":"Invalid Signature"}"#, "Invalid Signature", "public key"),
        row(401, r#"{"message":"Invalid User"}"#, "Invalid User", "blocked"),
        row(401, r#"{"message":"Invalid user"}"#, "Invalid user", "no public key"),
        row(
            400,
            r#"{"errors":{"provider":"'X' is not one of ['ecas']"},"message":"Input payload validation failed"}"#,
            "validation failed: provider: 'X' is not one of",
            "ecas",
        ),
        row(415, r#"{"message":"Did not attempt to load JSON data"}"#, "JSON data", "JSON"),
        row(502, "<html><title>Bad Gateway</title>", "Bad Gateway", "server"),
        row(200, r#"{"message":"ok"}"#, "no access_token", "URL"),
    ];
    for row in login {
        let server = Server::answering(&[(row.status, row.body)]).await;
        row.check(client(&server, "file:pkcs8.pem").login().await);
    }
    let refresh: &[Row] = &[
        dead(row(401, r#"{"msg":"Token has been revoked"}"#, "has been revoked", "used before")),
        dead(row(401, r#"{"msg":"Token has expired"}"#, "has expired", "log in again")),
        row(422, r#"{"msg":"Only refresh tokens are allowed"}"#, "Only refresh", "access token"),
        row(422, r#"{"msg":"Not enough segments"}"#, "Not enough", "log in again"),
        row(422, r#"{"msg":"Signature verification failed"}"#, "verification failed", "log in again"),
        row(401, r#"{"msg":"Missing JWT in headers or cookies (Missing Authorization)"}"#, "Missing JWT", "proxy"),
    ];
    for row in refresh {
        let server = Server::answering(&[(row.status, row.body)]).await;
        row.check(client(&server, "file:pkcs8.pem").refresh(&pair("old-access", "old-refresh")).await);
    }
}

#[tokio::test]
async fn a_probe_asks_who_it_is() {
    let me = r#"{"username":"me","firstName":"M","lastName":"E","domain":"d","email":"me@x","role":"user"}"#;
    let expired = (401, r#"{"msg":"Token has expired"}"#);
    let server = Server::answering(&[(200, me), expired, (422, r#"{"msg":"Not enough segments"}"#), (500, "")]).await;
    let client = client(&server, "file:pkcs8.pem");
    let verdict = client.probe("A1").await;
    assert_eq!((verdict.acceptance, verdict.account.as_deref()), (Acceptance::Accepted, Some("me@x")));
    let verdict = client.probe("A1").await;
    assert_eq!(verdict.acceptance, Acceptance::Rejected);
    assert!(verdict.detail.starts_with("Token has expired; refresh"), "{}", verdict.detail);
    assert_eq!(client.probe("A1").await.acceptance, Acceptance::Rejected);
    assert_eq!(client.probe("A1").await.acceptance, Acceptance::Unclear);
    assert_eq!(server.requests()[0].line, "GET /authentication/v1/user-info");

    let revocation = client.provider.revoke(&client.settings, &pair("a", "r"), &client.cx()).await.unwrap();
    assert!(revocation.tokens.iter().all(|(_, fate)| matches!(fate, Fate::Alive(_))));
}
