//! `tokscope profile add` and `profile edit`, broken off and obstructed at every place.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokscope::{profile::ProfileName, store::profiles};

use crate::crash::{
    Outcomes,
    tracer::{ERRORS, End, Run},
};

/// A command, and what the file says before it; `None`: there is none.
pub(crate) struct Save {
    arguments: &'static [&'static str],
    before: Option<&'static str>,
}

pub(crate) const ADD: Save =
    Save { arguments: &["profile", "add", "new", "--provider", "pasted", "--tag", "t"], before: None };

pub(crate) const EDIT: Save = Save {
    arguments: &["profile", "edit", "lms", "--set", "timeout=31"],
    before: Some(
        "# mine\n[profile.lms] # and this\nprovider = \"pasted\"\nprobe_url = \"https://x.example/\" # here\n",
    ),
};

/// A configuration folder.
struct Place {
    folder: tempfile::TempDir,
    before: Option<&'static str>,
    /// What the file says afterwards.
    after: String,
}

impl Place {
    fn new(save: &Save) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "run", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut place = Self { folder, before: save.before, after: String::new() };
        place.reset();
        let done = Run { root: place.folder.path(), arguments: save.arguments }.alone().stderr(Stdio::null()).status();
        assert!(done.unwrap().success());
        place.after = place.text().unwrap();
        assert!(place.before.is_none_or(|before| place.after != before));
        place
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn text(&self) -> Option<String> {
        fs::read_to_string(profiles::path(&self.config())).ok()
    }

    fn reset(&self) {
        let _ = fs::remove_dir_all(self.config());
        if let Some(before) = self.before {
            fs::create_dir(self.config()).unwrap();
            fs::write(profiles::path(&self.config()), before).unwrap();
        }
    }

    /// Whether the file is the new one. It is that or the old one, and whoever edits it next leaves nothing else behind.
    fn is_new(&self, what: &str) -> bool {
        let text = self.text();
        let is_new = text.as_deref() == Some(&self.after);
        assert!(is_new || text.as_deref() == self.before, "{what}: {text:?}");
        assert!(profiles::load(&self.config()).is_ok(), "{what}");
        profiles::remove(&self.config(), &ProfileName::new("another").unwrap()).unwrap();
        let left = left_over(&self.config());
        assert!(left.is_empty(), "{what}: {left:?}");
        is_new
    }
}

/// Half-written files.
fn left_over(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".tokscope-")).collect()
}

pub(crate) fn killed(save: &Save) -> Outcomes {
    let place = Place::new(save);
    let run = Run { root: place.folder.path(), arguments: save.arguments };
    let mut outcomes = Outcomes::default();
    place.reset();
    for point in run.points(false) {
        place.reset();
        let end = run.killed_at(&point);
        let is_new = place.is_new(&format!("{point:?}"));
        outcomes.count(match end {
            End::Killed if is_new => "new",
            End::Killed => "old",
            End::Exited(0, _) if is_new => "ended by itself",
            end => panic!("{point:?}: {end:?}"),
        });
    }
    outcomes
}

pub(crate) fn failing(save: &Save) -> Outcomes {
    let place = Place::new(save);
    let run = Run { root: place.folder.path(), arguments: save.arguments };
    let mut outcomes = Outcomes::default();
    place.reset();
    for point in run.points(true) {
        for (error, words) in ERRORS {
            for and_all_later in [false, true] {
                place.reset();
                let End::Exited(code, stderr) = run.failing_at(&point, error, and_all_later) else {
                    panic!("{point:?}")
                };
                let what = format!("{error} at {point:?}: {code} {stderr}");
                let is_new = place.is_new(&what);
                outcomes.count(match (code, is_new) {
                    (0, true) => "did not matter",
                    (2, is_new) if point.mutes(and_all_later, &stderr) => match is_new {
                        true => "new, and nothing could be said",
                        false => "old, and nothing could be said",
                    },
                    (2, is_new) => {
                        let named = stderr.contains(words) || point.syscall == "statx";
                        assert!(stderr.contains("hint: ") && named, "{what}");
                        if is_new { "new and told" } else { "old and told" }
                    }
                    _ => panic!("{what}"),
                });
            }
        }
    }
    outcomes
}

/// Whoever comes later starts from what the other one has written.
pub(crate) fn together() -> Outcomes {
    let place = Place::new(&EDIT);
    let mut outcomes = Outcomes::default();
    let rounds = if crate::crash::is_whole() { 25 } else { 3 };
    for round in 0..rounds {
        place.reset();
        let add = |name: String| {
            let arguments = ["profile", "add", &name, "--provider", "pasted"];
            let mut command = Run { root: place.folder.path(), arguments: &arguments }.alone();
            command.stderr(Stdio::null()).spawn().unwrap()
        };
        let set = |setting: &str| {
            let arguments = ["profile", "edit", "lms", "--set", setting];
            let mut command = Run { root: place.folder.path(), arguments: &arguments }.alone();
            command.stderr(Stdio::null()).spawn().unwrap()
        };
        let children: Vec<_> = (0..4)
            .map(|n| add(format!("p{n}")))
            .chain(["timeout=9", "probe_url=https://y.example/"].map(set))
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let profiles = profiles::load(&place.config()).unwrap();
        let names: Vec<_> = profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names.len(), 5, "round {round}: {names:?}");
        let settings = &profiles.iter().find(|profile| profile.name.as_str() == "lms").unwrap().settings;
        assert_eq!((settings["timeout"].as_str(), settings["probe_url"].as_str()), ("9", "https://y.example/"));
        (0..6).for_each(|_| outcomes.count("kept"));
    }
    outcomes
}
