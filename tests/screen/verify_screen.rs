//! Verification on screen: keys given by every way, the checklist, profiles that remember, time travel. Scenarios on the
//! pure core.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use stage::{SECRET, Stage, claims, jwt, signed};
use tokscope::{
    auth::{AuthError, key_source::Keys},
    tui::app::{
        Effect,
        message::{Message, TaskEvent, TaskId, TaskOutcome, What},
    },
};

/// A stage with this token pasted and the Verify tab open.
fn verifying(token: &str) -> Stage {
    let mut stage = Stage::new();
    stage.paste(token).keys("V");
    stage
}

/// Goes to an item of the open list.
fn choose(stage: &mut Stage, title: &str) {
    for _ in 0..20 {
        if stage.lines().iter().any(|line| line.split_once("▌ ").is_some_and(|(_, item)| item.starts_with(title))) {
            stage.keys("Enter");
            return;
        }
        stage.keys("Down");
    }
    panic!("{title:?} is not in the list:\n{}", stage.screen());
}

fn give_secret(stage: &mut Stage) {
    stage.keys("K");
    choose(stage, "Secret  ");
    stage.types(SECRET).hides(SECRET).keys("Enter");
}

fn jwks(kid: &str) -> Keys {
    let key = URL_SAFE_NO_PAD.encode(SECRET);
    let set = format!(r#"{{"keys":[{{"kty":"oct","kid":"{kid}","k":"{key}"}},{{"kty":"odd","kid":"x"}}]}}"#);
    Keys::read(set.as_bytes(), "jwks").unwrap()
}

#[test]
fn a_secret_verifies_and_only_then_it_says_so() {
    let mut stage = Stage::new();
    let token = signed(&claims("alice", stage.now, 3_600));
    stage.paste(&token).shows("decoded, not verified").hides("✔ verified");
    stage.keys("V").shows("not verified").shows("no key given");
    give_secret(&mut stage);
    stage.shows("✔ verified · HS256 · by the secret").shows("valid · signed with the secret");
    stage.shows("everything checked has passed").shows("1 verification key from the secret");
    // A token that comes later is verified as it comes; what the key did not sign never is.
    stage.paste(&jwt(&claims("mallory", stage.now, 3_600)).replace("lms-2026", "")).shows("✗ invalid signature");
    let list: Vec<_> = stage.lines().into_iter().filter(|line| line.contains("pasted")).collect();
    assert!(list.iter().any(|line| line.contains("alice") && line.contains("✔")), "{list:?}");
    stage.keys("2 Home K");
    choose(&mut stage, "Forget the keys");
    stage.hides("✔ verified").shows("decoded, not verified");
}

#[test]
fn a_secret_that_was_base64_all_along_is_recognized() {
    let mut stage = verifying(&signed(r#"{"sub":"ada"}"#));
    // The kinds of keys that the token takes stand first, and the key bar begins with giving one.
    let bar = |stage: &Stage| stage.lines().split_off(stage.lines().len() - 2).join("  ");
    assert!(bar(stage.keys("3")).contains(":  K give key"), "{}", stage.screen());
    stage.keys("K").under_cursor("Secret  ").keys("Enter");
    stage.types(&base64::engine::general_purpose::STANDARD.encode(SECRET)).keys("Enter");
    stage
        .shows("invalid signature · the secret is base64: read that way, it matches this signature")
        .shows("give it as base64");
    // The list's mark tells it, and a search leads from here to the claims.
    stage.shows("✘ ").keys("/").shows("[Claims]").types("ad").shows("1 of 1").keys("Esc");
}

/// A key that was given for a pasted token says nothing about the tokens of a profile.
#[test]
fn a_secret_given_by_hand_marks_no_token_of_a_profile() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600);
    stage.paste(&signed(r#"{"sub":"ada"}"#)).keys("V");
    give_secret(&mut stage);
    let marks = |stage: &Stage| stage.lines().iter().filter(|line| line.contains('✘')).count();
    stage.shows("✔ verified");
    assert_eq!(marks(&stage), 0, "{}", stage.screen());
}

/// K on one token: the others are valid if the key made them, and not verified if it did not, unless they are of the same
/// issuer or name the key's kid.
#[test]
fn a_key_given_for_one_token_condemns_no_other() {
    let mut stage = Stage::new();
    let theirs = |iss: &str, kid: &str| {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let header = encode(&format!(r#"{{"alg":"HS256"{kid}}}"#));
        format!("{header}.{}.{}", encode(&format!(r#"{{"sub":"eve"{iss}}}"#)), encode("another key made this one here"))
    };
    let issuer = r#","iss":"https://a.example""#;
    stage.paste(&theirs("", "")).paste(&signed(r#"{"sub":"bob","iss":"https://b.example"}"#));
    stage.paste(&signed(r#"{"sub":"ada","iss":"https://a.example"}"#)).keys("V");
    give_secret(&mut stage);
    stage.shows("valid · signed with the secret");
    let marks = |stage: &Stage| stage.lines().iter().filter(|line| line.contains('✘')).count();
    assert_eq!(marks(&stage), 0, "{}", stage.screen());
    // Made by the same key, whoever says to have issued it.
    stage.keys("2 Down").under_cursor("bob").shows("valid · signed with the secret");
    stage
        .keys("Down")
        .under_cursor("eve")
        .shows("not verified · no key; K gives one")
        .shows("made this signature")
        .hides("invalid");
    stage.keys("3 G").shows("given for another token").keys("2");
    // Nor is another algorithm anybody's fault.
    let other = theirs("", "")
        .replace(&URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), &URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#));
    stage.paste(&other).shows("not verified · no key").hides("cannot verify");
    // Of the same issuer it is wrong.
    stage.paste(&theirs(issuer, "")).shows("✗ invalid signature");
    assert_eq!(marks(&stage), 1, "{}", stage.screen());
    // A key that the token names by its kid is meant, too.
    stage.paste(&signed(r#"{"sub":"carol"}"#)).keys("K");
    choose(&mut stage, "Key, pasted");
    let key = URL_SAFE_NO_PAD.encode(SECRET);
    stage.paste(&format!(r#"{{"kty":"oct","kid":"k-7","k":"{key}"}}"#)).shows("✔ verified");
    stage.paste(&theirs("", r#","kid":"k-7""#)).shows("✗ invalid signature");
    stage.paste(&theirs("", r#","kid":"k-8""#)).shows("not verified").hides("✗ invalid");
    // And so is one that the user gives for it.
    give_secret(&mut stage);
    stage.shows("✗ invalid signature");
}

/// The signature fits, and a server would refuse the token all the same.
#[test]
fn what_a_server_refuses_is_on_the_checklist() {
    let mut stage = Stage::new();
    stage.paste(&signed(r#"{"sub":"ada","sub":"eve"}"#)).keys("V");
    give_secret(&mut stage);
    stage.shows("valid · signed with the secret").hides("everything checked has passed");
    stage.shows("▲ not accepted · HS256 · the signature is valid, the payload check failed").hides("✔ verified");
    stage.shows("rejects it: payload: sub is duplicated").shows("✗ payload");
    stage.paste(&format!("Bearer {}", signed(r#"{"sub":"bob"}"#))).shows("✔ text      removed to read it: Bearer");
    stage.paste(&format!("{}.", signed(r#"{"sub":"ada"}"#))).shows("rejects it: text: a dot stands behind");
    stage.keys("K");
    choose(&mut stage, "Secret  ");
    stage.types("-----BEGIN PUBLIC KEY-----").keys("Enter G").shows("secret 2 is a PEM key");
}

#[test]
fn what_expired_is_valid_and_refused() {
    let mut stage = Stage::new();
    let token = signed(&claims("alice", stage.now - chrono::TimeDelta::hours(3), 3_600));
    stage.paste(&token).keys("V");
    give_secret(&mut stage);
    stage
        .shows("valid · signed with")
        .shows("rejects it: exp: expired 2h 00m ago")
        .shows("expired 2h 00m ago")
        .shows("leeway 0s");
}

#[test]
fn an_unsigned_token_is_never_green() {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(r#"{"sub":"anyone","exp":4102444800}"#));
    let mut stage = verifying(&token);
    give_secret(&mut stage);
    stage.shows("cannot verify · alg is none").shows("not signed").hides("✔ verified").hides("everything");
}

#[test]
fn a_key_of_many_lines_can_be_pasted() {
    let mut stage = verifying(&jwt(r#"{"sub":"a"}"#));
    stage.keys("K");
    choose(&mut stage, "Key, pasted");
    stage.paste("-----BEGIN NONSENSE-----\n").shows("Key, pasted").keys("^U");
    let key = URL_SAFE_NO_PAD.encode(SECRET);
    stage.paste(&format!("{{\n  \"kty\": \"oct\",\n  \"k\": \"{key}\"\n}}\n")).shows("1 verification key");
    stage.shows("invalid signature");
    // A terminal that sends the lines one by one.
    stage.keys("K");
    choose(&mut stage, "Key, pasted");
    stage
        .types("{\"kty\":\"oct\",")
        .keys("Enter")
        .shows("Key, pasted")
        .types(&format!("\"k\":\"{key}\"}}"))
        .keys("Enter");
    stage.hides("Key, pasted").shows("1 verification key");
}

#[test]
fn a_wrong_encoding_loses_nothing() {
    let mut stage = verifying(&signed(r#"{"sub":"a"}"#));
    stage.keys("K");
    choose(&mut stage, "Secret, hex");
    stage.types("xyz").keys("Enter").shows("Secret in hex").shows("3 characters").shows("hexadecimal digits");
}

#[test]
fn going_online_needs_a_yes_that_names_the_url() {
    let mut stage = Stage::new();
    stage.paste(&signed(r#"{"iss":"https://login.example.org/a","sub":"a"}"#)).keys("V K");
    choose(&mut stage, "OpenID discovery");
    stage.shows("https://login.example.org/a/.well-known/openid-configuration");
    stage.keys("n");
    assert!(stage.effects().is_empty(), "a no fetches nothing");
    stage.keys("K");
    choose(&mut stage, "OpenID discovery");
    stage.keys("y");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::FindKeys(..), whose: None, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    stage.shows("looking for the keys of the issuer https://login.example.org/a");
    stage.send(Message::Task(*id, TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("k1"))))));
    stage.shows("2 verification keys").keys("N").shows("1 cannot be used").shows("kty is odd").keys("Esc");
    stage.shows("valid · signed with jwks, key 1").keys("G").shows("for tokens of this");
    // The keys of one issuer say nothing of another's tokens.
    stage.paste(&signed(r#"{"iss":"https://other.example","sub":"a"}"#)).shows("not verified").hides("valid · signed");
}

#[test]
fn keys_at_another_host_are_another_question() {
    let mut stage = Stage::new();
    stage.paste(&signed(r#"{"iss":"https://login.example.org/a","sub":"a"}"#)).keys("V K");
    choose(&mut stage, "OpenID discovery");
    stage.shows("on another host, only after you agree").keys("y");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::FindKeys(..), .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let (issuer, url) = ("https://login.example.org/a".to_owned(), "https://keys.example.net/jwks".to_owned());
    stage.send(Message::Task(*id, TaskEvent::Ended(Err(AuthError::KeysElsewhere { issuer, url }))));
    stage.shows("https://keys.example.net/jwks").shows("https://login.example.org/a names this address");
    assert!(stage.effects().is_empty(), "nothing is fetched yet");
    stage.keys("y");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::FindKeys(..), .. }] = effects.as_slice() else { panic!("{effects:?}") };
    stage
        .send(Message::Task(*id, TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("k1"))))))
        .shows("valid · signed with jwks, key 1");
    stage.paste(&signed(r#"{"iss":"https://other.example","sub":"a"}"#)).hides("valid · signed");
}

/// Nothing is asked over what has the keyboard: the notice says which key asks.
#[test]
fn keys_at_another_host_are_named_behind_a_window() {
    let mut stage = Stage::new();
    stage.paste(&signed(r#"{"iss":"https://login.example.org/a","sub":"a"}"#)).keys("V K");
    choose(&mut stage, "OpenID discovery");
    stage.keys("y");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::FindKeys(..), .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let (issuer, url) = ("https://login.example.org/a".to_owned(), "https://keys.example.net/jwks".to_owned());
    stage.keys(":").send(Message::Task(*id, TaskEvent::Ended(Err(AuthError::KeysElsewhere { issuer, url }))));
    stage
        .keys("Esc")
        .shows("the keys of https://login.example.org/a are at")
        .keys("N")
        .shows("2 K fetches the keys from there");
}

#[test]
fn a_search_can_be_cancelled_and_fails_with_a_hint() {
    let mut stage = Stage::new();
    stage.paste(&signed(r#"{"sub":"a"}"#)).keys("V K");
    choose(&mut stage, "JWK set URL");
    stage.types("ftp://x").keys("Enter").shows("not a URL of a JWK set").keys("^U");
    stage.types("https://login.example.org/jwks").keys("Enter").shows("https://login.example.org/jwks").keys("y Esc");
    assert!(matches!(
        stage.take_effects().as_slice(),
        [Effect::Start { what: What::FindKeys(..), .. }, Effect::Cancel(TaskId(1))]
    ));
    stage.send(Message::Task(TaskId(1), TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("k1")))))).hides("2 keys");
    stage.keys("K");
    choose(&mut stage, "JWK set URL");
    stage.types("https://login.example.org/jwks").keys("Enter y");
    let error = AuthError::setting("the set is empty", "ask the issuer");
    stage
        .send(Message::Task(TaskId(2), TaskEvent::Ended(Err(error))))
        .shows("the set is empty")
        .shows("ask the issuer");
}

#[test]
fn what_a_token_brings_along_is_shown_and_never_trusted() {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = r#"{"alg":"HS256","jku":"https://evil.example/jwks","jwk":{"kty":"oct","k":"AA"}}"#;
    let mut stage = verifying(&format!("{}.{}.AAAA", encode(header), encode(r#"{"sub":"a"}"#)));
    stage
        .shows("https://evil.example/jwks: shown, never fetched")
        .shows("never trusted")
        .keys("K")
        .hides("OpenID discovery");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_profile_remembers_its_keys_and_what_it_expects() {
    let mut start = stage::start((120, 40));
    let mut profile = stage::profile("edx-demo", "staging");
    for (key, value) in [
        ("verify_key", "~/jwks.json"),
        ("verify_secret", "env:LMS_SECRET"),
        ("verify_audience", "lms"),
        ("verify_issuer", "https://lms.example.org/oauth2"),
    ] {
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    start.profiles = Ok(vec![profile]);
    let mut stage = Stage::with(start);
    stage.keys("=edx-demo l").arrives(1, 3_600).take_effects();
    stage.keys("V");
    let sources: Vec<_> = (stage.take_effects().iter())
        .map(|effect| match effect {
            Effect::Start { what: What::FindKeys(source, _), whose: Some(profile), .. } => {
                format!("{source} for {profile}")
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(sources, ["~/jwks.json for edx-demo", "the secret of the profile for edx-demo"], "offline, at once");
    stage.keys("Down Up").tick("+1s");
    assert!(stage.effects().is_empty(), "each is read once");
    stage.send(Message::Task(TaskId(2), TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("lms-2026"))))));
    stage.shows("invalid signature").shows("it is for openedx; expected lms").shows("✔ iss       https://lms.example");
    stage.keys("G").shows("of the profile edx-demo").keys("g");
    // A pasted token is none of the profile's.
    stage.paste(&signed(r#"{"sub":"a"}"#)).shows("not verified");
}

/// Where the checklist is always seen, nobody has to go there first; but nothing is run for a token on the way.
#[test]
fn on_a_wide_screen_keys_are_read_as_soon_as_the_checklist_is_seen() {
    let of = |size, key: &str, secret: &str| {
        let mut profile = stage::profile("edx-demo", "staging");
        profile.settings.insert("verify_key".to_owned(), key.to_owned());
        profile.settings.insert("verify_secret".to_owned(), secret.to_owned());
        let mut stage = Stage::with(tokscope::tui::app::Start { profiles: Ok(vec![profile]), ..stage::start(size) });
        stage.keys("=edx-demo l").arrives(1, 3_600).keys("2 g");
        stage
    };
    let started = |stage: &mut Stage| {
        let searches = stage.take_effects().into_iter().filter_map(|effect| match effect {
            Effect::Start { what: What::FindKeys(source, _), .. } => Some(format!("{source}")),
            Effect::Start { what: What::FindKeptKeys(source, _), .. } => Some(format!("kept {source}")),
            _ => None,
        });
        searches.collect::<Vec<_>>()
    };
    let mut wide = of((200, 60), "~/jwks.json", "cmd:pass show lms");
    assert_eq!(started(&mut wide), ["~/jwks.json"]);
    assert_eq!(started(wide.keys("V")), ["the secret of the profile"], "here it is wanted");
    let mut online = of((160, 40), "https://lms.example.org/jwks", "env:LMS_SECRET");
    assert_eq!(started(&mut online), ["kept https://lms.example.org/jwks", "the secret of the profile"]);
    assert!(started(&mut of((120, 40), "~/jwks.json", "env:LMS_SECRET")).is_empty(), "here it is not seen");
}

#[test]
fn a_url_in_a_profile_waits_for_a_yes_and_can_be_remembered() {
    let mut start = stage::start((120, 40));
    let mut profile = stage::profile("edx-demo", "staging");
    profile.settings.insert("verify_key".to_owned(), "https://lms.example.org/jwks".to_owned());
    start.profiles = Ok(vec![profile, stage::profile("edx-prod", "prod")]);
    let mut stage = Stage::with(start);
    stage.keys("=edx-demo l").arrives(1, 3_600).take_effects();
    stage.keys("V");
    // What was fetched at another time may be in the vault: it counts without going online, and says how old it is.
    assert!(matches!(
        stage.take_effects().as_slice(),
        [Effect::Start { id: TaskId(2), what: What::FindKeptKeys(..), .. }]
    ));
    stage.shows("the profile remembers https://lms.example.org/jwks");
    let fetched = tokscope::clock::parse("2026-11-20T08:00:00Z").unwrap();
    stage
        .send(Message::Task(TaskId(2), TaskEvent::Ended(Ok(TaskOutcome::KeptKeys(Some((jwks("lms-2025"), fetched)))))))
        .shows("fetched 2026-11-20 09:00:00");
    stage.keys("K Enter").shows("Go online").keys("y");
    assert!(matches!(stage.take_effects().as_slice(), [Effect::Start { what: What::FindKeys(..), .. }]));
    stage
        .send(Message::Task(TaskId(3), TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("lms-2026"))))))
        .keys("G")
        .shows("https://lms.example.org/jwks: 2 keys");
    // Given by hand for another profile's token, kept in that profile.
    stage.keys("=edx-prod l").arrives(4, 3_600).keys("2 Home V K");
    choose(&mut stage, "Key file");
    stage.types("~/prod.pem").keys("Enter");
    stage.send(Message::Task(TaskId(5), TaskEvent::Ended(Ok(TaskOutcome::Keys(jwks("p")))))).take_effects();
    stage.keys("K");
    choose(&mut stage, "Remember in edx-prod");
    let effects = stage.take_effects();
    let [Effect::Start { what: What::Save { profile, .. }, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(profile.settings["verify_key"], "file:~/prod.pem");
}

#[test]
fn time_travel_changes_what_is_shown_and_nothing_that_is_done() {
    let mut stage = Stage::new();
    stage.paste(&signed(&claims("alice", stage.now, 3_600))).shows("active: ").keys("@");
    stage.types("soon").keys("Enter").shows("Not a time. Try: +2h, tomorrow 9:00, 2026-12-01, 1795698360.");
    stage.shows("soon").keys("^U").hides("Not a time");
    stage.types("+2h").keys("Enter").shows("AS OF Sun 22 Nov 00:35 · @ returns to now").shows("expired");
    stage.keys("V").shows("expired 1h 00m ago").shows("time travel");
    let wakes = stage.wakes_in().unwrap();
    assert!(wakes >= chrono::TimeDelta::seconds(5), "that time stands still: {wakes}");
    // A login goes by the real time.
    stage.keys("=edx-demo l").tick("+5s").shows("logging in 5s").arrives(1, 3_600).shows("Access for 1h 00m");
    stage.keys("@").hides("AS OF").shows("active: ");
    stage.keys("@").types("1700000000").keys("Enter").shows("AS OF Tue 14 Nov 2023 23:13:20");
    stage.shows("issued in the future").keys("Esc").hides("AS OF");
}

#[test]
fn what_is_read_of_a_time_stands_below_it_while_it_is_typed() {
    let mut stage = Stage::new();
    stage.keys("@").hides("Not a time").hides(" = ");
    stage.types("mon ").shows("mon = Mon 23 Nov 2026 00:00 local (Sun 22 Nov 23:00Z), in 1d 01h");
    stage.types("9:").shows("Not a time. Try: ");
    stage.types("00").shows("mon 9:00 = Mon 23 Nov 2026 09:00 local (08:00Z), in 1d 10h").hides("Not a time");
    stage.keys("Enter").shows("AS OF Mon 23 Nov 09:00 · @ returns to now");
    stage.resize(44, 14).shows("AS OF Mon 23 Nov 09:00 · @").keys("@").hides("AS OF");
    // A narrow screen has the whole of it, too.
    stage.keys("@").types("tomorrow 9:00").shows("tomorrow 9:00 = ").shows("in 10h 25m");
    stage.keys("^U").types("x").shows("1795698360.");
}

/// The checklist is written again for a new second, and the signature is not computed again.
#[test]
fn the_checklist_runs() {
    let mut stage = Stage::new();
    stage.paste(&signed(&claims("alice", stage.now, 3_600))).keys("V").shows("expires in 1h 00m");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::seconds(1)));
    stage.tick("+90s").shows("expires in 58m 30s").shows("issued 1m 30s ago");
    stage.tick("+2h").shows("expired 1h 01m ago");
}

/// A JWE of this plaintext: `dir` and A128GCM with the first half of [`SECRET`].
fn sealed(plaintext: &str) -> String {
    use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &SECRET.as_bytes()[..16]).unwrap());
    let mut sealed = plaintext.as_bytes().to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut sealed).unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{header}..{}.{}.{}", encode(&[0; 12]), encode(&sealed), encode(tag.as_ref()))
}

#[test]
fn what_is_encrypted_opens_with_its_key() {
    let mut stage = Stage::new();
    stage.paste(&sealed(r#"{"sub":"hidden"}"#)).keys("3").hides("hidden").shows("encrypted");
    stage.keys("K");
    choose(&mut stage, "Secret  ");
    stage.types(&SECRET[..16]).keys("Enter").shows("✔ decrypted · with the secret · dir").shows("\"hidden\"");
    stage.keys("V").shows("decrypted · with the secret").hides("valid ·");
    // A signed token inside opens in a row of its own, and is verified there.
    stage.paste(&sealed(&signed(r#"{"sub":"inner"}"#))).keys("3 V").shows("contains a token").keys("Left Left o");
    stage.shows("decrypted").shows("inner");
    give_secret(&mut stage);
    stage.shows("✔ verified");
    // Other text and bytes are shown as they are, made visible.
    stage.paste(&sealed("first line\n\u{202e}second line")).keys("3 V Left Left");
    stage.shows("✔ decrypted").shows("first line").shows("\\u{202e}second line");
    stage
        .keys("/")
        .types("second")
        .keys("Enter")
        .shows("1 of 1")
        .keys("Enter")
        .shows("what was encrypted")
        .keys("Esc Esc");
    assert_eq!(stage.keys("y").effects().len(), 1);
    stage.paste(&sealed("{\u{0}")).shows("{\\u{0}");
    stage.keys("2 Home 3 K");
    choose(&mut stage, "Forget the keys");
    stage.hides("✔ decrypted");
}
