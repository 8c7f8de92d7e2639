//! A stage for the app: frozen time, keys and job news in, effects and screen out. No runtime, no terminal, no sleep.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::new_without_default, reason = "a test may fail")]

pub mod picture;

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{FixedOffset, TimeDelta};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
#[cfg(debug_assertions)]
use tokscope::tui::app::keymap;
use tokscope::{
    auth::{AuthError, Fate, IssuedToken, Prompt, Scheme, TokenKind, TokenSet},
    clock::{self, Timestamp, Zone},
    http::Exchange,
    profile::{Profile, ProfileName},
    secret::{ExposeSecret as _, Fingerprint, SecretString},
    session::{Ended, EndedToken, Verdict, Wanted},
    store::{config::Config, state::State},
    token::detect::Found,
    tui::{
        app::{
            self, Effect, Message, Model, Start,
            key::Key,
            look,
            message::{TaskEvent, TaskId, TaskOutcome, What},
            mouse::{Mouse, MouseKind, Targets},
            schedule,
            vault::AtStart,
        },
        view,
    },
};

/// When the play begins.
pub const NOW: &str = "2026-11-21T21:35:00Z";

pub struct Stage {
    pub model: Model,
    pub now: Timestamp,
    size: (u16, u16),
    effects: Vec<Effect>,
}

/// What is on stage when the curtain rises.
pub fn start(size: (u16, u16)) -> Start {
    Start {
        now: clock::parse(NOW).unwrap(),
        zone: Zone::Fixed(FixedOffset::east_opt(3_600).unwrap()),
        size,
        terminal: look::Terminal::new(look::Colors::True),
        config: Ok(config("dark")),
        state: State::default(),
        seed: 7,
        profiles: Ok(vec![profile("edx-demo", "staging"), profile("edx-prod", "prod")]),
        vault: AtStart::InMemory,
        tokens: Vec::new(),
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
    }
}

/// All themes that come with the program.
pub const THEMES: [&str; 7] =
    ["dark", "light", "high-contrast", "colour-blind-dark", "colour-blind-light", "ansi", "none"];

/// The settings, with a theme that does not depend on the terminal.
pub fn config(theme: &str) -> Config {
    let mut config = Config::default();
    config.ui.theme = theme.to_owned();
    config
}

pub fn profile(name: &str, environment: &str) -> Profile {
    Profile {
        name: ProfileName::new(name).unwrap(),
        provider: "openedx".to_owned(),
        settings: BTreeMap::from([
            ("url".to_owned(), "https://lms.example.org".to_owned()),
            ("client_id".to_owned(), "login-service-client-id".to_owned()),
            ("username".to_owned(), "alice".to_owned()),
            ("password".to_owned(), "plain:marker-secret".to_owned()),
        ]),
        environment: Some(environment.to_owned()),
        tags: Vec::new(),
    }
}

/// A profile that is refreshed automatically.
pub fn automatic(name: &str) -> Profile {
    let mut profile = profile(name, "staging");
    profile.settings.insert("auto_refresh".to_owned(), "true".to_owned());
    profile
}

/// A JWT with these claims; the signature is thirty-two bytes of no worth.
pub fn jwt(claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = r#"{"alg":"HS256","typ":"JWT","kid":"lms-2026"}"#;
    format!("{}.{}.{}", encode(header), encode(claims), URL_SAFE_NO_PAD.encode([7; 32]))
}

