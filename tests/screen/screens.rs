//! Golden screens. `SNAPSHOTS=overwrite cargo test --test screens` draws them anew; look at them before you commit.

use crate::support::stage;
use ratatui::buffer::Buffer;
use snapbox::{Data, assert_data_eq, data::DataFormat};
use stage::{Stage, picture};
use tokscope::{
    auth::{AuthError, Progress},
    profile::ProfileName,
    secret::Fingerprint,
    store::{
        config::Glyphs,
        identity::Home,
        vault::{Condition, Event, EventKind, Generation},
    },
    trouble::Trouble,
    tui::{
        app::{
            Start, look,
            message::{Facts, Kept, Message, OpenedVault, TaskEvent, TaskId, TaskOutcome, Unopened},
            vault::AtStart,
        },
        view::to_ascii,
    },
};

/// A busy afternoon: a live session, a token that is nearly over, an expired one, an opaque one, one to come.
pub(crate) fn afternoon(start: Start) -> Stage {
    let now = start.now;
    let mut stage = Stage::with(start);
    let later = now + chrono::TimeDelta::minutes(12);
    let to_come = stage::claims("release-bot", later, 3_600)
        .replace("\"version\"", &format!("\"nbf\":{},\"version\"", later.timestamp()));
    stage.paste("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    stage.paste(&stage::jwt(&to_come));
    stage.paste(&stage::jwt(&stage::claims("bob", now - chrono::TimeDelta::days(3), 3_600)));
    stage.paste(&stage::jwt(&stage::claims("carol", now - chrono::TimeDelta::seconds(3_480), 3_600)));
    stage.keys("=edx-demo l").arrives(1, 3_600).tick("+17m").keys("1 g 2 Home");
    stage
}

/// What is laid out anew when the size changes has a picture at every size. All else is drawn at every size, too, and has one
/// at 80×24: the others would show the same words in another frame.
const LAYOUTS: [&str; 22] = [
    "ascii",
    "compare",
    "confirm",
    "device",
    "editor",
    "empty",
    "exchange",
    "fleet",
    "form",
    "horizon",
    "keys",
    "no-color",
    "panes",
    "profile",
    "prompt",
    "raw",
    "rotation-ended",
    "rotation-plan",
    "rotation-running",
    "tree",
    "vault-question",
    "verify-invalid",
];

/// Themes whose main screens have a picture; those of the first two sizes.
const THEMES: [&str; 5] = ["light", "high-contrast", "colour-blind-dark", "colour-blind-light", "ansi"];

/// Whether a screen of this name is compared with its picture.
fn is_compared(name: &str) -> bool {
    let Some((screen, size)) = name.rsplit_once('-') else { return true };
    if THEMES.contains(&screen) {
        return SIZES[..2].iter().any(|(known, _)| *known == size);
    }
    size == "80x24" || LAYOUTS.contains(&screen) || SIZES.iter().all(|(known, _)| *known != size)
}

/// A picture that no test draws, or that none compares, would say nothing and stay for ever.
#[test]
fn every_picture_is_compared() {
    let sources = [include_str!("screens.rs"), include_str!("layout.rs")].concat();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let files = std::fs::read_dir(folder).expect("the pictures").map(|file| file.expect("a file").file_name());
    for file in files {
        let file = file.into_string().expect("a name");
        let (screen, _) = file.rsplit_once('-').expect("a size");
        let drawn = [format!("\"{screen}-{{name}}\""), format!("picture(\"{screen}\"")];
        let drawn = THEMES.contains(&screen) || drawn.iter().any(|call| sources.contains(call));
        assert!(drawn, "{file}: no test draws it");
        assert!(is_compared(file.trim_end_matches(".svg")), "{file}: no test compares it");
    }
}

#[track_caller]
pub(crate) fn golden(folder: &str, name: &str, stage: &Stage) {
    is_ascii(name, &stage.buffer());
    if !is_compared(name) {
        picture::svg(&stage.buffer());
        return;
    }
    golden_on(&picture::DARK, folder, name, stage);
}

#[track_caller]
fn golden_on(paper: &picture::Paper, folder: &str, name: &str, stage: &Stage) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{name}.svg"));
    let drawn = Data::from(picture::svg_on(paper, &stage.buffer())).raw();
    assert_data_eq!(drawn, Data::read_from(&path, Some(DataFormat::Text)).raw());
}

