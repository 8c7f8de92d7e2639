//! Whole processes, from their start to their end.

use std::{
    fs::File,
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use crate::{measured::many, median, megabytes, milliseconds, peers::Peer, program::binary, row, sample, turns};

pub(crate) fn compare(peers: &[Peer]) {
    let token = sample();
    let ask = |what, arguments: &[&str], theirs: &dyn Fn(&Peer) -> Option<Command>| {
        let mut ours = Command::new(binary());
        ours.args(arguments);
        let figures = in_turn(ours, peers.iter().map(theirs).collect(), None, turns(60));
        row(what, figures[0].expect("ours is measured"), &figures[1..], milliseconds);
    };
    ask("`--version`", &["--version"], &Peer::version);
    ask("decode one token", &["decode", &token], &|peer| peer.decode(&token));
    let count = many(100_000);
    let tokens = file(&format!("{token}\n").repeat(count));
    let mut ours = Command::new(binary());
    ours.args(["decode", "--lines"]);
    let batches = peers.iter().map(Peer::batch).collect();
    let a_second = |milliseconds: f64| count as f64 / milliseconds * 1_000.0;
    let figures = in_turn(ours, batches, Some(&tokens), turns(9));
    let figures: Vec<_> = figures.into_iter().map(|figure| figure.map(a_second)).collect();
    row(&format!("decode {count} tokens"), figures[0].expect("ours is measured"), &figures[1..], |rate| {
        format!("{:.0}k/s", rate / 1e3)
    });
    let sizes: Vec<_> = peers.iter().map(|peer| peer.version().map(|command| size(&command))).collect();
    row("the program", size(&Command::new(binary())), &sizes, megabytes);
}

fn size(command: &Command) -> f64 {
    std::fs::metadata(command.get_program()).map_or(f64::NAN, |file| file.len() as f64)
}

pub(crate) fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("room for the tokens");
    file
}

/// The median of each, in milliseconds: they take turns.
fn in_turn(
    ours: Command,
    theirs: Vec<Option<Command>>,
    input: Option<&NamedTempFile>,
    turns: usize,
) -> Vec<Option<f64>> {
    let mut commands: Vec<_> = std::iter::once(Some(ours)).chain(theirs).collect();
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..turns {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            times.extend(command.as_mut().map(|command| time(command, input)));
        }
    }
    times.into_iter().map(|times| (!times.is_empty()).then(|| median(times))).collect()
}

pub(crate) fn time(command: &mut Command, input: Option<&NamedTempFile>) -> Duration {
    let input = input.map_or(Stdio::null(), |file| File::open(file.path()).expect("the tokens").into());
    command.stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    // An expired token is a "no" for some of them: only that it ended counts.
    _ = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    begin.elapsed()
}
