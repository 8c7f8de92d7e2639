//! Servers that lie: what each mode answers, what its services do afterwards, and what is true.

use reqwest::Method;
use serde_json::{Value, json};
use tokscope::{demo::Options, secret::Fingerprint};

use crate::demo::client::{Answer, Demo, decode};

/// A server of one mode, as one of its clients sees it.
pub(crate) struct Site<'a> {
    demo: &'a Demo,
    mode: &'a str,
    client: &'static str,
}

/// The tokens of a login.
struct Pair {
    access: String,
    refresh: String,
}

pub(crate) async fn with_truth() -> Demo {
    Demo::start_with(Options { truth: true, access_ttl: 3_600, ..Options::default() }).await
}

impl Site<'_> {
    fn at(&self, path: &str) -> String {
        format!("/liar/{}{path}", self.mode)
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.demo.form(&self.at(path), &[fields, &[("client_id", self.client)]].concat()).await
    }

    async fn login(&self) -> Pair {
        let user = [("grant_type", "password"), ("username", "ada"), ("password", "analytical-engine")];
        pair(&self.form("/oidc/token", &user).await)
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.form("/oidc/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn revoke(&self, token: &str, hint: &str) -> u16 {
        let hint = [("token_type_hint", hint)];
        let hint = if hint[0].1.is_empty() { &[][..] } else { &hint };
        self.form("/oidc/revoke", &[&[("token", token)], hint].concat()).await.status
    }

    /// Who says yes: `U` userinfo, `C` the API that asks the server, `O` the one that verifies offline, `I` introspection,
    /// `R` introspection of the refresh token.
    async fn seen(&self, pair: &Pair) -> String {
        let mut seen = String::new();
        for (letter, path) in [('U', "/oidc/userinfo"), ('C', "/api/checked/me"), ('O', "/api/me")] {
            let status = self.demo.get(&self.at(path), &format!("Bearer {}", pair.access)).await.status;
            assert!([200, 401].contains(&status), "{path}: {status}");
            seen.push(if status == 200 { letter } else { '-' });
        }
        for (letter, token) in [('I', &pair.access), ('R', &pair.refresh)] {
            let active = self.form("/oidc/introspect", &[("token", token)]).await.json()["active"] == true;
            seen.push(if active { letter } else { '-' });
        }
        seen
    }

    /// The truth about who takes them: `U`, `C`, `O` as above, `R` the token endpoint.
    async fn truth(&self, pair: &Pair) -> String {
        let (access, refresh) = (truth(self.demo, &pair.access).await, truth(self.demo, &pair.refresh).await);
        let states = [
            ('U', &access["servers"]["authorization"]),
            ('C', &access["servers"]["checked"]),
            ('O', &access["servers"]["offline"]),
            ('R', &refresh["servers"]["authorization"]),
        ];
        states.iter().map(|(letter, state)| if **state == "alive" { *letter } else { '-' }).collect()
    }
}

fn pair(answer: &Answer) -> Pair {
    Pair { access: answer.text_at("access_token"), refresh: answer.text_at("refresh_token") }
}

async fn truth(demo: &Demo, token: &str) -> Value {
    demo.get(&format!("/truth/{}", Fingerprint::of(token)), "").await.json()
}

