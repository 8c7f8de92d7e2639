//! What two tokens say, in words: values with what changed in them, and what follows from it.

use chrono::TimeDelta;
use unicode_width::UnicodeWidthStr as _;

use crate::{
    clock, text,
    token::{
        diff::Change,
        json::{Json, Kind},
    },
    tui::app::{Model, tokens::Row},
};

/// A part of a value; what is changed stands in brackets, and out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) changed: bool,
}

impl Piece {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), changed: false }
    }

    fn bracketed(text: &str) -> Self {
        Self { text: format!("[{text}]"), changed: true }
    }
}

/// One side of a member, sanitized.
pub(super) fn value(model: &Model, change: &Change, side: usize, raw: bool, same: bool) -> Vec<Piece> {
    let values = [&change.before, &change.after];
    let Some(value) = values[side] else { return vec![Piece::plain("absent")] };
    if let Some(at) = change.dates[side].filter(|_| !raw) {
        let now = model.shown_now();
        let when = match (change.place.as_str(), at <= now) {
            ("/exp", true) => format!(" · ended {}", clock::relative(at, now)),
            ("/exp", false) => format!(" · {}", clock::relative(at, now)),
            _ => String::new(),
        };
        return vec![Piece::plain(format!("{} local{when}", clock::of_day(at, now, model.zone)))];
    }
    if same {
        return vec![Piece::plain(value.as_str())];
    }
    let moved = [&change.lost, &change.gained][side];
    if let Some(words) = words(value).filter(|_| !change.lost.is_empty() || !change.gained.is_empty()) {
        let pieces = words.iter().map(|word| match moved.contains(word) {
            true => Piece::bracketed(&text::visible(word)),
            false => Piece::plain(text::visible(word)),
        });
        let gaps = std::iter::once("").chain(std::iter::repeat("  ")).map(Piece::plain);
        return gaps.zip(pieces).flat_map(|(gap, piece)| [gap, piece]).filter(|piece| !piece.text.is_empty()).collect();
    }
    match values[1 - side] {
        Some(other) => pointed(value, other),
        None => vec![Piece::plain(value.as_str())],
    }
}

/// The scopes or roles of a value, in their order.
fn words(value: &str) -> Option<Vec<String>> {
    let json = Json::parse(value);
    let root = json.root()?;
    if let Some(text) = json.string(root) {
        return Some(text.split_whitespace().map(str::to_owned).collect());
    }
    let strings = || json.children(0).map(|(_, node)| json.string(node).map(Into::into)).collect();
    if root.kind == Kind::Array { strings() } else { None }
}

/// A value with what is not in the other one in brackets, where most of them is the same.
fn pointed(value: &str, other: &str) -> Vec<Piece> {
    let (all, others): (Vec<char>, Vec<char>) = (value.chars().collect(), other.chars().collect());
    let shorter = all.len().min(others.len());
    let head = all.iter().zip(&others).take_while(|(one, two)| one == two).count();
    let tail =
        all.iter().rev().zip(others.iter().rev()).take(shorter - head).take_while(|(one, two)| one == two).count();
    // The quotation marks alone are nothing in common.
    if (head + tail) * 2 < all.len().max(others.len()) || head + tail == all.len() {
        return vec![Piece::plain(value)];
    }
    let part = |chars: &[char]| chars.iter().collect::<String>();
    let end = all.len() - tail;
    let pieces =
        [Piece::plain(part(&all[..head])), Piece::bracketed(&part(&all[head..end])), Piece::plain(part(&all[end..]))];
    pieces.into_iter().filter(|piece| !piece.text.is_empty()).collect()
}

/// The pieces in so many columns: what is changed goes last.
pub(crate) fn cut(pieces: Vec<Piece>, columns: usize) -> Vec<Piece> {
    let width = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.width()).sum::<usize>();
    if width(&pieces) <= columns {
        return pieces;
    }
    let Some(at) = pieces.iter().position(|piece| piece.changed) else {
        let text: String = pieces.into_iter().map(|piece| piece.text).collect();
        return vec![Piece::plain(middle(&text, columns))];
    };
    let changed = pieces[at].text.width().min(columns);
    let before = width(&pieces[..at]);
    // As much before it as is there, up to half of what is left.
    let room = ((columns - changed) / 2).min(before).max((columns - changed).saturating_sub(width(&pieces[at + 1..])));
    let mut kept = Vec::new();
    let head: String = pieces[..at].iter().map(|piece| piece.text.as_str()).collect();
    let rest: String = pieces[at + 1..].iter().map(|piece| piece.text.as_str()).collect();
    kept.push(Piece::plain(last(&head, room.min(before))));
    kept.push(Piece { text: middle(&pieces[at].text, changed), changed: true });
    let used = width(&kept);
    kept.push(Piece::plain(first(&rest, columns.saturating_sub(used))));
    kept.retain(|piece| !piece.text.is_empty());
    kept
}