/// Nothing of ours is left that is not ASCII, where that is wanted: what is left is in the tokens that are shown.
#[track_caller]
fn is_ascii(name: &str, buffer: &Buffer) {
    const FOREIGN: &str = "日本語テキスト";
    let mut buffer = buffer.clone();
    to_ascii(&mut buffer);
    let ours = |symbol: &str| !symbol.is_ascii() && !FOREIGN.contains(symbol);
    let left: Vec<_> = buffer.content.iter().map(|cell| cell.symbol()).filter(|symbol| ours(symbol)).collect();
    assert!(left.is_empty(), "{name}: {left:?} has no ASCII in view/cells.rs");
}

const SIZES: [(&str, (u16, u16)); 4] =
    [("80x24", (80, 24)), ("120x40", (120, 40)), ("40x12", (40, 12)), ("200x50", (200, 50))];

#[test]
fn panes() {
    for (name, size) in SIZES {
        golden("tests/screens", &format!("panes-{name}"), &afternoon(stage::start(size)));
    }
}

/// The other themes, fewer colours, ASCII: the main screens.
#[test]
fn looks() {
    for (name, size) in SIZES {
        for theme in THEMES {
            let start = Start { config: Ok(stage::config(theme)), ..stage::start(size) };
            let paper = if theme.contains("light") { &picture::LIGHT } else { &picture::DARK };
            let stage = afternoon(start);
            let picture = format!("{theme}-{name}");
            if is_compared(&picture) {
                golden_on(paper, "tests/screens", &picture, &stage);
            }
        }
        let terminal = look::Terminal::new(look::Colors::Indexed);
        let stage = afternoon(Start { terminal, ..stage::start(size) });
        golden("tests/screens", &format!("256-{name}"), &stage);
        let mut config = stage::config("dark");
        config.ui.glyphs = Glyphs::Ascii;
        let stage = afternoon(Start { config: Ok(config), ..stage::start(size) });
        golden("tests/screens", &format!("ascii-{name}"), &stage);
    }
}

#[test]
fn empty() {
    for (name, size) in SIZES {
        let start = Start { profiles: Ok(Vec::new()), ..stage::start(size) };
        golden("tests/screens", &format!("empty-{name}"), &Stage::with(start));
    }
}

#[test]
fn without_colour() {
    for (name, size) in SIZES {
        let start = Start { terminal: look::Terminal::new(look::Colors::None), ..stage::start(size) };
        golden("tests/screens", &format!("no-color-{name}"), &afternoon(start));
    }
}

#[test]
fn a_login_that_asks_and_fails() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("=edx-prod l").tick("+2s").job(2, TaskEvent::Asked(stage::password_prompt())).types("hunter2");
        golden("tests/screens", &format!("prompt-{name}"), &stage);
        stage.keys("Enter").tick("+1s").fails(2, stage::refusal());
        golden("tests/screens", &format!("failure-{name}"), &stage);
    }
}

#[test]
fn pages() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("?");
        golden("tests/screens", &format!("keys-{name}"), &stage);
        stage.types("copy");
        golden("tests/screens", &format!("keys-found-{name}"), &stage);
        stage.keys("Esc Esc =edx-demo Enter");
        golden("tests/screens", &format!("profile-{name}"), &stage);
        stage.keys("Esc 1 g 2 d");
        golden("tests/screens", &format!("confirm-{name}"), &stage);
    }
}

/// Commands by words: all, those that a word finds, and without colour.
#[test]
fn commands() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("=edx-demo :");
        golden("tests/screens", &format!("commands-{name}"), &stage);
        stage.types("re");
        golden("tests/screens", &format!("commands-found-{name}"), &stage);
        let mut stage = afternoon(Start { terminal: look::Terminal::new(look::Colors::None), ..stage::start(size) });
        stage.keys("=edx-demo :").types("re");
        golden("tests/screens", &format!("commands-no-color-{name}"), &stage);
    }
}

