use super::*;
use crate::{
    clock::{self, Zone},
    profile::ProfileName,
};

fn at(text: &str) -> Timestamp {
    clock::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-26T14:00:00Z")
}

fn planned(kind: TokenKind, signed: bool, ending: Ending, end: Option<&str>) -> Planned {
    let fingerprint = Fingerprint::of(&kind.to_string());
    let tests = if kind == TokenKind::Id { Vec::new() } else { vec![By::Use] };
    Planned { kind, fingerprint, signed, expires_at: end.map(at), ending, tests, own: false }
}

fn row(name: &str, environment: &str, way: Option<Way>, tokens: Vec<Planned>) -> Row {
    let profile = Profile {
        name: ProfileName::new(name).unwrap(),
        provider: "oauth2".to_owned(),
        settings: [].into(),
        environment: (!environment.is_empty()).then(|| environment.to_owned()),
        tags: Vec::new(),
    };
    let kinship = way.map(|way| match way {
        Way::Login => Kinship::Separate,
        Way::Asked => Kinship::Maybe,
        Way::Refresh => Kinship::Same,
    });
    let (origin, obstacle) = (String::new(), way.is_none().then(|| "no way".to_owned()));
    Row { profile, origin, account: None, way, obstacle, kinship, generation: None, tokens, by_hand: None }
}

#[test]
fn the_first_way_that_is_wanted_and_possible_counts() {
    use Way::{Asked, Login, Refresh};
    let options = |way, panic| Options { way, panic, ..Options::default() };
    let check = |ways: &[Way], wanted, panic, attended, refreshable, want| {
        let found = way(ways, &options(wanted, panic), attended, refreshable);
        assert_eq!(found, want, "{ways:?} {wanted:?} {panic} {attended} {refreshable}");
    };
    check(&[Login, Refresh], Wanted::Auto, false, true, true, Some(Login));
    check(&[Asked, Refresh], Wanted::Auto, false, true, true, Some(Asked));
    check(&[Asked, Refresh], Wanted::Auto, false, false, true, Some(Refresh));
    check(&[Asked, Refresh], Wanted::Auto, false, false, false, None);
    check(&[Login, Refresh], Wanted::Refresh, false, true, true, Some(Refresh));
    check(&[Login, Refresh], Wanted::Refresh, false, true, false, None);
    check(&[Asked, Refresh], Wanted::Login, false, false, true, None);
    // A refresh that ends the old pair comes first.
    check(&[Refresh, Asked], Wanted::Auto, false, true, true, Some(Refresh));
    check(&[Login, Refresh], Wanted::Auto, true, true, true, Some(Login));
    check(&[Asked, Refresh], Wanted::Auto, true, true, true, None);
    check(&[], Wanted::Auto, false, true, true, None);
}

#[test]
fn a_row_says_what_will_be_done_and_what_survives() {
    let hour = Some("2026-11-26T14:46:20Z");
    let set = |signed, ending| {
        vec![
            planned(TokenKind::Refresh, false, ending, None),
            planned(TokenKind::Access, signed, if signed { Ending::None } else { ending }, hour),
            planned(TokenKind::Id, true, Ending::None, hour),
        ]
    };
    let check = |row: &Row, options: &Options, new: &str, ended: &str, after: &str| {
        let told = (row.new_by(), row.ended_by(options), row.afterwards(options, now(), Zone::utc()));
        assert_eq!(told, (new.to_owned(), ended.to_owned(), after.to_owned()));
    };
    let options = Options::default();
    let opaque = row("a", "", Some(Way::Login), set(false, Ending::Revocation));
    check(&opaque, &options, "login", "revocation: refresh, access", "refresh can be ended, access can be ended");
    let jwt = row("a", "", Some(Way::Login), set(true, Ending::Revocation));
    check(&jwt, &options, "login", "revocation: refresh", "refresh can be ended, access outlasts it until 14:46:20");
    let kept = Options { revoke: false, ..Options::default() };
    check(&jwt, &kept, "login", "not revoked, as requested", "refresh is not ended, access outlasts it until 14:46:20");
    let used_up = row("a", "", Some(Way::Login), set(true, Ending::UseUp));
    check(
        &used_up,
        &options,
        "login",
        "using up the refresh token",
        "refresh can be ended, access outlasts it until 14:46:20",
    );
    let refresh = row("a", "", Some(Way::Refresh), set(true, Ending::Replaced));
    check(
        &refresh,
        &options,
        "refresh, same grant",
        "the refresh replaces them",
        "refresh can be ended, access outlasts it until 14:46:20",
    );
    let same = row("a", "", Some(Way::Refresh), set(false, Ending::Revocation));
    check(
        &same,
        &options,
        "refresh, same grant",
        "not revoked: same grant",
        "refresh is not ended, access outlasts it until 14:46:20",
    );
    let none = row("a", "", None, set(false, Ending::Revocation));
    check(
        &none,
        &options,
        "no way",
        "not revoked: the session has no other",
        "refresh is not ended, access outlasts it until 14:46:20",
    );
    let panic = Options { panic: true, ..Options::default() };
    check(&none, &panic, "no way", "revocation: refresh, access", "refresh can be ended, access can be ended");
    let by_hand = row("a", "", Some(Way::Asked), set(true, Ending::None));
    check(
        &by_hand,
        &options,
        "login, asks you",
        "no way to revoke",
        "refresh cannot be ended, access outlasts it until 14:46:20",
    );
    let mut own = jwt;
    own.tokens[1] = Planned { own: true, ..planned(TokenKind::Access, true, Ending::Revocation, hour) };
    check(&own, &options, "login", "revocation: refresh, access", "refresh can be ended, access can be ended");
    let mut untested = opaque;
    untested.tokens[0].tests.clear();
    untested.tokens.truncate(1);
    check(&untested, &options, "login", "revocation: refresh", "refresh can be ended, not proven");
    let over = row(
        "a",
        "",
        Some(Way::Login),
        vec![planned(TokenKind::Access, true, Ending::None, Some("2026-11-26T13:00:00Z"))],
    );
    check(&over, &options, "login", "no way to revoke", "expired already");
    check(&row("a", "", Some(Way::Login), Vec::new()), &options, "login", "no old tokens", "no old tokens");
}

