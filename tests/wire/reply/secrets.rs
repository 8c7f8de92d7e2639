//! Shapes of tokens × bodies that nobody can read: none of them in an error, its hint, the record of the exchange, on
//! standard output or standard error.

use tokscope::{
    auth::NoInteraction,
    clock,
    http::{ExchangeOutcome, Response},
    oauth::token_endpoint::{self, Presented},
};

use crate::reply::{
    SYSTEMS, adopt,
    server::{Answer, Server},
    session,
    stage::Stage,
};
use crate::support::program::tokscope;

/// Tokens as systems have them; many do not look like one.
const TOKENS: [&str; 12] = [
    "abcdefghijklmnopqrstuv",
    "ABCDEFGHIJKLMNOPQRSTUVWX",
    "Zq4tPw9xLm2RkYd7",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "550e8400-e29b-41d4-a716-446655440000",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "kR8/vQ2+mN5/xT7+bW1/cY4+hJ6/pL9=",
    "1//0gFq-marker_Xy",
    "ghp-marker-of-forty-characters-in-words",
    "48151623424815162342",
    "otter-plum-harbor-velvet",
    "x7K",
];

/// Bodies around a token, as proxies, gateways and other protocols give them.
const BODIES: [fn(&str) -> String; 12] = [
    |t| format!("token={t}&scope=read"),
    |t| format!("<?xml version=\"1.0\"?><response><access_token>{t}</access_token></response>"),
    |t| format!("access_token: {t}\ntoken_type: bearer\n"),
    |t| format!("<html><head><title>Success code={t}</title></head><body>{t}</body></html>"),
    |t| format!("<html><title>{t}</title>"),
    str::to_owned,
    |t| format!("[\"{t}\"]"),
    |t| format!("\"{t}\""),
    |t| format!("{{\"{t}\":\"{t}\",\"value\":\"{t}\",\"nested\":{{\"of\":[\"{t}\"]}}}}"),
    |t| format!("callback({{'access_token':'{t}'}})"),
    |t| format!("{{\"value\":\"{t}"),
    |t| format!("OK\r\n\r\nYour token is {t} and it is secret.\n"),
];

/// Whether a text shows a token, as it is or in a form that a person can undo.
fn shows(text: &str, token: &str) -> bool {
    text.contains(token) || text.contains(&token.replace('/', "\\/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_a_body_that_cannot_be_read_is_in_an_error_or_exchange() {
    let mut tried = 0;
    for token in TOKENS {
        let mut tasks = tokio::task::JoinSet::new();
        for body in BODIES {
            for (status, is_login) in [(200, true), (502, false)] {
                tasks.spawn(hides(token, body(token), status, is_login));
            }
        }
        tried += tasks.join_all().await.len();
    }
    assert_eq!(tried, TOKENS.len() * BODIES.len() * 2);
}

async fn hides(token: &'static str, body: String, status: u16, is_login: bool) {
    let server = Server::always(Answer::with(status, &[("x-trace", token), ("set-cookie", token)], &body)).await;
    for system in &SYSTEMS {
        let profile = system.profile(&server.url());
        let session = session();
        adopt(&session, &profile);
        let error = match is_login {
            true => session.login(&profile, &NoInteraction).await.unwrap_err(),
            false => session.refresh(&profile, None, &NoInteraction).await.unwrap_err(),
        };
        let said = format!("{error} {:?} {error:?}", error.hint());
        assert!(!shows(&said, token), "{}, {status} {body:?}: {said}", system.id);
        let exchange = session.exchange(&profile.name).unwrap_or_else(|| panic!("{}: {said}", system.id));
        let ExchangeOutcome::Answered { .. } = exchange.outcome else { panic!("{exchange:?}") };
        let record = format!("{exchange:?}");
        assert!(!shows(&record, token), "{}, {status} {body:?}: {record}", system.id);
        assert!(!record.contains("marker") && !record.contains("old-refresh"), "{record}");
    }
}

/// On the screen: the row, the notice, and the list of all notices.
#[test]
fn no_token_of_a_body_that_cannot_be_read_is_in_a_notice() {
    for token in TOKENS {
        for body in BODIES {
            let response = Response::scripted(200, &body(token), clock::parse("0").unwrap());
            let error = token_endpoint::read(&response, Presented::Password).unwrap_err();
            let mut stage = Stage::at((200, 50));
            stage.keys("1 End l").fails(1, error).shows("the response of lms").hides(token);
            stage.keys("N").shows("the response of lms.example.org (HTTP 200)").hides(token);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_a_body_that_cannot_be_read_reaches_standard_output_or_error() {
    for token in TOKENS {
        let bodies = BODIES.map(|body| body(token));
        let numbered = bodies.clone();
        let server = Server::start(move |request| {
            let number = request.line.rsplit('/').next().and_then(|number| number.parse().ok());
            Answer::status(200, "text/plain", number.and_then(|number: usize| numbered.get(number)).unwrap())
        });
        let server = server.await;
        let dir = tempfile::tempdir().unwrap();
        let profile = |number: usize| {
            format!(
                "[profile.p{number}]\nprovider = \"oauth2\"\ntoken_endpoint = \"{}/{number}\"\nclient_id = \"c\"\n\
                 grant = \"client_credentials\"\nclient_secret = \"plain:s\"\n",
                server.url()
            )
        };
        let profiles: String = (0..bodies.len()).map(profile).collect();
        std::fs::write(dir.path().join("profiles.toml"), profiles).unwrap();
        let children: Vec<_> = (0..bodies.len())
            .flat_map(|number| [(number, "error: "), (number, "\"message\":\"")])
            .map(|(number, begins)| {
                let name = format!("p{number}");
                let json = begins.starts_with('"').then_some("--json");
                let arguments = ["login", &name, "--no-input"].into_iter().chain(json);
                (number, begins, tokscope(dir.path(), arguments).spawn().unwrap())
            })
            .collect();
        for (number, begins, child) in children {
            let body = &bodies[number];
            let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            let said = text(output.stdout) + &text(output.stderr);
            assert!(
                output.status.code() == Some(2) && said.contains(&format!("{begins}the response of 127.0.0.1")),
                "{body:?}: {said}"
            );
            assert!(!shows(&said, token), "{body:?}: {said}");
        }
    }
}
