//! Everything in prod is compromised: from the start of the demo to the receipt in the clipboard, by mouse.

use super::{
    SIZES,
    step::Step::{self, Click, Copies, Field, Hint, Leaves, Sees, Skips},
};
use crate::support::screen::{Screen, TOKSCOPE};

/// So many clicks at most, besides what is typed into fields.
const LIMIT: usize = 14;

const STEPS: &[Step<'static>] = &[
    // The sign of the first group, which is the protected one: it is folded, and is what is meant.
    Click("▾"),
    Sees("▸ PROD"),
    Hint("X"),
    Sees("nothing has been sent yet"),
    Sees("4 run alone, 2 will ask you."),
    Field("prod"),
    Leaves("Enter to rotate"),
    // The others go on behind the questions. One asks for a private key: skipped, it is refreshed. One has to be pasted:
    // skipped, it stays as it is.
    Sees("PROD partner-api"),
    Skips(&Click("Esc skip this profile"), &["Private key of ada", "New token"]),
    // One lies: it is tried again and again, until that is stopped.
    Sees("5 of 6 ended"),
    Sees("tries again until"),
    Hint("Esc"),
    Sees("5 rotated · 1 failed"),
    Hint("y"),
    Copies("# Token rotation "),
];

#[test]
fn six_profiles_of_prod_to_a_receipt() {
    let count: usize = STEPS.iter().map(Step::count).sum();
    assert!(count <= LIMIT, "{count} clicks, and {LIMIT} is the limit");
    for size in SIZES {
        let mut screen = Screen::sized(size, TOKSCOPE, &["demo"], &[], |_| {});
        screen.wait_for("▾ PROD");
        let lies = STEPS.iter().position(|step| matches!(step, Sees("tries again until"))).unwrap();
        for (at, step) in STEPS.iter().enumerate() {
            step.take(&mut screen, "six profiles of prod");
            if at == lies {
                // What the server has said to the old token meanwhile.
                screen.press("jjw");
                screen.wait_for("Exchange of  PROD partner-api");
                screen.wait_for("/liar/noop/oidc/");
                screen.wait_for("Esc close");
                screen.press("\x1b");
                screen.wait_for("Esc stop safely");
            }
        }
        let receipt = screen.copied().last().cloned().unwrap();
        for (profile, words) in [
            ("grades-worker", "rotated (login"),
            ("lms-prod", "rotated (login"),
            ("partner-api", "rotated (login"),
            ("seta-files", "rotated (refresh"),
            ("sso-prod", "rotated (login"),
            ("vendor-key", "failed"),
        ] {
            let heading = receipt.lines().find(|line| line.starts_with(&format!("## {profile} ")));
            assert!(heading.is_some_and(|heading| heading.contains(words)), "{profile}: {heading:?}\n{receipt}");
        }
        let part = |name: &str| {
            let part = receipt.split(&format!("## {name} ")).nth(1).unwrap_or_default();
            part.split("\n## ").next().unwrap_or_default().to_owned()
        };
        let sso = part("sso-prod");
        assert_eq!(sso.matches("**dead**").count(), 2, "its revocation works:\n{sso}");
        assert!(part("lms-prod").contains("| **alive until "), "a JWT outlasts it:\n{receipt}");
        let seta = part("seta-files");
        let refresh = seta.lines().find(|line| line.starts_with("| refresh ")).unwrap_or_default();
        assert!(refresh.contains("**dead**"), "it went another way than planned, and used the token up:\n{receipt}");
        assert!(!part("partner-api").contains("**dead**"), "200, and nothing died:\n{receipt}");
        for secret in ["analytical-engine", "eyJ"] {
            assert!(!receipt.contains(secret), "a secret is in it:\n{receipt}");
        }
        screen.press("\x1b");
        screen.wait_gone("Left for you");
        screen.press("q");
        assert_eq!(screen.wait_restored(), 0);
    }
}
