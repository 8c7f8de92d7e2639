//! SAML 2.0: XML, in base64 or not. Only the conditions are read, by their attributes: this is no XML parser, and nothing
//! is decided by what it finds.

use super::{Content, Format, base64url};

const NAMESPACE: &str = "urn:oasis:names:tc:SAML:";
/// The namespace stands so near the start.
const HEAD: usize = 4_096;

/// Reads XML or its base64.
pub(super) fn read(text: &str) -> Option<Content> {
    if text.starts_with('<') {
        let head = &text[..text.floor_char_boundary(HEAD)];
        let named = head.contains(NAMESPACE) && !head[..head.floor_char_boundary(64)].contains("html");
        return named.then(|| Content::named(Format::Saml));
    }
    if !text.starts_with("PHN") && !text.starts_with("PD9") {
        return None;
    }
    let head = text.get(..text.len().min(HEAD) / 4 * 4).and_then(base64url::decode_any)?;
    String::from_utf8_lossy(&head).contains(NAMESPACE).then(|| Content::named(Format::Saml))
}
