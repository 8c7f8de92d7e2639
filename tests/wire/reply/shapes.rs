//! Odd shapes of replies × login and refresh × every system: whatever holds readable tokens keeps the session.

use tokscope::auth::{NoInteraction, TokenKind};

use crate::reply::{
    SYSTEMS, System, adopt, saved,
    server::{Answer, Server},
    session,
};

const ACCESS: &str = "new-access-token";
const REFRESH: &str = "new-refresh-token";

/// A shape: its name, and the answer made of the names of the two tokens.
type Shape = (&'static str, fn(&System) -> Answer);

fn tokens(system: &System) -> String {
    format!(r#""{}":"{ACCESS}","{}":"{REFRESH}""#, system.access, system.refresh)
}

fn json(body: &str) -> Answer {
    Answer::json(200, body)
}

/// An answer whose head says what it likes.
fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}\r\n\r\n").as_bytes(), body].concat()
}

fn chunk(body: &str) -> Vec<u8> {
    format!("{:x}\r\n{body}\r\n", body.len()).into_bytes()
}

const SHAPES: [Shape; 29] = [
    ("a byte order mark", |s| json(&format!("\u{feff}{{{}}}", tokens(s)))),
    ("blanks around it", |s| json(&format!("\r\n\t {{{}}} \r\n\r\n", tokens(s)))),
    ("a comment behind it", |s| json(&format!("{{{}}}<!-- 0.3 ms -->", tokens(s)))),
    ("another object behind it", |s| json(&format!("{{{}}}{{\"{}\":\"other\"}}", tokens(s), s.refresh))),
    ("NaN in a member", |s| json(&format!("{{\"score\":NaN,{}}}", tokens(s)))),
    ("NaN behind the tokens", |s| json(&format!("{{{},\"score\":-Infinity}}", tokens(s)))),
    ("a single-quoted member", |s| json(&format!("{{'note':'x, y',{}}}", tokens(s)))),
    ("a bare name", |s| json(&format!("{{note:1,{}}}", tokens(s)))),
    ("a bad escape", |s| json(&format!("{{\"path\":\"C:\\Users\",{}}}", tokens(s)))),
    ("a line break in a text", |s| json(&format!("{{\"note\":\"a\nb\",{}}}", tokens(s)))),
    ("a comma too many", |s| json(&format!("{{{},}}", tokens(s)))),
    ("a comma at the start", |s| json(&format!("{{,{}}}", tokens(s)))),
    ("a deep member", |s| json(&format!("{{\"deep\":{}1{},{}}}", "[".repeat(900), "]".repeat(900), tokens(s)))),
    ("a deep member of objects", |s| {
        json(&format!("{{{},\"deep\":{}1{}}}", tokens(s), "{\"a\":".repeat(300), "}".repeat(300)))
    }),
    ("bytes that are not UTF-8", |s| {
        let body = [b"{\"name\":\"J\xfcrgen\",", tokens(s).as_bytes(), b"}"].concat();
        Answer::Bytes(raw(&format!("content-length: {}", body.len()), &body))
    }),
    ("a large member that nobody needs", |s| json(&format!("{{\"x\":\"{}\",{}}}", "x".repeat(900_000), tokens(s)))),
    ("more than is read", |s| json(&format!("{{{},\"x\":\"{}\"}}", tokens(s), "x".repeat(3_000_000)))),
    ("a cut behind the last brace", |s| {
        Answer::Bytes(raw("content-length: 5000", format!("{{{}}}", tokens(s)).as_bytes()))
    }),
    ("a cut before the last brace", |s| {
        Answer::Bytes(raw("content-length: 5000", format!("{{{}", tokens(s)).as_bytes()))
    }),
    ("a cut in a member behind the tokens", |s| {
        Answer::Bytes(raw("content-length: 5000", format!("{{{},\"scope\":\"re", tokens(s)).as_bytes()))
    }),
    ("no last chunk", |s| Answer::Bytes(raw("transfer-encoding: chunked", &chunk(&format!("{{{}}}", tokens(s)))))),
    ("no last chunk and no end", |s| {
        Answer::Held(raw("transfer-encoding: chunked", &chunk(&format!("{{{}}}", tokens(s)))))
    }),
    ("another media type", |s| Answer::status(200, "text/html", &format!("{{{}}}", tokens(s)))),
    ("an envelope", |s| json(&format!("{{\"code\":0,\"message\":\"ok\",\"data\":{{{}}}}}", tokens(s)))),
    ("two envelopes", |s| json(&format!("{{\"result\":{{\"data\":{{{}}}}}}}", tokens(s)))),
    ("a scheme in front", |s| {
        json(&format!("{{\"{}\":\"Bearer {ACCESS}\",\"{}\":\"{REFRESH}\"}}", s.access, s.refresh))
    }),
    ("a status of trouble", |s| Answer::json(500, &format!("{{{}}}", tokens(s)))),
    ("times of every kind", |s| {
        json(&format!(
            "{{{},\"expires_in\":999999999999,\"expires_at\":\"soon\",\"refresh_expires_in\":0,\
             \"accessTokenExpiredAt\":1795296938000,\"refreshTokenExpiredAt\":9e99}}",
            tokens(s)
        ))
    }),
    ("members of other kinds", |s| {
        json(&format!(
            "{{{},\"scope\":{{}},\"token_type\":[],\"expires_in\":{{}},\"error\":null,\"username\":7}}",
            tokens(s)
        ))
    }),
];

