//! Rotation on screen: the plan and its confirmation, how it goes, what is asked meanwhile, the receipt, and one that was cut off.

use std::sync::Arc;

use crate::support::stage::{self, Stage};
use chrono::TimeDelta;
use tokscope::{
    auth::{
        AuthError, Progress, TokenKind,
        rotation::{Ending, Kinship, Way},
    },
    clock::Timestamp,
    profile::ProfileName,
    secret::Fingerprint,
    session::{
        Verdict,
        rotate::{
            Event, RunSummary, Stage as Step, Waiting,
            evidence::By,
            plan::{Options, Plan, Planned as Token, Row},
            receipt::{Life, Old, Profile, Receipt, Totals},
            step::Outcome,
        },
    },
    store::{config::Config, identity::Home, runs::RunId},
    tui::app::{
        Effect, Message, Planned, Start,
        message::{Kept, TaskEvent, TaskOutcome, What},
    },
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

fn run() -> RunId {
    RunId::parse("20261121-213501-5f2c").unwrap()
}

fn token(kind: TokenKind, ending: Ending, end: Option<Timestamp>) -> Token {
    let fingerprint = Fingerprint::of(&format!("{kind}{end:?}"));
    let signed = kind == TokenKind::Access;
    Token { kind, fingerprint, signed, expires_at: end, ending, tests: vec![By::Use], own: false }
}

fn row(text: &str, environment: &str, way: Option<Way>, now: Timestamp) -> Row {
    let end = Some(now + TimeDelta::minutes(41));
    Row {
        profile: stage::profile(text, environment),
        origin: "https://lms.example.org".to_owned(),
        account: Some("alice".to_owned()),
        way,
        obstacle: way.is_none().then(|| "no refresh token that works".to_owned()),
        kinship: way.map(|way| if way == Way::Login { Kinship::Separate } else { Kinship::Maybe }),
        generation: None,
        tokens: vec![token(TokenKind::Refresh, Ending::Revocation, None), token(TokenKind::Access, Ending::None, end)],
        by_hand: None,
    }
}

fn plan(rows: Vec<Row>, panic: bool) -> TaskEvent {
    let options = Options { panic, ..Options::default() };
    let protected = Config::default().environments.protected();
    let plan = Plan::new(options, rows, &protected, true);
    TaskEvent::Ended(Ok(TaskOutcome::Planned(Planned(Arc::new(plan)))))
}

/// Two protected profiles and two others, the cursor on the environment `prod` of the tree.
pub(crate) fn fleet(size: (u16, u16)) -> Stage {
    let names = [("lms-prod", "prod"), ("mail-prod", "prod"), ("lms-stage", "staging"), ("mail-stage", "staging")];
    let start = stage::start(size);
    let profiles = names.map(|(name, environment)| stage::profile(name, environment));
    let sets = profiles.iter().map(|profile| (profile.name.clone(), stage::token_set(start.now, 2_460))).collect();
    Stage::with(Start { profiles: Ok(profiles.to_vec()), token_sets: sets, ..start })
}

/// The plan of both protected profiles is open.
pub(crate) fn planned(size: (u16, u16)) -> Stage {
    let mut stage = fleet(size);
    stage.keys("1 Home Down Down X");
    let rows = vec![
        row("lms-prod", "prod", Some(Way::Login), stage.now),
        row("mail-prod", "prod", Some(Way::Asked), stage.now),
    ];
    stage.job(1, plan(rows, false));
    stage
}

/// It was confirmed, and runs as task 2.
pub(crate) fn running(size: (u16, u16)) -> Stage {
    let mut stage = planned(size);
    stage.effects();
    stage.types("prod").keys("Enter");
    for event in [
        Event::Planned { run: run(), profiles: 2, resumable: true },
        Event::Started { profile: name("lms-prod") },
        Event::Started { profile: name("mail-prod") },
        Event::Step { profile: name("lms-prod"), stage: Step::Obtaining },
        Event::Waiting { profile: name("mail-prod"), what: Waiting::Person, until: None },
    ] {
        stage.job(2, TaskEvent::Rotation(event));
    }
    stage
}

/// One of its profiles asks.
pub(crate) fn asked(size: (u16, u16)) -> Stage {
    let mut stage = running(size);
    stage.tick("+3s").job(2, TaskEvent::AskedOf(name("mail-prod"), stage::password_prompt()));
    stage
}

fn judged(profile: &str, kind: TokenKind, verdict: Verdict) -> TaskEvent {
    let token = Fingerprint::of(&format!("{profile}{kind}"));
    let accepted = !matches!(verdict, Verdict::Dead | Verdict::Unknown);
    TaskEvent::Rotation(Event::Judged { profile: name(profile), kind, token, verdict, accepted })
}

fn settled(profile: &str, outcome: Outcome, reason: Option<&str>) -> TaskEvent {
    let reason = reason.map(str::to_owned);
    TaskEvent::Rotation(Event::Settled { profile: name(profile), outcome, reason })
}

fn old(kind: TokenKind, verdict: Life, until: Option<Timestamp>) -> Old {
    let old = serde_json::json!({
        "kind": kind.to_string(), "fingerprint": "10ad55c3", "verdict": verdict, "why": "", "endings": [], "evidence": [],
    });
    let mut old: Old = serde_json::from_value(old).unwrap();
    old.until = until.map(tokscope::session::rotate::receipt::At);
    old
}

fn profile(text: &str, outcome: Outcome, old: Vec<Old>, left: &[&str]) -> Profile {
    Profile {
        name: text.to_owned(),
        environment: Some("prod".to_owned()),
        tags: Vec::new(),
        provider: "openedx".to_owned(),
        origin: "https://lms.example.org".to_owned(),
        account: None,
        outcome,
        reason: (outcome == Outcome::Failed).then(|| "the server refused the password".to_owned()),
        way: Some(Way::Login),
        kinship: Some(Kinship::Separate),
        recovered: false,
        alarms: Vec::new(),
        new: Vec::new(),
        old,
        left_to_do: left.iter().map(|words| (*words).to_owned()).collect(),
        elapsed_ms: 3_200,
    }
}

fn receipt(now: Timestamp) -> Receipt {
    let alive = old(TokenKind::Access, Life::AliveUntil, Some(now + TimeDelta::minutes(41)));
    let profiles = vec![
        profile(
            "lms-prod",
            Outcome::Rotated,
            vec![old(TokenKind::Refresh, Life::Dead, None), alive],
            &["wait until the access token ends, or end the session at the server"],
        ),
        profile("mail-prod", Outcome::Failed, Vec::new(), &["log in by hand"]),
    ];
    Receipt::new(run().to_string(), now, now + TimeDelta::seconds(7), Options::default(), profiles)
}

/// The same one has ended.
pub(crate) fn ended(size: (u16, u16)) -> Stage {
    let mut stage = running(size);
    let receipt = receipt(stage.now);
    stage.tick("+7s").job(2, TaskEvent::Ended(Ok(TaskOutcome::Rotated(Box::new(receipt)))));
    stage
}

/// What the pictures for people show: three profiles of `prod`, in a play whose cursor is in the tokens of all.
pub(crate) fn plan_of_three(stage: &mut Stage) {
    stage.keys("1 Home Down Down X");
    let of = |name: &str, way, ending| {
        let mut row = row(name, "prod", Some(way), stage.now);
        row.tokens[0].ending = ending;
        row.kinship = Some(Kinship::Separate);
        row
    };
    let mut worker = of("grades-worker", Way::Login, Ending::None);
    worker.tokens = vec![token(TokenKind::Access, Ending::None, Some(stage.now - TimeDelta::hours(3)))];
    let rows =
        vec![worker, of("lms-prod", Way::Login, Ending::Revocation), of("seta-files", Way::Asked, Ending::UseUp)];
    stage.job(1, plan(rows, false));
}

/// The receipt of the same: one is dead, one is accepted until its end, one could not be rotated.
pub(crate) fn receipt_of_three(stage: &mut Stage) {
    stage.types("prod").keys("Enter");
    stage.job(2, TaskEvent::Rotation(Event::Planned { run: run(), profiles: 3, resumable: true }));
    let end = stage.now + TimeDelta::minutes(41);
    let dead = |kind| old(kind, Life::Dead, None);
    let profiles = vec![
        profile("grades-worker", Outcome::Rotated, vec![dead(TokenKind::Access)], &[]),
        profile(
            "lms-prod",
            Outcome::Rotated,
            vec![dead(TokenKind::Refresh), old(TokenKind::Access, Life::AliveUntil, Some(end))],
            &["ask the operator of the LMS to block the account until the JWT has expired"],
        ),
        profile("seta-files", Outcome::Failed, Vec::new(), &["log in by hand"]),
    ];
    let receipt =
        Receipt::new(run().to_string(), stage.now, stage.now + TimeDelta::seconds(7), Options::default(), profiles);
    stage.tick("+7s").job(2, TaskEvent::Ended(Ok(TaskOutcome::Rotated(Box::new(receipt)))));
}

#[test]
fn a_plan_is_shown_and_confirmed_by_the_names_of_what_is_protected() {
    let mut stage = fleet((120, 40));
    stage.keys("1 Home Down Down X");
    assert_eq!(
        stage.effects(),
        ["start 1 PlanRotation { profiles: [ProfileName(\"lms-prod\"), ProfileName(\"mail-prod\")], panic: false }"]
    );
    // What is typed meanwhile is no command.
    stage.shows("nothing has been sent yet").shows("Making the plan").types("pro").keys("Enter");
    stage.shows("The plan is still being made").effects();
    let now = stage.now;
    stage
        .job(1, plan(vec![row("lms-prod", "prod", Some(Way::Login), now), row("mail-prod", "prod", None, now)], false));
    stage
        .shows("Rotate  PROD")
        .shows("2 profiles")
        .shows("1 runs alone")
        .shows("login")
        .shows("no way")
        .shows("old tokens ended by");
    // Why there is none stands below the rows.
    stage.hides("no refresh token that works").keys("Down").shows("New session: no refresh token that works.");
    stage
        .shows("access outlasts it until 23:16:00")
        .shows("1 cannot get new tokens")
        .shows("Type  prod  and Enter to rotate: pro");
    stage.keys("Enter").shows("Not the names of the environments: nothing was done");
    assert!(stage.effects().is_empty());
    stage.types("d").keys("Enter").shows("Rotating").shows("0 of 2 ended").shows("rotating 0 of 2");
    assert!(matches!(&stage.take_effects()[..], [Effect::Start { what: What::Rotate(_), .. }]));
}

#[test]
fn an_unprotected_plan_is_asked_about_once_more() {
    let mut stage = fleet((120, 40));
    stage.keys("=lms-stage X");
    let now = stage.now;
    stage.job(1, plan(vec![row("lms-stage", "staging", Some(Way::Asked), now)], false)).effects();
    stage
        .hides("Type ")
        .keys("Enter")
        .shows("Rotate 1 profile?")
        .shows("1 will ask you")
        .shows("may need a second login");
    stage.keys("n").shows("nothing has been sent yet").keys("Enter y").shows("Rotating");
    assert!(matches!(&stage.take_effects()[..], [Effect::Start { what: What::Rotate(_), .. }]));
    // And what is closed is gone.
    let mut stage = fleet((120, 40));
    stage.keys("=lms-stage X Esc").hides("nothing has been sent yet").effects();
    stage.job(1, plan(vec![row("lms-stage", "staging", Some(Way::Asked), now)], false)).hides("nothing has been sent");
}

#[test]
fn one_is_left_out_the_order_turned_and_the_plan_copied() {
    let mut stage = planned((120, 40));
    stage.effects();
    stage.keys("Down Space").shows("left out").shows("Rotate  PROD").shows("1 profile ·");
    stage.keys("y");
    let copied = stage.effects().concat();
    assert!(copied.starts_with("copy plan: Rotate  1 profile") && copied.contains("mail-prod: left out"), "{copied}");
    stage.keys("Up Down Space").hides("left out").keys("!").shows("revoke first");
    assert_eq!(
        stage.effects(),
        ["start 2 PlanRotation { profiles: [ProfileName(\"lms-prod\"), ProfileName(\"mail-prod\")], panic: true }"]
    );
    let rows = vec![row("lms-prod", "prod", Some(Way::Login), stage.now)];
    stage.job(2, plan(rows, true)).types("prod").keys("Enter");
    let effects = stage.take_effects();
    let [Effect::Start { what: What::Rotate(planned), .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(planned.0.options.panic && planned.0.rows.len() == 1);
    // Where the name goes on with it, it is text.
    let mut stage =
        Stage::with(Start { profiles: Ok(vec![stage::profile("y", "prody !")]), ..stage::start((120, 40)) });
    stage.keys("1 Home Down Down X").effects();
    stage.types("prody !").shows("and Enter to rotate: prody !");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_row_follows_its_profile_and_the_questions_come_one_at_a_time() {
    let mut stage = running((120, 40));
    stage.effects();
    stage.shows("getting new tokens").shows("waiting for you").shows("mail-prod waits for your answer");
    stage.job(2, TaskEvent::AskedOf(name("mail-prod"), stage::password_prompt()));
    stage.shows("Rotate").shows("Password of alice").shows("PROD").shows("Esc skip this profile");
    stage.shows("Esc skip profile").hides("Esc cancel");
    // The rows stay in sight, and go on.
    stage.shows("0 of 2 ended").shows("getting new tokens").shows("waiting for you");
    stage.job(2, TaskEvent::Rotation(Event::Step { profile: name("lms-prod"), stage: Step::Ending }));
    stage.shows("ending the old tokens").shows("Password of alice");
    stage.types("hunter2").keys("Enter");
    assert_eq!(stage.effects(), ["answer 2 hunter2"]);
    stage.job(2, TaskEvent::AskedOf(name("mail-prod"), stage::password_prompt())).keys("Esc");
    assert_eq!(stage.effects(), ["Skip(TaskId(2), ProfileName(\"mail-prod\"))"]);
    let end = stage.now + TimeDelta::minutes(41);
    stage
        .tick("+3s")
        .job(2, judged("lms-prod", TokenKind::Refresh, Verdict::Dead))
        .job(2, judged("lms-prod", TokenKind::Access, Verdict::AliveUntil(end)))
        .job(2, settled("lms-prod", Outcome::Rotated, None));
    stage.shows("refresh ⊘  access !").shows("access accepted until 23:16:00").shows("1 of 2 ended").shows("1 rotated");
    stage.job(2, settled("mail-prod", Outcome::Failed, Some("no answer was given")));
    stage.shows("no answer was given").shows("2 of 2 ended").keys("q").hides("»");
}

#[test]
fn it_goes_on_while_it_is_hidden_and_stops_when_asked() {
    let mut stage = running((120, 40));
    stage.effects();
    stage.keys("q").hides("0 of 2 ended").shows("rotating 0 of 2").shows("Profiles");
    // The group says how many, each profile and its access token that it is one of them.
    stage.shows("2  » 2").shows("» rotating").shows("» PROD lms-prod  access  rotating");
    // Nothing else is done with its profiles.
    stage.keys("=lms-prod r").effects();
    stage.keys("X").shows("0 of 2 ended");
    assert!(stage.effects().is_empty(), "no second plan");
    stage.keys("Esc").shows("stopping");
    assert_eq!(stage.effects(), ["cancel 2"]);
    stage.keys("Esc");
    assert_eq!(stage.effects(), ["cancel 2"]);
    stage.keys("Esc").hides("0 of 2 ended").shows("rotating 0 of 2");
    assert!(stage.effects().is_empty(), "a third only closes the page");
    stage.fails(2, AuthError::Cancelled).hides("rotating");
}

#[test]
fn the_receipt_is_copied_written_and_read_again() {
    let mut stage = ended((120, 40));
    stage.shows("1 rotated").shows("1 failed").shows("               mail-prod  log in by hand");
    assert_eq!(stage.screen().matches("Left for you").count(), 1);
    stage.shows("the server refused the password").shows("access may be accepted until").hides("rotating");
    stage.effects();
    stage.keys("y W");
    let effects = stage.effects();
    assert!(effects[0].starts_with("copy receipt: # Token rotation 20261121-213501-5f2c"), "{effects:?}");
    assert!(effects[1].contains("WriteReceipt") && effects[1].contains("tokscope-rotation-20261121-213501-5f2c.md"));
    stage.send(Message::ReceiptWritten(Ok("/tmp/x.md".to_owned()))).shows("Receipt written: /tmp/x.md");
    stage.keys("Enter").shows("Receipt 20261121-213501-5f2c").keys("Esc q").hides("Left for you");
    stage.keys(":").types("rotation receipts").keys("Enter").shows("20261121-213501-5f2c").keys("Enter");
    assert_eq!(stage.effects(), ["ReadReceipt(RunId(\"20261121-213501-5f2c\"))"]);
    let receipt = receipt(stage.now);
    stage.send(Message::ReceiptRead(run(), Ok(Some(receipt)))).shows("Left for you:  lms-prod   wait until");
}

/// What a rotation of ours has changed is shown, many profiles at once, and is not taken for another program's doing.
#[test]
fn what_it_changed_is_shown_together() {
    let mut stage = running((120, 40));
    let kept =
        |stage: &Stage, seconds| Kept { token_set: Some(stage::token_set(stage.now, seconds)), ..Kept::default() };
    stage.tick("+2s");
    let all = [("lms-prod", 3_000), ("mail-prod", 3_600)];
    let all = all.map(|(profile, seconds)| (name(profile), None, Box::new(kept(&stage, seconds))));
    stage.send(Message::RecordsChanged(all.into())).keys("q 2");
    stage.job(2, settled("lms-prod", Outcome::Rotated, None)).job(2, settled("mail-prod", Outcome::Rotated, None));
    stage.shows("50m 00s").shows("1h").keys("N").hides("Another tokscope");
}

/// What has happened is told together, in the order in which it did.
#[test]
fn news_that_come_together_are_told_in_their_order() {
    let mut stage = running((120, 40));
    let step = |stage| TaskEvent::Rotation(Event::Step { profile: name("lms-prod"), stage });
    let asks = TaskEvent::AskedOf(name("mail-prod"), stage::password_prompt());
    stage.job(2, TaskEvent::Several(vec![step(Step::Checking), step(Step::Ending), asks]));
    stage.shows("Password").keys("Esc Esc").shows("ending the old tokens");
    let ends = [settled("lms-prod", Outcome::Rotated, None), settled("mail-prod", Outcome::Failed, Some("given up"))];
    stage.job(2, TaskEvent::Several(ends.into())).shows("1 rotated · 1 failed");
}

/// A filter finds what has changed while a rotation goes on.
#[test]
fn a_filter_finds_what_a_rotation_has_changed() {
    let mut stage = running((120, 40));
    stage.tick("+2s");
    let mut set = stage::token_set(stage.now, 3_600);
    set.tokens[0].raw = stage::jwt(&stage::claims("carol", stage.now, 3_600)).into();
    let kept = Kept { token_set: Some(set), ..Kept::default() };
    stage.send(Message::RecordsChanged(vec![(name("mail-prod"), None, Box::new(kept))]));
    stage.keys("q 1 g 2 /").types("sub:carol").keys("Enter").shows("1 of ").shows("mail-prod").shows("carol");
}

/// What a profile has sent last is read from its row, and follows it; `Esc` leads back to the rows.
#[test]
fn the_exchange_of_a_row_is_read_while_it_runs() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = running(size);
        stage.hides("w exchange").keys("w").hides("POST");
        let sent = |stage: &mut Stage, status| {
            let exchange = Box::new(stage::exchange(stage.now, status, 0));
            stage.job(2, TaskEvent::ExchangedOf(name("lms-prod"), exchange));
        };
        sent(&mut stage, 401);
        stage.shows("w exchange").keys("w").shows("Exchange of  PROD lms-prod").shows("POST https://lms.example.org");
        stage.shows("401 after 120 ms").tick("+1s");
        sent(&mut stage, 503);
        stage.shows("503 after 120 ms").hides("401 after");
        // The search finds its words, as on every page.
        stage.keys("/").types("grant_type").keys("Enter").shows("1 of 1");
        stage.keys("Esc Esc").shows("0 of 2 ended").hides("Exchange of");
        stage.keys("Down").hides("w exchange").shows("──  2 running").hides("━─");
        stage.job(2, settled("lms-prod", Outcome::Rotated, None)).shows("━─").shows("─  1 rotated · 1 running");
        stage.job(2, settled("mail-prod", Outcome::Failed, None)).shows("━  1 rotated · 1 failed");
        // It is still there when the receipt is.
        let receipt = Box::new(receipt(stage.now));
        stage.job(2, TaskEvent::Ended(Ok(TaskOutcome::Rotated(receipt)))).keys("Up w").shows("503 after 120 ms");
    }
    // What has ended needs no bar.
    ended((120, 40)).shows("1 rotated").hides("━  1 rotated");
}

/// An answer tells of an account: a lock takes it away, and brings no new one.
#[test]
fn exchanges_go_with_a_lock() {
    let mut stage = crate::lock::session(Home::Keyring, None, 3_600, 1);
    stage.keys("=p00 X").take_effects();
    let rows = vec![row("p00", "", Some(Way::Login), stage.now)];
    stage.job(2, plan(rows, false)).keys("Enter y");
    assert!(stage.effects().iter().any(|effect| effect.starts_with("start 3 Rotate")));
    let now = stage.now;
    let sent = || TaskEvent::ExchangedOf(name("p00"), Box::new(stage::exchange(now, 200, 0)));
    stage.job(3, TaskEvent::Rotation(Event::Started { profile: name("p00") })).job(3, sent());
    stage.keys("w").shows("200 after 120 ms");
    assert!(format!("{:?}", stage.model).contains("grant_type"));
    stage.send(Message::LockAsked).shows("vault: locked").job(3, sent());
    assert!(!format!("{:?}", stage.model).contains("grant_type"));
}

/// A code to be entered elsewhere is shown over the rows; hidden, it comes back with Enter; `s` skips its profile.
#[test]
fn what_is_done_in_a_browser_is_asked_over_the_rows() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = running(size);
        stage.effects();
        let open = Progress::OpenPage { url: "https://login.example.org/authorize".to_owned() };
        stage.job(2, TaskEvent::SteppedOf(name("mail-prod"), open));
        stage.shows("Log in on this page").shows("PROD mail-prod").shows("getting new tokens").effects();
        stage.shows("s skip this profile").keys("Enter").hides("Log in on this page").shows("waiting for you");
        stage.keys("Enter").shows("Log in on this page").keys("Enter s");
        assert_eq!(stage.effects(), ["Skip(TaskId(2), ProfileName(\"mail-prod\"))"]);
        stage.hides("s skip").shows("getting new tokens");
    }
}

