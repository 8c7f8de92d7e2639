//! HTTP: redirects, silence, bodies and heads that end too early or never, statuses of proxies, and encodings.

use super::{Answer, Does, Leaves, Mode};

use Leaves::{New, Same, Unknown};

const TOKENS: &str = r#""access_token":"new-access-marker","refresh_token":"new-refresh-marker","token_type":"Bearer""#;
const BOTH: Leaves = New(&["new-access-marker", "new-refresh-marker", super::OLD_ID]);

const LATER: &str = "try again later, or raise the profile's timeout; the old tokens are kept";
const URL: &str = "check the profile's URL, then try again; the old tokens are kept";
const ADDRESS: &str = "check the URL in the profile";
const DOWN: &str = "the server has a problem; try again later; the old tokens are kept";
const CLOSED: &str = "broke off or was malformed: the connection was closed too early";
const NO_HTTP: &str = "broke off or was malformed: this is not an HTTP response";

fn reply() -> String {
    format!("{{{TOKENS}}}")
}

/// A success whose head has these lines.
fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), body].concat()
}

fn bytes(text: &str) -> Answer {
    Answer::Bytes(text.into())
}

fn chunk(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n", body.len())
}

/// Seconds from now as a date of RFC 9110 §5.6.7.
fn date(seconds: i64) -> String {
    let at = tokscope::clock::now() + chrono::TimeDelta::seconds(seconds);
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(super) const MODES: &[Mode] = &[
    // Redirects.
    Mode::token(
        "a redirect to a login page",
        |_| Answer::with(302, &[("location", "/login?next=/token&code=marker")], ""),
        Same,
        "/login (HTTP 302); nothing was sent there",
        "never sent to a redirect",
    ),
    Mode::token(
        "a redirect that keeps the method, to another host",
        |_| Answer::with(307, &[("location", "https://elsewhere.example/token#marker")], ""),
        Same,
        "redirects to https://elsewhere.example/token (HTTP 307)",
        "never sent to a redirect",
    ),
    Mode::token(
        "a redirect to itself",
        |_| Answer::with(308, &[("location", "/token")], ""),
        Same,
        "/token (HTTP 308)",
        "never sent to a redirect",
    ),
    Mode::token(
        "a redirect to no address",
        |_| Answer::with(301, &[("location", "http://[")], ""),
        Same,
        "redirects to an unreadable address (HTTP 301)",
        ADDRESS,
    ),
    Mode::token(
        "a redirect that repeats what was sent in its path",
        |request| {
            let sent = request.field("refresh_token").or(request.field("password")).unwrap_or_default();
            Answer::with(302, &[("location", &format!("/{sent}/x"))], "")
        },
        Same,
        "(HTTP 302); nothing was sent there",
        "never sent to a redirect",
    ),
    Mode::token("a redirect without an address", |_| Answer::with(302, &[], ""), Unknown, "(HTTP 302)", ADDRESS),
    // Silence, and ends at each place.
    Mode::token("silence", |_| Answer::Silence, Unknown, "did not answer within 2 s", LATER).waiting(),
    Mode::token("a cut before the first byte", |_| Answer::Cut, Unknown, CLOSED, URL),
    Mode::token("a cut in the status line", |_| bytes("HTTP/1.1 2"), Unknown, CLOSED, URL),
    Mode::token("a cut in the headers", |_| bytes("HTTP/1.1 200 OK\r\ncontent-le"), Unknown, CLOSED, URL),
    Mode::token("a cut before the body", |_| Answer::Bytes(raw("content-length: 100", b"")), Unknown, CLOSED, URL),
    Mode::token(
        "a cut in the access token",
        |_| Answer::Bytes(raw("content-length: 100", br#"{"access_token":"new-access-mar"#)),
        Unknown,
        CLOSED,
        URL,
    ),
    Mode::token(
        "a cut behind the tokens",
        |_| Answer::Bytes(raw("content-length: 500", format!("{{{TOKENS},\"scope\":\"re").as_bytes())),
        BOTH,
        "it ends in the middle",
        "",
    ),
    Mode::token("a halt in the status line", |_| Answer::Held(b"HTTP/1.1 2".into()), Unknown, "within 2 s", LATER)
        .waiting(),
    Mode::token(
        "a halt in the headers",
        |_| Answer::Held(b"HTTP/1.1 200 OK\r\ncontent-le".into()),
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    Mode::token(
        "a halt in the body",
        |_| Answer::Held(raw("content-length: 100", b"{\"access_token\":\"new-acc")),
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    Mode::token(
        "no end behind the tokens",
        |_| Answer::Held(raw("content-length: 500", reply().as_bytes())),
        BOTH,
        "the connection ended too early",
        "",
    ),
    Mode::token(
        "a body byte by byte",
        |_| Answer::Drip { head: "HTTP/1.1 200 OK\r\n\r\n".to_owned(), piece: " ".to_owned() },
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    Mode::token(
        "headers byte by byte",
        |_| Answer::Drip { head: "HTTP/1.1 200 OK\r\nx: ".to_owned(), piece: "y".to_owned() },
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    // Without an end.
    Mode::token(
        "an endless body",
        |_| Answer::Endless { head: "HTTP/1.1 200 OK\r\n\r\n".to_owned(), chunk: "x".repeat(65_536) },
        Unknown,
        "the body in the response of",
        "tokscope accepts at most 1024 KiB",
    ),
    Mode::token(
        "endless headers",
        |_| Answer::Endless { head: "HTTP/1.1 200 OK\r\n".to_owned(), chunk: "x-filler: yyyyyyyy\r\n".repeat(400) },
        Unknown,
        "the header in the response of",
        "it may belong to something else",
    ),
    Mode::token(
        "one huge header",
        |_| Answer::with(200, &[("x-long", &"x".repeat(1 << 20))], &reply()),
        Unknown,
        "the header in the response of",
        "it may belong to something else",
    ),
    Mode::token(
        "endless interim responses",
        |_| Answer::Drip { head: String::new(), piece: "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(9) },
        Unknown,
        "did not answer within 2 s",
        LATER,
    )
    .waiting(),
    Mode::token(
        "interim responses before the answer",
        |_| {
            let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n";
            let body = reply();
            bytes(&format!("{interim}HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
        },
        BOTH,
        "",
        "",
    ),
    Mode::token(
        "a switch of protocols",
        |_| Answer::with(101, &[("upgrade", "websocket"), ("connection", "upgrade")], ""),
        Unknown,
        "(HTTP 101)",
        ADDRESS,
    ),
    // Lengths and chunks.
    Mode::token(
        "a length that is too short",
        |_| Answer::Bytes(raw("content-length: 20", reply().as_bytes())),
        Unknown,
        "bytes of text that is not JSON",
        ADDRESS,
    ),
    Mode::token(
        "a length that is no number",
        |_| Answer::Bytes(raw("content-length: many", reply().as_bytes())),
        Unknown,
        NO_HTTP,
        URL,
    ),
    Mode::token(
        "two lengths",
        |_| Answer::Bytes(raw("content-length: 5\r\ncontent-length: 90", reply().as_bytes())),
        Unknown,
        NO_HTTP,
        URL,
    ),
    Mode::token(
        "a length beside chunks",
        |_| {
            let body = format!("{}0\r\n\r\n", chunk(&reply()));
            Answer::Bytes(raw("content-length: 3\r\ntransfer-encoding: chunked", body.as_bytes()))
        },
        BOTH,
        "",
        "",
    ),
    Mode::token(
        "a chunk size that is none",
        |_| Answer::Bytes(raw("transfer-encoding: chunked", b"zz\r\n{}\r\n")),
        Unknown,
        "broke off or was malformed",
        URL,
    ),
    Mode::token(
        "a chunk size beyond counting",
        |_| Answer::Bytes(raw("transfer-encoding: chunked", b"ffffffffffffffffff\r\n{}\r\n")),
        Unknown,
        "broke off or was malformed",
        URL,
    ),
    Mode::token(
        "no last chunk",
        |_| Answer::Bytes(raw("transfer-encoding: chunked", chunk(&reply()).as_bytes())),
        BOTH,
        "the connection ended too early",
        "",
    ),
    // What is no HTTP.
    Mode::token("the banner of SSH", |_| bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"), Unknown, NO_HTTP, URL),
    Mode::token("an answer without a head", |_| bytes(&reply()), Unknown, NO_HTTP, URL),
    Mode::token("a status of four digits", |_| bytes("HTTP/1.1 2000 OK\r\n\r\n{}"), Unknown, NO_HTTP, URL),
    Mode::token(
        "a header with control characters",
        |_| bytes("HTTP/1.1 200 OK\r\nx: \x1b]0;marker\x07\0\r\ncontent-length: 2\r\n\r\n{}"),
        Unknown,
        NO_HTTP,
        URL,
    ),
    // Encodings.
    Mode::token(
        "a gzip that is cut",
        |_| Answer::Bytes(raw("content-encoding: gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a")),
        Unknown,
        "is encoded as \"gzip\", which is corrupt or not supported",
        "no compression was requested",
    ),
    Mode::token(
        "a compression that is not known",
        |_| Answer::Bytes(raw("content-encoding: br", b"\x8b\x00\x80")),
        Unknown,
        "is encoded as \"br\"",
        "no compression was requested",
    ),
    Mode::token(
        "a little that unpacks to very much",
        |_| {
            let body = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 4 << 20], 1);
            Answer::Bytes(raw("content-encoding: deflate", &body))
        },
        Unknown,
        "is encoded as \"deflate\"",
        "no compression was requested",
    ),
    Mode::token(
        "a byte order mark",
        |_| Answer::json(200, &format!("\u{feff}{{{TOKENS}}}")),
        BOTH,
        "it begins with a byte order mark",
        "",
    ),
    Mode::token(
        "UTF-16",
        |_| Answer::Bytes(raw("content-type: application/json; charset=utf-16le", &utf16(&reply()))),
        Unknown,
        "bytes of text that is not JSON",
        ADDRESS,
    ),
    Mode::token(
        "bytes beside the tokens that are not UTF-8",
        |_| Answer::Bytes(raw("x: y", &[b"{\"name\":\"J\xfcrgen\",", TOKENS.as_bytes(), b"}"].concat())),
        BOTH,
        "it is not valid UTF-8",
        "",
    ),
    Mode::token(
        "bytes in the access token that are not UTF-8",
        |_| Answer::Bytes(raw("x: y", b"{\"access_token\":\"marker\xfc\",\"refresh_token\":\"new-refresh-marker\"}")),
        New(&["new-refresh-marker"]),
        "the access token arrived damaged and was not saved",
        "",
    ),
    Mode::token(
        "a charset that does not exist, twice",
        |_| {
            let types = "content-type: application/json; charset=utf-7\r\ncontent-type: text/html; charset=klingon";
            Answer::Bytes(raw(types, reply().as_bytes()))
        },
        BOTH,
        "",
        "",
    ),
    Mode::token(
        "bytes of nothing",
        |_| Answer::Bytes(raw("x: y", &[0; 512])),
        Unknown,
        "text that is not JSON",
        ADDRESS,
    ),
    // Pages in the place of an answer.
    Mode::token(
        "a login page with 200",
        |_| Answer::html(200, "Sign in"),
        Unknown,
        "(HTTP 200) is not a token response: an HTML page titled \"Sign in\"",
        ADDRESS,
    ),
    Mode::token(
        "a page with a token in its title",
        |_| Answer::html(200, "Success code=old-refresh-marker"),
        Unknown,
        "an HTML page",
        ADDRESS,
    ),
    Mode::token(
        "a page with control characters in its title",
        |_| Answer::html(200, "\u{1b}]0;pwned\u{7}\u{9b}2J\u{202e}"),
        Unknown,
        "an HTML page",
        ADDRESS,
    ),
    Mode::token(
        "a captive portal",
        |_| Answer::html(511, "Network Authentication Required"),
        Unknown,
        "(HTTP 511) is not a token response",
        "sign in to the network in a browser",
    ),
    Mode::token("no content", |_| Answer::with(204, &[], ""), Unknown, "(HTTP 204)", ADDRESS),
    Mode::token("a part of the content", |_| Answer::with(206, &[], "s_token\":1}"), Unknown, "(HTTP 206)", ADDRESS),
    Mode::token("not modified", |_| Answer::with(304, &[], ""), Unknown, "(HTTP 304)", ADDRESS),
    // Statuses.
    Mode::token("a bad request's page", |_| Answer::html(400, "400 Bad Request"), Same, "(HTTP 400)", ADDRESS),
    Mode::token("a firewall's page", |_| Answer::html(403, "Access Denied"), Same, "\"Access Denied\"", ADDRESS),
    Mode::token("no such page", |_| Answer::html(404, "Not Found"), Same, "\"Not Found\"", ADDRESS),
    Mode::token("a method that is not allowed", |_| Answer::with(405, &[("allow", "GET")], ""), Same, "405", ADDRESS),
    Mode::token(
        "a proxy that wants a password",
        |_| Answer::with(407, &[("proxy-authenticate", "Basic realm=\"proxy\"")], ""),
        Same,
        "(HTTP 407)",
        "HTTPS_PROXY",
    ),
    Mode::token("a request that took too long", |_| Answer::with(408, &[], ""), Same, "(HTTP 408)", "try again later"),
    Mode::token("gone", |_| Answer::with(410, &[], ""), Same, "(HTTP 410)", ADDRESS),
    Mode::token("content too large", |_| Answer::html(413, "Payload Too Large"), Same, "(HTTP 413)", ADDRESS),
    Mode::token("a teapot", |_| Answer::with(418, &[], "I'm a teapot"), Same, "(HTTP 418)", ADDRESS),
    Mode::token(
        "an upgrade is required",
        |_| Answer::with(426, &[("upgrade", "h2c")], ""),
        Same,
        "(HTTP 426)",
        ADDRESS,
    ),
    Mode::token("headers too large", |_| Answer::html(431, "Too large"), Same, "(HTTP 431)", ADDRESS),
    Mode::token("not for legal reasons", |_| Answer::html(451, "Unavailable"), Same, "(HTTP 451)", ADDRESS),
    Mode::token(
        "too many requests, with seconds",
        |_| Answer::with(429, &[("retry-after", "120")], r#"{"error":"slow_down"}"#),
        Same,
        "asks for fewer requests (HTTP 429): slow_down",
        "try again in 120 s",
    ),
    Mode::token(
        "too many requests, with a date",
        |_| Answer::with(429, &[("retry-after", &date(3_600))], "<html>"),
        Same,
        "asks for fewer requests (HTTP 429)",
        "try again in 3",
    ),
    Mode::token(
        "too many requests, with a date in the past",
        |_| Answer::with(429, &[("retry-after", &date(-3_600))], ""),
        Same,
        "asks for fewer requests (HTTP 429)",
        "wait a minute, then try again",
    ),
    Mode::token(
        "too many requests, with nonsense",
        |_| Answer::with(429, &[("retry-after", "-1"), ("retry-after", "soon")], ""),
        Same,
        "asks for fewer requests (HTTP 429)",
        "wait a minute, then try again",
    ),
    Mode::token(
        "too many requests, for a thousand years",
        |_| Answer::with(429, &[("retry-after", "31556952000")], ""),
        Same,
        "asks for fewer requests (HTTP 429)",
        "which is implausible",
    ),
    Mode::token(
        "too many requests, and more seconds than there are",
        |_| Answer::with(429, &[("retry-after", "99999999999999999999999")], ""),
        Same,
        "asks for fewer requests (HTTP 429)",
        "wait a minute, then try again",
    ),
    Mode::token(
        "down for maintenance",
        |_| Answer::with(503, &[("retry-after", "30")], "<html>"),
        Same,
        "is temporarily unavailable (HTTP 503)",
        "try again in 30 s",
    ),
    Mode::token("an error page", |_| Answer::html(500, "Server Error (500)"), Unknown, "(HTTP 500)", DOWN),
    Mode::token("a gateway's page", |_| Answer::html(502, "502 Bad Gateway"), Unknown, "502 Bad Gateway", DOWN),
    Mode::token("an overload's page", |_| Answer::html(503, "Overloaded"), Unknown, "(HTTP 503)", DOWN),
    Mode::token("a gateway's time-out", |_| Answer::html(504, "Gateway Time-out"), Unknown, "(HTTP 504)", DOWN),
    Mode::token("a status beyond the known ones", |_| Answer::with(999, &[], "denied"), Unknown, "(HTTP 999)", DOWN),
    Mode::token(
        "tokens under a status of trouble",
        |_| Answer::json(500, &reply()),
        BOTH,
        "its status says that the request failed",
        "",
    ),
    Mode::new("a closed port", Does::Nothing, Same, "connection refused", "that the server is running"),
];

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