#[test]
fn nothing_is_left_to_do_about_what_has_expired() {
    let (over, ahead) = ("2026-11-26T13:00:00Z", "2026-11-26T15:00:00Z");
    let advice = |ending, end, options: &Options| {
        let mut row = row("a", "", Some(Way::Login), vec![planned(TokenKind::Access, false, ending, Some(end))]);
        row.by_hand = Some("ask the operator".to_owned());
        row.advice(options, now()).map(str::to_owned)
    };
    let (options, kept) = (Options::default(), Options { revoke: false, ..Options::default() });
    assert_eq!(advice(Ending::None, over, &options), None);
    assert_eq!(advice(Ending::None, ahead, &options), Some("ask the operator".to_owned()));
    assert_eq!(advice(Ending::Revocation, ahead, &options), None);
    assert_eq!(advice(Ending::Revocation, ahead, &kept), Some("ask the operator".to_owned()));
}

#[test]
fn totals_count_people_survivors_and_protected_environments_once() {
    let jwt = |end| vec![planned(TokenKind::Access, true, Ending::None, Some(end))];
    let rows = vec![
        row("a", "prod", Some(Way::Login), jwt("2026-11-26T14:10:00Z")),
        row("b", "Prod ", Some(Way::Asked), jwt("2026-11-26T15:10:00Z")),
        row("c", "prod-eu", None, vec![planned(TokenKind::Refresh, false, Ending::Revocation, None)]),
        row("d", "staging", Some(Way::Refresh), jwt("2026-11-26T13:10:00Z")),
    ];
    let mut plan = Plan::new(Options::default(), rows, &Protected::new(["prod*".to_owned()]), true);
    assert_eq!(plan.protected, ["prod", "prod-eu"]);
    let until = Some(at("2026-11-26T15:10:00Z"));
    let totals = PlanTotals { profiles: 4, alone: 2, asks: 1, cannot: 1, survivors: 3, until };
    assert_eq!(plan.totals(now()), totals);
    assert!(!plan.rows[1].may_ask_twice() && !plan.is_unattended(), "nothing is sent that could reach the new session");
    plan.rows[1].tokens[0].ending = Ending::Revocation;
    assert!(plan.rows[1].may_ask_twice());
    plan.rows.retain(|row| !row.asks() && row.way.is_some());
    assert!(plan.is_unattended());
}

#[test]
fn a_token_is_tried_where_that_is_possible_and_safe() {
    use By::{Introspect, Replay as Again, Use};
    let tests = |kind, replay, way| tests(kind, true, true, replay, way);
    assert_eq!(tests(TokenKind::Access, Replay::AfterLogin, Some(Way::Login)), [Use, Introspect]);
    assert_eq!(tests(TokenKind::Refresh, Replay::AfterLogin, Some(Way::Login)), [Again, Introspect]);
    assert_eq!(tests(TokenKind::Refresh, Replay::AfterLogin, Some(Way::Refresh)), [Introspect]);
    assert_eq!(tests(TokenKind::Refresh, Replay::Always, Some(Way::Refresh)), [Again, Introspect]);
    assert_eq!(tests(TokenKind::Refresh, Replay::Never, Some(Way::Login)), [Introspect]);
    assert_eq!(tests(TokenKind::Id, Replay::Always, Some(Way::Login)), []);
}
