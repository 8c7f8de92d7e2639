//! Scenarios of the scope, of marks and of what is done to several: what a key acts on, whatever is shown.

use crate::support::stage::{self, Stage, claims, jwt, refusal, start};
use tokscope::{
    auth::{Fate, TokenKind},
    profile::{Profile, ProfileName},
    store::state::{Change, State, View},
    tui::app::{Effect, Message, Start, message::What},
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

/// Five profiles in two environments and one in none, three of them with tokens that live so many seconds.
fn fleet_at(size: (u16, u16), seconds: [i64; 3]) -> Stage {
    let profiles = [("edx", "prod"), ("lms", "prod"), ("seta", "prod"), ("lab", "staging"), ("local", "")];
    let profiles: Vec<Profile> = profiles.iter().map(|(name, of)| stage::profile(name, of)).collect();
    let begin = start(size);
    let sets = ["lms", "seta", "lab"].iter().zip(seconds);
    let sets = sets.map(|(of, seconds)| (name(of), stage::token_set(begin.now, seconds))).collect();
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets: sets, ..begin });
    stage.effects();
    stage
}

fn fleet() -> Stage {
    fleet_at((120, 40), [3_600, 90, 7_200])
}

fn started(stage: &mut Stage) -> Vec<(What, String)> {
    let effects = stage.take_effects().into_iter();
    let started = effects.filter_map(|effect| match effect {
        Effect::Start { what, whose: Some(of), .. } => Some((what, of.to_string())),
        _ => None,
    });
    started.collect()
}

#[test]
fn it_starts_in_the_tokens_of_all_on_the_most_urgent() {
    let mut stage = fleet_at((120, 40), [3_600, 60, 7_200]);
    stage.under_cursor("seta").under_cursor("access").under_cursor("All").shows("All  6 · 5 profiles").keys("r");
    assert_eq!(started(&mut stage), [(What::Refresh, "seta".to_owned())]);
}

/// Protected environments first, those without one last; the cursor of the tree is the scope.
#[test]
fn the_tree_narrows_the_tokens_and_each_scope_has_its_own_cursor() {
    let mut stage = fleet();
    let lines = stage.lines();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text}"));
    let order = [
        "▌All",
        "Attention",
        "▾ PROD",
        "│   edx ",
        "│   lms ",
        "│   seta ",
        "▾ staging",
        "│   lab ",
        "▾ no env",
        "│   local ",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{}", stage.screen());
    stage.keys("1 j j").under_cursor("PROD").shows("PROD  4 · 3 profiles").keys("2 G").under_cursor("seta");
    stage.under_cursor("refresh").keys("1 g 2").under_cursor("seta").under_cursor("access").keys("1 j j 2");
    stage.under_cursor("seta").under_cursor("refresh");
    stage.keys("=lab").shows("lab  2").hides("seta access").keys("2 r");
    assert_eq!(started(&mut stage), [(What::Refresh, "lab".to_owned())]);
    // A paste has a scope of its own, and goes there.
    let now = stage.now;
    stage.paste(&jwt(&claims("zoe", now, 60))).under_cursor("zoe").shows("Pasted  1").keys("1 Z").shows("▸ Pasted");
}

#[test]
fn groups_fold_and_keep_the_cursor() {
    let mut stage = fleet();
    stage.keys("=lms Left").under_cursor("▾ PROD").keys("Left").under_cursor("▸ PROD").hides("  seta  ");
    stage.keys("Down").under_cursor("staging").keys("Enter").under_cursor("▸ staging").keys("Right").under_cursor("▾");
    stage.keys("z").under_cursor("▸ staging").keys("Z").shows("▾ PROD").shows("▾ staging").keys("Z").hides("▾ staging");
    // Going to a profile unfolds its group.
    stage.keys("=seta").under_cursor("seta").shows("▾ PROD").shows("▸ staging").keys("Right j").under_cursor("refresh");
}

/// At every height the heading of the group that the cursor is in stays in sight.
#[test]
fn a_heading_stays_while_its_rows_scroll() {
    for rows in [12, 14, 16, 18, 24] {
        let mut profiles: Vec<_> = (0..40).map(|at| stage::profile(&format!("p{at:02}"), "prod")).collect();
        profiles.push(stage::profile("last", ""));
        for columns in [40, 80, 120] {
            let mut stage = Stage::with(Start { profiles: Ok(profiles.clone()), ..start((columns, rows)) });
            stage.keys("1 j j");
            for place in 0..40 {
                stage.keys("j").under_cursor(&format!("p{place:02}")).shows("PROD ");
            }
            stage.keys("j").under_cursor("no env").keys("k k").under_cursor("p38").shows("PROD ");
        }
    }
}

