//! Token sets that a login or refresh has replaced: in sight, and which of them a revocation is about.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage;
use stage::{Stage, token_set};
use tokscope::{
    auth::{Fate, TokenKind, TokenSet},
    clock::Timestamp,
    profile::ProfileName,
    session::{Ended, EndedToken, Verdict},
    store::vault::{Event, EventKind, Evidence, Generation, Observation},
    token::state::State,
    tui::app::{
        Message, Start,
        message::{Facts, Kept, TaskEvent, TaskOutcome},
    },
};

const EDX: &str = "edx-demo";

/// The record of a profile whose token set this one has replaced.
fn record(old: &TokenSet, replaced_at: Timestamp, by: EventKind, known: Option<Evidence>) -> Message {
    let grant = if by == EventKind::Login { 2 } else { 1 };
    let old = Generation::of(old, None, (1, 1), None, (replaced_at, by)).unwrap();
    let evidence = known.map(|known| (old.tokens[0].fingerprint, known)).into_iter().collect();
    let facts = Facts { number: 2, grant, evidence, ..Facts::default() };
    let kept = Kept { old: vec![old], facts, ..Kept::default() };
    Message::RecordRead(ProfileName::new(EDX).unwrap(), Box::new(kept))
}

/// A session that took the place of one whose tokens were stolen, perhaps. Those.
fn after(by: EventKind) -> (Stage, TokenSet) {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900);
    let stolen = token_set(stage.now, 900);
    stage.tick("+1m").keys("l").arrives(2, 900);
    let message = record(&stolen, stage.now, by, None);
    stage.send(message).effects();
    (stage, stolen)
}

fn print(set: &TokenSet, kind: TokenKind) -> String {
    format!("{kind} {}", set.token(kind).unwrap().fingerprint())
}

/// Before, the question was about the session of a moment ago, and the stolen one had no handle any more.
#[test]
fn whoever_logs_in_and_then_revokes_says_which_session_is_meant() {
    let (mut stage, stolen) = after(EventKind::Login);
    stage.keys("x").shows("Revoke which tokens?").shows("current").shows("all of them");
    stage.shows("generation 1").shows(&print(&stolen, TokenKind::Access)).shows("replaced by a login");
    stage.keys("Down Enter").shows("Revoke generation 1 of edx-demo at the server?");
    stage.shows("environment  staging").shows("server       https://lms.example.org");
    stage.shows(&print(&stolen, TokenKind::Access)).shows(&print(&stolen, TokenKind::Refresh));
    stage.shows("accept it until").hides("some servers then end that, too").keys("y");
    assert_eq!(stage.effects(), ["start 3 Revoke(Generation(1)) edx-demo"]);
    // The current one is the first, and all are the last.
    let (mut stage, stolen) = after(EventKind::Login);
    stage.keys("x Enter").shows("Revoke the tokens of edx-demo").hides(&print(&stolen, TokenKind::Access)).keys("y");
    assert_eq!(stage.effects(), ["start 3 Revoke edx-demo"]);
    let (mut stage, _) = after(EventKind::Login);
    stage.keys("x Down Down Enter").shows("Revoke 2 token sets of edx-demo").keys("y");
    assert_eq!(stage.effects(), ["start 3 Revoke(All) edx-demo"]);
}

/// A refresh goes on with one grant: what ends the old token may end the new one.
#[test]
fn what_hangs_together_is_said() {
    let (mut stage, _) = after(EventKind::Refresh);
    stage.keys("x Down Enter").shows("It was refreshed into the current session: some servers then end that, too.");
    stage.keys("n");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_profile_with_one_set_is_asked_about_at_once() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900).keys("x").shows("Revoke the tokens of edx-demo at the server?");
    // What was logged out can be asked for again.
    let mut stage = Stage::new();
    let message = record(&token_set(stage.now, 900), stage.now, EventKind::Logout, None);
    stage
        .send(message)
        .keys("=edx-demo x")
        .shows("Revoke generation 1 of edx-demo at the server?")
        .shows("logged out at");
}

