//! 100,000 tokens, 4,000 of them of 2,000 profiles: from a key to the frame, while a filter is typed and while nothing is; and
//! from the last letter of a filter to its rows. Direction: a key in 1 ms over a bare program, the echo in 1 ms, rows in 30 ms.
//! The bare program has ratatui's own widgets for the same panes and the same rows, and does nothing else.
//!
//! `cargo bench --bench filter`

#![allow(clippy::print_stdout, reason = "a measurement is told on stdout")]

mod measured;
mod support;

use std::time::{Duration, Instant};

use ratatui::{Terminal, backend::TestBackend};
use tokscope::{
    clock::{self, Timestamp},
    tui::{
        app::{
            Message, Model,
            key::{Key, KeyCode},
            schedule, update,
        },
        view,
    },
};

use self::support::{Bare, SIZE, each, jwt, model, over, profile, report, token_set, turns};

const PROFILES: usize = 2_000;
const TOKENS: usize = 100_000;

fn profile_count() -> usize {
    measured::many(TOKENS) / (TOKENS / PROFILES)
}

struct Stage {
    model: Model,
    terminal: Terminal<TestBackend>,
    now: Timestamp,
}

fn main() {
    let mut stage = Stage::new(|_| 3_600);
    let (tokens, profiles) = (measured::many(TOKENS), profile_count());
    println!("{tokens} tokens, {profiles} profiles, {}x{}", SIZE.0, SIZE.1);
    let plain = [KeyCode::Down, KeyCode::Up, KeyCode::PageDown, KeyCode::Home].map(Key::plain);
    let bare = Bare::default().keys();
    report("key, a bare program", bare.clone());
    over("key, no filter", &bare, each(|turn| stage.key(plain[turn % plain.len()])));
    stage.type_in("1");
    for (name, keys) in [("all and attention", [KeyCode::Down, KeyCode::Up]), ("profiles", [KeyCode::Down; 2])] {
        over(&format!("key in the tree, {name}"), &bare, each(|turn| stage.key(Key::plain(keys[turn % 2]))));
    }
    stage.type_in("g2");
    for (name, filter) in [("a word", "/us"), ("fields", "/kind:jwt left<2h sub:us")] {
        stage.type_in(filter);
        report(&format!("rows of the first letters, {name}"), vec![stage.settle()]);
        let letters = [Key::char('e'), Key::char('r'), Key::plain(KeyCode::Backspace), Key::plain(KeyCode::Backspace)];
        let mut rows = Vec::new();
        let echo = each(|turn| {
            let echo = stage.key(letters[turn % letters.len()]);
            rows.push(echo + stage.settle());
            echo
        });
        report(&format!("echo of a letter, {name}"), echo);
        report(&format!("rows of a letter, {name}"), rows);
        // Fast typing: the next letter comes while the search for the one before is under way.
        let chased = each(|turn| stage.turn() + stage.key(letters[turn % letters.len()]));
        report(&format!("a piece and the next letter, {name}"), chased);
        stage.settle();
        stage.press(Key::plain(KeyCode::Enter));
        over(&format!("key, filter on, {name}"), &bare, each(|turn| stage.key(plain[turn % plain.len()])));
        stage.press(Key::plain(KeyCode::Esc));
        stage.press(Key::plain(KeyCode::Esc));
    }
    over("tick", &bare, each(|_| stage.second()));
    let come = (0..turns().min(20)).map(|turn| stage.comes(&jwt(tokens + turn, stage.now, 3_600)));
    report("a token comes", come.collect());
    // Each second the clock changes the state of some token.
    let mut stage = Stage::new(|number| 120 + number as i64);
    over("tick, each second a token ends", &bare, each(|_| stage.second()));
}

impl Stage {
    /// Each token of no profile lasts so long.
    fn new(lasts: impl Fn(usize) -> i64) -> Self {
        let now = clock::parse("2026-11-21T21:35:00Z").expect("a time");
        let (profiles, token_sets): (Vec<_>, Vec<_>) = (0..profile_count())
            .map(|number| {
                let profile = profile(number);
                let set = token_set(&profile.name, number, now);
                (profile.clone(), (profile.name, set))
            })
            .unzip();
        let pasted: Vec<_> =
            (0..measured::many(TOKENS) - 2 * profile_count()).map(|number| jwt(number, now, lasts(number))).collect();
        let model = model(now, profiles, token_sets, &pasted);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
        let mut stage = Self { model, terminal, now };
        stage.draw();
        stage
    }

    fn draw(&mut self) {
        let Self { model, terminal, .. } = self;
        _ = terminal.draw(|frame| _ = view::draw(model, frame)).expect("it cannot fail in memory");
    }

    fn press(&mut self, key: Key) {
        drop(update(&mut self.model, Message::Key(key)));
    }

    fn type_in(&mut self, text: &str) {
        text.chars().for_each(|c| self.press(Key::char(c)));
    }

    /// From a key to its frame.
    fn key(&mut self, key: Key) -> Duration {
        let begin = Instant::now();
        self.press(key);
        self.draw();
        begin.elapsed()
    }

    /// What the loop does where the app wants to go on at once.
    fn turn(&mut self) -> Duration {
        let begin = Instant::now();
        drop(update(&mut self.model, Message::Ticked(self.now)));
        self.draw();
        begin.elapsed()
    }

    /// A token is pasted.
    fn comes(&mut self, text: &str) -> Duration {
        let begin = Instant::now();
        drop(update(&mut self.model, Message::Pasted(text.to_owned())));
        self.draw();
        begin.elapsed()
    }

    /// A second goes by.
    fn second(&mut self) -> Duration {
        self.now += chrono::TimeDelta::seconds(1);
        self.turn()
    }

    /// Until nothing is under way any more, and the frame of that: pieces follow each other without one.
    fn settle(&mut self) -> Duration {
        let begin = Instant::now();
        while schedule::is_searching(&self.model) {
            drop(update(&mut self.model, Message::Ticked(self.now)));
        }
        self.draw();
        begin.elapsed()
    }
}
