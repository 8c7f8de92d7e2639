//! The same on the screen: label, kind and countdown of each row.

use super::{data, stage::Stage};

#[test]
fn rows_say_where_of_what_kind_and_until_when() {
    let mut stage = Stage::new();
    stage.paste(&data("kubernetes-secret.yml")).shows("pasted: base64 in data").shows("Read a JWT");
    let mut stage = Stage::new();
    stage.paste(&data("msal-cache.json")).shows("3 tokens read");
    for kind in ["access", "id", "refresh"] {
        stage.shows(&format!(" {kind} "));
    }
    let mut stage = Stage::new();
    stage.paste(&data("aws-sso-cache.json")).shows("pasted: member accessTo").shows("expired");
    stage.shows("opaque ");
    let mut stage = Stage::new();
    stage.paste(&data("dpop-proof.txt")).shows("Read DPoP proof").shows("DPoP proof");
    stage.keys("3 Right Down").under_cursor("typ").shows("typ: DPoP proof");
    let mut stage = Stage::new();
    stage.paste(&data("paseto-v4-public-expired.txt")).shows("Read PASETO v4.public").shows("expired");
    stage.keys("3").shows("2019-01-01T00:00:00").keys("Right").shows("kid");
}

/// A compressed payload is shown, and not edited: it would be signed as it is not.
#[test]
fn a_health_card_is_not_edited() {
    let mut stage = Stage::new();
    stage.paste(&data("smart-health-card-numeric.txt")).shows("Read SMART Health Card");
    stage.keys("2 e").hides("Edit the pasted token").shows("shc.example.org");
    stage.paste(&data("dpop-proof.txt")).keys("2 e").shows("Edit the pasted token");
}

/// An opaque token counts down by what was said beside it, also when it comes with the start and behind a lock.
#[test]
fn an_opaque_token_counts_down() {
    let mut stage = Stage::new();
    let end = stage.now.timestamp() + 90;
    stage.paste(&format!(r#"{{"accessToken":"aoaAAAAAGZkvg0rjkYqhLSlesQmLgBP","expiresAt":{end}}}"#));
    stage.shows("1m 30s").tick("+60s").shows("30s").tick("+31s").shows("expired");
}