#[test]
fn a_group_is_done_through_one_plan_that_names_its_targets() {
    let mut stage = fleet();
    stage.keys("1 j j r").shows("Refresh 2 profiles?").shows("PROD lms").shows("PROD edx  left out: no tokens");
    stage.hides("stg  lab").shows("Type prod and Enter to refresh:").keys("Enter").types("y").keys("Enter");
    assert!(started(&mut stage).is_empty(), "no single key answers");
    stage.keys("^U").types("prod").keys("Enter");
    let refreshes = ["lms", "seta"].map(|of| (What::Refresh, of.to_owned()));
    assert_eq!(started(&mut stage), refreshes);
    stage.tick("+1s").shows("0 of 2").arrives(1, 900).fails(2, refusal()).shows("refresh: 1 of 2 succeeded, 1 failed");
}

#[test]
fn marks_gather_what_is_acted_on_and_one_key_cancels_it() {
    let mut stage = fleet();
    stage.keys("2 g Space j Space").shows("2 marked").keys("G r").shows("Refresh 2 profiles?").shows("PROD lms");
    stage.shows("stg  lab").types("prod").keys("Enter");
    assert_eq!(started(&mut stage).len(), 2);
    stage.keys("Esc");
    let cancelled = stage.take_effects().iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count();
    assert_eq!(cancelled, 2);
}

/// Neither scope nor filter nor focus changes marks. What is not shown is counted, and not acted on.
#[test]
fn hidden_marks_are_counted_and_not_acted_on() {
    let mut stage = fleet();
    stage.keys("2 *").shows("6 marked").keys("=lab").shows("6 marked, 4 not shown").keys("2 r");
    assert_eq!(started(&mut stage), [(What::Refresh, "lab".to_owned())]);
    stage.arrives(1, 7_200).keys("=local").shows("6 marked, 6 not shown");
    for key in "r l p x d c a".split(' ') {
        for pane in ["1", "2"] {
            // Nothing is copied from the tree.
            if pane == "1" && "ca".contains(key) {
                continue;
            }
            stage.keys(pane).keys(key);
            assert!(stage.take_effects().is_empty(), "{key}");
            stage.shows("6 marked, none shown").shows("Esc unmarks");
        }
    }
    stage.keys("1 g 2 /").types("kind:refresh").keys("Enter").shows("6 marked, 3 not shown").keys("Esc Esc");
    // Esc drops the marks first, then the filter; u brings the marks back.
    stage.shows("sort: profile").keys("u").shows(" 6 marked ").keys("*").shows("sort:").keys("u").shows(" 6 marked ");
}

/// A plan is about what it named, whatever happens before it is confirmed.
#[test]
fn a_list_that_changes_under_a_plan_changes_nothing_in_it() {
    let mut stage = fleet();
    stage.keys("1 j j r").shows("Refresh 2 profiles?");
    let profiles = ["seta", "new"].map(|of| stage::profile(of, "prod")).to_vec();
    stage.send(Message::ProfilesLoaded(Ok(profiles))).shows("lms  left out: removed").hides("PROD new");
    stage.types("prod").keys("Enter");
    assert_eq!(started(&mut stage), [(What::Refresh, "seta".to_owned())]);
    // No key reaches the panes while it is open.
    let mut stage = fleet();
    stage.keys("2 Space Space c").shows("Copy 2 tokens?").keys("d r x j G l").shows("Copy 2 tokens?").keys("y");
    let effects = stage.take_effects();
    assert!(matches!(&effects[..], [Effect::Copy { what, .. }] if what == "2 tokens"), "{effects:?}");
}

#[test]
fn pasted_tokens_have_no_profile_to_act_on() {
    let mut stage = fleet();
    let now = stage.now;
    stage.paste(&["ann", "ben"].map(|of| jwt(&claims(of, now, 60))).join("\n")).keys("r l p x");
    assert!(stage.take_effects().is_empty());
    // In the tree each command of a profile says why, and not only what another one has said.
    for key in ["r", "l", "p", "x", "R"] {
        stage.keys("1 N D Esc").hides("belongs to no profile").keys(key).shows("belongs to no profile");
        assert!(stage.take_effects().is_empty(), "{key}");
    }
    stage.keys("2 * d").shows("Forget 2 tokens?").keys("y").hides("ann").shows("Deleted 2 tokens").keys("2 u");
    stage.shows("ann").shows("ben").shows("Restored 2 tokens");
}

