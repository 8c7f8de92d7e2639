//! ID tokens are verified once the tokens are saved: by whose keys, when without a question, and what becomes of the session.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use crate::support::server;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use server::{Answer, Received, Server};
use tokscope::{
    auth::{NoInteraction, TokenKind, TokenSet},
    clock,
    http::ExchangeOutcome,
    profile::{Profile, ProfileName},
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{secrets::Secrets, vault::Vault},
};

const SECRET: &str = "a-secret-of-this-test-that-is-long-enough-0123456789";

/// An issuer with one key, and what it answers.
struct Issuer {
    key: Ed25519KeyPair,
    /// The claims of its ID tokens; `ISS` is the issuer, `EXP` in an hour.
    claims: String,
    header: &'static str,
    /// The signature is that of another message.
    altered: bool,
    /// Where its metadata says that its keys are; `HOST` is its own.
    jwks_uri: String,
    jwks: Option<Answer>,
}

impl Issuer {
    fn new() -> Self {
        Self {
            key: Ed25519KeyPair::generate().unwrap(),
            claims: r#"{"iss":"ISS","aud":"cli","sub":"1","exp":EXP}"#.to_owned(),
            header: r#"{"alg":"EdDSA","kid":"k1"}"#,
            altered: false,
            jwks_uri: "HOST/jwks".to_owned(),
            jwks: None,
        }
    }

    fn claiming(claims: &str) -> Self {
        Self { claims: claims.to_owned(), ..Self::new() }
    }

