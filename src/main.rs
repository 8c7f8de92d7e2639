//! Reads the arguments, picks a shell, sets the exit code.

use std::{
    alloc::System,
    io::{self, IsTerminal as _, Write as _},
    mem::ManuallyDrop,
    process::ExitCode,
};

use clap::{
    CommandFactory as _, FromArgMatches as _,
    error::{ContextKind, ContextValue, ErrorKind},
};
use tokscope::{
    auth::ReadOnly,
    cli::{self, Arguments, Command, Exit, Failure, bindings::Row, decode::Decode, input::Source},
    demo,
    host::process,
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::config::Config,
    text::{typed, visible},
    token::detect::{Found, detect},
    tui::{
        self, Origin,
        app::keymap::{self, Keymap},
    },
};
use zeroizing_alloc::ZeroAlloc;

/// All memory is wiped when it is freed, not only that of a `SecretString`: the libraries below us copy what they send and
/// receive, and buffers that grow leave their old halves behind.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    process::harden();
    match cli::completions::answer() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(failure) => return end(&failure),
    }
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => return explain(error),
    };
    arguments.manner.adopt();
    if arguments.version.asked {
        return cli::version::run(arguments.version).map_or_else(|failure| end(&failure), |()| ExitCode::SUCCESS);
    }
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => end(&failure),
    }
}

/// Reads the arguments. To take their definitions apart would be work for nothing: the process needs them, or ends.
fn parse() -> Result<Arguments, clap::Error> {
    let mut known = ManuallyDrop::new(Arguments::command());
    let mut given = known.try_get_matches_from_mut(std::env::args_os())?;
    Arguments::from_arg_matches_mut(&mut given).map_err(|error| error.format(&mut known))
}

fn end(failure: &Failure) -> ExitCode {
    if failure.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    report(failure);
    ExitCode::from(failure.exit_code())
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let place = &arguments.place;
    match (&arguments.command, &arguments.token) {
        (Some(_), Some(token)) => {
            Err(Failure::usage(format!("{token} stands before the subcommand")).hint("put the token behind it"))
        }
        (Some(Command::Decode(decode)), None) => cli::decode::run(decode).map(code),
        (Some(Command::Verify(verify)), None) => cli::verify::run(verify, place).map(code),
        (Some(Command::Encode(encode)), None) => cli::encode::run(encode).map(code),
        (Some(Command::Login(login)), None) => cli::login::run(login, place).map(code),
        (Some(Command::Refresh(refresh)), None) => cli::refresh::run(refresh, place).map(code),
        (Some(Command::Token(token)), None) => cli::token::run(token, place).map(code),
        (Some(Command::Call(request)), None) => cli::request::run(request, place).map(code),
        (Some(Command::Run(run)), None) => cli::run::run(run, place).map(code),
        (Some(Command::Status(status)), None) => cli::status::run(status, place).map(code),
        (Some(Command::Scan(scan)), None) => cli::scan::run(scan, place).map(code),
        (Some(Command::Revoke(revoke)), None) => cli::revoke::run(revoke, place).map(code),
        (Some(Command::Rotate(rotate)), None) => cli::rotate::run(rotate, place).map(code),
        (Some(Command::Logout(logout)), None) => cli::logout::run(logout, place).map(code),
        (Some(Command::Forget(forget)), None) => cli::forget::run(forget, place).map(code),
        (Some(Command::History(history)), None) => cli::history::run(history, place).map(code),
        (Some(Command::Probe(probe)), None) => cli::probe::run(probe, place).map(code),
        (Some(Command::Copy(copy)), None) => cli::copy::run(copy, place).map(code),
        (Some(Command::Profile(profile)), None) => cli::profile::run(profile, place).map(code),
        (Some(Command::Providers(providers)), None) => cli::providers::run(providers).map(code),
        (Some(Command::Keys(keys)), None) => cli::bindings::run(keys, place, bindings).map(code),
        (Some(Command::Vault(vault)), None) => cli::vault::run(vault, place).map(code),
        (Some(Command::Lock(lock)), None) => cli::lock::run(lock, place).map(code),
        (Some(Command::Doctor(doctor)), None) => {
            cli::doctor::run(doctor, place, |settings| bindings(settings).1).map(code)
        }
        (Some(Command::Diff(diff)), None) => cli::diff::run(diff).map(code),
        (Some(Command::Schema(schemas)), None) => cli::schema::run(schemas).map(code),
        (Some(Command::Completions(completions)), None) => cli::completions::run(completions).map(code),
        (Some(Command::Man(manual)), None) => cli::man::run(manual).map(code),
        (Some(Command::Demo(demo)), None) => {
            let options = demo::Options {
                port: (demo.port != 0).then_some(demo.port),
                access_ttl: demo.access_ttl,
                truth: demo.truth,
                ..demo::Options::default()
            };
            match demo.serve {
                true => serve(options),
                false => open(arguments, Origin::Demo { options, folder: place.dir().ok() }, Vec::new()),
            }
        }
        (None, source) => {
            let folder = place.dir()?;
            let piped = if source.is_none() { Source::if_piped() } else { None };
            if let (Some(piped), false) = (&piped, io::stdout().is_terminal()) {
                return cli::decode::run(&Decode::of(piped.clone())).map(code);
            }
            let tokens = match source.as_ref().or(piped.as_ref()) {
                Some(source) => tokens(source)?,
                None => Vec::new(),
            };
            open(arguments, Origin::Config { directory: folder, identity: place.identity }, tokens)
        }
    }
}

