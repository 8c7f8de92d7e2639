//! Old generations: what is kept of them, and until when.

use super::*;
use crate::clock::Timestamp;

fn at(time: &str) -> Timestamp {
    clock::parse(time).unwrap()
}

/// A set whose tokens end at this time, received so many minutes after nine.
fn set(text: &str, minutes: i64, ends: Option<&str>) -> TokenSet {
    let mut set = tokens(text);
    set.received_at = at("2026-11-21T21:00:00Z") + chrono::TimeDelta::minutes(minutes);
    set.tokens.iter_mut().for_each(|token| token.expires_at = ends.map(at));
    set
}

fn numbers(record: &Record) -> Vec<u64> {
    record.generations.iter().map(|old| old.number).collect()
}

/// As version 2 wrote it: the previous set beside the current one, and no numbers.
const VERSION_2: &str = r#"{"version":2,"profile":"a","counter":7,
    "token_set":{"tokens":[{"kind":"access","raw":"marker-access-two","scheme":"Bearer","expires_at":null},
        {"kind":"refresh","raw":"marker-refresh","scheme":"Bearer","expires_at":null}],
        "scope":null,"account":"ada","received_at":"2026-11-21T21:10:00Z","remarks":[]},
    "issued_by":{"origins":["https://lms.example.org"],"client":"c"},
    "previous":{"tokens":[{"kind":"access","raw":"marker-access-one","scheme":"JWT","expires_at":"2026-11-21T22:00:00Z"},
        {"kind":"refresh","raw":"marker-refresh","scheme":"Bearer","expires_at":null}],
        "scope":"read","account":"ada","received_at":"2026-11-21T21:00:00Z","remarks":["odd"]},
    "in_flight":null,"retired":null,"doubt":null,
    "history":[{"at":"2026-11-21T21:00:00Z","kind":"login","access":null,"refresh":null,"expires_at":null},
        {"at":"2026-11-21T21:10:00Z","kind":"refresh","access":null,"refresh":null,"expires_at":null},
        {"at":"2026-11-21T21:20:00Z","kind":"retired","access":null,"refresh":null,"expires_at":null}],
    "secrets":{"password":"marker-password"}}"#;

#[test]
fn version_2_is_read_and_rewritten() {
    let (folder, identity, vault) = vault();
    let sealed = seal::seal(&identity.sealer(), Kind::Record, VERSION_2.as_bytes().to_vec().into());
    drop(vault);
    let vault = Vault::open(folder.path(), identity.clone()).unwrap();
    fs::write(file(&vault, "a"), sealed).unwrap();
    let check = |vault: &Vault| {
        let record = vault.read(&name("a")).unwrap().unwrap();
        assert_eq!((record.number, record.history.len(), record.secrets.len()), (2, 3, 1));
        assert_eq!(record.token_set.as_ref().unwrap().tokens.len(), 2);
        let [old] = &record.generations[..] else { panic!("{record:?}") };
        assert_eq!((old.number, old.grant, old.replaced_by), (1, 0, EventKind::Refresh));
        assert_eq!((old.account.as_deref(), old.scope.as_deref()), (Some("ada"), Some("read")));
        assert_eq!((old.received_at, old.replaced_at), (at("2026-11-21T21:00:00Z"), at("2026-11-21T21:10:00Z")));
        assert_eq!(old.issued_by, record.issued_by, "it may be sent where the current ones may");
        let [token] = &old.tokens[..] else { panic!("the refresh token is the current one's: {old:?}") };
        let issued = token.issued().unwrap();
        assert_eq!((issued.raw.expose_secret(), issued.scheme), ("marker-access-one", Scheme::JWT));
        assert_eq!(token.expires_at, Some(at("2026-11-21T22:00:00Z")));
    };
    check(&vault);
    vault.hold_now(&name("a")).unwrap().save().unwrap();
    let plaintext = identity.open(&fs::read(file(&vault, "a")).unwrap()).unwrap();
    let text = String::from_utf8(plaintext.to_vec()).unwrap();
    assert!(text.starts_with("{\"version\":4") && !text.contains("previous"), "{text}");
    check(&Vault::open(folder.path(), identity).unwrap());
    // A record that is as new as this one and not sealed by us is forged, whatever its version.
    for version in ["2", "3", "4"] {
        let forged = VERSION_2.replace("\"version\":2", &format!("\"version\":{version}"));
        fs::write(file(&vault, "a"), vault.seal(&forged.into()).unwrap()).unwrap();
        assert!(matches!(vault.read(&name("a")), Err(VaultError::Forged(_))));
    }
}

