//! Whatever a record holds can be read again once it is written.

use chrono::DateTime;
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::{
    clock::{self, bounded},
    secret::ExposeSecret as _,
};

/// Any time at all, most often one near the ends of the calendar or of what can be written.
fn times() -> impl Strategy<Value = Timestamp> {
    let special = vec![
        Timestamp::MIN_UTC,
        Timestamp::MAX_UTC,
        Timestamp::UNIX_EPOCH,
        bounded(Timestamp::MIN_UTC),
        bounded(Timestamp::MAX_UTC),
        DateTime::from_timestamp(253_402_300_800, 0).expect("the year 10000"),
        DateTime::from_timestamp(1_795_296_938_000, 999_999_999).expect("milliseconds taken for seconds"),
    ];
    prop_oneof![
        select(special),
        (any::<i64>(), 0..2_000_000_000_u32)
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap_or_default()),
        (-70_000_000_000..300_000_000_000_i64).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap_or_default()),
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x1f\"\\\\\u{2028}é]{0,8}", Just(String::new())]
}

fn fingerprints() -> impl Strategy<Value = Fingerprint> {
    texts().prop_map(|text| Fingerprint::of(&text))
}

fn schemes() -> impl Strategy<Value = Scheme> {
    let named = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}".prop_filter_map("a scheme", |name| Scheme::new(&name));
    prop_oneof![Just(Scheme::BEARER), Just(Scheme::JWT), named]
}

fn tokens() -> impl Strategy<Value = IssuedToken> {
    (select(&TokenKind::ALL[..]), texts(), schemes(), option::of(times()))
        .prop_map(|(kind, raw, scheme, expires_at)| IssuedToken { kind, raw: raw.into(), expires_at, scheme })
}

fn token_sets() -> impl Strategy<Value = TokenSet> {
    (vec(tokens(), 0..5), option::of(texts()), option::of(texts()), times(), vec(texts(), 0..4)).prop_map(
        |(tokens, scope, account, received_at, remarks)| TokenSet { tokens, scope, account, received_at, remarks },
    )
}

fn events() -> impl Strategy<Value = Event> {
    let of = || option::of(fingerprints());
    (times(), select(&EventKind::ALL[..]), of(), of(), option::of(times()))
        .prop_map(|(at, kind, access, refresh, expires_at)| Event { at, kind, access, refresh, expires_at })
}

fn observations() -> impl Strategy<Value = Observation> {
    (times(), option::of(any::<u16>()), texts()).prop_map(|(at, status, words)| Observation { at, status, words })
}

fn issuers() -> impl Strategy<Value = IssuedBy> {
    (vec(texts(), 0..3), option::of(texts()))
        .prop_map(|(origins, client)| IssuedBy { origins: origins.into_iter().collect(), client })
}

fn old_tokens() -> impl Strategy<Value = OldToken> {
    (select(&TokenKind::ALL[..]), fingerprints(), option::of(texts()), schemes(), option::of(times())).prop_map(
        |(kind, fingerprint, raw, scheme, expires_at)| {
            let raw = raw.map(Into::into);
            OldToken { kind, fingerprint, raw, scheme, expires_at }
        },
    )
}

prop_compose! {
    fn old_generations()(
        (number, grant) in (any::<u64>(), any::<u64>()),
        tokens in vec(old_tokens(), 0..4),
        (scope, account) in (option::of(texts()), option::of(texts())),
        (received_at, replaced_at) in (times(), times()),
        issued_by in option::of(issuers()),
        replaced_by in select(&EventKind::ALL[..]),
    ) -> Generation {
        Generation { number, grant, tokens, scope, account, received_at, issued_by, replaced_at, replaced_by }
    }
}

fn attempts() -> impl Strategy<Value = Attempts> {
    let counts = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
    (counts, vec((fingerprints(), any::<u32>()), 0..3)).prop_map(|((obtain, use_up, replay, recover), endings)| {
        Attempts { obtain, endings: endings.into_iter().collect(), use_up, replay, recover }
    })
}

