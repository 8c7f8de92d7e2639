//! The first opening of a vault that version 1 has left, killed at every place.

use std::{fs, path::PathBuf};

use tokscope::{profile::ProfileName, store::vault};

use crate::crash::{
    Outcomes,
    tracer::{End, Run},
    world::{World, generation},
};

/// The files of the vault as version 1 would have left them, by their paths.
struct Old(Vec<(PathBuf, Vec<u8>)>);

impl Old {
    /// Of what is there now: a key that promises nothing, and records without a counter and an authentication code.
    fn of(world: &World) -> Self {
        let folder = vault::path(&world.config());
        let home = folder.join("identity.txt");
        let text = fs::read_to_string(&home).unwrap().replace("# version 2", "");
        let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
        let key: age::x25519::Identity = key.parse().unwrap();
        let mut files = vec![(home, text.into_bytes())];
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|end| end == "age") {
                let object = age::decrypt(&key, &fs::read(&path).unwrap()).unwrap();
                let mut object: serde_json::Map<_, _> = serde_json::from_slice(&object).unwrap();
                object.retain(|name, _| !["counter", "mac", "issued_by"].contains(&name.as_str()));
                object["version"] = 1.into();
                let object = serde_json::to_vec(&object).unwrap();
                files.push((path, age::encrypt(&key.to_public(), &object).unwrap()));
            }
        }
        assert_eq!(files.len(), 3, "the key, and two records");
        Self(files)
    }

    fn put_back(&self, world: &World) {
        let _ = fs::remove_file(vault::path(&world.config()).join("migration.age"));
        self.0.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    }
}

pub(crate) async fn killed() -> Outcomes {
    let world = World::new(60).await;
    let before = world.record().await;
    let other = ProfileName::new("bea").unwrap();
    world.session().await.adopt(&other, before.token_set.clone().unwrap()).unwrap();
    let old = Old::of(&world);
    old.put_back(&world);
    let run = Run { root: world.root(), arguments: &["probe", "ada", "--no-input"] };
    let mut outcomes = Outcomes::default();
    for point in run.points(false) {
        old.put_back(&world);
        let end = run.killed_at(&point);
        assert!(matches!(end, End::Exited(0, _) | End::Killed), "{point:?}: {end:?}");
        let left = old.0[1..].iter().filter(|(path, bytes)| fs::read(path).unwrap() == *bytes).count();
        // Whoever comes next finds everything, and ends it.
        let contents = world.session().await.records().unwrap();
        assert!(contents.unreadable.is_empty(), "{point:?}: {contents:?}");
        let found: Vec<_> = contents.records.iter().map(|(_, record)| generation(record)).collect();
        assert_eq!(found, [generation(&before); 2], "{point:?}");
        for (path, bytes) in &old.0[1..] {
            assert!(fs::read(path).unwrap() != *bytes, "{point:?}: it is written anew");
            fs::write(path, bytes).unwrap();
        }
        assert_eq!(world.session().await.records().unwrap().unreadable.len(), 2, "{point:?}: once, and no more");
        outcomes.count(match left {
            0 => "all taken over",
            1 => "one taken over",
            _ => "none taken over",
        });
    }
    outcomes
}
