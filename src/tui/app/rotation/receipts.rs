//! The receipt of a rotation: shown whole, copied, written into a file; and those of earlier runs.

use super::{State, Step, act, words::counted};
use crate::{
    session::rotate::receipt::Receipt,
    text,
    tui::app::{
        Model,
        message::{Effect, Effects},
        mode::Item,
        page::{self, Line, Tone},
    },
};

/// The heading of the list of runs.
pub(crate) const RECEIPTS: &str = "Rotation receipts";

/// The runs, to choose one from.
pub(crate) fn items(model: &Model) -> Vec<Item> {
    let item = |run: &crate::session::rotate::RunSummary| {
        let counted = counted(run.profiles);
        let (words, step) = match run.left {
            0 => (format!("{counted} · {}", run.totals.words()), Step::Read(run.id.clone())),
            left if run.is_running => {
                (format!("{counted} · {left} not finished, runs elsewhere"), Step::Read(run.id.clone()))
            }
            left => (format!("{counted} · cut off, {left} not finished"), Step::CutOff(run.id.clone())),
        };
        Item::new(run.id.to_string(), words, act(step))
    };
    model.rotation.runs.iter().map(item).collect()
}

fn receipt(model: &Model) -> Option<&Receipt> {
    if let State::Live(live) = &model.rotation.state { live.receipt.as_deref() } else { None }
}

pub(super) fn copy(model: &Model) -> Effects {
    let Some(receipt) = receipt(model) else { return Effects::none() };
    Effect::Copy { what: "receipt".to_owned(), text: receipt.markdown().into() }.into()
}

/// Into a file of the folder that tokscope was started in.
pub(super) fn write(model: &Model) -> Effects {
    let Some(receipt) = receipt(model) else { return Effects::none() };
    let name = format!("tokscope-rotation-{}.md", receipt.run);
    Effect::WriteReceipt { name, text: receipt.markdown() }.into()
}

pub(super) fn show_whole(model: &mut Model) {
    let Some(receipt) = receipt(model) else { return };
    let tone = |line: &str| match line {
        line if line.starts_with('#') => Tone::Heading,
        line if line.starts_with("ALARM") => Tone::Bad,
        _ => Tone::Plain,
    };
    let line = |line: &str| {
        let line = text::visible(line);
        Line { tone: tone(&line), head: String::new(), text: line.into_owned() }
    };
    let (title, lines) = (format!("Receipt {}", receipt.run), receipt.markdown().lines().map(line).collect());
    page::report(model, &title, lines);
}
