//! OpenID Connect, discovery and the other ways to log in: metadata, key sets, ID tokens, device codes and browsers.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Answer, Leaves, Met, Mode, OLD_ID, Received};

use Leaves::{New, Same, Unknown};
use Met::{Browser, Device, Issuer, OpenId};

const ISSUER: &str = "check the issuer";
const NEW: Leaves = New(&["new-access-marker", "new-refresh-marker", OLD_ID]);
/// Of a login with an ID token, whose text is not the table's.
const LOGGED_IN: Leaves = New(&["new-access-marker", "new-refresh-marker"]);

const fn mode(
    name: &'static str,
    met: Met,
    answer: fn(&Received) -> Answer,
    leaves: Leaves,
    says: &'static str,
    hint: &'static str,
) -> Mode {
    Mode::token(name, answer, leaves, says, hint).met_with(met)
}

fn path(request: &Received) -> &str {
    request.line.split_once(' ').map_or("", |(_, target)| target.split('?').next().unwrap_or_default())
}

fn host(request: &Received) -> String {
    format!("http://{}", request.header("host").unwrap())
}

fn ok(body: &str) -> Answer {
    Answer::json(200, body)
}

const TOKENS: &str = r#""access_token":"new-access-marker","refresh_token":"new-refresh-marker","token_type":"Bearer""#;

fn tokens() -> Answer {
    ok(&format!("{{{TOKENS}}}"))
}

/// The metadata with this in the place of `issuer`, `token_endpoint` and `jwks_uri`; `HOST` is the server.
fn published(request: &Received, members: &str) -> Answer {
    match path(request) {
        "/token" => tokens(),
        _ => ok(&members.replace("HOST", &host(request))),
    }
}

