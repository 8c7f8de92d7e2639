use super::*;

/// What a role's colour is, and what can be behind it.
fn pairs(theme: &Theme, role: Role) -> Vec<(Rgb, Rgb)> {
    let (paint, row) = (theme.paint(role), theme.paint(Role::Row));
    let Some(color) = paint.color.and_then(Color::rgb) else { return Vec::new() };
    if let Some(own) = paint.background.and_then(Color::rgb) {
        return vec![(color, own)];
    }
    let mut pairs: Vec<_> = theme.papers().into_iter().map(|paper| (color, paper)).collect();
    let rows = [row, theme.quiet_row()].map(|row| row.background.and_then(Color::rgb));
    pairs.extend(rows.into_iter().flatten().map(|behind| (row.color.and_then(Color::rgb).unwrap_or(color), behind)));
    pairs
}

#[test]
fn every_role_can_be_read_in_every_theme() {
    let mut count = 0;
    for (name, _) in BUILT_IN {
        for colors in [Colors::True, Colors::Indexed] {
            let theme = Theme::built_in(name).unwrap().within(colors);
            for role in Role::ALL {
                for (color, behind) in pairs(&theme, role) {
                    let contrast = color.contrast(behind);
                    assert!(contrast >= ENOUGH, "{name}, {colors:?}: {role:?} {color:?} on {behind:?}: {contrast:.2}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 400, "{count}");
}

#[test]
fn a_colour_that_cannot_be_read_would_be_noticed() {
    let (theme, mistakes) = Theme::read("muted = \"#505050\"", Theme::built_in("dark").unwrap());
    assert_eq!(mistakes, []);
    assert!(pairs(&theme, Role::Muted).iter().any(|(color, behind)| color.contrast(*behind) < ENOUGH));
}

/// What is built in says something about each role, once, and is free of mistakes.
#[test]
fn the_themes_are_complete() {
    for (name, text) in BUILT_IN {
        let roles: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).map(|(role, _)| role.trim()).collect();
        assert_eq!(roles, Role::ALL.map(Role::name), "{name}");
        assert_eq!(Theme::read(text, Theme::built_in("none").unwrap()).1, [], "{name}");
    }
}

/// Each mistake is told with its line and costs no more than that.
#[test]
fn a_broken_theme_is_as_good_as_its_other_lines() {
    let text = "# mine\n\
                muted = \"#777777\"\n\
                mute = \"#777777\"\n\
                focus = \"#77777\"\n\
                good = 7\n\
                soon = \"208\n\
                bad = \"bright red on default bold\"   # loud\n\
                renew = \"blue on\"\n\
                prod = \"bold bright\"\n";
    let dark = Theme::built_in("dark").unwrap();
    let (theme, mistakes) = Theme::read(text, dark);
    assert_eq!(mistakes.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6, 8, 9]);
    assert!(mistakes[0].1.starts_with("not a role; there are text, muted"), "{mistakes:?}");
    assert!(mistakes[1].1.starts_with("focus: not a colour"), "{mistakes:?}");
    assert_eq!(theme.paint(Role::Muted).color, Some(Color::Rgb(Rgb(0x77, 0x77, 0x77))));
    let bad = Paint { color: Some(Color::Ansi(9)), bold: true, ..Paint::default() };
    assert_eq!(theme.paint(Role::Bad), bad);
    for role in [Role::Focus, Role::Good, Role::Soon, Role::Renew, Role::Prod, Role::Key] {
        assert_eq!(theme.paint(role), dark.paint(role), "{role:?}");
    }
}

#[test]
fn fewer_colours_are_the_nearest_or_the_sixteen() {
    let dark = Theme::built_in("dark").unwrap();
    let [ansi, none] = ["ansi", "none"].map(|name| Theme::built_in(name).unwrap());
    assert_eq!(dark.within(Colors::None), none);
    assert_eq!(dark.within(Colors::True), dark);
    let sixteen = dark.within(Colors::Ansi);
    assert_eq!(sixteen.paint(Role::Good), ansi.paint(Role::Good));
    let (mine, _) = Theme::read("good = \"bright cyan\"", dark);
    assert_eq!(mine.within(Colors::Ansi).paint(Role::Good).color, Some(Color::Ansi(14)), "it needs no more");
    for role in Role::ALL {
        let Paint { color, background, .. } = dark.within(Colors::Indexed).paint(role);
        assert!(![color, background].iter().any(|color| matches!(color, Some(Color::Rgb(_)))), "{role:?}");
    }
}

#[test]
fn a_theme_is_named_by_its_name_or_its_path() {
    let config = Path::new("/c");
    assert_eq!(path(config, "mine"), Path::new("/c/themes/mine.toml"));
    assert_eq!(path(config, "mine.toml"), Path::new("/c/mine.toml"));
    assert_eq!(path(config, "/etc/mine.toml"), Path::new("/etc/mine.toml"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/mine.toml"), "key = \"bold\"").unwrap();
    assert_eq!(load(folder.path(), "mine").unwrap(), "key = \"bold\"");
    assert!(load(folder.path(), "yours").is_err());
}
