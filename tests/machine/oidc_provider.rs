//! The provider `oauth2` against npm's `oidc-provider`, which is certified by the OpenID Foundation and was not written
//! by us. `tests/machine/oidc_provider.sh` starts it and names its issuer in `TOKSCOPE_OIDC_PROVIDER`; without, the tests
//! say loudly that nothing was tested.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy takes for product code")]

use crate::{
    support::user,
    table::{self, Logins},
    verdict,
};
use tokscope::auth::{Acceptance, Fate, TokenKind, TokenSet};
use user::{Client, raw, refusal};

/// The issuer, where one runs.
fn issuer() -> Option<String> {
    table::server("TOKSCOPE_OIDC_PROVIDER", "tests/machine/oidc_provider.sh")
}

fn client(issuer: &str, settings: &[(&str, &str)]) -> Client {
    Client::new(&[&[("issuer", issuer)], settings].concat())
}

/// The public client, with a user who approves everything.
fn cli(issuer: &str, grant: &str) -> Client {
    // The certified server gives offline_access only where consent was asked for (OpenID Connect Core §11).
    let settings = [
        ("client_id", "cli"),
        ("grant", grant),
        ("scope", "openid profile offline_access"),
        ("parameters", "prompt=consent"),
    ];
    client(issuer, &settings)
}

async fn acceptance(client: &Client, set: &TokenSet, kind: TokenKind) -> Acceptance {
    client.probe(set, kind).await.unwrap().acceptance
}

#[tokio::test]
async fn client_credentials_by_every_proof() {
    let Some(issuer) = issuer() else { return };
    #[allow(clippy::disallowed_methods, reason = "fetches the test's key, not what is tested")]
    let pem = reqwest::Client::builder().no_proxy().build().unwrap();
    let pem = pem.get(format!("{issuer}/robot.pem")).send().await.unwrap().text().await.unwrap();
    for (id, auth, field, secret) in [
        ("odd:machine", "basic", "client_secret", "p@ss:w%rd +/~"),
        ("odd:poster", "body", "client_secret", "p@ss:w%rd +/~"),
        ("robot", "private_key_jwt", "private_key", pem.as_str()),
    ] {
        let settings = [
            ("client_id", id),
            ("client_auth", auth),
            (field, "env:S"),
            ("grant", "client_credentials"),
            ("scope", "api"),
        ];
        let client = client(&issuer, &settings).secret("S", secret);
        let set = client.login().await.unwrap_or_else(|error| panic!("{auth}: {error}"));
        assert_eq!(set.scope.as_deref(), Some("api"));
        assert_eq!(acceptance(&client, &set, TokenKind::Access).await, Acceptance::Accepted, "introspection, {auth}");
        assert_eq!(client.revoke(&set).await.unwrap().tokens, [(TokenKind::Access, Fate::Asked(200))]);
        assert_eq!(acceptance(&client, &set, TokenKind::Access).await, Acceptance::Rejected, "after revoking, {auth}");
    }
    let settings = [("client_id", "odd:machine"), ("client_secret", "env:S"), ("grant", "client_credentials")];
    let error = client(&issuer, &settings).secret("S", "wrong").login().await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_client", false));
}

#[tokio::test]
async fn code_with_pkce_then_rotation_and_replay() {
    let Some(issuer) = issuer() else { return };
    let client = cli(&issuer, "authorization_code");
    let first = client.login().await.unwrap();
    assert_eq!(first.account.as_deref(), Some("ada"));
    assert_eq!(first.remarks, [""; 0]);
    assert!(first.tokens[0].expires_at.is_some());
    let verdict = client.probe(&first, TokenKind::Access).await.unwrap();
    assert_eq!((verdict.acceptance, verdict.account.as_deref()), (Acceptance::Accepted, Some("ada")), "userinfo");

    let second = client.refresh(&first).await.unwrap();
    assert_ne!(raw(&first, TokenKind::Refresh), raw(&second, TokenKind::Refresh));
    assert_eq!(acceptance(&client, &second, TokenKind::Refresh).await, Acceptance::Accepted, "introspection");
    assert_eq!(refusal(&client.refresh(&first).await.unwrap_err()), ("invalid_grant", true));
    let error = client.refresh(&second).await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_grant", true), "the replay has killed the whole grant");
}

#[tokio::test]
async fn device_code_then_revocation() {
    let Some(issuer) = issuer() else { return };
    let client = cli(&issuer, "device_code");
    let set = client.login().await.unwrap();
    assert_eq!(set.account.as_deref(), Some("ada"));
    let fates = client.revoke(&set).await.unwrap().tokens;
    assert_eq!(fates[..2], [(TokenKind::Refresh, Fate::Asked(200)), (TokenKind::Access, Fate::Asked(200))]);
    assert_eq!(acceptance(&client, &set, TokenKind::Access).await, Acceptance::Rejected);
    assert_eq!(refusal(&client.refresh(&set).await.unwrap_err()), ("invalid_grant", true));
}