/// What [`signed`] signs with.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A JWT with these claims, signed with [`SECRET`].
pub fn signed(claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// Claims of an access token that was made now and lives so many seconds.
pub fn claims(subject: &str, now: Timestamp, seconds: i64) -> String {
    let (iat, exp) = (now.timestamp(), now.timestamp() + seconds);
    format!(
        r#"{{"aud":"openedx","exp":{exp},"grant_type":"password","iat":{iat},"iss":"https://lms.example.org/oauth2","preferred_username":"{subject}","scopes":["read","write","profile","email"],"version":"1.2.0","sub":"{subject}","administrator":false,"superuser":false}}"#
    )
}

/// What a revocation of the current tokens came to.
pub fn revoked(fates: &[(TokenKind, Fate)]) -> TaskEvent {
    let ended = |(kind, fate): &(TokenKind, Fate)| EndedToken {
        kind: *kind,
        fingerprint: Fingerprint::of(&kind.to_string()),
        fate: fate.clone(),
        verdict: if matches!(fate, Fate::Asked(_)) { Verdict::Unknown } else { Verdict::Alive },
    };
    let tokens = fates.iter().map(ended).collect();
    TaskEvent::Ended(Ok(TaskOutcome::Revoked(vec![Ended { generation: 1, is_current: true, tokens }])))
}

/// What a login brings: an access token that lives so many seconds and an opaque refresh token.
pub fn token_set(now: Timestamp, seconds: i64) -> TokenSet {
    let issued = |kind, raw: String, expires_at, scheme| IssuedToken { kind, raw: raw.into(), expires_at, scheme };
    let end = now + TimeDelta::seconds(seconds);
    TokenSet {
        tokens: vec![
            issued(TokenKind::Access, jwt(&claims("alice", now, seconds)), Some(end), Scheme::JWT),
            issued(TokenKind::Refresh, format!("refresh{}", now.timestamp()), None, Scheme::BEARER),
        ],
        scope: Some("read write profile email".to_owned()),
        account: Some("alice".to_owned()),
        received_at: now,
        remarks: Vec::new(),
    }
}

/// An exchange whose server's clock is so many seconds ahead.
pub fn exchange(started_at: Timestamp, status: u16, skew: i64) -> Exchange {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Exchange {
        started_at,
        request_line: "POST https://lms.example.org/oauth2/access_token".to_owned(),
        request_headers: pairs(&[
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]),
        request_fields: pairs(&[("grant_type", "refresh_token"), ("refresh_token", "•••• 1234abcd")]),
        outcome: tokscope::http::ExchangeOutcome::Answered {
            status,
            headers: pairs(&[("content-type", "application/json"), ("date", "Sat, 21 Nov 2026 21:55:12 GMT")]),
            body: "{\n  \"error\": \"invalid_\u{202e}grant\"\n}".to_owned(),
            words: Some("invalid_\u{202e}grant".to_owned()),
            elapsed: TimeDelta::milliseconds(120),
            clock_skew: Some(TimeDelta::seconds(skew)),
        },
    }
}

pub fn password_prompt() -> Prompt {
    Prompt { key: "password", label: "Password".into(), help: "The password of the account".into(), secret: true }
}

pub fn refusal() -> AuthError {
    AuthError::Refused {
        status: 401,
        code: Some("invalid_grant".to_owned()),
        message: Some("Invalid credentials given.".to_owned()),
        hint: Some("check the user name and password; Open edX also says this for a locked account".to_owned()),
        credential_dead: true,
    }
}

impl Stage {
    pub fn new() -> Self {
        Self::at((120, 40))
    }

    pub fn at(size: (u16, u16)) -> Self {
        Self::with(start(size))
    }

    pub fn with(start: Start) -> Self {
        let (now, size) = (start.now, start.size);
        Self { model: Model::new(start), now, size, effects: Vec::new() }
    }

    /// A stage with tokens that came with the start.
    pub fn with_tokens(size: (u16, u16), tokens: &[(&str, &str)]) -> Self {
        let tokens = tokens.iter().map(|(source, text)| ((*source).to_owned(), Found::whole(text))).collect();
        Self::with(Start { tokens, ..start(size) })
    }

    pub fn send(&mut self, message: Message) -> &mut Self {
        self.effects.extend(app::update(&mut self.model, message).0);
        let odd = self.model.told().find(|text| !is_sentence(text));
        assert!(odd.is_none(), "a notice that is no sentence: {odd:?}");
        self
    }

    /// Presses keys, written as the settings write them, with blanks between: `l Tab ^L`. `=edx-demo` goes to a profile, as
    /// the list of commands does; `=` to the first one of the tree.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            match key.strip_prefix('=') {
                Some("") => _ = self.keys("1 Home Down Down Down"),
                Some(name) => _ = self.keys(":").types(&format!("go to {name}")).keys("Enter"),
                None => _ = self.send(Message::Key(key.parse().unwrap())),
            }
        }
        self
    }

    /// Types characters.
    pub fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Message::Key(Key::char(c)));
        }
        self
    }

    /// Does something with the mouse at a cell.
    pub fn mouse(&mut self, kind: MouseKind, column: u16, row: u16) -> &mut Self {
        // What is pressed is what was drawn.
        if kind == MouseKind::Press {
            let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
            let mut targets = Targets::default();
            terminal.draw(|frame| targets = view::draw(&self.model, frame)).unwrap();
            self.model.drawn(targets);
        }
        self.send(Message::Mouse(Mouse { kind, column, row, ctrl: false }))
    }

    /// The cell where a text begins on the screen, the first from the top.
    #[track_caller]
    pub fn place(&self, text: &str) -> (u16, u16) {
        let found = self.lines().into_iter().enumerate().find_map(|(row, line)| {
            let before = line.split_once(text)?.0.chars().count();
            Some((before as u16, row as u16))
        });
        found.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{}", self.screen()))
    }

    /// Clicks on a text.
    #[track_caller]
    pub fn click(&mut self, text: &str) -> &mut Self {
        let (column, row) = self.place(text);
        self.mouse(MouseKind::Press, column, row).mouse(MouseKind::Release, column, row)
    }

    /// The same with Control held.
    #[track_caller]
    pub fn ctrl_click(&mut self, text: &str) -> &mut Self {
        let (column, row) = self.place(text);
        self.send(Message::Mouse(Mouse { kind: MouseKind::Press, column, row, ctrl: true }))
    }

    #[track_caller]
    pub fn double_click(&mut self, text: &str) -> &mut Self {
        let (column, row) = self.place(text);
        (0..2).for_each(|_| _ = self.mouse(MouseKind::Press, column, row).mouse(MouseKind::Release, column, row));
        self
    }

    /// Turns the wheel over a text.
    #[track_caller]
    pub fn wheel(&mut self, text: &str, kind: MouseKind) -> &mut Self {
        let (column, row) = self.place(text);
        self.mouse(kind, column, row)
    }

    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Message::Pasted(text.to_owned()))
    }

    /// Lets time pass: `+5m`, `+90s`, `-1h`, `+200ms`.
    pub fn tick(&mut self, span: &str) -> &mut Self {
        if let Some(number) = span.strip_suffix("ms") {
            self.now += TimeDelta::milliseconds(number.parse().unwrap());
            return self.send(Message::Ticked(self.now));
        }
        let (number, unit) = span.split_at(span.len() - 1);
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => panic!("no unit in {span}"),
        };
        self.now += TimeDelta::seconds(number.parse::<i64>().unwrap() * seconds);
        self.send(Message::Ticked(self.now))
    }

    pub fn job(&mut self, id: u64, event: TaskEvent) -> &mut Self {
        self.send(Message::Task(TaskId(id), event))
    }

    /// A job ends with a token set that lives so many seconds.
    pub fn arrives(&mut self, id: u64, seconds: i64) -> &mut Self {
        let set = token_set(self.now, seconds);
        self.job(id, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set))))
    }

    pub fn fails(&mut self, id: u64, error: AuthError) -> &mut Self {
        self.job(id, TaskEvent::Ended(Err(error)))
    }

    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.send(Message::Resized(columns, rows))
    }

    /// The effects since the last call.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Whether there are effects since the last call.
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// The effects since the last call, each in a line.
    pub fn effects(&mut self) -> Vec<String> {
        self.effects.drain(..).map(|effect| describe(&effect)).collect()
    }

    pub fn wakes_in(&self) -> Option<TimeDelta> {
        schedule::next_wakeup(&self.model).map(|at| at - self.now)
    }

    /// Goes on from wake-up to wake-up, as the runtime does; `meet` is told each effect, and how many seconds have passed.
    pub fn live(&mut self, span: TimeDelta, mut meet: impl FnMut(&mut Self, i64, Effect)) {
        let (begin, end) = (self.now, self.now + span);
        for _ in 0..100_000 {
            for effect in self.take_effects() {
                let passed = (self.now - begin).num_seconds();
                meet(self, passed, effect);
            }
            match schedule::next_wakeup(&self.model) {
                // The end of a job has let the next one begin.
                _ if self.has_effects() => {}
                Some(at) if at <= end => {
                    self.now = self.now.max(at);
                    self.send(Message::Ticked(self.now));
                }
                _ => return,
            }
        }
        panic!("it never rests");
    }

    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        // Dead hints are noted in debug builds.
        #[cfg(debug_assertions)]
        keymap::dead_hints();
        terminal.draw(|frame| _ = view::draw(&self.model, frame)).unwrap();
        #[cfg(debug_assertions)]
        self.hints_live(terminal.backend().buffer());
        terminal.backend().buffer().clone()
    }

    #[cfg(debug_assertions)]
    fn hints_live(&self, drawn: &Buffer) {
        let dead = keymap::dead_hints();
        assert!(dead.is_empty(), "hints at what cannot be done: {dead:?}\n{}", picture::lines(drawn).join("\n"));
        let dead = keymap::dead_keys(&self.model);
        assert!(dead.is_empty(), "keys on a page that do nothing there: {dead:?}");
    }

    /// The screen, line by line.
    pub fn lines(&self) -> Vec<String> {
        let lines = picture::lines(&self.buffer());
        assert!(lines.iter().all(|line| !line.contains("{key:")), "a hint without its key:\n{}", lines.join("\n"));
        lines
    }

    pub fn screen(&self) -> String {
        self.lines().join("\n")
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(says(&screen, text), "{text:?} is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!says(&screen, text), "{text:?} is on the screen:\n{screen}");
        self
    }

    /// The line that the cursor of the focused list is on, of those that hold `▌`: the first with this text.
    #[track_caller]
    pub fn under_cursor(&mut self, text: &str) -> &mut Self {
        let lines = self.lines();
        let found = lines.iter().any(|line| line.split('▌').skip(1).any(|part| part.contains(text)));
        assert!(found, "{text:?} is not under a cursor:\n{}", lines.join("\n"));
        self
    }
}

