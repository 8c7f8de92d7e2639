//! What ends what at django-oauth-toolkit, opaque tokens. `tests/machine/django_oauth_toolkit.sh` starts it and names its issuer
//! in `TOKSCOPE_DJANGO_OAUTH_TOOLKIT`.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy takes for product code")]

use crate::{
    support::user::Client,
    table::{self, Logins},
    verdict,
};
use tokscope::auth::{Acceptance, TokenKind};

fn client(issuer: &str, id: &str, more: &[(&str, &str)]) -> Client {
    let (revocation, introspection) = (format!("{issuer}/revoke_token/"), format!("{issuer}/introspect/"));
    let settings = [
        ("issuer", issuer),
        ("revocation_endpoint", &revocation),
        ("introspection_endpoint", &introspection),
        ("client_id", id),
        ("client_secret", "env:S"),
        ("scope", "openid read"),
    ];
    let user = [("grant", "password"), ("username", "ada"), ("password", "env:P")];
    let client = Client::new(&[&settings[..], &user, more].concat());
    client.secret("S", &format!("{id}-secret")).secret("P", "analytical-engine")
}

#[tokio::test]
async fn what_ends_what() {
    let Some(issuer) = table::server("TOKSCOPE_DJANGO_OAUTH_TOOLKIT", "tests/machine/django_oauth_toolkit.sh") else {
        return;
    };
    let (cli, other) = (client(&issuer, "cli", &[]), client(&issuer, "other", &[]));
    let logins = Logins { client: &cli, other: &other, revocation: &format!("{issuer}/revoke_token/") };
    table::is(
        &logins,
        &[
            "revoke A.refresh: A access dead, refresh dead; B access alive, refresh alive",
            "revoke A.access: A access dead, refresh dead; B access alive, refresh alive",
            "refresh A: A access dead, refresh dead 400 invalid_grant",
            "replay A: A2 access dead, refresh dead; B access alive, refresh alive",
            "refresh A, revoke A.refresh: A2 access alive, refresh alive",
            "refresh A, revoke A.access: A2 access alive, refresh alive",
            "revoke: unknown 200, dead 200, another client's 200 and alive, no client 401",
            // A live refresh token, of which the server says that it is not: its word proves nothing.
            "introspect live: access active, refresh inactive",
            "made-up access token: dead",
        ],
    )
    .await;

    // An API of its own answers 403 without a word why: that is not a refusal of the token.
    let at_api = client(&issuer, "cli", &[("userinfo_endpoint", &issuer.replace("/o", "/api/me"))]);
    let set = at_api.login().await.unwrap();
    let access = set.token(TokenKind::Access).unwrap();
    assert_eq!(at_api.present(access).await.unwrap().acceptance, Acceptance::Accepted);
    at_api.end(access, true).await.unwrap();
    assert_eq!(at_api.present(access).await.unwrap().acceptance, Acceptance::Unclear);
}

/// By the database, where `variable` names a server.
async fn verdicts_are(variable: &str, expected: [&str; 3]) {
    let Some(issuer) = table::server(variable, "tests/machine/django_oauth_toolkit.sh") else { return };
    let database = issuer.replace("/o", "/truth");
    verdict::are_by(&database, &client(&issuer, "cli", &[]), expected).await;
}

const DEAD: &str = "rotated; access Dead, seen by use; refresh Dead, seen by replay";
/// A replay would end the new session.
const REFRESHED: &str = "rotated; access Dead, seen by use; refresh Unknown, seen by introspect";

#[tokio::test]
async fn the_verdicts_are_right() {
    verdicts_are("TOKSCOPE_DJANGO_OAUTH_TOOLKIT", [DEAD, DEAD, REFRESHED]).await;
}

#[tokio::test]
async fn the_verdicts_are_right_with_a_grace_period() {
    verdicts_are("TOKSCOPE_DJANGO_OAUTH_TOOLKIT_GRACE", [DEAD, DEAD, REFRESHED]).await;
}

#[tokio::test]
async fn the_verdicts_are_right_without_rotation() {
    verdicts_are("TOKSCOPE_DJANGO_OAUTH_TOOLKIT_NO_ROTATION", [DEAD, DEAD, REFRESHED]).await;
}
