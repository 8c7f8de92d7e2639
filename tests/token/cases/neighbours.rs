//! The kinds around the reports: other encodings, other caches, other ways to number cookies; and what is no token.

use super::{data, decode, line, run};

const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ.xYVulEafnAuOLErfSP33hUZqC5ZvWF7GyeaW_axaYs";

fn base64(text: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The tokens of a text as `place | purpose | end`.
fn found(text: &str) -> Vec<String> {
    let short = |line: String| line.split(" | ").skip(1).take(3).collect::<Vec<_>>().join(" | ");
    decode(text).iter().map(|token| short(line(token))).collect()
}

/// A padded token is found whole wherever it stands: nothing of it is cut off, and nothing behind it is taken along.
#[test]
fn padded_tokens_anywhere() {
    let padded = data("alb-padded-bare.txt");
    let padded = padded.trim();
    let percent = padded.replace('=', "%3D");
    let wrapped = padded.as_bytes().chunks(40).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>();
    for text in [
        format!("x-amzn-oidc-data: {padded}\r\nx-amzn-trace-id: Root=1-2-3\r\n"),
        format!("< x-amzn-oidc-data: {padded}\n< Via: x\n"),
        format!("Authorization: Bearer {padded}\nHost: x\n"),
        format!("Cookie: a=b; jwt={padded}; c=d"),
        format!("https://x.org/?jwt={percent}&a=b"),
        format!("https://x.org/?jwt={padded}&a=b"),
        format!(r#"{{"headers":{{"x-amzn-oidc-data":"{padded}"}}}}"#),
        format!("JWT={padded}\nOTHER=1\n"),
        format!("jwt: \"{padded}\"\nother: 1\n"),
        format!("got {padded}, then {padded}."),
        format!("it was {padded}."),
        format!("mine:\n  {}\nother: 1\n", wrapped.join("\n  ")),
        wrapped.join("\r\n"),
        base64(padded),
    ] {
        let found = tokscope::token::detect::detect(&text);
        let raws: Vec<_> = found.iter().map(|found| found.inspect().raw().clone()).collect();
        let raws: Vec<_> = raws.iter().map(tokscope::secret::ExposeSecret::expose_secret).collect();
        assert_eq!(raws, [padded], "{text}");
    }
}

#[test]
fn several_in_one_header() {
    let fly = data("fly-macaroon-header.txt");
    let fly = fly.trim().strip_prefix("FlyV1 ").unwrap();
    let other = format!("fm2_{}", "x".repeat(64));
    let tokens = decode(&format!("Authorization: FlyV1 {fly},{other}\nHost: api.machines.dev\n"));
    let formats: Vec<_> = tokens.iter().map(|token| (token["place"].as_str(), token["format"].as_str())).collect();
    assert_eq!(
        formats,
        [(Some("Authorization header"), Some("Fly.io macaroon")), (Some("line 1"), Some("Fly.io macaroon"))]
    );
}

#[test]
fn layers_of_encodings() {
    let wrapped = |text: &str, mark: &str| {
        let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        lines.join(&format!("\n{mark}"))
    };
    let hex: String = JWT.bytes().map(|byte| format!("{byte:02x}")).collect();
    let unpadded = base64(JWT).trim_end_matches('=').replace('+', "-").replace('/', "_");
    let secret = |data: &str| format!(r#"{{"kind":"Secret","data":{{"ca.crt":"aGVsbG8=","token":"{data}"}}}}"#);
    let docker = format!(r#"{{"auths":{{"r.example.org":{{"auth":"{}"}}}}}}"#, base64(format!("oauth2:{JWT}")));
    for (text, expected) in [
        (unpadded.clone(), "base64 | - | -"),
        (base64(base64(JWT)), "base64 in base64 | - | -"),
        (hex, "hex | - | -"),
        (secret(&base64(JWT)), "base64 in data.token | - | -"),
        (
            format!("data:\n  token: >-\n    {}\n  x: y\n", wrapped(&base64(JWT), "    ")),
            "base64 in data.token | - | -",
        ),
        (format!("items:\n- data:\n    id_token: \"{unpadded}\"\n"), "base64 in items.data.id_token | id | -"),
        (
            format!("Authorization: Basic {}\nHost: x\n", base64(format!("x-access-token:{JWT}"))),
            "base64 in Authorization header | access | -",
        ),
        (format!("session={}; Path=/", base64(format!(r#"{{"user":1,"jwt":"{JWT}"}}"#))), "member jwt | - | -"),
        (format!(".dockerconfigjson: {}", base64(docker)), "base64 in auths.r.example.org.auth | - | -"),
        (format!("Cookie: a={}", base64(format!("note {JWT} end"))), "base64 in cookie a | - | -"),
    ] {
        assert_eq!(found(&text), [expected], "{text}");
    }
    let mail = wrapped(&base64(format!("Hello,\n\nyour link is https://x.org/?token={JWT}\n")), "");
    let text = format!("Content-Transfer-Encoding: base64\n\n{mail}\n");
    assert_eq!(found(&text), ["query parameter token | - | -"]);
}

#[test]
fn compressed_texts_are_inflated_within_the_limit() {
    let zlib = |text: &[u8]| base64(miniz_oxide::deflate::compress_to_vec_zlib(text, 6));
    let gzip = |text: &[u8]| {
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        base64([&head[..], &miniz_oxide::deflate::compress_to_vec(text, 6), &[0; 8]].concat())
    };
    for text in [zlib(JWT.as_bytes()), gzip(JWT.as_bytes())] {
        assert_eq!(found(&format!("release: {text}")), ["compressed base64 in release | - | -"]);
    }
    // An opaque token stays as it is sent, whatever its base64 stands for.
    let id = base64("123e4567-e89b-12d3-a456-426614174000");
    let tokens = tokscope::token::detect::detect(&format!(r#"{{"access_token":"{id}"}}"#));
    assert_eq!(tokscope::secret::ExposeSecret::expose_secret(&tokens[0].text), id);
    // A bomb is not inflated, and a hundred of them neither.
    let bomb = zlib(&vec![b' '; 2 << 20]);
    let many: String = (0..1_000).map(|n| format!("release{n}x: {bomb}\n")).collect();
    let (_, stderr, code) = run(&["decode"], &format!("{many}\n"));
    assert_eq!((code, stderr.contains("no token in")), (2, true), "{stderr}");
}

/// A health card's payload has a limit, too.
#[test]
fn a_compressed_payload_is_inflated_within_the_limit() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let card = |payload: &[u8]| {
        let packed = miniz_oxide::deflate::compress_to_vec(payload, 6);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","zip":"DEF"}"#);
        decode(&format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(packed))).remove(0)
    };
    let claims = |length: usize| format!(r#"{{"vc":"{}"}}"#, "x".repeat(length)).into_bytes();
    let small = card(&claims(1_000));
    assert_eq!((small["format"].as_str(), &small["defects"]), (Some("SMART Health Card"), &serde_json::json!([])));
    let large = card(&claims(300 << 10));
    assert!(large["claims"].is_null() && large["defects"].to_string().contains("more than 256 KiB"), "{large}");
}

#[test]
fn caches_of_credentials() {
    for (text, expected) in [
        (
            r#"{"token":"ya29.a0AfB_byC3aZ1xY2wV3uT4sR5qP6","refresh_token":"1//0gXyZ12345abcdefgh","expiry":"2026-11-26T01:00:00.5Z"}"#,
            &["member token | - | 2026-11-26T01:00:00.500Z", "member refresh_token | refresh | -"][..],
        ),
        (
            r#"[{"tokenType":"Bearer","expiresOn":"2026-11-26 01:00:00.250000","accessToken":"opaque-opaque-opaque-1"}]"#,
            &["member accessToken | access | 2026-11-26T01:00:00.250Z"],
        ),
        (
            r#"{"kind":"ExecCredential","status":{"expirationTimestamp":"2026-11-26T01:00:00Z","token":"k8s-aws-v1.aHR0cHM6Ly9zdHM"}}"#,
            &["member token | - | 2026-11-26T01:00:00Z"],
        ),
        (
            r#"{"access_token":"opaque-opaque-opaque-1","expires_in":3600,"expires_at":1795651200000,"refresh_token":"opaque-opaque-opaque-2","refresh_token_expires_at":1795737600}"#,
            &[
                "member access_token | access | 2026-11-26T00:00:00Z",
                "member refresh_token | refresh | 2026-11-27T00:00:00Z",
            ],
        ),
        (r#"{"access_token":"opaque-opaque-opaque-1","expires_in":3600}"#, &["member access_token | access | -"]),
        (
            r#"{"stsTokenManager":{"refreshToken":"AMf-vBzopaque-1","accessToken":"opaque-opaque-opaque-1","expirationTime":1795651200000}}"#,
            &["member refreshToken | refresh | -", "member accessToken | access | 2026-11-26T00:00:00Z"],
        ),
        // The end of an invitation is not that of the token in its text.
        (
            r#"{"invitation":7,"expiresAt":"2026-11-26T01:00:00Z","note":"use eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln"}"#,
            &["member note | - | -"],
        ),
        ("token=opaque-opaque-opaque-1&token_type_hint=refresh_token", &["value of token | - | -"]),
        (r#"{"token":"opaque-opaque-opaque-1","token_type_hint":"refresh_token"}"#, &["member token | refresh | -"]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

/// JSON in other text: an answer behind its headers, a line of a log, what a script printed.
#[test]
fn objects_in_a_text() {
    let object = r#"{"expiresAt":"2026-11-26T01:00:00Z","accessToken":"opaque-opaque-opaque-1"}"#;
    let pretty = object.replace('{', "{\n  ").replace(',', ",\n  ").replace('}', "\n}");
    for text in [
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{pretty}\r\n"),
        format!("{pretty}\n200\n"),
        format!("12:00:01 INFO got {object}\n12:00:02 INFO {{}} done\n"),
        format!("const session = {object};"),
        format!("key\t{object}\r\nother\t{{\"a\":1}}\r\n"),
    ] {
        assert_eq!(found(&text), ["member accessToken | access | 2026-11-26T01:00:00Z"], "{text}");
    }
    // Braces that are not JSON hide nothing.
    assert_eq!(found(&format!("if (x) {{\n  token = \"{JWT}\";\n}} else {{ y }}")), ["value of token | - | -"]);
}

#[test]
fn cookies_in_pieces() {
    let (first, rest) = JWT.split_at(50);
    let (second, third) = rest.split_at(20);
    let joined = |place: &str, text: &str| {
        let tokens = decode(text);
        let words: Vec<_> =
            tokens.iter().map(|token| (token["place"].as_str(), token["claims"]["sub"].as_str())).collect();
        assert_eq!(words, [(Some(place), Some("ada"))], "{text}");
    };
    joined("cookie s.0-2", &format!("Cookie: s.2={third}; x=y; s.0={first}; s.1={second}"));
    joined("cookie s_1-3", &format!("Cookie: s_1={first}; s_2={second}; s_3={third}"));
    joined(
        "cookie S0-2",
        &format!("Set-Cookie: S1={second}; Path=/\nSet-Cookie: S0={first}; Path=/\nSet-Cookie: S2={third}"),
    );
    joined(
        "cookie s.0-2",
        &format!(
            r#"{{"cookies":[{{"name":"s.1","value":"{second}"}},{{"name":"s.0","value":"{first}"}},{{"name":"s.2","value":"{third}"}}]}}"#
        ),
    );
    joined("member s.0-2", &format!(r#"{{"s.0":"{first}","s.1":"{second}","s.2":"{third}"}}"#));
    // Of two whole tokens none is a piece.
    assert_eq!(found(&format!("Cookie: s.0={JWT}; s.1={}", JWT.replace("ada", "bob"))).len(), 1);
    let other = data("dpop-proof.txt");
    assert_eq!(found(&format!("Cookie: s.0={JWT}; s.1={other}")), ["cookie s.0 | - | -", "cookie s.1 | - | -"]);
}

/// In base64, hashes, identifiers and certificates there is no token.
#[test]
fn decoys_stay_what_they_are() {
    let prose = base64("Nothing to see here: only words, and more words, none of which is a token of any kind.");
    let yaml = base64("username: ada\npassword: correct-horse-battery-staple-9\n");
    let pem = data_pem();
    for text in [
        format!("checksum {}\nnote: {prose}\n", "ab".repeat(32)),
        format!("config: {yaml}\n"),
        format!("auth: {}\n", base64("ada:correct-horse-battery-staple-9")),
        format!("{{\"auths\":{{\"r.example.org\":{{\"auth\":\"{}\"}}}}}}", base64("ada:hunter2-hunter2-hunter2")),
        format!("tls.crt: {}\n", base64(&pem)),
        pem,
        "id: 123e4567-e89b-12d3-a456-426614174000\nsha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            .to_owned(),
        "x1: aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=\nx2: aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=\n".to_owned(),
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==\n".to_owned(),
        "user_1=aaaaaaaaaaaaaaaaaaaaaaaa; user_2=bbbbbbbbbbbbbbbbbbbbbbbbbb\n".to_owned(),
    ] {
        let (stdout, stderr, code) = run(&["decode", "--json"], &text);
        assert_eq!((code, stdout.as_str()), (2, ""), "{text}{stderr}");
    }
}

/// A certificate as it stands in files.
fn data_pem() -> String {
    let bytes: Vec<u8> = (0..600_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let lines: Vec<_> = base64([&[0x30, 0x82, 2, 0x54][..], &bytes].concat())
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

proptest::proptest! {
    /// A report that was cut, changed or pasted twice is read without a panic.
    #[test]
    fn changed_reports_never_panic(
        which in proptest::prelude::any::<proptest::sample::Index>(),
        at in proptest::prelude::any::<proptest::sample::Index>(),
        length in 0_usize..200,
        with in "[=%{}:;.\\n \\\\é\"A-Za-z0-9]{0,6}",
    ) {
        let (name, _) = super::CASES[which.index(super::CASES.len())];
        let text = data(name);
        let start = text.floor_char_boundary(at.index(text.len()));
        let end = text.floor_char_boundary((start + length).min(text.len()));
        let changed = [&text[..start], &with, &text[end..]].concat();
        for text in [changed.clone(), changed.clone() + "\n" + &changed] {
            for found in tokscope::token::detect::detect(&text) {
                let token = found.inspect();
                let _ = (found.lifetime(&token), token.subject(), token.media_type(), token.disclosures());
            }
        }
    }
}