#[tokio::test]
async fn a_scope_that_the_client_may_not_have_is_refused() {
    let Some(issuer) = issuer() else { return };
    let settings = [
        ("client_id", "odd:machine"),
        ("client_secret", "env:S"),
        ("grant", "client_credentials"),
        ("scope", "profile"),
    ];
    let error = client(&issuer, &settings).secret("S", "p@ss:w%rd +/~").login().await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_scope", false));
}

#[tokio::test]
async fn what_ends_what_in_different_browsers() {
    let Some(issuer) = issuer() else { return };
    let cli = cli(&issuer, "authorization_code");
    let other =
        client(&issuer, &[("client_id", "odd:machine"), ("client_secret", "env:S"), ("grant", "client_credentials")]);
    let other = other.secret("S", "p@ss:w%rd +/~");
    let logins = Logins { client: &cli, other: &other, revocation: &format!("{issuer}/token/revocation") };
    table::is(
        &logins,
        &[
            "revoke A.refresh: A access dead, refresh dead; B access alive, refresh alive",
            "revoke A.access: A access dead, refresh dead; B access alive, refresh alive",
            "refresh A: A access alive, refresh dead 400 invalid_grant",
            "replay A: A2 access dead, refresh dead; B access alive, refresh alive",
            "refresh A, revoke A.refresh: A2 access dead, refresh dead",
            "refresh A, revoke A.access: A2 access dead, refresh dead",
            "revoke: unknown 200, dead 200, another client's 400 and alive, no client 400",
            "introspect live: access active, refresh active",
            "made-up access token: dead",
        ],
    )
    .await;
}

/// One grant for each browser session and client: what ends the old session ends the new one.
#[tokio::test]
async fn what_ends_what_in_the_same_browser() {
    let Some(issuer) = issuer() else { return };
    let cli = cli(&issuer, "authorization_code").in_one_browser();
    let logins = Logins { client: &cli, other: &cli, revocation: "" };
    assert_eq!(
        [table::revoked(&logins, TokenKind::Refresh).await, table::replayed(&logins).await],
        [
            "revoke A.refresh: A access dead, refresh dead; B access dead, refresh dead",
            "replay A: A2 access dead, refresh dead; B access dead, refresh dead",
        ]
    );
}

/// Nobody is asked to log in then, and without a new session there is no control: nothing is claimed.
const IN_PANIC: &str = "revoked; access Unknown, seen by introspect; refresh Unknown, seen by introspect";

#[tokio::test]
async fn the_verdicts_are_right() {
    let Some(issuer) = issuer() else { return };
    verdict::are(
        &cli(&issuer, "authorization_code"),
        ["rotated; access Dead, seen by use; refresh Dead, seen by introspect", IN_PANIC],
    )
    .await;
}

#[tokio::test]
async fn the_verdicts_are_right_in_one_browser() {
    let Some(issuer) = issuer() else { return };
    verdict::are(
        &cli(&issuer, "authorization_code").in_one_browser(),
        ["rotated, recovered; access Dead, seen by use; refresh Dead, seen by introspect", IN_PANIC],
    )
    .await;
}

#[tokio::test]
async fn the_verdicts_are_right_of_a_machine() {
    let Some(issuer) = issuer() else { return };
    let settings = [("client_id", "odd:machine"), ("client_secret", "env:S"), ("grant", "client_credentials")];
    verdict::are(
        &client(&issuer, &settings).secret("S", "p@ss:w%rd +/~"),
        ["rotated; access Dead, seen by introspect"; 2],
    )
    .await;
}

/// The client whose access tokens are JWTs: the server does not know them again, neither to revoke nor to judge.
fn signed(issuer: &str) -> Client {
    let scope = ("scope", "openid profile offline_access api");
    client(issuer, &[("client_id", "signed"), scope, ("parameters", "prompt=consent")])
}

#[tokio::test]
async fn what_ends_what_of_signed_tokens() {
    let Some(issuer) = issuer() else { return };
    let (signed, other) = (signed(&issuer), cli(&issuer, "authorization_code"));
    let logins = Logins { client: &signed, other: &other, revocation: &format!("{issuer}/token/revocation") };
    table::is(
        &logins,
        &[
            "revoke A.refresh: A access bare 401, refresh dead; B access bare 401, refresh alive",
            "revoke A.access: not revoked; A access bare 401, refresh alive; B access bare 401, refresh alive",
            "refresh A: A access bare 401, refresh dead 400 invalid_grant",
            "replay A: A2 access bare 401, refresh dead; B access bare 401, refresh alive",
            "refresh A, revoke A.refresh: A2 access bare 401, refresh dead",
            "refresh A, revoke A.access: A2 access bare 401, refresh alive",
            "revoke: unknown refused, dead refused, another client's refused and bare 401, no client 400",
            "introspect live: access unclear, refresh active",
            "made-up access token: bare 401",
        ],
    )
    .await;
}

/// Nothing can judge the new session, and the login may be of the same grant: nothing is ended without a panic.
#[tokio::test]
async fn the_verdicts_are_right_of_signed_tokens() {
    let Some(issuer) = issuer() else { return };
    let expected = [
        "rotated; access AliveUntil, seen by introspect; refresh Alive, seen by introspect",
        "revoked; access AliveUntil, seen by introspect; refresh Unknown, seen by introspect",
    ];
    verdict::are(&signed(&issuer), expected).await;
}
