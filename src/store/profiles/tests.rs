use std::fs;

use super::*;

#[test]
fn a_renamed_profile_keeps_its_place_and_comments() {
    let dir = tempfile::tempdir().unwrap();
    let text = "# first\n[profile.a]\nprovider = \"openedx\" # why\n\n# second\n[profile.b]\nprovider = \"seta\"\n";
    fs::write(path(dir.path()), text).unwrap();
    hold(dir.path())
        .unwrap()
        .put(Some(&ProfileName::new("a").unwrap()), &profile("z", &[("url", "https://x.example")]))
        .unwrap();
    let written = fs::read_to_string(path(dir.path())).unwrap();
    let expected = text
        .replace("[profile.a]", "[profile.z]")
        .replace("# why\n", "# why\nenvironment = \"prod\"\ntags = [\"work\"]\nurl = \"https://x.example\"\n");
    assert_eq!(written, expected);
}

/// Its comments, its order and what stands above it: byte for byte.
#[test]
fn a_removed_profile_comes_back_as_it_stood() {
    let text = "# the file\n\n# first\n[profile.a]\nprovider = \"openedx\" # why\n\n# a remark\n\n# second\n[profile.b]\n\
        # inside\nprovider = \"seta\"\nurl = \"https://b.example\" # here\n\n[profile.c]\nprovider = \"seta\"\n\n# the end\n";
    for name in ["a", "b", "c"] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(path(dir.path()), text).unwrap();
        let read = || fs::read_to_string(path(dir.path())).unwrap();
        let known = load(dir.path()).unwrap().into_iter().find(|known| known.name.as_str() == name).unwrap();
        let removed = hold(dir.path()).unwrap().remove(&known.name).unwrap();
        assert!(removed.is_some() && !read().contains(&format!("[profile.{name}]")));
        hold(dir.path()).unwrap().put_back(&known, removed.clone()).unwrap();
        assert_eq!(read(), text, "{name}");
        // What came meanwhile stays, and nothing is doubled.
        let removed = hold(dir.path()).unwrap().remove(&known.name).unwrap();
        upsert(dir.path(), &profile("new", &[])).unwrap();
        hold(dir.path()).unwrap().put_back(&known, removed).unwrap();
        let (names, after) = (load(dir.path()).unwrap(), read());
        assert_eq!(names.len(), 4, "{after}");
        for comment in ["# first", "# why", "# a remark", "# second", "# inside", "# here", "# the end"] {
            assert_eq!(after.matches(comment).count(), 1, "{name} {comment}:\n{after}");
        }
        assert!(hold(dir.path()).unwrap().remove(&ProfileName::new("nobody").unwrap()).unwrap().is_none());
    }
}

fn profile(name: &str, settings: &[(&str, &str)]) -> Profile {
    Profile {
        name: ProfileName::new(name).unwrap(),
        provider: "openedx".to_owned(),
        settings: settings.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
        environment: Some("prod".to_owned()),
        tags: vec!["work".to_owned()],
    }
}

fn mistakes(text: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(path(dir.path()), text).unwrap();
    let error = load(dir.path()).unwrap_err();
    assert!(upsert(dir.path(), &profile("new", &[])).is_err(), "a file with mistakes is not overwritten");
    assert_eq!(fs::read_to_string(path(dir.path())).unwrap(), text);
    let StoreError::Profiles { mistakes, .. } = error else { panic!("{error:?}") };
    mistakes
}

