//! Commands found by words: the line that is typed, those that match, and what the one under the cursor does.

use super::{
    canvas::{Canvas, Span, pad},
    dialog,
};
use crate::tui::app::{
    Model,
    layout::Area,
    mode::{Entry, Listing, Palette, palette},
    mouse::Target,
    page::write::wrap,
};

/// Draws the window.
pub(super) fn draw(model: &Model, palette: &Palette, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let area = palette::frame(model.size);
    let (title, sign) = match palette.listing {
        Listing::Commands => ("Commands", ":"),
        Listing::Keys => ("Help", "/"),
    };
    let inner = dialog::frame(area, None, title, canvas);
    let count = format!(" {} of {} ", palette.entries().len(), palette.len());
    canvas.write_right(area.top(1).shrink(2, 0), vec![(count.into(), theme.muted())]);
    let (above, page, below) = palette::parts(model.size);
    let room = usize::from(inner.width.saturating_sub(2)).max(1);
    let prompt: Span<'_> = (sign.into(), theme.focus());
    let line = std::iter::once(prompt).chain(dialog::typed(&palette.input, usize::MAX, room, theme));
    let used = canvas.write(inner.top(1), line);
    canvas.target(inner.top(1).from(inner.x + 1), Target::Typed(dialog::first(&palette.input, room)));
    if palette.listing == Listing::Keys {
        let rest = Area { x: inner.x + used, width: inner.width - used, ..inner };
        canvas.write_right(rest, vec![("  @ and a key finds the key".into(), theme.muted())]);
    }
    let list = inner.below(above);
    let widest = palette.entries().map(|entry| lead(palette, entry).chars().count()).max().unwrap_or(0);
    let lead_width = widest.clamp(8, 26).min(usize::from(inner.width) / 2);
    let offset = palette.cursor.offset;
    for (row, (at, entry)) in palette.entries().enumerate().skip(offset).take(page).enumerate() {
        let selected = at == palette.cursor.index;
        draw_entry(model, palette, entry, selected, lead_width, list.below(row as u16).top(1), canvas);
    }
    if palette.entries().len() == 0 {
        canvas.write(list, [("  no command matches".into(), theme.muted())]);
    }
    let Some(entry) = palette.selected().filter(|_| below > 0) else { return };
    let foot = inner.below(inner.height.saturating_sub(below.saturating_sub(1).max(1)));
    let badge = entry.subject.environment.as_ref().and_then(|environment| model.badge_of(environment));
    let badge = badge.filter(|_| palette.listing == Listing::Keys && entry.why_not.is_none());
    let text = badge.iter().map(|badge| format!("{} ", badge.text)).collect::<String>() + &words(palette, entry);
    for (row, line) in wrap(&text, usize::from(inner.width)).into_iter().enumerate() {
        let marked =
            badge.as_ref().filter(|_| row == 0).and_then(|badge| Some((badge, line.strip_prefix(&badge.text)?)));
        let spans: Vec<Span<'_>> = match marked {
            Some((badge, rest)) => {
                theme.badge(badge).into_iter().take(1).chain([(rest.into(), theme.muted())]).collect()
            }
            None => vec![(line.into(), theme.muted())],
        };
        canvas.write(foot.below(row as u16).top(1), spans);
    }
}

/// What an entry begins with: the name of a command, the keys of the help.
fn lead<'a>(palette: &Palette, entry: &'a Entry) -> &'a str {
    match palette.listing {
        Listing::Commands => &entry.name,
        Listing::Keys => &entry.keys,
    }
}

fn draw_entry(
    model: &Model,
    palette: &Palette,
    entry: &Entry,
    selected: bool,
    lead_width: usize,
    area: Area,
    canvas: &mut Canvas<'_>,
) {
    let theme = canvas.theme;
    let possible = entry.why_not.is_none();
    let style = match (possible, selected) {
        (_, true) => theme.strong(),
        (true, false) => theme.plain(),
        (false, false) => theme.muted(),
    };
    let (right, right_style) = match palette.listing {
        Listing::Commands => (entry.keys.as_str(), theme.key()),
        Listing::Keys => (entry.place, theme.muted()),
    };
    let taken = canvas.write_right(area, vec![(right.into(), right_style)]);
    let left = Area { width: area.width.saturating_sub(taken + u16::from(taken > 0)), ..area };
    let key_style = if possible { theme.key() } else { theme.muted() };
    let lead_style = if palette.listing == Listing::Keys { key_style } else { style };
    let mut spans: Vec<Span<'_>> =
        vec![("  ".into(), theme.plain()), (format!("{}  ", pad(lead(palette, entry), lead_width)).into(), lead_style)];
    match (palette.listing, &entry.why_not) {
        (Listing::Keys, _) => spans.push((entry.help.into(), style)),
        (Listing::Commands, Some(why_not)) => spans.push((why_not.as_str().into(), theme.muted())),
        (Listing::Commands, None) => {
            if let Some(environment) = &entry.subject.environment {
                spans.extend(model.badge_of(environment).iter().flat_map(|badge| theme.badge(badge)));
            }
            spans.push((entry.subject.name.as_str().into(), style));
        }
    }
    canvas.write(left, spans);
    if selected {
        canvas.highlight(area, true);
    }
}

/// What is known of the entry beyond its row.
fn words(palette: &Palette, entry: &Entry) -> String {
    match (palette.listing, &entry.why_not) {
        (Listing::Commands, _) => entry.help.to_owned(),
        (Listing::Keys, None) => {
            let name = &entry.subject.name;
            let on = if name.is_empty() { String::new() } else { format!("{name} · ") };
            format!("{on}{}: {}", entry.id, entry.help)
        }
        (Listing::Keys, Some(why_not)) => format!("{}: {} ({why_not})", entry.id, entry.help),
    }
}
