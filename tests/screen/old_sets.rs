//! Old token sets among what a command acts on: exactly those that are meant, whatever comes and goes meanwhile.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage::{self, Stage, start, token_set};
use chrono::TimeDelta;
use tokscope::{
    auth::{Fate, TokenKind, TokenSet},
    profile::ProfileName,
    session::{Ended, EndedToken, Verdict},
    store::vault::{EventKind, Generation},
    tui::app::{
        Message, Start,
        message::{Facts, Kept, TaskEvent, TaskOutcome},
    },
};

const DEMO: &str = "edx-demo";

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

/// The record of a profile whose token set these have been before, all of one grant or of one each.
fn record(profile: &str, old: &[&TokenSet], by: EventKind) -> Message {
    let grant = |number: u64| if by == EventKind::Login { number } else { 1 };
    let of = |(number, set): (u64, &&TokenSet)| {
        let replaced = set.received_at + chrono::TimeDelta::minutes(1);
        Generation::of(set, None, (number, grant(number)), None, (replaced, by)).unwrap()
    };
    let old: Vec<_> = (1..).zip(old).map(of).collect();
    let number = old.len() as u64 + 1;
    let facts = Facts { number, grant: grant(number), ..Facts::default() };
    Message::RecordRead(name(profile), Box::new(Kept { old, facts, ..Kept::default() }))
}

fn access(set: &TokenSet) -> String {
    set.token(TokenKind::Access).unwrap().fingerprint().to_string()
}

/// Two profiles, the first with two sets that a login or refresh has replaced. Those, the older one first.
fn two_old(by: EventKind) -> (Stage, [TokenSet; 2]) {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900);
    let first = token_set(stage.now, 900);
    stage.tick("+1m").keys("l").arrives(2, 1_800);
    let second = token_set(stage.now, 1_800);
    stage.tick("+1m").keys("l").arrives(3, 7_200).keys("=edx-prod l").arrives(4, 7_200);
    stage.send(record(DEMO, &[&first, &second], by)).tick("+1s").effects();
    (stage, [first, second])
}

fn asked(generation: u64, is_current: bool, until: Option<&str>) -> TaskEvent {
    let verdict = until.map_or(Verdict::Unknown, |end| Verdict::AliveUntil(tokscope::clock::parse(end).unwrap()));
    let (kind, fingerprint) = (TokenKind::Access, tokscope::secret::Fingerprint::of("any"));
    let tokens = vec![EndedToken { kind, fingerprint, fate: Fate::Asked(200), verdict }];
    TaskEvent::Ended(Ok(TaskOutcome::Revoked(vec![Ended { generation, is_current, tokens }])))
}

/// What is marked is what is asked for, set by set, one after another; and what came of it is told of all together.
#[test]
fn old_and_current_sets_go_through_one_plan() {
    let (mut stage, [first, second]) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 Space g Right").shows("▾2 access");
    stage.keys("Down Down Space x").shows("Revoke 2 token sets?").shows("stg  edx-demo  current, access");
    stage.shows(&format!("generation 1, access {}  alice at lms.example.org", access(&first)));
    stage.hides(&access(&second)).shows("Not included: 1 replaced token set of these profiles.").keys("y");
    assert_eq!(stage.effects(), ["start 5 Revoke edx-demo"]);
    stage.job(5, asked(3, true, Some("2026-11-21T23:37:00Z")));
    assert_eq!(stage.effects(), ["start 6 Revoke(Generation(1)) edx-demo"]);
    stage.job(6, asked(1, false, None)).shows("revoke: asked for 2 of 2; edx-demo may be accepted until");
    stage.keys("=edx-demo Enter").shows("of generation 1: the server was asked");
}

/// Two tokens of one set are that set, and one set needs no plan.
#[test]
fn the_tokens_of_one_old_set_are_one() {
    let (mut stage, [first, _]) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 /").types("generation:1").keys("Esc");
    stage.keys("=edx-demo 2 g Right G Right g Down Down Space G Space x");
    stage.shows("Revoke generation 1 of edx-demo at the server?").shows(&access(&first)).keys("y");
    assert_eq!(stage.effects(), ["start 5 Revoke(Generation(1)) edx-demo"]);
}

#[test]
fn several_old_tokens_are_probed_one_after_another_and_named() {
    let (mut stage, [first, second]) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 g Right Down Space Space p").shows("Probe 2 tokens?").keys("y");
    let prints: Vec<_> = [&second, &first].map(|set| set.token(TokenKind::Access).unwrap().fingerprint()).into();
    assert_eq!(stage.effects(), [format!("start 5 Probe(Some({:?})) edx-demo", prints[0])]);
    stage.fails(5, tokscope::auth::AuthError::Cancelled);
    assert_eq!(stage.effects(), [format!("start 6 Probe(Some({:?})) edx-demo", prints[1])]);
}