/// Writing a profile: the list of systems, an edited one, all mistakes at once.
#[test]
fn forms() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("1 n");
        golden("tests/screens", &format!("providers-{name}"), &stage);
        stage.keys("Down Down Down Enter ^S");
        golden("tests/screens", &format!("mistakes-{name}"), &stage);
        stage.types("campus").keys("Tab Tab").types("https://lms.example.org").keys("Tab Right Tab Tab");
        stage.types("plain:hunter2").keys("Tab");
        golden("tests/screens", &format!("form-{name}"), &stage);
        stage.keys("Esc");
        golden("tests/screens", &format!("leave-{name}"), &stage);
    }
}

/// Editing a token: the text with a mistake in it, the ways to sign, the token that was made. Comparing two.
#[test]
fn editing_and_comparing() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("e Down Down End Backspace").types(",,");
        golden("tests/screens", &format!("editor-{name}"), &stage);
        stage.keys("Backspace ^S");
        golden("tests/screens", &format!("signatures-{name}"), &stage);
        stage.keys("Enter").types("a secret that is long enough for it").keys("Enter");
        golden("tests/screens", &format!("made-{name}"), &stage);
        stage.keys("2 m Down m");
        golden("tests/screens", &format!("compare-{name}"), &stage);
    }
}

/// Many sessions: what tells them apart stands whole.
#[test]
fn the_fleet() {
    for (name, size) in [("80x24", (80, 24)), ("120x40", (120, 40)), ("200x60", (200, 60)), ("40x12", (40, 12))] {
        let mut stage = crate::horizon::fleet(size);
        golden("tests/screens", &format!("fleet-{name}"), stage.keys("2 j j"));
    }
}

/// What ends when.
#[test]
fn the_horizon() {
    for (name, size) in [("80x24", (80, 24)), ("120x40", (120, 40)), ("200x60", (200, 60))] {
        let mut stage = crate::horizon::fleet(size);
        golden("tests/screens", &format!("horizon-{name}"), stage.keys("H Down Down"));
    }
}

/// A rotation: its plan, how it goes, its receipt.
#[test]
fn a_rotation() {
    for (name, size) in SIZES {
        golden("tests/screens", &format!("rotation-plan-{name}"), &crate::rotation::planned(size));
        golden("tests/screens", &format!("rotation-running-{name}"), &crate::rotation::running(size));
        golden("tests/screens", &format!("rotation-asked-{name}"), &crate::rotation::asked(size));
        golden("tests/screens", &format!("rotation-ended-{name}"), &crate::rotation::ended(size));
    }
}

#[test]
fn a_login_in_the_browser() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        let expires_at = stage.now + chrono::TimeDelta::minutes(10);
        stage.keys("=edx-prod l").tick("+2s").job(
            2,
            TaskEvent::Stepped(Progress::DeviceCode {
                user_code: "WDJB-MJHT".to_owned(),
                verification_uri: "https://login.example.org/device".to_owned(),
                verification_uri_complete: None,
                expires_at,
            }),
        );
        golden("tests/screens", &format!("device-{name}"), &stage);
    }
}

/// Refreshing without being asked: what comes next, what fails, what has stopped, and a page that says it in words.
#[test]
fn what_refreshes_by_itself() {
    for (name, size) in SIZES {
        let profiles = ["edx-demo", "edx-prod", "edx-old", "edx-off"].map(|name| {
            let mut profile = stage::profile(name, if name == "edx-prod" { "prod" } else { "staging" });
            profile.settings.insert("auto_refresh".to_owned(), (name != "edx-off").to_string());
            profile
        });
        let now = stage::start(size).now;
        let sets = profiles.iter().zip([3_600, 300, 200, 5_000]);
        let token_sets = sets.map(|(profile, life)| (profile.name.clone(), stage::token_set(now, life))).collect();
        let mut stage = Stage::with(Start { profiles: Ok(profiles.to_vec()), token_sets, ..stage::start(size) });
        stage.tick("+4m").fails(1, stage::refusal()).tick("+30s");
        let limited =
            AuthError::RateLimited { status: 429, retry_after: Some(std::time::Duration::from_secs(120)), words: None };
        stage.fails(2, limited).tick("+12s");
        golden("tests/screens", &format!("renewal-{name}"), &stage);
        stage.keys("=edx-prod Enter");
        golden("tests/screens", &format!("renewal-page-{name}"), &stage);
    }
}

