//! `tokscope keys`: the table of the terminal program's keys, which whoever calls makes from the settings.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::config::Config;

use super::{
    Exit, Failure, GlobalOptions, output,
    style::{Role, Style},
};

const AFTER_HELP: &str = "\
A command's full name is its place and its id, such as tokens.copy-header.
With several keys, the first one is shown in the key bar and in messages.

--json prints a list of objects: place, command, keys (a list of strings),
and help.

Exit code: 0.";

/// The arguments of `tokscope keys`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Keys {
    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// A command of the terminal program in one of its places.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Row {
    /// Where it works.
    pub place: &'static str,
    /// Its name there.
    pub command: &'static str,
    /// Its keys.
    pub keys: Vec<String>,
    /// What it does.
    pub help: &'static str,
}

/// Prints the table; what is wrong with the keys in the settings goes to standard error.
pub fn run(
    arguments: &Keys,
    place: &GlobalOptions,
    table: impl FnOnce(&Config) -> (Vec<Row>, Vec<String>),
) -> Result<Exit, Failure> {
    let settings = place.unchecked_folder()?.settings().map_err(Failure::from)?;
    let (rows, mistakes) = table(&settings);
    mistakes.iter().for_each(|mistake| output::tell(mistake));
    if arguments.json {
        output::print_json(&rows)?;
    } else {
        output::print(&text(&rows, Style::stdout()))?;
    }
    Ok(Exit::Yes)
}

/// A heading for each place, and its commands below.
fn text(rows: &[Row], style: Style) -> String {
    let mut text = String::new();
    let mut before = "";
    for row in rows {
        if row.place != before {
            let gap = if before.is_empty() { "" } else { "\n" };
            text += &format!("{gap}{}\n", style.paint(Role::Title, row.place));
            before = row.place;
        }
        let keys = row.keys.join(" ");
        text += &format!("  {:<17} {:<15} {}\n", row.command, keys, row.help);
    }
    text
}
