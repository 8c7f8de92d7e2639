//! What the demo starts with.

use tokscope::{auth::TokenKind, secret::ExposeSecret as _};

use crate::client::{Demo, NOW, segments};

#[tokio::test]
async fn the_seeds_are_alive_dying_and_dead_and_the_server_knows_them() {
    let demo = Demo::start().await;
    let mut left = Vec::new();
    for (name, token_set) in demo.server.seeds() {
        let access = token_set.token(TokenKind::Access).expect("an access token");
        let seconds = access.expires_at.expect("an expiry").timestamp() - NOW;
        left.push((name.to_string(), seconds));
        let status = demo.get("/api/user/v1/me", &format!("JWT {}", access.raw.expose_secret())).await.status;
        assert_eq!(status, if seconds > 0 { 200 } else { 401 }, "{name}");
        if let Some(refresh) = token_set.token(TokenKind::Refresh) {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", "login-service-client-id"),
                ("refresh_token", refresh.raw.expose_secret()),
            ];
            assert_eq!(demo.form("/oauth2/access_token", &fields).await.status, 200, "{name}");
        }
    }
    let expected = [("edx-learner", 90), ("edx-staff", 25), ("edx-service", -7_200), ("edx-broken", -7_200)];
    assert_eq!(left, expected.map(|(name, seconds)| (name.to_owned(), seconds)));
}

#[tokio::test]
async fn every_profile_points_to_this_server_and_fits_its_provider() {
    let demo = Demo::start().await;
    let profiles = demo.server.profiles();
    assert!(profiles.len() >= 6);
    for profile in profiles {
        assert!(profile.settings["url"].starts_with(demo.server.url()), "{}", profile.name);
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
    assert!(segments(sample("characters"))[1].contains("ad\u{200b}min"));
}

#[tokio::test]
async fn the_description_holds_what_a_client_needs() {
    let demo = Demo::start().await;
    let description = demo.server.description();
    assert_eq!(description["url"], demo.server.url());
    assert_eq!(description["openedx"]["users"][0]["username"], "ada");
    assert!(description["faults"].as_object().unwrap().keys().all(|url| url.starts_with(demo.server.url())));
}
