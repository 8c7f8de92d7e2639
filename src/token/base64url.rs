//! Base64url as RFC 7515 §2 wants it, and as it is found.

use base64::{
    DecodeError, Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD},
    },
};

use base64_simd::AsOut as _;

use super::defect::{DefectCode, Defects, excerpt};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Bytes in base64url, without padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Hex of either case.
pub(super) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect())?
}

/// Base64 of either alphabet, padded or not; nothing unless the text is that and nothing else.
pub(super) fn decode_any(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['+', '/']) { &alphabet::STANDARD } else { &alphabet::URL_SAFE };
    GeneralPurpose::new(alphabet, CONFIG).decode(text).ok()
}

/// Decodes a segment. What is not as it should be becomes a defect; what stands before a fault is decoded.
pub(super) fn decode(segment: &str, place: &str, defects: &mut Defects) -> Vec<u8> {
    // Exactly as long as the bytes will be, so that nothing is copied to fit.
    let mut bytes = vec![0; segment.len() / 4 * 3 + segment.len() % 4 * 3 / 4];
    match base64_simd::URL_SAFE_NO_PAD.decode(segment.as_bytes(), bytes.as_out()) {
        Ok(_) => bytes,
        Err(_) => decode_leniently(segment, place, defects),
    }
}

fn decode_leniently(segment: &str, place: &str, defects: &mut Defects) -> Vec<u8> {
    let start = defects.segment().start;
    let mut defect = |code, at: usize, length: usize, text: String| {
        defects.add_at(code, Some(start + at..start + at + length), || (place.to_owned(), text));
    };
    let mut rest = segment.trim_end_matches('=');
    if rest.len() < segment.len() {
        defect(
            DefectCode::Padding,
            rest.len(),
            segment.len() - rest.len(),
            format!("the segment is padded: {}", excerpt(&segment[rest.len()..])),
        );
    }
    if let Some(at) = rest.find(['+', '/']) {
        defect(DefectCode::StandardAlphabet, at, 1, "the segment has + or / where base64url has - and _".to_owned());
    }
    let foreign = |c: char| !matches!(c, 'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' | '+' | '/');
    if let Some(at) = rest.find(foreign) {
        let c = rest[at..].chars().next().unwrap_or_default();
        let text = format!("{} is not base64url", excerpt(c.encode_utf8(&mut [0; 4])));
        defect(DefectCode::Base64, at, c.len_utf8(), text);
        rest = &rest[..at];
    }
    if rest.len() % 4 == 1 {
        let text = format!("base64url cannot be {} characters long: the end may be cut off", rest.len());
        defect(DefectCode::Base64, rest.len() - 1, 1, text);
        rest = &rest[..rest.len() - 1];
    }
    let text = rest.replace('+', "-").replace('/', "_");
    let whole = rest.len() == segment.trim_end_matches('=').len();
    if let (true, Err(DecodeError::InvalidLastSymbol(..))) = (whole, URL_SAFE_NO_PAD.decode(&text)) {
        defect(
            DefectCode::TrailingBits,
            rest.len() - 1,
            1,
            "the last character has unused bits that are not zero".to_owned(),
        );
    }
    LENIENT.decode(&text).expect("only characters of the alphabet are left, in a possible number")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(segment: &str) -> (Vec<u8>, Vec<&'static str>) {
        let mut defects = Defects::default();
        let bytes = decode(segment, "payload", &mut defects);
        (bytes, defects.into_list().iter().map(|defect| defect.code.as_str()).collect())
    }

    #[test]
    fn decodes_what_is_found() {
        let check = |input: &str, bytes: &[u8], codes: &[&str]| {
            assert_eq!(decoded(input), (bytes.to_vec(), codes.to_vec()), "{input}");
        };
        check("", b"", &[]);
        check("YQ", b"a", &[]);
        check("YWI", b"ab", &[]);
        check("_-8", &[0xff, 0xef], &[]);
        check("YQ==", b"a", &["padding"]);
        check("/+8=", &[0xff, 0xef], &["padding", "standard-alphabet"]);
        check("YR", b"a", &["trailing-bits"]);
        check("YWJj!YWJj", b"abc", &["base64"]);
        check("YWJjY", b"abc", &["base64"]);
        check("YWJjY\u{e9}", b"abc", &["base64", "base64"]);
        check("=", b"", &["padding"]);
    }

    proptest! {
        #[test]
        fn never_panics(any in any::<String>(), near in "[A-Za-z0-9+/_=-]{0,9}") {
            decoded(&any);
            decoded(&near);
        }

        /// The fast way takes what the strict one takes, and makes the same of it.
        #[test]
        fn is_strict(text in "[A-Za-z0-9_-]{0,90}", odd in "[A-Za-z0-9+/_=-]{0,70}") {
            for text in [&text, &odd] {
                let (bytes, defects) = decoded(text);
                prop_assert_eq!(defects.is_empty().then_some(bytes), URL_SAFE_NO_PAD.decode(text).ok(), "{}", text);
            }
        }
    }
}