    fn answer(&self, request: &Received) -> Answer {
        let host = format!("http://{}", request.header("host").unwrap());
        match request.line.split_once(' ').unwrap().1 {
            "/.well-known/openid-configuration" => {
                let jwks_uri = self.jwks_uri.replace("HOST", &host);
                let json = format!(r#"{{"issuer":"{host}","token_endpoint":"{host}/token","jwks_uri":"{jwks_uri}"}}"#);
                Answer::json(200, &json)
            }
            "/jwks" => self.jwks.clone().unwrap_or_else(|| {
                let x = URL_SAFE_NO_PAD.encode(self.key.public_key().as_ref());
                Answer::json(200, &format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"{x}"}}]}}"#))
            }),
            "/token" => {
                let reply =
                    r#"{"access_token":"new-access","refresh_token":"rotated","token_type":"Bearer","id_token":"ID"}"#;
                Answer::json(200, &reply.replace("ID", &self.id_token(&host)))
            }
            _ => Answer::html(404, "Not found"),
        }
    }

    fn id_token(&self, issuer: &str) -> String {
        let exp = (clock::now().timestamp() + 3_600).to_string();
        let claims = self.claims.replace("ISS", issuer).replace("EXP", &exp);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(self.header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match self.header.contains("HS256") {
            true => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
                aws_lc_rs::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            false if self.header.contains("none") => Vec::new(),
            false => {
                let message = if self.altered { "another" } else { signed.as_str() };
                self.key.sign(message.as_bytes()).as_ref().to_vec()
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

struct World {
    server: Server,
    session: Session,
    profile: Profile,
}

impl World {
    async fn new(issuer: Issuer) -> Self {
        let server = Server::start(move |request| issuer.answer(request)).await;
        let settings = [
            ("issuer", server.url().as_str()),
            ("client_id", "cli"),
            ("client_secret", &format!("plain:{SECRET}")),
            ("grant", "password"),
            ("username", "ada"),
            ("password", "plain:p"),
            ("scope", "openid"),
            ("timeout", "1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let profile = Profile {
            name: ProfileName::new("p").unwrap(),
            provider: "oauth2".to_owned(),
            settings: settings.into(),
            environment: None,
            tags: Vec::new(),
        };
        let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::memory()));
        Self { server, session, profile }
    }

    async fn login(&self) -> TokenSet {
        self.session.login(&self.profile, &NoInteraction).await.unwrap()
    }

    async fn refresh(&self) -> TokenSet {
        self.session.refresh(&self.profile, None, &NoInteraction).await.unwrap()
    }

    /// Why the vault says that no refresh shall begin unasked.
    fn doubt(&self) -> Option<String> {
        self.session.condition(&self.profile.name).unwrap().doubt.map(|doubt| doubt.words)
    }

    fn saved(&self, kind: TokenKind) -> Option<String> {
        let set = self.session.token_set(&self.profile.name).unwrap().unwrap();
        set.token(kind).map(|token| token.raw.expose_secret().to_owned())
    }

    fn fetched(&self) -> usize {
        self.server.received().iter().filter(|request| request.line == "GET /jwks").count()
    }
}

#[tokio::test]
async fn a_good_id_token_is_verified_without_a_word_and_its_keys_are_fetched_once() {
    let world = World::new(Issuer::new()).await;
    assert_eq!(world.login().await.remarks, [""; 0]);
    assert_eq!(world.refresh().await.remarks, [""; 0]);
    assert_eq!((world.doubt(), world.fetched()), (None, 1));
    let exchange = world.session.exchange(&world.profile.name).unwrap();
    assert!(exchange.request_line.ends_with("/token"), "the keys are no exchange: {exchange:?}");
    assert!(matches!(exchange.outcome, ExchangeOutcome::Answered { status: 200, .. }));
}

#[tokio::test]
async fn an_invalid_id_token_costs_no_session_and_waits_for_the_user() {
    let signed = |header, altered| Issuer { header, altered, ..Issuer::new() };
    let with = Issuer::claiming;
    let cases = [
        (signed(r#"{"alg":"EdDSA","kid":"k1"}"#, true), "none of its issuer's keys", 1),
        (signed(r#"{"alg":"EdDSA","kid":"k2"}"#, false), "kid k2", 1),
        (signed(r#"{"alg":"none"}"#, false), "", 1),
        (with(r#"{"iss":"https://b.example","aud":"cli","exp":EXP}"#), "iss", 0),
        (with(r#"{"iss":"ISS","aud":"another","exp":EXP}"#), "aud", 0),
        (with(r#"{"iss":"ISS","aud":["x","cli"],"azp":"x","exp":EXP}"#), "azp", 0),
        (with(r#"{"iss":"ISS","aud":"cli","exp":1000}"#), "expired", 0),
        (with(r#"{"iss":"ISS","aud":"cli"}"#), "no exp", 0),
    ];
    for (issuer, words, fetched) in cases {
        let world = World::new(issuer).await;
        for set in [world.login().await, world.refresh().await] {
            assert!(
                set.remarks.iter().any(|remark| remark.contains("ID token is not valid")),
                "{words}: {:?}",
                set.remarks
            );
            let doubt = world.doubt().unwrap_or_else(|| panic!("{words}: no doubt"));
            assert!(doubt.contains(words), "{words}: {doubt}");
            assert_eq!(world.saved(TokenKind::Access).as_deref(), Some("new-access"), "{words}");
            assert_eq!(world.saved(TokenKind::Refresh).as_deref(), Some("rotated"), "{words}");
        }
        assert_eq!(world.fetched().min(1), fetched, "{words}: the claims need no keys");
    }
}

#[tokio::test]
async fn what_cannot_be_verified_is_said_and_holds_nothing_up() {
    let elsewhere = Server::always(Answer::json(200, r#"{"keys":[]}"#)).await;
    let at = |jwks_uri: String| Issuer { jwks_uri, ..Issuer::new() };
    let answering = |jwks| Issuer { jwks: Some(jwks), ..Issuer::new() };
    let cases = [
        (at(format!("{}/keys", elsewhere.url())), "set verify_key to that URL"),
        (at(String::new()), "no issuer that publishes"),
        (answering(Answer::Silence), "cannot get its issuer's keys"),
        (answering(Answer::Cut), "cannot get its issuer's keys"),
        (answering(Answer::html(500, "Oops")), "HTTP 500"),
        (answering(Answer::html(200, "Sign in")), "cannot get its issuer's keys"),
    ];
    for (issuer, words) in cases {
        let world = World::new(issuer).await;
        let set = world.login().await;
        let remarks = set.remarks.join("\n");
        assert!(remarks.contains("ID token is not verified") && remarks.contains(words), "{words}: {remarks}");
        assert_eq!(world.refresh().await.remarks, [""; 0], "{words}: a login has said it");
        assert_eq!((world.doubt(), world.saved(TokenKind::Refresh).as_deref()), (None, Some("rotated")), "{words}");
    }
    assert!(elsewhere.received().is_empty(), "nobody agreed to that host");
}

#[tokio::test]
async fn a_clients_secret_verifies_what_is_signed_with_it() {
    let world = World::new(Issuer { header: r#"{"alg":"HS256"}"#, ..Issuer::new() }).await;
    assert_eq!(world.login().await.remarks, [""; 0]);
    assert_eq!((world.doubt(), world.fetched()), (None, 0));
}

/// The keys may never come; the tokens are in the vault before that is known.
#[tokio::test]
async fn tokens_are_saved_before_the_keys_are_fetched() {
    let world = World::new(Issuer { jwks: Some(Answer::Silence), ..Issuer::new() }).await;
    let login = world.session.login(&world.profile, &NoInteraction);
    tokio::pin!(login);
    while world.fetched() == 0 {
        tokio::select! { biased;
            set = &mut login => panic!("the keys are still under way: {set:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(world.saved(TokenKind::Refresh).as_deref(), Some("rotated"));
}
