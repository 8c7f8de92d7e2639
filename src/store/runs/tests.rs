use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;

use super::*;

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

fn id(digits: &str) -> RunId {
    RunId::parse(&format!("20261126-071502-{digits}")).unwrap()
}

#[test]
fn a_run_is_named_by_its_time() {
    let at = clock::parse("2026-11-26T07:15:02.9Z").unwrap();
    let one = RunId::new(at);
    assert!(one.as_str().starts_with("20261126-071502-") && one.as_str().len() == 20, "{one}");
    assert_eq!(RunId::parse(one.as_str()), Some(one.clone()));
    assert!(RunId::new(at + chrono::TimeDelta::days(30)) > one);
    for text in ["", "20261126-071502", "20261126-071502-5F2C", "20261126-071502-5f2c-", "../20261126-071502-5f2c"] {
        assert_eq!(RunId::parse(text), None, "{text}");
    }
}

#[test]
fn what_was_settled_is_read_again_in_a_folder_and_in_memory() {
    let root = tempfile::tempdir().unwrap();
    let vault = root.path().join("vault");
    for runs in [Runs::beside(&vault), Runs::default()] {
        assert_eq!(runs.list().unwrap(), []);
        let (a, b) = (name("a"), name("b.2"));
        let run = runs.begin(&id("0001"), &[a.clone(), b.clone()], &json!({ "panic": false })).unwrap();
        drop(runs.begin(&id("0002"), &[], &json!(null)).unwrap());
        run.settle(&b, &json!({ "outcome": "failed" })).unwrap();
        assert_eq!(runs.list().unwrap(), [id("0002"), id("0001")]);
        let read = runs.read(&id("0001")).unwrap();
        assert_eq!((read.profiles.as_slice(), &read.plan), (&[a.clone(), b.clone()][..], &json!({ "panic": false })));
        assert_eq!(read.settled, [(b.clone(), json!({ "outcome": "failed" }))]);
        assert_eq!(read.left().collect::<Vec<_>>(), [&a]);
        assert_eq!(runs.unfinished().unwrap().iter().map(|run| run.id.clone()).collect::<Vec<_>>(), [id("0001")]);
        assert_eq!((runs.run_of(&a).unwrap(), runs.run_of(&b).unwrap()), (Some(id("0001")), None));
        // One performs it; the next word about a profile counts.
        assert!(runs.is_held(&id("0001")) && !runs.is_held(&id("0002")));
        assert!(matches!(runs.hold(&id("0001")), Err(StoreError::Busy(_))));
        drop(run);
        assert!(!runs.is_held(&id("0001")));
        let run = runs.hold(&id("0001")).unwrap();
        run.settle(&a, &json!(1)).unwrap();
        run.settle(&b, &json!(2)).unwrap();
        assert_eq!(runs.read(run.id()).unwrap().settled, [(b, json!(2)), (a, json!(1))]);
        assert!(runs.unfinished().unwrap().is_empty());
        let missing = runs.read(&id("0003")).unwrap_err();
        assert!(matches!(missing, StoreError::Io { .. }), "{missing}");
        // Receipts.
        assert_eq!(runs.receipt(&id("0001"), "md").unwrap(), None);
        for text in ["one", "two"] {
            runs.keep_receipt(&id("0001"), "md", text).unwrap();
            assert_eq!(runs.receipt(&id("0001"), "md").unwrap().as_deref(), Some(text));
        }
        assert_eq!(runs.list().unwrap().len(), 2);
    }
    for entry in fs::read_dir(root.path().join("runs")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(root.path().join("runs")).unwrap().permissions().mode() & 0o777, 0o700);
}

/// Whatever a crash has left of the last line.
#[test]
fn a_line_that_was_cut_does_not_count_and_spoils_no_other() {
    let root = tempfile::tempdir().unwrap();
    let runs = Runs::beside(&root.path().join("vault"));
    let (a, b) = (name("a"), name("b"));
    drop(runs.begin(&id("0001"), &[a.clone(), b.clone()], &json!({})).unwrap());
    let path = root.path().join("runs/20261126-071502-0001.jsonl");
    let begun = fs::read(&path).unwrap();
    let line = b"{\"profile\":\"a\",\"settled\":1}\n";
    for cut in 0..line.len() {
        fs::write(&path, [&begun[..], &line[..cut]].concat()).unwrap();
        assert_eq!(runs.read(&id("0001")).unwrap().left().count(), 2, "{cut}");
        runs.hold(&id("0001")).unwrap().settle(&b, &json!(2)).unwrap();
        let read = runs.read(&id("0001")).unwrap();
        assert_eq!(read.settled, [(b.clone(), json!(2))], "{cut}");
        assert_eq!(read.left().collect::<Vec<_>>(), [&a]);
    }
    for damaged in [&b""[..], b"{\n", b"{\"version\":2,\"profiles\":[],\"plan\":null}\n"] {
        fs::write(&path, damaged).unwrap();
        assert!(runs.read(&id("0001")).unwrap_err().to_string().contains("tokscope can read"));
        assert!(runs.unfinished().unwrap().is_empty());
    }
}

#[test]
fn many_settle_at_once() {
    let root = tempfile::tempdir().unwrap();
    let runs = Runs::beside(&root.path().join("vault"));
    let names: Vec<_> = (0..32).map(|number| name(&format!("p{number}"))).collect();
    let run = runs.begin(&id("0001"), &names, &json!({})).unwrap();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| run.settle(name, &json!({ "words": "x".repeat(9_000) })).unwrap());
        }
    });
    let read = runs.read(&id("0001")).unwrap();
    assert_eq!((read.settled.len(), read.left().count()), (32, 0));
}
