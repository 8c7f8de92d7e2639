//! Finds the token in a text that was pasted: what is around it is peeled off, what broke it into pieces is taken out.

use std::borrow::Cow;

/// A text that may be a token.
pub(super) struct Candidate<'a> {
    pub(super) raw: Cow<'a, str>,
    /// There are blanks in it: only an unencoded payload (RFC 7797) may have them.
    pub(super) broken: bool,
    /// Blanks were taken out.
    pub(super) joined: bool,
    /// There was more text around it than belongs to a token.
    pub(super) taken_out: bool,
}

/// Blanks, and what looks like nothing: web pages and terminals leave both in copied text.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Takes off what belongs to a token on its way: blanks, quotes, `Authorization:`, `Bearer ` and other schemes.
pub(super) fn peel(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest.len();
        rest = rest.trim_matches(|c| is_blank(c) || matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’'));
        rest = rest.trim_end_matches([',', ';']);
        for prefix in ["authorization:", "bearer", "jwt", "dpop", "flyv1"] {
            rest = after_prefix(rest, prefix).unwrap_or(rest);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

/// What stands behind a prefix of any case: behind a word only if a blank is between.
fn after_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    let ends = prefix.ends_with(':') || rest.starts_with(is_blank);
    (ends && head.eq_ignore_ascii_case(prefix)).then_some(rest)
}

/// The readings of a peeled text, the likeliest first: as it is, without the blanks inside, its first piece, and the
/// runs in it that begin like a JOSE header.
pub(super) fn candidates(peeled: &str) -> impl Iterator<Item = Candidate<'_>> {
    // Nearly all tokens are printable ASCII, which one pass over the bytes can tell.
    let graphic = peeled.bytes().fold(true, |graphic, byte| graphic & matches!(byte, 0x21..0x7f));
    let broken = !graphic && peeled.contains(is_blank);
    let whole = Candidate { raw: peeled.into(), broken, joined: false, taken_out: false };
    let joined = (broken && is_one(peeled)).then(|| Candidate {
        raw: peeled.chars().filter(|&c| !is_blank(c)).collect::<String>().into(),
        broken: false,
        joined: true,
        taken_out: false,
    });
    let found = runs(peeled).map(|run| Candidate { raw: run.into(), broken: false, joined: false, taken_out: true });
    std::iter::once(whole).chain(joined).chain(found)
}

/// Whether a text with blanks is one token in pieces rather than a token beside other text: either it was wrapped (all
/// lines have one length, the last may be shorter), or its first piece is not a token without the others.
fn is_one(peeled: &str) -> bool {
    let lines = || peeled.lines().map(|line| line.trim_matches(is_blank));
    let width = lines().next().map_or(0, str::len);
    let mut rest = lines().skip_while(|line| line.len() == width);
    let last = rest.next().map_or(0, str::len);
    let wrapped = lines().nth(1).is_some() && last < width && rest.next().is_none();
    let dots = |text: &str| text.bytes().filter(|&byte| byte == b'.').count();
    let first = peeled.split(is_blank).next().unwrap_or_default();
    let begun = dots(first) < 2 || first.ends_with('.');
    (wrapped && !lines().any(|line| line.contains(is_blank)) || begun) && matches!(dots(peeled), 1 | 2 | 4)
}

/// The runs of base64url characters and dots that begin as JSON does in base64 (`{"` is `eyJ`) and have at least one
/// dot. A full stop at the end of a sentence is left off.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at + bytes[at..].iter().take_while(|&&byte| !inside(byte)).count();
            at = end_of_run(text, start, inside);
            let run = text[start..at].trim_start_matches('.');
            let dots = run.bytes().filter(|&byte| byte == b'.').count();
            let run = if matches!(dots, 3 | 5) { run.strip_suffix('.').unwrap_or(run) } else { run };
            if dots > 0 && begins(run) {
                return Some(run);
            }
        }
        None
    })
}

/// Whether a text begins as JSON does in base64.
pub(super) fn begins(text: &str) -> bool {
    text.starts_with("ey") || text.starts_with("ew")
}

/// Where a run of such characters ends. Of a run that begins as a token does, padding is part of it where a segment ends:
/// AWS's load balancers pad all segments and sign them so, against RFC 7515 §2.
pub(super) fn end_of_run(text: &str, start: usize, inside: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut end = start;
    // No token has more segments.
    for _ in 0..5 {
        end += bytes[end..].iter().take_while(|&&byte| inside(byte)).count();
        if bytes.get(end) != Some(&b'=') {
            return end;
        }
        let padding = 1 + usize::from(bytes.get(end + 1) == Some(&b'='));
        let run = &text[start..end];
        let token = &run[run.rfind(['/', '+', '%', '~']).map_or(0, |at| at + 1)..];
        let segment = &token[token.rfind('.').map_or(0, |at| at + 1)..];
        let fits = begins(token) && (segment.len() + padding).is_multiple_of(4);
        match bytes.get(end + padding) {
            Some(b'.') if fits => end += padding,
            Some(&next) if next == b'=' || inside(next) => return end,
            _ => return if fits && token.contains('.') { end + padding } else { end },
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peels() {
        let check = |input: &str, expected: &str| assert_eq!(peel(input), expected);
        check("abc", "abc");
        check("  Bearer abc\n", "abc");
        check("authorization: JWT  abc", "abc");
        check("'Authorization: bearer abc'", "abc");
        check("\"abc\",", "abc");
        check("\u{feff}\u{201c}abc\u{201d}", "abc");
        check("Bearerabc", "Bearerabc");
        check("Bearer", "Bearer");
        check("jwtabc.d", "jwtabc.d");
        check("é", "é");
        check("", "");
    }

    #[test]
    fn reads_in_order() {
        let check = |input: &str, expected: &[&str]| {
            let whole = candidates(input).filter(|candidate| !candidate.broken);
            let found: Vec<_> = whole.map(|candidate| candidate.raw).collect();
            assert_eq!(found, expected, "{input}");
        };
        check("opaque", &["opaque"]);
        check("eyJh.eyJp.sig", &["eyJh.eyJp.sig", "eyJh.eyJp.sig"]);
        check("eyJh.ey\nJp.sig", &["eyJh.eyJp.sig", "eyJh.ey"]);
        check("eyJh.eyJ\np.signat\nur", &["eyJh.eyJp.signatur", "eyJh.eyJ"]);
        check("eyJh.eyJp.si\ng", &["eyJh.eyJp.sig", "eyJh.eyJp.si"]);
        check("eyJh. eyJp. sig", &["eyJh.eyJp.sig", "eyJh.", "eyJp."]);
        check("eyJh.eyJp.sig is mine", &["eyJh.eyJp.sig"]);
        check("see eyJh.eyJp.sig.", &["eyJh.eyJp.sig"]);
        check("eyJh.ey\nJp.sig and", &["eyJh.eyJp.sigand", "eyJh.ey"]);
        check(
            "https://x.org/#access_token=eyJh.eyJp.sig&a=b",
            &["https://x.org/#access_token=eyJh.eyJp.sig&a=b", "eyJh.eyJp.sig"],
        );
        check("token=\"eyJh.eyJp.sig\" &c.", &["eyJh.eyJp.sig"]);
        check("the eyJhYg==.eyJwYg==.c2lnbg==.", &["eyJhYg==.eyJwYg==.c2lnbg=="]);
        check("the eyJhYg==.eyJwYg==.c2lnbg==, eyJhYg.eyJw=", &["eyJhYg==.eyJwYg==.c2lnbg==", "eyJhYg.eyJw"]);
    }
}