#[test]
fn a_missing_file_is_an_empty_list_and_stays_missing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(load(&dir.path().join("none")).unwrap(), []);
    assert_eq!(load(dir.path()).unwrap(), []);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn profiles_come_back_as_they_were_saved() {
    let dir = tempfile::tempdir().unwrap();
    let texts = [
        ("url", "https://x.example"),
        ("timeout", "30"),
        ("origins", "https://a.example https://b.example"),
        ("allow_http", "true"),
        ("client_id", "007"),
        ("a", "1.5"),
    ];
    let all = vec![profile("a@b.example", &texts), profile("z", &[("quoted", "\"\\ \u{202e}")])];
    all.iter().for_each(|profile| upsert(dir.path(), profile).unwrap());
    assert_eq!(load(dir.path()).unwrap(), all);
    let text = fs::read_to_string(path(dir.path())).unwrap();
    let listed = "origins = [\"https://a.example\", \"https://b.example\"]\n";
    assert!(text.contains(listed), "{text}");
    fs::write(path(dir.path()), text.replace(listed, "origins = [ 'https://a.example','https://b.example' ] # both\n"))
        .unwrap();
    upsert(dir.path(), &all[0]).unwrap();
    assert!(
        fs::read_to_string(path(dir.path())).unwrap().contains("[ 'https://a.example','https://b.example' ] # both")
    );
    assert!(text.contains("timeout = 30\n") && text.contains("allow_http = true\n"), "{text}");
    remove(dir.path(), &all[0].name).unwrap();
    remove(dir.path(), &all[0].name).unwrap();
    assert_eq!(load(dir.path()).unwrap(), all[1..]);
}

#[test]
fn an_edit_keeps_everything_else_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let text = "# mine\n[profile.a]   # the first\nprovider = 'openedx' # kept\n\ntimeout = 1_0\nurl = \"old\" # why\ngone = 1\n\n\
                # and\n[profile.\"b.c\"]\nprovider='pasted'\n";
    fs::write(path(dir.path()), text).unwrap();
    let mut a = load(dir.path()).unwrap().remove(0);
    a.settings.insert("url".to_owned(), "new".to_owned());
    a.settings.remove("gone");
    upsert(dir.path(), &a).unwrap();
    let expected = text.replace("\"old\"", "\"new\"").replace("gone = 1\n", "");
    assert_eq!(fs::read_to_string(path(dir.path())).unwrap(), expected);
}

#[test]
fn inline_profiles_can_be_edited() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(path(dir.path()), "profile = { a = { provider = 'pasted' }, b = { provider = 'pasted' } }").unwrap();
    upsert(dir.path(), &profile("a", &[])).unwrap();
    let names: Vec<_> = load(dir.path()).unwrap().into_iter().map(|p| (p.name.to_string(), p.provider)).collect();
    assert_eq!(names, [("a".to_owned(), "openedx".to_owned()), ("b".to_owned(), "pasted".to_owned())]);
}

#[test]
fn all_mistakes_are_said_at_once_with_their_profile() {
    let said = mistakes(
        "colour = 1\n[profile.a]\nurl = 1.5\norigins = 'x'\ntags = 'x'\n[profile.'b c']\nprovider = 'p'\nx = []\n[profile]\nd = 1\n",
    );
    let expected = [
        "colour is not a known",
        "\"a\": tags",
        "\"a\": url",
        "\"a\": origins must be a list",
        "\"a\": provider is missing",
        "\"b c\": a profile's name",
        "\"d\": must be a table",
    ];
    for mistake in expected {
        assert!(said.iter().any(|text| text.contains(mistake)), "{mistake:?} in {said:#?}");
    }
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    assert_eq!(mistakes("profile = 3").len(), 1);
}

#[test]
fn a_syntax_error_names_its_line_and_no_secret() {
    let said = mistakes("\n[profile.a]\npassword = \"plain:marker\" x\n");
    assert!(said[0].starts_with("line 3: "), "{said:?}");
    assert!(!said[0].contains("marker"), "{said:?}");
}

#[test]
fn a_new_file_starts_with_the_manual_and_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (profile("a", &[]), profile("b", &[]));
    upsert(dir.path(), &a).unwrap();
    upsert(dir.path(), &b).unwrap();
    remove(dir.path(), &a.name).unwrap();
    let text = fs::read_to_string(path(dir.path())).unwrap();
    assert!(text.starts_with(DEFAULT) && text.contains("[profile.b]"), "{text}");
    remove(dir.path(), &b.name).unwrap();
    assert_eq!(fs::read_to_string(path(dir.path())).unwrap(), DEFAULT);
}
