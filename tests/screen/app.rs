//! Scenarios on the pure core: keys, news of jobs and the time in; effects and screen text out.

use crate::support::stage;
use snapbox::assert_data_eq;
use stage::{Stage, claims, jwt, password_prompt, refusal, start, token_set};
use tokscope::{
    auth::{Acceptance, AuthError, Fate, ProbeVerdict, Progress, TokenKind},
    clock, profile,
    store::vault::{Evidence, Observation},
    tui::app::{
        Effect, Message, Start, keymap,
        message::{CopyOutcome, Facts, Kept, TaskEvent, TaskOutcome, What},
    },
};

const OPAQUE: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn now() -> clock::Timestamp {
    clock::parse(stage::NOW).expect("a time")
}

/// A stage with a session of `edx-demo` whose access token lives so many seconds: all are shown, and the cursor is on it.
fn session(seconds: i64) -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, seconds).keys("1 g 2").effects();
    stage
}

/// The screen without the line of the notices.
fn panes(stage: &Stage) -> Vec<String> {
    let mut lines = stage.lines();
    lines.retain(|line| !line.contains("N log"));
    lines
}

#[test]
fn the_first_frame_shows_the_claims() {
    let mut stage = Stage::with_tokens((120, 40), &[("stdin", &jwt(&claims("alice", now(), 252)))]);
    stage.shows("sub").shows("\"alice\"").shows("active: 4m 12s left").shows("decoded, not verified · HS256");
    stage.shows("2026-11-21 22:39:12 +01:00 · 21:39:12Z · in 4m 12s").under_cursor("stdin");
}

#[test]
fn the_countdown_runs_and_ends_on_the_second() {
    let mut stage = session(90);
    stage
        .shows("1m 30s left")
        .tick("+60s")
        .shows("expires in 30s, at 22:36:30 local")
        .tick("+29s")
        .shows("expires in 1s");
    stage.tick("+1s").shows("↻ renewable: access ended less than 1m ago").hides("active: ");
    stage.tick("+5m").shows("access ended 5m ago");
}

#[test]
fn a_clock_that_jumps_is_just_data() {
    let mut stage = session(90);
    stage.tick("+2h").shows("access ended 1h ago").tick("-2h").shows("1m 30s left").tick("-1h").shows("1h 01m left");
}

#[test]
fn wake_ups_come_with_what_runs() {
    let mut stage = Stage::new();
    assert_eq!(stage.wakes_in(), None, "nothing is there");
    stage.paste(OPAQUE);
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::seconds(5)), "the notice goes");
    stage.keys("Esc");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::minutes(10)), "an opaque token has no clock, undo has one");
    stage.paste(&jwt(&claims("bob", now() - chrono::TimeDelta::days(3), 60)));
    stage.keys("Esc");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::minutes(10)), "what is long over does not change");
    stage.paste(&jwt(&claims("alice", now(), 90)));
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::seconds(1)));
    stage.keys("=edx-demo l");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::milliseconds(200)), "a task is told of");
    stage.tick("+200ms");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::milliseconds(800)), "a task counts its seconds");
    stage.job(1, TaskEvent::Asked(password_prompt()));
    assert_eq!(
        stage.wakes_in(),
        Some(chrono::TimeDelta::milliseconds(800)),
        "who waits for an answer does not count, the token does"
    );
    stage.keys("Esc").fails(1, AuthError::Cancelled).keys("1 g").tick("+800ms").tick("+119s");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::seconds(30)), "the minutes since the end change");
}

/// Counted as the runtime counts: from wake-up to wake-up.
#[test]
fn an_idle_minute_has_sixty_frames_with_a_countdown_and_none_without() {
    let frames = |token: &str| {
        let mut stage = Stage::new();
        stage.paste(token).keys("Esc").effects();
        let (end, mut frames) = (stage.now + chrono::TimeDelta::minutes(1), 0);
        while let Some(wait) = stage.wakes_in().filter(|wait| stage.now + *wait <= end) {
            assert!(wait > chrono::TimeDelta::zero());
            stage.now += wait;
            stage.send(Message::Ticked(stage.now));
            frames += 1;
        }
        frames
    };
    assert_eq!(frames(&jwt(&claims("alice", now(), 3_600))), 60);
    assert_eq!(frames(OPAQUE), 0);
}

