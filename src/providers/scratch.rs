//! One more auth system, only for the tests: this file and its line in [`super::ALL`] are all that there is of it. What the
//! list, the form, the command line and the import know of it, they know from its descriptor.

use async_trait::async_trait;

use crate::auth::{
    Capabilities, Descriptor, Field, Provider,
    import::{Imported, Importer, Reads},
    rotation::Rotation,
};

#[derive(Debug)]
pub(super) struct Scratch;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "scratch",
    title: "Scratch system",
    summary: "whatever is at hand",
    own_fields: &[
        Field::text("realm", "Realm of scratch", "Where the user is known").required(),
        Field::secret("password", "Password", "Asked at every login"),
    ],
    capabilities: Capabilities { login: false, refresh: false, revoke: false, probe: false },
    rotation: Rotation { by_hand: Some("scratch it"), ..Rotation::UNKNOWN },
    importers: &[Importer {
        id: "scratch",
        label: "Scratch's realm file",
        help: "the realms that scratch keeps",
        reads: Reads::File { usual: "~/.scratch", read: realms },
    }],
    documentation: "https://scratch.example",
};

/// A realm a line.
fn realms(text: &str, _: crate::clock::Timestamp, imported: &mut Imported) {
    for realm in text.lines() {
        imported.add(realm, "scratch", &[("realm", realm)]);
    }
}

#[async_trait]
impl Provider for Scratch {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use clap::{CommandFactory as _, Parser as _};
    use ratatui::{Terminal, backend::TestBackend};

    use crate::{
        cli::{self, Arguments, Command, Exit, Failure},
        clock::{self, Zone},
        profile::Profile,
        store::{config::Config, profiles},
        tui::{
            app::{
                Effects, Message, Model, Start,
                key::{Key, KeyCode},
                look, update,
                vault::AtStart,
            },
            view,
        },
    };

    const SIZE: (u16, u16) = (100, 40);

    fn run(folder: &Path, line: &str) -> Result<Exit, Failure> {
        let words = ["tokscope", "--config-dir", folder.to_str().unwrap()].into_iter().chain(line.split(' '));
        let arguments = Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        match &arguments.command {
            Some(Command::Profile(profile)) => cli::profile::run(profile, &arguments.place),
            Some(Command::Providers(providers)) => cli::providers::run(providers),
            other => panic!("{other:?}"),
        }
    }

    fn saved(folder: &Path) -> Vec<(String, String, String)> {
        let saved = |profile: Profile| (profile.name.to_string(), profile.provider, profile.settings["realm"].clone());
        profiles::load(folder).unwrap().into_iter().map(saved).collect()
    }

    #[test]
    fn the_command_line_knows_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(matches!(run(folder, "providers scratch"), Ok(Exit::Yes)));
        assert!(
            run(folder, "profile add one --provider scratch").is_err_and(|error| error.to_string().contains("realm"))
        );
        assert!(run(folder, "profile add one --provider scratch --set realm=moon").is_ok());
        fs::write(folder.join("realms"), "mars\nvenus\n").unwrap();
        let import = format!("profile import scratch {}", folder.join("realms").display());
        assert!(matches!(run(folder, &import), Ok(Exit::Yes)));
        let expected = [("mars", "mars"), ("one", "moon"), ("venus", "venus")];
        let mut saved = saved(folder);
        saved.sort();
        assert_eq!(saved, expected.map(|(name, realm)| (name.to_owned(), "scratch".to_owned(), realm.to_owned())));
    }

    #[test]
    fn help_knows_it() {
        let mut arguments = Arguments::command();
        arguments.build();
        let import = arguments.find_subcommand_mut("profile").unwrap().find_subcommand_mut("import").unwrap();
        let help = import.render_help().to_string();
        assert!(help.contains("scratch") && help.contains("the realms that scratch keeps"), "{help}");
        let help = import.find_subcommand_mut("scratch").unwrap().render_help().to_string();
        assert!(help.contains("[FILE]") && help.contains("~/.scratch"), "{help}");
    }

    struct Screen(Model);

    impl Screen {
        fn new() -> Self {
            Self(Model::new(Start {
                now: clock::parse("2026-11-21T21:35:00Z").unwrap(),
                zone: Zone::utc(),
                size: SIZE,
                terminal: look::Terminal::new(look::Colors::None),
                profiles: Ok(Vec::new()),
                tokens: Vec::new(),
                token_sets: Vec::new(),
                samples: Vec::new(),
                demo: None,
                remarks: Vec::new(),
                vault: AtStart::InMemory,
                config: Ok(Config::default()),
                state: crate::store::state::State::default(),
                seed: 7,
            }))
        }

        fn press(&mut self, key: Key) -> Effects {
            update(&mut self.0, Message::Key(key))
        }

        fn text(&self) -> Vec<String> {
            let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
            terminal.draw(|frame| _ = view::draw(&self.0, frame)).unwrap();
            let cells = terminal.backend().buffer().content();
            let row = |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect();
            cells.chunks(SIZE.0.into()).map(row).collect()
        }

        /// Chooses the item of a menu that says this.
        fn choose(&mut self, words: &str) -> Effects {
            let marked = |row: &String| row.contains(words) && row.contains('▌');
            for _ in 0..20 {
                let text = self.text();
                assert!(text.iter().any(|row| row.contains(words)), "{words} is not offered: {text:#?}");
                if text.iter().any(marked) {
                    return self.press(Key::plain(KeyCode::Enter));
                }
                let _ = self.press(Key::plain(KeyCode::Down));
            }
            panic!("{words} is never chosen: {:#?}", self.text())
        }
    }

    #[test]
    fn the_menus_and_the_form_know_it() {
        let mut screen = Screen::new();
        let _ = screen.press(Key::char('1'));
        let _ = screen.press(Key::char('n'));
        let _ = screen.choose("Scratch system");
        let text = screen.text();
        assert!(text.iter().any(|row| row.contains("Realm of scratch")), "{text:#?}");
        let mut screen = Screen::new();
        let _ = screen.press(Key::char('1'));
        let _ = screen.press(Key::char('i'));
        let effects = screen.choose("Scratch's realm file");
        assert!(format!("{effects:?}").contains("source: \"scratch\""), "{effects:?}");
    }
}