#[test]
fn what_went_over_the_wire() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        let profile = ProfileName::new("edx-demo").expect("a name");
        let exchange = stage::exchange(stage.now, 401, 192);
        stage.keys("r").send(Message::Exchanged(profile, Box::new(exchange))).fails(2, stage::refusal()).keys("w");
        golden("tests/screens", &format!("exchange-{name}"), &stage);
    }
}

#[test]
fn raw_and_hostile() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("3 Left");
        golden("tests/screens", &format!("raw-{name}"), &stage);
        stage.paste(&stage::jwt(
            r#"{"sub":"ad\u202emin\u200b\u0007","exp":1795296938000,"exp":"soon","nest":{"list":[1,2.50,{"deep":null}],"big":123456789012345678901234567890},"日本":"日本語テキスト"}"#,
        ));
        stage.keys("3 Right Down");
        golden("tests/screens", &format!("hostile-{name}"), &stage);
    }
}

/// A filter while it is typed, with a mistake in it, and one that leaves no row.
#[test]
fn filters() {
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.keys("2 /").types("bo kind:jwt");
        golden("tests/screens", &format!("filter-{name}"), &stage);
        stage.types(" state:foo");
        golden("tests/screens", &format!("filter-mistake-{name}"), &stage);
        stage.keys("Esc /").types("nobody").keys("Enter");
        golden("tests/screens", &format!("filter-none-{name}"), &stage);
        stage.keys("/").types("carol").keys("Enter");
        golden("tests/screens", &format!("filter-kept-{name}"), &stage);
    }
}

/// Folds and the meaning of a claim, a search, and a raw token with defects.
#[test]
fn a_token_from_near() {
    const CLAIMS: &str = r#"{"iss":"https://id.example.org/realms/campus","sub":"f3a1c2d4-5b6e","aud":["account","api"],"exp":1795299000,"iat":1795296600,"auth_time":1795296000,"azp":"web","scope":"openid profile email","realm_access":{"roles":["offline_access","auditor"]},"resource_access":{"account":{"roles":["manage-account","view-profile"]},"api":{"roles":["reader"]}},"preferred_username":"alice","email_verified":true}"#;
    for (name, size) in SIZES {
        let mut stage = afternoon(stage::start(size));
        stage.paste(&stage::jwt(CLAIMS)).keys("3 Z g Down Down z Z G k k k k z k k k k z");
        golden("tests/screens", &format!("tree-{name}"), &stage);
        stage.keys("/").types("acc");
        golden("tests/screens", &format!("search-{name}"), &stage);
        stage.keys("Enter n n Enter");
        golden("tests/screens", &format!("value-{name}"), &stage);
        let raw = stage::jwt(CLAIMS);
        let (unsigned, signature) = raw.rsplit_once('.').expect("two dots");
        stage.keys("Esc Esc").paste(&format!("{}+{}==.{signature}", &unsigned[..200], &unsigned[201..]));
        stage.keys("3 g Left n");
        golden("tests/screens", &format!("defect-{name}"), &stage);
    }
}