/// The old tokens that were not dead at the end are tried again, from the receipt and by the command's name.
#[test]
fn survivors_are_checked_again() {
    let mut stage = ended((120, 40));
    stage.effects();
    stage.shows("p check again").keys("p").shows("Checking old tokens again").shows("access may be accepted until");
    assert_eq!(stage.effects(), ["start 3 RecheckRotation(RunId(\"20261121-213501-5f2c\"))"]);
    stage.job(3, judged("lms-prod", TokenKind::Access, Verdict::Dead));
    let mut receipt = receipt(stage.now);
    receipt.profiles[0].old.truncate(1);
    let receipt = Receipt::new(run().to_string(), stage.now, stage.now, Options::default(), receipt.profiles);
    stage.job(3, TaskEvent::Ended(Ok(TaskOutcome::Rotated(Box::new(receipt))))).shows("old tokens dead");
    stage.shows("Old tokens checked again: 2 profiles").hides("check again").keys("q").effects();
    // Nothing is left to check, and the list of commands says so.
    stage.keys(":").types("recheck").shows("no old token is left to check").keys("Esc");
    let totals = self::receipt(stage.now).totals;
    stage.send(Message::RunsFound(vec![RunSummary { id: run(), profiles: 2, left: 0, totals, is_running: false }]));
    stage.keys(":").types("recheck").keys("Enter").shows("Checking old tokens again");
    assert_eq!(stage.effects(), ["start 4 RecheckRotation(RunId(\"20261121-213501-5f2c\"))"]);
}