/// It begins with a capital, or with what is no word, and ends with a stop; a place in a file is followed by what is there.
fn is_sentence(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches([':', ',', ';', '.']);
    let is_name = !first.chars().all(|c| c.is_alphabetic() || "-'’".contains(c));
    let begins = is_name || first.chars().all(|c| !c.is_alphabetic()) || first.starts_with(char::is_uppercase);
    begins && (text.ends_with(['.', '!', '?', '…', ':']) || first.contains(':'))
}

/// Whether it is on the screen; at the start of a sentence it has a capital.
fn says(screen: &str, text: &str) -> bool {
    screen.contains(text) || screen.contains(&tokscope::text::capitalized(text))
}

fn describe(effect: &Effect) -> String {
    let show = |secret: &SecretString| secret.expose_secret().to_owned();
    match effect {
        Effect::Start { id, what: What::Revoke(Wanted::Current), whose: Some(profile), .. } => {
            format!("start {} Revoke {profile}", id.0)
        }
        Effect::Start { id, what: What::Probe(None), whose: Some(profile), .. } => {
            format!("start {} Probe {profile}", id.0)
        }
        Effect::Start { id, what: What::Call(request), whose: Some(profile), .. } => {
            format!("start {} {request:?} {profile}", id.0)
        }
        Effect::Start { id, what, whose: Some(profile), .. } => format!("start {} {what:?} {profile}", id.0),
        Effect::Start { id, what, .. } => format!("start {} {what:?}", id.0),
        Effect::Cancel(id) => format!("cancel {}", id.0),
        Effect::Answer(id, answer) => format!("answer {} {}", id.0, show(answer)),
        Effect::Copy { what, text } => format!("copy {what}: {}", show(text)),
        Effect::Forget { profile, set: None, .. } => format!("forget {profile}"),
        Effect::Forget { profile, set: Some(number), .. } => format!("forget {profile} {number}"),
        other => format!("{other:?}"),
    }
}