/// What the services say and what is true of the old login and of another one, after the old one's refresh token and then its
/// access token were revoked with a hint, and `wait` seconds have passed.
#[tokio::test]
async fn each_mode_lies_in_its_own_way() {
    #[rustfmt::skip]
    let table = [
        //  mode             JWTs: old seen, truth, other    opaque: old seen, truth, other
        ("honest",           0, ["--O--", "--O-", "UCOIR"], ["-----", "----", "UC-IR"]),
        ("noop",             9, ["UCOIR", "UCOR", "UCOIR"], ["UC-IR", "UC-R", "UC-IR"]),
        ("delay-5",          4, ["UCOIR", "UCOR", "UCOIR"], ["UC-IR", "UC-R", "UC-IR"]),
        ("delay-5",          5, ["--O--", "--O-", "UCOIR"], ["-----", "----", "UC-IR"]),
        ("twice",            9, ["UCOIR", "UCOR", "UCOIR"], ["UC-IR", "UC-R", "UC-IR"]),
        ("hint-broken",      9, ["UCOIR", "UCOR", "UCOIR"], ["UC-IR", "UC-R", "UC-IR"]),
        ("access-only",      0, ["--O-R", "--OR", "UCOIR"], ["----R", "---R", "UC-IR"]),
        ("refresh-only",     0, ["UCOI-", "UCO-", "UCOIR"], ["UC-I-", "UC--", "UC-IR"]),
        ("too-much",         0, ["--O--", "--O-", "--O--"], ["-----", "----", "-----"]),
        ("cached-5",         0, ["-COIR", "-CO-", "UCOIR"], ["-C-IR", "-C--", "UC-IR"]),
        ("cached-5",         5, ["--O--", "--O-", "UCOIR"], ["-----", "----", "UC-IR"]),
        ("blind-probe",      0, ["-----", "--O-", "---IR"], ["-----", "----", "---IR"]),
        ("open-probe",       0, ["UCO--", "--O-", "UCOIR"], ["UCO--", "----", "UCOIR"]),
        ("inactive-refresh", 0, ["--O--", "--O-", "UCOI-"], ["-----", "----", "UC-I-"]),
        ("shared-grant",     0, ["--O--", "--O-", "--O--"], ["-----", "----", "-----"]),
        ("revoke-503",       0, ["UCOIR", "UCOR", "UCOIR"], ["UC-IR", "UC-R", "UC-IR"]),
    ];
    for (mode, wait, jwt, opaque) in table {
        for (client, [old_seen, old_true, other_seen]) in [("legacy", jwt), ("opaque-legacy", opaque)] {
            let demo = with_truth().await;
            let site = Site { demo: &demo, mode, client };
            let (old, other) = (site.login().await, site.login().await);
            if mode == "cached-5" {
                assert_eq!(site.seen(&other).await[3..], *"--", "new tokens are not known yet");
                demo.advance(5);
            }
            let status = if mode == "revoke-503" { 503 } else { 200 };
            assert_eq!(site.revoke(&old.refresh, "refresh_token").await, status, "{mode}");
            assert_eq!(site.revoke(&old.access, "access_token").await, status, "{mode}");
            demo.advance(wait);
            assert_eq!(site.seen(&old).await, old_seen, "{mode}, {client}, the old login");
            assert_eq!(site.truth(&old).await, old_true, "{mode}, {client}, what is true");
            assert_eq!(site.seen(&other).await, other_seen, "{mode}, {client}, the other login");
            let works = site.refresh(&old.refresh).await.status == 200;
            assert_eq!(works, old_true.ends_with('R'), "{mode}, {client}: the token endpoint is true to the truth");
        }
    }
}

#[tokio::test]
async fn a_revocation_without_a_hint_or_a_second_one_helps() {
    for (mode, hint) in [("hint-broken", ""), ("twice", "refresh_token")] {
        let demo = with_truth().await;
        let site = Site { demo: &demo, mode, client: "opaque-legacy" };
        let old = site.login().await;
        site.revoke(&old.refresh, "refresh_token").await;
        assert_eq!(site.truth(&old).await, "UC-R", "{mode}");
        site.revoke(&old.refresh, hint).await;
        assert_eq!((site.truth(&old).await, site.seen(&old).await), ("----".to_owned(), "-----".to_owned()), "{mode}");
        assert_eq!(truth(&demo, &old.refresh).await["revocations"], 2);
    }
}

#[tokio::test]
async fn of_two_nodes_one_goes_on_accepting() {
    let demo = with_truth().await;
    let site = Site { demo: &demo, mode: "flap", client: "opaque-legacy" };
    let old = site.login().await;
    site.revoke(&old.refresh, "").await;
    let mut uses = Vec::new();
    for _ in 0..4 {
        let bearer = format!("Bearer {}", old.access);
        uses.push(demo.get(&site.at("/oidc/userinfo"), &bearer).await.status);
    }
    assert_eq!(uses, [401, 200, 401, 200]);
    assert_eq!(site.truth(&old).await, "UC--", "no refusal of one node is the truth");
}

