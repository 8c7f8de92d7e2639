use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use super::*;
use crate::token::Format;

const OPAQUE: &str = "5g92HR0yJ4m51NIIy4djM9ozd44Juftg";

fn jwt(subject: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (header, claims) = (encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&format!(r#"{{"sub":"{subject}"}}"#)));
    format!("{header}.{claims}.{}", encode(&subject.repeat(8)))
}

/// The tokens that a text holds, each as `token @ place (purpose)`.
fn found(text: &str) -> Vec<String> {
    let words = |found: &Found| {
        let purpose = found.purpose.map(|purpose| format!(" ({})", purpose.as_str())).unwrap_or_default();
        let token = found.inspect();
        assert!(token.is_plausible(), "{text}");
        format!("{} @ {}{purpose}", token.raw().expose_secret(), found.place.as_deref().unwrap_or("-"))
    };
    detect(text).iter().map(words).collect()
}

/// One row for each kind of text. `A`, `B` and `C` stand for JWTs, `O` for an opaque token.
#[test]
fn kinds_of_text() {
    let (a, b, c) = (jwt("ann"), jwt("bob"), jwt("cid"));
    let fill = |text: &str| text.replace("{A}", &a).replace("{B}", &b).replace("{C}", &c).replace("{O}", OPAQUE);
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(found(&fill(text)), expected.iter().map(|text| fill(text)).collect::<Vec<_>>(), "{text}");
    };
    // The token and nothing else.
    check("{A}", &["{A} @ -"]);
    check(" \"{A}\",\n", &["{A} @ -"]);
    check("Bearer {A}", &["{A} @ - (access)"]);
    check("{O}==", &["{O}== @ -"]);
    check("Bearer {O}", &["{O} @ - (access)"]);
    // Headers.
    check("Authorization: Bearer {A}", &["{A} @ Authorization header (access)"]);
    check("authorization: JWT {O}\n", &["{O} @ Authorization header (access)"]);
    check(
        "GET /me HTTP/1.1\r\nHost: api.example.org\r\nAuthorization: Bearer {A}\r\nX-Amz-Security-Token: {O}\r\n\r\n",
        &["{A} @ Authorization header (access)", "{O} @ X-Amz-Security-Token header"],
    );
    check("WWW-Authenticate: Bearer error_description=\"the token has expired\", scope=\"openid\"", &[]);
    // JSON.
    check(
        r#"{"access_token":"{A}","token_type":"Bearer","expires_in":60,"refresh_token":"{O}","id_token":"{B}"}"#,
        &["{A} @ member access_token (access)", "{O} @ member refresh_token (refresh)", "{B} @ member id_token (id)"],
    );
    check(r#"{"data":{"accessToken":"12|{O}"}}"#, &["12|{O} @ member accessToken (access)"]);
    check(r#"{"a":[[{"tokens":["{A}","{B}"]}]],"b":"{A}"}"#, &["{A} @ member tokens", "{B} @ member tokens"]);
    check(
        r#"{"note":"see {A}, please","url":"https://x.org/?id_token={B}"}"#,
        &["{A} @ member note", "{B} @ query parameter id_token (id)"],
    );
    check(
        r#"{"body":"{\"access_token\":\"{A}\",\"refresh_token\":\"{O}\"}"}"#,
        &["{A} @ member access_token (access)", "{O} @ member refresh_token (refresh)"],
    );
    check(r#"{"csrfToken":"{O}","name":"x","token_type":"Bearer-of-something"}"#, &[]);
    // A curl command.
    check(
        "curl 'https://api.example.org/me' \\\n  -H 'Accept: */*' \\\n  -H 'Authorization: Bearer {A}' \\\n  -d '{\"refresh_token\":\"{O}\"}'",
        &["{A} @ Authorization header (access)", "{O} @ member refresh_token (refresh)"],
    );
    check(
        "curl -b 'sid=1; jwt={A}' https://x.org -d 'grant_type=refresh_token&refresh_token={O}'",
        &["{A} @ cookie jwt", "{O} @ parameter refresh_token (refresh)"],
    );
    // Cookies.
    check(
        "Cookie: theme=dark; edx-jwt-cookie-header-payload=x; token={A}; access_token={O}; csrftoken={O}9",
        &["{A} @ cookie token", "{O} @ cookie access_token (access)"],
    );
    check("Set-Cookie: session={A}; Path=/; HttpOnly", &["{A} @ cookie session"]);
    // URLs.
    check(
        "https://app.example.org/cb#access_token={A}&state=xyz&id_token={B}",
        &["{A} @ fragment parameter access_token (access)", "{B} @ fragment parameter id_token (id)"],
    );
    check("https://x.org/cb?a=b&access_token={O}%3D%3D&c=d", &["{O}== @ query parameter access_token (access)"]);
    check(
        "https://x.org/?next=https%3A%2F%2Fy.org%2F%23access_token%3D{A}%26b%3Dc",
        &["{A} @ fragment parameter access_token (access)"],
    );
    check("https://x.org/verify/{A}/now", &["{A} @ text"]);
    // .env and YAML.
    check(
        "# mine\nexport API_TOKEN={A}\nREFRESH_TOKEN=\"{O}\"\nDEBUG=1\n",
        &["{A} @ value of API_TOKEN", "{O} @ value of REFRESH_TOKEN (refresh)"],
    );
    check(
        "user:\n  id-token: {A}\n  access_token: >-\n    {O}\n  name: x\n",
        &["{A} @ id-token header (id)", "{O} @ value of access_token (access)"],
    );
    check("TOKEN=/var/run/secrets/kubernetes.io/token\nACCESS_TOKEN=$(get-access-token-now)\n", &[]);
    // Logs, with and without names.
    check("2026-11-21 INFO login ok\n2026-11-21 DEBUG got {A}.\n", &["{A} @ line 2"]);
    check(
        "12:00 auth=Bearer {O} status=401 access_token={O}1;",
        &["{O} @ value of auth", "{O}1 @ value of access_token (access)"],
    );
    check("{A}\n{B}\n\n{C}\n{A}\n", &["{A} @ line 1", "{B} @ line 2", "{C} @ line 4"]);
    check(
        "{\"id_token\":\"{A}\"}\n{\"id_token\":\"{B}\"}\n",
        &["{A} @ member id_token (id)", "{B} @ member id_token (id)"],
    );
    // HTML.
    check(
        r#"<p>Hi</p><input type="hidden" name="id_token" value="{A}"/><script>var t = "{B}";</script>"#,
        &["{A} @ value of id_token (id)", "{B} @ value of t"],
    );
    check("<div data-config=\"{&quot;accessToken&quot;:&quot;{O}&quot;}\">", &["{O} @ member accessToken (access)"]);
    check("<a href=\"/cb?x=1&amp;id_token={A}\">", &["{A} @ query parameter id_token (id)"]);
    // HAR.
    check(
        r#"{"log":{"entries":[{"request":{"url":"https://x.org/","headers":[{"name":"Authorization","value":"Bearer {A}"}],
        "cookies":[{"name":"jwt","value":"{B}"}],"postData":{"text":"client_id=a&refresh_token={O}"}},
        "response":{"content":{"text":"{\"access_token\":\"{C}\"}"}}}]}}"#,
        &[
            "{A} @ Authorization header (access)",
            "{B} @ cookie jwt",
            "{O} @ parameter refresh_token (refresh)",
            "{C} @ member access_token (access)",
        ],
    );
    // Nothing.
    check("", &[]);
    check(" \n", &[]);
    check("there is no token in this text, only Bearer authentication-tokens", &[]);
}

