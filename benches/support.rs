//! What the measurements of the screen share: a bare program to compare with, profiles and tokens, and figures.

#![allow(clippy::print_stdout, reason = "a measurement is told on stdout")]
#![allow(dead_code, reason = "each measurement uses some of it")]

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
    clock::{Timestamp, Zone},
    profile::{Profile, ProfileName},
    store::{config::Config, state::State},
    token::detect::Found,
    tui::app::{Model, Start, look, vault::AtStart},
};
use zeroizing_alloc::ZeroAlloc;

/// What the program has, and pays for.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

pub(crate) const SIZE: (u16, u16) = (120, 40);

/// Of each measurement; where nothing is measured, each is done once.
pub(crate) fn turns() -> usize {
    if crate::measured::is_measured() { 400 } else { 1 }
}

/// A program that has its rows as texts, and a cursor.
pub(crate) struct Bare {
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
    pub(crate) fn keys(&mut self) -> Vec<Duration> {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
        each(|turn| {
            let begin = Instant::now();
            self.cursor = turn % 10;
            _ = terminal.draw(|frame| self.draw(frame)).expect("it cannot fail in memory");
            begin.elapsed()
        })
    }
}

/// With these profiles, their tokens, and tokens of none.
pub(crate) fn model(
    now: Timestamp,
    profiles: Vec<Profile>,
    token_sets: Vec<(ProfileName, TokenSet)>,
    pasted: &[String],
) -> Model {
    Model::new(Start {
        now,
        zone: Zone::utc(),
        size: SIZE,
        terminal: look::Terminal::new(look::Colors::True),
        profiles: Ok(profiles),
        tokens: pasted.iter().map(|text| ("bench".to_owned(), Found::whole(text))).collect(),
        token_sets,
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
        vault: AtStart::InMemory,
        config: Ok(Config::default()),
        state: State::default(),
        seed: 7,
    })
}

pub(crate) fn profile(number: usize) -> Profile {
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

/// With its end so many seconds from now.
pub(crate) fn jwt(number: usize, now: Timestamp, lasts: i64) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (iat, exp) = (now.timestamp(), now.timestamp() + lasts);
    let claims = format!(r#"{{"iss":"https://lms.example.org/oauth2","sub":"user{number}","iat":{iat},"exp":{exp}}}"#);
    format!("{}.{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims), encode("a signature of no worth"))
}

pub(crate) fn token_set(name: &ProfileName, number: usize, now: Timestamp) -> TokenSet {
    let issued = |kind, raw: String| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let tokens = vec![
        issued(TokenKind::Access, jwt(number, now, 3_600)),
        issued(TokenKind::Refresh, format!("refresh-token-{number}-of-{name}")),
    ];
    TokenSet { tokens, scope: None, account: None, received_at: now, remarks: Vec::new() }
}

pub(crate) fn each(mut work: impl FnMut(usize) -> Duration) -> Vec<Duration> {
    (0..turns()).map(&mut work).collect()
}

pub(crate) fn report(what: &str, mut times: Vec<Duration>) {
    let [middle, most, max] = [0.5, 0.99, 1.0].map(|share| at(&mut times, share));
    println!("{what:<45} p50 {middle:>8.3} ms   p99 {most:>8.3} ms   max {max:>8.3} ms");
}

/// With what it takes more than a bare program.
pub(crate) fn over(what: &str, bare: &[Duration], mut times: Vec<Duration>) {
    let mut bare = bare.to_vec();
    let [middle, most] = [0.5, 0.99].map(|share| at(&mut times, share) - at(&mut bare, share));
    report(what, times);
    println!("{:<45} p50 {middle:>+8.3} ms   p99 {most:>+8.3} ms", "  over the bare program");
}

/// In milliseconds.
pub(crate) fn at(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0
}
