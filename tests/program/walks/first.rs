//! The first login of all, from an empty folder to saved tokens.

use super::{
    SIZES,
    step::Step::{self, Double, Field, Hint, Keys, Sees},
};
use crate::{
    e2e::session::Server,
    support::screen::{Screen, TOKSCOPE},
};

const WANTED: &str = "first login and saving it";
const LIMIT: usize = 8;

/// What is typed into the form, with the keys that go from field to field.
const FIELDS: [&str; 4] = ["edx", "\x1b[B\x1b[B{url}", "\x1b[B\x1b[Blogin-service-client-id", "\x1b[Bada"];

/// What is typed twice, as the fields of a new passphrase want it; with a keyring it is one Enter.
const PASSPHRASE: &str = "marble kettle onward fjord\r";

fn walk(size: (u16, u16), open: &[Step<'_>], log_in: &[Step<'_>], save: &[Step<'_>]) {
    let server = Server::start(3_600);
    let environment = [("TOKSCOPE_IDENTITY", ""), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")];
    let mut screen = Screen::sized(size, TOKSCOPE, &[], &environment, |_| {});
    let fields = FIELDS.map(|text| text.replace("{url}", server.url()));
    let form = [Field(&fields[0]), Field(&fields[1]), Field(&fields[2]), Field(&fields[3]), Keys("^S")];
    let password = [Sees("Password"), Field("analytical-engine"), Keys("Enter"), Sees("Save these tokens?")];
    let passphrase = [
        Sees("New passphrase of the vault"),
        Field(PASSPHRASE),
        Sees("Repeat the new passphrase"),
        Field(PASSPHRASE),
        Sees("vault: passphrase"),
    ];
    let steps = [open, &form, &[Sees("Saved.")], log_in, &password, save, &passphrase].concat();
    let count: usize = steps.iter().map(Step::count).sum();
    assert!(count <= LIMIT, "{WANTED}: {count} keys, and {LIMIT} is the limit");
    screen.wait_for("Welcome to tokscope");
    steps.iter().for_each(|step| step.take(&mut screen, WANTED));
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let vault = screen.config().join("vault");
    assert!(std::fs::read_dir(vault).unwrap().count() > 1, "the tokens are saved");
}

const LIST: &str = "New profile: for which system?";

#[test]
fn by_keys() {
    for size in SIZES {
        walk(size, &[Keys("n"), Sees(LIST), Keys("o Enter"), Sees("LMS URL")], &[Keys("l")], &[Keys("p")]);
    }
}

#[test]
fn by_mouse() {
    for size in SIZES {
        let open = [Hint("n"), Sees(LIST), Double("Open edX"), Sees("LMS URL")];
        walk(size, &open, &[Hint("l")], &[Hint("p")]);
    }
}
