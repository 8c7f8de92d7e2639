//! Inputs that people have, through the real binary: the files of `tests/vectors/cases`.

use serde_json::{Value, json};

use crate::verify::binary::command;

const SECRET: &str = "--secret=plain:a-secret-of-this-lab-that-is-long-enough-0123456789";

fn case(name: &str) -> String {
    format!("{}/tests/vectors/cases/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What `verify --json` says of a case, and its exit code.
fn verified(token: &str, arguments: &[&str]) -> (Value, i32) {
    let token = format!("@{}", case(token));
    let all: Vec<_> = ["verify", "--json", &token].iter().chain(arguments).copied().collect();
    let (stdout, stderr, code) = command(&all, "", None);
    (serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}")), code)
}

fn check<'a>(object: &'a Value, name: &str) -> (&'a str, &'a str) {
    let checks = object["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap();
    (check["outcome"].as_str().unwrap(), check["text"].as_str().unwrap())
}

fn warns(object: &Value, words: &str) -> bool {
    let warnings = object["warnings"].as_array().unwrap();
    warnings.iter().any(|warning| warning.as_str().unwrap().contains(words))
}

/// AWS load balancers pad every segment and sign the padded text.
#[test]
fn a_padded_token_is_verified_as_it_came() {
    for text in ["alb-padded-bare.txt", "alb-padded-header-line.txt"] {
        let (object, code) = verified(text, &["--key", &case("alb-key.pem"), "--now=1795674000"]);
        assert_eq!((&object["verdict"], &object["accepted"], code), (&json!("valid"), &json!(true), 0), "{object}");
        assert!(warns(&object, "padded with =: strict servers reject the token (RFC 7515 §2)"), "{object}");
    }
}

/// Keys in the forms in which people have them.
#[test]
fn every_form_of_a_key_verifies_and_the_odd_ones_are_called_that() {
    for (key, caution) in [
        ("key-bare-base64-der.txt", "is base64 without PEM's BEGIN and END lines"),
        ("key-escaped-newlines.pem", r"has \n instead of PEM's line breaks"),
        ("key-google-certificate-map.json", "is JSON that contains PEM or base64 keys"),
        ("key-jwk-standard-base64.json", "has numbers in base64"),
        ("key-keycloak-realm.json", "is JSON that contains PEM or base64 keys"),
        ("key-ssh-rsa.pub", "is in OpenSSH's own format"),
    ] {
        let (object, code) = verified("key-token.txt", &["--key", &case(key), "--now=1795674170"]);
        assert_eq!(
            (&object["verdict"], &object["accepted"], code),
            (&json!("valid"), &json!(true), 0),
            "{key}: {object}"
        );
        assert!(warns(&object, caution), "{key}: {object}");
    }
    // Of the map it is the certificate with the token's kid.
    let (object, _) = verified("key-token.txt", &["--key", &case("key-google-certificate-map.json")]);
    assert_eq!(object["key"], "key-google-certificate-map.json, k1");
}

/// Amazon Cognito's access tokens say for whom they are by `client_id`.
#[test]
fn a_client_id_stands_in_for_an_audience_and_says_so() {
    let (object, code) = verified("cognito-access-token.txt", &[SECRET, "--aud=abc", "--now=1795674000"]);
    assert_eq!((&object["accepted"], code), (&json!(true), 0), "{object}");
    assert_eq!(check(&object, "aud"), ("passed", "no aud; accepted because client_id is abc"));
    let (object, code) = verified("cognito-access-token.txt", &[SECRET, "--aud=other", "--now=1795674000"]);
    assert_eq!((check(&object, "aud"), code), (("failed", "no aud; expected other"), 1));
}

#[test]
fn a_forged_disclosure_is_not_the_issuers() {
    let (object, code) = verified("sd-jwt-forged-disclosure.txt", &[SECRET]);
    assert_eq!((&object["verdict"], &object["accepted"], code), (&json!("valid"), &json!(false), 1), "{object}");
    let why = "disclosure 1 (role): its digest is not in any _sd, so the issuer did not sign it";
    assert_eq!(check(&object, "disclosed"), ("failed", why));
    let token = format!("@{}", case("sd-jwt-forged-disclosure.txt"));
    let (stdout, _, _) = command(&["decode", "--json", &token], "", None);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(object["disclosures"], json!([]), "the claim is not shown as the issuer's");
    let findings = object["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == "disclosure").unwrap();
    assert_eq!(finding["text"], format!("{why}: a verifier must reject the SD-JWT"));
}

/// Of a text with several tokens one is verified, and it is said which.
#[test]
fn of_several_tokens_it_says_which_one_was_verified() {
    let token = std::fs::read_to_string(case("cognito-access-token.txt")).unwrap();
    let other = std::fs::read_to_string(case("key-token.txt")).unwrap();
    let text = format!(r#"{{"refresh_token":"0123456789abcdef0123","access_token":"{token}","id_token":"{other}"}}"#);
    let (stdout, stderr, code) = command(&["verify", "--json", "-", SECRET, "--now=1795674000"], &text, None);
    let object: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    assert_eq!((&object["accepted"], code), (&json!(true), 0), "{object}");
    assert!(warns(&object, "the text contains 3 tokens; this verifies the one from member access_token"), "{object}");
    assert!(check(&object, "text").1.contains("the text around it"), "{object}");
}

/// The hint at a short secret names the option that allows it.
#[test]
fn the_hint_at_a_weak_secret_names_the_option() {
    let (object, code) = verified("cognito-access-token.txt", &["--secret=env:TOKSCOPE_TEST_SECRET"]);
    assert_eq!((&object["verdict"], code), (&json!("cannot verify"), 1));
    assert!(object["reason"]["fix"].as_str().unwrap().contains("--allow-weak-key"), "{object}");
}
