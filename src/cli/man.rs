//! `tokscope man`: a manual page of a command.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Arguments, Exit, Failure, output};

/// The arguments of `tokscope man`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
  tokscope man | man -l -
  tokscope man profile add > tokscope-profile-add.1

Exit code: 0; 2 no such command.")]
pub struct Manual {
    /// The command; default: tokscope itself
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Prints the page.
pub fn run(manual: &Manual) -> Result<Exit, Failure> {
    let page = page(&manual.command).ok_or_else(|| {
        Failure::usage("there is no such command").hint("`tokscope --help` and `tokscope COMMAND --help` list them")
    })?;
    output::print(&page).map(|()| Exit::Yes)
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
        fn walk(command: &clap::Command, words: &mut Vec<String>, count: &mut usize) {
            let page = page(words).unwrap_or_else(|| panic!("{words:?}"));
            let title = ["tokscope"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
            assert!(page.contains(&format!(".TH {title} 1")), "{page}");
            let options = command.get_arguments().filter(|it| !it.is_hide_set()).filter_map(clap::Arg::get_long);
            options.for_each(|option| {
                assert!(page.replace("\\-", "-").contains(&format!("--{option}")), "{words:?} {option}");
            });
            *count += 1;
            for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
                words.push(inner.get_name().to_owned());
                walk(inner, words, count);
                words.pop();
            }
        }
        let (mut count, mut all) = (0, Arguments::command());
        all.build();
        walk(&all, &mut Vec::new(), &mut count);
        assert!(count > 30, "{count}");
        assert_eq!(page(&["nothing".to_owned()]), None);
    }
}
