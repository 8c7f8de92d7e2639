//! Scenarios in the inspector: folding, searching, what a claim means, tokens inside of tokens, the raw text.

use crate::support::stage;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};
use stage::{Stage, jwt};

/// Claims of several depths, as Keycloak writes them.
const NESTED: &str = r#"{"sub":"alice","scope":"read write email","realm_access":{"roles":["admin","Auditor"]},"a/b":{"~c":[1,{"deep":"Needle"}]},"exp":1795297000}"#;

fn inspecting(claims: &str) -> Stage {
    let mut stage = Stage::new();
    stage.paste(&jwt(claims)).keys("3");
    stage
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn folding_hides_what_is_inside_and_says_what_it_is() {
    let mut stage = inspecting(NESTED);
    stage.shows("▾ 1 member").shows("\"Auditor\"").keys("Down Down z");
    stage.shows("▸ 1 member  roles: […]").hides("\"Auditor\"").under_cursor("realm_access");
    stage.keys("z").shows("\"Auditor\"").under_cursor("realm_access");
    stage.keys("Down Down z").under_cursor("roles").shows("▸ 2 items  \"admin\", \"Auditor\"");
    stage.keys("Z").shows("\"admin\"").keys("Z").hides("deep").shows("▸ 1 member").under_cursor("realm_access");
    stage.keys("Z").shows("deep").under_cursor("realm_access");
}

#[test]
fn folds_and_the_place_survive_a_refresh() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 90).keys("3 g");
    stage.keys("Down Down Down Down Down Down z").under_cursor("scopes").shows("▸ 4 items  \"read\", \"write\"");
    stage.keys("r").tick("+5s").arrives(2, 90);
    stage.shows("Δ exp").under_cursor("scopes").shows("▸ 4 items");
    stage.paste(&jwt(NESTED)).hides("▸");
}

#[test]
fn a_search_goes_on_with_each_key_and_round_the_end() {
    let mut stage = inspecting(NESTED);
    stage.keys("/").types("a").shows("/a").under_cursor("sub").shows(" of ");
    stage.types("ud").under_cursor("Auditor").shows(" 1 of 1 ━").keys("Enter").types("n").shows("1 of 1, wrapped");
    stage.keys("Esc").hides("wrapped").under_cursor("Auditor");
    // A capital counts, and what is folded up is opened.
    stage
        .keys("g Z")
        .hides("Needle")
        .keys("/")
        .types("Need")
        .under_cursor("Needle")
        .keys("Backspace Backspace Backspace");
    stage.types("eedle").keys("Esc").hides("deep").under_cursor("sub");
    stage.keys("/").types("needle").under_cursor("Needle").keys("Enter").under_cursor("Needle");
    stage.keys("/").types("Sub").shows("no match").keys("Esc");
    stage.keys("g /").types("e").keys("Enter").under_cursor("sub").types("n").under_cursor("scope");
    stage.types("N").under_cursor("sub").types("N").shows("wrapped").under_cursor("exp");
    stage.keys("Esc N").shows("Log  ");
}