#[test]
fn the_profiles_page_counts_them_and_says_which_are_alive_although_revoked() {
    let (mut stage, stolen) = after(EventKind::Login);
    stage.keys("1 Enter").shows("1 kept until their tokens end");
    stage.shows(&format!("{} · unknown: not tried", print(&stolen, TokenKind::Refresh))).keys("Esc");
    let asked = Observation { at: stage.now, status: Some(200), words: String::new() };
    let known = Evidence { revocation: Some(asked), ..Evidence::default() };
    let message = record(&stolen, stage.now, EventKind::Login, Some(known));
    stage.send(message).keys("Enter").shows("1 alive although revoked");
    stage.shows(&format!("{} · alive until ", print(&stolen, TokenKind::Access)));
    // They are behind the lock with all other tokens.
    stage.keys("Esc");
    let fates = [(TokenKind::Access, Fate::Asked(200))];
    stage.keys("x Enter y").job(3, stage::revoked(&fates)).shows("Asked the server to revoke access");
}

/// The row under the cursor.
fn under(stage: &Stage) -> String {
    let lines = stage.lines();
    lines.iter().find(|line| line.contains("┃▌")).unwrap_or_else(|| panic!("{}", lines.join("\n"))).clone()
}

/// How many want attention, as the tree tells it.
fn attention(count: &str) -> String {
    format!("Attention{count:>18}")
}

/// What an ordinary login or refresh has replaced is folded under its successor: no session of its own, nothing to attend to.
#[test]
fn a_replaced_token_is_folded_under_its_successor() {
    let (mut stage, stolen) = after(EventKind::Refresh);
    let print = stolen.token(TokenKind::Access).unwrap().fingerprint().to_string();
    stage.keys("=edx-demo 2").shows("edx-demo ▸1 access").shows("edx-demo  2 ").hides("◦").tick("+2m").keys("Right");
    stage.shows("edx-demo ▾1 access").shows("edx-demo  2 ").keys("Down");
    assert!(under(&stage).contains("◦") && under(&stage).contains("2m ago"), "{}", under(&stage));
    stage.shows("replaced by a refresh 2m ago").shows("generation 1").shows(&attention("0"));
    // It is copied, probed and revoked by what it is.
    stage.effects();
    stage.keys("C f");
    assert!(stage.effects().concat().contains(&print));
    stage.keys("p");
    assert!(stage.effects().concat().starts_with("start 3 Probe(Some("));
    let mut stage = after(EventKind::Refresh).0;
    stage.keys("=edx-demo 2 z Down x").shows("Revoke generation 1 of edx-demo at the server?").keys("y");
    assert_eq!(stage.effects(), ["start 3 Revoke(Generation(1)) edx-demo"]);
    let mut stage = after(EventKind::Refresh).0;
    stage.keys("=edx-demo 2 z Down Left").shows("▸1 access");
    assert!(under(&stage).contains("●"), "the cursor is on the successor");
    // A filter for the state finds it, folded or not.
    stage.keys("/").types("state:sup").shows("2 of 2").shows("◦").keys("Esc /").types("edx").hides("◦");
}

/// The sign of a folded token is clicked as that of a group is.
#[test]
fn a_click_on_the_sign_of_a_folded_token_unfolds_it() {
    for size in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        let mut stage = after(EventKind::Refresh).0;
        stage.resize(size.0, size.1).keys("=edx-demo 2 G").click("▸1").shows("▾1").tick("+1s").click("▾1").shows("▸1");
        // Beside the sign it is the row that is meant.
        stage.tick("+1s").click(" ▸1").shows("▸1").hides("▾1");
    }
}

/// What a revocation tried to end is a row of its own, in sight and in Attention, until it is dead.
#[test]
fn what_is_alive_although_revoked_stays_in_sight() {
    let (mut stage, stolen) = after(EventKind::Login);
    let asked = Observation { at: stage.now, status: Some(200), words: String::new() };
    let known = Evidence { revocation: Some(asked), ..Evidence::default() };
    let message = record(&stolen, stage.now, EventKind::Login, Some(known.clone()));
    stage.send(message).keys("=edx-demo 2").shows("! 1").shows("22:50:00").shows("edx-demo ▸1 refresh");
    stage.keys(":").types("go to attention").keys("Enter").under_cursor("!");
    stage
        .shows("was to be revoked · not known to be dead, may be accepted until 22:50:00")
        .keys("x")
        .shows("Revoke generation 1")
        .keys("n")
        .effects();
    // A server refused it since: proven, and nothing to attend to.
    let refused = Observation { at: stage.now, status: Some(401), words: String::new() };
    let message = record(&stolen, stage.now, EventKind::Login, Some(Evidence { refused: Some(refused), ..known }));
    stage.send(message).keys("=edx-demo 2").shows("⊘").shows("refused").shows(&attention("0"));
    stage.keys("/").types("state:revoked").keys("Enter").shows("refused with 401 at 22:36:00, after revocation");
}

