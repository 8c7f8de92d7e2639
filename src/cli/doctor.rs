//! `tokscope doctor`: looks at everything around the program and says what is wrong. It changes nothing, asks nothing, and
//! sends nothing over the network.

mod around;
mod kept;

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure, GlobalOptions, output,
    signals::run as wait,
    style::{Role, Style},
};
use crate::{store::config::Config, text::visible, trouble::Told};

/// The arguments of `tokscope doctor`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
This changes nothing, asks nothing and sends nothing over the network. The
output contains no secrets.

--json prints one object: {\"problems\": 0, \"checks\": [{\"check\":
\"keyring\", \"state\": \"ok\", \"text\": \"…\", \"hint\": null}]}; state is
\"ok\", \"attention\" or \"problem\".

Exit code: 0 no problem; 1 a problem; 2 error.")]
pub struct Doctor {
    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// It works, and it is worth a look.
    Attention,
    /// Something does not work, or others can read what is not theirs.
    Problem,
}

/// Something that was looked at. Text and hint may hold foreign text.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    state: State,
    text: String,
    hint: Option<String>,
}

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(super) struct Diagnosis<'a> {
    problems: usize,
    checks: &'a [Check],
}

impl Check {
    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, state: State::Ok, text: text.into(), hint: None }
    }

    fn attention(name: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: State::Attention, text: text.into(), hint: Some(hint.into()) }
    }

    fn problem(name: &'static str, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: State::Problem, text: text.into(), hint: Some(hint.into()) }
    }

    fn failed(name: &'static str, error: &impl Told) -> Self {
        Self { name, state: State::Problem, text: error.to_string(), hint: error.hint() }
    }
}

/// Looks around and prints what it finds. `keys` tells what is wrong with the keys in the settings.
pub fn run(doctor: &Doctor, place: &GlobalOptions, keys: impl Fn(&Config) -> Vec<String>) -> Result<Exit, Failure> {
    let folder = place.unchecked_folder()?;
    let checks = wait(async {
        let mut checks = kept::checks(&folder, keys).await;
        checks.extend(around::checks(|name| std::env::var_os(name)).await);
        Ok(checks)
    })?;
    match doctor.json {
        true => output::print_json(&Diagnosis { problems: problems(&checks), checks: &checks })?,
        false => output::print(&text(&checks, Style::stdout()))?,
    }
    match problems(&checks) {
        0 => Ok(Exit::Yes),
        _ => Ok(Exit::No),
    }
}

fn problems(checks: &[Check]) -> usize {
    checks.iter().filter(|check| check.state == State::Problem).count()
}

fn word(state: State) -> (&'static str, Role) {
    match state {
        State::Ok => ("ok", Role::Good),
        State::Attention => ("attention", Role::Warning),
        State::Problem => ("problem", Role::Bad),
    }
}

fn text(checks: &[Check], style: Style) -> String {
    let mut out = String::new();
    for Check { name, state, text, hint } in checks {
        let (word, role) = word(*state);
        let (name, word) = (style.paint(Role::Name, format!("{name:<13}")), style.paint(role, format!("{word:<9}")));
        let _ = writeln!(out, "{name}  {word}  {}", visible(text));
        if let Some(hint) = hint {
            let _ = writeln!(out, "{:26}→ {}", "", visible(hint));
        }
    }
    out
}
