use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use tokscope::auth::{Acceptance, AuthError, Fate, TokenKind};

use crate::systems::{Client, Row, dead, pair, raw, row, script::Server};

const REGION: (u16, &str) = (200, r#"{"NAME":"main","REGION_NAME":"eu-1"}"#);
const TOKENS: (u16, &str) = (200, r#"{"refresh":"R1","access":"A1","username":"me"}"#);

fn by_password(server: &Server) -> Client {
    let settings = [("url", server.url.as_str()), ("email", "me@x.example")];
    Client::new("practicus", &settings, &[("password", "hunter2 &"), ("otp_code", "123456")])
}

#[tokio::test]
async fn a_login_posts_a_form_and_fetches_the_region() {
    let server = Server::answering(&[TOKENS, REGION]).await;
    let client = by_password(&server);
    let token_set = client.login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "A1"), (TokenKind::Refresh, "R1")]);
    assert_eq!(token_set.account, Some(format!("me@{}", server.url.trim_start_matches("http://"))));
    assert_eq!(token_set.remarks, ["region eu-1 of cluster main"]);
    let [login, region] = server.requests().try_into().unwrap();
    assert_eq!(login.line, "POST /console/api/auth/");
    assert_eq!(login.body, "email=me%40x.example&password=hunter2+%26");
    assert_eq!(region.line, "GET /console/api/central/clusterdefinition/");
    assert_eq!(region.header("authorization"), Some("Bearer A1"));
    assert_eq!(client.asked(), ["password"]);
}

