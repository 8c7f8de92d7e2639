//! What went over the wire.

use super::tabs;
use crate::tui::{
    app::{
        Model,
        exchange::{ending, skew_words},
        layout::Layout,
        page::Tone,
    },
    view::canvas::{Canvas, Span},
};

/// The last exchange with the server of the token's profile, or of the profile under the cursor.
pub(super) fn draw(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme;
    let (head, _) = layout.inspector_parts();
    let sheet = &model.inspector.exchange;
    let row = sheet.profile.as_ref().and_then(|name| model.profiles.row(name));
    let (profile, words) = match (row, row.and_then(|row| row.exchange.as_ref())) {
        (Some(row), Some(exchange)) => (row.profile.name.as_str(), ending(exchange)),
        (Some(row), None) => (row.profile.name.as_str(), ("no HTTP exchange yet".to_owned(), Tone::Muted)),
        (None, _) => ("", ("the token belongs to no profile, so it has no HTTP exchange".to_owned(), Tone::Muted)),
    };
    let (words, tone) = words;
    canvas.write(head.shrink(1, 0), [(words.into(), theme.tone(tone))]);
    if head.height >= 2 {
        let mut second: Vec<Span<'_>> = Vec::new();
        if !profile.is_empty() {
            second.push((format!("the last exchange of {profile}").into(), theme.muted()));
        }
        if let Some(skew) = row.and_then(|row| skew_words(row.skew)) {
            second.push((format!(" · server clock {skew}").into(), theme.tone(Tone::Warn)));
        }
        canvas.write(head.shrink(1, 0).below(1), second);
    }
    if head.height >= 3 && !layout.bordered() {
        canvas.write(head.shrink(1, 0).below(2), tabs(model, theme).into_iter().skip(1));
    }
    let area = layout.raw_text();
    let lines = sheet.lines.iter().skip(model.inspector.cursor.offset).take(usize::from(area.height));
    for (row, line) in lines.enumerate() {
        let spans: [Span<'_>; 2] =
            [(line.head.as_str().into(), theme.muted()), (line.text.as_str().into(), theme.tone(line.tone))];
        canvas.write(area.below(row as u16), spans);
    }
}