/// What only a token endpoint of OAuth 2 says.
const OF_OAUTH: [Shape; 3] = [
    ("a form", |_| {
        let body = format!("access_token={ACCESS}&token_type=bearer&scope=repo&refresh_token={REFRESH}");
        Answer::status(200, "application/x-www-form-urlencoded", &body)
    }),
    ("a form with an error", |_| {
        Answer::status(200, "text/plain", &format!("error=&access_token={ACCESS}&refresh_token={REFRESH}"))
    }),
    ("an ID token that fits nowhere", |s| json(&format!("{{{},\"id_token\":\"{}\"}}", tokens(s), "x".repeat(300_000)))),
];

/// For what a remark is too much: everything in it is as the RFCs allow it.
const PLAIN: [&str; 5] = [
    "blanks around it",
    "another media type",
    "members of other kinds",
    "times of every kind",
    "a large member that nobody needs",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_holds_readable_tokens_keeps_the_session() {
    let mut tasks = tokio::task::JoinSet::new();
    for system in &SYSTEMS {
        let of_oauth = ["openedx", "oauth2"].contains(&system.id);
        for shape in SHAPES.iter().chain(OF_OAUTH.iter().filter(|_| of_oauth)) {
            for is_login in [true, false] {
                tasks.spawn(keeps(system, shape, is_login));
            }
        }
    }
    assert_eq!(tasks.len(), 2 * (5 * SHAPES.len() + 2 * OF_OAUTH.len()));
    tasks.join_all().await;
}

async fn keeps(system: &'static System, (what, shape): &'static Shape, is_login: bool) {
    let server = Server::always(shape(system)).await;
    let profile = system.profile(&server.url());
    let (id, session) = (system.id, session());
    adopt(&session, &profile);
    let done = match is_login {
        true => session.login(&profile, &NoInteraction).await,
        false => session.refresh(&profile, None, &NoInteraction).await,
    };
    let call = if is_login { "login" } else { "refresh" };
    let set = done.unwrap_or_else(|error| panic!("{id}, {call}, {what}: {error:?}"));
    // The record is opened again for this.
    assert_eq!(saved(&session, &profile, TokenKind::Access).as_deref(), Some(ACCESS), "{id}, {call}, {what}");
    assert_eq!(saved(&session, &profile, TokenKind::Refresh).as_deref(), Some(REFRESH), "{id}, {call}, {what}");
    let said = set.remarks.join("; ");
    assert!(PLAIN.contains(what) || !said.is_empty(), "{id}, {call}, {what}: it is told");
    assert!(!said.contains(ACCESS) && !said.contains(REFRESH), "{said}");
    let accept = server.received()[0].header("accept").map(str::to_owned);
    assert!(accept.is_some_and(|accept| accept.starts_with("application/json")), "{id}, {call}");
}

/// Azure B2C: no access token, and a session all the same.
#[tokio::test]
async fn an_id_token_and_a_refresh_token_are_a_session_with_an_end() {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let claims = r#"{"iss":"https://a.example","sub":"1","aud":"c","exp":4102444800}"#;
    let id_token = format!("e30.{}.", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let body = format!(
        r#"{{"id_token":"{id_token}","id_token_expires_in":3600,"refresh_token":"{REFRESH}","refresh_token_expires_in":86400}}"#
    );
    let server = Server::always(json(&body)).await;
    let system = &SYSTEMS[4];
    let profile = system.profile(&server.url());
    let session = session();
    for round in 0..3 {
        let set = match round {
            0 => session.login(&profile, &NoInteraction).await,
            _ => session.refresh(&profile, None, &NoInteraction).await,
        };
        let set = set.unwrap();
        // Where there is no access token, the first one is what the end of the session is taken from.
        let kinds: Vec<_> = set.tokens.iter().map(|token| token.kind).collect();
        assert_eq!(kinds, [TokenKind::Id, TokenKind::Refresh]);
        assert!(set.tokens.iter().all(|token| token.expires_at.is_some()), "both have their end");
        assert!(set.remarks.iter().any(|remark| remark.contains("no access token")), "{:?}", set.remarks);
    }
    assert_eq!(server.received().len(), 3, "one request each");
}

/// A refusal may repeat what it was shown: that is no answer with tokens.
#[tokio::test]
async fn an_echo_of_what_was_sent_is_no_token() {
    for system in &SYSTEMS {
        for status in [400, 401, 500] {
            let body = format!(r#"{{"{}":"old-refresh","detail":"no"}}"#, system.refresh);
            let server = Server::always(Answer::json(status, &body)).await;
            let profile = system.profile(&server.url());
            let session = session();
            adopt(&session, &profile);
            session.refresh(&profile, None, &NoInteraction).await.unwrap_err();
            assert_eq!(saved(&session, &profile, TokenKind::Access).as_deref(), Some("old-access"), "{}", system.id);
        }
    }
}
