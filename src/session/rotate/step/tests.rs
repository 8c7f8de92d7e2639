//! Rotations of one profile against a server that does what it is told.

mod world;

use self::world::{Calls, Works, World, start};
use super::*;
use crate::session::rotate::evidence::APART;

fn token(kind: TokenKind, signed: bool, ending: Ending) -> OldToken {
    let expires_at = (kind == TokenKind::Access).then(|| start() + TimeDelta::hours(1));
    OldToken {
        subject: Subject { kind, signed, expires_at, renewed_at: None, ended_at: None, untried: None },
        ending,
        ended: 0,
        answered: false,
        replays: 0,
        replay: Replay::AfterLogin,
        brought: false,
        tests: if kind == TokenKind::Access { vec![By::Use] } else { Vec::new() },
        seen: Vec::new(),
    }
}

fn situation(way: Option<Way>) -> Situation {
    let [refresh, access] = [TokenKind::Refresh, TokenKind::Access].map(|kind| token(kind, false, Ending::Revocation));
    Situation {
        way,
        consent: false,
        panic: false,
        revoke: true,
        cancelled: Cancelled::No,
        new: New::Pending,
        control: Check::Due,
        passed: false,
        old_works: None,
        restored: false,
        recovered: false,
        observed: true,
        begun: false,
        tokens: vec![refresh, access],
        clock: Clock { now: start(), skew: Some(TimeDelta::zero()) },
        prove_for: TimeDelta::seconds(20),
    }
}

/// What is done for a profile, and what becomes of its old tokens.
#[track_caller]
fn goes(mut world: World, mut now: Situation, steps: &str, verdicts: &str) {
    world.run(&mut now);
    assert_eq!(world.steps.join(", "), steps);
    let judged = now.tokens.iter().map(|token| token.judged(now.clock).verdict.as_str());
    assert_eq!(judged.collect::<Vec<_>>().join(" "), verdicts, "{:#?}", now.tokens);
    let replays = now.tokens.iter().flat_map(|token| &token.seen).filter(|one| one.by == By::Replay).count();
    assert!(replays <= 1, "what was accepted once is used up");
}

const PROOF: &str = "use access, 1s, use access, replay refresh, control, rotated";

#[test]
fn a_login_of_its_own_grant_ends_and_proves_everything() {
    let login = || situation(Some(Way::Login));
    let begin = "login, control, -refresh, -access, control";
    let of = World::new(Kinship::Separate);
    goes(of.clone(), login(), &format!("{begin}, {PROOF}"), "dead dead");
    // Servers that lie.
    let noop = World { works: Works::Never, ..of.clone() };
    let again = "use access, -refresh?, -access?, control, use access";
    let waits = "1s, use access, 2s, use access, 5s, use access, 10s, use access, 20s, use access";
    let end = "replay refresh, control, rotated";
    goes(noop, login(), &format!("{begin}, {again}, {waits}, {end}"), "alive alive_until");
    let late = World { works: Works::After(5), ..of.clone() };
    let waits = "1s, use access, 2s, use access, 5s, use access, 6s, use access";
    goes(late.clone(), login(), &format!("{begin}, {again}, {waits}, {end}"), "dead dead");
    let short = Situation { prove_for: TimeDelta::seconds(2), ..login() };
    goes(late, short, &format!("{begin}, {again}, 1s, use access, 2s, use access, {end}"), "alive alive_until");
    let hint = World { works: Works::WithoutHint, ..of.clone() };
    goes(hint, login(), &format!("{begin}, {again}, 1s, use access, {end}"), "dead dead");
    // Calls that refuse everything judge nothing, neither old nor new.
    let blind = World { calls: Calls::Blind, ..of.clone() };
    let steps = "login, control, old, -refresh, -access, use access, replay refresh, rotated";
    goes(blind, login(), steps, "dead unknown");
    // A JWT that nothing ends is tried once.
    let mut now = login();
    now.tokens[1] = token(TokenKind::Access, true, Ending::None);
    let steps = "login, control, -refresh, control, use access, replay refresh, control, rotated";
    goes(of.clone(), now, steps, "dead alive_until");
    let kept = Situation { revoke: false, ..login() };
    goes(of, kept, "login, control, use access, rotated", "unknown alive_until");
}

