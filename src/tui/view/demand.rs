//! What a login wants done in a browser: the code in large letters, the address whole, and how long there is.

use super::{canvas::Canvas, dialog};
use crate::{
    clock,
    profile::ProfileName,
    text,
    tui::app::{
        Model,
        badge::Badge,
        layout::overlay,
        page::{Tone, write::wrap},
    },
};

/// Draws the dialog.
pub(super) fn draw(model: &Model, guard: Option<&Badge>, canvas: &mut Canvas<'_>) {
    let Some((task, demand)) = model.demand() else { return };
    let (columns, rows) = model.size;
    let picture = demand.code.as_ref().map_or(&[][..], |code| code.picture.as_slice());
    let across = picture.first().map_or(0, |line| line.chars().count());
    // The code beside the words, where there is room for both.
    // There is no picture of it in ASCII.
    let fits = !model.look.ascii
        && across > 0
        && across + 36 <= usize::from(columns)
        && picture.len() + 3 <= usize::from(rows);
    let (picture, across) = if fits { (picture, across + 2) } else { (&[][..], 0) };
    let width = columns.min(84 + across as u16 / 2);
    let room = usize::from(width.saturating_sub(4)).saturating_sub(across).max(1);
    let mut lines: Vec<(String, Tone)> = Vec::new();
    let mut wrapped = |text: &str, tone| lines.extend(wrap(text, room).into_iter().map(|line| (line.to_owned(), tone)));
    match &demand.code {
        Some(code) => {
            wrapped("Enter this code:", Tone::Muted);
            wrapped("", Tone::Plain);
            wrapped(&format!("    {}", spaced(&code.user_code)), Tone::Heading);
            wrapped("", Tone::Plain);
            wrapped("at this address, on any device:", Tone::Muted);
            wrapped(&code.address, Tone::Heading);
            wrapped("", Tone::Plain);
            let left = code.expires_at - model.now;
            let words = match left.num_seconds() {
                ..=0 => "the code has expired".to_owned(),
                _ => format!("the code expires in {}", clock::span(left)),
            };
            wrapped(&words, if left.num_seconds() < 60 { Tone::Warn } else { Tone::Plain });
        }
        None => {
            wrapped("Log in on this page:", Tone::Muted);
            wrapped(&text::visible(&demand.url), Tone::Heading);
            wrapped("", Tone::Plain);
        }
    }
    match &demand.opened {
        Some(Ok(())) => wrapped("It was opened in the browser.", Tone::Good),
        Some(Err(why)) => wrapped(&format!("Open it yourself: {why}."), Tone::Warn),
        None => {}
    }
    let height = u16::try_from(lines.len().max(picture.len()) + 2).unwrap_or(u16::MAX);
    let title = format!("{}: log in with the browser", task.whose.as_ref().map_or("", ProfileName::as_str));
    let inner = dialog::frame(overlay(model.size, width, height), guard, &title, canvas);
    for (row, (line, tone)) in lines.iter().take(usize::from(inner.height)).enumerate() {
        let style = canvas.theme.tone(*tone);
        canvas.write(inner.below(row as u16), [(line.as_str().into(), style)]);
    }
    let light = canvas.theme.code();
    for (row, line) in picture.iter().enumerate() {
        canvas.write_right(inner.below(row as u16), vec![(line.as_str().into(), light)]);
    }
}

/// `W D J B - M J H T`: a code is read out letter by letter.
fn spaced(code: &str) -> String {
    code.chars().flat_map(|c| [c, ' ']).collect::<String>().trim_end().to_owned()
}
