//! `tokscope completions`: what a shell needs to complete our lines, and the answers when it asks.

use std::{env, io};

use clap::CommandFactory as _;
use clap_complete::env::{CompleteEnv, Shells};

use super::{Arguments, Exit, Failure, output};

/// The arguments of `tokscope completions`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The shell asks tokscope itself, so names of profiles, tags and environments
are completed, too. Print it again after an update.
  bash        source <(tokscope completions bash)           in ~/.bashrc
  zsh         source <(tokscope completions zsh)            in ~/.zshrc
  fish        tokscope completions fish | source            in config.fish
  elvish      eval (tokscope completions elvish | slurp)    in rc.elv
  powershell  tokscope completions powershell | Out-String | Invoke-Expression

Exit code: 0.")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = SHELLS)]
    pub shell: String,
}

/// Those that are asked for by name.
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// While a shell asks, it holds the shell's name.
const VARIABLE: &str = "TOKSCOPE_COMPLETE";

/// Prints the script.
pub fn run(completions: &Completions) -> Result<Exit, Failure> {
    let shells = Shells::builtins();
    let shell = shells.completer(&completions.shell).expect("each of them is built in");
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "tokscope", "tokscope", "tokscope", &mut script).map_err(Failure::output)?;
    output::print(&String::from_utf8_lossy(&script)).map(|()| Exit::Yes)
}

/// Answers a shell that asks how a line may go on. Whether one did.
pub fn answer() -> Result<bool, Failure> {
    let asked = CompleteEnv::with_factory(Arguments::command).var(VARIABLE);
    let answered = asked.try_complete(env::args_os(), env::current_dir().ok().as_deref());
    answered.map_err(|error| Failure::of_io("cannot complete the line", io::Error::other(error)))
}