#[tokio::test]
async fn refreshes_that_do_not_rotate_or_answer_twice() {
    let demo = with_truth().await;
    let site = |mode| Site { demo: &demo, mode, client: "legacy" };

    let kept = site("no-rotation");
    let first = kept.login().await;
    let second = pair(&kept.refresh(&first.refresh).await);
    assert!(second.refresh == first.refresh && second.access != first.access);
    assert_eq!(kept.truth(&first).await, "UCOR");

    let grace = site("grace-5");
    let first = grace.login().await;
    let reply = grace.refresh(&first.refresh).await;
    assert_ne!(pair(&reply).refresh, first.refresh);
    demo.advance(4);
    assert_eq!(grace.refresh(&first.refresh).await.json(), reply.json(), "the successor, to the letter");
    assert_eq!(truth(&demo, &first.refresh).await["servers"], json!({"authorization": "alive"}));
    demo.advance(1);
    assert_eq!(grace.refresh(&first.refresh).await.text_at("error"), "invalid_grant");
    let told = truth(&demo, &first.refresh).await;
    assert_eq!((&told["refreshes"], &told["replays"]), (&json!(1), &json!(1)));

    let same = site("same-token");
    let (first, second) = (same.login().await, same.login().await);
    assert!(first.access == second.access && first.refresh == second.refresh);
    assert_eq!(truth(&demo, &first.access).await["logins"], 2);
    same.revoke(&first.refresh, "").await;
    let third = same.login().await;
    assert_ne!(third.access, first.access, "what has ended is not returned");
    demo.advance(3_600);
    assert_ne!(same.login().await.access, third.access);
}

#[tokio::test]
async fn a_shared_grant_has_one_sid_and_others_have_their_own() {
    let demo = with_truth().await;
    for (mode, is_shared) in [("shared-grant", true), ("honest", false)] {
        let mut sids = Vec::new();
        for _ in 0..2 {
            let user = [("grant_type", "password"), ("username", "ada"), ("password", "analytical-engine")];
            let answer = Site { demo: &demo, mode, client: "legacy" }.form("/oidc/token", &user).await;
            sids.push(decode(&answer.text_at("id_token")).2["sid"].as_str().unwrap().to_owned());
        }
        assert_eq!(sids[0] == sids[1], is_shared, "{mode}");
    }
}

#[tokio::test]
async fn every_third_request_is_one_too_many_and_clocks_are_wrong() {
    let demo = with_truth().await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = demo.get("/liar/429-every-3/oidc/jwks", "").await;
        statuses.push((answer.status, answer.header("retry-after").to_owned()));
    }
    let good = (200, String::new());
    let limited = (429, "1".to_owned());
    assert_eq!(statuses, [&good, &good, &limited, &good, &good, &limited].map(Clone::clone));

    for (mode, skew) in [("honest", 0), ("skew-300", 300), ("skew--300", -300)] {
        let answer = demo.get(&format!("/liar/{mode}/oidc/jwks"), "").await;
        let date = chrono::DateTime::parse_from_rfc2822(answer.header("date")).expect("a date");
        assert_eq!(date.timestamp() - crate::demo::client::NOW, skew, "{mode}");
        let pair = Site { demo: &demo, mode, client: "legacy" }.login().await;
        assert_eq!(decode(&pair.access).2["iat"], crate::demo::client::NOW + skew, "{mode}");
    }
}