/// Time ends it: it leaves the list, and the disk.
#[test]
fn a_replaced_token_goes_when_its_time_is_over() {
    let (mut stage, _) = after(EventKind::Login);
    stage.keys("=edx-demo 2 Right").shows("edx-demo ▾1 access").tick("+14m").shows("edx-demo ▾1 access").effects();
    stage.tick("+1m").hides("▾1 access").hides("▸1 access").shows("▸1 refresh");
    assert!(stage.effects().contains(&"Tidy([ProfileName(\"edx-demo\")])".to_owned()));
}

/// Of sets that are too old only what names them is kept: that is said, and nothing is copied.
#[test]
fn without_its_text_an_old_token_is_named_and_no_more() {
    let (mut stage, stolen) = after(EventKind::Login);
    let mut old = Generation::of(&stolen, None, (1, 1), None, (stage.now, EventKind::Login)).unwrap();
    old.tokens.iter_mut().for_each(|token| token.raw = None);
    let facts = Facts { number: 2, grant: 2, ..Facts::default() };
    let kept = Kept { old: vec![old], facts, ..Kept::default() };
    stage.send(Message::RecordRead(ProfileName::new(EDX).unwrap(), Box::new(kept)));
    stage.keys("=edx-demo 2 Right Down").shows("only fingerprint, kind and expiry are kept").effects();
    for key in ["c", "a", "C", "p", "x"] {
        stage.keys(key).shows("Of generation 1, only fingerprint, kind and expiry are kept.");
        assert!(stage.effects().is_empty(), "{key}");
    }
}

/// Two sets, of which the first one's tokens are kept or not, and what became of them.
fn two_sets(kept: bool) -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900);
    let old = token_set(stage.now, 900);
    stage.tick("+5m").keys("r").arrives(2, 900).tick("+1s");
    let new = token_set(stage.now - chrono::TimeDelta::seconds(1), 900);
    let event = |set: &TokenSet, kind| Event {
        at: set.received_at,
        kind,
        access: set.token(TokenKind::Access).map(|token| token.fingerprint()),
        refresh: None,
        expires_at: set.token(TokenKind::Access).and_then(|token| token.expires_at),
    };
    let mut generation = Generation::of(&old, None, (1, 1), None, (new.received_at, EventKind::Refresh)).unwrap();
    generation.tokens.iter_mut().for_each(|token| token.raw = token.raw.take().filter(|_| kept));
    let mut history = vec![event(&old, EventKind::Login), event(&new, EventKind::Refresh)];
    history.push(Event { at: stage.now, ..event(&new, EventKind::Revoked) });
    let facts = Facts { number: 2, grant: 1, history, ..Facts::default() };
    let kept = Kept { old: vec![generation], facts, ..Kept::default() };
    stage.send(Message::RecordRead(ProfileName::new(EDX).unwrap(), Box::new(kept)));
    stage
}

#[test]
fn enter_in_the_history_compares_a_generation_with_the_one_before() {
    let mut stage = two_sets(true);
    stage.keys("2 g 3 Left Left").shows("[History]").under_cursor("revoked").keys("Enter");
    stage
        .shows("This entry brought no tokens")
        .keys("Esc Down")
        .under_cursor("2    22:40:00  22:55:00  15m    exp  iat");
    stage.shows("gen  from      to        lived  Δ").keys("Enter");
    stage
        .shows("Compare  edx-demo: generation 1 → 2")
        .shows("A  1, logged in 22:35:00")
        .shows("B  2, refreshed 22:40:00");
    stage.shows("5m later").shows("Lifetime is the same, 15m.").keys("Tab").shows("generation 2 → 1").keys("Esc");
    stage.keys("Down").under_cursor("login").keys("Enter").shows("There is no generation before this one.");
    // Of what is not kept, it says that.
    let mut stage = two_sets(false);
    stage.keys("2 g 3 Left Left Down").under_cursor("refresh").keys("Enter");
    stage.shows("Cannot compare generation 1: only its fingerprints and expiry are kept.").hides("Compare");
    // By mouse, too.
    let mut stage = two_sets(true);
    stage.keys("2 g 3 Left Left").tick("+1s").double_click("exp  iat").shows("generation 1 → 2");
}