#[test]
fn a_countdown_that_is_not_on_screen_wakes_nobody() {
    let mut stage = Stage::at((40, 12));
    stage.paste(&jwt(&claims("alice", now(), 3_600)));
    (0..60).for_each(|_| _ = stage.paste(OPAQUE));
    stage.keys("Esc");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::minutes(10)), "only undo has a clock");
    stage.keys("2 G");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::seconds(1)));
}

#[test]
fn a_login_asks_masks_and_arrives() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo"]);
    stage.tick("+3s").shows("logging in 3s").job(1, TaskEvent::Asked(password_prompt()));
    stage.shows("Log in  stg edx-demo").types("q?n l").shows("•••••").hides("q?n l").keys("Enter");
    assert_eq!(stage.effects(), ["answer 1 q?n l"]);
    stage
        .hides("Log in  stg edx-demo")
        .arrives(1, 90)
        .shows("alice")
        .shows("Logged in. Access for 1m 30s.")
        .under_cursor("edx-demo");
}

#[test]
fn several_questions_come_one_after_another() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").job(1, TaskEvent::Asked(password_prompt())).types("one").keys("Enter");
    stage
        .job(1, TaskEvent::Asked(password_prompt()))
        .shows("Log in  stg edx-demo")
        .hides("•")
        .types("two")
        .keys("Enter");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo", "answer 1 one", "answer 1 two"]);
}

#[test]
fn questions_of_two_jobs_wait_for_each_other() {
    let mut stage = Stage::new();
    stage
        .keys("=edx-demo l =edx-prod l")
        .job(2, TaskEvent::Asked(password_prompt()))
        .job(1, TaskEvent::Asked(password_prompt()));
    stage
        .shows("Log in  PROD edx-prod")
        .types("prod")
        .keys("Enter")
        .shows("Log in  stg edx-demo")
        .types("demo")
        .keys("Enter");
    assert_eq!(stage.effects()[2..], ["answer 2 prod", "answer 1 demo"]);
}

#[test]
fn esc_in_a_question_cancels_the_login() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").job(1, TaskEvent::Asked(password_prompt())).types("x").keys("Esc");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo", "cancel 1"]);
    stage.hides("Password").tick("+1s").shows("cancelling").fails(1, AuthError::Cancelled);
    stage.shows("edx-demo: Login cancelled.").shows("no token");
}

#[test]
fn a_question_closes_when_its_job_is_over() {
    let mut stage = Stage::new();
    stage
        .keys("=edx-demo l")
        .job(1, TaskEvent::Asked(password_prompt()))
        .fails(1, refusal())
        .hides("Log in  stg edx-demo");
}

#[test]
fn jobs_are_single_flight_for_a_profile() {
    let mut stage = session(90);
    stage.keys("r r l =edx-demo l 2 r");
    assert_eq!(stage.effects(), ["start 2 Refresh edx-demo"]);
    stage.keys("=edx-prod l");
    assert_eq!(stage.effects(), ["start 3 Login edx-prod"], "another profile does not wait");
}

#[test]
fn a_job_that_was_given_up_asks_nothing_and_what_it_has_sent_is_announced() {
    let mut stage = session(90);
    stage.keys("r").tick("+1s").shows("refreshing 1s").keys("Esc").shows("cancelling");
    assert_eq!(stage.effects(), ["start 2 Refresh edx-demo", "cancel 2"]);
    let before = panes(&stage);
    stage.job(2, TaskEvent::Asked(password_prompt())).job(2, TaskEvent::Stepped(Progress::Contacting("it".to_owned())));
    stage.keys("Esc").arrives(77, 1);
    assert_eq!(panes(&stage), before);
    assert!(stage.effects().is_empty(), "it is given up already");
    stage
        .job(2, TaskEvent::Stepped(Progress::Finishing))
        .shows("finishing, its response will be saved, 1s")
        .shows("The refresh was already sent");
    stage.keys("r l").hides("refreshing");
    assert!(stage.effects().is_empty(), "one at a time");
    stage.arrives(2, 9_999).shows("Refreshed. Access for").hides("finishing");
    let before = stage.screen();
    stage.arrives(2, 77).fails(2, refusal());
    assert_eq!(stage.screen(), before, "it is over");
}

