//! base64url that is not as RFC 7515 §2 has it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{FOREIGN, Kind, PADDED, parts, row};
use crate::verify::issuer::Issuer;

pub(super) fn kinds() -> Vec<Kind> {
    let issuer = Issuer::secret(&[7; 32]);
    let valid = issuer.sign(r#"{"alg":"HS256"}"#, "Test");
    let [h, p, s] = parts(&valid);
    let keys = issuer.keys();
    let inside = |segment: &str, what: &str| format!("{}{what}{}", &segment[..4], &segment[4..]);
    let row = |name: &str, text: String, accept: bool| row(name, text, &keys, accept);
    // The text that is not canonical is what was signed.
    let loose = format!("{h}.{}", p.replace("dA", "dB"));
    let tag =
        aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[7; 32]), loose.as_bytes());
    let mut kinds = vec![
        row("blanks in front of the MAC", format!("{h}.{p}.   {s}"), false),
        row("blanks in the MAC", format!("{h}.{p}.{}", inside(s, "  ")), false),
        row("a foreign character in the MAC", format!("{h}.{p}.{}", inside(s, "!")), false),
        row("a character replaced in the MAC", format!("{h}.{p}.{}", s.replacen(&s[3..4], "*", 1)), false),
        row("blanks in the header", format!("{}.{p}.{s}", inside(h, "  ")), false),
        row("a foreign character in the header", format!("{}.{p}.{s}", inside(h, "!")), false),
        row("blanks in the payload", format!("{h}.{}.{s}", inside(p, " ")), false),
        row("a foreign character in the payload", format!("{h}.{}.{s}", inside(p, "!")), false),
        row("a question mark in the header", format!("{h}?.{p}.{s}"), true).but(FOREIGN),
        row("a question mark in the payload", format!("{h}.{p}?.{s}"), true).but(FOREIGN),
        row("unused bits in the payload", format!("{h}.{}.{s}", p.replace("dA", "dB")), false),
        row("unused bits in what was signed", format!("{loose}.{}", URL_SAFE_NO_PAD.encode(tag)), false),
        row("too much padding", format!("{valid}=="), false),
        row("padding where none fits", format!("{h}.{p}=.{s}"), false),
        row("padding of the payload that was not signed", format!("{h}.{p}==.{s}"), false),
        row("padding of the MAC", format!("{valid}="), false).but(PADDED),
    ];
    for (name, c) in [("a line break", "\n"), ("a tab", "\t"), ("a zero-width space", "\u{200b}")] {
        kinds.push(row(&format!("{name} in the payload"), format!("{h}.{}.{s}", inside(p, c)), false));
    }
    kinds
}
