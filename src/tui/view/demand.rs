//! What a login wants done in a browser: the code in large letters, the address whole, and how long there is.

use chrono::TimeDelta;

use super::{canvas::Canvas, dialog};
use crate::{
    clock, text,
    tui::app::{
        Model,
        page::{Tone, write::wrap},
    },
};

/// Draws the dialog.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
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
            wrapped("Open this address, on any device:", Tone::Muted);
            wrapped(&code.address, Tone::Heading);
            wrapped("", Tone::Plain);
            wrapped("and enter this code:", Tone::Muted);
            wrapped(&format!("    {}", spaced(&code.user_code)), Tone::Heading);
            wrapped("", Tone::Plain);
            let left = code.expires_at - model.now;
            let asked = demand.asking(model.now).map(|words| format!("{words}; ")).unwrap_or_default();
            let words = match left.num_seconds() {
                ..=0 => "the code has expired".to_owned(),
                _ => format!("{asked}the code ends in {}", clock::span(left)),
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
        Some(Err(_)) => {
            let words = "Could not open a browser. The address is on screen: {key:browser.copy-address} copies it.";
            wrapped(&model.keyed(words), Tone::Warn);
        }
        None => {}
    }
    let code = if demand.code.is_some() { "{key:browser.copy-code} copy code  " } else { "" };
    let keys = [
        model.keyed("{key:browser.copy-address} copy address  "),
        model.keyed(code),
        model.keyed("{key:browser.open} open browser"),
    ];
    wrapped("", Tone::Plain);
    wrapped(&keys.concat(), Tone::Muted);
    let leave = match task.whose {
        Some(_) => "{key:browser.hide} hide, goes on in the background   {key:browser.cancel} cancel",
        None => {
            "{key:browser.hide} hide, goes on in the background   {key:browser.skip|browser.cancel} skip this profile"
        }
    };
    wrapped(&model.keyed(leave), Tone::Muted);
    let height = u16::try_from(lines.len().max(picture.len()) + 2).unwrap_or(u16::MAX);
    let waiting = format!("waiting {}", clock::span((model.now - task.since).max(TimeDelta::zero())));
    let title = dialog::titled(model, "Log in", task.who(), &waiting, canvas.theme);
    let inner = dialog::framed(model.place_of_dialog(width, height), title, canvas);
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
