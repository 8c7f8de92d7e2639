//! Cookies that were too large for one: `session.0`, `session.1`. Browsers keep 4 KiB each, so libraries number the pieces,
//! each in its own way.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use super::{
    super::{candidate, inspect},
    layer,
};

/// More pieces than a browser keeps of one site.
const MOST: usize = 64;
/// A piece in front of others is at least so long, unless it is not a token without them.
const FULL: usize = 2_000;

/// A numbered value.
struct Piece {
    name: Range<usize>,
    value: Range<usize>,
}

/// Joins each token that stands in pieces, in whatever order: the first one gets the whole value and a name as
/// `session.0-1`, the others are left empty.
pub(super) fn joined(text: &str) -> Cow<'_, str> {
    let mut families: BTreeMap<&str, BTreeMap<u32, Vec<Piece>>> = BTreeMap::new();
    for (base, number, piece) in pieces(text) {
        families.entry(base).or_default().entry(number).or_default().push(piece);
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for family in families.values() {
        let (first, last) = match (family.keys().next(), family.keys().next_back()) {
            (Some(first @ (0 | 1)), Some(last)) if first < last => (first, last),
            _ => continue,
        };
        if family.len() > MOST || (last - first) as usize + 1 != family.len() {
            continue;
        }
        // Where the cookies of several requests are there, the n-th of each belong together.
        for turn in 0..family.values().map(Vec::len).min().unwrap_or(0) {
            let pieces: Vec<_> = family.values().map(|all| &all[turn]).collect();
            let values: Vec<_> = pieces.iter().map(|piece| &text[piece.value.clone()]).collect();
            if !is_one(&values) {
                continue;
            }
            edits.push((pieces[0].name.clone(), format!("{}-{last}", &text[pieces[0].name.clone()])));
            for (index, piece) in pieces.iter().enumerate() {
                edits.push((piece.value.clone(), if index == 0 { values.concat() } else { String::new() }));
            }
        }
    }
    if edits.is_empty() {
        return text.into();
    }
    edits.sort_unstable_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, with) in edits {
        out.push_str(&text[at..range.start]);
        out.push_str(&with);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out.into()
}

/// Whether values are pieces of one token, rather than several.
fn is_one(values: &[&str]) -> bool {
    let [first, rest @ ..] = values else { return false };
    let alone = |value: &&str| candidate::begins(value) && inspect::is_token(value);
    if rest.iter().any(alone) || rest.iter().any(|value| value.is_empty()) {
        return false;
    }
    let all = values.concat();
    if candidate::begins(first) && first.contains('.') || candidate::begins(first) && all.contains('.') {
        let whole = first.bytes().filter(|&byte| byte == b'.').count() >= 2;
        return (!whole || first.len() >= FULL) && inspect::is_compact(&all);
    }
    // A session in JSON, in base64 or percent-encoded.
    let marked = ["base64-", "%7B", "%5B"].iter().find(|mark| first.starts_with(**mark));
    match marked {
        Some(mark) => !rest.iter().any(|value| value.starts_with(mark)),
        None => first.len() >= FULL && rest.iter().all(|value| value.len() <= first.len()) && layer::begins(first),
    }
}

/// The numbered values of a text: a name that ends with a number, a separator (`=`, `:`, a tab, or HAR's `"value":`) and
/// a value.
fn pieces(text: &str) -> impl Iterator<Item = (&str, u32, Piece)> {
    let bytes = text.as_bytes();
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at + bytes[at..].iter().take_while(|&&byte| !inside(byte)).count();
            let end = start + bytes[start..].iter().take_while(|&&byte| inside(byte)).count();
            at = end;
            if start == end || end - start > 256 || !bytes[end - 1].is_ascii_digit() {
                continue;
            }
            let name = &text[start..end];
            let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = name[base.len()..].parse().ok().filter(|_| name.len() - base.len() <= 2 && !base.is_empty());
            let (Some(number), Some(begin)) = (number, value_behind(bytes, end)) else { continue };
            let of_value = |byte: u8| inside(byte) || matches!(byte, b'=' | b'%' | b'+' | b'/' | b'~');
            let value = begin..begin + bytes[begin..].iter().take_while(|&&byte| of_value(byte)).count();
            if !value.is_empty() {
                at = value.end;
                return Some((base, number, Piece { name: start..end, value }));
            }
        }
        None
    })
}

/// Where the value begins behind a name, if one does.
fn value_behind(bytes: &[u8], name: usize) -> Option<usize> {
    let marks = |at: usize| bytes[at..].iter().take(40).take_while(|&&byte| b"\"' \t\r\n:=,".contains(&byte)).count();
    let mut begin = name + marks(name);
    if bytes[begin..].starts_with(b"value\"") {
        begin += b"value".len();
        begin += marks(begin);
    }
    let separated = bytes[name..begin].iter().any(|byte| matches!(byte, b'=' | b':' | b'\t'));
    separated.then_some(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

    #[test]
    fn pieces_are_joined_where_they_are_one() {
        let (first, second) = WHOLE.split_at(30);
        let check = |text: &str, expected: &str| assert_eq!(joined(text), expected, "{text}");
        check(&format!("a.0={first}; b=c; a.1={second}"), &format!("a.0-1={WHOLE}; b=c; a.1="));
        check(&format!("a_2={second}; a_1={first}"), &format!("a_2=; a_1-2={WHOLE}"));
        check(&format!("s1\t{first}\t/\ns2\t{second}\t/"), &format!("s1-2\t{WHOLE}\t/\ns2\t\t/"));
        check(
            &format!(r#"[{{"name":"a.0","value":"{first}"}},{{"name":"a.1","value":"{second}"}}]"#),
            &format!(r#"[{{"name":"a.0-1","value":"{WHOLE}"}},{{"name":"a.1","value":""}}]"#),
        );
        for apart in [
            format!("a.0={first}; a.2={second}"),
            format!("a.0={WHOLE}; a.1={second}"),
            format!("a.0={WHOLE}; a.1={WHOLE}"),
            format!("a.0={first}; a.1="),
            "key1=value; key2=other".to_owned(),
            "x.0=1 x.1=2 é1=é".to_owned(),
        ] {
            check(&apart, &apart);
        }
    }
}
