use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use tokscope::text;

use crate::e2e::{
    jws,
    screen::{Screen, TOKSCOPE},
};

/// Escapes of a JSON string: a title, a clear, colours (C1), bidi, zero-width, tags, a bell.
const ESCAPES: &str = r"\u001b]0;pwned\u0007\u001b[2J\u009b31m\u202egnp.exe\u2066\u200b\ufeff\udb40\udc41\u0008\u0085";

/// What the terminal got, without the control sequences of the kind that drawing needs, and the one question for its
/// background.
fn shown(output: &[u8]) -> String {
    let output = std::str::from_utf8(output).expect("the screen is UTF-8").replacen("\x1b]11;?\x1b\\", "", 1);
    let mut shown = String::new();
    let mut rest = output.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        shown.push_str(before);
        let end = after.find(|c: char| ('@'..='~').contains(&c)).expect("a whole sequence");
        rest = &after[end + 1..];
    }
    shown + rest
}

/// Nothing came that a terminal would act on, hide or reorder.
#[track_caller]
pub(crate) fn check(screen: &Screen) {
    let shown = shown(screen.output());
    for c in shown.chars().filter(|c| !matches!(c, '\r' | '\n')) {
        assert_eq!(text::visible(&c.to_string()), c.to_string(), "U+{:04x} came raw", u32::from(c));
    }
}

