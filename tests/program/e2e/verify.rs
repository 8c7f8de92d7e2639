use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::e2e::{choose, screen::Screen};

/// The token with another subject under the same signature.
fn tampered(token: &str) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let payload = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&parts[1]).unwrap()).unwrap();
    assert!(payload.contains("odd:service"));
    parts[1] = BASE64_URL_SAFE_NO_PAD.encode(payload.replace("odd:service", "odd:mallory"));
    parts.join(".")
}

#[test]
fn keys_are_discovered_after_a_yes_and_a_changed_token_is_found_out() {
    let mut screen = Screen::tokscope(&["demo"]);
    screen.wait_for("robot-staging");
    // The service logs in without a question.
    choose(&mut screen, "robot-staging");
    screen.press("l");
    screen.wait_for("robot-staging: Logged in.");
    screen.press("V");
    screen.wait_for("the profile remembers the issuer http://127.0.0.1");
    screen.press("K");
    screen.wait_for("Verify with which key?");
    screen.press("\r");
    screen.wait_for("/oidc/.well-known/openid-configuration");
    assert!(!screen.text().contains("✔ verified"), "nothing is fetched before the yes");
    screen.press("y");
    screen.wait_for("✔ verified");
    screen.wait_for("everything checked has passed");
    screen.press("c");
    screen.wait_until("the token in the clipboard", |screen| screen.copied().len() == 1);
    let token = screen.copied().remove(0);
    screen.paste(&tampered(&token));
    screen.wait_for("invalid signature");
    screen.press("@");
    screen.wait_for("Time travel");
    screen.press("+2d\r");
    screen.wait_for("AS OF ");
    screen.press("@");
    screen.wait_gone("AS OF ");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}