#[test]
fn the_horizon_shows_the_generations_of_a_profile_on_the_same_axis() {
    let mut stage = two_sets(true);
    stage.keys("H").under_cursor("edx-demo").hides("generation 1").shows("Enter generations").keys("Enter");
    stage.shows("generation 1").shows("replaced 22:40, works until 22:50").shows("┄ replaced, not over");
    stage.keys("Down Down").under_cursor("generation 1").keys("r");
    assert_eq!(stage.effects().last().unwrap(), "start 3 Refresh edx-demo", "its profile is the subject");
    stage
        .keys("z")
        .hides("generation 1")
        .keys("z")
        .shows("generation 1")
        .keys("g Enter")
        .hides("Horizon")
        .under_cursor(EDX);
    // Of an old one to the history.
    let mut stage = two_sets(true);
    stage.keys("H Enter G").under_cursor("generation 1").keys("Enter").hides("Horizon").shows("[History]");
    // When it is over it is said to be.
    let mut stage = two_sets(true);
    stage.tick("+11m").keys("H g Enter").shows("ended 22:50").hides("works until");
}

#[test]
fn the_history_is_a_table_of_the_sets() {
    let mut stage = two_sets(false);
    let (now, name) = (stage.now, ProfileName::new(EDX).unwrap());
    let event = |minutes: i64, kind, life: Option<i64>| Event {
        at: now + chrono::TimeDelta::minutes(minutes),
        kind,
        access: Some(tokscope::secret::Fingerprint::of(&minutes.to_string())),
        refresh: None,
        expires_at: life.map(|life| now + chrono::TimeDelta::minutes(minutes + life)),
    };
    let history = vec![
        event(-300, EventKind::Login, Some(15)),
        event(-30, EventKind::Refresh, Some(15)),
        event(-20, EventKind::Retired, None),
        event(-1, EventKind::Login, Some(15)),
    ];
    let facts = Facts { number: 41, grant: 1, history, ..Facts::default() };
    stage.send(Message::RecordRead(name, Box::new(Kept { facts, ..Kept::default() })));
    stage.keys("2 g 3 Left Left").shows("[History]").shows("gen  from      to        lived  Δ");
    stage.shows("41   22:39:01  22:54:01  15m    login").shows("22:20:01                   retired");
    stage.shows("40   22:10:01  22:25:01  15m    refresh, gap 14m before 41");
    stage.shows("39   17:40:01  17:55:01  15m    login, gap 4h 15m before 40");
    stage.resize(200, 60).shows("History").shows("gen  from      to        lived  Δ").shows("4h 15m before 40");
    stage.resize(40, 12).shows("gen  from").resize(10, 3).screen();
}

/// The first sign of a state in a part of a line.
fn sign(line: impl Iterator<Item = char>) -> Option<String> {
    let signs: Vec<_> = State::all().map(State::sign).collect();
    line.map(String::from).find(|c| signs.contains(&c.as_str()))
}

/// The sign of the profile in the tree and that of its access token in the table.
fn signs(stage: &Stage) -> [Option<String>; 2] {
    const TREE: usize = 29;
    let lines = stage.lines();
    let part = |of: &dyn Fn(&str) -> String, words: &[&str]| {
        lines.iter().map(|line| of(line)).find(|part| words.iter().all(|word| part.contains(word)))
    };
    let tree = part(&|line| line.chars().take(TREE).collect(), &[EDX]);
    let table = part(&|line| line.chars().skip(TREE).collect(), &[EDX, "access"]);
    [tree, table].map(|part| sign(part?.chars()))
}