#[test]
fn a_search_line_that_is_empty_or_pasted_does_no_harm() {
    let mut stage = inspecting(NESTED);
    stage.keys("/ Enter").hides("nothing").keys("/").paste("deep\n").under_cursor("deep").keys("Enter");
    stage.paste(&jwt(r#"{"deep":1,"x":"DEEP"}"#)).shows(" 1 of 2 ━");
    stage.keys("3 Right").shows("no match").keys("Esc").hides("no match");
}

#[test]
fn the_pointer_is_copied_with_its_escapes() {
    let mut stage = inspecting(NESTED);
    stage.keys("P G k P k k P");
    let pointers = ["copy JSON pointer /sub: /sub", "copy JSON pointer /a~1b/~0c/1/deep: /a~1b/~0c/1/deep"];
    let effects = stage.effects();
    assert_eq!(effects[..2], pointers);
    assert_eq!(effects[2], "copy JSON pointer /a~1b/~0c/0: /a~1b/~0c/0");
    stage.keys("Right G P");
    assert_eq!(stage.effects(), ["copy JSON pointer /kid: /kid"]);
}

#[test]
fn the_meaning_of_the_claim_under_the_cursor_is_told() {
    let mut stage = inspecting(NESTED);
    stage.shows("sub: subject of the token · RFC 7519 §4.1.2").keys("Down").shows("· RFC 8693 §4.2");
    stage.shows("3 items").keys("Enter").shows("read  ").shows("meaning").shows("RFC 8693 §4.2").shows("/scope");
    stage.keys("Esc Down Down Down").shows("roles of the realm · Keycloak").keys("Right").shows("RFC 7515 §4.1.1");
    stage.keys("2").hides("RFC 7515 §4.1.1");
}

#[test]
fn a_token_inside_opens_below() {
    let inner = jwt(r#"{"sub":"inner"}"#);
    let mut stage = Stage::new();
    stage.paste("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    stage.paste(&jwt(&format!(r#"{{"sub":"outer","nested":{{"id_token":"{inner}"}},"not":"eyJhbGciOiJub25lIn0"}}"#)));
    stage
        .keys("3")
        .types("o")
        .shows("The value under the cursor holds no token.")
        .keys("Down Down")
        .shows("o open token inside")
        .types("o");
    stage.shows("pasted: /nested/id_token token").shows("\"inner\"").shows("Pasted  3").under_cursor("inner");
    stage.keys("2 Up 3 Down Down").types("o").shows("Pasted  3").shows("pasted: /nested/id_token token");
    // The payload of a JWS may be a token, too.
    let header = encode(r#"{"alg":"HS256","cty":"JWT"}"#);
    stage.paste(&format!("{header}.{}.AAAA", encode(&inner))).keys("3 G").types("o");
    stage.under_cursor("payload").shows("\"inner\"");
}

#[test]
fn disclosures_and_a_paseto_are_shown() {
    let email = encode(r#"["salt","email","a@example.org"]"#);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.as_bytes());
    let issued = jwt(&format!(r#"{{"_sd":["{}"],"sub":"x"}}"#, URL_SAFE_NO_PAD.encode(digest)));
    let mut stage = Stage::new();
    stage.paste(&format!("{issued}~{email}~")).shows("disclosed  email: \"a@example.org\"").keys("3 G");
    stage.shows("email: e-mail address").keys("/").types("a@ex").under_cursor("disclosed");
    // What the issuer did not sign is none of its claims.
    let role = encode(r#"["salt","role","admin"]"#);
    stage.keys("Enter Esc").paste(&format!("{issued}~{email}~{role}~")).hides("admin").shows("▲ disclosure 2 (role)");
    let mut paseto = br#"{"data":"this is a signed message","exp":"2039-01-01T00:00:00+00:00"}"#.to_vec();
    paseto.extend([7; 64]);
    let paseto = format!("v4.public.{}", URL_SAFE_NO_PAD.encode(paseto));
    stage.paste(&paseto).shows("this is a signed message").hides("only its issuer");
}

#[test]
fn the_raw_token_marks_what_a_defect_blames() {
    let good = jwt(NESTED);
    let (unsigned, signature) = good.rsplit_once('.').expect("two dots");
    let at = unsigned.len();
    let mut stage = Stage::new();
    stage.paste(&format!("{unsigned}=.{signature}")).keys("3");
    stage.under_cursor(&format!("▲ the segment is padded: = (payload, byte {at})"));
    stage.keys("Enter").shows("padding").shows(&format!("byte {at}")).keys("Esc Left");
    stage.shows(&format!("┺━ ▲ the segment is padded: = (payload, byte {at}) ━"));
    let marks = |stage: &Stage| {
        let buffer = stage.buffer();
        // A badge is filled, too.
        let is_mark = |cell: &&Cell| cell.modifier.contains(Modifier::REVERSED) && cell.fg != Color::Magenta;
        let marked = buffer.content().iter().filter(is_mark);
        marked.map(|cell| cell.symbol().to_owned()).collect::<String>()
    };
    assert_eq!(marks(&stage), "=");
    // Two places: n goes from one to the other. What is secret is marked, and stays masked.
    let header = encode(r#"{"alg":"HS256"}"#);
    let mut stage = Stage::at((80, 24));
    stage.paste(&format!("{header}.{}==.c2l", encode(&format!("{{\"x\":\"{}\"}}", "y".repeat(3_000)))));
    stage.keys("3 Left").shows("the segment is padded").shows("1 of 2");
    stage.types("n").shows("the last character has unused bits").shows("2 of 2").shows("•••").hides("c2l");
    assert_eq!(marks(&stage), "==•");
    stage.types("n").shows("padded").types("N").shows("the last character");
    // A character that is no ASCII changes nothing.
    stage.paste(&good.replacen('.', ".ü", 1)).keys("3").shows("ü").shows("•••").hides(&good[good.len() - 10..]);
    assert_eq!(marks(&stage), "ü");
}
