//! What can be odd about a token.

use std::{fmt, ops::Range};

/// Something odd about a token, which is still shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What kind of oddity it is.
    pub code: DefectCode,
    /// Where: `token`, `header`, `payload`, `signature`; a header parameter as `header/kid`, a claim as `/exp` (a JSON
    /// pointer, RFC 6901). Foreign text.
    pub place: String,
    /// What is odd, in words, with the exact text where one is to blame. Foreign text.
    pub text: String,
    /// The bytes of the raw token that are to blame, where they are known: an empty range at its end where something is
    /// missing.
    pub bytes: Option<Range<usize>>,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// The kinds of oddities, each with a stable word for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum DefectCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl DefectCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable word: `duplicate-key`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

codes! {
    /// Blanks or line breaks were inside of the token and were taken out.
    Whitespace = "whitespace",
    /// The token was extracted from a longer text.
    SurroundingText = "surrounding-text",
    /// Fewer segments than the compact serialization has: the token may be cut off.
    MissingSegment = "missing-segment",
    /// A segment is not base64url, or has an impossible length; what stands before the fault was decoded.
    Base64 = "base64",
    /// A segment is padded with `=` (RFC 7515 §2 leaves it off).
    Padding = "padding",
    /// A segment has `+` or `/` of the standard alphabet instead of `-` and `_`.
    StandardAlphabet = "standard-alphabet",
    /// The unused bits of a segment's last character are not zero: several texts mean the same token.
    TrailingBits = "trailing-bits",
    /// The bytes are no UTF-8; each fault is shown as U+FFFD.
    NotUtf8 = "not-utf8",
    /// The text stops being JSON; what stands before the fault is shown.
    Json = "json",
    /// The payload is not JSON at all, so there are no claims.
    NoClaims = "no-claims",
    /// A member is there more than once (RFC 7515 §4, RFC 7519 §4): programs differ in which one they take.
    DuplicateKey = "duplicate-key",
    /// The header has no `alg` (RFC 7515 §4.1.1: it must).
    AlgMissing = "alg-missing",
    /// The header's `alg` is not a string.
    AlgNotAString = "alg-not-a-string",
    /// `alg` is `none`: nothing protects the content (RFC 7515 appendix A.5).
    Unsecured = "unsecured",
    /// The signature is empty although `alg` is not `none`.
    SignatureMissing = "signature-missing",
    /// There is a signature although `alg` is `none`.
    SignatureUnexpected = "signature-unexpected",
    /// The payload is empty, so it is sent some other way (RFC 7515 appendix F) or was cut out.
    DetachedPayload = "detached-payload",
    /// A date is not JSON number (RFC 7519 §2, NumericDate); it is not used.
    DateNotANumber = "date-not-a-number",
    /// A date is before 1970; it is used as it is.
    DateNegative = "date-negative",
    /// A date can only be meant in milliseconds: in seconds it is beyond the year 5138. It is not used.
    DateInMilliseconds = "date-in-milliseconds",
    /// A date is outside of the years 0 to 9999, which RFC 3339 can write. It is not used.
    DateOutOfRange = "date-out-of-range",
    /// There are more defects than are listed.
    MoreDefects = "more-defects",
}

impl fmt::Display for DefectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many defects are listed: a hostile token must not turn into a longer list than it is itself.
const MOST: usize = 50;

/// Collects defects.
#[derive(Debug, Default)]
pub(super) struct Defects {
    list: Vec<Defect>,
    more: usize,
    segment: Segment,
}

/// Where the segment that is being read stands in the raw token.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Segment {
    /// Its first byte.
    pub(super) start: usize,
    /// Its bytes are its content, without base64url in between (RFC 7797).
    pub(super) plain: bool,
    /// From this byte of its content on, places are not known: what is not UTF-8 was replaced.
    pub(super) known: usize,
}

impl Segment {
    /// A segment in base64url.
    pub(super) fn at(start: usize) -> Self {
        Self { start, plain: false, known: usize::MAX }
    }

    /// The bytes of the raw token that hold these bytes of the content: six bits to a character.
    pub(super) fn content(&self, bytes: Range<usize>) -> Option<Range<usize>> {
        let range = if self.plain { bytes.clone() } else { bytes.start * 8 / 6..(bytes.end * 8).div_ceil(6) };
        (bytes.end <= self.known).then(|| self.start + range.start..self.start + range.end)
    }
}

impl Defects {
    /// What is added from here on is about this segment.
    pub(super) fn enter(&mut self, segment: Segment) {
        self.segment = segment;
    }

    /// The segment that is being read.
    pub(super) fn segment(&mut self) -> &mut Segment {
        &mut self.segment
    }

    /// Adds a defect; the words are only asked for when there is room.
    pub(super) fn add(&mut self, code: DefectCode, words: impl FnOnce() -> (String, String)) {
        self.add_at(code, None, words);
    }

    /// Adds a defect whose bytes in the raw token are known.
    pub(super) fn add_at(
        &mut self,
        code: DefectCode,
        bytes: Option<Range<usize>>,
        words: impl FnOnce() -> (String, String),
    ) {
        if self.list.len() < MOST {
            let (place, text) = words();
            self.list.push(Defect { code, place, text, bytes });
        } else {
            self.more += 1;
        }
    }

    /// Adds what another collection holds.
    pub(super) fn append(&mut self, other: Self) {
        for Defect { code, place, text, bytes } in other.list {
            self.add_at(code, bytes, || (place, text));
        }
        self.more += other.more;
    }

    pub(super) fn into_list(mut self) -> Vec<Defect> {
        if self.more > 0 {
            let (place, text) = ("token".to_owned(), format!("{} more defects are not listed", self.more));
            self.list.push(Defect { code: DefectCode::MoreDefects, place, text, bytes: None });
        }
        self.list
    }
}

/// As much of a foreign text as fits in a sentence.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_words() {
        let words: std::collections::HashSet<_> = DefectCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), DefectCode::ALL.len());
        assert!(words.iter().all(|word| word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))));
    }

    #[test]
    fn the_list_ends() {
        let mut defects = Defects::default();
        for _ in 0..1_000 {
            defects.add(DefectCode::DuplicateKey, Default::default);
        }
        let list = defects.into_list();
        assert_eq!(list.len(), MOST + 1);
        assert_eq!(list[MOST].text, "950 more defects are not listed");
    }
}
