//! What ends what at glewlwyd 2.7.5, JWT access tokens. `tests/machine/glewlwyd.sh` starts it and names its issuer in
//! `TOKSCOPE_GLEWLWYD`.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy takes for product code")]

use crate::{
    support::user::Client,
    table::{self, Logins},
    verdict,
};
use tokscope::auth::{Fate, TokenKind};

fn client(issuer: &str, id: &str) -> Client {
    let settings = [
        ("issuer", issuer),
        ("grant", "password"),
        ("client_id", id),
        ("client_secret", "env:S"),
        ("username", "ada"),
        ("password", "env:P"),
        ("scope", "openid"),
    ];
    Client::new(&settings).secret("S", &format!("{id}-secret")).secret("P", "analytical-engine")
}

#[tokio::test]
async fn what_ends_what() {
    let Some(issuer) = table::server("TOKSCOPE_GLEWLWYD", "tests/machine/glewlwyd.sh") else { return };
    let (cli, other) = (client(&issuer, "cli"), client(&issuer, "other"));
    let logins = Logins { client: &cli, other: &other, revocation: &format!("{issuer}/revoke") };
    table::is(
        &logins,
        &[
            "revoke A.refresh: A access alive, refresh refused; B access alive, refresh alive",
            "revoke A.access: A access bare 401, refresh alive; B access alive, refresh alive",
            // An empty body: the status alone.
            "refresh A: A access alive, refresh refused 400",
            "replay A: A2 access alive, refresh refused; B access alive, refresh alive",
            "refresh A, revoke A.refresh: A2 access alive, refresh alive",
            "refresh A, revoke A.access: A2 access alive, refresh alive",
            "revoke: unknown 200, dead 200, another client's 200 and alive, no client 401",
            "introspect live: access active, refresh active",
            "made-up access token: bare 401",
        ],
    )
    .await;
}

/// RFC 7009 §2.1 demands a wider search; this server says 200 and ends nothing.
#[tokio::test]
async fn a_wrong_hint_ends_nothing() {
    let Some(issuer) = table::server("TOKSCOPE_GLEWLWYD", "tests/machine/glewlwyd.sh") else { return };
    let cli = client(&issuer, "cli");
    let set = cli.login().await.unwrap();
    let mut wrong = set.token(TokenKind::Refresh).unwrap().clone();
    wrong.kind = TokenKind::Access;
    assert_eq!(cli.end(&wrong, true).await.unwrap(), Fate::Asked(200));
    assert!(cli.refresh(&set).await.is_ok(), "it is alive");
}

#[tokio::test]
async fn the_verdicts_are_right() {
    let Some(issuer) = table::server("TOKSCOPE_GLEWLWYD", "tests/machine/glewlwyd.sh") else { return };
    verdict::are(
        &client(&issuer, "cli"),
        ["rotated; access AliveUntil, seen by introspect; refresh Dead, seen by introspect"; 2],
    )
    .await;
}
