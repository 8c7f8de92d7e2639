//! OAuth 2: refusals in every form, and token responses that are not what RFC 6749 says.

use super::{Answer, Leaves, Mode, OLD_ID, Received};

use Leaves::{New, Retired, Same, Unknown};

const BOTH: Leaves = New(&["new-access-marker", "new-refresh-marker", OLD_ID]);
/// A refresh without a new refresh token: the old one stays good.
const ACCESS: Leaves = New(&["new-access-marker", "old-refresh-marker", OLD_ID]);
const REFRESH: Leaves = New(&["new-refresh-marker", OLD_ID]);

const ADDRESS: &str = "check the URL in the profile";
const KEPT: &str = "the old tokens are kept: refresh again";
const LOG_IN: &str = "log in again";

/// A row of [`refusals`] and [`replies`].
type Row = (&'static str, fn(&Received) -> Answer, Leaves, &'static str, &'static str);

const fn modes<const N: usize>(rows: [Row; N]) -> [Mode; N] {
    let (name, answer, leaves, says, hint) = rows[0];
    let mut modes = [Mode::token(name, answer, leaves, says, hint); N];
    let mut at = 1;
    while at < N {
        let (name, answer, leaves, says, hint) = rows[at];
        modes[at] = Mode::token(name, answer, leaves, says, hint);
        at += 1;
    }
    modes
}

fn json(status: u16, body: &str) -> Answer {
    Answer::json(status, body)
}

fn ok(body: &str) -> Answer {
    Answer::json(200, body)
}

/// A token response with both tokens and this besides.
fn with(more: &str) -> Answer {
    ok(&format!(r#"{{"access_token":"new-access-marker","refresh_token":"new-refresh-marker",{more}}}"#))
}

pub(super) const MODES: &[Mode] = &modes([
    // RFC 6749 §5.2, and those who have their own codes.
    ("invalid_request", |_| json(400, r#"{"error":"invalid_request"}"#), Same, "refused: invalid_request", "settings"),
    ("invalid_client", |_| json(401, r#"{"error":"invalid_client"}"#), Same, "refused: invalid_client", "client ID"),
    ("invalid_grant", |_| json(400, r#"{"error":"invalid_grant"}"#), Retired, "invalid_grant (HTTP 400)", LOG_IN),
    ("invalid_grant, 401", |_| json(401, r#"{"error":"invalid_grant"}"#), Retired, "grant (HTTP 401)", LOG_IN),
    ("invalid_grant, 403", |_| json(403, r#"{"error":"invalid_grant"}"#), Retired, "grant (HTTP 403)", LOG_IN),
    ("invalid_grant, 200", |_| ok(r#"{"error":"invalid_grant"}"#), Retired, "invalid_grant (HTTP 200)", LOG_IN),
    ("invalid_grant, 500", |_| json(500, r#"{"error":"invalid_grant"}"#), Unknown, "grant (HTTP 500)", KEPT),
    ("unauthorized_client", |_| json(400, r#"{"error":"unauthorized_client"}"#), Same, "unauthorized_client", "grant"),
    ("unsupported_grant_type", |_| json(400, r#"{"error":"unsupported_grant_type"}"#), Same, "unsupported", "grant"),
    ("invalid_scope", |_| json(400, r#"{"error":"invalid_scope"}"#), Same, "refused: invalid_scope", "scope"),
    ("invalid_target", |_| json(400, r#"{"error":"invalid_target"}"#), Same, "refused: invalid_target", "audience"),
    ("invalid_token", |_| json(401, r#"{"error":"invalid_token"}"#), Retired, "refused: invalid_token", LOG_IN),
    ("login_required", |_| json(400, r#"{"error":"login_required"}"#), Retired, "login_required", LOG_IN),
    ("server_error", |_| json(500, r#"{"error":"server_error"}"#), Unknown, "server_error (HTTP 500)", KEPT),
    ("server_error, 200", |_| ok(r#"{"error":"server_error"}"#), Same, "server_error (HTTP 200)", "try again later"),
    (
        "temporarily_unavailable",
        |_| json(400, r#"{"error":"temporarily_unavailable"}"#),
        Same,
        "temporarily_unavailable (HTTP 400)",
        "try again later",
    ),
    (
        "use_dpop_nonce",
        |_| Answer::with(400, &[("dpop-nonce", "marker-nonce")], r#"{"error":"use_dpop_nonce"}"#),
        Same,
        "refused: use_dpop_nonce (HTTP 400)",
        "use a client without DPoP",
    ),
    ("a code of its own", |_| json(400, r#"{"error":"E_NO_LUCK"}"#), Same, "refused: E_NO_LUCK", "settings"),
    (
        "a challenge alone",
        |_| Answer::with(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")], ""),
        Retired,
        "refused: invalid_token (HTTP 401)",
        LOG_IN,
    ),
    (
        "a challenge for the client",
        |_| Answer::with(401, &[("www-authenticate", "Basic realm=\"clients\"")], ""),
        Same,
        "refused: no reason given (HTTP 401)",
        "check the client ID",
    ),
    ("a bare 401", |_| Answer::with(401, &[], ""), Retired, "refused: no reason given (HTTP 401)", LOG_IN),
    ("a bare 403", |_| Answer::with(403, &[], ""), Same, "refused: no reason given (HTTP 403)", "may use this grant"),
    // Refusals in other forms.
    ("an error that is a number", |_| json(400, r#"{"error":7}"#), Same, "(HTTP 400)", ADDRESS),
    ("an error that is a list", |_| json(400, r#"{"error":["invalid_grant"]}"#), Same, "(HTTP 400)", ADDRESS),
    ("an error that is null", |_| json(400, r#"{"error":null}"#), Same, "a JSON object of error", ADDRESS),
    ("an error that is empty", |_| json(400, r#"{"error":""}"#), Same, "a JSON object of error", ADDRESS),
    (
        "an error that is an object",
        |_| json(400, r#"{"error":{"code":40,"message":"Quota exceeded"}}"#),
        Same,
        "refused: Quota exceeded (HTTP 400)",
        "the server's message says why",
    ),
    ("words of its own in a success", |_| ok(r#"{"detail":"Try again"}"#), Unknown, "refused: Try again", KEPT),
    (
        "a description with control characters",
        |_| json(400, r#"{"error":"x","error_description":"seen \u001b]0;pwned\u0007\u009b2J\u202e\u0000"}"#),
        Same,
        "x: seen",
        "the server's message says why",
    ),
    (
        "a description with the refresh token",
        |request| {
            let token = request.field("refresh_token").or(request.field("password")).unwrap_or_default();
            json(400, &format!(r#"{{"error":"x","error_description":"no such token: {token}."}}"#))
        },
        Same,
        "x: no such token: ",
        "the server's message says why",
    ),
    (
        "a description with another token",
        |_| json(400, &format!(r#"{{"error":"x","error_description":"not {OLD_ID} but"}}"#)),
        Same,
        "x: not ••••",
        "the server's message says why",
    ),
    (
        "an error that is a token",
        |_| json(400, &format!(r#"{{"error":"{OLD_ID}"}}"#)),
        Same,
        "refused: ••••",
        "the server's message says why",
    ),
    (
        "a description without an end",
        |_| json(400, &format!(r#"{{"error":"x","error_description":"{}"}}"#, "no ".repeat(10_000))),
        Same,
        "x: no no no",
        "the server's message says why",
    ),
    (
        "a code without an end",
        |_| json(400, &format!(r#"{{"error":"{}"}}"#, "no_".repeat(10_000))),
        Same,
        "refused: no_no_",
        "the server's message says why",
    ),
    // What is no token response.
    ("an empty object", |_| ok("{}"), Unknown, "not a token response: an empty JSON object", ADDRESS),
    ("a list", |_| ok(r#"[{"access_token":"marker"}]"#), Unknown, "a JSON array", ADDRESS),
    ("a text", |_| ok(r#""marker""#), Unknown, "a single JSON value", ADDRESS),
    ("XML", |_| ok("<token>marker</token>"), Unknown, "XML or other markup", ADDRESS),
    ("JSONP", |_| ok(r#"callback({"access_token":"marker"})"#), Unknown, "text that is not JSON", ADDRESS),
    ("nothing but brackets", |_| ok(&"[".repeat(100_000)), Unknown, "text that is not JSON", ADDRESS),
    ("no access token", |_| ok(r#"{"token_type":"Bearer"}"#), Unknown, "a JSON object of token_type", ADDRESS),
    ("an empty access token", |_| ok(r#"{"access_token":""}"#), Unknown, "object of access_token", ADDRESS),
    ("an access token that is null", |_| ok(r#"{"access_token":null}"#), Unknown, "object of access_token", ADDRESS),
    ("an access token that is a number", |_| ok(r#"{"access_token":7}"#), Unknown, "object of access_token", ADDRESS),
    // Token responses that are taken as they are.
    (
        "no access token, but a refresh token",
        |_| ok(r#"{"refresh_token":"new-refresh-marker"}"#),
        REFRESH,
        "a refresh token and no access token: refresh again",
        "",
    ),
    (
        "an access token that is a list beside a refresh token",
        |_| ok(r#"{"access_token":["marker"],"refresh_token":"new-refresh-marker"}"#),
        REFRESH,
        "a refresh token and no access token: refresh again",
        "",
    ),
    (
        "an access token with line breaks around it",
        |_| {
            ok(
                r#"{"access_token":"\r\nnew-access-marker\n","refresh_token":"new-refresh-marker","token_type":"Bearer"}"#,
            )
        },
        BOTH,
        "",
        "",
    ),
    (
        "an access token with a line break in it",
        |_| ok(r#"{"access_token":"new\r\nx: marker","refresh_token":"new-refresh-marker","token_type":"Bearer"}"#),
        New(&["new\r\nx: marker", "new-refresh-marker", OLD_ID]),
        "the access token contains a line break",
        "",
    ),
    ("no token_type", |_| with(r#""a":1"#), BOTH, "sent no token_type; Bearer is assumed", ""),
    ("a token_type that is a number", |_| with(r#""token_type":7"#), BOTH, "no token_type; Bearer is assumed", ""),
    ("a token_type that is no scheme", |_| with(r#""token_type":"a b\n""#), BOTH, "is not a scheme", ""),
    ("a token_type of its own", |_| with(r#""token_type":"mac""#), BOTH, "with the scheme mac", ""),
    ("expires_in as text", |_| with(r#""token_type":"Bearer","expires_in":"3600""#), BOTH, "", ""),
    ("expires_in as a fraction", |_| with(r#""token_type":"Bearer","expires_in":3599.5"#), BOTH, "", ""),
    ("expires_in null", |_| with(r#""token_type":"Bearer","expires_in":null"#), BOTH, "", ""),
    ("expires_in negative", |_| with(r#""expires_in":-1"#), BOTH, "expires_in", ""),
    ("expires_in beyond all time", |_| with(r#""expires_in":1e300"#), BOTH, "expires_in", ""),
    ("expires_in in words", |_| with(r#""expires_in":"soon""#), BOTH, "expires_in", ""),
    ("expires_in a list", |_| with(r#""expires_in":[3600]"#), BOTH, "expires_in", ""),
    (
        "an empty refresh token",
        |_| ok(r#"{"access_token":"new-access-marker","refresh_token":""}"#),
        ACCESS,
        "type",
        "",
    ),
    (
        "a refresh token that is null",
        |_| ok(r#"{"access_token":"new-access-marker","refresh_token":null}"#),
        ACCESS,
        "type",
        "",
    ),
    ("no refresh token", |_| ok(r#"{"access_token":"new-access-marker"}"#), ACCESS, "token_type", ""),
    (
        "the same refresh token",
        |_| ok(r#"{"access_token":"new-access-marker","refresh_token":"old-refresh-marker"}"#),
        ACCESS,
        "token_type",
        "",
    ),
    ("a scope that is a list", |_| with(r#""token_type":"Bearer","scope":["a","b"]"#), BOTH, "", ""),
    ("a scope that is a number", |_| with(r#""token_type":"Bearer","scope":7"#), BOTH, "", ""),
    ("an error beside the tokens", |_| with(r#""error":"x""#), BOTH, "an error beside the tokens: x", ""),
    (
        "a member twice",
        |_| {
            ok(
                r#"{"access_token":"first-marker","access_token":"new-access-marker","refresh_token":"new-refresh-marker"}"#,
            )
        },
        BOTH,
        "token_type",
        "",
    ),
    (
        "a member that is nested very deeply",
        |_| with(&format!(r#""token_type":"Bearer","deep":{}1{}"#, "[".repeat(5_000), "]".repeat(5_000))),
        BOTH,
        "a member in it cannot be read",
        "",
    ),
    (
        "something behind the object",
        |_| ok(r#"{"access_token":"new-access-marker","refresh_token":"new-refresh-marker"}{"access_token":"marker"}"#),
        BOTH,
        "there is other text after the JSON",
        "",
    ),
    (
        "an envelope",
        |_| ok(r#"{"data":{"access_token":"new-access-marker","refresh_token":"new-refresh-marker"}}"#),
        BOTH,
        "wraps the tokens in an envelope",
        "",
    ),
    (
        "a form",
        |_| ok("access_token=new-access-marker&refresh_token=new-refresh-marker&token_type=bearer"),
        BOTH,
        "it is form-encoded, not JSON",
        "",
    ),
    (
        "an ID token that is none",
        |_| with(r#""token_type":"Bearer","id_token":"marker""#),
        New(&["new-access-marker", "new-refresh-marker", "marker"]),
        "the ID token is not valid: it is not a JWT with readable claims",
        "",
    ),
    ("an ID token that is a number", |_| with(r#""token_type":"Bearer","id_token":7"#), BOTH, "", ""),
]);
