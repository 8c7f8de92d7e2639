#![cfg(unix)]

use tokscope::auth::{AuthError, Fate, TokenKind};

use crate::{Client, at, pair, raw, row};

fn client(command: &str, more: &[(&str, &str)]) -> Client {
    Client::new("command", &[&[("command", command)][..], more].concat(), &[])
}

#[tokio::test]
async fn a_bare_token_and_json_are_understood() {
    let token_set = client("echo ya29.x", &[]).login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "ya29.x")]);
    assert_eq!(token_set.tokens[0].expires_at, None);

    let json = r#"printf %s '{"access_token":"A","refresh_token":"R","id_token":"I","expires_on":"1795296938"}'"#;
    let token_set = client(json, &[("scheme", "JWT")]).login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "A"), (TokenKind::Refresh, "R"), (TokenKind::Id, "I")]);
    assert_eq!(token_set.tokens[0].expires_at, Some(at("1795296938")));
    assert_eq!(token_set.tokens[0].scheme.as_str(), "JWT");

    let pointers = [("access_pointer", "/a/0"), ("expiry_pointer", "/b")];
    let token_set = client(r#"printf %s '{"token":"no","a":["T"],"b":"soon"}'"#, &pointers).login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "T")]);
    assert_eq!(token_set.remarks, ["the expiry at /b is not a valid time"]);
}

#[tokio::test]
async fn a_refresh_runs_it_again_and_tells_when_nothing_changed() {
    let client = client("echo T", &[]);
    let first = client.login().await.unwrap();
    let second = client.refresh(&first).await.unwrap();
    assert_eq!(raw(&second), [(TokenKind::Access, "T")]);
    assert!(second.remarks[0].contains("same token again"));
    assert!(client.refresh(&pair("old-access", "x")).await.unwrap().remarks.is_empty());
}

#[tokio::test]
async fn whatever_goes_wrong_is_named() {
    let cases = [
        ("/no/such/program", "program not found", "sh -c"),
        ("sh -c 'echo please log in first >&2; exit 1'", "please log in first", "in a terminal"),
        ("echo please log in", "3 words", "access_pointer"),
        ("true", "nothing", "access_pointer"),
        (r#"printf %s '{"x":1}'"#, "/access_token", "access_pointer"),
        (r#"printf %s '{"x'"#, "no text at", "access_pointer"),
        ("echo 'x", "quote", "sh -c"),
    ];
    for (command, says, hint) in cases {
        row(0, "", says, hint).check(client(command, &[]).login().await);
    }
    row(0, "", "did not end within 1 s", "in a terminal")
        .check(client("sleep 1000", &[("timeout", "1")]).login().await);
    row(0, "", "scheme", "Bearer").check(client("echo T", &[("scheme", "a b")]).login().await);
}

#[tokio::test]
async fn a_probe_needs_a_page() {
    let without = client("echo T", &[]);
    let token = crate::token(TokenKind::Access, "T");
    let error = without.provider.probe(&without.settings, &token, &without.cx()).await.unwrap_err();
    assert!(matches!(&error, AuthError::Unsupported(why) if why.line().contains("probe_url")), "{error}");
    let revocation = without.provider.revoke(&without.settings, &pair("a", "r"), &without.cx()).await.unwrap();
    assert!(revocation.tokens.iter().all(|(_, fate)| matches!(fate, Fate::Alive(_))));
}