/// It is found in the list of runs, too, and resumed or given up there.
#[test]
fn one_that_was_cut_off_is_resumed_or_given_up_where_it_is_shown() {
    let mut stage = fleet((120, 40));
    stage.send(Message::RunsFound(vec![cut_off()])).effects();
    stage.keys(":").types("rotation receipts").keys("Enter").shows("4 profiles · cut off, 2 not finished");
    stage.keys("Enter").shows("2 of 4 ended · cut off").shows("X resumes it, A gives it up");
    stage.keys("A").shows("Abandon rotation 20261121-213501-5f2c: 2 of 4 profiles are not finished?");
    stage.shows("It cannot be resumed").keys("n").shows("2 of 4 ended").keys("A y").shows("Abandoning the rotation");
    assert_eq!(stage.effects(), ["start 1 AbandonRotation(RunId(\"20261121-213501-5f2c\"))"]);
    let receipt = receipt(stage.now);
    stage.job(1, TaskEvent::Ended(Ok(TaskOutcome::Rotated(Box::new(receipt))))).shows("Rotated  PROD");
    stage.keys("q").send(Message::RunsFound(vec![cut_off()])).effects();
    stage.keys(":").types("abandon rotation").keys("Enter").shows("It cannot be resumed").keys("n");
    stage.keys(":").types("rotation receipts").keys("Enter Enter X").shows("Rotating");
    assert_eq!(stage.effects(), ["start 2 ResumeRotation(RunId(\"20261121-213501-5f2c\"))"]);
}

