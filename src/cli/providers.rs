//! `tokscope providers`.

mod system;

pub(super) use self::system::System;
use self::system::text;
use super::{Exit, Failure, candidates, output, style::Style};
use crate::{auth::Provider, providers, text::typed};

const AFTER_HELP: &str = "\
--json prints a list of objects: id, title, summary, documentation,
capabilities {login, refresh, revoke, probe}, and fields: a list of {key,
label, kind, choices, required, default, only_if, help}. kind is \"text\",
\"url\", \"secret\", \"choice\", \"flag\", \"seconds\" or \"path\"; choices is
null unless kind is \"choice\"; only_if is null or {key, values}: the field
exists only while that other field has one of these values.

Exit code: 0; 1 no auth system has that id.";

/// The arguments of `tokscope providers`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Providers {
    /// Show only this one, such as openedx
    #[arg(value_name = "ID", add = candidates::systems())]
    pub id: Option<String>,

    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// Lists the auth systems.
pub fn run(arguments: &Providers) -> Result<Exit, Failure> {
    let wanted = |provider: &&&dyn Provider| arguments.id.as_ref().is_none_or(|id| provider.descriptor().id == id);
    let descriptors: Vec<_> = providers::ALL.iter().filter(wanted).map(|provider| provider.descriptor()).collect();
    if let (Some(id), []) = (&arguments.id, &*descriptors) {
        return Err(unknown(id).negative());
    }
    if arguments.json {
        output::print_json(&descriptors.into_iter().map(System::of).collect::<Vec<_>>())?;
    } else {
        let style = Style::stdout();
        output::print(
            &descriptors.into_iter().map(|descriptor| text(descriptor, style)).collect::<Vec<_>>().join("\n"),
        )?;
    }
    Ok(Exit::Yes)
}

/// There is no such provider.
pub(super) fn unknown(id: &str) -> Failure {
    let known: Vec<_> = providers::ALL.iter().map(|provider| provider.descriptor().id).collect();
    let named = typed::word(id)
        .map_or_else(|| "no provider has that id".to_owned(), |id| format!("no provider has the id {id:?}"));
    Failure::usage(named).hint(format!("choose one of {}", known.join(", ")))
}