/// The tokens to begin with, each with where it comes from. A text without any is shown as it is.
fn tokens(source: &Source) -> Result<Vec<(String, Found)>, Failure> {
    let (text, label) = (source.read()?, source.label());
    let found = detect(text.expose_secret());
    if found.is_empty() {
        if let Some(failure) = source.mistyped() {
            return Err(failure);
        }
        return Ok(vec![(label, Found::whole(text.expose_secret()))]);
    }
    let label = |place: &Option<String>| place.as_ref().map_or(label.clone(), |place| format!("{label}: {place}"));
    Ok(found.into_iter().map(|found| (label(&found.place), found)).collect())
}

/// The table of the terminal program's keys, as the settings have it, and what is wrong with them.
fn bindings(settings: &Config) -> (Vec<Row>, Vec<String>) {
    let (bound, mistakes) = Keymap::read(&settings.keys);
    let row = |(place, binding): (keymap::Place, &'static keymap::Binding)| Row {
        place: place.name(),
        command: binding.id,
        keys: bound.texts(place, binding).collect(),
        help: binding.help,
    };
    (keymap::bindings().map(row).collect(), mistakes)
}

fn code(verdict: Exit) -> ExitCode {
    match verdict {
        Exit::Yes => ExitCode::SUCCESS,
        Exit::No => ExitCode::from(1),
    }
}

/// Opens the terminal program.
fn open(arguments: &Arguments, profiles: Origin, tokens: Vec<(String, Found)>) -> Result<ExitCode, Failure> {
    let session = Session::in_memory(providers::ALL);
    if arguments.place.readonly {
        session.restrict(ReadOnly::this_run());
    }
    Ok(tui::run(tui::Options { session, profiles, tokens, color: arguments.manner.color.on(true) })?)
}

/// Runs the demo's auth server alone, until a signal ends it.
fn serve(options: demo::Options) -> Result<ExitCode, Failure> {
    let served = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(demo::serve(options, &mut io::stdout())));
    served.map(|()| ExitCode::SUCCESS).map_err(|error| {
        Failure::of_io("the demo server cannot run", error).hint("another --port may be free; 0 takes a free one")
    })
}

/// Help and version, or what is wrong with the arguments. They are foreign text when they are wrong.
fn explain(error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nothing is left to be done for a reader that went away.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = without_values(error).render().to_string();
    if asks_for_json() {
        report(&wrong(&text));
    } else {
        complain(&text);
    }
    ExitCode::from(if names_run() { cli::run::OWN } else { 2 })
}

/// What clap says, as an error of ours: its first paragraph, and the tip in one of the others, or else the last.
fn wrong(text: &str) -> Failure {
    let paragraphs: Vec<_> =
        text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let (first, others) = paragraphs.split_first().expect("a split has one part");
    let tip = others.iter().find_map(|other| other.strip_prefix("tip: ")).or(others.last().map(String::as_str));
    Failure::usage(first.strip_prefix("error: ").unwrap_or(first)).hint(tip.unwrap_or_default())
}

/// Whether errors are for programs. Read from the arguments as they are: those that are wrong are told, too.
fn asks_for_json() -> bool {
    std::env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Says why it failed, on standard error.
fn report(failure: &Failure) {
    complain(&if asks_for_json() { failure.json() } else { failure.to_string() });
}

/// Whether the arguments, wrong as they are, name `tokscope run`: all of its own trouble has one code.
fn names_run() -> bool {
    let known = Arguments::command().ignore_errors(true).try_get_matches();
    known.is_ok_and(|known| known.subcommand_name() == Some("run"))
}

/// What is wrong with the arguments, without the values that were given: one of them may be a secret.
fn without_values(mut error: clap::Error) -> clap::Error {
    let hidden = || ContextValue::String("…".to_owned());
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        if matches!(error.get(kind), Some(ContextValue::String(text)) if !text.is_empty()) {
            error.insert(kind, hidden());
        }
    }
    // What is not known may be an option or a value.
    let is_option = |text: &str| text.starts_with('-') && typed::name(text).is_some();
    if error.kind() == ErrorKind::UnknownArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(text)) if !is_option(text))
    {
        error.insert(ContextKind::InvalidArg, hidden());
        error.remove(ContextKind::Suggested);
    }
    error
}

/// Prints to standard error, line by line made safe to show.
fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    for line in text.trim_end().lines() {
        // Where there is no standard error either, the exit code has to do.
        let _ = writeln!(stderr, "{}", visible(line));
    }
}