/// Time sweeps a set away while the plan is open: it is left out, and nothing takes its place.
#[test]
fn a_set_that_ends_under_a_plan_is_left_out() {
    let (mut stage, old) = two_old(EventKind::Login);
    let without_refresh = old.map(|mut set| {
        set.tokens.truncate(1);
        set
    });
    stage.send(record(DEMO, &without_refresh.each_ref(), EventKind::Login));
    stage.keys("=edx-demo 2 g Right Down Space Space x").shows("Revoke 2 token sets?").tick("+15m");
    stage.shows("Revoke 1 token set?").shows("left out: ended or replaced meanwhile").keys("y");
    assert_eq!(stage.effects().last().unwrap(), "start 5 Revoke(Generation(2)) edx-demo");
    assert!(!stage.effects().iter().any(|effect| effect.starts_with("start")));
}

/// A login ends the session that was meant; the new one is not that. A refresh goes on with it.
#[test]
fn a_login_under_a_plan_does_not_put_the_new_session_in_it() {
    for (by, wanted) in [(EventKind::Login, "Revoke(Generation(1))"), (EventKind::Refresh, "Revoke")] {
        let mut stage = Stage::new();
        stage.keys("=edx-demo l").arrives(1, 900).keys("=edx-prod l").arrives(2, 900);
        let meant = token_set(stage.now, 900);
        stage
            .send(record(DEMO, &[], by))
            .tick("+1m")
            .keys("=edx-demo l 1 g x")
            .shows("Revoke the tokens of 2 profiles?");
        stage.shows(&access(&meant)).arrives(3, 900).effects();
        stage.shows("edx-demo  left out: ended or replaced meanwhile");
        stage.send(record(DEMO, &[&meant], by)).hides("left out").types("prod").keys("Enter");
        let effects = stage.effects();
        assert!(effects.iter().any(|effect| effect.ends_with(&format!("{wanted} edx-demo"))), "{effects:?}");
    }
}

/// Nor is the new one forgotten.
#[test]
fn a_login_under_a_plan_to_forget_is_not_forgotten() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900).keys("=edx-prod l").arrives(2, 900);
    let meant = token_set(stage.now, 900);
    stage.tick("+1m").keys("=edx-demo l 1 g 2 * d").shows("Forget the tokens of 2 profiles?").arrives(3, 900);
    stage.send(record(DEMO, &[&meant], EventKind::Login)).effects();
    stage.types("prod").keys("Enter");
    assert_eq!(stage.effects(), ["forget edx-prod", "forget edx-demo 1"]);
    stage.keys("u");
    let effects = stage.effects();
    assert_eq!(effects.iter().filter(|effect| effect.contains("PutBack")).count(), 2, "{effects:?}");
}

/// `d` forgets the set of an old token here, which can be undone, and says that the server may still accept it.
#[test]
fn an_old_set_is_forgotten_and_comes_back() {
    let (mut stage, [first, second]) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 g Right Down Down").under_cursor("◦").keys("d");
    assert_eq!(stage.effects(), ["forget edx-demo 1"]);
    stage.shows("Forgot generation 1 here. It may still work at the server").shows("u undoes").shows("▾1 access");
    stage.keys("g Down").shows(&access(&second)).hides(&access(&first)).keys("u");
    assert!(stage.effects().concat().starts_with("start 5 PutBack("));
    // Several at once, and one undo for all of them.
    let (mut stage, _) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 g Right Down Space Space d").shows("Forget 2 token sets?").keys("y");
    assert_eq!(stage.effects(), ["forget edx-demo 2", "forget edx-demo 1"]);
    stage.shows("Forgot 2 token sets here.").hides("▾1 access").hides("▸1 access").keys("u");
    assert_eq!(stage.effects().len(), 1, "the second waits for the first");
}

/// With the current tokens of a profile go the sets that they have replaced: the plan and the notice count them.
#[test]
fn what_goes_with_the_current_tokens_is_counted() {
    let (mut stage, _) = two_old(EventKind::Login);
    stage.keys("=edx-demo 2 g d").hides("replaced this one");
    assert_eq!(stage.effects(), ["forget edx-demo"]);
    stage.shows("Forgot its tokens and 2 replaced token sets here. They still work at the server.");
    let (mut stage, _) = two_old(EventKind::Login);
    stage.keys("1 g 2 * d").shows("Forget the tokens of 2 profiles?").shows("with 2 replaced token sets");
    stage.types("prod").keys("Enter").shows("Forgot 4 token sets here.");
    // The undo says it once, for all of them.
    stage.effects();
    let back = |stage: &mut Stage, id| {
        let kept = Kept { token_set: Some(token_set(stage.now, 900)), ..Kept::default() };
        let profiles = start((120, 40)).profiles.unwrap();
        stage.job(id, TaskEvent::Ended(Ok(TaskOutcome::PutBack(Ok((profiles, Box::new(kept)))))));
    };
    stage.keys("u");
    assert_eq!(stage.effects().len(), 2);
    back(&mut stage, 5);
    stage.hides("Restored");
    back(&mut stage, 6);
    stage.shows("✓ Restored 4 token sets.").hides("×2");
    // A profile that is removed takes them along, too.
    let (mut stage, _) = two_old(EventKind::Login);
    stage.keys("=edx-demo 1 d").effects();
    let left: Vec<_> = start((120, 40)).profiles.unwrap().into_iter().filter(|left| left.name != name(DEMO)).collect();
    stage.job(5, TaskEvent::Ended(Ok(TaskOutcome::Changed(Ok(left)))));
    stage.shows("Removed, with its tokens and 2 replaced token sets.");
}

