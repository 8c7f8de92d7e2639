//! The walks with the fleet of the demo.

use super::{
    Mouse::{self, Anywhere, Nowhere, Wide},
    SIZES, Walk,
    step::{
        Step::{self, Click, Copies, Double, Field, Hint, Keys, Leaves, Loses, Mark, Paste, Sees, Skips},
        clock,
    },
};
use crate::{
    e2e::jws,
    support::screen::{Screen, TOKSCOPE},
};

const START: &str = "PROD seta-files access";
const NONE: &[Step<'static>] = &[];

/// The table. One program walks them one after the other, so each goes back to where it began.
const WALKS: &[Walk] = &[
    Walk {
        wanted: "paste → expiry known",
        limit: 0,
        from: START,
        before: NONE,
        keys: &[Paste(one), Sees("pasted-one"), Sees("Read a JWT: expires in")],
        mouse: Nowhere,
        back: &[Keys("u"), Keys("1 g 2")],
    },
    Walk {
        wanted: "find a prod token by 4 letters, copy its header",
        limit: 7,
        from: "PROD lms-prod access",
        before: NONE,
        keys: &[Keys("/ s e t a Enter a"), Sees("PROD seta-files: Header"), Copies("Authorization: Bearer ey")],
        // It needs no letters.
        mouse: Anywhere(&[
            Click("PROD seta"),
            Sees("PROD seta-files access:"),
            Hint("a"),
            Copies("Authorization: Bearer ey"),
        ]),
        back: &[Keys("Esc"), Loses("/seta"), Keys("1 g 2")],
    },
    Walk {
        wanted: "force a refresh, see what changed",
        limit: 2,
        from: "PROD lms-prod access",
        before: NONE,
        keys: &[Keys("r"), Sees("PROD lms-prod: Refreshed."), Sees("Δ exp ")],
        mouse: Anywhere(&[Hint("r"), Sees("PROD lms-prod: Refreshed."), Sees("Δ exp ")]),
        back: NONE,
    },
    Walk {
        wanted: "why would it be rejected, what fixes it",
        limit: 3,
        from: "PROD grades-worker access",
        before: NONE,
        keys: &[Keys("V"), Sees("[Verify]"), Sees("rejects it: exp: expired 2h "), Sees("K gives one")],
        mouse: Anywhere(&[
            Click("Verify"),
            Sees("[Verify]"),
            Sees("rejects it: exp: expired 2h "),
            Sees("K gives one"),
        ]),
        back: &[Click("Claims"), Sees("[Claims]"), Keys("2")],
    },
    Walk {
        wanted: "compare two neighbours",
        limit: 4,
        from: START,
        before: NONE,
        keys: &[Keys("m j m"), Sees("Compare"), Sees(" differ · "), Sees("exp")],
        mouse: Wide(&[
            Hint("m"),
            Sees("◇"),
            Click("PROD lms-prod"),
            Sees("PROD lms-prod access:"),
            Hint("m"),
            Sees("Compare"),
            Sees(" differ · "),
        ]),
        back: &[Keys("q")],
    },
    Walk {
        wanted: "why did the last refresh fail: words, then the wire",
        limit: 2,
        from: "keycloak-old access",
        before: &[Keys("r"), Sees("1 error")],
        keys: &[Sees("refresh failed: "), Keys("w"), Sees("[Exchange]"), Sees("500 after ")],
        mouse: Anywhere(&[Sees("refresh failed: "), Click("Exchange"), Sees("[Exchange]"), Sees("500 after ")]),
        back: &[Click("Claims"), Sees("[Claims]"), Keys("2")],
    },
    Walk {
        wanted: "what ends within the hour",
        limit: 1,
        from: START,
        before: NONE,
        keys: &[Keys("H"), Sees("[1h]"), Sees("In the hour to ")],
        mouse: Wide(&[Hint("H"), Sees("[1h]"), Sees("In the hour to ")]),
        back: &[Keys("q")],
    },
    Walk {
        wanted: "copy one claim",
        limit: 8,
        from: "PROD lms-prod access",
        before: NONE,
        keys: &[Keys("3 / s u b Enter y"), Copies("5c10f66f2d6390b70662c914aae7ef79")],
        mouse: Anywhere(&[Click("lms-key"), Hint("y"), Copies("lms-key")]),
        back: &[Click("Claims"), Sees("[Claims]"), Keys("2")],
    },
    Walk {
        wanted: "valid on Friday at nine?",
        limit: 12,
        from: "passwork-vault refresh",
        before: NONE,
        keys: &[Keys("@ f r i Space 9 : 0 0 Enter"), Sees("AS OF Fri "), Sees("09:00")],
        mouse: Anywhere(&[Click("Z"), Keys("f r i Space 9 : 0 0 Enter"), Sees("AS OF Fri "), Sees("09:00")]),
        back: &[Keys("@"), Loses("AS OF ")],
    },
    Walk {
        wanted: "take a paste of 40 tokens back",
        limit: 1,
        from: START,
        before: &[Paste(forty), Sees("40 tokens read")],
        keys: &[Keys("u"), Loses("pasted-7")],
        mouse: Nowhere,
        back: &[Keys("1 g 2")],
    },
    Walk {
        wanted: "a command whose key is forgotten",
        limit: 7,
        from: START,
        before: NONE,
        keys: &[Keys("? c u r l Enter"), Copies("curl ")],
        mouse: Anywhere(&[Hint("?"), Field("curl"), Sees("curl command"), Keys("Enter"), Copies("curl ")]),
        back: NONE,
    },
    Walk {
        wanted: "what an API answers under the token",
        limit: 3,
        from: "PROD lms-prod access",
        before: NONE,
        keys: &[
            Keys(":"),
            Field("call GET /api/user/v1/me"),
            Keys("Enter"),
            Sees("GET /api/user/v1/me: 200 after"),
            Sees("authorization: JWT ••••"),
            Keys("G"),
            Sees("\"username\": \"ada\""),
        ],
        mouse: Nowhere,
        back: &[Keys("T T T"), Sees("[Claims]"), Keys("Esc"), Keys("1 g 2")],
    },
    // Its session is over then. The refresh above has left a set of tokens behind, so which is asked first.
    Walk {
        wanted: "revoke one in prod, know what survives",
        limit: 8,
        from: "PROD lms-prod access",
        before: NONE,
        keys: &[
            Keys("x"),
            Sees("Revoke which tokens?"),
            Keys("Enter"),
            Sees("Revoke the tokens of lms-prod at the server?"),
            Sees("accept it until"),
            Keys("p r o d Enter"),
            Sees("! PROD lms-prod"),
            Sees("was to be revoked · not known to be dead, may be accepted until"),
        ],
        mouse: Anywhere(&[
            Hint(":"),
            Field("revoke"),
            Keys("Enter"),
            Sees("Revoke which tokens?"),
            Double("current"),
            Sees("Revoke the tokens of lms-prod at the server?"),
            Field("prod"),
            Click("Enter to revoke"),
            Sees("! PROD lms-prod"),
            Sees("was to be revoked · not known to be dead, may be accepted until"),
        ]),
        back: &[Keys("Esc"), Keys("1 g 2")],
    },
    // The last ones: they leave rows behind that are called alike. The fleet has one profile whose login asks, and one whose
    // server only says that it ends a token.
    Walk {
        wanted: "two profiles only, and the receipt into the ticket",
        limit: 14,
        from: "PROD grades-worker access",
        before: NONE,
        keys: &[
            Keys("Space Space X"),
            Sees("2 profiles"),
            Sees("outlast"),
            Keys("p r o d Enter"),
            Sees("Rotated"),
            Sees("2 rotated"),
            Sees("Left for you"),
            Keys("y"),
            Copies("# Token rotation 2"),
        ],
        mouse: Anywhere(&[
            Mark("PROD grades-worker"),
            Mark("PROD lms-prod"),
            Sees("2 marked"),
            Hint("X"),
            Sees("2 profiles"),
            Sees("outlast"),
            Field("prod"),
            Leaves("Enter to rotate"),
            Sees("2 rotated"),
            Sees("Left for you"),
            Hint("y"),
            Copies("# Token rotation 2"),
        ]),
        back: &[Keys("Esc"), Loses("Left for you"), Keys("Esc"), Loses("2 marked"), Keys("1 g 2")],
    },
    // By mouse: `super::prod`.
    Walk {
        wanted: "all of prod, from the plan to the proof, and the receipt",
        limit: 14,
        from: "PROD grades-worker access",
        before: NONE,
        keys: &[
            Keys("1 j j X"),
            Sees("6 profiles"),
            Sees("2 will ask you"),
            Keys("p r o d Enter"),
            // Skipped: then the refresh token of one counts, and the other one, which is pasted, stays as it is.
            Skips(&Keys("Esc"), &["Private key of ada", "New token"]),
            Sees("5 of 6 ended"),
            // One server lies: what it has not ended is tried again for a minute.
            Keys("Esc"),
            Sees("stopping"),
            Keys("Esc"),
            Sees("Rotated"),
            Sees("5 rotated"),
            Sees("Left for you"),
            Keys("y"),
            Copies("# Token rotation 2"),
        ],
        mouse: Nowhere,
        back: &[Keys("Esc"), Loses("Left for you"), Keys("1 g 2")],
    },
];

fn one() -> String {
    jws(r#"{"sub":"pasted-one","exp":4102444800}"#)
}

fn forty() -> String {
    (0..40).map(|at| jws(&format!(r#"{{"sub":"pasted-{at}","exp":4102444800}}"#)) + "\n").collect()
}

/// All of them in one program of this size.
#[track_caller]
fn walk_all(size: (u16, u16), steps: fn(&'static Walk) -> &'static [Step<'static>]) {
    let mut screen = Screen::sized(size, TOKSCOPE, &["demo", "--access-ttl", "3600"], &[], |_| {});
    screen.wait_for("Demo passwords");
    screen.wait_for(START);
    screen.press("\x1b");
    screen.wait_gone("Demo passwords");
    // A refresh within the second in which the server made the tokens would change nothing.
    let first = clock(&screen);
    screen.wait_until("another second", |screen| clock(screen) > first);
    // One session is about to end and is renewed at once: what the bar offers changes with it, under the pointer.
    screen.wait_until("the renewal that is due", |screen| {
        screen.text().lines().any(|line| line.contains("seta-files") && line.contains(" 59m"))
    });
    for walk in WALKS.iter().filter(|walk| !steps(walk).is_empty()) {
        walk.walk(&mut screen, steps(walk));
    }
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn by_keys() {
    SIZES.into_iter().for_each(|size| walk_all(size, |walk| walk.keys));
}

#[test]
fn by_mouse() {
    walk_all(SIZES[0], |walk| if let Mouse::Anywhere(steps) = walk.mouse { steps } else { NONE });
    walk_all(SIZES[1], |walk| if let Mouse::Anywhere(steps) | Mouse::Wide(steps) = walk.mouse { steps } else { NONE });
}