#[test]
fn the_exit_says_what_it_waits_for_and_one_key_is_left() {
    let mut stage = session(90);
    stage.keys("r q").effects();
    stage.send(Message::Awaited(vec!["the refresh of edx-demo (token endpoint of lms), at most 20 s".to_owned()]));
    stage.shows("^C abandon  waiting for the refresh of edx-demo (token endpoint of lms), at most 20 s");
    stage.keys("q r Esc ?");
    assert!(stage.effects().is_empty());
    stage.keys("^C");
    assert!(matches!(stage.take_effects()[..], [Effect::Abandon]));
}

#[test]
fn a_refresh_keeps_the_cursor_on_the_same_token() {
    let mut stage = session(90);
    stage.paste(OPAQUE).keys("1 g 2").under_cursor("access").keys("3 Down Down").under_cursor("grant_type");
    stage.keys("r").tick("+10s").paste(&jwt(&claims("carol", now(), 5))).keys("1 g 2").under_cursor("access");
    stage.arrives(2, 90).under_cursor("access").shows("active: 1m 30s left").shows("Δ exp").shows("10s later");
    stage.keys("Down").under_cursor("refresh");
}

#[test]
fn a_refresh_without_a_successor_drops_the_row() {
    let mut stage = session(90);
    let mut set = token_set(stage.now, 60);
    set.tokens.retain(|token| token.kind == TokenKind::Access);
    set.remarks.push("the server sent no refresh token".to_owned());
    stage.keys("r").job(2, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set))));
    stage.under_cursor("access").shows("All  1 ·").shows("the server sent no refresh token");
}

#[test]
fn a_failure_leaves_the_tokens_and_says_what_to_do() {
    let mut stage = session(90);
    stage.keys("r").fails(2, refusal());
    stage.under_cursor("✗").under_cursor("failed").shows("✗ refresh failed: the server refused: invalid_grant");
    stage.shows("invalid_grant: Invalid credentials given. (HTTP 401)");
    stage.under_cursor("alice").shows("· in 1m 30s").keys("N").shows("do     check the user name and password");
    stage.shows("means  The session has ended at the server").keys("Esc");
    stage
        .keys("=edx-demo Enter")
        .shows("Profile  stg edx-demo")
        .shows("check the user name and password")
        .hides("marker-secret");
    // The row keeps it until something succeeds, and the line too.
    stage.keys("Esc r").tick("+3s").shows("refreshing 3s").fails(3, refusal());
    stage
        .shows("✗ refresh failed")
        .shows("×2")
        .keys("r")
        .shows("(HTTP 401). ×2")
        .arrives(4, 90)
        .hides("✗")
        .hides("(HTTP 401)");
}

#[test]
fn news_never_covers_a_problem_that_was_not_read() {
    let mut stage = session(90);
    stage.keys("r").fails(2, refusal()).keys("c").send(copied("access token")).keys("a").send(copied("header"));
    // What is fresh has the line for three seconds, then the problem is back.
    stage.shows("✓ Header copied.").shows("1 error · N log").tick("+2s").shows("✓ Header copied.");
    stage.tick("+1s").hides("copied").shows("(HTTP 401)").tick("+1h").shows("(HTTP 401)");
    stage.keys("N").shows("Log  4 lines · 1 error").shows("invalid_grant").shows("Access token copied.").keys("Esc");
    stage.hides("(HTTP 401)").hides("copied").hides("1 error");
}

fn copied(what: &str) -> Message {
    Message::Copied(what.to_owned(), CopyOutcome::Clipboard)
}

