//! Editing a token and comparing two: scenarios on the pure core.

use crate::support::stage;
use stage::{Stage, claims, jwt, start};
use tokscope::{
    clock,
    token::{
        Token,
        sign::SigningKeys,
        verify::{key_set::KeySet, policy::Policy, verify},
    },
    tui::app::{Effect, Message},
};

fn pasted(claims: &str) -> Stage {
    let mut stage = Stage::with(start((120, 40)));
    stage.paste(&jwt(claims)).keys("2 e");
    stage
}

/// The token under the cursor, as it would be copied.
fn token(stage: &mut Stage) -> Token {
    stage.take_effects();
    stage.keys("c");
    match stage.take_effects().pop() {
        Some(Effect::Copy { text, .. }) => Token::inspect(tokscope::secret::ExposeSecret::expose_secret(&text)),
        other => panic!("{other:?} is no copy"),
    }
}

fn verdict(token: &Token, secret: &[u8]) -> &'static str {
    let policy = Policy { allow_weak_key: true, ..Policy::default() };
    verify(token, &KeySet::secret(secret, "the secret"), &policy).verdict.as_str()
}

#[test]
fn a_claim_is_changed_and_the_token_signed_with_a_secret() {
    let mut stage = pasted(r#"{"sub":"ada","n":1.50e3,"sub":"bob","exp":1795300000}"#);
    stage.shows("Edit the pasted token").shows("[claims]").shows("\"n\": 1.50e3,").shows("1:1");
    // The date on the cursor's line is told.
    stage.keys("Down Down Down Down").shows("2026-11-21T22:26:40Z · in 51m 40s").keys("Up Up Up Up");
    stage.keys("Down End Left Left Backspace Backspace Backspace").types("eve").shows("\"sub\": \"eve\"");
    stage.keys("^S").shows("how is it signed?").under_cursor("With a secret");
    stage.keys("Enter").types("test secret").hides("test secret").shows("11 characters").keys("Enter");
    stage.shows("made here from the pasted token").shows("signed with the secret, HS256").shows("Δ signature");
    stage.keys("N").shows("allowed for this token: HS256 takes a secret of at least 32 bytes").keys("Esc");
    stage.under_cursor("made here");
    let made = token(&mut stage);
    assert_eq!(made.claims().unwrap().text(), r#"{"sub":"eve","n":1.50e3,"sub":"bob","exp":1795300000}"#);
    assert_eq!(made.header().unwrap().text(), r#"{"alg":"HS256","typ":"JWT","kid":"lms-2026"}"#, "untouched");
    assert_eq!(verdict(&made, b"test secret"), "valid");
    assert_eq!(verdict(&made, b"test Secret"), "invalid signature");
    // The token that it was made from is still there.
    stage.keys("Down").under_cursor("pasted").hides("made here from");
}

#[test]
fn without_a_signature_and_with_the_old_one() {
    let original = jwt(r#"{ "sub" : "ada" }"#);
    let mut stage = pasted(r#"{ "sub" : "ada" }"#);
    stage.keys("^S Down Down Enter").shows("not signed · alg none").shows("Δ header/alg");
    let made = token(&mut stage);
    assert_eq!(made.claims().unwrap().text(), r#"{ "sub" : "ada" }"#, "what was not changed keeps its bytes");
    stage.keys("Down e Tab").shows("[header]").keys("Down End Backspace").types(" ,").keys("^S G Enter");
    stage.shows("the old signature, which no longer matches");
    let made = token(&mut stage);
    assert_eq!(made.raw_end(), original.rsplit('.').next().expect("a last segment"));
}

trait RawEnd {
    fn raw_end(&self) -> &str;
}

impl RawEnd for Token {
    fn raw_end(&self) -> &str {
        tokscope::secret::ExposeSecret::expose_secret(self.raw()).rsplit('.').next().unwrap_or_default()
    }
}

#[test]
fn a_key_file_is_read_by_the_world_and_its_alg_taken_where_the_headers_does_not_fit() {
    let mut stage = pasted(r#"{"sub":"ada"}"#);
    stage.keys("^S Down Enter").types("~/no such key").shows("~/no such key").keys("Enter");
    assert_eq!(stage.effects(), ["ReadSigningKeys(\"~/no such key\")"]);
    stage.shows("reading the key");
    stage.send(Message::SigningKeysRead("~/no such key".to_owned(), Err("cannot read it\u{202e}".to_owned())));
    stage.shows("✗ cannot read it\\u{202e}").shows("\"sub\": \"ada\"");
    stage.keys("^S Down Enter").shows("~/no such key").keys("Enter");
    let pem = include_bytes!("../vectors/private-keys/pkcs8.pem");
    stage.send(Message::SigningKeysRead("~/no such key".to_owned(), Ok(SigningKeys::read(pem, "test.pem").unwrap())));
    stage.shows("signed with test.pem, RS256").shows("Δ header/alg \"HS256\" → \"RS256\"");
    let made = token(&mut stage);
    let public = KeySet::read(include_bytes!("../vectors/private-keys/public.pem"), "public.pem").unwrap();
    assert_eq!(verify(&made, &public, &Policy::default()).verdict.as_str(), "valid");
}

#[test]
fn mistakes_are_shown_with_their_place_and_lose_nothing() {
    let mut stage = pasted(r#"{"sub":"ada","exp":1}"#);
    stage.keys("Down End Backspace").shows("▲ the claims are not JSON at line 3, column 3: missing comma or }");
    stage.keys("^S").shows("✗ the claims are not JSON at").shows("3:3").hides("how is it signed?");
    stage.keys("^Y").hides("not JSON").keys("^S").shows("how is it signed?").keys("Esc").shows("[claims]");
    // Nothing is changed any more: Esc goes at once. A change is given up after a yes only.
    stage.keys("Esc").hides("[claims]");
    stage.keys("e").types("x").keys("Esc").shows("Leave without a token?").keys("n").shows("x{");
    stage.paste("pasted\r\ntext").shows("text{").keys("Esc y").hides("[claims]");
    let lines = stage.lines().into_iter().filter(|line| line.contains("pasted")).count();
    assert_eq!(lines, 5, "the tree, the list, the titles, the bar:\n{}", stage.screen());
}

#[test]
fn only_claims_can_be_edited() {
    let mut stage = Stage::new();
    stage.paste("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").keys("2 e").shows("Not possible now: e");
    // What is broken is shown as it stands.
    stage.paste(&jwt("{\"a\":1,\n ]")).keys("e").shows("{\"a\":1,").shows(" ]").shows("▲ the claims are not JSON at");
    stage.keys("Esc").hides("[claims]");
}

#[test]
fn a_screen_that_is_hardly_there() {
    for size in [(1, 1), (10, 3), (40, 12), (200, 5)] {
        let mut stage = Stage::at(size);
        stage.paste(&jwt(&claims("日本語", clock::parse(stage::NOW).unwrap(), 60))).keys("2 e Down End");
        stage.types("日本語").keys("PgDn G ^S Down Enter").types("/key").keys("Esc Esc");
        stage.screen();
    }
}

#[test]
fn a_comparison_shows_no_token() {
    let mut stage = Stage::new();
    let opaque = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY"];
    opaque.iter().for_each(|token| _ = stage.paste(token));
    stage.keys("2 Home m Down m").shows("fingerprint").shows("only their fingerprints are compared").keys("y");
    let (screen, copied) = (stage.screen(), stage.effects().join("\n"));
    for token in opaque {
        assert!(!screen.contains(&token[8..]) && !copied.contains(&token[8..]), "{screen}\n{copied}");
    }
}

#[test]
fn two_tokens_are_compared() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600);
    stage.paste(&jwt(r#"{"sub":"bob","scopes":["read","ad\u202emin"],"exp":1795303000}"#)).keys("1 g 2 G m").shows("◇");
    stage.keys("g m").shows("Compare").shows("A  pasted token").shows("B  access token of edx-demo · alice");
    stage.shows("differ · 3 same").shows("read  [ad\\u{202e}min]").shows("read  [write]  [profile]  [email]");
    stage.shows("00:16:40 local · in 1h 41m").shows("23:35:00 local · in 1h 00m").shows("41m 40s earlier");
    stage.shows("Access gained 3 scopes and lost one scope. The subject changed.");
    stage.under_cursor("≠ scopes").keys("n").under_cursor("+ administrator").keys("N").under_cursor("≠ scopes");
    stage.keys("#").shows("179530[30]00").shows("179530[05]00").hides("earlier").keys("#").hides("179530[");
    stage.keys("Tab").shows("A  access token of edx-demo").shows("41m 40s later").keys("Tab");
    stage.shows("header/alg  header/typ  header/kid").shows("z unfolds them").keys("z G").under_cursor("= header/kid");
    stage.shows("\"lms-2026\"").keys("z y");
    let copied = stage.effects().pop().unwrap();
    assert!(
        copied.contains("≠ exp  00:16:40 local · in 1h 41m → 23:35:00 local · in 1h 00m  (41m 40s earlier)"),
        "{copied}"
    );
    assert!(copied.contains("The subject changed."), "{copied}");
    // The side by side has no room: one below the other.
    stage.resize(80, 24).keys("g").shows("▌  A  read").shows("▌  B  read  [write]").resize(20, 5).screen();
    stage.resize(120, 40).keys("G Esc").shows("◇").keys("G m").hides("◇");
    stage.keys("m").shows("◇").keys("d").hides("◇").keys("m").shows("◇");
}