#[test]
fn wrapped_and_quoted() {
    let (token, other) = (jwt("a-rather-long-subject-of-a-token"), jwt("other"));
    let wrap = |mark: &str| {
        let parts: Vec<_> = token.as_bytes().chunks(40).map(|part| str::from_utf8(part).unwrap()).collect();
        format!("{mark}{}", parts.join(&format!("\n{mark}")))
    };
    let sole = detect(&wrap(""));
    assert_eq!((sole.len(), sole[0].place.as_deref()), (1, None));
    assert_eq!(sole[0].inspect().raw().expose_secret(), token);
    assert_eq!(found(&wrap("> ")), [format!("{token} @ quoted text")]);
    assert_eq!(
        found(&format!("access_token:\n  {}\nexpires: 3", wrap("").replace('\n', "\n  "))),
        [format!("{token} @ value of access_token (access)")]
    );
    assert_eq!(
        found(&format!("mine:\n{}\n\n{other}\n", wrap(""))),
        [format!("{token} @ value of mine"), format!("{other} @ line {}", token.len().div_ceil(40) + 3)]
    );
}

#[test]
fn json_serializations() {
    let token = jwt("ann");
    let [protected, payload, signature] = [0, 1, 2].map(|part| token.split('.').nth(part).unwrap());
    let flattened = format!(r#"{{"payload":"{payload}","protected":"{protected}","signature":"{signature}"}}"#);
    assert_eq!(found(&flattened), [format!("{token} @ JWS JSON serialization")]);
    let one = format!(r#"{{"protected":"{protected}","signature":"{signature}"}}"#);
    let two = format!(r#"{{"header":{{"kid":"k"}},"protected":"{protected}","signature":"AAAA"}}"#);
    assert_eq!(
        found(&format!(r#"[{{"payload":"{payload}","signatures":[{one},{two}]}}]"#)),
        [
            format!("{token} @ JWS JSON serialization, signature 1"),
            format!("{protected}.{payload}.AAAA @ JWS JSON serialization, signature 2"),
        ]
    );
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
    let jwe = format!(r#"{{"protected":"{header}","iv":"AAAA","ciphertext":"BBBB","tag":"CCCC"}}"#);
    assert_eq!(found(&jwe), [format!("{header}..AAAA.BBBB.CCCC @ JWE JSON serialization")]);
}

#[test]
fn other_formats_are_named() {
    let format = |text: &str| {
        let found = detect(text);
        assert_eq!(found.len(), 1, "{text}");
        found[0].inspect().format().map(Format::as_str)
    };
    // PASETO's test vector 4-S-1.
    let paseto = "v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9bg_XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA";
    assert_eq!(format(paseto), Some("PASETO v4.public"));
    assert_eq!(format(&format!("token: {paseto} ok")), Some("PASETO v4.public"));
    let token = Token::inspect(paseto);
    let payload = token.said().unwrap();
    assert_eq!(payload.text(), r#"{"data":"this is a signed message","exp":"2022-01-01T00:00:00+00:00"}"#);
    assert_eq!(format(&format!("v2.local.{}", "A".repeat(64))), Some("PASETO v2.local"));
    let xml = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="a"><b/></samlp:Response>"#;
    assert_eq!(format(xml), Some("SAML"));
    assert_eq!(format(&STANDARD.encode(xml)), Some("SAML"));
    assert_eq!(
        format(&format!("SAMLResponse={}&RelayState=x", STANDARD.encode(xml).replace('+', "%2B"))),
        Some("SAML")
    );
    let first = b"0021location http://example.org/\n001aidentifier 12345678\n0010cid x";
    assert_eq!(format(&URL_SAFE_NO_PAD.encode(first)), Some("macaroon"));
    assert_eq!(format("macaroon=AgEIcHlwaS5vcmcCJDM4ZmI2YjYxLWM0ZTktNDZjZi1hMTk0LWM0Y"), Some("macaroon"));
    assert_eq!(format(OPAQUE), None);
}

#[test]
fn disclosures_of_an_sd_jwt() {
    // RFC 9901 §5.1: two disclosures of its example, and a key binding behind them.
    let disclosures =
        "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd~WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0";
    let claims = r#"{"sub":"ann","_sd":["jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4"],"in":[{"...":"pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo"}]}"#;
    let signed = jwt("ann").replace(&URL_SAFE_NO_PAD.encode(r#"{"sub":"ann"}"#), &URL_SAFE_NO_PAD.encode(claims));
    let token = format!("{signed}~{disclosures}~{}", jwt("key-binding"));
    let inspected = Token::inspect(&token);
    assert_eq!((inspected.defects(), inspected.format()), (&[][..], Some(Format::SdJwt)));
    assert_eq!(inspected.subject().as_deref(), Some("ann"));
    let shown: Vec<_> = inspected.disclosures().into_iter().map(|shown| (shown.name, shown.value)).collect();
    assert_eq!(shown, [(Some("given_name".to_owned()), "\"John\"".to_owned()), (None, "\"US\"".to_owned())]);
    assert_eq!(found(&format!("vp_token={token}")), [format!("{token} @ value of vp_token")]);
}

/// Much of what is worst for each part of the reader; a quadratic step would take much longer.
#[test]
fn time_grows_with_the_length() {
    const SIZE: usize = 1 << 15;
    let token = jwt("ann");
    for pattern in [
        "a",
        "ey",
        "ey.",
        "eyJ.",
        "ey.\n",
        "eya\n",
        "%25",
        "%22ey%22",
        "a=",
        "\"",
        "\\\"",
        "&quot;",
        "{\"a\":",
        "[",
        "?#&",
        "token=",
        "abcdefghijklmnop ",
        "Bearer abcdefghijklmno1 ",
        "> ey\n",
        "cookie: a=b;",
        "<input name=",
        "v4.public.",
        "eyJhbGciOiJIUzI1NiJ9.",
        "AgEIcHlwaS5vcmcC ",
        "PHNhbWxw/",
        "é",
        "[\"ey.ey.ey\"],",
        "~",
        "eyJhbGciOiJIUzI1NiJ9.\n",
        "ey==.",
        "eyJh=\n",
        "=3D",
        "=3D=\n",
        "{}",
        "{\"a\":1}",
        "x {\"a\":1} \n",
        "{\n",
        "}\n{",
        "a.0=eyJh; a.1=b.c; ",
        "a.1=",
        "shc:/56762909",
        "shc:/1/2/56",
        "a:\n  b:\n",
        "- - - a:",
        "Basic ",
        "token: SGVsbG8gd29ybGQgSGVsbG8gd29ybGQg\n",
        "SGVsbG8gd29ybGQgSGVsbG8gd29ybGQgSGVsbG8gd29ybGQg\n",
        "SGVsbG8gd29ybGQgSGVsbG8gd29ybGQgSGVsbG8gd29ybGQg",
        "48656c6c6f20776f726c64",
        "H4sIAAAAAAAA ",
        "eJxLTEpOAQAC2AEn ",
        "0oRDoQEmoQRC ",
        "hEOhASahBEJr",
        "d28443a10126a104426b3158",
        "EnYKDBgDIggKBggGEgIYDRIkCAASIF ",
        "EnYKDBgDIggKBggGEgIYDRIkCAASIF",
        "fm2_lJPECAAA",
        "MDAyMWxvY2F0aW9u",
        "eyJ2IjoyLCJzNjQiOiIi",
    ] {
        let text = pattern.repeat(SIZE / pattern.len());
        let nested = format!("{{\"a\":\"{}\"}}", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
        for text in [text, nested] {
            // The time of this thread alone: how busy the machine is does not count.
            let spent = || clock_gettime(ClockId::ThreadCPUTime).tv_sec;
            let start = spent();
            detect(&text);
            assert!(spent() - start <= 2, "{pattern:?} took more than two seconds");
        }
    }
    let many: String =
        (0..2_000).map(|n| format!("{{\"access_token\":\"{}\"}}\n", token.replace('.', &format!(".{n:04}")))).collect();
    assert!(detect(&many).len() <= 2_000);
    let array = format!("[{}]", vec![format!("\"{token}\""); 5_000].join(","));
    assert_eq!(detect(&array).len(), 1);
}

proptest! {
    #[test]
    fn never_panics(
        any in any::<String>(),
        near in "(ey|eyJhbGciOiJIUzI1NiJ9|token|Bearer|[%&;?#=:\"'\\\\{}\\[\\], \n.~/+<>é]|[a-z0-9]{16}|value|name=|%22|&quot;|cookie:|v4.public.|AgE|shc:/|shc:/1/2/56|=3D|=\n|==.|a.0=|a.1=|base64-|ZXlK|0oRDoQEm|hEOhASah|d28443a1|EnYKDBgD|MDAyMWxv|H4sIAAAA|eJxL|expires_at|1795677128|- |  ){0,40}",
        before in any::<prop::sample::Index>(),
    ) {
        for text in [any, near] {
            detect(&text);
            // In the midst of any text between blanks, a JWT is found.
            let token = jwt("ann");
            let at = text.floor_char_boundary(before.index(text.len() + 1));
            let found = detect(&format!("{} \"{token}\" {}", &text[..at], &text[at..]));
            prop_assert!(found.iter().any(|found| found.inspect().raw().expose_secret().contains(&token)), "{text:?} {at}");
        }
    }
}
