//! What the demo starts with.

use reqwest::Method;
use serde_json::json;
use tokscope::{auth::TokenKind, secret::ExposeSecret as _};

use crate::demo::client::{Demo, NOW, decode, segments};

#[tokio::test]
async fn the_seeds_are_alive_dying_and_dead_and_the_server_knows_them() {
    let demo = Demo::start().await;
    let mut left = Vec::new();
    for (name, token_set) in demo.server.seeds() {
        let raw = |kind| token_set.token(kind).map(|token| token.raw.expose_secret().to_owned());
        let kind = token_set.tokens[0].kind;
        assert_eq!(kind == TokenKind::Unknown, name.as_str() == "vendor-key", "{name}");
        let (access, refresh) = (raw(kind).expect("an access token"), raw(TokenKind::Refresh));
        let said = token_set.token(kind).and_then(|token| token.expires_at);
        let end = said.map_or_else(|| decode(&access).2["exp"].as_i64().expect("an end"), |end| end.timestamp());
        let (path, scheme) = match name.as_str() {
            "seta-files" => ("/authentication/v1/user-info", "Bearer"),
            "passwork-vault" => ("/api/v1/users/info", "Bearer"),
            "sso-prod" => ("/api/checked/me", "Bearer"),
            "partner-api" => ("/liar/noop/api/checked/me", "Bearer"),
            "vendor-key" => ("/api/me", "Bearer"),
            _ => ("/api/user/v1/me", "JWT"),
        };
        let status = demo.get(path, &format!("{scheme} {access}")).await.status;
        assert_eq!(status, if end > NOW { 200 } else { 401 }, "{name}");
        left.push((name.to_string(), end - NOW));

        let Some(refresh) = refresh else { continue };
        let answer = match name.as_str() {
            "seta-files" => {
                let headers = [("authorization", &*format!("Bearer {refresh}"))];
                demo.send(Method::POST, "/authentication/v1/token/refresh", &headers, String::new()).await
            }
            "passwork-vault" => {
                let headers = [("authorization", &*format!("Bearer {access}"))];
                demo.json("/api/v1/sessions/refresh", &json!({"refreshToken": refresh}), &headers).await
            }
            "sso-prod" | "partner-api" => {
                let path = if name.as_str() == "sso-prod" { "/oidc/token" } else { "/liar/noop/oidc/token" };
                let client = ("client_id", "opaque-legacy");
                demo.form(path, &[("grant_type", "refresh_token"), client, ("refresh_token", &refresh)]).await
            }
            _ => {
                let client = ("client_id", "login-service-client-id");
                let fields = [("grant_type", "refresh_token"), client, ("refresh_token", &refresh)];
                demo.form("/oauth2/access_token", &fields).await
            }
        };
        assert_eq!(answer.status, 200, "{name}");
    }
    let expected = [
        ("lms-prod", 90),
        ("grades-worker", -7_200),
        ("passwork-vault", -60),
        ("seta-files", 20),
        ("seta-files", 25),
        ("sso-prod", 90),
        ("partner-api", 90),
        ("vendor-key", 90),
        ("lms-staging", 840),
        ("lms-staging", 90),
        ("keycloak-old", -7_200),
    ];
    assert_eq!(left, expected.map(|(name, seconds)| (name.to_owned(), seconds)));
}

#[tokio::test]
async fn every_profile_points_to_this_server_and_fits_its_provider() {
    let demo = Demo::start().await;
    let profiles = demo.server.profiles();
    assert_eq!(profiles.len(), 14, "a fleet");
    let environments: std::collections::BTreeSet<_> =
        profiles.iter().filter_map(|profile| profile.environment.as_deref()).collect();
    assert_eq!(environments.into_iter().collect::<Vec<_>>(), ["dev", "prod", "staging"]);
    for profile in profiles {
        // An OpenID provider is named by its issuer, a pasted token by where it is tried.
        let url =
            ["url", "issuer", "probe_url"].into_iter().find_map(|key| profile.settings.get(key)).expect("a place");
        assert!(url.starts_with(demo.server.url()), "{}", profile.name);
        let provider = tokscope::providers::by_id(&profile.provider).expect("a provider that exists");
        let settings = tokscope::auth::Settings::parse(provider.descriptor(), &profile);
        assert!(settings.is_ok(), "{}: {:?}", profile.name, settings.err());
    }
}

#[tokio::test]
async fn the_samples_are_what_their_names_say() {
    let demo = Demo::start().await;
    let samples = demo.server.samples();
    let sample =
        |start: &str| &samples.iter().find(|(name, _)| name.starts_with(start)).unwrap_or_else(|| panic!("{start}")).1;
    assert_eq!(sample("encrypted").split('.').count(), 5);
    assert!(sample("not signed").ends_with('.'));
    assert!(sample("as copied").starts_with("\"Authorization: Bearer ey"));
    let [_, odd] = segments(sample("odd numbers"));
    assert!(odd.contains("123456789012345678901234567890") && odd.matches("\"role\"").count() == 2);
    assert!(segments(sample("deceptive"))[1].contains("ad\u{200b}min"));
}

#[tokio::test]
async fn the_description_holds_what_a_client_needs() {
    let demo = Demo::start().await;
    let description = demo.server.description();
    assert_eq!(description["url"], demo.server.url());
    assert_eq!(description["openedx"]["users"][0]["username"], "ada");
    assert!(description["faults"].as_object().unwrap().keys().all(|url| url.starts_with(demo.server.url())));
}

/// An ordinary token calls for no answer: nothing above the rank of good to know, but that Open edX's development secret is
/// in its documentation.
#[tokio::test]
async fn no_wolf_is_cried_on_the_tokens_of_the_demo() {
    use tokscope::token::findings::{Severity, findings};
    let demo = Demo::start().await;
    let now = tokscope::clock::parse(&NOW.to_string()).unwrap();
    let mut grave = Vec::new();
    for (name, token_set) in demo.server.seeds() {
        for issued in &token_set.tokens {
            let found = findings(&tokscope::token::Token::inspect(issued.raw.expose_secret()), now);
            grave.extend(found.iter().filter(|it| it.severity > Severity::Info).map(|it| (name.to_string(), it.code)));
        }
    }
    let edx = ["lms-prod", "grades-worker", "lms-staging", "lms-staging", "keycloak-old"];
    assert_eq!(grave, edx.map(|name| (name.to_owned(), "weak-secret")));
}
