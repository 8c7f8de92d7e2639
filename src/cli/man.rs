//! `tokscope man`: a manual page of a command.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Arguments, Exit, Failure, output};

/// The arguments of `tokscope man`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
  tokscope man | man -l -
  tokscope man profile add > tokscope-profile-add.1
  tokscope man --list | while read -r command; do tokscope man $command; done

Exit code: 0; 2 no such command.")]
pub struct Manual {
    /// The command; default: tokscope itself
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,

    /// Print the commands that have a page instead, one a line; tokscope itself is the empty line
    #[arg(long, conflicts_with = "command")]
    pub list: bool,
}

/// Prints the page.
pub fn run(manual: &Manual) -> Result<Exit, Failure> {
    if manual.list {
        return output::print(&(commands().join("\n") + "\n")).map(|()| Exit::Yes);
    }
    let page = page(&manual.command).ok_or_else(|| {
        Failure::usage("there is no such command").hint("`tokscope --help` and `tokscope COMMAND --help` list them")
    })?;
    output::print(&page).map(|()| Exit::Yes)
}

/// The words of every command, outer ones first.
fn commands() -> Vec<String> {
    fn walk(command: &clap::Command, words: &str, found: &mut Vec<String>) {
        found.push(words.to_owned());
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            walk(inner, format!("{words} {}", inner.get_name()).trim_start(), found);
        }
    }
    let (mut all, mut found) = (Arguments::command(), Vec::new());
    all.build();
    walk(&all, "", &mut found);
    found
}

fn page(words: &[String]) -> Option<String> {
    let mut all = Arguments::command();
    all.build();
    let command = words.iter().try_fold(&all, |command, word| command.find_subcommand(word))?;
    // Its synopsis names the whole command.
    let name = command.get_bin_name().unwrap_or("tokscope").to_owned();
    let mut page = Vec::new();
    Man::new(command.clone().bin_name(&name)).title(name.replace(' ', "-")).render(&mut page).ok()?;
    String::from_utf8(page).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command has a page, with its options.
    #[test]
    fn each_command_has_a_page() {
        let mut all = Arguments::command();
        all.build();
        let commands = commands();
        for line in &commands {
            let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            let page = page(&words).unwrap_or_else(|| panic!("{words:?}"));
            let title = ["tokscope"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
            assert!(page.contains(&format!(".TH {title} 1")), "{page}");
            let command = words.iter().try_fold(&all, |command, word| command.find_subcommand(word)).unwrap();
            let options = command.get_arguments().filter(|it| !it.is_hide_set()).filter_map(clap::Arg::get_long);
            options.for_each(|option| {
                assert!(page.replace("\\-", "-").contains(&format!("--{option}")), "{words:?} {option}");
            });
        }
        assert!(commands.len() > 30 && commands.contains(&"profile add".to_owned()), "{commands:?}");
        assert_eq!(page(&["nothing".to_owned()]), None);
    }
}