/// What was dead before anything was sent was not ended by the run.
#[test]
fn an_old_access_token_is_tried_at_first_and_may_be_dead_already() {
    let unseen = |way| Situation { observed: false, ..situation(way) };
    let why = |now: &Situation| now.tokens[1].judged(now.clock).why;
    let of = World::new(Kinship::Separate);
    let all = "login, control, -refresh, -access, control";
    let mut now = unseen(Some(Way::Login));
    of.clone().run(&mut now);
    assert_eq!(why(&now), "refused twice by use");
    goes(of.clone(), unseen(Some(Way::Login)), &format!("at first use access, {all}, {PROOF}"), "dead dead");
    let dead = World { old_access: Some(start() - TimeDelta::hours(1)), ..of.clone() };
    goes(dead.clone(), unseen(Some(Way::Login)), &format!("at first use access, {all}, {PROOF}"), "dead dead");
    let mut now = unseen(Some(Way::Login));
    dead.clone().run(&mut now);
    assert_eq!(why(&now), "was already refused by use at 2026-11-26T07:00:00Z");
    // A refusal for which no control came in time shows nothing: it may have been the server's fault.
    let silent = World { calls: Calls::None, ..dead.clone() };
    let mut now = unseen(Some(Way::Login));
    silent.clone().run(&mut now);
    assert!(!why(&now).contains("already"), "{}", why(&now));
    // What was accepted at first is no evidence of what is accepted after the new session has come.
    let mut now = unseen(Some(Way::Refresh));
    now.tokens[1].ending = Ending::None;
    let same = World { reaches: false, ..World::new(Kinship::Same) };
    goes(same, now, "at first use access, refresh, control, use access, rotated", "unknown alive_until");
    // Where no new session comes, one refusal with a control is worth another try.
    let mut now = unseen(Some(Way::Login));
    (now.observed, now.new) = (true, New::Failed);
    let refused = |now: &mut Situation| {
        let one = World { new: true, ..dead.clone() }.seen(now, 1, By::Use);
        now.tokens[1].seen.push(one);
    };
    refused(&mut now);
    assert_eq!(next(&now), Next::Wait(start() + APART));
    now.clock.now = start() + APART;
    assert_eq!(next(&now), Next::Prove(vec![(1, By::Use)]));
    refused(&mut now);
    assert_eq!((next(&now), why(&now).contains("was already refused")), (Next::Settle(Outcome::Failed), true));
    // Panic waits for nothing, and without a way nothing is sent.
    let mut panic = unseen(Some(Way::Login));
    panic.panic = true;
    assert_eq!(next(&panic), Next::End(0, Hint::Kind));
    assert_eq!(next(&unseen(None)), Next::Settle(Outcome::Failed));
    let mut over = unseen(Some(Way::Login));
    over.tokens[1].subject.expires_at = Some(start());
    assert_eq!(next(&over), Next::Obtain(Way::Login));
}

/// Where only a replay tells, what it has brought is ended and sent again, until the ending has come through or the time is over.
#[test]
fn what_a_replay_has_brought_is_tried_as_long_as_any_other() {
    let mut now = situation(Some(Way::Login));
    now.tokens[1] = token(TokenKind::Access, true, Ending::None);
    let run = |works, now: &Situation| {
        let (mut world, mut now) = (World { works, brings: true, ..World::new(Kinship::Separate) }, now.clone());
        world.run(&mut now);
        (world.steps.iter().filter(|step| step.contains("replay")).count(), now.tokens[0].judged(now.clock))
    };
    let (replays, judged) = run(Works::After(4), &now);
    assert_eq!((replays, judged.verdict), (4, Verdict::Dead), "at once, after 1, 2 and 5 s: {judged:?}");
    assert!(judged.why.starts_with("what a replay had brought"), "{judged:?}");
    let (replays, judged) = run(Works::Never, &now);
    assert_eq!((replays, judged.verdict), (6, Verdict::Alive), "until 20 s are over: {judged:?}");
    let (replays, judged) = run(Works::AtOnce, &now);
    assert_eq!((replays, judged.verdict), (1, Verdict::Dead), "{judged:?}");
}