fn cut_off() -> RunSummary {
    RunSummary { id: run(), profiles: 4, left: 2, totals: Totals::default(), is_running: false }
}

/// All columns have room, whatever the longest reason is, and short names do not stand in front of an empty middle.
#[test]
fn every_column_of_a_plan_has_its_room() {
    for size in [(120, 40), (200, 60)] {
        let mut stage = fleet(size);
        stage.keys("1 Home Down Down X");
        let now = stage.now;
        let mut without = row("mail-prod", "prod", None, now);
        without.obstacle = Some("tokscope has no way to a new session: get one at its source".to_owned());
        stage.job(1, plan(vec![row("lms-prod", "prod", Some(Way::Login), now), without], false));
        for words in ["new tokens by", "old tokens after that", "old tokens ended by", "no way", "until 23:16:00"] {
            stage.shows(words);
        }
        stage.shows("revocation").hides("has no way").keys("Down").shows("has no way to a new session");
    }
}

/// A click at what is on screen meets what it was made for.
#[test]
fn a_plan_stands_still_when_a_token_ends() {
    for width in 80..=120 {
        let mut stage = planned((width, 40));
        let place = stage.place("to rotate");
        stage.shows("outlasts it").tick("+42m").hides("outlasts it until");
        assert_eq!(stage.place("to rotate"), place, "{width}");
    }
}