#[test]
fn copying_says_what_and_how_it_went() {
    let mut stage = session(90);
    let raw = jwt(&claims("alice", now(), 90));
    stage.keys("c a Down a");
    let effects = stage.effects();
    assert_eq!(effects[0], format!("copy access token of edx-demo: {raw}"));
    assert_eq!(
        effects[1],
        format!("copy Authorization header with the access token of edx-demo: Authorization: JWT {raw}")
    );
    assert!(effects[2].contains("Authorization: Bearer refresh"), "{effects:?}");
    stage.keys("Up Y 3 y Down y G y");
    let exp = now().timestamp() + 90;
    let told = stage.effects();
    assert_eq!(told[0], format!("copy claims of the access token of edx-demo: {}", claims("alice", now(), 90)));
    assert_eq!(
        told[1..],
        ["copy aud: openedx".to_owned(), format!("copy exp: {exp}"), "copy superuser: false".to_owned()]
    );
    stage
        .send(Message::Copied("x".into(), CopyOutcome::Osc52 { doubt: None }))
        .shows("x sent to the terminal's clipboard.")
        .shows("allow OSC 52")
        .send(Message::Copied("x".into(), CopyOutcome::Osc52 { doubt: None }))
        .shows("x copied (OSC 52).");
    stage.send(Message::Copied("x".into(), CopyOutcome::Osc52 { doubt: Some("tmux is in the way".into()) }));
    stage.shows("tmux is in the way");
    stage.send(Message::Copied("y".into(), CopyOutcome::Failed("no display".into()))).shows("y not copied.");
}

#[test]
fn paste_works_from_anywhere() {
    for keys in ["1", "2", "3", "?", "N", "v", "=edx-demo Enter", "1 n", "1 i"] {
        let mut stage = session(90);
        stage.keys(keys).paste(&format!("Bearer {}\n", jwt(&claims("zoe", now(), 60))));
        stage.under_cursor("zoe").shows("Read a JWT: expires in 1m 00s.").shows("u takes it back").hides(" Help ─");
    }
}

#[test]
fn a_paste_into_a_question_is_its_answer() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").job(1, TaskEvent::Asked(password_prompt())).paste("hunter2\n").keys("Enter");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo", "answer 1 hunter2"]);
    stage.hides("pasted");
}

#[test]
fn several_lines_with_a_token_each_are_several_tokens() {
    let mut stage = Stage::new();
    let lines = ["ann", "ben"].map(|name| jwt(&claims(name, now(), 60))).join("\n");
    stage
        .paste(&lines)
        .shows("2 tokens read: the next expires in 1m 00s.")
        .shows("Tokens  Pasted  2 ")
        .under_cursor("ann");
    let wrapped = jwt(&claims("cid", now(), 60));
    let (head, tail) = wrapped.split_at(40);
    stage.paste(&format!("{head}\n{tail}")).shows("Pasted  3").under_cursor("cid");
}

#[test]
fn each_token_of_a_paste_gets_a_row() {
    let mut stage = Stage::new();
    let token = jwt(&claims("ann", now(), 60));
    stage.paste(&format!("curl -H 'Authorization: Bearer {token}' -d 'refresh_token={OPAQUE}-{OPAQUE}' https://x.org"));
    stage.shows("2 tokens read: the next expires in 1m 00s, 1 gives no expiry.");
    stage.shows("Tokens  Pasted  2 ").under_cursor("ann").under_cursor("access");
    stage.shows("pasted: Authorization header").keys("2 Down").under_cursor("refresh");
}

#[test]
fn what_is_to_be_said_against_a_token_stands_above_its_claims() {
    let mut stage = Stage::new();
    // {"alg":"HS256","kid":"../../dev/null"}
    let (_, rest) = jwt(&claims("ann", now(), 60)).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    stage.paste(&format!("eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2Rldi9udWxsIn0.{rest}"));
    stage.shows("▲ kid contains path");
    stage.keys("3 Enter").shows("kid-injection").shows("header/kid").shows("§3.10").keys("Esc");
    stage.paste(&jwt(&claims("ben", now(), 60))).under_cursor("ben").hides("kid contains path");
}

#[test]
fn a_blank_or_odd_paste_is_said_to_be_one() {
    let mut stage = Stage::new();
    stage.paste(" \n\t").shows("The paste was empty.").shows("no tokens yet");
    stage.paste("hello").shows("does not look like a token").shows("Tokens  Pasted  1 ");
}

#[test]
fn a_token_can_be_typed() {
    let mut stage = Stage::new();
    stage
        .keys("v")
        .types(OPAQUE)
        .hides(OPAQUE)
        .keys("Enter")
        .shows("Read an opaque token: no expiry given.")
        .shows("unknown");
    stage.keys("v").types("abc").keys("Esc").shows("Tokens  Pasted  1 ");
}