/// The marked tokens of a profile and its own mark are one.
#[test]
fn a_profile_is_acted_on_once() {
    let mut stage = fleet();
    stage.keys("=lms Space 2").shows("1 marked").keys("1 g 2 * x").shows("Revoke the tokens of 3 profiles?");
    stage.types("prod").keys("Enter");
    let revoked: Vec<_> = started(&mut stage).into_iter().map(|(_, of)| of).collect();
    assert_eq!(revoked, ["lms", "seta", "lab"]);
}

#[test]
fn a_profile_without_tokens_can_be_logged_in_from_its_empty_list() {
    let mut stage = fleet();
    stage.keys("=edx 2").shows("no tokens of edx").shows("l logs in").keys("c a d").keys("l");
    assert_eq!(started(&mut stage), [(What::Login, "edx".to_owned())]);
    stage.arrives(1, 600).under_cursor("access");
}

/// What is sorted by something else takes the cursor's token along; rows move at no other time.
#[test]
fn rows_are_sorted_and_the_cursor_stays_on_its_token() {
    let mut stage = fleet();
    let first = |stage: &Stage| {
        let lines = stage.lines();
        let at = lines.iter().position(|line| line.contains("subject")).expect("the heads");
        ["lms", "seta", "lab"]
            .into_iter()
            .find(|of| lines[at + 1].split('┃').nth(1).unwrap().contains(&format!(" {of} ")))
            .unwrap()
    };
    assert_eq!(first(&stage), "lms");
    stage.keys("2 g").under_cursor("lms").keys("S l").shows("sort: left ↑").under_cursor("lms");
    assert_eq!(first(&stage), "seta");
    stage.keys("S r").shows("sort: left ↓").keys("S l").shows("sort: left ↑").keys("S n").shows("sort: profile");
    assert_eq!(first(&stage), "lms");
    // Where the clock changes the order, too.
    stage.keys("S l").tick("+2m").under_cursor("lms");
    assert_eq!(first(&stage), "lms");
}

/// One that is marked is meant, wherever the cursor is.
#[test]
fn a_single_mark_is_what_is_acted_on() {
    let mut stage = fleet();
    stage.keys("2 G Space g r");
    assert_eq!(started(&mut stage), [(What::Refresh, "lab".to_owned())]);
    stage.keys("c").shows("Copy 1 token?").shows("lab refresh").keys("y");
    assert!(matches!(&stage.take_effects()[..], [Effect::Copy { .. }]));
}

/// Every scope is called by its name.
#[test]
fn a_scope_is_gone_to_by_its_name() {
    let mut stage = fleet();
    stage.keys(":").types("go to staging").keys("Enter").shows("staging  2 · 1 profile").under_cursor("lab");
}

#[test]
fn attention_has_what_somebody_has_to_do_something_about() {
    let mut stage = fleet();
    stage.shows("Attention").keys("1 j").shows("nothing needs attention").tick("+45s").shows("▲ 1");
    // It stays under the cursor when it is no longer urgent, until the cursor leaves it.
    stage.under_cursor("seta").keys("2 r").arrives(1, 3_600).under_cursor("seta").keys("1 k j").shows("nothing needs");
}

/// What tells tokens apart stands whole before the issuer takes room, and what all names begin with makes way first.
#[test]
fn names_stand_whole_before_there_is_an_issuer() {
    let mut stage = crate::horizon::fleet((80, 24));
    for words in ["grades-worker  acc", "lms-staging    acc", "alice", "opaque 9f5d81dc"] {
        stage.shows(words);
    }
    stage.hides("issuer").resize(120, 40).shows("issuer").shows("grades-worker  access");
    let begin = start((60, 16));
    let profiles = ["eu", "us"].map(|region| stage::profile(&format!("acme-learning-{region}-worker"), "prod"));
    let token_sets = profiles.iter().map(|one| (one.name.clone(), stage::token_set(begin.now, 900))).collect();
    let mut stage = Stage::with(Start { profiles: Ok(profiles.to_vec()), token_sets, ..begin });
    stage.shows("acme-le…eu-worker acc").shows("acme-le…us-worker acc").shows("…eu-…er");
}

#[test]
fn the_title_says_where_the_scope_is() {
    let mut stage = fleet();
    stage
        .shows("tokscope  All  ")
        .keys("=seta")
        .shows("tokscope  All › PROD › seta ")
        .keys("Left")
        .shows("All › PROD ");
    stage.paste("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").shows("tokscope  All › Pasted ");
    stage.keys("1 j").shows("tokscope  All › Pasted › pasted ");
}