/// Of several, those of which no text is kept are named and left out.
#[test]
fn what_is_not_kept_is_left_out_of_what_is_copied() {
    let (mut stage, [first, second]) = two_old(EventKind::Login);
    let Message::RecordRead(name, mut kept) = record(DEMO, &[&first, &second], EventKind::Login) else { panic!() };
    kept.old[0].tokens.iter_mut().for_each(|token| token.raw = None);
    stage.send(Message::RecordRead(name, kept)).keys("=edx-demo 2 g Right Down Space Space c");
    stage.shows("generation 2").shows(&format!("generation 1, {}  left out: only fingerprint", access(&first)));
    stage.keys("y");
    let effects = stage.effects().concat();
    assert!(effects.starts_with("copy 1 tokens: ey") || effects.starts_with("copy 1 token: ey"), "{effects}");
    stage.keys("x").shows("generation 1, access").shows("left out: only its fingerprint");
    // Where none is kept, that is said at once.
    let (mut stage, [first, second]) = two_old(EventKind::Login);
    let Message::RecordRead(name, mut kept) = record(DEMO, &[&first, &second], EventKind::Login) else { panic!() };
    kept.old.iter_mut().flat_map(|old| &mut old.tokens).for_each(|token| token.raw = None);
    stage.send(Message::RecordRead(name, kept)).keys("=edx-demo 2 g Right Down Space Space c").effects();
    stage.shows("copy: not possible for any of the 2 tokens: only fingerprint, kind and expiry are kept");
    for key in ["x", "p"] {
        stage.keys(key).shows("Of these tokens, only fingerprint, kind and expiry are kept.");
    }
    assert!(stage.effects().is_empty());
    // What is forgotten here needs no text.
    stage.keys("d").shows("Forget 2 token sets?").keys("n");
}

/// What is left out is never counted among what is done, on the smallest screen either.
#[test]
fn on_a_small_screen_what_has_no_room_is_counted_apart() {
    let profiles: Vec<_> = (0..9).map(|at| stage::profile(&format!("lms-{at}"), "staging")).collect();
    let begin = start((40, 12));
    let sets = (0..3).map(|at| (name(&format!("lms-{at}")), token_set(begin.now, 900))).collect();
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets: sets, ..begin });
    stage.keys("1 g x").shows("Revoke the tokens of 3 profiles?").shows("more; 6 are left out").shows("y revoke");
}

/// Of those whose system has no revocation it is said that their tokens stay active, and until when.
#[test]
fn what_cannot_be_revoked_stays_active_until_its_end() {
    let mut profiles =
        vec![stage::profile("lms", "staging"), stage::profile("one", "staging"), stage::profile("two", "staging")];
    (profiles[2].provider, profiles[2].settings) = ("command".to_owned(), Default::default());
    profiles[2].settings.insert("command".to_owned(), "print-token".to_owned());
    let begin = start((120, 40));
    let short = |at: &str| (name(at), token_set(begin.now, 900));
    let mut last = token_set(begin.now, 3_600);
    last.tokens.truncate(1);
    let sets = vec![short("lms"), short("one"), (name("two"), last)];
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets: sets, ..begin });
    stage.keys("1 g x").shows("Revoke the tokens of 2 profiles?").shows("current, access");
    stage.shows("left out, its tokens stay active until 23:35:00: no revocation in").keys("y");
    assert_eq!(stage.effects().len(), 2);
}

/// There is nothing to revoke where everything has expired: that profile is left out, and no token of it is called active.
#[test]
fn what_has_expired_is_left_out_of_a_revocation() {
    let profiles = ["lms", "old", "one"].map(|name| stage::profile(name, "staging"));
    let begin = start((80, 24));
    let mut over = token_set(begin.now - TimeDelta::hours(2), 3_600);
    over.tokens.truncate(1);
    let sets =
        vec![(name("lms"), token_set(begin.now, 900)), (name("old"), over), (name("one"), token_set(begin.now, 900))];
    let mut stage = Stage::with(Start { profiles: Ok(profiles.to_vec()), token_sets: sets, ..begin });
    stage.keys("1 g x").shows("Revoke the tokens of 2 profiles?").shows("old  left out: its tokens have expired");
    stage.hides("stay active").keys("y");
    assert_eq!(stage.effects().len(), 2);
}