/// `1c09…77d0`.
fn middle(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let half = columns.saturating_sub(1) / 2;
    let end: String = last(text, half + 1).chars().skip(1).collect();
    first(text, columns.saturating_sub(end.width())) + &end
}

/// The start of a text, with an ellipsis behind it where it is cut.
fn first(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if kept.width() + 1 > columns {
            kept.pop();
            break;
        }
    }
    if columns == 0 { String::new() } else { kept + "…" }
}

/// The end of a text, with an ellipsis before it where it is cut.
fn last(text: &str, columns: usize) -> String {
    let turned = |text: &str| text.chars().rev().collect::<String>();
    turned(&first(&turned(text), columns))
}

/// What follows from the differences, in sentences.
pub(super) fn summary(sides: [&Row; 2], changes: &[Change]) -> String {
    if changes.is_empty() {
        return "The tokens are identical, byte for byte.".to_owned();
    }
    let mut said: Vec<String> = Vec::new();
    if let [Some(first), Some(second)] = sides.map(|row| row.lifetime.whole()) {
        let (by, whole) = (clock::round_span(second - first), clock::round_span(second));
        said.push(match second - first {
            none if none.num_seconds() == 0 => format!("Lifetime is the same, {whole}."),
            longer if longer > TimeDelta::zero() => format!("Lifetime is {by} longer, {whole}."),
            _ => format!("Lifetime is {by} shorter, {whole}."),
        });
    }
    let of = |pick: fn(&Change) -> &Vec<String>| changes.iter().map(|change| pick(change).len()).sum::<usize>();
    let scopes = |change: &&Change| !change.gained.is_empty() || !change.lost.is_empty();
    let is_scope = changes.iter().filter(scopes).all(|change| ["/scope", "/scopes", "/scp"].contains(&&*change.place));
    let count = |count: usize| {
        let (one, many) = if is_scope { ("one scope", "scopes") } else { ("one entry", "entries") };
        if count == 1 { one.to_owned() } else { format!("{count} {many}") }
    };
    match (of(|change| &change.gained), of(|change| &change.lost)) {
        (0, 0) => {}
        (gained, 0) => said.push(format!("Access grew by {}.", count(gained))),
        (0, lost) => said.push(format!("Access shrank by {}.", count(lost))),
        (gained, lost) => said.push(format!("Access gained {} and lost {}.", count(gained), count(lost))),
    }
    for (place, words) in [
        ("/sub", "The subject changed."),
        ("/iss", "The issuer changed."),
        ("/aud", "The audience changed."),
        ("header/alg", "The algorithm changed."),
        ("header/kid", "The signing key changed."),
        ("form", "They are not of the same form."),
        ("signature", "Only the signature differs."),
        ("token", "Their content cannot be read, so only their fingerprints are compared."),
    ] {
        said.extend(
            changes
                .iter()
                .any(|change| change.place == place && change.before.is_some() && change.after.is_some())
                .then(|| words.to_owned()),
        );
    }
    if said.is_empty() { "Nothing that decides about access changed.".to_owned() } else { said.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: Vec<Piece>) -> String {
        pieces.into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn what_changed_stands_in_brackets_where_most_is_the_same() {
        let both = |one: &str, two: &str| (shown(pointed(one, two)), shown(pointed(two, one)));
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(both("\"seta-2026-09\"", "\"seta-2026-10\""), pair("\"seta-2026-[09]\"", "\"seta-2026-[10]\""));
        assert_eq!(both("\"1c0977d0\"", "\"52e80b19\""), pair("\"1c0977d0\"", "\"52e80b19\""));
        assert_eq!(both("\"abcd\"", "\"abcde\""), pair("\"abcd\"", "\"abcd[e]\""));
        assert_eq!(both("true", "false"), pair("true", "false"));
        assert_eq!(both("日本語一", "日本語二"), pair("日本語[一]", "日本語[二]"));
    }

    #[test]
    fn what_is_changed_is_cut_last() {
        let cut = |one: &str, two: &str, columns| {
            let cut = super::cut(pointed(one, two), columns);
            assert!(shown(cut.clone()).width() <= columns, "{cut:?}");
            shown(cut)
        };
        assert_eq!(cut("\"0123456789abcdef\"", "\"x\"", 9), "\"012…def\"");
        assert_eq!(cut("\"seta-keys-2026-09\"", "\"seta-keys-2026-10\"", 12), "…-2026-[09]\"");
        assert_eq!(middle("abcdef", 6), "abcdef");
        assert_eq!(
            (middle("abcdef", 5).as_str(), middle("abcdef", 1).as_str(), middle("abcdef", 0).as_str()),
            ("ab…ef", "…", "")
        );
        assert!(middle("日本語日本語", 5).width() <= 5);
    }
}