#[test]
fn a_set_that_is_replaced_becomes_an_old_generation() {
    let mut record = Record::default();
    record.renew(set("one", 0, None), EventKind::Login);
    record.issued_by = Some(IssuedBy { client: Some("c".to_owned()), ..IssuedBy::default() });
    record.renew(set("two", 1, None), EventKind::Refresh);
    record.renew(set("three", 2, None), EventKind::Login);
    assert_eq!((numbers(&record), record.number), (vec![1, 2], 3));
    let grants: Vec<_> = record.generations.iter().map(|old| old.grant).collect();
    assert_eq!((grants, record.grant), (vec![1, 1], 3), "a login begins another grant");
    let by: Vec<_> = record.generations.iter().map(|old| old.replaced_by).collect();
    assert_eq!(by, [EventKind::Refresh, EventKind::Login]);
    assert_eq!(record.generations[0].issued_by, record.issued_by);
    // What the successor has, too, is its own.
    let mut same = set("four", 3, None);
    same.tokens[1] = record.token_set.as_ref().unwrap().tokens[1].clone();
    record.renew(same.clone(), EventKind::Refresh);
    let kinds: Vec<_> = record.generations[2].tokens.iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [TokenKind::Access]);
    same.received_at = at("2026-11-21T22:00:00Z");
    record.renew(same, EventKind::Refresh);
    assert_eq!((numbers(&record), record.number), (vec![1, 2, 3], 5), "the very same tokens are no generation");
    // Given up, it is one, too.
    record.log_out(at("2026-11-21T23:00:00Z"));
    assert!(record.token_set.is_none());
    assert_eq!(numbers(&record), [1, 2, 3, 5]);
    record.clear();
    record.renew(set("five", 9, None), EventKind::Login);
    assert_eq!(record.number, 6, "no number is given twice");
}

#[test]
fn a_generation_stays_until_each_of_its_tokens_is_dead() {
    let mut record = Record::default();
    let mut first = set("one", 0, Some("2026-11-21T22:00:00Z"));
    first.tokens[1].expires_at = None;
    let (access, refresh) = (first.tokens[0].fingerprint(), first.tokens[1].fingerprint());
    record.renew(first, EventKind::Login);
    record.renew(set("two", 1, None), EventKind::Login);
    let observed = |time: &str| Some(Observation { at: at(time), status: Some(401), words: "no".to_owned() });
    let raw = |record: &Record| record.generations[0].tokens.iter().filter(|token| token.raw.is_some()).count();
    // Clocks differ: a minute.
    record.tidy(at("2026-11-21T22:00:59Z"));
    assert_eq!(raw(&record), 2);
    record.tidy(at("2026-11-21T22:01:00Z"));
    assert_eq!((raw(&record), record.generations[0].tokens.len()), (1, 2), "the dead token's text goes, the set stays");
    let now = at("2026-11-21T23:00:00Z");
    // Refused without a revocation, it may be the wrong server.
    record.evidence.entry(refresh).or_default().refused = observed("2026-11-21T22:10:00Z");
    record.tidy(now);
    assert_eq!(numbers(&record), [1]);
    // A yes to a revocation proves nothing, and an older refusal neither.
    record.evidence.get_mut(&refresh).unwrap().revocation = observed("2026-11-21T22:20:00Z");
    record.tidy(now);
    assert_eq!(numbers(&record), [1]);
    assert!(record.generations[0].survives(&record.evidence, now));
    record.evidence.get_mut(&refresh).unwrap().refused = observed("2026-11-21T22:30:00Z");
    // An acceptance since beats it.
    record.evidence.get_mut(&refresh).unwrap().accepted = observed("2026-11-21T22:40:00Z");
    record.tidy(now);
    assert_eq!(numbers(&record), [1]);
    record.evidence.get_mut(&refresh).unwrap().accepted = None;
    record.evidence.entry(access).or_default();
    record.tidy(now);
    assert!(record.generations.is_empty() && record.evidence.is_empty(), "nothing is left to know");
}

#[test]
fn the_text_of_the_newest_is_kept_and_of_the_others_what_tells_them_apart() {
    let renewed = |count: i64, bytes: usize| {
        let mut record = Record::default();
        for n in 0..count {
            let mut set = set(&n.to_string(), n, Some("2027-11-21T22:00:00Z"));
            set.tokens[0].raw = format!("{n:0>bytes$}").into();
            record.renew(set, EventKind::Refresh);
        }
        let with_text = record.generations.iter().filter(|old| old.token_set().is_some()).count();
        assert!(record.generations.iter().rev().take(with_text).all(|old| old.token_set().is_some()), "the newest");
        (record.generations.len(), with_text, record)
    };
    let (kept, with_text, record) = renewed(31, 40);
    assert_eq!((kept, with_text), (30, generation::RAW_SETS));
    let oldest = &record.generations[0];
    assert_eq!(oldest.token(TokenKind::Access).unwrap().fingerprint, Fingerprint::of(&"0".repeat(40)));
    assert_eq!(oldest.token(TokenKind::Refresh).unwrap().expires_at, Some(at("2027-11-21T22:00:00Z")));
    let (kept, with_text, _) = renewed(11, 60 << 10);
    assert_eq!((kept, with_text), (10, 4), "256 KiB");
    // The file has a limit, too: those that a revocation tried to end are the last to go.
    let (_, _, mut record) = renewed(3, 40);
    let survivor = record.generations[0].tokens[0].fingerprint;
    let asked = Observation { at: at("2026-11-21T21:00:00Z"), status: Some(200), words: String::new() };
    record.evidence.entry(survivor).or_default().revocation = Some(asked);
    for n in 0..generation::SETS as i64 {
        record.renew(set(&format!("more {n}"), 10 + n, Some("2027-11-21T22:00:00Z")), EventKind::Refresh);
    }
    assert_eq!((record.generations.len(), record.generations[0].number), (generation::SETS, 1));
    assert_eq!(record.generations[1].number, 4);
    let (_folder, _identity, vault) = vault();
    let mut entry = vault.hold_now(&name("a")).unwrap();
    entry.record = record;
    entry.save().unwrap();
}