#[test]
fn the_same_grant_is_never_sent_a_revocation() {
    let mut now = situation(Some(Way::Refresh));
    now.tokens.iter_mut().for_each(|token| token.ending = Ending::None);
    now.tokens[0].ending = Ending::Replaced;
    goes(World::new(Kinship::Same), now, "refresh, control, use access, rotated", "unknown alive_until");
    let mut seta = situation(Some(Way::Refresh));
    seta.tokens[0] = OldToken { replay: Replay::Always, ..token(TokenKind::Refresh, true, Ending::Replaced) };
    seta.tokens[0].subject.ended_at = Some(start());
    seta.tokens[1].ending = Ending::None;
    let world = World { old_refresh: Some(start()), ..World::new(Kinship::Same) };
    goes(world, seta, "refresh, control, use access, replay refresh, control, rotated", "dead alive_until");
}

#[test]
fn what_ends_the_new_session_too_is_recovered_from_once() {
    let begin = "login, control, -refresh, -access, control, recover, control";
    for kinship in [Kinship::Separate, Kinship::Maybe, Kinship::Shared] {
        let world = World { reaches: true, ..World::new(kinship) };
        goes(world.clone(), situation(Some(Way::Login)), &format!("{begin}, {PROOF}"), "dead dead");
        let lost = World { second_login: false, ..world };
        let steps = "login, control, -refresh, -access, control, recover, use access, revoked";
        goes(lost, situation(Some(Way::Login)), steps, "unknown unknown");
    }
    let steps = "login, control, -refresh, -access, control, recover, control, use access, 1s, use access, failed";
    goes(World::new(Kinship::Identical), situation(Some(Way::Login)), steps, "unknown dead");
}

#[test]
fn a_new_session_that_is_refused_gives_way_to_the_old_one() {
    let world = |kinship, calls| World { calls, ..World::new(kinship) };
    let login = || situation(Some(Way::Login));
    let steps = "login, control, old, restore, end new, failed";
    goes(world(Kinship::Separate, Calls::RefuseNew), login(), steps, "unknown unknown");
    goes(world(Kinship::Maybe, Calls::RefuseNew), login(), "login, control, old, restore, failed", "unknown unknown");
    let steps = "login, control, old, use access, rotated";
    goes(world(Kinship::Separate, Calls::RefuseNewAlone), login(), steps, "unknown alive_until");
}

#[test]
fn panic_ends_first_and_needs_no_new_session() {
    let panic = |way| Situation { panic: true, ..situation(way) };
    let world = World::new(Kinship::Separate);
    let steps = format!("-refresh, -access, login, control, {PROOF}");
    goes(world.clone(), panic(Some(Way::Login)), &steps, "dead dead");
    for way in [None, Some(Way::Asked), Some(Way::Refresh)] {
        goes(world.clone(), panic(way), "-refresh, -access, use access, revoked", "unknown unknown");
    }
    let refused = World { first_login: false, ..world };
    goes(refused, panic(Some(Way::Login)), "-refresh, -access, login, use access, revoked", "unknown unknown");
}

#[test]
fn a_refresh_token_that_no_call_ends_is_used_up() {
    let mut now = situation(Some(Way::Login));
    now.tokens[0].ending = Ending::UseUp;
    now.tokens[1].ending = Ending::None;
    let steps = "login, control, use-up refresh, control, use access, replay refresh, control, rotated";
    goes(World::new(Kinship::Separate), now.clone(), steps, "dead alive_until");
    goes(World::new(Kinship::Maybe), now, "login, control, use access, rotated", "unknown alive_until");
}