prop_compose! {
    fn journals()(
        at in times(),
        way in option::of(select(&Way::ALL[..])),
        kinship in option::of(select(&Kinship::ALL[..])),
        step in select(&Step::ALL[..]),
        attempts in attempts(),
        old in option::of((any::<u64>(), any::<u64>(), token_sets(), option::of(issuers()))),
        remarks in vec(texts(), 0..3),
        (so_far, settled) in (option::of(texts()), option::of(texts())),
    ) -> Journal {
        let old = old.map(|(number, grant, token_set, issued_by)| OldSet { number, grant, token_set, issued_by });
        Journal { run: RunId::new(at), way, kinship, step, attempts, old, remarks, so_far, settled }
    }
}

prop_compose! {
    fn evidence()(
        revocation in option::of(observations()),
        refused in option::of(observations()),
        accepted in option::of(observations()),
    ) -> Evidence {
        Evidence { revocation, refused, accepted }
    }
}

prop_compose! {
    #[allow(clippy::needless_update, reason = "what a record holds besides is written too")]
    fn records()(
        token_set in option::of(token_sets()),
        (number, grant) in (any::<u64>(), any::<u64>()),
        generations in vec(old_generations(), 0..4),
        evidence in vec((fingerprints(), evidence()), 0..4),
        in_flight in option::of((fingerprints(), times(), any::<u32>(), any::<u32>())),
        retired in option::of((fingerprints(), times(), texts())),
        issued_by in option::of(issuers()),
        doubt in option::of((times(), texts())),
        rotation in option::of(journals()),
        history in vec(events(), 0..6),
        secrets in vec((texts(), texts()), 0..4),
    ) -> Record {
        let in_flight = in_flight
            .map(|(refresh_token, since, pid, attempts)| InFlight { refresh_token, since, pid, attempts });
        let retired = retired.map(|(refresh_token, at, words)| Retired { refresh_token, at, words });
        let doubt = doubt.map(|(at, words)| Doubt { at, words });
        let secrets = secrets.into_iter().map(|(key, secret)| (key, secret.into())).collect();
        let evidence = evidence.into_iter().collect();
        Record {
            token_set, issued_by, number, grant, generations, evidence, in_flight, retired, doubt, rotation, history, secrets,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(record in records(), profile in texts(), counter in any::<u64>()) {
        prop_assert!(survives(&profile, counter, &record));
        let Ok(Written { record: again, .. }) = read(&write(&profile, counter, &record)) else { panic!("it survives") };
        let ends = |set: &Option<TokenSet>| -> Vec<_> {
            let tokens = set.iter().flat_map(|set| &set.tokens);
            tokens.map(|token| (token.raw.expose_secret().to_owned(), token.expires_at.map(bounded))).collect()
        };
        prop_assert_eq!(ends(&again.token_set), ends(&record.token_set));
        let old = |record: &Record| -> Vec<_> {
            let tokens = record.generations.iter().flat_map(|old| &old.tokens);
            let raw = |token: &OldToken| token.raw.as_ref().map(|raw| raw.expose_secret().to_owned());
            tokens.map(|token| (token.fingerprint, raw(token), token.expires_at.map(bounded))).collect()
        };
        prop_assert_eq!(old(&again), old(&record));
    }
}

/// What earlier versions wrote, and could not read: it is healed.
#[test]
fn a_date_beyond_the_calendar_does_not_close_a_record() {
    let record = Record {
        token_set: Some(TokenSet {
            tokens: Vec::new(),
            scope: None,
            account: None,
            received_at: clock::parse("2026-11-21T21:35:38Z").unwrap(),
            remarks: Vec::new(),
        }),
        ..Record::default()
    };
    let text = String::from_utf8(write("a", 1, &record).to_vec()).unwrap();
    let odd = text.replace("2026-11-21T21:35:38Z", "+33658-09-27T01:46:39Z");
    assert_ne!(text, odd);
    let Written { record, .. } = read(odd.as_bytes()).unwrap_or_else(|_| panic!("it can be read"));
    assert_eq!(clock::utc(record.token_set.unwrap().received_at), "9999-12-31T23:59:59Z");
}
