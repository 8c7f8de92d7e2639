//! SAML 2.0: XML, in base64 or not. Only the conditions of the first assertion are read, by their attributes: this is no
//! XML parser, and nothing is decided by what it finds.

use super::{ForeignContent, Format, base64url};
use crate::{
    clock,
    token::lifetime::{NumericDate, NumericDates},
};

const NAMESPACE: &str = "urn:oasis:names:tc:SAML:";
/// The namespace stands so near the start.
const HEAD: usize = 4_096;

/// Reads XML or its base64.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    if text.starts_with('<') {
        let head = &text[..text.floor_char_boundary(HEAD)];
        let named = head.contains(NAMESPACE) && !head[..head.floor_char_boundary(64)].contains("html");
        return named.then(|| content(text));
    }
    // A `<` in base64.
    if !matches!(text.as_bytes(), [b'P', b'A'..=b'P', ..]) {
        return None;
    }
    let head = text.get(..text.len().min(HEAD) / 4 * 4).and_then(base64url::decode_any)?;
    String::from_utf8_lossy(&head).contains(NAMESPACE).then(|| {
        // Of one that was cut off, the last group may be none.
        let whole = base64url::decode_any(text).or_else(|| base64url::decode_any(text.get(..text.len() / 4 * 4)?));
        content(&String::from_utf8_lossy(&whole.unwrap_or(head)))
    })
}

/// When an assertion is good: `<saml:Conditions NotBefore="…" NotOnOrAfter="…">` (SAML 2.0 Core §2.5.1).
fn content(xml: &str) -> ForeignContent {
    let mut dates = NumericDates::default();
    let tags = xml.match_indices("Conditions").filter(|(at, _)| xml[..*at].ends_with(['<', ':']));
    if let Some((at, _)) = tags.into_iter().next() {
        let tag = &xml[at..];
        let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
        dates.nbf = attribute(tag, "NotBefore");
        dates.exp = attribute(tag, "NotOnOrAfter");
    }
    ForeignContent { dates, ..ForeignContent::named(Format::Saml) }
}

fn attribute(tag: &str, name: &str) -> Option<NumericDate> {
    let value = tag.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let raw = value[1..].split(quote).next()?;
    Some(NumericDate { raw: raw.to_owned(), time: clock::parse(raw) })
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn conditions_are_dates() {
        let xml = r#"<Response xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:SubjectConfirmationData NotOnOrAfter="2030-01-01T00:00:00Z"/><saml:Conditions NotBefore = '2026-01-01T00:00:00.123Z' NotOnOrAfter="2026-01-01T00:10:00Z"/></Response>"#;
        for text in [xml.to_owned(), STANDARD.encode(xml)] {
            let dates = read(&text).expect("SAML").dates;
            let utc = |date: Option<NumericDate>| date.and_then(|date| date.time).map(clock::utc);
            assert_eq!(utc(dates.nbf).as_deref(), Some("2026-01-01T00:00:00.123Z"));
            assert_eq!(utc(dates.exp).as_deref(), Some("2026-01-01T00:10:00Z"));
        }
        let none = read(r#"<a xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Conditions NotOnOrAfter=x"#).expect("SAML");
        assert_eq!(none.dates, NumericDates::default());
    }
}
