//! What leaves the vault leaves the disk: no file keeps it, as text or sealed.

use super::*;
use crate::clock::Timestamp;

fn at(time: &str) -> Timestamp {
    clock::parse(time).unwrap()
}

/// Long enough that a file is shorter without it.
const LONG: usize = 8 << 10;

/// A set that is received so many minutes after nine and over an hour later, with long tokens.
fn long(text: &str, minutes: i64, bytes: usize) -> TokenSet {
    let mut set = tokens(text);
    set.received_at = at("2026-11-21T21:00:00Z") + chrono::TimeDelta::minutes(minutes);
    let end = set.received_at + chrono::TimeDelta::hours(1);
    for token in &mut set.tokens {
        (token.raw, token.expires_at) =
            (format!("{}{}", token.raw.expose_secret(), "x".repeat(bytes)).into(), Some(end));
    }
    set
}

/// All that the files of a folder say, opened where this key opens them, and how many bytes the records take.
fn on_disk(folder: &Path, identity: &Identity) -> (String, u64) {
    let (mut said, mut size, mut folders) = (String::new(), 0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = fs::read(entry.path()).unwrap();
            said += &String::from_utf8_lossy(&bytes);
            if let Ok(plaintext) = identity.open(&bytes) {
                said += &String::from_utf8_lossy(&plaintext);
                size += bytes.len() as u64;
            }
        }
    }
    (said, size)
}

fn says(said: &str, text: &str) -> bool {
    ["marker-access", "marker-refresh"].iter().any(|kind| said.contains(&format!("{kind}-{text}x")))
}

/// A vault with these sets of the profile `a`, the last one current.
fn with(sets: impl IntoIterator<Item = TokenSet>) -> (TempDir, Identity, Vault) {
    let (folder, identity, vault) = vault();
    for set in sets {
        let mut entry = vault.hold_now(&name("a")).unwrap();
        entry.record.renew(set, EventKind::Login);
        entry.save().unwrap();
    }
    (folder, identity, vault)
}

#[test]
fn what_time_ends_leaves_the_disk() {
    let sets = ["two", "three", "four"].into_iter().zip([10, 30, 50]);
    let (folder, identity, vault) = with(sets.map(|(text, minutes)| long(text, minutes, LONG)));
    let (said, before) = on_disk(folder.path(), &identity);
    assert!(says(&said, "two") && says(&said, "three") && says(&said, "four"));
    vault.tidy(&name("a"), at("2026-11-21T22:11:01Z")).unwrap();
    let (said, after) = on_disk(folder.path(), &identity);
    assert!(!says(&said, "two") && says(&said, "three") && says(&said, "four"));
    assert!(after + 2 * LONG as u64 <= before, "{before} {after}");
    vault.tidy(&name("a"), at("2026-11-21T22:31:01Z")).unwrap();
    let (said, last) = on_disk(folder.path(), &identity);
    assert!(!says(&said, "three") && says(&said, "four") && last + 2 * LONG as u64 <= after, "{after} {last}");
}

#[test]
fn what_is_forgotten_leaves_the_disk() {
    let (folder, identity, vault) = with(["two", "three"].map(|text| long(text, 10, LONG)));
    let (_, before) = on_disk(folder.path(), &identity);
    let kept = vault.forget_set(&name("a"), 2).unwrap();
    let (said, after) = on_disk(folder.path(), &identity);
    assert!(!says(&said, "two") && says(&said, "three") && after + 2 * LONG as u64 <= before, "{before} {after}");
    assert!(vault.forget_set(&name("a"), 2).unwrap().generations.is_empty(), "it is gone already");
    vault.put_back(&name("a"), kept).unwrap();
    assert!(says(&on_disk(folder.path(), &identity).0, "two"));
    vault.forget(&name("a")).unwrap();
    let (said, last) = on_disk(folder.path(), &identity);
    assert!(!says(&said, "two") && !says(&said, "three") && last < LONG as u64, "{last}");
}

/// The text of the newest sets is kept, and of no more than have room.
#[test]
fn what_is_beyond_the_limits_leaves_the_disk() {
    let count = generation::RAW_SETS as i64 + 3;
    let (folder, identity, _vault) = with((0..count).map(|n| long(&format!("n{n}"), 0, 100)));
    let said = on_disk(folder.path(), &identity).0;
    // One is the current set.
    let kept: Vec<_> = (0..count).filter(|n| says(&said, &format!("n{n}"))).collect();
    assert_eq!(kept, (count - 1 - generation::RAW_SETS as i64..count).collect::<Vec<_>>());
    let (folder, identity, _vault) = with((0..8).map(|n| long(&format!("n{n}"), 0, 40 << 10)));
    let (said, size) = on_disk(folder.path(), &identity);
    let kept: Vec<_> = (0..8).filter(|n| says(&said, &format!("n{n}"))).collect();
    assert_eq!(kept, [4, 5, 6, 7], "three old sets of 80 KiB, and the current one");
    assert!(size < (generation::RAW_BYTES + (100 << 10)) as u64, "{size}");
}

/// What was forgotten of a profile comes back beside what came meanwhile, and takes the place of nothing.
#[test]
fn a_forgotten_set_comes_back_in_its_place() {
    let (_folder, _identity, vault) = with(["two", "three"].map(|text| long(text, 10, 1)));
    let a = name("a");
    let numbers = || vault.read(&a).unwrap().unwrap().generations.iter().map(|old| old.number).collect::<Vec<_>>();
    let print = vault.read(&a).unwrap().unwrap().generations[0].tokens[0].fingerprint;
    let mut entry = vault.hold_now(&a).unwrap();
    let asked = Observation { at: at("2026-11-21T21:05:00Z"), status: Some(200), words: String::new() };
    entry.record.evidence.entry(print).or_default().revocation = Some(asked);
    entry.save().unwrap();
    drop(entry);
    let kept = vault.forget_set(&a, 1).unwrap();
    assert_eq!(numbers(), [2]);
    assert!(vault.read(&a).unwrap().unwrap().evidence.is_empty());
    save(&vault, "a", "four");
    assert!(vault.put_back(&a, kept).unwrap());
    assert_eq!(numbers(), [1, 2, 3]);
    let record = vault.read(&a).unwrap().unwrap();
    assert_eq!((access(&vault, "a").as_deref(), record.number), (Some("marker-access-four"), 4));
    assert!(record.evidence(print).is_revoked(), "what was known of it is known again");
    // Where all was forgotten and nothing came since, all comes back; the set of a logout since then stays beside it.
    let kept = vault.forget(&a).unwrap();
    save(&vault, "a", "five");
    let mut entry = vault.hold_now(&a).unwrap();
    entry.record.log_out(at("2026-11-21T21:06:00Z"));
    entry.save().unwrap();
    drop(entry);
    assert!(vault.put_back(&a, kept).unwrap());
    assert_eq!((access(&vault, "a").as_deref(), numbers()), (Some("marker-access-four"), vec![1, 2, 3, 5]));
}