/// One state has one sign, in the tree and in the table. On purpose they differ where the tree has to say what no token can:
/// an old set that is alive although revoked, an ID token that is not valid. A profile without tokens and a locked one have
/// no row; a replaced token has no line in the tree.
#[test]
fn a_profile_has_the_sign_of_its_token() {
    let only = |raw: &str, life: Option<i64>, renews: bool| {
        let begin = stage::start((120, 40));
        let mut set = token_set(begin.now, life.unwrap_or(60));
        set.tokens.truncate(if renews { 2 } else { 1 });
        set.tokens[0].expires_at = life.map(|life| begin.now + chrono::TimeDelta::seconds(life));
        if !raw.is_empty() {
            set.tokens[0].raw = raw.into();
        }
        let token_sets = vec![(ProfileName::new(EDX).unwrap(), set)];
        let mut stage = Stage::with(Start { token_sets, ..begin });
        stage.keys("=edx-demo 2").effects();
        stage
    };
    let plain = |life| only("", Some(life), false);
    let after_a_while = |stage: Stage, span: &str| {
        let mut stage = stage;
        stage.tick(span);
        stage
    };
    let later = |stage: Stage| after_a_while(stage, "+2m");
    let asked = |fate: Fate, verdict| {
        let (kind, fingerprint) = (TokenKind::Access, tokscope::secret::Fingerprint::of("any"));
        let tokens = vec![EndedToken { kind, fingerprint, fate, verdict }];
        TaskEvent::Ended(Ok(TaskOutcome::Revoked(vec![Ended { generation: 1, is_current: true, tokens }])))
    };
    let revoked = |stage: Stage, event| {
        let mut stage = stage;
        stage.keys("x y").job(1, event);
        stage
    };
    let refused = || {
        let mut stage = revoked(plain(3_600), asked(Fate::Asked(200), Verdict::Unknown));
        let at = Observation { at: stage.now, status: Some(401), words: String::new() };
        let known = Evidence { revocation: Some(at.clone()), refused: Some(at), ..Evidence::default() };
        let print = token_set(stage.now, 3_600).tokens[0].fingerprint();
        let facts = Facts { evidence: [(print, known)].into(), ..Facts::default() };
        let kept = Kept { facts, ..Kept::default() };
        stage.send(Message::RecordRead(ProfileName::new(EDX).unwrap(), Box::new(kept)));
        stage
    };
    let working = |failed: bool| {
        let mut stage = only("", Some(3_600), true);
        stage.keys("r").tick("+1s");
        if failed {
            stage.fails(1, stage::refusal());
        }
        stage
    };
    let start = stage::start((120, 40)).now.timestamp() + 600;
    let to_come = stage::jwt(&format!(r#"{{"sub":"alice","nbf":{start},"exp":{}}}"#, start + 600));
    let none_asked = || Fate::Alive("a JWT cannot be revoked".to_owned());
    let cases = [
        (State::Active, plain(3_600)),
        (State::Expiring, after_a_while(plain(3_600), "+59m")),
        (State::Expired, later(plain(60))),
        (State::Renewable, later(only("", Some(60), true))),
        (State::NotYet, only(&to_come, None, false)),
        (State::Unknown, only(&stage::jwt("{}"), None, false)),
        (State::Opaque, only("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE", None, false)),
        (State::Busy, working(false)),
        (State::Failed, working(true)),
        (State::Alive, revoked(plain(3_600), asked(Fate::Asked(200), Verdict::Unknown))),
        // Where the server was asked nothing, nothing is on its way to its end.
        (State::Renewable, revoked(later(only("", Some(60), true)), asked(none_asked(), Verdict::Dead))),
        (State::Revoked, refused()),
    ];
    for (state, stage) in &cases {
        let sign = Some(state.sign().to_owned());
        assert_eq!(signs(stage), [sign.clone(), sign], "{state:?}\n{}", stage.screen());
    }
    let without_row = [State::Locked, State::NoTokens, State::Superseded];
    for state in State::all().filter(|state| !without_row.contains(state)) {
        assert!(cases.iter().any(|(case, _)| *case == state), "{state:?} has no case");
    }
    // What has expired is not said to be active.
    let (_, stage) = &cases[10];
    let screen = stage.screen();
    assert!(screen.contains("The access token has expired: nothing is left to revoke"), "{screen}");
}