#[test]
fn old_generations_go_where_the_tokens_go() {
    let (_folder, identity, vault) = vault();
    save(&vault, "a", "two");
    let (a, b) = (name("a"), name("b"));
    vault.rename(&a, &b).unwrap();
    assert_eq!(old(&vault.read(&b).unwrap().unwrap()), "marker-access-one");
    // From memory into the vault, with numbers of its own there.
    let memory = Vault::memory();
    ["three", "four", "five"].into_iter().for_each(|text| save(&memory, "b", text));
    let mut entry = memory.hold_now(&b).unwrap();
    entry.record.log_out(at("2026-11-21T21:30:00Z"));
    entry.save().unwrap();
    drop(entry);
    save(&memory, "b", "six");
    vault.take_over(&memory).unwrap();
    let record = vault.read(&b).unwrap().unwrap();
    let mut texts: Vec<_> = record
        .generations
        .iter()
        .map(|old| old.token_set().unwrap().tokens[0].raw.expose_secret().replace("marker-access-", ""))
        .collect();
    texts.sort();
    assert_eq!(texts, ["five", "four", "one", "three", "two"]);
    let mut all = numbers(&record);
    all.push(record.number);
    assert!(all.is_sorted_by(|one, other| one < other), "{all:?}");
    // Only survivors.
    let memory = Vault::memory();
    save(&memory, "c", "seven");
    let mut entry = memory.hold_now(&name("c")).unwrap();
    entry.record.log_out(at("2026-11-21T21:30:00Z"));
    entry.save().unwrap();
    drop(entry);
    vault.take_over(&memory).unwrap();
    let record = vault.read(&name("c")).unwrap().unwrap();
    assert!(record.token_set.is_none() && old(&record) == "marker-access-seven");
    // Behind the lock there are none, and forgetting drops them.
    vault.lock();
    assert!(matches!(vault.read(&b), Err(VaultError::Locked)));
    vault.unlock(identity);
    vault.forget(&b).unwrap();
    assert!(vault.read(&b).unwrap().unwrap().generations.is_empty());
}

/// Two refreshes in a row that could not be written: the file knows only the first of three sets.
#[test]
fn what_came_after_what_could_not_be_written_is_taken_back_with_all_before_it() {
    let (folder, identity, vault) = vault();
    let place = folder.path().join("elsewhere");
    let vault = vault.rescuing_in(vec![place.clone()]);
    let (a, path) = (name("a"), file(&vault, "a"));
    let mut entry = vault.hold_now(&a).unwrap();
    block(&path);
    entry.record.renew(tokens("two"), EventKind::Refresh);
    assert!(entry.keep().is_some());
    entry.record.renew(tokens("three"), EventKind::Refresh);
    assert!(entry.keep().is_some());
    drop(entry);
    drop(vault);
    unblock(&path);
    let next = Vault::open(folder.path(), identity).unwrap().rescuing_in(vec![place]);
    let record = next.read(&a).unwrap().unwrap();
    assert_eq!(access(&next, "a").as_deref(), Some("marker-access-three"));
    let texts: Vec<_> = record.generations.iter().map(|old| old.token_set().unwrap().tokens[0].raw.clone()).collect();
    let texts: Vec<_> = texts.iter().map(|raw| raw.expose_secret()).collect();
    assert_eq!(texts, ["marker-access-one", "marker-access-two"]);
}

#[test]
fn the_dead_are_dropped_and_the_empty_file_with_them() {
    let (_folder, _identity, vault) = vault();
    save(&vault, "a", "two");
    let a = name("a");
    vault.tidy(&a, at("2026-11-21T22:00:30Z")).unwrap();
    assert_eq!(vault.read(&a).unwrap().unwrap().generations.len(), 1);
    let entry = vault.hold_now(&a).unwrap();
    vault.tidy(&a, at("2026-11-21T22:01:01Z")).unwrap();
    assert_eq!(vault.read(&a).unwrap().unwrap().generations.len(), 1, "it is in use, and is not waited for");
    drop(entry);
    vault.tidy(&a, at("2026-11-21T22:01:01Z")).unwrap();
    assert!(vault.read(&a).unwrap().unwrap().generations.is_empty());
}