#[test]
fn one_that_was_cut_off_is_offered_at_the_next_start() {
    let mut stage = fleet((120, 40));
    stage.keys(":").types("resume the rotation").shows("none was cut off").keys("Esc");
    let cut = RunSummary { id: run(), profiles: 4, left: 2, totals: Totals::default(), is_running: false };
    let other = RunSummary {
        id: RunId::parse("20261121-213501-0000").unwrap(),
        profiles: 1,
        left: 1,
        totals: Totals::default(),
        is_running: true,
    };
    stage.send(Message::RunsFound(vec![other, cut]));
    stage.shows("Rotation 20261121-213501-5f2c was cut off: 2 of 4 profiles are left");
    stage.effects();
    stage.keys(":").types("resume rotation").keys("Enter").shows("Rotating");
    assert_eq!(stage.effects(), ["start 1 ResumeRotation(RunId(\"20261121-213501-5f2c\"))"]);
    stage.job(1, TaskEvent::Rotation(Event::Planned { run: run(), profiles: 4, resumable: true }));
    stage.job(1, settled("lms-prod", Outcome::Rotated, None)).shows("1 of 4 ended").shows("lms-prod");
}

#[test]
fn the_question_of_a_revocation_offers_to_rotate_instead() {
    let mut stage = fleet((120, 40));
    stage
        .keys("=lms-stage x")
        .shows("X rotates instead: new tokens first")
        .keys("X")
        .shows("nothing has been sent yet");
    assert_eq!(stage.effects(), ["start 1 PlanRotation { profiles: [ProfileName(\"lms-stage\")], panic: false }"]);
}

/// At every size what it is about stays named, and nothing is written over its frame.
#[test]
fn it_is_drawn_at_every_size() {
    for size in [(40, 12), (60, 16), (80, 24), (100, 30), (120, 40), (200, 60), (24, 8), (10, 3)] {
        for mut stage in [planned(size), running(size), ended(size)] {
            let screen = stage.screen();
            assert!(size.0 < 40 || screen.contains("PROD"), "{size:?}\n{screen}");
            stage.keys("Down Down PageUp");
            stage.screen();
        }
    }
}