#[test]
fn a_tokens_text_never_reaches_the_terminal_raw() {
    let payload =
        format!(r#"{{"sub":"{ESCAPES}","{ESCAPES}":{{"{ESCAPES}":["{ESCAPES}"]}},"exp":"{ESCAPES}","aud":"seen"}}"#);
    let mut screen = Screen::tokscope(&[&jws(&payload)]);
    screen.wait_for("\"seen\"");
    screen.wait_for("\\u202egnp");
    // Every tab, the whole value, the notices.
    for keys in ["3", "t", "t", "t", "\r", "\x1b", "N", "\x1b"] {
        screen.press(keys);
    }
    screen.paste("\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}no token at all");
    screen.press("v");
    screen.wait_for("Esc");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
    check(&screen);
}

#[test]
fn a_servers_text_never_reaches_the_terminal_raw() {
    let address = hostile_server();
    let mut screen = Screen::tokscope_with_profiles(&format!(
        "[profile.hostile]\nprovider = \"openedx\"\nurl = \"http://{address}\"\nclient_id = \"x\"\nusername = \"ada\"\n\
         password = \"plain:analytical-engine\"\n"
    ));
    screen.wait_for("hostile");
    screen.press("1Gl");
    screen.wait_for("seen \\u{1b}");
    screen.press("\r");
    screen.wait_for("Open edX");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
    check(&screen);
}

/// A server that refuses everything, with words that no terminal should get.
fn hostile_server() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let body = format!(r#"{{"error":"seen {ESCAPES}","error_description":"{ESCAPES}"}}"#);
            let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}

/// What [`ESCAPES`] stands for.
fn hostile() -> String {
    serde_json::from_str(&format!("\"{ESCAPES}\"")).unwrap()
}

/// Every subcommand × where it takes foreign text from: all that reaches the terminal are letters and colours, and the
/// text is there, made visible.
#[test]
fn no_subcommand_writes_it_raw() {
    let (text, address) = (hostile(), hostile_server());
    let token =
        jws(&format!(r#"{{"sub":"{ESCAPES}","{ESCAPES}":["{ESCAPES}"],"iss":"{ESCAPES}","aud":"{ESCAPES}","exp":1}}"#));
    let header = |json: String| token.replacen(&jws("")[..jws("").find('.').unwrap()], &encoded(&json), 1);
    let kid = header(format!(r#"{{"alg":"HS256","kid":"{ESCAPES}","typ":"{ESCAPES}","crit":["{ESCAPES}"]}}"#));
    let alg = header(format!(r#"{{"alg":"{ESCAPES}","jku":"{ESCAPES}"}}"#));
    let jwk = format!(r#"{{"kty":"{ESCAPES}","kid":"{ESCAPES}"}}"#);
    let at_text = format!("@{text}");
    let secret = ["--secret", "plain:analytical-engine-and-much-more!"];
    let sinks: &[(&str, &[&str])] = &[
        ("a claim", &["decode", &token]),
        ("a header", &["decode", &kid]),
        ("an algorithm", &["decode", &alg]),
        ("claims as JSON", &["decode", "--json", &token]),
        ("lines", &["-c", "exec \"$0\" decode --lines < tokens", TOKSCOPE]),
        ("a file's name", &["decode", &at_text]),
        ("a missing file", &["decode", &format!("@{text}2")]),
        ("a bad time", &["decode", "--now", &text, &token]),
        ("an unknown option", &["decode", &format!("--{text}")]),
        ("an unknown subcommand's argument", &["vault", &text]),
        ("claims on the checklist", &["verify", secret[0], secret[1], "--aud", &text, &token]),
        ("a header on the checklist", &["verify", secret[0], secret[1], &kid]),
        ("an unknown algorithm", &["verify", secret[0], secret[1], &alg]),
        ("a checklist as JSON", &["verify", "--json", secret[0], secret[1], &kid]),
        ("a key's kid", &["verify", "--key", "jwk", &kid]),
        ("a key file's name", &["verify", "--key", &text, &token]),
        ("an expected algorithm", &["verify", "--alg", &text, secret[0], secret[1], &token]),
        ("a difference", &["diff", &token, &jws(r#"{"sub":"ada"}"#)]),
        ("a difference as JSON", &["diff", "--json", &token, &kid]),
        ("a file of claims", &["encode", &format!("@{text}2"), secret[0], secret[1]]),
        ("an algorithm to sign with", &["encode", "{}", "--alg", &text, secret[0], secret[1]]),
        ("a duration", &["encode", "{}", "--exp", &text, secret[0], secret[1]]),
        ("a profile's settings", &["profile", "show", "hostile"]),
        ("a profile's settings as JSON", &["profile", "show", "--json", "hostile"]),
        ("all profiles", &["profile", "list"]),
        ("the name of no profile", &["profile", "show", &text]),
        ("a new profile's name", &["profile", "add", &text, "--provider", "openedx"]),
        ("a provider", &["profile", "add", "new", "--provider", &text]),
        ("a setting", &["profile", "add", "new", "--provider", "openedx", "--set", &format!("{text}={text}")]),
        ("a login as nobody", &["login", &text]),
        ("a server's refusal", &["login", "calm", "--no-input"]),
        ("a server's refusal of a refresh", &["refresh", "calm", "@token-set", "--json"]),
        ("what became of revoked tokens", &["revoke", "calm", "@token-set"]),
        ("a server's refusal of a probe", &["probe", "calm", "@tokens"]),
        ("what to copy", &["copy", "--what", &text, "@tokens"]),
        ("a home of the key", &["--identity", &text, "doctor"]),
        ("a configuration folder", &["--config-dir", &text, "doctor"]),
    ];
    // What was typed and cannot be used is not repeated at all.
    let typed = [
        "a missing file",
        "a bad time",
        "an unknown option",
        "an unknown subcommand's argument",
        "an expected algorithm",
        "a file of claims",
        "an algorithm to sign with",
        "a duration",
        "the name of no profile",
        "a new profile's name",
        "a provider",
        "a setting",
        "a login as nobody",
        "what to copy",
        "a home of the key",
        "a configuration folder",
    ];
    let mut wrong = Vec::new();
    for (sink, arguments) in sinks {
        let prepare = |config: &tempfile::TempDir| {
            let profile = format!(
                "[profile.hostile]\nprovider = \"openedx\"\nenvironment = \"{0}\"\ntags = [\"{0}\"]\n\
                 url = \"http://{address}\"\nclient_id = \"{0}\"\nusername = \"{0}\"\n\
                 password = \"plain:analytical-engine\"\n\
                 [profile.calm]\nprovider = \"openedx\"\nurl = \"http://{address}\"\nclient_id = \"x\"\n\
                 username = \"ada\"\npassword = \"plain:analytical-engine\"\n",
                ESCAPES.replace("\\udb40\\udc41", "\\U000e0041")
            );
            std::fs::write(config.path().join("profiles.toml"), profile).unwrap();
            std::fs::write(config.path().join("tokens"), &token).unwrap();
            let token_set = format!(r#"{{"access_token":"{token}","refresh_token":"another one"}}"#);
            std::fs::write(config.path().join("token-set"), token_set).unwrap();
            std::fs::write(config.path().join("jwk"), &jwk).unwrap();
            std::fs::write(config.path().join(&text), &token).unwrap();
        };
        let program = if arguments[0] == "-c" { "/bin/sh" } else { TOKSCOPE };
        let mut screen = Screen::run(program, arguments, &[], prepare);
        let code = screen.wait_restored();
        let output = String::from_utf8(screen.output().to_vec()).expect("the output is UTF-8");
        let plain = without_colours(&output);
        let raw = plain
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n'))
            .find(|c| text::visible(&c.to_string()) != c.to_string());
        if code > 2 || raw.is_some() || plain.contains("gnp.exe") == typed.contains(sink) {
            wrong.push(format!("{sink}: exit code {code}, raw {raw:?}: {plain:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// What the terminal got, without `ESC [ … m`; every other sequence stays and is found.
fn without_colours(output: &str) -> String {
    let mut shown = String::new();
    let mut rest = output;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        shown.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        match after[end..].strip_prefix('m') {
            Some(after) => rest = after,
            None => {
                shown.push('\x1b');
                rest = after;
            }
        }
    }
    shown + rest
}