/// The metadata as they should be.
fn metadata(request: &Received) -> Answer {
    ok(&r#"{"issuer":"HOST","token_endpoint":"HOST/token","jwks_uri":"HOST/jwks"}"#.replace("HOST", &host(request)))
}

/// An issuer whose ID tokens have these header and claims, and whose key set is this.
fn issuer(request: &Received, header: &str, claims: &str, jwks: Answer) -> Answer {
    match path(request) {
        "/jwks" => jwks,
        "/token" => {
            let claims = claims.replace("HOST", &host(request));
            let signature = if header == NONE { "" } else { "marker-a" };
            let [header, claims] = [header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
            ok(&format!(r#"{{{TOKENS},"id_token":"{header}.{claims}.{signature}"}}"#))
        }
        _ => metadata(request),
    }
}

const NONE: &str = r#"{"alg":"none"}"#;
const RS256: &str = r#"{"alg":"RS256","kid":"k1"}"#;
/// In the year 2100.
const CLAIMS: &str = r#"{"iss":"HOST","sub":"1","aud":"cli","exp":4102444800}"#;
const NO_KEYS: &str = r#"{"keys":[]}"#;

/// A device login with codes of so many seconds, whose polls are answered so.
fn device(request: &Received, life: u32, poll: Answer) -> Answer {
    let codes = r#""device_code":"marker-device","user_code":"U","verification_uri":"http://x","interval":1"#;
    device_with(request, &format!(r#"{{{codes},"expires_in":{life}}}"#), poll)
}

fn device_with(request: &Received, codes: &str, poll: Answer) -> Answer {
    match path(request) {
        "/device" => ok(codes),
        _ => poll,
    }
}

/// A browser login that comes back with this query; `STATE` is the one that was sent.
fn browser(request: &Received, query: &str, token: Answer) -> Answer {
    if path(request) != "/authorize" {
        return token;
    }
    let url = url::Url::parse(&format!("http://x{}", request.line.trim_start_matches("GET "))).unwrap();
    let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let query = query.replace("STATE", &asked("state"));
    Answer::with(302, &[("location", &format!("{}?{query}", asked("redirect_uri")))], "")
}

pub(super) const MODES: &[Mode] = &[
    // Discovery (RFC 8414, OpenID Connect Discovery).
    mode("no metadata", Issuer, |_| Answer::html(404, "No"), Same, "publishes no metadata (HTTP 404", ISSUER),
    mode("a page in the place of metadata", Issuer, |_| Answer::html(200, "Sign in"), Same, "no metadata", ISSUER),
    mode("metadata that are a list", Issuer, |_| ok("[]"), Same, "no metadata (HTTP 200, a JSON array)", ISSUER),
    mode(
        "metadata with something behind",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST","token_endpoint":"HOST/token"}x"#),
        Same,
        "no metadata",
        ISSUER,
    ),
    mode(
        "metadata of another issuer",
        Issuer,
        |request| {
            published(request, r#"{"issuer":"https://evil.example","token_endpoint":"https://evil.example/token"}"#)
        },
        Same,
        "belongs to another issuer: https://evil.example",
        "must match exactly",
    ),
    mode(
        "metadata of an issuer with a slash more",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST/","token_endpoint":"HOST/token"}"#),
        Same,
        "belongs to another issuer",
        "including a trailing slash",
    ),
    mode(
        "metadata of another issuer with control characters",
        Issuer,
        |request| published(request, r#"{"issuer":"\u001b]0;pwned\u0007\u202e","token_endpoint":"HOST/token"}"#),
        Same,
        "belongs to another issuer",
        "must match exactly",
    ),
    mode(
        "metadata without an issuer",
        Issuer,
        |request| published(request, r#"{"token_endpoint":"HOST/token"}"#),
        Same,
        "names no issuer",
        "must match exactly",
    ),
    mode(
        "metadata without a token_endpoint",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST"}"#),
        Same,
        "metadata without a token_endpoint",
        "write the endpoints",
    ),
    mode(
        "a token_endpoint that is no URL",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST","token_endpoint":7}"#),
        Same,
        "metadata without a token_endpoint",
        "write the endpoints",
    ),
    mode(
        "a token_endpoint of another scheme",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST","token_endpoint":"file:///etc/passwd"}"#),
        Same,
        "metadata without a token_endpoint",
        "write the endpoints",
    ),
    mode(
        "a token_endpoint over plain http",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST","token_endpoint":"http://auth.example/token"}"#),
        Same,
        "auth.example uses plain http",
        "use https",
    ),
    mode(
        "a token_endpoint that does not exist",
        Issuer,
        |request| published(request, r#"{"issuer":"HOST","token_endpoint":"https://no-such-host.invalid/token"}"#),
        Same,
        "cannot reach no-such-host.invalid",
        "check the host",
    ),
    mode(
        "metadata at another host",
        Issuer,
        |_| Answer::with(302, &[("location", "https://elsewhere.example/x")], ""),
        Same,
        "for its endpoints: ",
        "if you trust",
    ),
    mode(
        "metadata that lead to themselves",
        Issuer,
        |_| Answer::with(302, &[("location", "/again")], ""),
        Same,
        "/again (HTTP 302)",
        "if you trust",
    ),
    mode("metadata in trouble", Issuer, |_| Answer::html(502, "Bad Gateway"), Same, "Bad Gateway", "try again later"),
    mode("metadata cut", Issuer, |_| Answer::Cut, Same, "for its endpoints: the response", "then try again"),
    mode("metadata that do not come", Issuer, |_| Answer::Silence, Same, "within 2 s", "try again later").waiting(),
    mode(
        "metadata without an end",
        Issuer,
        |_| Answer::Endless { head: "HTTP/1.1 200 OK\r\n\r\n{\"issuer\":\"".to_owned(), chunk: "x".repeat(65_536) },
        Same,
        "is too large",
        "at most 1024 KiB",
    ),
    mode(
        "a token endpoint that is silent behind good metadata",
        Issuer,
        |request| if path(request) == "/token" { Answer::Silence } else { metadata(request) },
        Unknown,
        "did not answer within 2 s",
        "the old tokens are kept",
    )
    .waiting(),
    mode(
        "metadata with strange members",
        Issuer,
        |request| {
            published(
                request,
                r#"{"issuer":"HOST","token_endpoint":"HOST/token","jwks_uri":7,"userinfo_endpoint":[],"x":{}}"#,
            )
        },
        NEW,
        "",
        "",
    ),
    // ID tokens (OpenID Connect Core §3.1.3.7) and the keys of their issuer.
    mode(
        "an ID token for another client",
        OpenId,
        |request| issuer(request, RS256, &CLAIMS.replace("cli", "other"), ok(NO_KEYS)),
        LOGGED_IN,
        "the ID token is not valid: its aud does not name this client",
        "",
    ),
    mode(
        "an ID token of another issuer",
        OpenId,
        |request| issuer(request, RS256, &CLAIMS.replace("HOST", "https://evil.example"), ok(NO_KEYS)),
        LOGGED_IN,
        "its iss is not the issuer of the profile: https://evil.example",
        "",
    ),
    mode(
        "an ID token of yesterday",
        OpenId,
        |request| issuer(request, RS256, &CLAIMS.replace("4102444800", "1"), ok(NO_KEYS)),
        LOGGED_IN,
        "it had expired when it arrived",
        "",
    ),
    mode(
        "an ID token without claims",
        OpenId,
        |request| issuer(request, RS256, "[]", ok(NO_KEYS)),
        LOGGED_IN,
        "the ID token is not valid",
        "",
    ),
    mode(
        "an ID token that is not signed",
        OpenId,
        |request| issuer(request, NONE, CLAIMS, ok(NO_KEYS)),
        LOGGED_IN,
        "it is not signed (alg none)",
        "",
    ),
    mode(
        "a key set without keys",
        OpenId,
        |request| issuer(request, RS256, CLAIMS, ok(NO_KEYS)),
        LOGGED_IN,
        "the ID token is not verified",
        "",
    ),
    mode(
        "a key set that is a page",
        OpenId,
        |request| issuer(request, RS256, CLAIMS, Answer::html(200, "Sign in")),
        LOGGED_IN,
        "the ID token is not verified: cannot get its issuer's keys",
        "",
    ),
    mode(
        "a key set in trouble",
        OpenId,
        |request| issuer(request, RS256, CLAIMS, Answer::html(503, "Down")),
        LOGGED_IN,
        "/jwks answered HTTP 503",
        "",
    ),
    mode(
        "a key set with broken keys",
        OpenId,
        |request| issuer(request, RS256, CLAIMS, ok(r#"{"keys":[7,{"kty":"RSA","kid":"k1","n":"AA","e":""}]}"#)),
        LOGGED_IN,
        "the ID token is not verified",
        "",
    ),
    mode(
        "a key set that does not come",
        OpenId,
        |request| issuer(request, RS256, CLAIMS, Answer::Silence),
        LOGGED_IN,
        "the ID token is not verified: cannot get its issuer's keys",
        "",
    )
    .waiting(),
    // A login on another device (RFC 8628).
    mode(
        "slow_down without an end",
        Device,
        |request| device(request, 3, Answer::json(400, r#"{"error":"slow_down"}"#)),
        Same,
        "the code expired before the login was approved",
        "log in again for a new code",
    ),
    mode(
        "no approval without an end",
        Device,
        |request| device(request, 3, Answer::json(400, r#"{"error":"authorization_pending"}"#)),
        Same,
        "the code expired before the login was approved",
        "log in again for a new code",
    ),
    mode(
        "polls that meet a gateway's page",
        Device,
        |request| device(request, 4, Answer::html(502, "Bad Gateway")),
        Same,
        "the code expired before the token endpoint responded; the last poll: ",
        "then log in again for a new code",
    ),
    mode(
        "a device code that has expired",
        Device,
        |request| device(request, 600, Answer::json(400, r#"{"error":"expired_token"}"#)),
        Same,
        "refused: expired_token",
        "log in again for a new one",
    ),
    mode(
        "a device login that is denied",
        Device,
        |request| {
            device(request, 600, Answer::json(403, r#"{"error":"access_denied","error_description":"marker-device"}"#))
        },
        Same,
        "refused: access_denied",
        "log in again and approve",
    ),
    mode(
        "device codes without an address",
        Device,
        |request| device_with(request, r#"{"device_code":"marker-device","user_code":"U"}"#, tokens()),
        Same,
        "is not a device authorization response: a JSON object of device_code, user_code",
        "check the URL in the profile",
    ),
    mode(
        "device codes that have expired already",
        Device,
        |request| device(request, 0, tokens()),
        Same,
        "the code expired before the login was approved",
        "log in again for a new code",
    ),
    mode("no device endpoint", Device, |_| Answer::html(404, "No"), Same, "(HTTP 404) is not a device auth", "URL"),
    // A login in a browser.
    mode(
        "a browser that comes back with an error",
        Browser,
        |request| browser(request, "error=invalid_scope&error_description=%1b]0;x%07no&state=STATE", tokens()),
        Same,
        "invalid_scope",
        "scope",
    ),
    mode(
        "a browser that comes back without a code",
        Browser,
        |request| browser(request, "state=STATE", tokens()),
        Same,
        "the browser's response has neither a code nor an error",
        "ask the server's operator",
    ),
    mode(
        "a code that is refused",
        Browser,
        |request| {
            let refused = Answer::json(400, r#"{"error":"invalid_grant","error_description":"marker-code is used"}"#);
            browser(request, "code=marker-code&state=STATE", refused)
        },
        Same,
        "invalid_grant: •••• is used",
        "the code was used before or has expired: log in again",
    ),
    mode(
        "an ID token with the nonce of another login",
        Browser,
        |request| {
            let claims = r#"{"iss":"x","sub":"1","aud":"cli","exp":4102444800,"nonce":"other"}"#;
            let id = format!("e30.{}.marker", URL_SAFE_NO_PAD.encode(claims));
            browser(request, "code=marker-code&state=STATE", ok(&format!(r#"{{{TOKENS},"id_token":"{id}"}}"#)))
        },
        LOGGED_IN,
        "its nonce belongs to another login",
        "",
    ),
];