/// The vault: where its key is kept, locked, tokens that are not saved, the history of a profile.
#[test]
fn the_vault() {
    for (name, size) in SIZES {
        let picture = |screen: &str, stage: &Stage| golden("tests/screens", &format!("{screen}-{name}"), stage);
        let start = || Start { vault: AtStart::Fresh, ..stage::start(size) };
        let mut stage = Stage::with(start());
        let why = Trouble::bare("no place to save tokens yet: the keyring does not respond");
        let unchosen = Some("the keyring does not respond".to_owned());
        stage
            .tick("+2s")
            .send(Message::Task(TaskId(1), TaskEvent::Ended(Ok(TaskOutcome::Unopened(Unopened { why, unchosen })))))
            .keys("=edx-demo l")
            .tick("+1s");
        picture("vault-question", &stage);

        let mut stage = afternoon(Start { vault: AtStart::Locked, ..stage::start(size) });
        stage.keys("Esc Esc");
        let at = stage.now;
        let edx = ProfileName::new("edx-demo").expect("a name");
        let event = |kind, minutes: i64| Event {
            at: at - chrono::TimeDelta::minutes(minutes),
            kind,
            access: Some(Fingerprint::of(&minutes.to_string())),
            refresh: Some(Fingerprint::of(&format!("r{minutes}"))),
            expires_at: Some(at + chrono::TimeDelta::minutes(60 - minutes)),
        };
        let facts = Facts {
            condition: Condition { unsaved: Some("No space left on device".to_owned()), ..Condition::default() },
            history: vec![event(EventKind::Login, 125), event(EventKind::Refresh, 70), event(EventKind::Refresh, 10)],
            ..Facts::default()
        };
        let replaced = (at - chrono::TimeDelta::minutes(10), EventKind::Refresh);
        let old = Generation::of(&stage::token_set(at, 2_000), None, (2, 1), None, replaced).into_iter().collect();
        let kept = Kept { token_set: Some(stage::token_set(at, 3_000)), old, facts };
        let records = vec![(edx, kept)];
        let opened =
            OpenedVault { home: Home::Plain, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
        stage.keys("L").send(Message::Task(TaskId(3), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
        picture("vault-unsaved", &stage);
        stage.keys("=edx-demo Enter");
        picture("vault-history", &stage);
        stage.keys("Esc q");
        picture("vault-quit", &stage);
        stage.keys("n L");
        picture("vault-locked", &stage);
    }
}

/// The idle lock: announced where it stops renewals, then the list without claims and tokens; and one that renews.
#[test]
fn the_lock() {
    for (name, size) in SIZES {
        let picture = |screen: &str, stage: &Stage| golden("tests/screens", &format!("{screen}-{name}"), stage);
        let session = |home| {
            let mut profiles = vec![stage::profile("edx-demo", "staging"), stage::profile("edx-prod", "prod")];
            for profile in &mut profiles {
                profile.settings.insert("auto_refresh".to_owned(), "true".to_owned());
            }
            let now = stage::start(size).now;
            let kept = |seconds| Kept { token_set: Some(stage::token_set(now, seconds)), ..Kept::default() };
            let records = [1_000, 3_600].into_iter().zip(&profiles);
            let records = records.map(|(seconds, profile)| (profile.name.clone(), kept(seconds))).collect();
            let start = Start { profiles: Ok(profiles), vault: AtStart::Locked, ..stage::start(size) };
            let mut stage = Stage::with(start);
            stage.tick("+0s");
            let opened = OpenedVault { home, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
            stage.send(Message::Task(TaskId(1), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
            stage
        };
        let mut stage = session(Home::Passphrase);
        stage.tick("+14m").tick("+18s");
        picture("lock-announced", &stage);
        stage.tick("+42s").tick("+1m");
        picture("lock-stopped", &stage);
        let mut stage = session(Home::Keyring);
        stage.keys("L").tick("+1m");
        picture("lock-renewing", &stage);
    }
}

/// The Verify tab: a good signature, a bad one, none at all, an expired token; a key, the list of ways, the question.
#[test]
fn verify() {
    for (name, size) in SIZES {
        let picture = |screen: &str, stage: &Stage| golden("tests/screens", &format!("{screen}-{name}"), stage);
        let mut stage = Stage::at(size);
        let now = stage.now;
        let good = stage::signed(&stage::claims("alice", now, 3_600));
        stage.paste(&good).keys("2 V");
        picture("verify-no-key", &stage);
        stage.keys("K");
        picture("verify-keys", &stage);
        stage.keys("Down Down Down Down Enter").types(stage::SECRET).keys("Enter");
        picture("verify-valid", &stage);
        stage.paste(&stage::jwt(&stage::claims("mallory", now, 3_600)));
        picture("verify-invalid", &stage);
        stage.paste(&stage::signed(&stage::claims("bob", now - chrono::TimeDelta::hours(3), 3_600)));
        picture("verify-expired", &stage);
        stage.paste("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbnlvbmUiLCJleHAiOjQxMDI0NDQ4MDB9.");
        picture("verify-none", &stage);
        stage.paste(&good).keys("@").types("+2h").keys("Enter");
        picture("travel", &stage);
        stage.keys("K Enter");
        picture("verify-fetch", &stage);
    }
}
