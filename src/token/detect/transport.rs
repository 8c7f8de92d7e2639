//! What a text went through on its way: quoting in mail, comments, HTML, quoted-printable.

use std::borrow::Cow;

/// Takes off the `>` of quoted mail, the `#` of comments and the `|` of tables, where every line begins with it.
pub(super) fn without_line_marks(text: &str) -> Cow<'_, str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    for mark in ['>', '#', '|'] {
        // The first one may have been lost in copying.
        if lines().nth(1).is_some() && lines().skip(1).all(|line| line.starts_with(mark)) {
            let bare = |line: &str| line.trim().trim_start_matches(mark).trim_end_matches(mark).trim().to_owned();
            return text.lines().map(|line| bare(line) + "\n").collect::<String>().into();
        }
    }
    text.into()
}

/// Resolves the character references that stand between names and values in HTML.
pub(super) fn unescaped_html(text: &str) -> Cow<'_, str> {
    const REFERENCES: &[(&str, &str)] = &[
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&#x3D;", "="),
        ("&#61;", "="),
        ("&#x2F;", "/"),
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&amp;", "&"),
    ];
    if !text.contains('&') || !REFERENCES.iter().any(|(reference, _)| text.contains(reference)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (reference, c) = REFERENCES
            .iter()
            .find(|(reference, _)| rest.get(..reference.len()).is_some_and(|head| head.eq_ignore_ascii_case(reference)))
            .unwrap_or(&("&", "&"));
        out.push_str(c);
        rest = &rest[reference.len()..];
    }
    out.push_str(rest);
    out.into()
}

/// Resolves quoted-printable (RFC 2045 §6.7), paragraph by paragraph: only where all `=` are as they would be in it, and
/// one stands for an `=`, a blank or a line break.
pub(super) fn unquoted_printable(text: &str) -> Cow<'_, str> {
    if !["=3D", "=20", "=0A", "=0D"].iter().any(|escape| text.contains(escape)) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut paragraph = String::new();
    for line in text.split_inclusive('\n') {
        paragraph.push_str(line);
        if line.trim_end().is_empty() {
            push_paragraph(&paragraph, &mut out);
            paragraph.clear();
        }
    }
    push_paragraph(&paragraph, &mut out);
    out.into()
}

fn push_paragraph(text: &str, out: &mut String) {
    match printable(text) {
        Some(decoded) => out.push_str(&decoded),
        None => out.push_str(text),
    }
}

/// A paragraph decoded; `None` unless it is quoted-printable.
fn printable(text: &str) -> Option<String> {
    let (mut bytes, mut rest, mut sure) = (Vec::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find('=') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let behind = &rest[at + 1..];
        // Blanks may have come to stand at the end of a line (rule 3).
        let blanks = behind.len() - behind.trim_start_matches([' ', '\t', '\r']).len();
        if behind[blanks..].is_empty() {
            bytes.push(b'=');
            rest = "";
        } else if let Some(next) = behind[blanks..].strip_prefix('\n') {
            rest = next;
        } else {
            let code = behind.get(..2).filter(|code| !code.contains(|c: char| c.is_ascii_lowercase() || c == '+'))?;
            let byte = u8::from_str_radix(code, 16).ok()?;
            sure |= matches!(byte, b'=' | b' ' | b'\n' | b'\r');
            bytes.push(byte);
            rest = &behind[2..];
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    sure.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_told_from_other_text() {
        let check = |text: &str, expected: &str| assert_eq!(unquoted_printable(text), expected, "{text}");
        check("a=3Db=\nc", "a=bc");
        check("a=3Db= \r\nc=C3=A9\r\n", "a=bcé\r\n");
        check(
            "Content-Type: text/plain; charset=utf-8\n\na=3Db=\nc\n",
            "Content-Type: text/plain; charset=utf-8\n\na=bc\n",
        );
        // In an address, in base64, in a file of settings.
        for other in ["x?a=3Db&c=d", "YQ==\nYg==\n", "A=1\nB=3D\nC=x", "a=3", "=3D=3é"] {
            check(other, other);
        }
    }
}
