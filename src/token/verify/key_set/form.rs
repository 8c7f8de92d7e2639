//! What people and programs wrap around a key: quotes, escaped line breaks, one more layer of base64.

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};

use super::der;
use crate::secret::Zeroizing;

/// A key without what was around it.
pub(in crate::token) struct Unfolded {
    pub(in crate::token) material: Zeroizing<Vec<u8>>,
    /// What is not as the standards have it, for a sentence: `key.pem …`.
    pub(super) odd: Option<&'static str>,
}

/// A shorter text is not a key in base64.
const SHORTEST: usize = 40;

/// Takes off what is around a key, until it is PEM, DER or JSON. Whatever else it is stays as it is.
pub(in crate::token) fn unfold(material: &[u8]) -> Unfolded {
    const LAYERS: usize = 3;
    let material = material.strip_prefix(b"\xef\xbb\xbf").unwrap_or(material);
    let mut unfolded = Unfolded { material: material.to_vec().into(), odd: None };
    for _ in 0..LAYERS {
        let Some((material, odd)) = layer(&unfolded.material) else { break };
        unfolded = Unfolded { material, odd: unfolded.odd.or(Some(odd)) };
    }
    unfolded
}

fn layer(material: &[u8]) -> Option<(Zeroizing<Vec<u8>>, &'static str)> {
    let text = str::from_utf8(material).ok()?.trim();
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inside) = inside('"').or_else(|| inside('\'')) {
        return Some((inside.as_bytes().to_vec().into(), "is in quotes"));
    }
    if text.starts_with("-----BEGIN ") {
        let escaped = text.contains("\\n");
        let whole = || text.replace("\\r", "").replace("\\n", "\n").into_bytes().into();
        return escaped.then(|| (whole(), "has \\n instead of PEM's line breaks"));
    }
    if text.len() < SHORTEST {
        return None;
    }
    let compact = Zeroizing::new(text.split_ascii_whitespace().collect::<String>());
    let inside = Zeroizing::new(base64(&compact)?);
    if der::is_sequence(&inside) {
        return Some((inside, "is base64 without PEM's BEGIN and END lines"));
    }
    let known = inside.starts_with(b"-----BEGIN ") || inside.trim_ascii().starts_with(b"{");
    known.then_some((inside, "is base64-encoded a second time"))
}

/// base64 of either alphabet, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['+', '/']) { &alphabet::STANDARD } else { &alphabet::URL_SAFE };
    GeneralPurpose::new(alphabet, CONFIG).decode(text).ok()
}
