//! A JSON value as a row: its name, its text cut to what fits, and the time that it means.

use super::{
    canvas::{Span, marked, pad},
    format,
    theme::Theme,
};
use crate::{
    clock, text,
    token::{
        claim, is_token,
        json::{Json, Kind, Node},
    },
    tui::app::{
        Model,
        inspector::{ClaimsSheet, SheetItem},
        schedule,
        tokens::Row,
    },
};

/// More than this of a value is never looked at for a row.
const LOOKED_AT: usize = 2_048;

/// The spans of a row: name in a column of `gutter`, value, and the time where it is a date.
pub(super) fn row<'a>(
    model: &Model,
    row: &Row,
    (json, at): (&Json, usize),
    sheet: &ClaimsSheet<'_>,
    (gutter, width): (usize, usize),
    theme: Theme,
) -> Vec<Span<'a>> {
    let node = &json.nodes()[at];
    let name = pad(&sheet.name(json, at), gutter);
    let folded = model.inspector.folds_of(sheet.tab).is_some_and(|folds| folds.is_folded(json, at));
    let (value, style) = value(json, at, folded);
    let style = match style {
        Style::Text => theme.plain(),
        Style::Literal => theme.literal(),
        Style::Muted => theme.muted(),
    };
    let used = gutter + 2 + value.chars().count();
    let needle = &model.inspector.search.needle;
    let mut spans = marked(&name, needle, theme.plain(), theme);
    spans.push(("  ".into(), theme.plain()));
    if holds_token(json, node) {
        let here = matches!(model.selected_item(), Some(SheetItem::Value(_, selected)) if selected == at);
        let opens = here.then(|| model.keyed_that_works("a token, {key:inspector.open-inside} opens it  ")).flatten();
        spans.push((opens.unwrap_or("a token  ".into()), theme.muted()));
    }
    spans.extend(marked(&value, needle, style, theme));
    if folded {
        spans.push((format!("  {}", preview(json, at)).into(), theme.muted()));
    }
    if node.kind == Kind::String
        && node.depth <= 2
        && json.raw(node).len() <= LOOKED_AT
        && let Some(items) = claim::list(json, at, sheet.part).filter(|items| items.len() > 1)
    {
        spans.push((format!("   {} items", items.len()).into(), theme.muted()));
    }
    if let Some(time) = claim::date(json, at, sheet.part) {
        let now = model.shown_before(Some(time - row.skew));
        let relative = format::relative(time - row.skew, now, schedule::runs(&row.lifetime, now));
        let (local, utc) = (clock::local(time, model.zone), clock::utc(time));
        // On the same day the UTC time says enough.
        let short =
            utc.split_once('T').filter(|(day, _)| local.starts_with(day)).map_or(utc.as_str(), |(_, time)| time);
        // The offset makes each of them unambiguous; as much as fits.
        let forms = [
            format!("   {local} · {utc} · {relative}"),
            format!("   {local} · {short} · {relative}"),
            format!("   {local} · {relative}"),
            format!("   {} · {relative}", clock::of_day(time, now, model.zone)),
            format!("   {relative}"),
        ];
        let fitting = forms.into_iter().find(|form| used + form.chars().count() <= width);
        spans.extend(fitting.map(|form| (form.into(), theme.muted())));
    }
    spans
}

enum Style {
    Text,
    Literal,
    Muted,
}

fn value(json: &Json, at: usize, folded: bool) -> (String, Style) {
    let node = &json.nodes()[at];
    let raw = json.raw(node);
    match node.kind {
        Kind::String if raw.len() <= LOOKED_AT => match json.string(node) {
            Some(string) => (text::quoted(&string), Style::Text),
            None => (text::visible(raw).into_owned(), Style::Text),
        },
        Kind::String => (string_head(raw), Style::Text),
        Kind::Object | Kind::Array => (container(json, at, folded), Style::Muted),
        Kind::Number | Kind::True | Kind::False | Kind::Null => {
            (text::visible(head(raw, LOOKED_AT)).into_owned(), Style::Literal)
        }
    }
}

/// The start of a long string, read as JSON again: cut before an escape that the cut would break.
fn string_head(raw: &str) -> String {
    let mut start = head(raw, LOOKED_AT);
    if let Some(escape) = start.rfind('\\').filter(|at| start.len() - at < 13) {
        start = start[..escape].trim_end_matches('\\');
    }
    let json = Json::parse(format!("{start}\""));
    let string = json.nodes().first().and_then(|node| json.string(node));
    string.map_or_else(|| text::visible(start).into_owned(), |string| text::quoted(&string))
}

/// How many are inside, and whether they are rows.
fn container(json: &Json, at: usize, folded: bool) -> String {
    const COUNTED: usize = 1_000;
    let count = json.children(at).take(COUNTED + 1).count();
    let (count, more) = if count > COUNTED { (COUNTED, "+") } else { (count, "") };
    let sign = if folded { "▸" } else { "▾" };
    match (json.nodes()[at].kind, count) {
        (Kind::Object, 0) => "{}".to_owned(),
        (_, 0) => "[]".to_owned(),
        (Kind::Object, 1) => format!("{sign} 1 member"),
        (_, 1) => format!("{sign} 1 item"),
        (Kind::Object, _) => format!("{sign} {count}{more} members"),
        (_, _) => format!("{sign} {count}{more} items"),
    }
}

/// The start of what is folded up: more than fits in a line, and no more than that.
fn preview(json: &Json, at: usize) -> String {
    const SHOWN: usize = 40;
    let mut parts = Vec::new();
    for (child, node) in json.children(at).take(SHOWN) {
        let value = match node.kind {
            Kind::Object if node.next as usize > child + 1 => "{…}".to_owned(),
            Kind::Array if node.next as usize > child + 1 => "[…]".to_owned(),
            _ => value(json, child, false).0,
        };
        parts.push(match json.key(node) {
            Some(key) => format!("{}: {value}", text::visible(head(&key, 200))),
            None => value,
        });
    }
    parts.join(", ")
}

/// Whether a string is itself a token; of one that is very long, nobody looks.
fn holds_token(json: &Json, node: &Node) -> bool {
    const LONGEST: usize = 1 << 16;
    let raw = json.raw(node);
    let begins = raw.starts_with("\"ey") || raw.starts_with("\"ew");
    begins && raw.len() <= LONGEST && json.string(node).is_some_and(|text| is_token(&text))
}

fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
