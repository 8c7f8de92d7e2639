//! 100,000 tokens, 4,000 of them of 2,000 profiles: from a key to the frame, while a filter is typed and while nothing is; and
//! from the last letter of a filter to its rows. Direction: a key in 1 ms over a bare program, the echo in 1 ms, rows in 30 ms.
//! The bare program has ratatui's own widgets for the same panes and the same rows, and does nothing else.
//!
//! `cargo bench --bench filter`

#![allow(clippy::print_stdout, reason = "a measurement is told on stdout")]

use std::{
    alloc::System,
    collections::BTreeMap,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ratatui::{
    Frame, Terminal,
    backend::TestBackend,
    layout::{Constraint, Layout},
    style::Stylize as _,
    widgets::{Block, List, ListState, Paragraph, Row, Table, TableState, Wrap},
};
use tokscope::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock::{self, Timestamp, Zone},
    profile::{Profile, ProfileName},
    store::{config::Config, state::State},
    token::detect::Found,
    tui::{
        app::{
            Message, Model, Start,
            key::{Key, KeyCode},
            look, schedule, update,
            vault::AtStart,
        },
        view,
    },
};
use zeroizing_alloc::ZeroAlloc;

/// What the program has, and pays for.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

const SIZE: (u16, u16) = (120, 40);
const PROFILES: usize = 2_000;
const TOKENS: usize = 100_000;
/// Of each measurement; where nothing is measured, each is done once.
fn turns() -> usize {
    if std::env::args().any(|argument| argument == "--bench") { 400 } else { 1 }
}

struct Stage {
    model: Model,
    terminal: Terminal<TestBackend>,
    now: Timestamp,
}

fn main() {
    let mut stage = Stage::new();
    println!("{TOKENS} tokens, {PROFILES} profiles, {}x{}", SIZE.0, SIZE.1);
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
}

/// A program that has its rows as texts, and a cursor.
struct Bare {
    profiles: Vec<String>,
    rows: Vec<[String; 6]>,
    claims: String,
    cursor: usize,
}

impl Default for Bare {
    fn default() -> Self {
        let texts = ["prod", "lms-0007", "access", "59m 59s", "user7", "lms.example.org"];
        let claims = r#"  "iss": "https://lms.example.org/oauth2",
  "sub": "user7",
  "iat": 1790000000,
  "exp": 1790003600  "#;
        Self {
            profiles: (0..SIZE.1).map(|number| format!("lms-{number:04}  ● 59m")).collect(),
            rows: (0..SIZE.1).map(|_| texts.map(str::to_owned)).collect(),
            claims: claims.to_owned(),
            cursor: 0,
        }
    }
}

impl Bare {
    fn draw(&self, frame: &mut Frame<'_>) {
        let lines = [Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
        let [title, body, keys] = Layout::vertical(lines).areas(frame.area());
        let [left, right] = Layout::horizontal([Constraint::Length(30), Constraint::Fill(1)]).areas(body);
        let [above, below] = Layout::vertical([Constraint::Percentage(50); 2]).areas(right);
        frame.render_widget(Paragraph::new("tokscope".bold()), title);
        let list = List::new(self.profiles.iter().map(String::as_str)).block(Block::bordered().title("Profiles"));
        frame.render_stateful_widget(list, left, &mut ListState::default().with_selected(Some(0)));
        let rows = self.rows.iter().map(|texts| Row::new(texts.iter().map(String::as_str)));
        let widths = [5, 14, 7, 10, 20, 20].map(Constraint::Length);
        let table = Table::new(rows, widths).block(Block::bordered().title("Tokens"));
        let table = table.row_highlight_style(ratatui::style::Style::new().reversed());
        frame.render_stateful_widget(table, above, &mut TableState::default().with_selected(Some(self.cursor)));
        let text = Paragraph::new(self.claims.as_str()).wrap(Wrap { trim: false });
        frame.render_widget(text.block(Block::bordered().title("Inspector")), below);
        frame.render_widget(Paragraph::new("a copy header  c copy token  r refresh  : commands  ? help"), keys);
    }

    /// From a key to its frame.
    fn keys(&mut self) -> Vec<Duration> {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
        each(|turn| {
            let begin = Instant::now();
            self.cursor = turn % 10;
            _ = terminal.draw(|frame| self.draw(frame)).expect("it cannot fail in memory");
            begin.elapsed()
        })
    }
}

impl Stage {
    fn new() -> Self {
        let now = clock::parse("2026-11-21T21:35:00Z").expect("a time");
        let (profiles, token_sets): (Vec<_>, Vec<_>) = (0..PROFILES)
            .map(|number| {
                let profile = profile(number);
                let set = token_set(&profile.name, number, now);
                (profile.clone(), (profile.name, set))
            })
            .unzip();
        let pasted = (0..TOKENS - 2 * PROFILES).map(|number| ("bench".to_owned(), Found::whole(&jwt(number, now))));
        let model = Model::new(Start {
            now,
            zone: Zone::utc(),
            size: SIZE,
            terminal: look::Terminal::new(look::Colors::True),
            profiles: Ok(profiles),
            tokens: pasted.collect(),
            token_sets,
            samples: Vec::new(),
            demo: None,
            remarks: Vec::new(),
            vault: AtStart::InMemory,
            config: Ok(Config::default()),
            state: State::default(),
            seed: 7,
        });
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

fn profile(number: usize) -> Profile {
    let settings = [("url", "https://lms.example.org"), ("client_id", "login-service-client-id"), ("username", "ada")];
    Profile {
        name: ProfileName::new(format!("lms-{number:04}")).expect("a name"),
        provider: "openedx".to_owned(),
        settings: settings
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>(),
        environment: Some(["prod", "staging", "dev", "test"][number % 4].to_owned()),
        tags: Vec::new(),
    }
}

fn jwt(number: usize, now: Timestamp) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (iat, exp) = (now.timestamp(), now.timestamp() + 3_600);
    let claims = format!(r#"{{"iss":"https://lms.example.org/oauth2","sub":"user{number}","iat":{iat},"exp":{exp}}}"#);
    format!("{}.{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims), encode("a signature of no worth"))
}

fn token_set(name: &ProfileName, number: usize, now: Timestamp) -> TokenSet {
    let issued = |kind, raw: String| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let tokens = vec![
        issued(TokenKind::Access, jwt(number, now)),
        issued(TokenKind::Refresh, format!("refresh-token-of-{name}")),
    ];
    TokenSet { tokens, scope: None, account: None, received_at: now, remarks: Vec::new() }
}

fn each(mut work: impl FnMut(usize) -> Duration) -> Vec<Duration> {
    (0..turns()).map(&mut work).collect()
}

fn report(what: &str, mut times: Vec<Duration>) {
    let [middle, most, max] = [0.5, 0.99, 1.0].map(|share| at(&mut times, share));
    println!("{what:<45} p50 {middle:>8.3} ms   p99 {most:>8.3} ms   max {max:>8.3} ms");
}

/// With what it takes more than a bare program.
fn over(what: &str, bare: &[Duration], mut times: Vec<Duration>) {
    let mut bare = bare.to_vec();
    let [middle, most] = [0.5, 0.99].map(|share| at(&mut times, share) - at(&mut bare, share));
    report(what, times);
    println!("{:<45} p50 {middle:>+8.3} ms   p99 {most:>+8.3} ms", "  over the bare program");
}

/// In milliseconds.
fn at(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0
}