#[tokio::test]
async fn a_code_is_asked_for_when_the_server_wants_one_or_the_profile_says_so() {
    let server = Server::answering(&[(400, r#"{"otp_code":["This field is required."]}"#), TOKENS, REGION]).await;
    let client = by_password(&server);
    client.login().await.unwrap();
    assert_eq!(client.asked(), ["password", "otp_code"]);
    assert!(server.requests()[1].body.ends_with("&otp_code=123456"));

    let server = Server::answering(&[TOKENS, REGION]).await;
    let settings = [("url", server.url.as_str()), ("email", "me@x.example"), ("otp", "true")];
    let client = Client::new("practicus", &settings, &[("password", "x"), ("otp_code", "123456")]);
    client.login().await.unwrap();
    assert!(server.requests()[0].body.ends_with("&otp_code=123456"));

    let wrong = (401, r#"{"detail":"Wrong otp"}"#);
    let server = Server::answering(&[wrong, wrong]).await;
    row(401, "", "Wrong otp", "one-time code").check(by_password(&server).login().await);
}

/// An unsigned token of the vendor's claims.
fn jwt(token_type: &str, issuer: &str) -> String {
    let claims = format!(
        r#"{{"token_type":"{token_type}","exp":1795296938,"iat":1795290000,"user_id":7,"iss":"{issuer}","sub":"me@x.example","username":"me"}}"#
    );
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&claims))
}

fn by_token(server: &Server, token: &str, federated: &str) -> Client {
    let settings = [("url", server.url.as_str()), ("login", "token"), ("federated", federated)];
    Client::new("practicus", &settings, &[("token", token)])
}

#[tokio::test]
async fn a_refresh_token_logs_in_without_a_password() {
    let server = Server::answering(&[(200, r#"{"access":"A2"}"#), REGION]).await;
    let refresh = jwt("refresh", "practicus");
    let token_set = by_token(&server, &refresh, "false").login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, "A2"), (TokenKind::Refresh, &refresh)]);
    assert!(token_set.account.unwrap().starts_with("me@127.0.0.1:"), "the token says who it is");
    let requests = server.requests();
    assert_eq!(requests[0].line, "POST /console/api/auth/refresh/");
    assert_eq!(
        (requests[0].header("authorization"), requests[0].body.as_str()),
        (None, &*format!("refresh={refresh}"))
    );
}

#[tokio::test]
async fn an_access_token_logs_in_and_leaves_no_refresh_token() {
    let server = Server::answering(&[REGION]).await;
    let access = jwt("access", "https://other.example/");
    let token_set = by_token(&server, &format!(" Bearer {access}\n"), "false").login().await.unwrap();
    assert_eq!(raw(&token_set), [(TokenKind::Access, &*access)]);
    let remarks = token_set.remarks.join("\n");
    assert!(remarks.contains("no refresh token") && remarks.contains("issued by other.example"), "{remarks}");
    let again = Client::new("practicus", &[("url", &server.url), ("email", "x")], &[]).refresh(&token_set).await;
    row(0, "", "no refresh token", "log in again").check(again);

    let server = Server::answering(&[REGION]).await;
    let token_set = by_token(&server, &access, "true").login().await.unwrap();
    assert!(!token_set.remarks.join("\n").contains("issued by"), "federated regions share their tokens");
}

#[tokio::test]
async fn a_token_that_is_neither_is_refused_before_it_is_sent() {
    let server = Server::answering(&[]).await;
    for (token, says) in [(jwt("id", ""), "token_type is id"), ("opaque".to_owned(), "does not say")] {
        row(0, "", says, "token_type").check(by_token(&server, &token, "false").login().await);
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_region_call_that_fails_is_a_remark() {
    let server = Server::answering(&[TOKENS, (502, "<html><title>Bad Gateway</title>")]).await;
    let token_set = by_password(&server).login().await.unwrap();
    assert_eq!(token_set.tokens.len(), 2);
    assert!(token_set.remarks[0].contains("Bad Gateway"), "{:?}", token_set.remarks);
}

#[tokio::test]
async fn a_refresh_keeps_the_old_refresh_token_or_takes_a_new_one() {
    let server = Server::answering(&[(200, r#"{"access":"A2"}"#), (200, r#"{"access":"A3","refresh":"R3"}"#)]).await;
    let client = by_password(&server);
    let second = client.refresh(&pair("old-access", "old-refresh")).await.unwrap();
    assert_eq!(raw(&second), [(TokenKind::Access, "A2"), (TokenKind::Refresh, "old-refresh")]);
    assert_eq!(second.account.as_deref(), Some("me@example"));
    let third = client.refresh(&second).await.unwrap();
    assert_eq!(raw(&third), [(TokenKind::Access, "A3"), (TokenKind::Refresh, "R3")]);
    assert_eq!(server.requests()[0].body, "refresh=old-refresh");
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn each_refusal_ends_in_a_message_with_a_hint() {
    let login: &[Row] = &[
        row(401, r#"{"detail":"No active account found with the given credentials"}"#, "No active account", "password"),
        row(401, "<html><title>Login</title>", "HTTP 401", "password"),
        row(400, r#"{"email":["Enter a valid email address."]}"#, "email: Enter a valid", "e-mail"),
        row(500, "<html><title>Server Error</title>", "Server Error", "server"),
        row(404, "", "an empty body", "URL"),
        row(201, "{}", "201", "URL"),
        row(200, r#"{"username":"ada"}"#, "no access", "URL"),
        row(200, "<html>", "HTML", "URL"),
        row(429, "<html>", "fewer requests", "wait"),
    ];
    for row in login {
        let server = Server::answering(&[(row.status, row.body)]).await;
        row.check(by_password(&server).login().await);
    }
    // A refresh token without an access token is kept: refreshing brings one.
    let server = Server::answering(&[(200, r#"{"refresh":"R1"}"#)]).await;
    let kept = by_password(&server).login().await.unwrap();
    assert!(kept.tokens.len() == 1 && kept.remarks[0].contains("no access token"), "{kept:?}");
    let refresh: &[Row] = &[
        dead(row(
            401,
            r#"{"detail":"Token is invalid or expired","code":"token_not_valid"}"#,
            "token_not_valid",
            "log in",
        )),
        row(401, "<html>", "HTTP 401", "log in again"),
        row(503, "<html><title>Down</title>", "Down", "server"),
    ];
    for row in refresh {
        let server = Server::answering(&[(row.status, row.body)]).await;
        row.check(by_password(&server).refresh(&pair("old-access", "old-refresh")).await);
    }
}

#[tokio::test]
async fn a_probe_asks_for_the_region_and_a_logout_tells_the_truth() {
    let rejected = (401, r#"{"detail":"Given token not valid for any token type","code":"token_not_valid"}"#);
    let server = Server::answering(&[REGION, rejected, (502, "<html>")]).await;
    let client = by_password(&server);
    let verdict = client.probe("A1").await;
    assert_eq!((verdict.acceptance, verdict.detail.as_str()), (Acceptance::Accepted, "region eu-1 of cluster main"));
    assert_eq!(client.probe("A1").await.acceptance, Acceptance::Rejected);
    assert_eq!(client.probe("A1").await.acceptance, Acceptance::Unclear);

    let revocation = client.provider.revoke(&client.settings, &pair("a", "r"), &client.cx()).await.unwrap();
    assert!(
        revocation
            .tokens
            .iter()
            .all(|(_, fate)| matches!(fate, Fate::Alive(why) if why.contains("no endpoint to revoke")))
    );
    assert_eq!(server.requests().len(), 3, "a logout sends nothing");
}

#[tokio::test]
async fn declining_the_password_cancels() {
    let server = Server::answering(&[]).await;
    let client = Client::new("practicus", &[("url", &server.url), ("email", "me")], &[]);
    assert_eq!(client.login().await.unwrap_err(), AuthError::Cancelled);
}
