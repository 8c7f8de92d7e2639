//! Reads the arguments, picks a shell, sets the exit code.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use tokscope::{
    cli::{self, Arguments, Command, Failure, Verdict},
    text::visible,
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error),
    };
    match run(&arguments) {
        Ok(Verdict::Yes) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(1),
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Verdict, Failure> {
    match (&arguments.command, &arguments.token) {
        (Some(_), Some(token)) => {
            Err(Failure::new(format!("{token} stands before the subcommand")).hint("put the token behind it"))
        }
        (Some(Command::Decode(decode)), None) => cli::decode::run(decode),
        // CALL SITE of the demo: `tokscope::demo::…` with `demo.serve`, `demo.port`, `demo.access_ttl`.
        (Some(Command::Demo(_)), None) => Err(Failure::new("the demo is not built yet")),
        // CALL SITE of the terminal program: `tokscope::tui::runtime::run(…)` with `arguments.config_dir`, and the
        // token from `source.read()?`, called by `source.to_string()`.
        (None, _) => {
            Err(Failure::new("the terminal program is not built yet").hint("`tokscope decode` decodes a token"))
        }
    }
}

/// Help and version, or what is wrong with the arguments. They are foreign text when they are wrong.
fn explain(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nothing is left to be done for a reader that went away.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    complain(&error.render().to_string());
    ExitCode::from(2)
}

/// Prints to standard error, line by line made safe to show.
fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    for line in text.trim_end().lines() {
        // Where there is no standard error either, the exit code has to do.
        let _ = writeln!(stderr, "{}", visible(line));
    }
}