/// What is cancelled, at each step.
#[test]
fn nothing_new_begins_after_a_cancel_and_what_was_begun_is_led_to_its_end() {
    let run = |cancelled, after: usize, reaches| {
        let mut world = World { reaches, ..World::new(Kinship::Separate) };
        let mut now = situation(Some(Way::Login));
        (0..after).for_each(|_| assert_eq!(world.step(&mut now), None));
        now.cancelled = cancelled;
        world.steps.clear();
        world.run(&mut now);
        world.steps.join(", ")
    };
    let begin = |after| run(Cancelled::Begin, after, false);
    assert_eq!(begin(0), "not_started");
    assert_eq!(begin(1), "control, use access, rotated");
    assert_eq!(begin(2), "use access, rotated");
    assert_eq!(begin(3), "-access, control, use access, 1s, use access, replay refresh, control, rotated");
    let stop = |after, reaches| run(Cancelled::Prove, after, reaches);
    assert_eq!(stop(0, false), "not_started");
    assert_eq!(stop(1, false), "rotated");
    assert_eq!(stop(4, false), "control, rotated");
    assert_eq!(stop(4, true), "control, recover, control, rotated");
    assert_eq!(stop(6, false), "rotated");
}

/// The only working session is never ended without consent: every kinship, with and without a person, whatever the control says.
#[test]
fn the_only_working_session_is_never_ended_without_consent() {
    let kinships = [Kinship::Separate, Kinship::Shared, Kinship::Maybe, Kinship::Same, Kinship::Identical];
    let all_calls = [Calls::Right, Calls::RefuseNew, Calls::RefuseNewAlone, Calls::Blind, Calls::None];
    let ways = [None, Some(Way::Login), Some(Way::Asked), Some(Way::Refresh)];
    let flags = [false, true];
    let (mut cases, mut endings) = (0, 0);
    for kinship in kinships {
        for (calls, way) in all_calls.into_iter().flat_map(|calls| ways.map(|way| (calls, way))) {
            for bits in 0..64 {
                let [consent, panic, reaches, first_login, second_login, uses_up] =
                    [0, 1, 2, 3, 4, 5].map(|bit| flags[bits >> bit & 1]);
                for cancelled in [Cancelled::No, Cancelled::Begin, Cancelled::Prove] {
                    let mut now = Situation { consent, panic, cancelled, ..situation(way) };
                    if uses_up {
                        now.tokens[0].ending = Ending::UseUp;
                    }
                    // What is called separate is: the tokens of a refresh never are.
                    let reaches = reaches && kinship != Kinship::Separate;
                    let mut world = World { reaches, calls, first_login, second_login, ..World::new(kinship) };
                    let outcome = world.run(&mut now);
                    cases += 1;
                    let ended =
                        world.steps.iter().position(|step| step.starts_with(['-', 'u']) && !step.starts_with("use "));
                    endings += usize::from(ended.is_some());
                    let told =
                        format!("{kinship:?} {calls:?} {way:?} {consent} {panic} {reaches} {cancelled:?}: {world:#?}");
                    if let Some(ended) = ended.filter(|_| !panic) {
                        let before = &world.steps[..ended];
                        assert!(before.iter().any(|step| Some(step.as_str()) == way.map(Way::as_str)), "{told}");
                        assert!(before.contains(&"control".to_owned()), "{told}");
                        assert_ne!(kinship, Kinship::Same, "{told}");
                        let judged = calls == Calls::Right || kinship == Kinship::Separate;
                        assert!(judged && !matches!(calls, Calls::RefuseNew | Calls::RefuseNewAlone), "{told}");
                        let left = kinship == Kinship::Separate || way == Some(Way::Login) || consent;
                        assert!(left, "{told}");
                        // A login that has just worked works again, or a person has agreed.
                        assert!(world.works(now.clock.now) || !second_login, "{told}");
                    }
                    if !panic && !consent && way != Some(Way::Login) {
                        assert!(world.works(now.clock.now), "{told}");
                    }
                    if !panic && ended.is_none() {
                        assert_ne!(outcome, Outcome::Revoked, "{told}");
                    }
                    let recoveries = world.steps.iter().filter(|step| *step == "recover").count();
                    assert!(recoveries <= 1, "{told}");
                }
            }
        }
    }
    assert_eq!((cases, endings > cases / 10), (5 * 5 * 4 * 64 * 3, true), "{endings} endings");
}
