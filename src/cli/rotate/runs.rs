//! The runs that are known, and which one is meant.

use super::{plan::profiles, written::Line};
use crate::{
    cli::{Exit, Failure, columns, output, style::Style},
    session::{Session, rotate::RunSummary},
    store::runs::RunId,
};

/// Reads the name of a run.
pub(super) fn id(text: &str) -> Result<RunId, &'static str> {
    RunId::parse(text).ok_or("not the name of a run; `tokscope rotate --list` shows them")
}

/// Lists the runs, the newest first.
pub(super) fn list(session: &Session, json: bool) -> Result<Exit, Failure> {
    let runs = session.rotations().map_err(Failure::of_auth)?;
    if json {
        output::print_json(&runs.iter().map(Line::run).collect::<Vec<_>>())?;
    } else if runs.is_empty() {
        output::tell("no rotation was run");
    } else {
        let state = |left: usize, is_running: bool| match (left, is_running) {
            (_, true) => "running".to_owned(),
            (0, false) => "complete".to_owned(),
            (left, false) => format!("{left} left: `tokscope rotate --resume` goes on"),
        };
        let row = |run: &RunSummary| {
            let came = if run.left < run.profiles { run.totals.words() } else { String::new() };
            [run.id.to_string(), profiles(run.profiles), state(run.left, run.is_running), came].map(|cell| (None, cell))
        };
        output::print(&columns::lines(&runs.iter().map(row).collect::<Vec<_>>(), Style::stdout()))?;
    }
    Ok(Exit::Yes)
}