/// The addresses in the metadata are those of the prefix, at both places where a client looks for them.
#[tokio::test]
async fn a_prefix_is_a_server_of_its_own() {
    let demo = with_truth().await;
    let issuer = format!("{}/liar/noop.7/oidc", demo.server.url());
    let metadata = demo.get("/liar/noop.7/oidc/.well-known/openid-configuration", "").await.json();
    assert_eq!(metadata, demo.get("/.well-known/oauth-authorization-server/liar/noop.7/oidc", "").await.json());
    assert_eq!(
        (&metadata["issuer"], &metadata["revocation_endpoint"]),
        (&json!(issuer), &json!(format!("{issuer}/revoke")))
    );
    let page = demo.get("/liar/noop.7/oidc/device", "").await;
    assert_eq!(page.status, 200);

    let pair = Site { demo: &demo, mode: "noop.7", client: "opaque-legacy" }.login().await;
    let bearer = format!("Bearer {}", pair.access);
    for (prefix, status) in [("/liar/noop.7", 200), ("/liar/noop.8", 401), ("", 401)] {
        assert_eq!(demo.get(&format!("{prefix}/oidc/userinfo"), &bearer).await.status, status, "{prefix}");
    }
    let signed = Site { demo: &demo, mode: "noop.7", client: "legacy" }.login().await;
    let bearer = format!("Bearer {}", signed.access);
    for (prefix, status) in [("/liar/noop.7", 200), ("/liar/noop.8", 401), ("", 401)] {
        assert_eq!(demo.get(&format!("{prefix}/api/me"), &bearer).await.status, status, "{prefix}, offline");
        assert_eq!(demo.get(&format!("{prefix}/oidc/userinfo"), &bearer).await.status, status, "{prefix}");
    }
    for unknown in ["/liar/honesty/oidc/jwks", "/liar/delay-x/oidc/jwks", "/liar/noop"] {
        assert_eq!(demo.get(unknown, "").await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn the_modes_are_over_every_system() {
    let demo = with_truth().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "login-service-client-id"),
        ("username", "ada"),
        ("password", "analytical-engine"),
    ];
    for (mode, after) in [("honest", 401), ("noop", 200), ("open-probe", 200), ("refresh-only", 200)] {
        let tokens = demo.form(&format!("/liar/{mode}/oauth2/access_token"), &fields).await;
        let (access, refresh) = (tokens.text_at("access_token"), tokens.text_at("refresh_token"));
        let revoked = [fields[1], ("token", &refresh)];
        assert_eq!(demo.form(&format!("/liar/{mode}/oauth2/revoke_token"), &revoked).await.status, 200);
        let me = demo.get(&format!("/liar/{mode}/api/user/v1/me"), &format!("Bearer {access}")).await.status;
        assert_eq!(me, after, "{mode}");
        let alive = mode == "noop" || mode == "refresh-only";
        assert_eq!(truth(&demo, &access).await["servers"]["resource"], if alive { "alive" } else { "dead" }, "{mode}");
    }
    let uses = [
        "/oidc/userinfo",
        "/api/me",
        "/api/checked/me",
        "/api/user/v1/me",
        "/authentication/v1/user-info",
        "/api/v1/users/info",
        "/console/api/central/clusterdefinition/",
    ];
    for path in uses {
        assert_eq!(demo.get(&format!("/liar/open-probe{path}"), "Bearer made.up.token").await.status, 200, "{path}");
        assert_eq!(demo.get(&format!("/liar/blind-probe{path}"), "Bearer made.up.token").await.status, 401, "{path}");
        assert_ne!(demo.get(&format!("/liar/noop{path}"), "Bearer made.up.token").await.status, 200, "{path}");
    }
    // Passwork and SeTA have no revocation; their refresh tokens have a truth.
    let info = demo.server.description();
    let pair = &info["passwork"]["fresh"];
    let (access, refresh) = (pair["accessToken"].as_str().unwrap(), pair["refreshToken"].as_str().unwrap());
    assert_eq!(truth(&demo, refresh).await["servers"], json!({"authorization": "alive"}));
    let bearer = format!("Bearer {access}");
    demo.json("/api/v1/sessions/refresh", &json!({"refreshToken": refresh}), &[("authorization", &bearer)]).await;
    assert_eq!(truth(&demo, refresh).await["servers"], json!({"authorization": "dead"}));
    assert_eq!(truth(&demo, access).await["servers"], json!({"resource": "dead"}));
}

#[tokio::test]
async fn the_truth_is_told_only_where_it_was_asked_for() {
    let demo = Demo::start().await;
    assert_eq!(demo.get("/truth", "").await.status, 404);
    assert_eq!(demo.get("/truth/00000000", "").await.status, 404);
    assert_eq!(demo.server.description()["truth"], Value::Null);
    let demo = with_truth().await;
    let site = Site { demo: &demo, mode: "honest", client: "legacy" };
    let pair = site.login().await;
    let told = truth(&demo, &pair.access).await;
    assert!(!told.to_string().contains(&pair.access), "no token is in it");
    assert_eq!(demo.get("/truth/00000000", "").await.status, 404);
    site.refresh(&pair.refresh).await;
    site.refresh(&pair.refresh).await;
    let totals = demo.get("/truth", "").await.json();
    let sum = &totals[&format!("{}/liar/honest", demo.server.url())]["oidc"];
    assert_eq!(*sum, json!({"logins": 1, "refreshes": 1, "replays": 1, "revocations": 0}));
    assert_eq!(demo.send(Method::POST, "/truth", &[], String::new()).await.status, 405);
}