#[test]
fn an_opaque_token_is_neither_valid_nor_expired() {
    let mut stage = Stage::new();
    stage.paste(OPAQUE).shows("□ expiry unknown · no expiry given").shows("opaque, nothing to decode · 44 bytes");
    stage.tick("+900d").shows("expiry unknown").hides("expired").hides("valid by");
}

#[test]
fn what_the_server_said_counts_where_the_token_is_silent() {
    let mut stage = Stage::new();
    let mut set = token_set(stage.now, 90);
    set.tokens.truncate(1);
    set.tokens[0].raw = OPAQUE.into();
    stage.keys("=edx-demo l").job(1, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set))));
    stage.shows("expiry given only by the server").tick("+90s").shows("× expired");
}

#[test]
fn a_token_to_come_counts_to_its_start() {
    let start = now().timestamp() + 60;
    let mut stage = Stage::new();
    stage
        .paste(&jwt(&format!(r#"{{"sub":"x","nbf":{start},"exp":{}}}"#, start + 60)))
        .shows("◌ not yet valid · starts in 1m 00s");
    stage.tick("+60s").shows("▲ expires in 1m 00s");
}

#[test]
fn deleting_and_bringing_back() {
    let mut stage = session(90);
    stage.paste(OPAQUE).keys("d").shows("Deleted the pasted token").shows("Tokens  edx-demo  2 ");
    stage.keys("u 1 g 2 Home").shows("Tokens  All  3 ").under_cursor("access");
    assert!(stage.effects().is_empty());
    stage.keys("d").shows("Tokens  All  1 ").shows("Forgot its tokens here. They still work at the server.");
    assert_eq!(stage.effects(), ["forget edx-demo"]);
    stage.shows("edx-demo      ○ no tokens").keys("u");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::PutBack(_), .. }] = effects[..] else { panic!("{effects:?}") };
    let kept = Kept { token_set: Some(token_set(now(), 90)), ..Kept::default() };
    let profiles = start((120, 40)).profiles.unwrap();
    let back = TaskOutcome::PutBack(Ok((profiles, Box::new(kept))));
    stage.job(id.0, TaskEvent::Ended(Ok(back))).shows("edx-demo: Restored.").shows("Tokens  All  3 ").shows("alice");
    // The paste before it is next, and then nothing is left.
    stage.keys("u").shows("Took back the pasted token.").shows("Tokens  All  2 ").keys("u").shows("Nothing was done");
}

#[test]
fn the_secret_part_is_masked_until_it_is_asked_for() {
    let raw = jwt(&claims("alice", now(), 60));
    let signature = raw.rsplit('.').next().expect("a signature").to_owned();
    let mut stage = Stage::at((200, 50));
    stage.paste(&raw).keys("3 Left").hides(&signature).shows(&"•".repeat(20)).keys("s");
    let shown = stage.screen().replace(['\n', '│', ' '], "");
    assert!(shown.contains(&signature[..10]), "{shown}");
    stage.keys("s").shows("•••").paste(OPAQUE).keys("3").hides(&OPAQUE[..8]).keys("s").shows(OPAQUE);
    stage.paste(OPAQUE).shows("•••").hides(OPAQUE);
}

#[test]
fn revoking_asks_and_tells_each_fate() {
    let mut stage = session(90);
    stage.keys("x").shows("Revoke the tokens of edx-demo at the server?").keys("Esc");
    assert!(stage.effects().is_empty());
    stage.keys("x y");
    assert_eq!(stage.effects(), ["start 2 Revoke edx-demo"]);
    let tokens = vec![
        (TokenKind::Refresh, Fate::Asked(200)),
        (TokenKind::Access, Fate::Alive("a JWT cannot be revoked".to_owned())),
    ];
    stage.job(2, stage::revoked(&tokens));
    stage.shows("the access token is still active: a JWT cannot be revoked");
    // What the server said proves nothing; what is noted of it comes with the record.
    let mut known = Evidence::default();
    let asked = Observation { at: stage.now, status: Some(200), words: String::new() };
    known.revocation = Some(asked.clone());
    let print = stage::token_set(stage.now, 90).tokens[0].fingerprint();
    let mut read = |known: &Evidence| {
        let facts = Facts { evidence: [(print, known.clone())].into(), ..Facts::default() };
        let kept = Box::new(Kept { facts, ..Kept::default() });
        stage.send(Message::RecordRead(profile::ProfileName::new("edx-demo").expect("a name"), kept)).screen()
    };
    let shown = read(&known);
    assert!(shown.contains("! stg  edx-demo access") && shown.contains("not known to be dead"), "{shown}");
    known.refused = Some(Observation { status: Some(401), ..asked });
    assert!(read(&known).contains("⊘"));
}

#[test]
fn probing_tells_what_the_server_said() {
    let mut stage = session(90);
    stage.keys("p");
    assert_eq!(stage.effects(), ["start 2 Probe edx-demo"]);
    let verdict = ProbeVerdict {
        acceptance: Acceptance::Accepted,
        status: 200,
        account: Some("ali\u{202e}ce".to_owned()),
        detail: String::new(),
    };
    stage.job(2, TaskEvent::Ended(Ok(TaskOutcome::Probed(verdict))));
    stage.shows("edx-demo: Accepted: the server says you are ali\\u{202e}ce.");
}

#[test]
fn steps_are_told() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").job(1, TaskEvent::Stepped(Progress::Contacting("lms.example.org".into())));
    stage.job(1, TaskEvent::Stepped(Progress::Remark("the server asks for\u{7} patience".into())));
    stage.shows("the server asks for\\u{7} patience").keys("Enter").tick("+1s").shows("asking lms.example.org, 1s");
}