/// A view is a filter that was kept: a scope over all tokens, with a count, gone to by its name, removed and brought back.
#[test]
fn a_filter_is_kept_as_a_view() {
    let view = |stage: &mut Stage| {
        let changes = stage.take_effects().into_iter().filter_map(|effect| match effect {
            Effect::Remember(Change::Views(views)) => Some(views),
            _ => None,
        });
        let views: Vec<Vec<(String, String)>> =
            changes.map(|views| views.into_iter().map(|view| (view.name, view.filter)).collect()).collect();
        views
    };
    let of = |name: &str, filter: &str| vec![vec![(name.to_owned(), filter.to_owned())]];
    let mut stage = fleet();
    stage.keys("F").shows("/ sets one").keys("/").types("left<1h").keys("Enter F");
    stage
        .shows("Keep the filter as a view")
        .keys("^U")
        .types("under an hour")
        .keys("Enter")
        .shows("Kept as the view under an hour.");
    assert_eq!(view(&mut stage), of("under an hour", "left<1h"));
    stage.shows("Views").shows("under an hour");
    stage
        .keys(":")
        .types("go to under")
        .keys("Enter")
        .shows("tokscope  All › Views › under an hour")
        .shows("under an hour  1 · 1 profile");
    // It is a scope like any other: `1 r` is for the profiles that it shows.
    stage.under_cursor("seta").keys("1 r");
    assert_eq!(started(&mut stage), [(What::Refresh, "seta".to_owned())]);
    stage.keys("Esc d").shows("Removed the view under an hour.").hides("Views");
    assert_eq!(view(&mut stage), [Vec::new()]);
    stage.keys("u").shows("under an hour");
    assert_eq!(view(&mut stage), of("under an hour", "left<1h"));
    // What the scope adds is part of it.
    let mut stage = fleet();
    stage.keys(":").types("go to staging").keys("Enter /").types("kind:acc").keys("Enter F Enter");
    assert_eq!(view(&mut stage), of("env:staging kind:acc", "env:staging kind:acc"));
}

/// The clock changes what a view holds, and how many it counts.
#[test]
fn a_view_is_counted_again_as_time_goes_by() {
    let view = View { name: "soon".to_owned(), filter: "left<5m".to_owned() };
    let begin = start((120, 40));
    let profiles = vec![stage::profile("lms", "prod")];
    let token_sets = vec![(name("lms"), stage::token_set(begin.now, 900))];
    let state = State { views: vec![view], ..State::default() };
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets, state, ..begin });
    let count = |stage: &Stage| {
        let lines = stage.lines();
        let line = lines.iter().find(|line| line.contains("soon")).expect("the view has a line");
        line.split(['│', '┃']).nth(1).unwrap().trim_end().chars().last().unwrap()
    };
    assert_eq!(count(&stage), '0');
    stage.tick("+11m");
    assert_eq!(count(&stage), '1');
    stage.tick("+4m");
    assert_eq!(count(&stage), '0', "it is over");
}

#[test]
fn rows_are_sorted_in_groups() {
    let mut stage = fleet_at((120, 40), [3_600, 90, 60]);
    let places = |stage: &Stage| {
        let lines = stage.lines();
        ["lab      access", "seta     access", "lms      access"]
            .map(|row| lines.iter().position(|line| line.contains(row)))
    };
    stage.keys("S l");
    assert!(places(&stage).is_sorted(), "{:?}", stage.screen());
    stage.keys("S g").shows("sort: env, left ↑");
    let [lab, seta, lms] = places(&stage);
    assert!(seta < lms && lms < lab, "{:?}", stage.screen());
}

/// A server that says yes was asked; what is left out stays as it is, and none of it is counted among what is done.
#[test]
fn revoking_several_claims_no_more_than_it_knows() {
    let mut stage = fleet_at((40, 12), [3_600, 90, 7_200]);
    stage.keys("1 g x").shows("Revoke the tokens of 3 profiles?").shows("left out");
    let mut stage = fleet();
    stage.keys("1 j j x").shows("Revoke the tokens of 2 profiles?").types("prod").keys("Enter").effects();
    let fates = [(TokenKind::Access, Fate::Asked(200))];
    stage.job(1, stage::revoked(&fates)).job(2, stage::revoked(&fates));
    stage.shows("revoke: asked for 2 of 2").shows("Attention has what is still accepted").hides("succeeded");
}
