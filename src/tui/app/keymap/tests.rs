use super::*;

/// Where one key has two meanings, both must be in the list of those that take turns.
#[test]
fn no_key_has_two_meanings_in_one_place() {
    const TURNS: [Key; 8] = [
        Key::plain(KeyCode::Esc),
        Key::plain(KeyCode::Enter),
        Key::char('N'),
        Key::char('L'),
        // A page with something of its own under these keys has that first, or only while nothing is searched for.
        Key::char('/'),
        Key::char('n'),
        Key::char('y'),
        // A rotation that runs is hidden by what closes its page afterwards.
        Key::char('q'),
    ];
    for nearest in Place::all() {
        let places = nearest.within();
        assert!(places.contains(&nearest) && places.contains(&Place::Everywhere), "{nearest:?}");
        let mut seen = Vec::new();
        for binding in table().filter(|binding| places.iter().any(|place| binding.works_in(*place))) {
            for key in binding.keys {
                assert!(!seen.contains(key) || TURNS.contains(key), "{key} twice in {places:?}");
                seen.push(*key);
            }
        }
    }
}

#[test]
fn every_command_has_a_name_of_its_own() {
    for place in Place::all() {
        assert_eq!(Place::named(place.name()), Some(place));
        let mut seen = Vec::new();
        for binding in table().filter(|binding| binding.works_in(place)) {
            let (id, name) = (binding.id, format!("{}.{}", place.name(), binding.id));
            assert!(id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())), "{id}");
            assert!(!seen.contains(&id), "{name} twice");
            assert!(command(&name).is_some_and(|found| std::ptr::eq(found, binding)), "{name}");
            seen.push(id);
        }
    }
    for name in ["refersh", "tokens.refersh", "nowhere.refresh", "tokens.", "", "."] {
        assert!(command(name).is_none(), "{name}");
    }
}

#[test]
fn every_key_of_the_table_can_be_written_and_read() {
    for key in table().flat_map(|binding| binding.keys) {
        assert_eq!(key.to_string().parse(), Ok(*key));
    }
}

#[test]
fn characters_can_be_typed() {
    let typing = [Place::Palette, Place::Input, Place::Form, Place::Editor, Place::Everywhere];
    for binding in table().filter(|b| typing.iter().any(|place| b.works_in(*place))) {
        for key in binding.keys {
            assert!(key.ctrl || key.alt || !matches!(key.code, KeyCode::Char(_)), "{key} would be missing in an input");
        }
    }
}

#[test]
fn the_help_has_every_binding() {
    let in_help: usize = by_place(Place::Tokens).iter().map(|(_, bindings)| bindings.len()).sum();
    assert_eq!(in_help, table().map(|binding| binding.places.len()).sum::<usize>());
    for binding in table() {
        assert!(!binding.places.is_empty() && !binding.help.is_empty());
        assert!(markdown().contains(binding.help), "{}", binding.help);
    }
}