#[test]
fn a_cancelled_answer_is_no_failure() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").fails(1, AuthError::Cancelled).shows("Login cancelled.").hides("✗");
}

#[test]
fn foreign_text_is_made_visible_everywhere() {
    let nasty = "a\u{202e}b\u{1b}[31m\u{200b}\n";
    let escaped = nasty.replace('\u{1b}', "\\u001b").replace('\n', "\\n");
    for keys in ["2", "3", "3 Enter", "3 Right", "3 Left s", "3 G Enter"] {
        let token = jwt(&format!(r#"{{"sub":"{escaped}","{escaped}":["{escaped}"],"exp":"{escaped}"}}"#));
        let mut stage =
            Stage::with(Start { demo: Some(nasty.into()), profiles: Err(nasty.into()), ..start((120, 40)) });
        stage.paste(nasty).paste(&token).keys(keys);
        let screen = stage.buffer();
        let odd = screen
            .content()
            .iter()
            .find(|cell| cell.symbol().chars().any(|c| c.is_control() || "\u{202e}\u{200b}".contains(c)));
        assert!(odd.is_none(), "{odd:?}\n{}", stage.screen());
        stage.shows("\\u");
    }
}

#[test]
fn profiles_read_again_keep_what_is_known() {
    let mut stage = session(90);
    stage.keys("=edx-prod ^R");
    assert_eq!(stage.effects(), ["ReloadProfiles"]);
    let profiles = ["aaa", "edx-demo", "edx-prod"].map(|name| stage::profile(name, "x")).to_vec();
    stage.send(Message::ProfilesLoaded(Ok(profiles))).under_cursor("edx-prod").shows("● 1m 30s");
    stage.send(Message::ProfilesLoaded(Err("line 3 is no TOML".into()))).shows("line 3 is no TOML").shows("edx-prod");
}

#[test]
fn the_key_bar_shows_what_can_be_done() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo");
    let bar = |stage: &Stage| stage.lines().split_off(stage.lines().len() - 2).join("  ");
    assert!(bar(&stage).contains("l log in") && !bar(&stage).contains("refresh"), "{}", bar(&stage));
    stage.keys("l").arrives(1, 90).keys("2");
    assert!(bar(&stage).contains("r refresh"), "{}", bar(&stage));
    stage.keys("r").tick("+1s");
    assert!(!bar(&stage).contains("refresh") && bar(&stage).contains("Esc cancel"), "{}", bar(&stage));
    stage.arrives(2, 90).paste(OPAQUE);
    assert!(!bar(&stage).contains("refresh") && bar(&stage).contains("m compare"), "{}", bar(&stage));
    stage.keys("r").shows("A pasted token belongs to no profile: it can be read, verified, edited and copied.");
}

#[test]
fn leaving() {
    for (keys, effect) in [("q", "Quit"), ("^C", "Quit"), ("^Z", "Suspend"), ("^L", "Redraw"), ("v ^C", "Quit")] {
        let mut stage = Stage::new();
        stage.keys(keys);
        assert_eq!(stage.effects(), [effect], "{keys}");
        assert_eq!(stage.model.quitting(), effect == "Quit", "{keys}");
    }
    let mut stage = Stage::new();
    stage.keys("v").types("q");
    assert!(stage.effects().is_empty());
    stage.send(Message::Terminated);
    assert_eq!(stage.effects(), ["Quit"]);
}

/// Every key in every mode at every size, down to nothing: no panic, and the screen is drawn.
#[test]
fn no_size_is_too_small() {
    let long = jwt(&format!(r#"{{"sub":"{}","exp":{}}}"#, "日".repeat(300), now().timestamp() + 60));
    for (columns, rows) in [
        (0, 9),
        (250, 0),
        (1, 1),
        (2, 1),
        (1, 9),
        (3, 3),
        (7, 5),
        (20, 6),
        (40, 12),
        (59, 15),
        (61, 14),
        (100, 20),
        (250, 70),
    ] {
        for keys in [
            "1",
            "2",
            "3",
            "3 Left s G",
            "3 Enter G",
            "3 / s u",
            "3 Z z / x Enter Left n",
            "?",
            "? G",
            "N",
            "v",
            "=edx-demo Enter",
            "2 d",
            "=edx-demo l",
            "1 n",
            "1 i",
            "=edx-demo e",
            "1 n Enter",
        ] {
            let mut stage = session(90);
            stage.paste(&long).paste("日本\u{202e}語 opaque").keys("Down").resize(columns, rows).keys(keys);
            stage.screen();
            stage.types("日本").keys("Left").screen();
        }
    }
    Stage::new().resize(0, 0).keys("j").screen();
}

#[test]
fn a_huge_token_is_shown_in_parts() {
    let long = "x".repeat(1 << 20);
    let mut stage = Stage::new();
    stage.paste(&jwt(&format!(r#"{{"sub":"s","data":"{long}","end":true}}"#))).keys("3 G").under_cursor("end");
    stage.shows("\"xxx").keys("k Enter G").shows("xxx").keys("Esc Left G").shows("•");
}

#[test]
fn what_is_no_json_is_shown_as_bytes() {
    let mut stage = Stage::new();
    stage.paste(&jwt("hello \u{7}")).shows("68 65 6c 6c 6f 20 07").shows("hello ·");
    stage.paste(&jwt(r#"{"sub":"kept","x":nonsense}"#)).shows("\"kept\"").shows("▲").shows("nonsense}");
}

#[test]
fn a_token_without_a_signature_is_said_to_be_one() {
    let signed = jwt(r#"{"sub":"x"}"#);
    let (unsigned, _) = signed.rsplit_once('.').expect("two dots");
    let mut stage = Stage::new();
    stage.paste(&format!("{unsigned}.")).shows("▲ the signature is missing").hides("not verified");
}

#[test]
fn debug_gives_nothing_away() {
    let raw = jwt(&claims("alice", now(), 90));
    let mut stage = session(90);
    stage.paste(OPAQUE).keys("=edx-demo l").job(2, TaskEvent::Asked(password_prompt())).types("hunter2");
    let debug = format!("{:?}", stage.model);
    for secret in [&raw[60..], OPAQUE, "hunter2"] {
        assert!(!debug.contains(secret), "{secret}");
    }
}

/// The page of keys is the table of the program. `SNAPSHOTS=overwrite` writes it anew.
#[test]
fn the_page_of_keys_is_the_table_of_the_program() {
    let page = format!(
        "# Keys of tokscope\n\nMade from the program's own table; `tokscope keys` prints it.\n\n{}\n",
        keymap::markdown().trim()
    );
    assert_data_eq!(page, snapbox::file!["../../assets/keys.md"].raw());
}

#[test]
fn an_unknown_provider_is_named_and_harmless() {
    let mut odd = stage::profile("odd", "x");
    odd.provider = "keyc\u{202e}loak".to_owned();
    let mut stage = Stage::with(Start { profiles: Ok(vec![odd]), ..start((120, 40)) });
    stage.keys("=odd").shows("unknown provider keyc").keys("l r x p Enter").shows("Profile  x odd");
    assert!(stage.effects().is_empty());
    assert!(profile::ProfileName::new("odd").is_ok());
}
