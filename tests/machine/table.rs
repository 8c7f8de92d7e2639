//! What an ending does at a real server: each line is measured with logins of its own, by the client that is tested. Two logins
//! of one user and client, A and B; A2 is what a refresh of A yields.

use std::io::Write as _;

use tokscope::auth::{Acceptance, AuthError, Fate, IssuedToken, TokenKind, TokenSet, rotation::made_up};

use crate::support::user::Client;

/// The address of a server, where one runs; without, a loud word that nothing was tested.
pub(crate) fn server(variable: &str, script: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        // Not a macro: those are silent while a test passes.
        _ = std::io::stderr().write_all(format!("SKIPPED: no server runs; {script} starts one\n").as_bytes());
    }
    address
}

/// Who logs in.
pub(crate) struct Logins<'a> {
    pub(crate) client: &'a Client,
    /// Another client of the same server.
    pub(crate) other: &'a Client,
    /// The revocation endpoint.
    pub(crate) revocation: &'a str,
}

/// Holds all lines against what was measured before.
pub(crate) async fn is(logins: &Logins<'_>, expected: &[&str]) {
    let lines = [
        revoked(logins, TokenKind::Refresh).await,
        revoked(logins, TokenKind::Access).await,
        refreshed(logins).await,
        replayed(logins).await,
        refreshed_then_revoked(logins, TokenKind::Refresh).await,
        refreshed_then_revoked(logins, TokenKind::Access).await,
        answers(logins).await,
        introspected(logins).await,
        invented(logins).await,
    ];
    assert_eq!(lines, expected);
}

async fn login(client: &Client) -> TokenSet {
    client.login().await.unwrap_or_else(|error| panic!("login: {error}"))
}

fn of(set: &TokenSet, kind: TokenKind) -> &IssuedToken {
    set.token(kind).unwrap_or_else(|| panic!("there is no {kind} token"))
}

async fn access(client: &Client, set: &TokenSet) -> &'static str {
    used(client, of(set, TokenKind::Access)).await
}

async fn used(client: &Client, token: &IssuedToken) -> &'static str {
    match client.present(token).await.map(|verdict| (verdict.acceptance, verdict.status)) {
        Ok((Acceptance::Accepted, _)) => "alive",
        Ok((Acceptance::Rejected, _)) => "dead",
        // That is a refusal only beside a token that is accepted.
        Ok((Acceptance::Unclear, 401)) => "bare 401",
        Ok((Acceptance::Unclear, _)) | Err(_) => "not provable",
    }
}

/// By using it up.
pub(crate) async fn refresh(client: &Client, set: &TokenSet) -> String {
    match client.refresh(set).await {
        Ok(_) => "alive".to_owned(),
        Err(AuthError::Refused { status, code: Some(code), .. }) => format!("dead {status} {code}"),
        Err(AuthError::Refused { status, .. }) => format!("refused {status}"),
        Err(error) => error.to_string(),
    }
}

/// Both tokens; the answer to a dead refresh token is only told in [`refreshed`].
async fn both(client: &Client, set: &TokenSet) -> String {
    let (access, refresh) = (access(client, set).await, refresh(client, set).await);
    format!("access {access}, refresh {}", refresh.split(' ').next().unwrap_or_default())
}

pub(crate) async fn revoked(logins: &Logins<'_>, kind: TokenKind) -> String {
    let client = logins.client;
    let (a, b) = (login(client).await, login(client).await);
    let fate = client.end(of(&a, kind), true).await;
    let said = match fate {
        Ok(Fate::Asked(200)) => "",
        Ok(Fate::Alive(_)) => " not revoked;",
        fate => panic!("{fate:?}"),
    };
    format!("revoke A.{kind}:{said} A {}; B {}", both(client, &a).await, both(client, &b).await)
}

async fn refreshed(logins: &Logins<'_>) -> String {
    let client = logins.client;
    let a = login(client).await;
    client.refresh(&a).await.unwrap();
    format!("refresh A: A access {}, refresh {}", access(client, &a).await, refresh(client, &a).await)
}

pub(crate) async fn replayed(logins: &Logins<'_>) -> String {
    let client = logins.client;
    let (a, b) = (login(client).await, login(client).await);
    let a2 = client.refresh(&a).await.unwrap();
    client.refresh(&a).await.unwrap_err();
    format!("replay A: A2 {}; B {}", both(client, &a2).await, both(client, &b).await)
}

async fn refreshed_then_revoked(logins: &Logins<'_>, kind: TokenKind) -> String {
    let client = logins.client;
    let a = login(client).await;
    let a2 = client.refresh(&a).await.unwrap();
    _ = client.end(of(&a, kind), true).await;
    format!("refresh A, revoke A.{kind}: A2 {}", both(client, &a2).await)
}

/// What a revocation answers that has nothing to end.
async fn answers(logins: &Logins<'_>) -> String {
    let Logins { client, other, revocation } = logins;
    let a = login(client).await;
    let token = of(&a, TokenKind::Access);
    let said = async |client: &Client, token: &IssuedToken| match client.end(token, true).await {
        Ok(Fate::Asked(status)) => status.to_string(),
        Ok(Fate::Alive(_)) => "refused".to_owned(),
        Err(AuthError::Refused { status, .. }) => status.to_string(),
        Err(error) => error.to_string(),
    };
    let unknown = said(client, &made_up(token)).await;
    let others = said(other, token).await;
    let after = access(client, &a).await;
    let (_, dead) = (said(client, token).await, said(client, token).await);
    #[allow(clippy::disallowed_methods, reason = "sends what the program's own client never would")]
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = plain.post(*revocation).header("content-type", "application/x-www-form-urlencoded");
    let nobody = request.body("token=unknown").send().await.unwrap().status().as_u16();
    format!("revoke: unknown {unknown}, dead {dead}, another client's {others} and {after}, no client {nobody}")
}

async fn introspected(logins: &Logins<'_>) -> String {
    let a = login(logins.client).await;
    let said = async |kind| match logins.client.introspect(of(&a, kind)).await.map(|verdict| verdict.acceptance) {
        Ok(Acceptance::Accepted) => "active",
        Ok(Acceptance::Rejected) => "inactive",
        Ok(Acceptance::Unclear) => "unclear",
        Err(_) => "refused",
    };
    format!("introspect live: access {}, refresh {}", said(TokenKind::Access).await, said(TokenKind::Refresh).await)
}

/// The negative control: a service that accepts anything proves nothing.
async fn invented(logins: &Logins<'_>) -> String {
    let a = login(logins.client).await;
    format!("made-up access token: {}", used(logins.client, &made_up(of(&a, TokenKind::Access))).await)
}
