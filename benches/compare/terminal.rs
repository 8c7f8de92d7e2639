//! Programs in a terminal: when they show something, how soon a key is answered, and what they take meanwhile.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    CLAIM, USER, measured::many, median, megabytes, milliseconds, peers::Peer, program::binary, row, sample,
    screen::Screen, several, turns,
};

/// A burst of output has ended when nothing came for so long.
const QUIET: Duration = Duration::from_millis(25);

pub(crate) fn compare(peers: &[Peer]) {
    let (token, ours) = (sample(), binary());
    let programs: Vec<_> =
        std::iter::once(Some((ours.as_str(), &[] as &[&str]))).chain(peers.iter().map(Peer::screen)).collect();
    let mut starts: Vec<_> = programs.iter().map(|_| Starts::default()).collect();
    for _ in 0..turns(20) {
        for (program, starts) in programs.iter().zip(&mut starts) {
            if let Some((program, arguments)) = program {
                starts.one(program, &[*arguments, &[&*token]].concat());
            }
        }
    }
    let figures = |figure: &dyn Fn(&Starts) -> f64| {
        starts.iter().map(|it| (!it.frames.is_empty()).then(|| figure(it))).collect::<Vec<_>>()
    };
    let tell = |what: &str, figures: Vec<Option<f64>>, unit: &dyn Fn(f64) -> String| {
        row(what, figures[0].expect("ours is measured"), &figures[1..], unit);
    };
    tell("first frame, complete", figures(&|it| median(it.frames.clone())), &milliseconds);
    tell("the claims on screen", figures(&|it| median(it.claims.clone())), &milliseconds);
    tell("memory then (RSS)", figures(&|it| it.memory), &megabytes);

    let count = many(100_000);
    let mut tells: Vec<_> = programs
        .iter()
        .map(|program| program.map(|(program, arguments)| Open::new(program, arguments, &token, count)))
        .collect();
    let mut waits = vec![Vec::new(); tells.len()];
    for turn in 0..turns(200) {
        for (open, waits) in tells.iter_mut().zip(&mut waits) {
            waits.extend(open.as_mut().map(|open| open.key(turn)));
        }
    }
    let waits = waits.into_iter().map(|waits| (!waits.is_empty()).then(|| median(waits))).collect();
    tell(&format!("a key to its frame, ours with {count} tokens"), waits, &milliseconds);
    let pause = Duration::from_secs(if turns(2) > 1 { 20 } else { 0 });
    let idle = tells.iter_mut().map(|open| open.as_mut().map(|open| open.idle(pause))).collect();
    tell("processor time while nothing happens", idle, &|share| format!("{:.2} %", share * 100.0));
}

/// Starts of one program.
#[derive(Default)]
struct Starts {
    frames: Vec<Duration>,
    claims: Vec<Duration>,
    /// Bytes, at the last start.
    memory: f64,
}

impl Starts {
    fn one(&mut self, program: &str, arguments: &[&str]) {
        let begin = Instant::now();
        let mut screen = Screen::run(program, arguments, &[], |_| {});
        self.frames.push(screen.burst(QUIET).duration_since(begin));
        self.claims.push(if screen.text().contains(CLAIM) {
            *self.frames.last().expect("one was pushed")
        } else {
            screen.wait_for(CLAIM);
            begin.elapsed()
        });
        self.memory = memory(&screen);
        screen.press("\x03");
        screen.wait_exit();
    }
}

/// A program at work.
struct Open(Screen);

impl Open {
    /// One that has read a token; ours has so many.
    fn new(program: &str, arguments: &[&str], token: &str, count: usize) -> Self {
        let mut screen = if program == binary() {
            let tokens = several(count);
            Screen::run(program, &["@tokens"], &[], |folder| {
                fs::write(folder.path().join("tokens"), tokens).expect("room for the tokens");
            })
        } else {
            Screen::run(program, &[arguments, &[token]].concat(), &[], |_| {})
        };
        screen.wait_for(USER);
        screen.burst(QUIET);
        Self(screen)
    }

    /// How long a key takes until the last byte of its frame. Ours moves the cursor, the other one's parts of the screen.
    fn key(&mut self, turn: usize) -> Duration {
        let begin = Instant::now();
        self.0.press(["j", "k"][turn % 2]);
        self.0.burst(QUIET).duration_since(begin)
    }

    /// The share of a processor that it takes.
    fn idle(&mut self, pause: Duration) -> f64 {
        let before = processor_time(self.0.id());
        std::thread::sleep(pause);
        _ = self.0.written();
        (processor_time(self.0.id()) - before).as_secs_f64() / pause.as_secs_f64().max(1.0)
    }
}

/// VmRSS (proc(5)), in bytes.
fn memory(screen: &Screen) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", screen.id())).unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    kilobytes.and_then(|text| text.parse::<f64>().ok()).map_or(f64::NAN, |kilobytes| kilobytes * 1_024.0)
}

/// What all its threads had, from the scheduler's own books: ticks are too coarse (proc(5), `schedstat`).
fn processor_time(id: u32) -> Duration {
    let threads = fs::read_dir(Path::new("/proc").join(id.to_string()).join("task")).into_iter().flatten().flatten();
    let of = |path: &Path| fs::read_to_string(path.join("schedstat")).ok()?.split(' ').next()?.parse().ok();
    threads.filter_map(|thread| of(&thread.path())).map(Duration::from_nanos).sum()
}
